-- The insight engine: measured features, further kinds of releases and their sections, forecasts; what effects are about.

alter table accounts add column time_zone text;
alter table videos add column is_promoted boolean;

alter table releases add column data_versions jsonb default '{}' not null;
alter table releases drop constraint ck_releases_kind_known;
alter table releases add constraint ck_releases_kind_known
  check (kind in ('scores', 'forecasts', 'effects', 'deep', 'next', 'anomalies'));

alter table effects add column effect_id uuid default gen_random_uuid() not null;
alter table effects add column outcome text default 'reach' not null;
alter table effects add column kind text default 'feature' not null;
alter table effects add column topic text default 'title' not null;
alter table effects add column scope uuid default '00000000-0000-0000-0000-000000000000' not null;
create unique index uq_effects_id on effects (tenant_id, effect_id);

CREATE TABLE video_features (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  version TEXT NOT NULL,
  figures JSONB NOT NULL,
  words JSONB DEFAULT '{}' NOT NULL,
  computed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_video_features PRIMARY KEY (tenant_id, video_id),
  CONSTRAINT fk_video_features_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE
);
alter table video_features enable row level security;
alter table video_features force row level security;
revoke all on video_features from public;
create policy tenant on video_features to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on video_features to whyral_app;

CREATE TABLE findings (
  tenant_id UUID NOT NULL,
  release_id UUID NOT NULL,
  scope UUID NOT NULL,
  section TEXT NOT NULL,
  figures JSONB NOT NULL,
  CONSTRAINT pk_findings PRIMARY KEY (tenant_id, release_id, scope, section),
  CONSTRAINT fk_findings_releases FOREIGN KEY(tenant_id, release_id) REFERENCES releases (tenant_id, release_id) ON DELETE CASCADE
);
alter table findings enable row level security;
alter table findings force row level security;
revoke all on findings from public;
create policy tenant on findings to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on findings to whyral_app;

CREATE TABLE forecasts (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  horizon TEXT NOT NULL,
  release_id UUID NOT NULL,
  age_days DOUBLE PRECISION,
  target_age_days DOUBLE PRECISION,
  views BIGINT NOT NULL CONSTRAINT ck_forecasts_views_not_negative CHECK (views >= 0),
  predicted DOUBLE PRECISION,
  low DOUBLE PRECISION,
  high DOUBLE PRECISION,
  level DOUBLE PRECISION NOT NULL,
  velocity DOUBLE PRECISION,
  velocity_multiple DOUBLE PRECISION,
  reason TEXT,
  CONSTRAINT pk_forecasts PRIMARY KEY (tenant_id, video_id, horizon),
  CONSTRAINT fk_forecasts_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE,
  CONSTRAINT fk_forecasts_releases FOREIGN KEY(tenant_id, release_id) REFERENCES releases (tenant_id, release_id)
);
alter table forecasts enable row level security;
alter table forecasts force row level security;
revoke all on forecasts from public;
create policy tenant on forecasts to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on forecasts to whyral_app;
