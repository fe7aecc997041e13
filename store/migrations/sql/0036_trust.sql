-- Logins from new places; a reset ends what strangers left in an account whose address nobody had confirmed.

grant create on schema app to whyral_definer;

-- Sessions are kept for a month after they were opened, devices for good. Who logs in for the first time is nowhere new.
create function app.is_new_place(member uuid, hash bytea, seen_at text, seen_agent text) returns boolean
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return (exists (select from known_devices d where d.user_id = member)
      or exists (select from sessions s where s.user_id = member and s.impersonator is null))
    and not exists (select from known_devices d where d.user_id = member and d.device_hash = hash)
    and not exists (select from sessions s where s.user_id = member and s.impersonator is null
      and s.address is not distinct from seen_at and s.user_agent is not distinct from left(seen_agent, 300));
end$body$;
revoke all on function app.is_new_place(uuid, bytea, text, text) from public;
grant execute on function app.is_new_place(uuid, bytea, text, text) to whyral_app;
alter function app.is_new_place(uuid, bytea, text, text) owner to whyral_definer;

-- As before. Where nobody had confirmed the address, somebody else may have registered with it: their keys and sign-ins elsewhere
-- end with their password (Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022).
create or replace function app.reset_password(hash bytea, new_password_hash text) returns uuid
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare member uuid := app.take_user_token(hash, 'reset');
begin
  if member is null then return null; end if;
  if exists (select from users u where u.user_id = member and u.verified_at is null) then
    delete from user_identities i where i.user_id = member;
    update api_keys k set revoked_at = clock_timestamp() where k.user_id = member and k.revoked_at is null;
  end if;
  update users u set password_hash = new_password_hash, password_changed_at = clock_timestamp(), is_verified = true, verified_at = coalesce(u.verified_at, clock_timestamp())
    where u.user_id = member;
  delete from user_tokens t where t.user_id = member and t.purpose in ('reset', 'second_factor', 'link') and t.used_at is null;
  delete from known_devices d where d.user_id = member;
  update sessions s set ended_at = clock_timestamp(), end_reason = 'password_reset' where s.user_id = member and s.ended_at is null;
  return member;
end$body$;
revoke create on schema app from whyral_definer;
