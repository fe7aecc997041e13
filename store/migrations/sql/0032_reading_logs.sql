-- What administrators of the platform read of the logs: one function per log. Those that took a session's id asked for no second factor.

set role whyral_definer;
drop function app.read_access_log(uuid, uuid, uuid, integer, timestamptz, timestamptz, uuid, integer);
drop function app.read_auth_events(uuid, uuid, text, boolean, timestamptz, timestamptz, uuid, integer);
drop function app.check_admin(uuid);
drop function app.admin_auth_log(uuid, text, timestamptz, uuid, integer);
drop function app.admin_audit(uuid, text, timestamptz, uuid, integer);
reset role;

grant create on schema app to whyral_definer;

create function app.admin_access_log(of_tenant uuid, of_user uuid, of_key uuid, of_method text, of_endpoint text, lowest integer, from_address text, of_request text, since timestamptz, until timestamptz, before_at timestamptz, last uuid, most integer)
  returns table (access_id uuid, happened_at timestamptz, method text, endpoint text, status integer, response_ms double precision, address text, user_agent text, tenant_id uuid, user_id uuid, key_id uuid, session_id uuid, impersonator uuid, request_id text, error_code text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select l.access_id, l.at, l.method, l.endpoint, l.status, l.response_ms, l.address, l.user_agent, l.tenant_id, l.user_id, l.key_id,
      l.session_id, l.impersonator, l.request_id, l.error_code from access_log l
    where (of_tenant is null or l.tenant_id = of_tenant) and (of_user is null or l.user_id = of_user) and (of_key is null or l.key_id = of_key)
      and (of_method is null or l.method = of_method) and (of_endpoint is null or l.endpoint = of_endpoint) and (lowest is null or l.status >= lowest)
      and (from_address is null or l.address = from_address) and (of_request is null or l.request_id = of_request)
      and (admin_access_log.since is null or l.at >= admin_access_log.since) and (admin_access_log.until is null or l.at < admin_access_log.until)
      and (before_at is null or (l.at, l.access_id) < (before_at, last)) order by l.at desc, l.access_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_access_log(uuid, uuid, uuid, text, text, integer, text, text, timestamptz, timestamptz, timestamptz, uuid, integer) from public;
grant execute on function app.admin_access_log(uuid, uuid, uuid, text, text, integer, text, text, timestamptz, timestamptz, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_access_log(uuid, uuid, uuid, text, text, integer, text, text, timestamptz, timestamptz, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_auth_log(of_user uuid, of_kind text, well boolean, since timestamptz, before_at timestamptz, last uuid, most integer)
  returns table (event_id uuid, happened_at timestamptz, kind text, is_success boolean, user_id uuid, address text, user_agent text, reason text, request_id text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select e.event_id, e.at, e.kind, e.is_success, e.user_id, e.address, e.user_agent, e.reason, e.request_id from auth_events e
    where (of_user is null or e.user_id = of_user) and (of_kind is null or e.kind = of_kind) and (well is null or e.is_success = well)
      and (admin_auth_log.since is null or e.at >= admin_auth_log.since)
      and (before_at is null or (e.at, e.event_id) < (before_at, last)) order by e.at desc, e.event_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_auth_log(uuid, text, boolean, timestamptz, timestamptz, uuid, integer) from public;
grant execute on function app.admin_auth_log(uuid, text, boolean, timestamptz, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_auth_log(uuid, text, boolean, timestamptz, timestamptz, uuid, integer) owner to whyral_definer;

create function app.admin_audit(of_tenant uuid, of_action text, of_actor uuid, before_at timestamptz, last uuid, most integer)
  returns table (tenant_id uuid, entry_id uuid, happened_at timestamptz, actor uuid, impersonator uuid, action text, subject text, details jsonb, address text, request_id text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select a.tenant_id, a.entry_id, a.at, a.actor, a.impersonator, a.action, a.subject, a.details, p.address, a.request_id
    from audit_log a left join audit_addresses p on p.tenant_id = a.tenant_id and p.entry_id = a.entry_id
    where (of_tenant is null or a.tenant_id = of_tenant) and (of_action is null or a.action = of_action or starts_with(a.action, of_action || '.'))
      and (of_actor is null or a.actor = of_actor)
      and (before_at is null or (a.at, a.entry_id) < (before_at, last)) order by a.at desc, a.entry_id desc limit least(most, 101);
end$body$;
revoke all on function app.admin_audit(uuid, text, uuid, timestamptz, uuid, integer) from public;
grant execute on function app.admin_audit(uuid, text, uuid, timestamptz, uuid, integer) to whyral_app;
alter function app.admin_audit(uuid, text, uuid, timestamptz, uuid, integer) owner to whyral_definer;

-- Seats as an administrator may have set them for a time.
grant execute on function app.limits_of(uuid) to whyral_definer;
create or replace function app.accept_invitation(hash bytea)
  returns table (outcome text, tenant_id uuid, invitation_id uuid, role text, most int, used int)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare me uuid := nullif(current_setting('app.user', true), '')::uuid; there uuid; held invitations; who users; seats int; taken int;
begin
  select i.tenant_id into there from invitations i where i.token_hash = hash;
  -- The workspace's row first, as whoever invites does: two that join take turns.
  perform from tenants t where t.tenant_id = there for update;
  select i.* into held from invitations i where i.token_hash = hash
    and i.accepted_at is null and i.revoked_at is null and i.expires_at > clock_timestamp() for update;
  if not found then return query select 'unknown', null::uuid, null::uuid, null::text, null::int, null::int; return; end if;
  select u.* into who from users u where u.user_id = me;
  if lower(who.email) is distinct from lower(held.email) then
    return query select 'another', null::uuid, null::uuid, null::text, null::int, null::int; return;
  end if;
  if not who.is_verified then return query select 'unverified', null::uuid, null::uuid, null::text, null::int, null::int; return; end if;
  if exists (select from memberships m where m.tenant_id = held.tenant_id and m.user_id = me) then
    return query select 'member', null::uuid, null::uuid, null::text, null::int, null::int; return;
  end if;
  select (l.limits -> 'seats' ->> 'limit')::int into seats from app.limits_of(held.tenant_id) l;
  select count(*) into taken from memberships m where m.tenant_id = held.tenant_id;
  if taken >= seats then return query select 'full', null::uuid, null::uuid, null::text, seats, taken; return; end if;
  insert into memberships (tenant_id, user_id, role) values (held.tenant_id, me, held.role);
  update invitations i set accepted_at = clock_timestamp(), accepted_by = me
    where i.tenant_id = held.tenant_id and i.invitation_id = held.invitation_id;
  return query select 'joined', held.tenant_id, held.invitation_id, held.role, seats, taken + 1;
end$body$;

-- A member goes; with the last workspace goes the user, and what the authentication log has of them. Says whether the user went.
create or replace function app.forget_user(member uuid) returns boolean language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  delete from memberships where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and user_id = member;
  delete from users u where u.user_id = member and not exists (select from memberships m where m.user_id = member);
  if not found then return false; end if;
  delete from auth_events e where e.user_id = member;
  return true;
end$body$;

-- What stays of a workspace says nothing about anybody; consents on their way end, and calls are forgotten.
create or replace function app.scrub() returns bigint language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare scrubbed bigint;
begin
  delete from oauth_states where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid;
  delete from access_log where tenant_id = nullif(current_setting('app.tenant', true), '')::uuid;
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

-- Whoever logs in and names no workspace comes to one that is not suspended, where they have one.
create or replace function app.login(address text) returns table (user_id uuid, password_hash text, is_active boolean, tenants uuid[]) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.password_hash, u.is_active,
    array(select m.tenant_id from memberships m join tenants t on t.tenant_id = m.tenant_id
      where m.user_id = u.user_id order by t.suspended_at is not null, m.created_at, m.tenant_id)
    from users u where lower(u.email) = lower(address);
end$body$;

create or replace function app.find_identity(named_issuer text, named_subject text) returns table (user_id uuid, is_active boolean, tenants uuid[])
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.is_active, array(select m.tenant_id from memberships m join tenants t on t.tenant_id = m.tenant_id
      where m.user_id = u.user_id order by t.suspended_at is not null, m.created_at, m.tenant_id)
    from user_identities i join users u on u.user_id = i.user_id where i.issuer = named_issuer and i.subject = named_subject;
  update user_identities i set used_at = clock_timestamp() where i.issuer = named_issuer and i.subject = named_subject;
end$body$;

create or replace function app.guess_challenge(hash bytea, most integer) returns table (user_id uuid, is_active boolean, tenants uuid[])
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query update user_tokens t set guesses = t.guesses + 1 from users u
    where t.token_hash = hash and t.purpose = 'second_factor' and t.used_at is null and t.expires_at > clock_timestamp() and t.guesses < most
      and u.user_id = t.user_id and (u.password_changed_at is null or u.password_changed_at <= t.created_at)
    returning u.user_id, u.is_active, array(select m.tenant_id from memberships m join tenants t on t.tenant_id = m.tenant_id
      where m.user_id = u.user_id order by t.suspended_at is not null, m.created_at, m.tenant_id);
end$body$;

-- Acting as a member ends with the session that began it: whoever stole that is out of both at once.
ALTER TABLE sessions ADD COLUMN begun_in UUID;
create or replace function app.enter_session(wanted_session uuid, secret bytea, wanted uuid)
  returns table (tenant_id uuid, user_id uuid, session_id uuid, role text, impersonator uuid, second_factor_at timestamptz, is_platform_admin boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select s.session_id, s.user_id, coalesce(wanted, s.tenant_id) as tenant_id, m.role, s.impersonator, s.second_factor_at,
      u.is_platform_admin and s.kind <> 'impersonation' as is_platform_admin, s.used_at, t.suspended_at
    into held
    from sessions s join users u on u.user_id = s.user_id join memberships m on m.user_id = s.user_id and m.tenant_id = coalesce(wanted, s.tenant_id)
      join tenants t on t.tenant_id = m.tenant_id
   where (s.session_id = wanted_session or (wanted_session is null and s.secret_hash = secret))
     and s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp() and u.is_active
     -- Who acts as somebody does so in one workspace, and only as long as they are an administrator themselves, in the session that began it.
     and (s.kind <> 'impersonation' or (m.tenant_id = s.tenant_id and exists (select from users a join sessions b on b.user_id = a.user_id
       where a.user_id = s.impersonator and a.is_active and a.is_platform_admin and b.session_id = s.begun_in and b.kind <> 'impersonation'
         and b.ended_at is null and b.expires_at > clock_timestamp() and b.ends_at > clock_timestamp())));
  if not found then return; end if;
  if held.suspended_at is not null then perform app.refuse_suspended(); end if;
  perform set_config('app.tenant', held.tenant_id::text, true);
  perform set_config('app.user', held.user_id::text, true);
  if held.used_at < clock_timestamp() - interval '1 minute' then
    -- A cookie's session is good for another week from now on; a token's is prolonged by its refresh.
    update sessions s set used_at = clock_timestamp(),
        expires_at = case when s.kind = 'cookie' then least(clock_timestamp() + interval '7 days', s.ends_at) else s.expires_at end
      where s.session_id in (select l.session_id from sessions l where l.session_id = held.session_id for update skip locked);
  end if;
  return query select held.tenant_id, held.user_id, held.session_id, held.role, held.impersonator, held.second_factor_at, held.is_platform_admin;
end$body$;

create or replace function app.admin_impersonate(new_session uuid, member uuid, workspace uuid, because text, life interval) returns text
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare held record;
begin
  perform app.must_be_admin();
  select u.is_active, u.is_platform_admin, exists(select from memberships m where m.user_id = member and m.tenant_id = workspace) as is_member into held
    from users u where u.user_id = member;
  if not found or not held.is_member then return 'missing'; end if;
  if held.is_platform_admin then return 'admin'; end if;
  if not held.is_active then return 'inactive'; end if;
  insert into sessions (session_id, user_id, tenant_id, kind, expires_at, ends_at, impersonator, begun_in, reason)
    values (new_session, member, workspace, 'impersonation', clock_timestamp() + life, clock_timestamp() + life,
      nullif(current_setting('app.user', true), '')::uuid, nullif(current_setting('app.admin_session', true), '')::uuid, because);
  return 'opened';
end$body$;

create or replace function app.admin_impersonations(only_session uuid, before_at timestamptz, last uuid, most integer) returns table (session_id uuid, impersonator uuid, user_id uuid, email text, tenant_id uuid, reason text, created_at timestamptz, ends_at timestamptz, ended_at timestamptz)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  perform app.must_be_admin();
  return query select s.session_id, s.impersonator, s.user_id, u.email, s.tenant_id, s.reason, s.created_at, s.ends_at, coalesce(s.ended_at, b.ended_at)
    from sessions s join users u on u.user_id = s.user_id left join sessions b on b.session_id = s.begun_in where s.kind = 'impersonation' and (only_session is null or s.session_id = only_session)
      and (before_at is null or (s.created_at, s.session_id) < (before_at, last)) order by s.created_at desc, s.session_id desc limit least(most, 101);
end$body$;

revoke create on schema app from whyral_definer;
