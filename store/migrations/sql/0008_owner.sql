-- What the owner of a channel is told; forced row-level security and grants as `store.rls.protect` makes them.

CREATE TABLE owner_reports (
  tenant_id UUID NOT NULL,
  channel_id UUID NOT NULL,
  report TEXT NOT NULL CONSTRAINT ck_owner_reports_report_known CHECK (report in ('daily', 'demographics', 'geography', 'devices', 'traffic', 'subscribers', 'playback_locations', 'revenue', 'retention')),
  video_id UUID NOT NULL,
  first_day DATE NOT NULL,
  last_day DATE NOT NULL,
  dimensions TEXT[] NOT NULL,
  metric TEXT NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE NOT NULL,
  day DATE,
  value NUMERIC(20, 6),
  source TEXT NOT NULL,
  CONSTRAINT pk_owner_reports PRIMARY KEY (tenant_id, channel_id, report, video_id, first_day, last_day, dimensions, metric, known_at),
  CONSTRAINT ck_owner_reports_window_forward CHECK (first_day <= last_day and (day is null or (day = first_day and day = last_day)))
);
alter table owner_reports enable row level security;
alter table owner_reports force row level security;
revoke all on owner_reports from public;
create policy tenant on owner_reports to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on owner_reports to whyral_app;

CREATE TABLE owner_availability (
  tenant_id UUID NOT NULL,
  channel_id UUID NOT NULL,
  report TEXT NOT NULL CONSTRAINT ck_owner_availability_report_known CHECK (report in ('daily', 'demographics', 'geography', 'devices', 'traffic', 'subscribers', 'playback_locations', 'revenue', 'retention')),
  video_id UUID NOT NULL,
  is_available BOOLEAN NOT NULL,
  reason TEXT,
  detail TEXT,
  first_day DATE,
  last_day DATE,
  read_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_owner_availability PRIMARY KEY (tenant_id, channel_id, report, video_id),
  CONSTRAINT ck_owner_availability_reason_where_unavailable CHECK (is_available = (reason is null))
);
alter table owner_availability enable row level security;
alter table owner_availability force row level security;
revoke all on owner_availability from public;
create policy tenant on owner_availability to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on owner_availability to whyral_app;

CREATE TABLE channel_videos (
  tenant_id UUID NOT NULL,
  channel_id UUID NOT NULL,
  video_id UUID NOT NULL,
  visibility TEXT CONSTRAINT ck_channel_videos_visibility_known CHECK (visibility in ('public', 'unlisted', 'private')),
  listed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  gone_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_channel_videos PRIMARY KEY (tenant_id, channel_id, video_id),
  CONSTRAINT fk_channel_videos_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE
);
CREATE INDEX ix_channel_videos_video ON channel_videos (tenant_id, video_id);
alter table channel_videos enable row level security;
alter table channel_videos force row level security;
revoke all on channel_videos from public;
create policy tenant on channel_videos to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on channel_videos to whyral_app;

CREATE TABLE channel_syncs (
  tenant_id UUID NOT NULL,
  channel_id UUID NOT NULL,
  request_id UUID NOT NULL,
  began_at TIMESTAMP WITH TIME ZONE NOT NULL,
  finished_at TIMESTAMP WITH TIME ZONE,
  error JSONB,
  listing_began_at TIMESTAMP WITH TIME ZONE,
  is_listing_full BOOLEAN DEFAULT false NOT NULL,
  next_page TEXT,
  posts_listed BIGINT DEFAULT '0' NOT NULL,
  resumes BIGINT DEFAULT '0' NOT NULL,
  listed_at TIMESTAMP WITH TIME ZONE,
  reports_read_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_channel_syncs PRIMARY KEY (tenant_id, channel_id)
);
alter table channel_syncs enable row level security;
alter table channel_syncs force row level security;
revoke all on channel_syncs from public;
create policy tenant on channel_syncs to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on channel_syncs to whyral_app;
create policy system on channel_syncs to whyral_system using (true) with check (true);
grant select, insert, update, delete on channel_syncs to whyral_system;

CREATE TABLE channel_stats (
  tenant_id UUID NOT NULL,
  channel_id UUID NOT NULL,
  as_of TIMESTAMP WITH TIME ZONE NOT NULL,
  videos BIGINT NOT NULL CONSTRAINT ck_channel_stats_videos_not_negative CHECK (videos >= 0),
  views BIGINT CONSTRAINT ck_channel_stats_views_not_negative CHECK (views >= 0),
  likes BIGINT CONSTRAINT ck_channel_stats_likes_not_negative CHECK (likes >= 0),
  comments BIGINT CONSTRAINT ck_channel_stats_comments_not_negative CHECK (comments >= 0),
  subscribers BIGINT CONSTRAINT ck_channel_stats_subscribers_not_negative CHECK (subscribers >= 0),
  newest_observation TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_channel_stats PRIMARY KEY (tenant_id, channel_id)
);
alter table channel_stats enable row level security;
alter table channel_stats force row level security;
revoke all on channel_stats from public;
create policy tenant on channel_stats to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on channel_stats to whyral_app;
