-- Tables, indexes, policies and grants of the foundation. Frozen: a later change is a later migration.

CREATE TABLE accounts (
  tenant_id UUID NOT NULL,
  account_id UUID NOT NULL,
  platform TEXT NOT NULL CONSTRAINT ck_accounts_platform_known CHECK (platform in ('tiktok', 'youtube', 'instagram', 'x')),
  identity TEXT NOT NULL,
  known_as TEXT[] DEFAULT '{}' NOT NULL,
  external_id TEXT,
  username TEXT,
  title TEXT,
  description TEXT,
  avatar_url TEXT,
  is_verified BOOLEAN,
  is_provisional BOOLEAN DEFAULT false NOT NULL,
  followers BIGINT CONSTRAINT ck_accounts_followers_not_negative CHECK (followers >= 0),
  following BIGINT CONSTRAINT ck_accounts_following_not_negative CHECK (following >= 0),
  declared_videos BIGINT CONSTRAINT ck_accounts_declared_videos_not_negative CHECK (declared_videos >= 0),
  declared_likes BIGINT CONSTRAINT ck_accounts_declared_likes_not_negative CHECK (declared_likes >= 0),
  source TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_accounts PRIMARY KEY (tenant_id, account_id)
);
CREATE INDEX ix_accounts_title ON accounts (tenant_id, platform, lower(title));
CREATE INDEX ix_accounts_username ON accounts (tenant_id, platform, lower(username));
CREATE UNIQUE INDEX uq_accounts_identity ON accounts (tenant_id, platform, identity);
alter table accounts enable row level security;
alter table accounts force row level security;
revoke all on accounts from public;
create policy tenant on accounts to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on accounts to whyral_app;

CREATE TABLE alerts (
  tenant_id UUID NOT NULL,
  alert_id UUID NOT NULL,
  dedupe_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity TEXT NOT NULL CONSTRAINT ck_alerts_severity_known CHECK (severity in ('info', 'warning', 'critical')),
  title TEXT NOT NULL,
  details JSONB DEFAULT '{}' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  resolved_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_alerts PRIMARY KEY (tenant_id, alert_id)
);
CREATE INDEX ix_alerts_newest ON alerts (tenant_id, created_at desc);
CREATE UNIQUE INDEX uq_alerts_open ON alerts (tenant_id, dedupe_key) WHERE resolved_at is null;
alter table alerts enable row level security;
alter table alerts force row level security;
revoke all on alerts from public;
create policy tenant on alerts to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on alerts to whyral_app;
create policy system on alerts to whyral_system using (true) with check (true);
grant select, insert, update, delete on alerts to whyral_system;

CREATE TABLE audit_log (
  tenant_id UUID NOT NULL,
  entry_id UUID NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  actor UUID,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  details JSONB DEFAULT '{}' NOT NULL,
  request_id TEXT,
  CONSTRAINT pk_audit_log PRIMARY KEY (tenant_id, entry_id)
);
CREATE INDEX ix_audit_log_newest ON audit_log (tenant_id, at desc);
alter table audit_log enable row level security;
alter table audit_log force row level security;
revoke all on audit_log from public;
create policy tenant on audit_log to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert on audit_log to whyral_app;

CREATE TABLE idempotency_keys (
  tenant_id UUID NOT NULL,
  key TEXT NOT NULL,
  route TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  headers JSONB NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_idempotency_keys PRIMARY KEY (tenant_id, key)
);
CREATE INDEX ix_idempotency_keys_expiry ON idempotency_keys (expires_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
revoke all on idempotency_keys from public;
create policy tenant on idempotency_keys to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on idempotency_keys to whyral_app;
create policy system on idempotency_keys to whyral_system using (true) with check (true);
grant select, insert, update, delete on idempotency_keys to whyral_system;

CREATE TABLE imports (
  tenant_id UUID NOT NULL,
  import_id UUID NOT NULL,
  request_id UUID,
  file_name TEXT,
  file_key TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  params JSONB NOT NULL,
  selection TEXT,
  format TEXT,
  encoding TEXT,
  notes JSONB DEFAULT '[]' NOT NULL,
  rows BIGINT DEFAULT '0' NOT NULL,
  accepted BIGINT DEFAULT '0' NOT NULL,
  updated BIGINT DEFAULT '0' NOT NULL,
  unchanged BIGINT DEFAULT '0' NOT NULL,
  rejected BIGINT DEFAULT '0' NOT NULL,
  videos BIGINT DEFAULT '0' NOT NULL,
  observations BIGINT DEFAULT '0' NOT NULL,
  report_key TEXT,
  error JSONB,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  recognised_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_imports PRIMARY KEY (tenant_id, import_id)
);
CREATE INDEX ix_imports_file ON imports (tenant_id, sha256);
CREATE INDEX ix_imports_newest ON imports (tenant_id, created_at desc, import_id);
alter table imports enable row level security;
alter table imports force row level security;
revoke all on imports from public;
create policy tenant on imports to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on imports to whyral_app;

CREATE TABLE ledger_caps (
  tenant_id UUID NOT NULL,
  period TEXT NOT NULL CONSTRAINT ck_ledger_caps_period_known CHECK (period in ('day', 'month')),
  cap_usd NUMERIC(20, 10) NOT NULL CONSTRAINT ck_ledger_caps_cap_not_negative CHECK (cap_usd >= 0),
  CONSTRAINT pk_ledger_caps PRIMARY KEY (tenant_id, period)
);
alter table ledger_caps enable row level security;
alter table ledger_caps force row level security;
revoke all on ledger_caps from public;
create policy tenant on ledger_caps to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on ledger_caps to whyral_app;

CREATE TABLE ledger_days (
  tenant_id UUID NOT NULL,
  day DATE NOT NULL,
  reserved_usd NUMERIC(20, 10) NOT NULL CONSTRAINT ck_ledger_days_reserved_not_negative CHECK (reserved_usd >= 0),
  spent_usd NUMERIC(20, 10) NOT NULL CONSTRAINT ck_ledger_days_spent_not_negative CHECK (spent_usd >= 0),
  CONSTRAINT pk_ledger_days PRIMARY KEY (tenant_id, day)
);
alter table ledger_days enable row level security;
alter table ledger_days force row level security;
revoke all on ledger_days from public;
create policy tenant on ledger_days to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update on ledger_days to whyral_app;
create policy system on ledger_days to whyral_system using (true) with check (true);
grant select, insert, update on ledger_days to whyral_system;

CREATE TABLE outbox (
  tenant_id UUID NOT NULL,
  message_id UUID NOT NULL,
  dedupe_key TEXT NOT NULL,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT ck_outbox_state_known CHECK (state in ('pending', 'sending', 'sent', 'failed')),
  attempts INTEGER DEFAULT '0' NOT NULL,
  error TEXT,
  not_before TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_outbox PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX ix_outbox_open ON outbox (not_before) WHERE state in ('pending', 'sending');
CREATE UNIQUE INDEX uq_outbox_dedupe ON outbox (tenant_id, dedupe_key);
alter table outbox enable row level security;
alter table outbox force row level security;
revoke all on outbox from public;
create policy tenant on outbox to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on outbox to whyral_app;
create policy system on outbox to whyral_system using (true) with check (true);
grant select, insert, update, delete on outbox to whyral_system;

CREATE TABLE plans (
  plan TEXT NOT NULL,
  title TEXT NOT NULL,
  limits JSONB NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_plans PRIMARY KEY (plan)
);
alter table plans enable row level security;
alter table plans force row level security;
revoke all on plans from public;
create policy readable on plans for select using (true);
grant select on plans to whyral_app, whyral_system, whyral_definer;
create policy kept on plans to whyral_owner using (true) with check (true);

CREATE TABLE rate_limits (
  bucket TEXT NOT NULL,
  tokens DOUBLE PRECISION NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_rate_limits PRIMARY KEY (bucket)
);
CREATE INDEX ix_rate_limits_updated_at ON rate_limits (updated_at);
alter table rate_limits enable row level security;
alter table rate_limits force row level security;
revoke all on rate_limits from public;
create policy definer on rate_limits to whyral_definer using (true) with check (true);
grant select, insert, update, delete on rate_limits to whyral_definer;

CREATE TABLE releases (
  tenant_id UUID NOT NULL,
  release_id UUID NOT NULL,
  kind TEXT NOT NULL,
  method TEXT NOT NULL,
  code_version TEXT NOT NULL,
  params JSONB NOT NULL,
  seed BIGINT NOT NULL,
  inputs_hash TEXT NOT NULL,
  outputs_hash TEXT NOT NULL,
  inputs_count BIGINT NOT NULL,
  inputs BYTEA,
  as_of TIMESTAMP WITH TIME ZONE NOT NULL,
  newest_observation TIMESTAMP WITH TIME ZONE,
  request_id UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_releases PRIMARY KEY (tenant_id, release_id),
  CONSTRAINT ck_releases_kind_known CHECK (kind in ('scores', 'effects'))
);
CREATE INDEX ix_releases_newest ON releases (tenant_id, kind, created_at desc);
alter table releases enable row level security;
alter table releases force row level security;
revoke all on releases from public;
create policy tenant on releases to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on releases to whyral_app;

CREATE TABLE requests (
  tenant_id UUID NOT NULL,
  request_id UUID NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  claim_on TEXT NOT NULL,
  params JSONB DEFAULT '{}' NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER DEFAULT '1' NOT NULL,
  max_attempts INTEGER DEFAULT '3' NOT NULL,
  launches INTEGER DEFAULT '0' NOT NULL,
  run_id TEXT,
  steps_done JSONB DEFAULT '[]' NOT NULL,
  lease_until TIMESTAMP WITH TIME ZONE,
  progress DOUBLE PRECISION DEFAULT '0' NOT NULL,
  note TEXT DEFAULT '' NOT NULL,
  error JSONB,
  is_cancel_requested BOOLEAN DEFAULT false NOT NULL,
  version BIGINT DEFAULT '0' NOT NULL,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  not_before TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  launched_at TIMESTAMP WITH TIME ZONE,
  started_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_requests PRIMARY KEY (tenant_id, request_id),
  CONSTRAINT ck_requests_state_known CHECK (state in ('pending', 'launched', 'running', 'succeeded', 'failed', 'canceled', 'skipped')),
  CONSTRAINT ck_requests_progress_share CHECK (progress between 0 and 1)
);
CREATE INDEX ix_requests_newest ON requests (tenant_id, created_at desc, request_id);
CREATE INDEX ix_requests_open ON requests (state, not_before) WHERE state in ('pending', 'launched', 'running');
CREATE UNIQUE INDEX uq_requests_live_claim ON requests (tenant_id, claim_on) WHERE state = 'running';
CREATE UNIQUE INDEX uq_requests_run ON requests (tenant_id, run_id) WHERE run_id is not null;
alter table requests enable row level security;
alter table requests force row level security;
revoke all on requests from public;
create policy tenant on requests to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on requests to whyral_app;
create policy system on requests to whyral_system using (true) with check (true);
grant select, insert, update, delete on requests to whyral_system;

CREATE TABLE reservations (
  tenant_id UUID NOT NULL,
  operation TEXT NOT NULL,
  subject TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT ck_reservations_state_known CHECK (state in ('reserved', 'committed', 'released', 'unknown')),
  reserved_usd NUMERIC(20, 10) NOT NULL CONSTRAINT ck_reservations_reserved_not_negative CHECK (reserved_usd >= 0),
  spent_usd NUMERIC(20, 10) CONSTRAINT ck_reservations_spent_not_negative CHECK (spent_usd >= 0),
  day DATE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  began_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_reservations PRIMARY KEY (tenant_id, operation)
);
CREATE INDEX ix_reservations_open ON reservations (expires_at) WHERE state = 'reserved';
CREATE INDEX ix_reservations_overage ON reservations (tenant_id, subject) WHERE spent_usd > reserved_usd;
alter table reservations enable row level security;
alter table reservations force row level security;
revoke all on reservations from public;
create policy tenant on reservations to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update on reservations to whyral_app;
create policy system on reservations to whyral_system using (true) with check (true);
grant select, insert, update on reservations to whyral_system;

CREATE TABLE tenants (
  tenant_id UUID NOT NULL,
  name TEXT NOT NULL,
  is_demo BOOLEAN DEFAULT false NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_tenants PRIMARY KEY (tenant_id)
);
alter table tenants enable row level security;
alter table tenants force row level security;
revoke all on tenants from public;
create policy tenant on tenants to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on tenants to whyral_app;
create policy system on tenants to whyral_system using (true) with check (true);
grant select, insert, update, delete on tenants to whyral_system;
create policy definer on tenants to whyral_definer using (true) with check (true);
grant select, insert, update, delete on tenants to whyral_definer;

CREATE TABLE usage_counters (
  tenant_id UUID NOT NULL,
  meter TEXT NOT NULL,
  period_start DATE NOT NULL,
  used BIGINT NOT NULL CONSTRAINT ck_usage_counters_used_not_negative CHECK (used >= 0),
  CONSTRAINT pk_usage_counters PRIMARY KEY (tenant_id, meter, period_start)
);
alter table usage_counters enable row level security;
alter table usage_counters force row level security;
revoke all on usage_counters from public;
create policy tenant on usage_counters to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on usage_counters to whyral_app;

CREATE TABLE usage_takes (
  tenant_id UUID NOT NULL,
  operation TEXT NOT NULL,
  meter TEXT NOT NULL,
  period_start DATE NOT NULL,
  amount BIGINT NOT NULL CONSTRAINT ck_usage_takes_amount_positive CHECK (amount > 0),
  given_back_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_usage_takes PRIMARY KEY (tenant_id, operation)
);
alter table usage_takes enable row level security;
alter table usage_takes force row level security;
revoke all on usage_takes from public;
create policy tenant on usage_takes to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on usage_takes to whyral_app;

CREATE TABLE users (
  user_id UUID NOT NULL,
  email TEXT NOT NULL,
  password_hash TEXT,
  full_name TEXT,
  is_active BOOLEAN DEFAULT true NOT NULL,
  is_verified BOOLEAN DEFAULT false NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_users PRIMARY KEY (user_id)
);
CREATE UNIQUE INDEX uq_users_email ON users (lower(email));
alter table users enable row level security;
alter table users force row level security;
revoke all on users from public;
create policy definer on users to whyral_definer using (true) with check (true);
grant select, insert, update, delete on users to whyral_definer;

CREATE TABLE video_snapshots (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  observed_error_seconds INTEGER DEFAULT '0' NOT NULL,
  views BIGINT CONSTRAINT ck_video_snapshots_views_not_negative CHECK (views >= 0),
  likes BIGINT CONSTRAINT ck_video_snapshots_likes_not_negative CHECK (likes >= 0),
  dislikes BIGINT CONSTRAINT ck_video_snapshots_dislikes_not_negative CHECK (dislikes >= 0),
  comments BIGINT CONSTRAINT ck_video_snapshots_comments_not_negative CHECK (comments >= 0),
  shares BIGINT CONSTRAINT ck_video_snapshots_shares_not_negative CHECK (shares >= 0),
  bookmarks BIGINT CONSTRAINT ck_video_snapshots_bookmarks_not_negative CHECK (bookmarks >= 0),
  source TEXT NOT NULL,
  import_id UUID,
  expires_at TIMESTAMP WITH TIME ZONE,
  recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_video_snapshots PRIMARY KEY (tenant_id, video_id, observed_at)
)
 PARTITION BY RANGE (observed_at);
CREATE TABLE video_snapshots_default PARTITION OF video_snapshots DEFAULT;
alter table video_snapshots_default enable row level security;
alter table video_snapshots_default force row level security;
revoke all on video_snapshots_default from public;
alter table video_snapshots enable row level security;
alter table video_snapshots force row level security;
revoke all on video_snapshots from public;
create policy tenant on video_snapshots to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on video_snapshots to whyral_app;

CREATE TABLE account_days (
  tenant_id UUID NOT NULL,
  account_id UUID NOT NULL,
  day DATE NOT NULL,
  posts BIGINT DEFAULT '0' NOT NULL,
  views_gained BIGINT DEFAULT '0' NOT NULL,
  likes_gained BIGINT DEFAULT '0' NOT NULL,
  comments_gained BIGINT DEFAULT '0' NOT NULL,
  shares_gained BIGINT DEFAULT '0' NOT NULL,
  videos_observed BIGINT DEFAULT '0' NOT NULL,
  CONSTRAINT pk_account_days PRIMARY KEY (tenant_id, account_id, day),
  CONSTRAINT fk_account_days_accounts FOREIGN KEY(tenant_id, account_id) REFERENCES accounts (tenant_id, account_id) ON DELETE CASCADE
);
alter table account_days enable row level security;
alter table account_days force row level security;
revoke all on account_days from public;
create policy tenant on account_days to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on account_days to whyral_app;

CREATE TABLE account_totals (
  tenant_id UUID NOT NULL,
  account_id UUID NOT NULL,
  videos BIGINT DEFAULT '0' NOT NULL,
  views BIGINT DEFAULT '0' NOT NULL,
  likes BIGINT DEFAULT '0' NOT NULL,
  comments BIGINT DEFAULT '0' NOT NULL,
  shares BIGINT DEFAULT '0' NOT NULL,
  median_views DOUBLE PRECISION,
  median_engagement_rate DOUBLE PRECISION,
  posts_per_week DOUBLE PRECISION,
  first_posted_at TIMESTAMP WITH TIME ZONE,
  last_posted_at TIMESTAMP WITH TIME ZONE,
  as_of TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_account_totals PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT fk_account_totals_accounts FOREIGN KEY(tenant_id, account_id) REFERENCES accounts (tenant_id, account_id) ON DELETE CASCADE
);
alter table account_totals enable row level security;
alter table account_totals force row level security;
revoke all on account_totals from public;
create policy tenant on account_totals to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on account_totals to whyral_app;

CREATE TABLE effects (
  tenant_id UUID NOT NULL,
  release_id UUID NOT NULL,
  feature TEXT NOT NULL,
  verdict TEXT NOT NULL,
  figures JSONB NOT NULL,
  CONSTRAINT pk_effects PRIMARY KEY (tenant_id, release_id, feature),
  CONSTRAINT fk_effects_releases FOREIGN KEY(tenant_id, release_id) REFERENCES releases (tenant_id, release_id) ON DELETE CASCADE
);
alter table effects enable row level security;
alter table effects force row level security;
revoke all on effects from public;
create policy tenant on effects to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on effects to whyral_app;

CREATE TABLE ledger_entries (
  tenant_id UUID NOT NULL,
  operation TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT ck_ledger_entries_kind_known CHECK (kind in ('reserve', 'commit', 'surplus', 'overage', 'release', 'unknown')),
  source TEXT NOT NULL CONSTRAINT ck_ledger_entries_source_known CHECK (source in ('available', 'reserved', 'spent')),
  target TEXT NOT NULL CONSTRAINT ck_ledger_entries_target_known CHECK (target in ('available', 'reserved', 'spent')),
  amount_usd NUMERIC(20, 10) NOT NULL CONSTRAINT ck_ledger_entries_amount_positive CHECK (amount_usd > 0),
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_ledger_entries PRIMARY KEY (tenant_id, operation, kind),
  CONSTRAINT ck_ledger_entries_moves CHECK (source <> target),
  CONSTRAINT fk_ledger_entries_reservations FOREIGN KEY(tenant_id, operation) REFERENCES reservations (tenant_id, operation)
);
alter table ledger_entries enable row level security;
alter table ledger_entries force row level security;
revoke all on ledger_entries from public;
create policy tenant on ledger_entries to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert on ledger_entries to whyral_app;
create policy system on ledger_entries to whyral_system using (true) with check (true);
grant select, insert on ledger_entries to whyral_system;

CREATE TABLE memberships (
  tenant_id UUID NOT NULL,
  user_id UUID NOT NULL,
  role TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_memberships PRIMARY KEY (tenant_id, user_id),
  CONSTRAINT ck_memberships_role_known CHECK (role in ('owner', 'admin', 'member', 'viewer')),
  CONSTRAINT fk_memberships_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE,
  CONSTRAINT fk_memberships_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_memberships_user_id ON memberships (user_id);
alter table memberships enable row level security;
alter table memberships force row level security;
revoke all on memberships from public;
create policy tenant on memberships to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on memberships to whyral_app;
create policy definer on memberships to whyral_definer using (true) with check (true);
grant select, insert, update, delete on memberships to whyral_definer;

CREATE TABLE request_events (
  tenant_id UUID NOT NULL,
  request_id UUID NOT NULL,
  version BIGINT NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  progress DOUBLE PRECISION NOT NULL,
  note TEXT NOT NULL,
  error JSONB,
  CONSTRAINT pk_request_events PRIMARY KEY (tenant_id, request_id, version),
  CONSTRAINT fk_request_events_requests FOREIGN KEY(tenant_id, request_id) REFERENCES requests (tenant_id, request_id) ON DELETE CASCADE
);
alter table request_events enable row level security;
alter table request_events force row level security;
revoke all on request_events from public;
create policy tenant on request_events to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on request_events to whyral_app;
create policy system on request_events to whyral_system using (true) with check (true);
grant select, insert, delete on request_events to whyral_system;

CREATE TABLE subscriptions (
  tenant_id UUID NOT NULL,
  plan TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT ck_subscriptions_status_known CHECK (status in ('active', 'trial', 'pending', 'canceling', 'canceled', 'expired')),
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_subscriptions PRIMARY KEY (tenant_id),
  CONSTRAINT fk_subscriptions_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE,
  CONSTRAINT fk_subscriptions_plans FOREIGN KEY(plan) REFERENCES plans (plan)
);
alter table subscriptions enable row level security;
alter table subscriptions force row level security;
revoke all on subscriptions from public;
create policy tenant on subscriptions to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on subscriptions to whyral_app;
create policy definer on subscriptions to whyral_definer using (true) with check (true);
grant select, insert, update, delete on subscriptions to whyral_definer;

CREATE TABLE videos (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  account_id UUID NOT NULL,
  platform TEXT NOT NULL CONSTRAINT ck_videos_platform_known CHECK (platform in ('tiktok', 'youtube', 'instagram', 'x')),
  external_id TEXT NOT NULL,
  url TEXT,
  title TEXT,
  description TEXT,
  thumbnail_url TEXT,
  posted_at TIMESTAMP WITH TIME ZONE,
  posted_error_seconds INTEGER DEFAULT '0' NOT NULL,
  duration_seconds BIGINT CONSTRAINT ck_videos_duration_seconds_not_negative CHECK (duration_seconds >= 0),
  format TEXT,
  category TEXT,
  sound_id TEXT,
  sound_title TEXT,
  tags TEXT[] DEFAULT '{}' NOT NULL,
  hashtags TEXT[] DEFAULT '{}' NOT NULL,
  mentions TEXT[] DEFAULT '{}' NOT NULL,
  is_removed BOOLEAN DEFAULT false NOT NULL,
  selection TEXT NOT NULL,
  missing JSONB DEFAULT '{}' NOT NULL,
  views BIGINT CONSTRAINT ck_videos_views_not_negative CHECK (views >= 0),
  likes BIGINT CONSTRAINT ck_videos_likes_not_negative CHECK (likes >= 0),
  dislikes BIGINT CONSTRAINT ck_videos_dislikes_not_negative CHECK (dislikes >= 0),
  comments BIGINT CONSTRAINT ck_videos_comments_not_negative CHECK (comments >= 0),
  shares BIGINT CONSTRAINT ck_videos_shares_not_negative CHECK (shares >= 0),
  bookmarks BIGINT CONSTRAINT ck_videos_bookmarks_not_negative CHECK (bookmarks >= 0),
  source TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  observed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  search TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', coalesce(title, '') || ' ' || coalesce(description, ''))) STORED,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_videos PRIMARY KEY (tenant_id, video_id),
  CONSTRAINT ck_videos_selection_known CHECK (selection in ('census', 'search', 'trending', 'manual')),
  CONSTRAINT fk_videos_accounts FOREIGN KEY(tenant_id, account_id) REFERENCES accounts (tenant_id, account_id)
);
CREATE INDEX ix_videos_account ON videos (tenant_id, account_id, posted_at desc nulls last);
CREATE INDEX ix_videos_platform_observed ON videos (tenant_id, platform, observed_at);
CREATE INDEX ix_videos_posted ON videos (tenant_id, posted_at desc nulls last, video_id);
CREATE INDEX ix_videos_search ON videos USING gin (search);
CREATE INDEX ix_videos_views ON videos (tenant_id, views desc nulls last, video_id);
CREATE UNIQUE INDEX uq_videos_external ON videos (tenant_id, platform, external_id);
alter table videos enable row level security;
alter table videos force row level security;
revoke all on videos from public;
create policy tenant on videos to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on videos to whyral_app;
create policy definer on videos to whyral_definer using (true) with check (true);
grant select, insert, update, delete on videos to whyral_definer;

CREATE TABLE api_keys (
  tenant_id UUID NOT NULL,
  key_id UUID NOT NULL,
  user_id UUID NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  key_hash BYTEA NOT NULL,
  scopes TEXT[] NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE,
  expires_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_api_keys PRIMARY KEY (tenant_id, key_id),
  CONSTRAINT fk_api_keys_memberships FOREIGN KEY(tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX ix_api_keys_key_hash ON api_keys (key_hash);
alter table api_keys enable row level security;
alter table api_keys force row level security;
revoke all on api_keys from public;
create policy tenant on api_keys to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on api_keys to whyral_app;
create policy definer on api_keys to whyral_definer using (true) with check (true);
grant select, insert, update, delete on api_keys to whyral_definer;

CREATE TABLE owner_metrics (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  metric TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE NOT NULL,
  value NUMERIC(20, 6) NOT NULL,
  source TEXT NOT NULL,
  CONSTRAINT pk_owner_metrics PRIMARY KEY (tenant_id, video_id, metric, known_at),
  CONSTRAINT fk_owner_metrics_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE
);
alter table owner_metrics enable row level security;
alter table owner_metrics force row level security;
revoke all on owner_metrics from public;
create policy tenant on owner_metrics to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on owner_metrics to whyral_app;

CREATE TABLE scores (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  release_id UUID NOT NULL,
  multiple DOUBLE PRECISION,
  low DOUBLE PRECISION,
  high DOUBLE PRECISION,
  shrunk_multiple DOUBLE PRECISION,
  p_outlier DOUBLE PRECISION,
  is_outlier BOOLEAN,
  peers INTEGER NOT NULL,
  age_days DOUBLE PRECISION,
  regime TEXT,
  reason TEXT,
  virality_band TEXT,
  naive_multiple DOUBLE PRECISION,
  naive_band TEXT,
  outcome DOUBLE PRECISION,
  outcome_se DOUBLE PRECISION,
  as_of TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_scores PRIMARY KEY (tenant_id, video_id),
  CONSTRAINT fk_scores_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE,
  CONSTRAINT fk_scores_releases FOREIGN KEY(tenant_id, release_id) REFERENCES releases (tenant_id, release_id)
);
CREATE INDEX ix_scores_multiple ON scores (tenant_id, multiple desc nulls last, video_id);
alter table scores enable row level security;
alter table scores force row level security;
revoke all on scores from public;
create policy tenant on scores to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on scores to whyral_app;

CREATE TABLE video_texts (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  seen_from TIMESTAMP WITH TIME ZONE NOT NULL,
  title TEXT,
  description TEXT,
  thumbnail_hash TEXT,
  source TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_video_texts PRIMARY KEY (tenant_id, video_id, seen_from),
  CONSTRAINT fk_video_texts_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE
);
alter table video_texts enable row level security;
alter table video_texts force row level security;
revoke all on video_texts from public;
create policy tenant on video_texts to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on video_texts to whyral_app;
