-- Refreshing, listing and ending sessions; single-use tokens of mails; passwords, known devices and profiles of users.

grant create on schema app to whyral_definer;

-- The row is locked, so that parallel calls with one token see each other. Whatever is told is to be committed, the end of a session most of all.
create function app.refresh_session(wanted_session uuid, given integer)
  returns table (verdict text, user_id uuid, tenant_id uuid, counter integer, expires_at timestamptz)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record; told text;
begin
  select s.session_id, s.user_id, s.tenant_id, s.kind, s.refresh_counter, s.rotated_at, s.expires_at, s.ends_at, s.ended_at into held
    from sessions s where s.session_id = wanted_session for update;
  if not found then return query select 'unknown', null::uuid, null::uuid, 0, null::timestamptz; return; end if;
  if held.kind <> 'tokens' or held.ended_at is not null or least(held.expires_at, held.ends_at) <= clock_timestamp() or not exists (
      select from users u join memberships m on m.user_id = u.user_id where u.user_id = held.user_id and m.tenant_id = held.tenant_id and u.is_active)
  then told := 'ended';
  elsif given = held.refresh_counter then
    told := 'rotated';
    update sessions s set refresh_counter = s.refresh_counter + 1, rotated_at = clock_timestamp(), used_at = clock_timestamp(),
        expires_at = least(clock_timestamp() + interval '7 days', s.ends_at)
      where s.session_id = held.session_id returning s.refresh_counter, s.expires_at into held.refresh_counter, held.expires_at;
  elsif given = held.refresh_counter - 1 and held.rotated_at > clock_timestamp() - interval '10 seconds' then told := 'repeated';
  else
    told := 'reused';
    update sessions s set ended_at = clock_timestamp(), end_reason = 'refresh_token_reused' where s.session_id = held.session_id;
  end if;
  return query select told, held.user_id, held.tenant_id, held.refresh_counter, held.expires_at;
end$body$;
revoke all on function app.refresh_session(uuid, integer) from public;
grant execute on function app.refresh_session(uuid, integer) to whyral_app;
alter function app.refresh_session(uuid, integer) owner to whyral_definer;

-- Of the user who entered only.
create function app.own_sessions()
  returns table (session_id uuid, tenant_id uuid, kind text, created_at timestamptz, used_at timestamptz, expires_at timestamptz, address text, user_agent text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select s.session_id, s.tenant_id, s.kind, s.created_at, s.used_at, least(s.expires_at, s.ends_at), s.address, s.user_agent
    from sessions s where s.user_id = nullif(current_setting('app.user', true), '')::uuid
      and s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp()
    order by s.created_at desc, s.session_id desc limit 200;
end$body$;
revoke all on function app.own_sessions() from public;
grant execute on function app.own_sessions() to whyral_app;
alter function app.own_sessions() owner to whyral_definer;

create function app.end_own_sessions(wanted_session uuid, kept uuid, because text) returns integer
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare ended integer;
begin
  update sessions s set ended_at = clock_timestamp(), end_reason = because
    where s.user_id = nullif(current_setting('app.user', true), '')::uuid and s.ended_at is null
      and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp()
      and (wanted_session is null or s.session_id = wanted_session) and s.session_id is distinct from kept;
  get diagnostics ended = row_count;
  return ended;
end$body$;
revoke all on function app.end_own_sessions(uuid, uuid, text) from public;
grant execute on function app.end_own_sessions(uuid, uuid, text) to whyral_app;
alter function app.end_own_sessions(uuid, uuid, text) owner to whyral_definer;

-- A few of those that are long over, with each login: their tokens are unknown from then on.
create function app.sweep_sessions() returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  delete from sessions s where s.session_id in
    (select l.session_id from sessions l where l.ends_at < clock_timestamp() - interval '1 day' limit 20 for update skip locked);
  delete from user_tokens t where t.token_hash in
    (select l.token_hash from user_tokens l where l.expires_at < clock_timestamp() - interval '1 day' limit 20 for update skip locked);
end$body$;
revoke all on function app.sweep_sessions() from public;
grant execute on function app.sweep_sessions() to whyral_app;
alter function app.sweep_sessions() owner to whyral_definer;

-- Single-use tokens. They are good for the address that they were sent to, as long as it is the user's.
create function app.put_user_token(hash bytea, what text, member uuid, good_for interval) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into user_tokens (token_hash, purpose, user_id, email, expires_at)
    select hash, what, u.user_id, u.email, clock_timestamp() + good_for from users u where u.user_id = member;
end$body$;
revoke all on function app.put_user_token(bytea, text, uuid, interval) from public;
grant execute on function app.put_user_token(bytea, text, uuid, interval) to whyral_app;
alter function app.put_user_token(bytea, text, uuid, interval) owner to whyral_definer;

create function app.take_user_token(hash bytea, what text) returns uuid
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid;
begin
  update user_tokens t set used_at = clock_timestamp() from users u
    where t.token_hash = hash and t.purpose = what and t.used_at is null and t.expires_at > clock_timestamp()
      and u.user_id = t.user_id and u.is_active and lower(u.email) = lower(t.email)
    returning t.user_id into member;
  return member;
end$body$;
revoke all on function app.take_user_token(bytea, text) from public;
grant execute on function app.take_user_token(bytea, text) to whyral_app;
alter function app.take_user_token(bytea, text) owner to whyral_definer;

create function app.verify_email(hash bytea) returns uuid
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := app.take_user_token(hash, 'verify');
begin
  update users u set is_verified = true, verified_at = coalesce(u.verified_at, clock_timestamp()) where u.user_id = member;
  return member;
end$body$;
revoke all on function app.verify_email(bytea) from public;
grant execute on function app.verify_email(bytea) to whyral_app;
alter function app.verify_email(bytea) owner to whyral_definer;

-- Whom a reset is for, without using it up: the new password is judged by their address and name first.
create function app.token_of(hash bytea, what text) returns table (user_id uuid, email text, full_name text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.email, u.full_name from user_tokens t join users u on u.user_id = t.user_id
    where t.token_hash = hash and t.purpose = what and t.used_at is null and t.expires_at > clock_timestamp()
      and u.is_active and lower(u.email) = lower(t.email);
end$body$;
revoke all on function app.token_of(bytea, text) from public;
grant execute on function app.token_of(bytea, text) to whyral_app;
alter function app.token_of(bytea, text) owner to whyral_definer;

-- Whoever could read the mail has the address. Every session ends, every other reset is void, no device is known any longer.
create function app.reset_password(hash bytea, new_password_hash text) returns uuid
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := app.take_user_token(hash, 'reset');
begin
  if member is null then return null; end if;
  update users u set password_hash = new_password_hash, password_changed_at = clock_timestamp(), is_verified = true, verified_at = coalesce(u.verified_at, clock_timestamp())
    where u.user_id = member;
  delete from user_tokens t where t.user_id = member and t.purpose in ('reset', 'second_factor', 'link') and t.used_at is null;
  delete from known_devices d where d.user_id = member;
  update sessions s set ended_at = clock_timestamp(), end_reason = 'password_reset' where s.user_id = member and s.ended_at is null;
  return member;
end$body$;
revoke all on function app.reset_password(bytea, text) from public;
grant execute on function app.reset_password(bytea, text) to whyral_app;
alter function app.reset_password(bytea, text) owner to whyral_definer;

-- Only where the old hash is still the one that was compared.
create function app.change_password(member uuid, old_password_hash text, new_password_hash text, is_rehash boolean) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update users u set password_hash = new_password_hash, password_changed_at = case when is_rehash then u.password_changed_at else clock_timestamp() end
    where u.user_id = member and u.password_hash = old_password_hash;
  if not found then return false; end if;
  if not is_rehash then delete from user_tokens t where t.user_id = member and t.purpose = 'reset' and t.used_at is null; end if;
  return true;
end$body$;
revoke all on function app.change_password(uuid, text, text, boolean) from public;
grant execute on function app.change_password(uuid, text, text, boolean) to whyral_app;
alter function app.change_password(uuid, text, text, boolean) owner to whyral_definer;

create function app.knows_device(member uuid, hash bytea) returns boolean
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return exists (select from known_devices d where d.user_id = member and d.device_hash = hash);
end$body$;
revoke all on function app.knows_device(uuid, bytea) from public;
grant execute on function app.knows_device(uuid, bytea) to whyral_app;
alter function app.knows_device(uuid, bytea) owner to whyral_definer;

-- The twenty that were used last.
create function app.know_device(member uuid, hash bytea) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into known_devices (user_id, device_hash) values (member, hash)
    on conflict (user_id, device_hash) do update set used_at = clock_timestamp();
  delete from known_devices d where d.user_id = member and d.device_hash in
    (select l.device_hash from known_devices l where l.user_id = member order by l.used_at desc, l.device_hash offset 20);
end$body$;
revoke all on function app.know_device(uuid, bytea) from public;
grant execute on function app.know_device(uuid, bytea) to whyral_app;
alter function app.know_device(uuid, bytea) owner to whyral_definer;

-- What was taken by a guess that was none.
create function app.give_token(wanted text, capacity int) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update rate_limits set tokens = least(capacity, tokens + 1) where bucket = wanted;
end$body$;
revoke all on function app.give_token(text, int) from public;
grant execute on function app.give_token(text, int) to whyral_app;
alter function app.give_token(text, int) owner to whyral_definer;

drop function app.profile(uuid);
create function app.profile(member uuid) returns table (user_id uuid, email text, full_name text, tenant_id uuid, tenant_name text, role text, plan text,
    is_demo boolean, company_name text, profile_image text, settings jsonb, is_verified boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.email, u.full_name, t.tenant_id, t.name, m.role, s.plan, t.is_demo,
      u.company_name, u.profile_image, u.settings, u.verified_at is not null
    from memberships m join users u on u.user_id = m.user_id join tenants t on t.tenant_id = m.tenant_id
    join subscriptions s on s.tenant_id = m.tenant_id
    where m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and m.user_id = member;
end$body$;
revoke all on function app.profile(uuid) from public;
grant execute on function app.profile(uuid) to whyral_app;
alter function app.profile(uuid) owner to whyral_definer;

-- Of the user who entered only, and of what is theirs to change.
create function app.change_profile(changes jsonb) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update users u set
      full_name = case when changes ? 'full_name' then changes ->> 'full_name' else u.full_name end,
      company_name = case when changes ? 'company_name' then changes ->> 'company_name' else u.company_name end,
      profile_image = case when changes ? 'profile_image' then changes ->> 'profile_image' else u.profile_image end,
      settings = case when changes ? 'settings' then changes -> 'settings' else u.settings end
    where u.user_id = nullif(current_setting('app.user', true), '')::uuid;
end$body$;
revoke all on function app.change_profile(jsonb) from public;
grant execute on function app.change_profile(jsonb) to whyral_app;
alter function app.change_profile(jsonb) owner to whyral_definer;

revoke create on schema app from whyral_definer;
