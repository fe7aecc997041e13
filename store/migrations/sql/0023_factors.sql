-- Second factors, sign-ins elsewhere, and consents that log in or link: what is kept of them, and the functions that reach it.

ALTER TABLE user_tokens ADD COLUMN guesses INTEGER DEFAULT 0 NOT NULL;
ALTER TABLE user_identities ADD COLUMN identity_id UUID NOT NULL;
CREATE UNIQUE INDEX uq_user_identities_id ON user_identities (identity_id);
ALTER TABLE oauth_states DROP CONSTRAINT ck_oauth_states_purpose_known;
ALTER TABLE oauth_states ADD CONSTRAINT ck_oauth_states_purpose_known CHECK (purpose in ('connect', 'login', 'link', 'exchange'));
ALTER TABLE oauth_states ADD COLUMN session_id UUID;
ALTER TABLE oauth_states ADD CONSTRAINT ck_oauth_states_link_whole
  CHECK (purpose <> 'link' or (tenant_id is not null and user_id is not null and session_id is not null));

grant create on schema app to whyral_definer;
-- A sign-in at a provider that was begun: by nobody (login), or by the user who entered (link).
create function app.put_sign_in_state(hash bytea, browser bytea, what text, sealed bytea, wanted text[], back text, life interval, of_session uuid) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  if what = 'login' then
    insert into oauth_states (state_hash, browser_hash, purpose, verifier, scopes, return_to, expires_at)
      values (hash, browser, 'login', sealed, wanted, back, clock_timestamp() + life);
  elsif what = 'link' then
    insert into oauth_states (state_hash, browser_hash, purpose, tenant_id, user_id, session_id, verifier, scopes, return_to, expires_at)
      select hash, browser, 'link', m.tenant_id, m.user_id, of_session, sealed, wanted, back, clock_timestamp() + life from memberships m
       where m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and m.user_id = nullif(current_setting('app.user', true), '')::uuid;
  else
    return false;
  end if;
  return found;
end$body$;
revoke all on function app.put_sign_in_state(bytea, bytea, text, bytea, text[], text, interval, uuid) from public;
grant execute on function app.put_sign_in_state(bytea, bytea, text, bytea, text[], text, interval, uuid) to whyral_app;
alter function app.put_sign_in_state(bytea, bytea, text, bytea, text[], text, interval, uuid) owner to whyral_definer;

-- As before, and what for: columns are read by name, so the code of before goes on.
drop function app.take_oauth_state(bytea, bytea);

create function app.take_oauth_state(hash bytea, browser bytea) returns table (outcome text, tenant_id uuid, user_id uuid, channel_id uuid, verifier bytea, scopes text[], return_to text, purpose text, session_id uuid)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held oauth_states%rowtype;
begin
  select s.* into held from oauth_states s where s.state_hash = hash and s.purpose <> 'exchange' for update;
  outcome := case when held.state_hash is null then 'unknown' when held.browser_hash is distinct from browser then 'foreign'
    when held.used_at is not null then 'used' when held.expires_at <= clock_timestamp() then 'expired' else 'taken' end;
  if outcome = 'taken' then
    update oauth_states s set used_at = clock_timestamp() where s.state_hash = hash;
    tenant_id := held.tenant_id; user_id := held.user_id; channel_id := held.channel_id;
    verifier := held.verifier; scopes := held.scopes; return_to := held.return_to; purpose := held.purpose;
    session_id := held.session_id;
  end if;
  return next;
end$body$;
revoke all on function app.take_oauth_state(bytea, bytea) from public;
grant execute on function app.take_oauth_state(bytea, bytea) to whyral_app;
alter function app.take_oauth_state(bytea, bytea) owner to whyral_definer;

-- A token from elsewhere is exchanged once. Kept until it is no longer good, then pruned with the states.
create function app.use_token_once(hash bytea, until timestamptz) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into oauth_states (state_hash, browser_hash, purpose, verifier, scopes, expires_at, used_at)
    values (hash, '', 'exchange', '', '{}', until, clock_timestamp()) on conflict do nothing;
  return found;
end$body$;
revoke all on function app.use_token_once(bytea, timestamptz) from public;
grant execute on function app.use_token_once(bytea, timestamptz) to whyral_app;
alter function app.use_token_once(bytea, timestamptz) owner to whyral_definer;

-- Who signs in under this name of that issuer.
create function app.find_identity(named_issuer text, named_subject text) returns table (user_id uuid, is_active boolean, tenants uuid[])
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.is_active, array(select m.tenant_id from memberships m where m.user_id = u.user_id order by m.created_at, m.tenant_id)
    from user_identities i join users u on u.user_id = i.user_id where i.issuer = named_issuer and i.subject = named_subject;
  update user_identities i set used_at = clock_timestamp() where i.issuer = named_issuer and i.subject = named_subject;
end$body$;
revoke all on function app.find_identity(text, text) from public;
grant execute on function app.find_identity(text, text) to whyral_app;
alter function app.find_identity(text, text) owner to whyral_definer;

-- A new user who has no password, with a workspace. False where the address or the identity is somebody's already.
create function app.register_identity(new_user uuid, new_tenant uuid, new_identity uuid, address text, person text, workspace text, named_issuer text, named_subject text) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into users (user_id, email, full_name, is_verified, verified_at) values (new_user, address, person, true, clock_timestamp())
    on conflict (lower(email)) do nothing;
  if not found then return false; end if;
  insert into user_identities (identity_id, issuer, subject, user_id, email, used_at)
    values (new_identity, named_issuer, named_subject, new_user, address, clock_timestamp()) on conflict (issuer, subject) do nothing;
  if not found then delete from users where user_id = new_user; return false; end if;
  insert into tenants (tenant_id, name) values (new_tenant, workspace);
  insert into memberships (tenant_id, user_id, role) values (new_tenant, new_user, 'owner');
  insert into subscriptions (tenant_id, plan, status) values (new_tenant, 'free', 'active');
  return true;
end$body$;
revoke all on function app.register_identity(uuid, uuid, uuid, text, text, text, text, text) from public;
grant execute on function app.register_identity(uuid, uuid, uuid, text, text, text, text, text) to whyral_app;
alter function app.register_identity(uuid, uuid, uuid, text, text, text, text, text) owner to whyral_definer;

-- To the user who entered, and to nobody else.
create function app.link_identity(new_identity uuid, named_issuer text, named_subject text, address text) returns text
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := nullif(current_setting('app.user', true), '')::uuid; holder uuid;
begin
  if member is null then return 'nobody'; end if;
  insert into user_identities (identity_id, issuer, subject, user_id, email) values (new_identity, named_issuer, named_subject, member, address)
    on conflict (issuer, subject) do nothing;
  if found then return 'linked'; end if;
  select i.user_id into holder from user_identities i where i.issuer = named_issuer and i.subject = named_subject;
  return case when holder = member then 'known' else 'taken' end;
end$body$;
revoke all on function app.link_identity(uuid, text, text, text) from public;
grant execute on function app.link_identity(uuid, text, text, text) to whyral_app;
alter function app.link_identity(uuid, text, text, text) owner to whyral_definer;

-- Of the user who entered.
create function app.identities() returns table (identity_id uuid, issuer text, email text, linked_at timestamptz, used_at timestamptz)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select i.identity_id, i.issuer, i.email, i.linked_at, i.used_at from user_identities i
    where i.user_id = nullif(current_setting('app.user', true), '')::uuid order by i.linked_at, i.identity_id;
end$body$;
revoke all on function app.identities() from public;
grant execute on function app.identities() to whyral_app;
alter function app.identities() owner to whyral_definer;

-- The user's row comes first: of two that are removed at once, the second finds itself the last.
create function app.unlink_identity(wanted uuid) returns text
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := nullif(current_setting('app.user', true), '')::uuid; known_hash text;
begin
  select u.password_hash into known_hash from users u where u.user_id = member for update;
  if not exists (select from user_identities i where i.user_id = member and i.identity_id = wanted) then return 'unknown'; end if;
  if known_hash is null and not exists (select from user_identities i where i.user_id = member and i.identity_id <> wanted) then return 'last'; end if;
  delete from user_identities i where i.user_id = member and i.identity_id = wanted;
  return 'gone';
end$body$;
revoke all on function app.unlink_identity(uuid) from public;
grant execute on function app.unlink_identity(uuid) to whyral_app;
alter function app.unlink_identity(uuid) owner to whyral_definer;

-- What is kept of somebody's second factor, for whoever proved a first one.
create function app.second_factor(member uuid) returns table (email text, password_hash text, sealed bytea, confirmed_at timestamptz, last_step bigint, codes_left bigint)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.email, u.password_hash, u.totp_sealed, u.totp_confirmed_at, u.totp_last_step,
    (select count(*) from recovery_codes c where c.user_id = u.user_id and c.used_at is null) from users u where u.user_id = member;
end$body$;
revoke all on function app.second_factor(uuid) from public;
grant execute on function app.second_factor(uuid) to whyral_app;
alter function app.second_factor(uuid) owner to whyral_definer;

-- One that is confirmed is never overwritten.
create function app.begin_second_factor(sealed bytea) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update users set totp_sealed = sealed, totp_last_step = null, updated_at = clock_timestamp()
    where user_id = nullif(current_setting('app.user', true), '')::uuid and totp_confirmed_at is null;
  return found;
end$body$;
revoke all on function app.begin_second_factor(bytea) from public;
grant execute on function app.begin_second_factor(bytea) to whyral_app;
alter function app.begin_second_factor(bytea) owner to whyral_definer;

-- A step is accepted once, and none before it afterwards.
create function app.accept_totp_step(member uuid, step bigint) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update users set totp_last_step = step where user_id = member and totp_sealed is not null and (totp_last_step is null or totp_last_step < step);
  return found;
end$body$;
revoke all on function app.accept_totp_step(uuid, bigint) from public;
grant execute on function app.accept_totp_step(uuid, bigint) to whyral_app;
alter function app.accept_totp_step(uuid, bigint) owner to whyral_definer;

create function app.confirm_second_factor(hashes bytea[]) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := nullif(current_setting('app.user', true), '')::uuid;
begin
  update users set totp_confirmed_at = clock_timestamp(), updated_at = clock_timestamp()
    where user_id = member and totp_sealed is not null and totp_confirmed_at is null;
  if not found then return false; end if;
  delete from recovery_codes where user_id = member;
  insert into recovery_codes (user_id, code_hash) select member, unnest(hashes);
  return true;
end$body$;
revoke all on function app.confirm_second_factor(bytea[]) from public;
grant execute on function app.confirm_second_factor(bytea[]) to whyral_app;
alter function app.confirm_second_factor(bytea[]) owner to whyral_definer;

create function app.renew_recovery_codes(hashes bytea[]) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := nullif(current_setting('app.user', true), '')::uuid;
begin
  perform from users where user_id = member and totp_confirmed_at is not null for update;
  if not found then return false; end if;
  delete from recovery_codes where user_id = member;
  insert into recovery_codes (user_id, code_hash) select member, unnest(hashes);
  return true;
end$body$;
revoke all on function app.renew_recovery_codes(bytea[]) from public;
grant execute on function app.renew_recovery_codes(bytea[]) to whyral_app;
alter function app.renew_recovery_codes(bytea[]) owner to whyral_definer;

create function app.use_recovery_code(member uuid, hash bytea) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update recovery_codes set used_at = clock_timestamp() where user_id = member and code_hash = hash and used_at is null;
  return found;
end$body$;
revoke all on function app.use_recovery_code(uuid, bytea) from public;
grant execute on function app.use_recovery_code(uuid, bytea) to whyral_app;
alter function app.use_recovery_code(uuid, bytea) owner to whyral_definer;

create function app.drop_second_factor() returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := nullif(current_setting('app.user', true), '')::uuid;
begin
  update users set totp_sealed = null, totp_confirmed_at = null, totp_last_step = null, updated_at = clock_timestamp()
    where user_id = member and totp_sealed is not null;
  if not found then return false; end if;
  delete from recovery_codes where user_id = member;
  delete from user_tokens where user_id = member and purpose = 'second_factor';
  return true;
end$body$;
revoke all on function app.drop_second_factor() from public;
grant execute on function app.drop_second_factor() to whyral_app;
alter function app.drop_second_factor() owner to whyral_definer;

-- The session of the user who entered has seen the second factor.
create function app.prove_session(wanted_session uuid) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update sessions set second_factor_at = clock_timestamp()
    where session_id = wanted_session and user_id = nullif(current_setting('app.user', true), '')::uuid and ended_at is null;
  return found;
end$body$;
revoke all on function app.prove_session(uuid) from public;
grant execute on function app.prove_session(uuid) to whyral_app;
alter function app.prove_session(uuid) owner to whyral_definer;

-- A first factor was proven, the second is awaited.
create function app.begin_challenge(hash bytea, member uuid, life interval) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  delete from user_tokens where user_id = member and purpose = 'second_factor' and expires_at <= clock_timestamp();
  insert into user_tokens (token_hash, purpose, user_id, email, expires_at)
    select hash, 'second_factor', u.user_id, u.email, clock_timestamp() + life from users u where u.user_id = member;
end$body$;
revoke all on function app.begin_challenge(bytea, uuid, interval) from public;
grant execute on function app.begin_challenge(bytea, uuid, interval) to whyral_app;
alter function app.begin_challenge(bytea, uuid, interval) owner to whyral_definer;

-- Counts a guess, and says whose it is; nobody's where it is used, too old, guessed at too often, or older than the password.
create function app.guess_challenge(hash bytea, most integer) returns table (user_id uuid, is_active boolean, tenants uuid[])
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query update user_tokens t set guesses = t.guesses + 1 from users u
    where t.token_hash = hash and t.purpose = 'second_factor' and t.used_at is null and t.expires_at > clock_timestamp() and t.guesses < most
      and u.user_id = t.user_id and (u.password_changed_at is null or u.password_changed_at <= t.created_at)
    returning u.user_id, u.is_active, array(select m.tenant_id from memberships m where m.user_id = u.user_id order by m.created_at, m.tenant_id);
end$body$;
revoke all on function app.guess_challenge(bytea, integer) from public;
grant execute on function app.guess_challenge(bytea, integer) to whyral_app;
alter function app.guess_challenge(bytea, integer) owner to whyral_definer;

-- Once.
create function app.end_challenge(hash bytea) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update user_tokens set used_at = clock_timestamp() where token_hash = hash and purpose = 'second_factor' and used_at is null;
  return found;
end$body$;
revoke all on function app.end_challenge(bytea) from public;
grant execute on function app.end_challenge(bytea) to whyral_app;
alter function app.end_challenge(bytea) owner to whyral_definer;

-- For re-sealing: all second factors, by user.
create function app.sealed_factors(past uuid, most integer) returns table (user_id uuid, sealed bytea)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.totp_sealed from users u where u.totp_sealed is not null and (past is null or u.user_id > past) order by u.user_id limit most;
end$body$;
revoke all on function app.sealed_factors(uuid, integer) from public;
grant execute on function app.sealed_factors(uuid, integer) to whyral_app;
alter function app.sealed_factors(uuid, integer) owner to whyral_definer;

-- Unless it changed meanwhile.
create function app.reseal_factor(member uuid, before bytea, fresh bytea) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update users set totp_sealed = fresh where user_id = member and totp_sealed = before;
  return found;
end$body$;
revoke all on function app.reseal_factor(uuid, bytea, bytea) from public;
grant execute on function app.reseal_factor(uuid, bytea, bytea) to whyral_app;
alter function app.reseal_factor(uuid, bytea, bytea) owner to whyral_definer;
revoke create on schema app from whyral_definer;
