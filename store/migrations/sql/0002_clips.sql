-- Media, transcripts and clips; forced row-level security and grants as `store.rls.protect` makes them.

CREATE TABLE media (
  tenant_id UUID NOT NULL,
  media_id UUID NOT NULL,
  request_id UUID NOT NULL,
  file_name TEXT,
  file_key TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  duration_seconds DOUBLE PRECISION NOT NULL CONSTRAINT ck_media_duration_positive CHECK (duration_seconds > 0),
  probe JSONB NOT NULL,
  captions_key TEXT,
  captions_sha256 TEXT,
  captions_language TEXT,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_media PRIMARY KEY (tenant_id, media_id)
);
CREATE INDEX ix_media_file ON media (tenant_id, sha256);
CREATE INDEX ix_media_newest ON media (tenant_id, created_at desc, media_id);
alter table media enable row level security;
alter table media force row level security;
revoke all on media from public;
create policy tenant on media to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on media to whyral_app;

CREATE TABLE transcripts (
  tenant_id UUID NOT NULL,
  media_id UUID NOT NULL,
  source TEXT NOT NULL CONSTRAINT ck_transcripts_source_known CHECK (source in ('upload', 'track')),
  language TEXT,
  version TEXT NOT NULL,
  cues JSONB NOT NULL,
  sentences JSONB NOT NULL,
  words INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_transcripts PRIMARY KEY (tenant_id, media_id),
  CONSTRAINT fk_transcripts_media FOREIGN KEY(tenant_id, media_id) REFERENCES media (tenant_id, media_id) ON DELETE CASCADE
);
alter table transcripts enable row level security;
alter table transcripts force row level security;
revoke all on transcripts from public;
create policy tenant on transcripts to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on transcripts to whyral_app;

CREATE TABLE clips (
  tenant_id UUID NOT NULL,
  clip_id UUID NOT NULL,
  media_id UUID NOT NULL,
  request_id UUID NOT NULL,
  state TEXT NOT NULL,
  min_seconds DOUBLE PRECISION NOT NULL,
  max_seconds DOUBLE PRECISION NOT NULL,
  start_seconds DOUBLE PRECISION,
  end_seconds DOUBLE PRECISION,
  text TEXT,
  ranking_score DOUBLE PRECISION,
  reasons JSONB,
  method TEXT,
  captions JSONB,
  file_key TEXT,
  sha256 TEXT,
  size_bytes BIGINT,
  seconds DOUBLE PRECISION,
  width INTEGER,
  height INTEGER,
  loudness_lufs DOUBLE PRECISION,
  error JSONB,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  rendered_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_clips PRIMARY KEY (tenant_id, clip_id),
  CONSTRAINT fk_clips_media FOREIGN KEY(tenant_id, media_id) REFERENCES media (tenant_id, media_id) ON DELETE CASCADE,
  CONSTRAINT ck_clips_state_known CHECK (state in ('asked', 'suggested', 'rendering', 'rendered', 'failed')),
  CONSTRAINT ck_clips_span_forward CHECK (start_seconds >= 0 and start_seconds < end_seconds),
  CONSTRAINT ck_clips_rendered_has_file CHECK (state <> 'rendered' or (file_key is not null and seconds is not null))
);
CREATE INDEX ix_clips_file ON clips (tenant_id, sha256);
CREATE INDEX ix_clips_media ON clips (tenant_id, media_id);
CREATE INDEX ix_clips_newest ON clips (tenant_id, created_at desc, clip_id);
CREATE UNIQUE INDEX uq_clips_request ON clips (tenant_id, request_id);
alter table clips enable row level security;
alter table clips force row level security;
revoke all on clips from public;
create policy tenant on clips to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on clips to whyral_app;

update plans set limits = limits || '{"media_per_day": {"limit": 20, "period": "day"}, "clips_per_day": {"limit": 50, "period": "day"}}'
  where plan = 'free';
