-- Channels, the grants that connect them, and consents on their way; forced row-level security and grants as `store.rls.protect` makes them.

CREATE TABLE channels (
  tenant_id UUID NOT NULL,
  channel_id UUID NOT NULL,
  user_id UUID NOT NULL,
  account_id UUID,
  platform TEXT NOT NULL CONSTRAINT ck_channels_platform_known CHECK (platform in ('youtube')),
  external_id TEXT,
  handle TEXT,
  name TEXT NOT NULL,
  description TEXT,
  niche TEXT NOT NULL,
  status TEXT DEFAULT 'pending_oauth' NOT NULL,
  automation_enabled BOOLEAN DEFAULT true NOT NULL,
  daily_video_limit INTEGER DEFAULT '5' NOT NULL,
  upload_time_utc TEXT,
  settings JSONB DEFAULT '{}' NOT NULL,
  metadata JSONB DEFAULT '{}' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  archived_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_channels PRIMARY KEY (tenant_id, channel_id),
  CONSTRAINT ck_channels_status_known CHECK (status in ('pending_oauth', 'active', 'paused', 'needs_reauth', 'suspended', 'archived')),
  CONSTRAINT ck_channels_daily_videos_few CHECK (daily_video_limit between 0 and 100),
  CONSTRAINT fk_channels_memberships FOREIGN KEY(tenant_id, user_id) REFERENCES memberships (tenant_id, user_id)
);
CREATE INDEX ix_channels_newest ON channels (tenant_id, created_at desc, channel_id);
CREATE INDEX ix_channels_user ON channels (tenant_id, user_id);
CREATE UNIQUE INDEX uq_channels_external ON channels (tenant_id, platform, external_id) WHERE external_id is not null;
alter table channels enable row level security;
alter table channels force row level security;
revoke all on channels from public;
create policy tenant on channels to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on channels to whyral_app;
create policy system on channels to whyral_system using (true) with check (true);
grant select, insert, update, delete on channels to whyral_system;

CREATE TABLE connections (
  tenant_id UUID NOT NULL,
  connection_id UUID NOT NULL,
  channel_id UUID NOT NULL,
  user_id UUID NOT NULL,
  provider TEXT NOT NULL CONSTRAINT ck_connections_provider_known CHECK (provider in ('google')),
  external_id TEXT NOT NULL,
  status TEXT NOT NULL,
  asked_scopes TEXT[] NOT NULL,
  scopes TEXT[] NOT NULL,
  access_token BYTEA,
  refresh_token BYTEA,
  expires_at TIMESTAMP WITH TIME ZONE,
  generation INTEGER DEFAULT '1' NOT NULL,
  refresh_asked_at TIMESTAMP WITH TIME ZONE,
  refreshing_until TIMESTAMP WITH TIME ZONE,
  refreshing_by UUID,
  refreshed_at TIMESTAMP WITH TIME ZONE,
  error JSONB,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  revoked_at TIMESTAMP WITH TIME ZONE,
  revoke_tries INTEGER DEFAULT '0' NOT NULL,
  revoke_not_before TIMESTAMP WITH TIME ZONE,
  delete_after TIMESTAMP WITH TIME ZONE,
  tokens_deleted_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_connections PRIMARY KEY (tenant_id, connection_id),
  CONSTRAINT ck_connections_status_known CHECK (status in ('live', 'needs_reauth', 'revoking', 'revoked')),
  CONSTRAINT ck_connections_held_has_token CHECK (status not in ('live', 'needs_reauth') or refresh_token is not null),
  CONSTRAINT ck_connections_revoked_has_none CHECK (status <> 'revoked' or (access_token is null and refresh_token is null)),
  CONSTRAINT ck_connections_ended_has_a_date CHECK (status not in ('revoking', 'revoked') or revoked_at is not null),
  CONSTRAINT fk_connections_channels FOREIGN KEY(tenant_id, channel_id) REFERENCES channels (tenant_id, channel_id) ON DELETE CASCADE
);
CREATE INDEX ix_connections_channel ON connections (tenant_id, channel_id, created_at desc);
CREATE INDEX ix_connections_live ON connections (created_at) WHERE status = 'live';
CREATE INDEX ix_connections_revoking ON connections (revoke_not_before) WHERE status = 'revoking';
CREATE UNIQUE INDEX uq_connections_held ON connections (tenant_id, channel_id) WHERE status in ('live', 'needs_reauth');
alter table connections enable row level security;
alter table connections force row level security;
revoke all on connections from public;
create policy tenant on connections to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on connections to whyral_app;
create policy system on connections to whyral_system using (true) with check (true);
grant select, insert, update, delete on connections to whyral_system;

CREATE TABLE oauth_states (
  state_hash BYTEA NOT NULL,
  browser_hash BYTEA NOT NULL,
  purpose TEXT NOT NULL CONSTRAINT ck_oauth_states_purpose_known CHECK (purpose in ('connect')),
  tenant_id UUID,
  user_id UUID,
  channel_id UUID,
  verifier BYTEA NOT NULL,
  scopes TEXT[] NOT NULL,
  return_to TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_oauth_states PRIMARY KEY (state_hash),
  CONSTRAINT ck_oauth_states_connect_whole CHECK (purpose <> 'connect' or (tenant_id is not null and user_id is not null and channel_id is not null))
);
CREATE INDEX ix_oauth_states_expires_at ON oauth_states (expires_at);
alter table oauth_states enable row level security;
alter table oauth_states force row level security;
revoke all on oauth_states from public;
create policy system on oauth_states to whyral_system using (true) with check (true);
grant select, insert, update, delete on oauth_states to whyral_system;
create policy definer on oauth_states to whyral_definer using (true) with check (true);
grant select, insert, update, delete on oauth_states to whyral_definer;

-- A consent that was begun: for a member of the workspace that the transaction has entered.
grant create on schema app to whyral_definer;
create function app.put_oauth_state(hash bytea, browser bytea, member uuid, channel uuid, sealed bytea, wanted text[], back text, life interval)
  returns boolean language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into oauth_states (state_hash, browser_hash, purpose, tenant_id, user_id, channel_id, verifier, scopes, return_to, expires_at)
    select hash, browser, 'connect', m.tenant_id, m.user_id, channel, sealed, wanted, back, clock_timestamp() + life
      from memberships m where m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and m.user_id = member;
  return found;
end$body$;

revoke all on function app.put_oauth_state(bytea, bytea, uuid, uuid, bytea, text[], text, interval) from public;
grant execute on function app.put_oauth_state(bytea, bytea, uuid, uuid, bytea, text[], text, interval) to whyral_app;
alter function app.put_oauth_state(bytea, bytea, uuid, uuid, bytea, text[], text, interval) owner to whyral_definer;
-- Before a tenant is known: the consent that this state stands for, once, and only for the browser in which it was begun.
create function app.take_oauth_state(hash bytea, browser bytea)
  returns table (outcome text, tenant_id uuid, user_id uuid, channel_id uuid, verifier bytea, scopes text[], return_to text)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held oauth_states%rowtype;
begin
  select s.* into held from oauth_states s where s.state_hash = hash for update;
  outcome := case when held.state_hash is null then 'unknown' when held.browser_hash is distinct from browser then 'foreign'
    when held.used_at is not null then 'used' when held.expires_at <= clock_timestamp() then 'expired' else 'taken' end;
  if outcome = 'taken' then
    update oauth_states s set used_at = clock_timestamp() where s.state_hash = hash;
    tenant_id := held.tenant_id; user_id := held.user_id; channel_id := held.channel_id;
    verifier := held.verifier; scopes := held.scopes; return_to := held.return_to;
  end if;
  return next;
end$body$;

revoke all on function app.take_oauth_state(bytea, bytea) from public;
grant execute on function app.take_oauth_state(bytea, bytea) to whyral_app;
alter function app.take_oauth_state(bytea, bytea) owner to whyral_definer;
revoke create on schema app from whyral_definer;

-- A connection is onboarded by one request, however often that is tried.
create unique index uq_requests_onboarding on requests (tenant_id, subject) where kind = 'sync' and subject like 'onboard:%';

-- How many channels one member may own.
update plans set limits = limits || '{"channels": {"limit": 5, "period": "total"}}' where plan = 'free';
