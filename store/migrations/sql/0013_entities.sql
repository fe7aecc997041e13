-- People and brands that a tenant tells apart, every name they go by, when the list changed, and what was measured of thumbnails.

CREATE TABLE entities (
  tenant_id UUID NOT NULL,
  entity_id UUID NOT NULL,
  kind TEXT NOT NULL CONSTRAINT ck_entities_kind_known CHECK (kind in ('person', 'brand')),
  name TEXT NOT NULL,
  aliases TEXT[] DEFAULT '{}' NOT NULL,
  created_by UUID,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_entities PRIMARY KEY (tenant_id, entity_id)
);
CREATE INDEX ix_entities_oldest ON entities (tenant_id, created_at, entity_id);
alter table entities enable row level security;
alter table entities force row level security;
revoke all on entities from public;
create policy tenant on entities to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on entities to whyral_app;

CREATE TABLE entity_names (
  tenant_id UUID NOT NULL,
  key TEXT NOT NULL,
  entity_id UUID NOT NULL,
  CONSTRAINT pk_entity_names PRIMARY KEY (tenant_id, key),
  CONSTRAINT fk_entity_names_entities FOREIGN KEY(tenant_id, entity_id) REFERENCES entities (tenant_id, entity_id) ON DELETE CASCADE
);
CREATE INDEX ix_entity_names_entity ON entity_names (tenant_id, entity_id);
alter table entity_names enable row level security;
alter table entity_names force row level security;
revoke all on entity_names from public;
create policy tenant on entity_names to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on entity_names to whyral_app;

CREATE TABLE entity_lists (
  tenant_id UUID NOT NULL,
  changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_entity_lists PRIMARY KEY (tenant_id)
);
alter table entity_lists enable row level security;
alter table entity_lists force row level security;
revoke all on entity_lists from public;
create policy tenant on entity_lists to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on entity_lists to whyral_app;

CREATE TABLE video_thumbnails (
  tenant_id UUID NOT NULL,
  video_id UUID NOT NULL,
  picture TEXT NOT NULL,
  method TEXT NOT NULL,
  sha256 TEXT,
  width INTEGER,
  height INTEGER,
  brightness FLOAT,
  contrast FLOAT,
  colourfulness FLOAT,
  faces INTEGER,
  text_share FLOAT,
  measured_at TIMESTAMP WITH TIME ZONE,
  reason TEXT,
  tries BIGINT DEFAULT '0' NOT NULL,
  tried_at TIMESTAMP WITH TIME ZONE NOT NULL,
  next_try_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_video_thumbnails PRIMARY KEY (tenant_id, video_id),
  CONSTRAINT ck_video_thumbnails_measured_or_not CHECK (num_nonnulls(measured_at, reason) = 1 and num_nulls(sha256, width, height, brightness, contrast, colourfulness, faces, text_share) = case when reason is null then 0 else 8 end),
  CONSTRAINT fk_video_thumbnails_videos FOREIGN KEY(tenant_id, video_id) REFERENCES videos (tenant_id, video_id) ON DELETE CASCADE
);
alter table video_thumbnails enable row level security;
alter table video_thumbnails force row level security;
revoke all on video_thumbnails from public;
create policy tenant on video_thumbnails to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on video_thumbnails to whyral_app;
