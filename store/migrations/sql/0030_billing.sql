-- Paying: customers, mirrors of what providers hold, calls that change something there, and the inbox of their events.

CREATE TABLE billing_customers (
  tenant_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_billing_customers_provider_known CHECK (provider in ('stripe', 'dodo')),
  customer_id TEXT NOT NULL,
  email TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_billing_customers PRIMARY KEY (tenant_id, provider),
  CONSTRAINT uq_billing_customers_provider_customer_id UNIQUE (provider, customer_id),
  CONSTRAINT fk_billing_customers_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE
);

CREATE TABLE billing_subscriptions (
  tenant_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_billing_subscriptions_provider_known CHECK (provider in ('stripe', 'dodo')),
  subscription_id TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT ck_billing_subscriptions_state_known CHECK (state in ('pending', 'trial', 'active', 'canceling', 'failed', 'canceled', 'expired')),
  plan TEXT,
  price TEXT,
  month_cents BIGINT NOT NULL,
  currency TEXT,
  began_at TIMESTAMP WITH TIME ZONE,
  ends_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  failing_since TIMESTAMP WITH TIME ZONE,
  reminders INTEGER DEFAULT '0' NOT NULL,
  data JSONB NOT NULL,
  version BIGINT DEFAULT '0' NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_subscriptions PRIMARY KEY (tenant_id, provider, subscription_id),
  CONSTRAINT uq_billing_subscriptions_provider_subscription_id UNIQUE (provider, subscription_id),
  CONSTRAINT fk_billing_subscriptions_plans FOREIGN KEY(plan) REFERENCES plans (plan)
);

CREATE TABLE billing_invoices (
  tenant_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_billing_invoices_provider_known CHECK (provider in ('stripe', 'dodo')),
  invoice_id TEXT NOT NULL,
  subscription_id TEXT,
  state TEXT NOT NULL,
  currency TEXT NOT NULL,
  total_cents BIGINT NOT NULL,
  paid_cents BIGINT NOT NULL,
  invoiced_at TIMESTAMP WITH TIME ZONE,
  data JSONB NOT NULL,
  version BIGINT DEFAULT '0' NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_invoices PRIMARY KEY (tenant_id, provider, invoice_id)
);
CREATE INDEX ix_billing_invoices_newest ON billing_invoices (tenant_id, invoiced_at desc nulls last);

CREATE TABLE billing_payments (
  tenant_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_billing_payments_provider_known CHECK (provider in ('stripe', 'dodo')),
  payment_id TEXT NOT NULL,
  invoice_id TEXT,
  state TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_cents BIGINT NOT NULL,
  refunded_cents BIGINT NOT NULL,
  paid_at TIMESTAMP WITH TIME ZONE,
  data JSONB NOT NULL,
  version BIGINT DEFAULT '0' NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_payments PRIMARY KEY (tenant_id, provider, payment_id)
);

CREATE TABLE billing_refunds (
  tenant_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_billing_refunds_provider_known CHECK (provider in ('stripe', 'dodo')),
  refund_id TEXT NOT NULL,
  payment_id TEXT,
  state TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_cents BIGINT NOT NULL,
  refunded_at TIMESTAMP WITH TIME ZONE,
  data JSONB NOT NULL,
  version BIGINT DEFAULT '0' NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_refunds PRIMARY KEY (tenant_id, provider, refund_id)
);

CREATE TABLE billing_disputes (
  tenant_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_billing_disputes_provider_known CHECK (provider in ('stripe', 'dodo')),
  dispute_id TEXT NOT NULL,
  payment_id TEXT,
  state TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_cents BIGINT NOT NULL,
  disputed_at TIMESTAMP WITH TIME ZONE,
  data JSONB NOT NULL,
  version BIGINT DEFAULT '0' NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_disputes PRIMARY KEY (tenant_id, provider, dispute_id)
);

CREATE TABLE billing_methods (
  tenant_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_billing_methods_provider_known CHECK (provider in ('stripe', 'dodo')),
  method_id TEXT NOT NULL,
  is_default BOOLEAN NOT NULL,
  data JSONB NOT NULL,
  version BIGINT DEFAULT '0' NOT NULL,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_methods PRIMARY KEY (tenant_id, provider, method_id)
);

CREATE TABLE billing_calls (
  tenant_id UUID NOT NULL,
  operation TEXT NOT NULL,
  action TEXT NOT NULL,
  wanted JSONB NOT NULL,
  call_key TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT ck_billing_calls_state_known CHECK (state in ('open', 'done', 'failed')),
  answer JSONB,
  error TEXT,
  user_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_billing_calls PRIMARY KEY (tenant_id, operation)
);

CREATE TABLE subscription_changes (
  tenant_id UUID NOT NULL,
  change_id UUID NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  plan TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT ck_subscription_changes_status_known CHECK (status in ('pending', 'trial', 'active', 'canceling', 'failed', 'canceled', 'expired')),
  provider TEXT,
  subscription_id TEXT,
  price TEXT,
  month_cents BIGINT NOT NULL,
  currency TEXT,
  cause TEXT NOT NULL,
  CONSTRAINT pk_subscription_changes PRIMARY KEY (tenant_id, change_id)
);
CREATE INDEX ix_subscription_changes_day ON subscription_changes (changed_at);
CREATE INDEX ix_subscription_changes_newest ON subscription_changes (tenant_id, changed_at desc);

CREATE TABLE billing_events (
  provider TEXT NOT NULL CONSTRAINT ck_billing_events_provider_known CHECK (provider in ('stripe', 'dodo')),
  event_id TEXT NOT NULL,
  tenant_id UUID,
  kind TEXT NOT NULL,
  type TEXT NOT NULL,
  customer_id TEXT,
  subscription_id TEXT,
  reference TEXT,
  body BYTEA NOT NULL,
  source TEXT NOT NULL CONSTRAINT ck_billing_events_source_known CHECK (source in ('webhook', 'reconcile')),
  state TEXT NOT NULL CONSTRAINT ck_billing_events_state_known CHECK (state in ('kept', 'done', 'ignored', 'failed')),
  attempts BIGINT DEFAULT '0' NOT NULL,
  next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
  error TEXT,
  happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_billing_events PRIMARY KEY (provider, event_id)
);
CREATE INDEX ix_billing_events_kept ON billing_events (next_try_at) WHERE state = 'kept';
CREATE INDEX ix_billing_events_newest ON billing_events (received_at desc);
CREATE INDEX ix_billing_events_tenant ON billing_events (tenant_id, happened_at);
ALTER TABLE subscriptions ADD COLUMN provider TEXT, ADD COLUMN subscription_id TEXT, ADD COLUMN grace_until TIMESTAMP WITH TIME ZONE,
  ADD COLUMN ends_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE subscriptions DROP CONSTRAINT ck_subscriptions_status_known;
ALTER TABLE subscriptions ADD CONSTRAINT ck_subscriptions_status_known
  CHECK (status in ('active', 'trial', 'pending', 'canceling', 'failed', 'canceled', 'expired'));

-- An overdue payment that is still borne with takes nothing away: then the plan stands as if it were paid.
create or replace function app.limits_of(workspace uuid) returns table (plan text, status text, limits jsonb)
  language sql stable security invoker set search_path = public, pg_temp as $body$
  select p.plan,
         case when o.plan is not null or (s.status = 'failed' and s.grace_until > clock_timestamp()) then 'active' else s.status end,
         p.limits || coalesce(l.limits, '{}')
    from subscriptions s
    left join plan_overrides o on o.tenant_id = s.tenant_id and o.what = 'plan' and o.expires_at > clock_timestamp()
    join plans p on p.plan = coalesce(o.plan, s.plan)
    left join lateral (select jsonb_object_agg(m.what, jsonb_build_object('limit', m.most, 'period', m.period)) as limits from plan_overrides m
      where m.tenant_id = s.tenant_id and m.what <> 'plan' and m.expires_at > clock_timestamp()) l on true
   where s.tenant_id = workspace
$body$;

DO $$ declare name text; begin
  foreach name in array array['billing_customers', 'billing_subscriptions', 'billing_invoices', 'billing_payments', 'billing_refunds',
      'billing_disputes', 'billing_methods', 'billing_calls', 'subscription_changes', 'billing_events'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('revoke all on %I from public', name);
    execute format('create policy system on %I to whyral_system using (true) with check (true)', name);
    execute format('grant select on %I to whyral_system', name);
    if name <> 'billing_events' then
      execute format('create policy tenant on %I to whyral_app using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', name);
      execute format('grant select, insert on %I to whyral_app', name);
      if name <> 'subscription_changes' then execute format('grant update on %I to whyral_app', name); end if;
      -- What was paid is kept, also of a workspace that is gone.
      if name in ('billing_customers', 'billing_subscriptions', 'billing_methods', 'billing_calls') then
        execute format('grant delete on %I to whyral_app', name);
      end if;
    end if;
  end loop;
  foreach name in array array['billing_customers', 'billing_subscriptions', 'billing_events'] loop
    execute format('create policy definer on %I to whyral_definer using (true) with check (true)', name);
    execute format('grant select on %I to whyral_definer', name);
  end loop;
end $$;
grant insert, update on billing_events to whyral_definer;
grant insert, update, delete on billing_events to whyral_system;

grant create on schema app to whyral_definer;

-- Whose object of a provider this is: by the customer, by the subscription, or by what we once wrote on it. Null: nobody's that we know.
create function app.billing_workspace(of_provider text, customer text, subscription text, noted text) returns uuid
  language sql stable security definer set search_path = public, pg_temp as $body$
  select coalesce(
    (select c.tenant_id from billing_customers c where c.provider = of_provider and c.customer_id = customer),
    (select s.tenant_id from billing_subscriptions s where s.provider = of_provider and s.subscription_id = subscription),
    (select t.tenant_id from tenants t
      where t.tenant_id = case when noted ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then noted::uuid end))
$body$;
alter function app.billing_workspace(text, text, text, text) owner to whyral_definer;
revoke all on function app.billing_workspace(text, text, text, text) from public;
grant execute on function app.billing_workspace(text, text, text, text) to whyral_system;

-- Keep an event, once. Whoever calls it has checked who signed it.
create function app.keep_billing_event(of_provider text, event text, of_kind text, of_type text, customer text, subscription text,
  noted text, raw bytea, from_where text, happened timestamptz) returns table (is_new boolean, workspace uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare whose uuid := app.billing_workspace(of_provider, customer, subscription, noted);
begin
  insert into billing_events (provider, event_id, tenant_id, kind, type, customer_id, subscription_id, reference, body, source, state,
      next_try_at, happened_at, ended_at)
    values (of_provider, event, whose, of_kind, of_type, customer, subscription, noted, raw, from_where,
      case when of_kind = 'unknown' then 'ignored' else 'kept' end, clock_timestamp(), happened,
      case when of_kind = 'unknown' then clock_timestamp() end)
    on conflict (provider, event_id) do nothing;
  return query select true, whose where FOUND
    union all select false, e.tenant_id from billing_events e where not FOUND and e.provider = of_provider and e.event_id = event;
end$body$;
alter function app.keep_billing_event(text, text, text, text, text, text, text, bytea, text, timestamptz) owner to whyral_definer;
revoke all on function app.keep_billing_event(text, text, text, text, text, text, text, bytea, text, timestamptz) from public;
grant execute on function app.keep_billing_event(text, text, text, text, text, text, text, bytea, text, timestamptz) to whyral_app, whyral_system;

-- What waits for a workspace, oldest first, bodies left out: what happened is read anew at the provider.
create function app.kept_billing_events(workspace uuid, most integer)
  returns table (provider text, event_id text, kind text, type text, customer_id text, subscription_id text, body bytea, happened_at timestamptz)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  if workspace is distinct from nullif(current_setting('app.tenant', true), '')::uuid then return; end if;
  return query select e.provider, e.event_id, e.kind, e.type, e.customer_id, e.subscription_id, e.body, e.happened_at
    from billing_events e where e.tenant_id = workspace and e.state = 'kept' order by e.happened_at, e.event_id limit most;
end$body$;
alter function app.kept_billing_events(uuid, integer) owner to whyral_definer;
revoke all on function app.kept_billing_events(uuid, integer) from public;
grant execute on function app.kept_billing_events(uuid, integer) to whyral_app;

-- An event of this workspace was dealt with, or is tried again later (`retry_at`); after ten attempts it is `failed`.
create function app.settle_billing_event(workspace uuid, of_provider text, event text, said text, retry_at timestamptz) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  if workspace is distinct from nullif(current_setting('app.tenant', true), '')::uuid then return; end if;
  update billing_events e set attempts = e.attempts + 1, error = said, next_try_at = coalesce(retry_at, e.next_try_at),
      state = case when said is null then 'done' when retry_at is null or e.attempts >= 9 then 'failed' else 'kept' end,
      ended_at = case when said is null or retry_at is null or e.attempts >= 9 then clock_timestamp() end
    where e.tenant_id = workspace and e.provider = of_provider and e.event_id = event and e.state = 'kept';
end$body$;
alter function app.settle_billing_event(uuid, text, text, text, timestamptz) owner to whyral_definer;
revoke all on function app.settle_billing_event(uuid, text, text, text, timestamptz) from public;
grant execute on function app.settle_billing_event(uuid, text, text, text, timestamptz) to whyral_app;

revoke create on schema app from whyral_definer;
