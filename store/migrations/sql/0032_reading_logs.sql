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

revoke create on schema app from whyral_definer;
