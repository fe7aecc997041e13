-- Members, invitations that are accepted, workspaces of one user, rotated keys.

-- A rotated key's secret of before, good until `old_until`.
ALTER TABLE api_keys
  ADD COLUMN old_hash BYTEA,
  ADD COLUMN old_until TIMESTAMP WITH TIME ZONE,
  ADD COLUMN rotated_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_api_keys_old_hash ON api_keys (old_hash);

-- What keys that write could do before there was a scope for it.
alter table api_keys no force row level security;
UPDATE api_keys SET scopes = scopes || array['keys'] WHERE 'write' = any (scopes) AND NOT 'keys' = any (scopes);
alter table api_keys force row level security;

UPDATE plans SET limits = limits || '{"seats": {"limit": 5, "period": "total"}}' WHERE plan = 'free';

grant create on schema app to whyral_definer;

-- What a key may do hangs on what its user is now. `app.enter`, which does not tell, stays for processes of before this revision.
create function app.enter_key(hash bytea) returns table (tenant_id uuid, user_id uuid, key_id uuid, scopes text[], role text)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select k.tenant_id, k.user_id, k.key_id, k.scopes, k.last_used_at, m.role into held
    from api_keys k join users u on u.user_id = k.user_id join memberships m on m.tenant_id = k.tenant_id and m.user_id = k.user_id
   where (k.key_hash = hash or (k.old_hash = hash and k.old_until > clock_timestamp()))
     and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()) and u.is_active;
  if not found then return; end if;
  perform set_config('app.tenant', held.tenant_id::text, true);
  perform set_config('app.user', held.user_id::text, true);
  if held.last_used_at is null or held.last_used_at < clock_timestamp() - interval '1 minute' then
    -- A busy key is not worth waiting for: whoever holds the row writes the same minute.
    update api_keys k set last_used_at = clock_timestamp() where (k.tenant_id, k.key_id) in
      (select l.tenant_id, l.key_id from api_keys l where l.tenant_id = held.tenant_id and l.key_id = held.key_id for update skip locked);
  end if;
  return query select held.tenant_id, held.user_id, held.key_id, held.scopes, held.role;
end$body$;
revoke all on function app.enter_key(bytea) from public;
grant execute on function app.enter_key(bytea) to whyral_app;
alter function app.enter_key(bytea) owner to whyral_definer;

-- Whose calls count: a rotated key's old secret is still its user's.
create or replace function app.owner_of_key(hash bytea) returns table (tenant_id uuid, user_id uuid)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select k.tenant_id, k.user_id from api_keys k
    where (k.key_hash = hash or (k.old_hash = hash and k.old_until > clock_timestamp()))
      and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp());
end$body$;

-- The members of the workspace that was entered, with what the platform knows of them.
create function app.members() returns table (user_id uuid, email text, full_name text, role text, joined_at timestamptz, is_active boolean,
    is_verified boolean, has_second_factor boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.email, u.full_name, m.role, m.created_at, u.is_active, u.is_verified, u.totp_confirmed_at is not null
    from memberships m join users u on u.user_id = m.user_id
    where m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid order by m.created_at, m.user_id;
end$body$;
revoke all on function app.members() from public;
grant execute on function app.members() to whyral_app;
alter function app.members() owner to whyral_definer;

-- Sessions of somebody in the workspace that was entered: who was removed is out of it on every device.
create function app.end_sessions_here(member uuid, because text) returns int
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare ended int;
begin
  update sessions s set ended_at = clock_timestamp(), end_reason = because
    where s.user_id = member and s.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and s.ended_at is null;
  get diagnostics ended = row_count;
  return ended;
end$body$;
revoke all on function app.end_sessions_here(uuid, text) from public;
grant execute on function app.end_sessions_here(uuid, text) to whyral_app;
alter function app.end_sessions_here(uuid, text) owner to whyral_definer;

-- How a session of the user who entered was opened.
create function app.session_facts(wanted_session uuid) returns table (opened_at timestamptz, second_factor_at timestamptz, has_factor boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select s.created_at, s.second_factor_at, u.totp_confirmed_at is not null
    from sessions s join users u on u.user_id = s.user_id
    where s.session_id = wanted_session and s.user_id = nullif(current_setting('app.user', true), '')::uuid;
end$body$;
revoke all on function app.session_facts(uuid) from public;
grant execute on function app.session_facts(uuid) to whyral_app;
alter function app.session_facts(uuid) owner to whyral_definer;

-- A session of the user who entered goes to another workspace of theirs. No row: they are not in it.
create function app.switch_session(wanted_session uuid, wanted uuid) returns table (role text)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select m.role into held from memberships m where m.tenant_id = wanted and m.user_id = nullif(current_setting('app.user', true), '')::uuid;
  if not found then return; end if;
  update sessions s set tenant_id = wanted
    where s.session_id = wanted_session and s.user_id = nullif(current_setting('app.user', true), '')::uuid
      and s.impersonator is null and s.ended_at is null;
  if not found then return; end if;
  return query select held.role;
end$body$;
revoke all on function app.switch_session(uuid, uuid) from public;
grant execute on function app.switch_session(uuid, uuid) to whyral_app;
alter function app.switch_session(uuid, uuid) owner to whyral_definer;

-- A further workspace of the user who entered, who owns at most so many. Returns how many they owned before.
create function app.add_workspace(new_tenant uuid, workspace text, most int) returns int
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare me uuid := nullif(current_setting('app.user', true), '')::uuid; owned int;
begin
  perform from users u where u.user_id = me for update;
  if not found then raise exception 'nobody entered'; end if;
  select count(*) into owned from memberships m where m.user_id = me and m.role = 'owner';
  if owned >= most then return owned; end if;
  insert into tenants (tenant_id, name) values (new_tenant, workspace);
  insert into memberships (tenant_id, user_id, role) values (new_tenant, me, 'owner');
  insert into subscriptions (tenant_id, plan, status) values (new_tenant, 'free', 'active');
  return owned;
end$body$;
revoke all on function app.add_workspace(uuid, text, int) from public;
grant execute on function app.add_workspace(uuid, text, int) to whyral_app;
alter function app.add_workspace(uuid, text, int) owner to whyral_definer;

-- To whom an invitation was sent, for whoever holds its secret.
create function app.invited(hash bytea) returns table (email text)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select i.email from invitations i
    where i.token_hash = hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > clock_timestamp();
end$body$;
revoke all on function app.invited(bytea) from public;
grant execute on function app.invited(bytea) to whyral_app;
alter function app.invited(bytea) owner to whyral_definer;

-- The user who entered joins the workspace that invited their verified address; once, and where a seat is free.
create function app.accept_invitation(hash bytea)
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
  select (p.limits -> 'seats' ->> 'limit')::int into seats from subscriptions s join plans p on p.plan = s.plan where s.tenant_id = held.tenant_id;
  select count(*) into taken from memberships m where m.tenant_id = held.tenant_id;
  if taken >= seats then return query select 'full', null::uuid, null::uuid, null::text, seats, taken; return; end if;
  insert into memberships (tenant_id, user_id, role) values (held.tenant_id, me, held.role);
  update invitations i set accepted_at = clock_timestamp(), accepted_by = me
    where i.tenant_id = held.tenant_id and i.invitation_id = held.invitation_id;
  return query select 'joined', held.tenant_id, held.invitation_id, held.role, seats, taken + 1;
end$body$;
revoke all on function app.accept_invitation(bytea) from public;
grant execute on function app.accept_invitation(bytea) to whyral_app;
alter function app.accept_invitation(bytea) owner to whyral_definer;

-- A new user whom an invitation reached, so that their address is verified. Returns whether the address was free.
create function app.register_invited(hash bytea, new_user uuid, secret text, person text) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into users (user_id, email, password_hash, full_name, is_verified, verified_at)
    select new_user, i.email, secret, person, true, clock_timestamp() from invitations i
     where i.token_hash = hash and i.accepted_at is null and i.revoked_at is null and i.expires_at > clock_timestamp()
    on conflict (lower(email)) do nothing;
  if not found then return false; end if;
  perform set_config('app.user', new_user::text, true);
  return true;
end$body$;
revoke all on function app.register_invited(bytea, uuid, text, text) from public;
grant execute on function app.register_invited(bytea, uuid, text, text) to whyral_app;
alter function app.register_invited(bytea, uuid, text, text) owner to whyral_definer;

-- The user who entered is let in no more: sessions end, keys are dead. False where workspaces of theirs would be left without an owner.
create function app.deactivate_me() returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare me uuid := nullif(current_setting('app.user', true), '')::uuid;
begin
  perform from tenants t where t.tenant_id in (select m.tenant_id from memberships m where m.user_id = me and m.role = 'owner')
    order by t.tenant_id for update;
  if exists (select from memberships mine where mine.user_id = me and mine.role = 'owner'
      and exists (select from memberships m join users u on u.user_id = m.user_id
        where m.tenant_id = mine.tenant_id and m.user_id <> me and u.is_active)
      and not exists (select from memberships m join users u on u.user_id = m.user_id
        where m.tenant_id = mine.tenant_id and m.user_id <> me and m.role = 'owner' and u.is_active)) then
    return false;
  end if;
  update users u set is_active = false, deactivated_at = clock_timestamp(), updated_at = clock_timestamp() where u.user_id = me;
  update sessions s set ended_at = clock_timestamp(), end_reason = 'deactivated' where s.user_id = me and s.ended_at is null;
  return true;
end$body$;
revoke all on function app.deactivate_me() from public;
grant execute on function app.deactivate_me() to whyral_app;
alter function app.deactivate_me() owner to whyral_definer;
revoke create on schema app from whyral_definer;
