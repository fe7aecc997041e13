-- Mails in two forms; the audit log as a chain of hashes; the access log.

ALTER TABLE outbox ADD COLUMN html TEXT;
CREATE INDEX ix_outbox_created_at ON outbox (created_at);

-- What the chain is made over is never deleted. Addresses are, when their time is up: the entry keeps only their seal.
-- Of an erased workspace the words are taken out, and when is said: the chain goes on over the hash that was made of them.
ALTER TABLE audit_log ADD COLUMN impersonator UUID, ADD COLUMN address_seal BYTEA, ADD COLUMN scrubbed_at TIMESTAMP WITH TIME ZONE;
grant update (address_seal, scrubbed_at) on audit_log to whyral_definer;
CREATE INDEX ix_audit_log_action ON audit_log (tenant_id, action, at DESC);

CREATE TABLE audit_addresses (
  tenant_id UUID NOT NULL,
  entry_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  address TEXT NOT NULL,
  salt BYTEA NOT NULL,
  CONSTRAINT pk_audit_addresses PRIMARY KEY (tenant_id, entry_id),
  CONSTRAINT fk_audit_addresses_audit_log FOREIGN KEY(tenant_id, entry_id) REFERENCES audit_log (tenant_id, entry_id)
);
CREATE INDEX ix_audit_addresses_at ON audit_addresses (at);
alter table audit_addresses enable row level security;
alter table audit_addresses force row level security;
revoke all on audit_addresses from public;
create policy tenant on audit_addresses to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on audit_addresses to whyral_app;
create policy definer on audit_addresses to whyral_definer using (true) with check (true);
grant select, insert, delete on audit_addresses to whyral_definer;
grant insert on audit_log to whyral_definer;

-- The chain of each workspace, and under the id of zeros that of the platform. Nobody but the functions below reaches it.
CREATE TABLE audit_chain (
  tenant_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  entry_id UUID NOT NULL,
  hash BYTEA NOT NULL,
  CONSTRAINT pk_audit_chain PRIMARY KEY (tenant_id, seq)
);
CREATE UNIQUE INDEX uq_audit_chain_entry ON audit_chain (tenant_id, entry_id);

CREATE TABLE audit_heads (
  tenant_id UUID NOT NULL,
  seq BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  CONSTRAINT pk_audit_heads PRIMARY KEY (tenant_id)
);

CREATE TABLE audit_exports (
  day DATE NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  file_key TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  chains INTEGER NOT NULL,
  CONSTRAINT pk_audit_exports PRIMARY KEY (day)
);

CREATE TABLE access_log (
  access_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  method TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  status INTEGER NOT NULL,
  response_ms DOUBLE PRECISION NOT NULL,
  address TEXT,
  user_agent TEXT,
  tenant_id UUID,
  user_id UUID,
  key_id UUID,
  session_id UUID,
  impersonator UUID,
  request_id TEXT,
  error_code TEXT,
  CONSTRAINT pk_access_log PRIMARY KEY (access_id)
);
CREATE INDEX ix_access_log_at ON access_log (at);
CREATE INDEX ix_access_log_user ON access_log (user_id, at DESC);
CREATE INDEX ix_access_log_tenant ON access_log (tenant_id, at DESC);

DO $$ declare name text; begin
  foreach name in array array['audit_chain', 'audit_heads', 'audit_exports', 'access_log'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('revoke all on %I from public', name);
  end loop;
  foreach name in array array['audit_chain', 'audit_heads', 'access_log'] loop
    execute format('create policy definer on %I to whyral_definer using (true) with check (true)', name);
    execute format('grant select, insert on %I to whyral_definer', name);
  end loop;
  foreach name in array array['audit_chain', 'audit_heads', 'audit_exports'] loop
    execute format('create policy system on %I to whyral_system using (true) with check (true)', name);
    execute format('grant select on %I to whyral_system', name);
  end loop;
end $$;
grant update on audit_heads to whyral_definer;
grant delete on access_log to whyral_definer;
grant insert on audit_exports to whyral_system;

grant create on schema app to whyral_definer;

-- One entry, its place and what came before, as bytes that nobody can read in two ways. Another version is another first word.
create function app.audit_hash(previous bytea, place bigint, entry audit_log) returns bytea
  language sql stable set search_path = public, pg_temp as $body$
  select sha256(previous || convert_to(jsonb_build_array(
    'whyral audit 1', place, entry.tenant_id, entry.entry_id, to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    entry.actor, entry.impersonator, entry.action, entry.subject, entry.details, entry.request_id, encode(entry.address_seal, 'hex')
  )::text, 'UTF8'))
$body$;
revoke all on function app.audit_hash(bytea, bigint, audit_log) from public;
grant execute on function app.audit_hash(bytea, bigint, audit_log) to whyral_definer;

create function app.audit_genesis(workspace uuid) returns bytea language sql immutable set search_path = public, pg_temp as $body$
  select sha256(convert_to('whyral audit 1 ' || workspace, 'UTF8'))
$body$;
revoke all on function app.audit_genesis(uuid) from public;
grant execute on function app.audit_genesis(uuid) to whyral_definer;

create function app.chain_entry(entry audit_log) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare
  head audit_heads;
  mine bytea;
begin
  select * into head from audit_heads h where h.tenant_id = entry.tenant_id for update;
  if not found then
    insert into audit_heads (tenant_id, seq, hash) values (entry.tenant_id, 0, app.audit_genesis(entry.tenant_id)) on conflict do nothing;
    select * into strict head from audit_heads h where h.tenant_id = entry.tenant_id for update;
  end if;
  mine := app.audit_hash(head.hash, head.seq + 1, entry);
  insert into audit_chain (tenant_id, seq, entry_id, hash) values (entry.tenant_id, head.seq + 1, entry.entry_id, mine);
  update audit_heads h set seq = head.seq + 1, hash = mine where h.tenant_id = entry.tenant_id;
end$body$;
revoke all on function app.chain_entry(audit_log) from public;
alter function app.chain_entry(audit_log) owner to whyral_definer;

-- At commit: the head is locked for no longer than that takes, however long the work before.
create function app.chain_audit() returns trigger
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  perform app.chain_entry(new);
  return null;
end$body$;
revoke all on function app.chain_audit() from public;
grant execute on function app.chain_audit() to whyral_owner;
alter function app.chain_audit() owner to whyral_definer;
create constraint trigger chain after insert on audit_log deferrable initially deferred for each row execute function app.chain_audit();

-- Entries from before there was a chain, in the order of their time.
create function app.chain_older() returns void language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare entry audit_log;
begin
  for entry in select * from audit_log l order by l.tenant_id, l.at, l.entry_id loop
    perform app.chain_entry(entry);
  end loop;
end$body$;
revoke all on function app.chain_older() from public;
grant execute on function app.chain_older() to whyral_owner;
alter function app.chain_older() owner to whyral_definer;
select app.chain_older();
set role whyral_definer;
drop function app.chain_older();
reset role;

-- From the first entry on: the first that is not what was noted, or not where. Nothing broken: a row without a place.
create function app.verify_audit(workspace uuid) returns table (entries bigint, broken_seq bigint, broken_entry uuid, reason text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
declare
  link record;
  head record;
  place bigint := 0;
  previous bytea := app.audit_genesis(workspace);
  trouble text;
  outside uuid;
  is_erased boolean := not exists (select from tenants t where t.tenant_id = workspace);
begin
  for link in
    select c.seq, c.entry_id, c.hash, l.entry_id is null as is_gone, l as entry, l.address_seal, a.address, a.salt
      from audit_chain c left join audit_log l on l.tenant_id = c.tenant_id and l.entry_id = c.entry_id
      left join audit_addresses a on a.tenant_id = c.tenant_id and a.entry_id = c.entry_id
     where c.tenant_id = workspace order by c.seq
  loop
    place := place + 1;
    trouble := case
      when link.seq <> place then 'a link of the chain is missing'
      when link.is_gone then 'the entry was deleted'
      when (link.entry).scrubbed_at is not null and not is_erased then 'the words were taken out of a workspace that is not erased'
      when (link.entry).scrubbed_at is null and link.hash <> app.audit_hash(previous, place, link.entry) then 'the entry or its place was changed'
      when link.address is not null and sha256(link.salt || convert_to(link.address, 'UTF8')) is distinct from link.address_seal
        then 'the address was changed'
    end;
    if trouble is not null then
      return query select place - 1, place, case when link.seq = place then link.entry_id end, trouble;
      return;
    end if;
    previous := link.hash;
  end loop;
  select h.seq, h.hash into head from audit_heads h where h.tenant_id = workspace;
  if (found and (head.seq <> place or head.hash <> previous)) or (not found and place > 0) then
    return query select place, place + 1, null::uuid, 'the end of the chain was cut off or changed'::text;
    return;
  end if;
  select l.entry_id into outside from audit_log l
   where l.tenant_id = workspace and not exists (select from audit_chain c where c.tenant_id = l.tenant_id and c.entry_id = l.entry_id)
   order by l.at, l.entry_id limit 1;
  if found then
    return query select place, place + 1, outside, 'the entry stands outside of the chain'::text;
    return;
  end if;
  return query select place, null::bigint, null::uuid, null::text;
end$body$;
revoke all on function app.verify_audit(uuid) from public;
grant execute on function app.verify_audit(uuid) to whyral_system;
alter function app.verify_audit(uuid) owner to whyral_definer;

-- What an administrator of the platform did: under the id of zeros, which is no workspace's.
create function app.note_platform(new_entry uuid, by_whom uuid, what text, about text, more jsonb, request text, seal bytea, seen_at text, with_salt bytea)
  returns void language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into audit_log (tenant_id, entry_id, actor, action, subject, details, request_id, address_seal)
    values ('00000000-0000-0000-0000-000000000000', new_entry, by_whom, what, about, more, request, seal);
  if seen_at is not null then
    insert into audit_addresses (tenant_id, entry_id, address, salt) values ('00000000-0000-0000-0000-000000000000', new_entry, seen_at, with_salt);
  end if;
end$body$;
revoke all on function app.note_platform(uuid, uuid, text, text, jsonb, text, bytea, text, bytea) from public;
grant execute on function app.note_platform(uuid, uuid, text, text, jsonb, text, bytea, text, bytea) to whyral_app, whyral_system;
alter function app.note_platform(uuid, uuid, text, text, jsonb, text, bytea, text, bytea) owner to whyral_definer;

-- What stays of a workspace says nothing about anybody; consents on their way end.
create or replace function app.scrub() returns bigint language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare scrubbed bigint;
begin
  delete from oauth_states where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid;
  update audit_log set details = '{}', request_id = null, address_seal = null, scrubbed_at = clock_timestamp(),
      subject = case when subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then subject else '' end
    where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and (scrubbed_at is null or details <> '{}'
      or request_id is not null or address_seal is not null or (subject <> '' and subject !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'));
  get diagnostics scrubbed = row_count;
  return scrubbed;
end$body$;

-- Quick reads prove their caller without telling the API who it is: that is looked up here, by the key's or the session's own row.
create function app.put_access_log(calls jsonb) returns integer
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare done integer;
begin
  insert into access_log (access_id, at, method, endpoint, status, response_ms, address, user_agent, tenant_id, user_id, key_id, session_id, impersonator, request_id, error_code)
    select c.access_id, c.at, c.method, c.endpoint, c.status, c.response_ms, c.address, left(c.user_agent, 300), coalesce(c.tenant_id, k.tenant_id, s.tenant_id),
        coalesce(c.user_id, k.user_id, s.user_id), coalesce(c.key_id, k.key_id), coalesce(c.session_id, s.session_id), s.impersonator, c.request_id, c.error_code
      from jsonb_to_recordset(calls) as c(access_id uuid, at timestamptz, method text, endpoint text, status integer, response_ms double precision,
        address text, user_agent text, tenant_id uuid, user_id uuid, key_id uuid, session_id uuid, request_id text, error_code text, key_hash text, secret_hash text)
      left join api_keys k on k.key_hash = decode(c.key_hash, 'hex')
      left join sessions s on s.session_id = c.session_id or (c.session_id is null and s.secret_hash = decode(c.secret_hash, 'hex'))
    on conflict do nothing;
  get diagnostics done = row_count;
  return done;
end$body$;
revoke all on function app.put_access_log(jsonb) from public;
grant execute on function app.put_access_log(jsonb) to whyral_app;
alter function app.put_access_log(jsonb) owner to whyral_definer;

-- For administrators of the platform, by their own live session and never in somebody's name.
create function app.check_admin(asking uuid) returns void
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  if not exists (select from sessions s join users u on u.user_id = s.user_id
      where s.session_id = asking and s.kind <> 'impersonation' and s.ended_at is null and s.expires_at > clock_timestamp()
        and s.ends_at > clock_timestamp() and u.is_active and u.is_platform_admin) then
    raise insufficient_privilege using message = 'only for administrators of the platform';
  end if;
end$body$;
revoke all on function app.check_admin(uuid) from public;
alter function app.check_admin(uuid) owner to whyral_definer;

create function app.read_access_log(asking uuid, of_user uuid, of_tenant uuid, lowest integer, since timestamptz, before_at timestamptz, before_id uuid, most integer)
  returns setof access_log language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  perform app.check_admin(asking);
  return query select l.* from access_log l
    where (of_user is null or l.user_id = of_user) and (of_tenant is null or l.tenant_id = of_tenant) and (lowest is null or l.status >= lowest)
      and (since is null or l.at >= since) and (before_at is null or (l.at, l.access_id) < (before_at, before_id))
    order by l.at desc, l.access_id desc limit least(most, 1000);
end$body$;
revoke all on function app.read_access_log(uuid, uuid, uuid, integer, timestamptz, timestamptz, uuid, integer) from public;
grant execute on function app.read_access_log(uuid, uuid, uuid, integer, timestamptz, timestamptz, uuid, integer) to whyral_app;
alter function app.read_access_log(uuid, uuid, uuid, integer, timestamptz, timestamptz, uuid, integer) owner to whyral_definer;

create function app.read_auth_events(asking uuid, of_user uuid, of_kind text, well boolean, since timestamptz, before_at timestamptz, before_id uuid, most integer)
  returns setof auth_events language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  perform app.check_admin(asking);
  return query select l.* from auth_events l
    where (of_user is null or l.user_id = of_user) and (of_kind is null or l.kind = of_kind) and (well is null or l.is_success = well)
      and (since is null or l.at >= since) and (before_at is null or (l.at, l.event_id) < (before_at, before_id))
    order by l.at desc, l.event_id desc limit least(most, 1000);
end$body$;
revoke all on function app.read_auth_events(uuid, uuid, text, boolean, timestamptz, timestamptz, uuid, integer) from public;
grant execute on function app.read_auth_events(uuid, uuid, text, boolean, timestamptz, timestamptz, uuid, integer) to whyral_app;
alter function app.read_auth_events(uuid, uuid, text, boolean, timestamptz, timestamptz, uuid, integer) owner to whyral_definer;

-- A batch of what is past its day, of each log; called until nothing went.
create function app.prune_logs(access_before timestamptz, auth_before timestamptz, batch integer)
  returns table (access_rows integer, auth_rows integer, address_rows integer)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  delete from access_log l where l.access_id in (select o.access_id from access_log o where o.at < access_before order by o.at limit batch);
  get diagnostics access_rows = row_count;
  delete from auth_events l where l.event_id in (select o.event_id from auth_events o where o.at < auth_before order by o.at limit batch);
  get diagnostics auth_rows = row_count;
  delete from audit_addresses l using (select o.tenant_id, o.entry_id from audit_addresses o where o.at < auth_before order by o.at limit batch) o
    where l.tenant_id = o.tenant_id and l.entry_id = o.entry_id;
  get diagnostics address_rows = row_count;
  return next;
end$body$;
revoke all on function app.prune_logs(timestamptz, timestamptz, integer) from public;
grant execute on function app.prune_logs(timestamptz, timestamptz, integer) to whyral_system;
alter function app.prune_logs(timestamptz, timestamptz, integer) owner to whyral_definer;

create function app.overdue_logs(access_before timestamptz, auth_before timestamptz) returns bigint
  language sql stable security definer set search_path = public, pg_temp as $body$
  select (select count(*) from access_log l where l.at < access_before) + (select count(*) from auth_events l where l.at < auth_before)
    + (select count(*) from audit_addresses l where l.at < auth_before)
$body$;
revoke all on function app.overdue_logs(timestamptz, timestamptz) from public;
grant execute on function app.overdue_logs(timestamptz, timestamptz) to whyral_system;
alter function app.overdue_logs(timestamptz, timestamptz) owner to whyral_definer;

revoke create on schema app from whyral_definer;
