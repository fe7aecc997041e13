-- Files that are added to clips: nothing is made of them, so no request stands behind them. And for which request something was taken.

ALTER TABLE media
  ADD COLUMN purpose TEXT DEFAULT 'source' NOT NULL CONSTRAINT ck_media_purpose_known CHECK (purpose in ('source', 'addition')),
  ALTER COLUMN request_id DROP NOT NULL,
  ADD CONSTRAINT ck_media_source_has_request CHECK (purpose = 'addition' or request_id is not null);

ALTER TABLE usage_takes
  ADD COLUMN request_id UUID,
  ADD COLUMN delivered_at TIMESTAMP WITH TIME ZONE,
  ADD CONSTRAINT ck_usage_takes_delivered_counts CHECK (delivered_at is null or given_back_at is null);
CREATE INDEX ix_usage_takes_request ON usage_takes (tenant_id, request_id) WHERE request_id is not null;

-- Whoever ends a request that died gives back what was taken for it, and lets go what it left half done.
do $$
declare each text;
begin
  foreach each in array array['usage_takes', 'usage_counters', 'clips', 'leaving_files'] loop
    execute format('create policy system on %I to whyral_system using (true) with check (true)', each);
    execute format('grant select, insert, update, delete on %I to whyral_system', each);
  end loop;
end $$;

-- What clips took before there was a request to name. The owner is bound by row-level security too, but for this statement.
alter table clips no force row level security;
alter table usage_takes no force row level security;
update usage_takes t set request_id = c.request_id,
   delivered_at = case when c.state = 'rendered' and t.given_back_at is null then coalesce(c.rendered_at, c.created_at) end
  from clips c where c.tenant_id = t.tenant_id and t.operation = 'clip:' || c.clip_id;
alter table clips force row level security;
alter table usage_takes force row level security;
