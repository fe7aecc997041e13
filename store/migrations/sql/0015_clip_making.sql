-- Whose video a file is, words with times of their own, what a look at a video saw, parts that could be clips, and how clips were made.

ALTER TABLE media
  ADD COLUMN video_id UUID,
  ADD COLUMN origin TEXT DEFAULT 'upload' NOT NULL CONSTRAINT ck_media_origin_known CHECK (origin in ('upload', 'download')),
  ADD COLUMN script TEXT,
  ADD COLUMN heat JSONB,
  ADD COLUMN used_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  ADD COLUMN expired_at TIMESTAMP WITH TIME ZONE,
  ADD CONSTRAINT fk_media_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE SET NULL (video_id);
CREATE INDEX ix_media_video ON media (tenant_id, video_id);

ALTER TABLE transcripts
  DROP CONSTRAINT ck_transcripts_source_known,
  ADD CONSTRAINT ck_transcripts_source_known CHECK (source in ('upload', 'track', 'platform', 'script', 'speech')),
  ADD COLUMN timed JSONB DEFAULT '[]' NOT NULL,
  ADD COLUMN chapters JSONB DEFAULT '[]' NOT NULL,
  ADD COLUMN turns JSONB DEFAULT '[]' NOT NULL,
  ADD COLUMN model TEXT,
  ADD COLUMN error_rate DOUBLE PRECISION;

CREATE TABLE media_analyses (
  tenant_id UUID NOT NULL,
  media_id UUID NOT NULL,
  version TEXT NOT NULL,
  packed BYTEA NOT NULL,
  cuts INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_media_analyses PRIMARY KEY (tenant_id, media_id),
  CONSTRAINT fk_media_analyses_media FOREIGN KEY(tenant_id, media_id) REFERENCES media (tenant_id, media_id) ON DELETE CASCADE
);
alter table media_analyses enable row level security;
alter table media_analyses force row level security;
revoke all on media_analyses from public;
create policy tenant on media_analyses to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on media_analyses to whyral_app;

CREATE TABLE clip_candidates (
  tenant_id UUID NOT NULL,
  candidate_id UUID NOT NULL,
  media_id UUID NOT NULL,
  request_id UUID NOT NULL,
  rank INTEGER NOT NULL,
  start_seconds DOUBLE PRECISION NOT NULL,
  end_seconds DOUBLE PRECISION NOT NULL,
  text TEXT NOT NULL,
  ranking_score DOUBLE PRECISION NOT NULL,
  reasons JSONB NOT NULL,
  absent JSONB NOT NULL,
  method TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_clip_candidates PRIMARY KEY (tenant_id, candidate_id),
  CONSTRAINT fk_clip_candidates_media FOREIGN KEY(tenant_id, media_id) REFERENCES media (tenant_id, media_id) ON DELETE CASCADE,
  CONSTRAINT ck_clip_candidates_span_forward CHECK (start_seconds >= 0 and start_seconds < end_seconds)
);
CREATE INDEX ix_clip_candidates_media ON clip_candidates (tenant_id, media_id, rank);
CREATE INDEX ix_clip_candidates_request ON clip_candidates (tenant_id, request_id);
alter table clip_candidates enable row level security;
alter table clip_candidates force row level security;
revoke all on clip_candidates from public;
create policy tenant on clip_candidates to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on clip_candidates to whyral_app;

ALTER TABLE clips
  DROP CONSTRAINT ck_clips_state_known,
  ADD CONSTRAINT ck_clips_state_known CHECK (state in ('asked', 'suggested', 'rendering', 'checking', 'rendered', 'blocked', 'failed')),
  ADD COLUMN candidate_id UUID,
  ADD COLUMN look JSONB,
  ADD COLUMN pieces JSONB,
  ADD COLUMN shown_words JSONB,
  ADD COLUMN findings JSONB,
  ADD COLUMN fingerprint JSONB,
  ADD COLUMN thumbnail_key TEXT,
  ADD COLUMN thumbnail_sha256 TEXT,
  ADD COLUMN video_id UUID,
  ADD COLUMN published_at TIMESTAMP WITH TIME ZONE,
  ADD COLUMN expired_at TIMESTAMP WITH TIME ZONE,
  ADD CONSTRAINT fk_clips_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE SET NULL (video_id);
DROP INDEX uq_clips_request;
CREATE INDEX ix_clips_request ON clips (tenant_id, request_id);
CREATE INDEX ix_clips_video ON clips (tenant_id, video_id);
CREATE INDEX ix_clips_thumbnail ON clips (tenant_id, thumbnail_sha256);

ALTER TABLE plans ADD COLUMN clip_watermark TEXT;
update plans set clip_watermark = 'made with Whyral' where plan = 'free';
