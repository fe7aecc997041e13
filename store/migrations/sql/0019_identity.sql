-- Sessions, second factors, sign-ins elsewhere, single-use tokens, known devices, invitations, the authentication log.

ALTER TABLE users
  ADD COLUMN company_name TEXT,
  ADD COLUMN profile_image TEXT,
  ADD COLUMN settings JSONB DEFAULT '{}' NOT NULL,
  ADD COLUMN is_platform_admin BOOLEAN DEFAULT false NOT NULL,
  ADD COLUMN verified_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN password_changed_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN totp_sealed BYTEA,
  ADD COLUMN totp_confirmed_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN totp_last_step BIGINT,
  ADD COLUMN deactivated_at TIMESTAMP WITH TIME ZONE;

CREATE TABLE sessions (
  session_id UUID NOT NULL,
  user_id UUID NOT NULL,
  tenant_id UUID,
  kind TEXT NOT NULL,
  secret_hash BYTEA,
  refresh_counter INTEGER DEFAULT 0 NOT NULL,
  rotated_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ended_at TIMESTAMP WITH TIME ZONE,
  end_reason TEXT,
  second_factor_at TIMESTAMP WITH TIME ZONE,
  impersonator UUID,
  reason TEXT,
  address TEXT,
  user_agent TEXT,
  CONSTRAINT pk_sessions PRIMARY KEY (session_id),
  CONSTRAINT fk_sessions_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE,
  CONSTRAINT fk_sessions_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE SET NULL,
  CONSTRAINT ck_sessions_kind_known CHECK (kind in ('tokens', 'cookie', 'impersonation')),
  CONSTRAINT ck_sessions_impersonation_explained CHECK ((kind = 'impersonation') = (impersonator is not null and reason is not null))
);
CREATE UNIQUE INDEX uq_sessions_secret ON sessions (secret_hash);
CREATE INDEX ix_sessions_user ON sessions (user_id, created_at DESC);
CREATE INDEX ix_sessions_ends ON sessions (ends_at);

CREATE TABLE user_tokens (
  token_hash BYTEA NOT NULL,
  purpose TEXT NOT NULL,
  user_id UUID NOT NULL,
  email TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_user_tokens PRIMARY KEY (token_hash),
  CONSTRAINT fk_user_tokens_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE,
  CONSTRAINT ck_user_tokens_purpose_known CHECK (purpose in ('verify', 'reset', 'second_factor', 'link'))
);
CREATE INDEX ix_user_tokens_user ON user_tokens (user_id, purpose);
CREATE INDEX ix_user_tokens_expires ON user_tokens (expires_at);

CREATE TABLE user_identities (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user_id UUID NOT NULL,
  email TEXT,
  linked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_user_identities PRIMARY KEY (issuer, subject),
  CONSTRAINT fk_user_identities_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_user_identities_user ON user_identities (user_id);

CREATE TABLE recovery_codes (
  user_id UUID NOT NULL,
  code_hash BYTEA NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_recovery_codes PRIMARY KEY (user_id, code_hash),
  CONSTRAINT fk_recovery_codes_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);

CREATE TABLE known_devices (
  user_id UUID NOT NULL,
  device_hash BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_known_devices PRIMARY KEY (user_id, device_hash),
  CONSTRAINT fk_known_devices_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);

CREATE TABLE auth_events (
  event_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  kind TEXT NOT NULL,
  is_success BOOLEAN NOT NULL,
  user_id UUID,
  email_hash BYTEA,
  address TEXT,
  user_agent TEXT,
  reason TEXT,
  request_id TEXT,
  CONSTRAINT pk_auth_events PRIMARY KEY (event_id)
);
CREATE INDEX ix_auth_events_at ON auth_events (at);
CREATE INDEX ix_auth_events_user ON auth_events (user_id, at DESC);

DO $$ declare name text; begin
  foreach name in array array['sessions', 'user_tokens', 'user_identities', 'recovery_codes', 'known_devices', 'auth_events'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('revoke all on %I from public', name);
    execute format('create policy definer on %I to whyral_definer using (true) with check (true)', name);
    execute format('grant select, insert, delete on %I to whyral_definer', name);
    if name <> 'auth_events' then execute format('grant update on %I to whyral_definer', name); end if;
  end loop;
end $$;

CREATE TABLE invitations (
  tenant_id UUID NOT NULL,
  invitation_id UUID NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  token_hash BYTEA NOT NULL,
  invited_by UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  accepted_at TIMESTAMP WITH TIME ZONE,
  accepted_by UUID,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_invitations PRIMARY KEY (tenant_id, invitation_id),
  CONSTRAINT fk_invitations_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE,
  CONSTRAINT ck_invitations_role_known CHECK (role in ('admin', 'member', 'viewer'))
);
CREATE INDEX ix_invitations_token_hash ON invitations (token_hash);
alter table invitations enable row level security;
alter table invitations force row level security;
revoke all on invitations from public;
create policy tenant on invitations to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on invitations to whyral_app;
create policy definer on invitations to whyral_definer using (true) with check (true);
grant select, insert, update, delete on invitations to whyral_definer;

grant create on schema app to whyral_definer;
-- A session that is live opens a workspace of its user: by its id, which a signed token names, or by the secret of a cookie.
create function app.enter_session(wanted_session uuid, secret bytea, wanted uuid)
  returns table (tenant_id uuid, user_id uuid, session_id uuid, role text, impersonator uuid, second_factor_at timestamptz, is_platform_admin boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select s.session_id, s.user_id, coalesce(wanted, s.tenant_id) as tenant_id, m.role, s.impersonator, s.second_factor_at, u.is_platform_admin, s.used_at
    into held
    from sessions s join users u on u.user_id = s.user_id join memberships m on m.user_id = s.user_id and m.tenant_id = coalesce(wanted, s.tenant_id)
   where (s.session_id = wanted_session or (wanted_session is null and s.secret_hash = secret))
     and s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp() and u.is_active;
  if not found then return; end if;
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
revoke all on function app.enter_session(uuid, bytea, uuid) from public;
grant execute on function app.enter_session(uuid, bytea, uuid) to whyral_app;
alter function app.enter_session(uuid, bytea, uuid) owner to whyral_definer;

create function app.open_session(new_session uuid, member uuid, workspace uuid, what text, secret bytea, good_for interval, at_most interval,
    factor boolean, seen_at text, seen_agent text, by_whom uuid, because text)
  returns void language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into sessions (session_id, user_id, tenant_id, kind, secret_hash, expires_at, ends_at, second_factor_at, address, user_agent, impersonator, reason)
    values (new_session, member, workspace, what, secret, clock_timestamp() + least(good_for, at_most), clock_timestamp() + at_most,
      case when factor then clock_timestamp() end, seen_at, left(seen_agent, 300), by_whom, because);
end$body$;
revoke all on function app.open_session(uuid, uuid, uuid, text, bytea, interval, interval, boolean, text, text, uuid, text) from public;
grant execute on function app.open_session(uuid, uuid, uuid, text, bytea, interval, interval, boolean, text, text, uuid, text) to whyral_app;
alter function app.open_session(uuid, uuid, uuid, text, bytea, interval, interval, boolean, text, text, uuid, text) owner to whyral_definer;

create function app.end_session(wanted_session uuid, because text) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update sessions s set ended_at = clock_timestamp(), end_reason = because where s.session_id = wanted_session and s.ended_at is null;
  return found;
end$body$;
revoke all on function app.end_session(uuid, text) from public;
grant execute on function app.end_session(uuid, text) to whyral_app;
alter function app.end_session(uuid, text) owner to whyral_definer;

create function app.note_auth(new_event uuid, what text, went_well boolean, member uuid, address_hash bytea, seen_at text, seen_agent text, because text, request text)
  returns void language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into auth_events (event_id, kind, is_success, user_id, email_hash, address, user_agent, reason, request_id)
    values (new_event, what, went_well, member, address_hash, seen_at, left(seen_agent, 300), because, request);
end$body$;
revoke all on function app.note_auth(uuid, text, boolean, uuid, bytea, text, text, text, text) from public;
grant execute on function app.note_auth(uuid, text, boolean, uuid, bytea, text, text, text, text) to whyral_app;
alter function app.note_auth(uuid, text, boolean, uuid, bytea, text, text, text, text) owner to whyral_definer;
revoke create on schema app from whyral_definer;
