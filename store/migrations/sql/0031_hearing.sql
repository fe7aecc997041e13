-- Hearing of payments: events wait until they are due, lists of events are read on from where they ended, words go.

CREATE TABLE billing_cursors (
  provider TEXT NOT NULL CONSTRAINT ck_billing_cursors_provider_known CHECK (provider in ('stripe', 'dodo')),
  listed_until TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_billing_cursors PRIMARY KEY (provider)
);
alter table billing_cursors enable row level security;
alter table billing_cursors force row level security;
revoke all on billing_cursors from public;
create policy system on billing_cursors to whyral_system using (true) with check (true);
grant select, insert, update on billing_cursors to whyral_system;

-- What a refund or a dispute is of: their events name no customer.
CREATE INDEX ix_billing_payments_payment ON billing_payments (payment_id);
CREATE INDEX ix_billing_payments_charge ON billing_payments ((data ->> 'charge_id'));
CREATE INDEX ix_billing_events_ended ON billing_events (ended_at) WHERE state <> 'kept';

grant create on schema app to whyral_definer;

-- What waits for a workspace and is due, oldest first.
drop function app.kept_billing_events(uuid, integer);
create function app.kept_billing_events(workspace uuid, most integer)
  returns table (provider text, event_id text, kind text, type text, customer_id text, subscription_id text, body bytea,
    happened_at timestamptz, attempts integer)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  if workspace is distinct from nullif(current_setting('app.tenant', true), '')::uuid then return; end if;
  return query select e.provider, e.event_id, e.kind, e.type, e.customer_id, e.subscription_id, e.body, e.happened_at, e.attempts::integer
    from billing_events e where e.tenant_id = workspace and e.state = 'kept' and e.next_try_at <= clock_timestamp()
    order by e.happened_at, e.event_id limit most;
end$body$;
alter function app.kept_billing_events(uuid, integer) owner to whyral_definer;
revoke all on function app.kept_billing_events(uuid, integer) from public;
grant execute on function app.kept_billing_events(uuid, integer) to whyral_app;

-- An event of this workspace was dealt with, or is tried again later (`retry_at`); after ten attempts it is `failed`. Its state from now on.
drop function app.settle_billing_event(uuid, text, text, text, timestamptz);
create function app.settle_billing_event(workspace uuid, of_provider text, event text, said text, retry_at timestamptz) returns text
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare became text;
begin
  if workspace is distinct from nullif(current_setting('app.tenant', true), '')::uuid then return null; end if;
  update billing_events e set attempts = e.attempts + 1, error = said, next_try_at = coalesce(retry_at, e.next_try_at),
      state = case when said is null then 'done' when retry_at is null or e.attempts >= 9 then 'failed' else 'kept' end,
      ended_at = case when said is null or retry_at is null or e.attempts >= 9 then clock_timestamp() end
    where e.tenant_id = workspace and e.provider = of_provider and e.event_id = event and e.state = 'kept' returning e.state into became;
  return became;
end$body$;
alter function app.settle_billing_event(uuid, text, text, text, timestamptz) owner to whyral_definer;
revoke all on function app.settle_billing_event(uuid, text, text, text, timestamptz) from public;
grant execute on function app.settle_billing_event(uuid, text, text, text, timestamptz) to whyral_app;

-- Erasure: amounts, days and ids of payments stay; pages that show a name, and words that somebody wrote, go.
DO $$ declare name text; begin
  foreach name in array array['billing_invoices', 'billing_payments', 'billing_refunds', 'billing_disputes'] loop
    execute format('create policy definer on %I to whyral_definer using (true) with check (true)', name);
    execute format('grant select on %I to whyral_definer', name);
    execute format('grant update (data) on %I to whyral_definer', name);
  end loop;
end $$;
create or replace function app.scrub() returns bigint language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare scrubbed bigint;
begin
  delete from oauth_states where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid;
  update billing_invoices set data = data || '{"page_url": null, "pdf_url": null}'
    where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and (data ->> 'page_url' is not null or data ->> 'pdf_url' is not null);
  update billing_payments set data = data || '{"failure": null}' where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and data ->> 'failure' is not null;
  update billing_refunds set data = data || '{"reason": null}' where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and data ->> 'reason' is not null;
  update billing_disputes set data = data || '{"reason": null}' where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and data ->> 'reason' is not null;
  update audit_log set details = '{}', request_id = null, address_seal = null, scrubbed_at = clock_timestamp(),
      subject = case when subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then subject else '' end
    where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and (scrubbed_at is null or details <> '{}'
      or request_id is not null or address_seal is not null or (subject <> '' and subject !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'));
  get diagnostics scrubbed = row_count;
  return scrubbed;
end$body$;

revoke create on schema app from whyral_definer;
