-- Figures about money: use and costs by day of each workspace; revenue, payments and unit costs by day of the deployment.

-- How long what a workspace has holds by itself: without it revenue of a day that is over could not be told.
ALTER TABLE subscription_changes ADD COLUMN grace_until TIMESTAMP WITH TIME ZONE, ADD COLUMN ends_at TIMESTAMP WITH TIME ZONE;
update subscription_changes set grace_until = changed_at + interval '14 days' where status = 'failed';

CREATE TABLE usage_days (
  tenant_id UUID NOT NULL,
  day DATE NOT NULL,
  meter TEXT NOT NULL,
  used BIGINT NOT NULL,
  given_back BIGINT NOT NULL,
  delivered BIGINT NOT NULL,
  operations BIGINT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_usage_days PRIMARY KEY (tenant_id, day, meter)
);
CREATE INDEX ix_usage_days_day ON usage_days (day);

CREATE TABLE cost_days (
  tenant_id UUID NOT NULL,
  day DATE NOT NULL,
  service TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  operations BIGINT NOT NULL,
  productions BIGINT NOT NULL,
  unknown BIGINT NOT NULL,
  reserved_usd NUMERIC(20, 10) NOT NULL,
  spent_usd NUMERIC(20, 10) NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cost_days PRIMARY KEY (tenant_id, day, service, subject_kind)
);
CREATE INDEX ix_cost_days_day ON cost_days (day);

CREATE TABLE revenue_days (
  day DATE NOT NULL,
  plan TEXT NOT NULL,
  currency TEXT NOT NULL,
  mrr_cents BIGINT NOT NULL,
  new_cents BIGINT NOT NULL,
  expansion_cents BIGINT NOT NULL,
  reactivated_cents BIGINT NOT NULL,
  moved_in_cents BIGINT NOT NULL,
  contraction_cents BIGINT NOT NULL,
  churned_cents BIGINT NOT NULL,
  moved_out_cents BIGINT NOT NULL,
  subscribers BIGINT NOT NULL,
  new_subscribers BIGINT NOT NULL,
  reactivated_subscribers BIGINT NOT NULL,
  moved_in_subscribers BIGINT NOT NULL,
  churned_subscribers BIGINT NOT NULL,
  moved_out_subscribers BIGINT NOT NULL,
  CONSTRAINT pk_revenue_days PRIMARY KEY (day, plan, currency)
);

CREATE TABLE cash_days (
  day DATE NOT NULL,
  provider TEXT NOT NULL,
  currency TEXT NOT NULL,
  payments BIGINT NOT NULL,
  paid_cents BIGINT NOT NULL,
  refunds BIGINT NOT NULL,
  refunded_cents BIGINT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_cash_days PRIMARY KEY (day, provider, currency)
);

CREATE TABLE unit_days (
  day DATE NOT NULL,
  plan TEXT NOT NULL,
  unit TEXT NOT NULL,
  units BIGINT NOT NULL,
  outside_usd NUMERIC(20, 10) NOT NULL,
  own_usd NUMERIC(20, 10) NOT NULL,
  CONSTRAINT pk_unit_days PRIMARY KEY (day, plan, unit)
);

DO $$ declare name text; begin
  foreach name in array array['usage_days', 'cost_days', 'revenue_days', 'cash_days', 'unit_days'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('revoke all on %I from public', name);
    execute format('create policy system on %I to whyral_system using (true) with check (true)', name);
    execute format('create policy definer on %I to whyral_definer using (true) with check (true)', name);
    execute format('grant select on %I to whyral_definer', name);
    if name in ('usage_days', 'cost_days') then
      execute format('grant select on %I to whyral_system', name);
      execute format('create policy tenant on %I to whyral_app using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', name);
      execute format('grant select, insert, update, delete on %I to whyral_app', name);
    else
      execute format('grant select, insert, update, delete on %I to whyral_system', name);
    end if;
  end loop;
end $$;
create policy definer on subscription_changes to whyral_definer using (true) with check (true);
grant select on subscription_changes to whyral_definer;

grant create on schema app to whyral_definer;
create function app.admin_revenue(since date, until date) returns setof revenue_days
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  perform app.must_be_admin();
  return query select r.* from revenue_days r where r.day >= since and r.day < until order by r.day, r.plan, r.currency;
end$body$;
revoke all on function app.admin_revenue(date, date) from public;
grant execute on function app.admin_revenue(date, date) to whyral_app;
alter function app.admin_revenue(date, date) owner to whyral_definer;

-- What workspaces have now, of those that pay or are to: the newest change of each.
create function app.admin_changes() returns table (tenant_id uuid, changed_at timestamptz, plan text, status text, month_cents bigint, currency text,
    grace_until timestamptz, ends_at timestamptz)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select c.tenant_id, c.changed_at, c.plan, c.status, c.month_cents, c.currency, c.grace_until, c.ends_at from (
      select distinct on (s.tenant_id) s.* from subscription_changes s order by s.tenant_id, s.changed_at desc, s.change_id desc) c
    where c.month_cents > 0 and exists (select from tenants t where t.tenant_id = c.tenant_id);
end$body$;
revoke all on function app.admin_changes() from public;
grant execute on function app.admin_changes() to whyral_app;
alter function app.admin_changes() owner to whyral_definer;

create function app.admin_cash(since date, until date) returns table (day date, provider text, currency text, payments bigint, paid_cents bigint,
    refunds bigint, refunded_cents bigint)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select c.day, c.provider, c.currency, c.payments, c.paid_cents, c.refunds, c.refunded_cents from cash_days c
    where c.day >= since and c.day < until order by c.day desc, c.provider, c.currency;
end$body$;
revoke all on function app.admin_cash(date, date) from public;
grant execute on function app.admin_cash(date, date) to whyral_app;
alter function app.admin_cash(date, date) owner to whyral_definer;

create function app.admin_units(since date, until date) returns setof unit_days
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  perform app.must_be_admin();
  return query select u.* from unit_days u where u.day >= since and u.day < until order by u.day, u.plan, u.unit;
end$body$;
revoke all on function app.admin_units(date, date) from public;
grant execute on function app.admin_units(date, date) to whyral_app;
alter function app.admin_units(date, date) owner to whyral_definer;

-- The ledger by provider, by what it was for, by workspace or by day, of the daily sums.
create function app.admin_costs(by_what text, since date, until date) returns table (name text, operations bigint, unknown bigint, reserved_usd numeric,
    spent_usd numeric)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select case by_what when 'provider' then c.service when 'kind' then c.subject_kind when 'day' then c.day::text else c.tenant_id::text end,
      sum(c.operations)::bigint, sum(c.unknown)::bigint, sum(c.reserved_usd), sum(c.spent_usd)
    from cost_days c where c.day >= since and c.day < until group by 1 order by 5 desc, 1 limit 1000;
end$body$;
revoke all on function app.admin_costs(text, date, date) from public;
grant execute on function app.admin_costs(text, date, date) to whyral_app;
alter function app.admin_costs(text, date, date) owner to whyral_definer;

-- Day by day, for forecasts: of the whole deployment and of workspaces as the ledger has it, of providers as the daily sums have it.
create function app.admin_cost_series(by_what text, since date, until date) returns table (name text, day date, usd numeric)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  if by_what = 'provider' then
    return query select c.service, c.day, sum(c.reserved_usd + c.spent_usd) from cost_days c where c.day >= since and c.day < until group by 1, 2;
    return;
  end if;
  return query with sums as (select case by_what when 'tenant' then d.tenant_id::text else 'all' end as name, d.day, sum(d.reserved_usd + d.spent_usd) as usd
      from ledger_days d where d.day >= since and d.day < until group by 1, 2),
    dearest as (select s.name from sums s group by 1 order by sum(s.usd) desc, 1 limit 100)
    select s.name, s.day, s.usd from sums s join dearest x using (name);
end$body$;
revoke all on function app.admin_cost_series(text, date, date) from public;
grant execute on function app.admin_cost_series(text, date, date) to whyral_app;
alter function app.admin_cost_series(text, date, date) owner to whyral_definer;

create function app.admin_deployment(today date) returns table (period text, used_usd numeric, cap_usd numeric)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select c.period, coalesce((select sum(s.used_usd) from deployment_spending s where s.period = c.period and s.period_start = p.started), 0)
      + coalesce((select sum(g.usd) from deployment_settled g where g.period = c.period and g.period_start = p.started), 0), c.cap_usd
    from deployment_caps c cross join lateral (select case c.period when 'day' then today else date_trunc('month', today)::date end as started) p
    order by c.period;
end$body$;
revoke all on function app.admin_deployment(date) from public;
grant execute on function app.admin_deployment(date) to whyral_app;
alter function app.admin_deployment(date) owner to whyral_definer;

-- Whom the platform itself writes to.
create function app.platform_admins() returns table (email text)
  language sql stable security definer set search_path = public, pg_temp as $body$
  select u.email from users u where u.is_platform_admin and u.is_active order by u.email
$body$;
revoke all on function app.platform_admins() from public;
grant execute on function app.platform_admins() to whyral_system;
alter function app.platform_admins() owner to whyral_definer;

-- The inbox, those that failed first; never what came in as it came.
create function app.admin_billing_events(only_state text, of_provider text, of_tenant uuid, before_rank integer, before_at timestamptz, last text, most integer)
  returns table (provider text, event_id text, tenant_id uuid, kind text, type text, state text, source text, attempts bigint, error text,
    happened_at timestamptz, received_at timestamptz, ended_at timestamptz, rank integer)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select * from (
      select e.provider, e.event_id, e.tenant_id, e.kind, e.type, e.state, e.source, e.attempts, e.error, e.happened_at, e.received_at, e.ended_at,
        case e.state when 'failed' then 1 else 0 end as rank
      from billing_events e where (only_state is null or e.state = only_state) and (of_provider is null or e.provider = of_provider)
        and (of_tenant is null or e.tenant_id = of_tenant)) e
    where before_rank is null or (e.rank, e.received_at, e.provider || ':' || e.event_id) < (before_rank, before_at, last)
    order by e.rank desc, e.received_at desc, e.provider || ':' || e.event_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_billing_events(text, text, uuid, integer, timestamptz, text, integer) from public;
grant execute on function app.admin_billing_events(text, text, uuid, integer, timestamptz, text, integer) to whyral_app;
alter function app.admin_billing_events(text, text, uuid, integer, timestamptz, text, integer) owner to whyral_definer;

-- One that failed waits again, as if it had just come; whose it is may be known by now. What it was before; null: there is none.
create function app.admin_retry_billing_event(of_provider text, event text) returns table (tenant_id uuid, state text, error text)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare held billing_events%rowtype;
begin
  perform app.must_be_admin();
  select e.* into held from billing_events e where e.provider = of_provider and e.event_id = event for update;
  if not found then return; end if;
  if held.state = 'failed' then
    held.tenant_id := coalesce(held.tenant_id, app.billing_workspace(held.provider, held.customer_id, held.subscription_id, held.reference));
    update billing_events e set state = 'kept', attempts = 0, next_try_at = clock_timestamp(), ended_at = null, tenant_id = held.tenant_id
      where e.provider = of_provider and e.event_id = event;
  end if;
  return query select held.tenant_id, held.state, held.error;
end$body$;
revoke all on function app.admin_retry_billing_event(text, text) from public;
grant execute on function app.admin_retry_billing_event(text, text) to whyral_app;
alter function app.admin_retry_billing_event(text, text) owner to whyral_definer;

revoke create on schema app from whyral_definer;
