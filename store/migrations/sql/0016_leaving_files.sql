-- Bytes that are kept for some days only: which files are on their way out, and since when a thumbnail is gone.

ALTER TABLE clips ADD COLUMN thumbnail_expired_at TIMESTAMP WITH TIME ZONE;
CREATE INDEX ix_media_unused ON media (tenant_id, used_at) WHERE expired_at is null;
CREATE INDEX ix_clips_published ON clips (tenant_id, published_at) WHERE published_at is not null;

CREATE TABLE leaving_files (
  tenant_id UUID NOT NULL,
  file_key TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  marked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_leaving_files PRIMARY KEY (tenant_id, file_key)
);
alter table leaving_files enable row level security;
alter table leaving_files force row level security;
revoke all on leaving_files from public;
create policy tenant on leaving_files to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on leaving_files to whyral_app;
