-- What went into a release is kept apart from it, so that it can be erased; hashes of raw answers; the history of charts.

alter table releases drop column inputs;
alter table releases drop constraint ck_releases_kind_known;
alter table releases add constraint ck_releases_kind_known
  check (kind in ('features', 'scores', 'forecasts', 'effects', 'deep', 'next', 'anomalies'));

CREATE TABLE release_inputs (
  tenant_id UUID NOT NULL,
  release_id UUID NOT NULL,
  packed BYTEA NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT pk_release_inputs PRIMARY KEY (tenant_id, release_id),
  CONSTRAINT fk_release_inputs_releases FOREIGN KEY(tenant_id, release_id) REFERENCES releases (tenant_id, release_id) ON DELETE CASCADE
);
CREATE INDEX ix_release_inputs_expiry ON release_inputs (tenant_id, expires_at);
alter table release_inputs enable row level security;
alter table release_inputs force row level security;
revoke all on release_inputs from public;
create policy tenant on release_inputs to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, delete on release_inputs to whyral_app;

-- A release is of all of a tenant's videos: what was packed after a video came in may hold it, and goes with it.
create function app.erase_inputs() returns trigger language plpgsql set search_path = public, pg_temp as $body$
begin
  delete from release_inputs i using (select tenant_id, min(created_at) as since from gone group by tenant_id) g
    where i.tenant_id = g.tenant_id and i.recorded_at >= g.since;
  return null;
end $body$;
revoke all on function app.erase_inputs() from public;
create trigger erase_inputs after delete on videos referencing old table as gone for each statement execute function app.erase_inputs();

-- Writers hold the catalogue's lock when they insert, readers when they read: what is recorded after a reading has a later moment.
alter table video_snapshots alter column recorded_at set default clock_timestamp();

create index ix_fetch_cache_answer on fetch_cache (answer_id);
grant create on schema app to whyral_definer;
-- Of the newest raw answers that a tenant's work used and that are still cached: what their bytes were.
create function app.answer_hashes(wanted integer) returns table (answer_id uuid, sha256 text)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select u.answer_id, encode(sha256(c.payload), 'hex')
    from (select f.answer_id, f.used_at from fetch_uses f where f.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
      order by f.used_at desc, f.answer_id limit wanted) u
    join fetch_cache c on c.answer_id = u.answer_id order by u.used_at desc, u.answer_id;
end $body$;
revoke all on function app.answer_hashes(integer) from public;
grant execute on function app.answer_hashes(integer) to whyral_app;
alter function app.answer_hashes(integer) owner to whyral_definer;

-- Where these sounds stood in any country's chart: the best rank of each day.
create function app.sound_ranks(wanted_platform text, ids text[]) returns table (external_id text, captured_at timestamp with time zone, rank integer)
  language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select distinct on (t.external_id, t.day) t.external_id, t.captured_at, t.rank from trending_sounds t
    where t.platform = wanted_platform and t.external_id = any(ids) order by t.external_id, t.day, t.rank, t.captured_at, t.country;
end $body$;
revoke all on function app.sound_ranks(text, text[]) from public;
grant execute on function app.sound_ranks(text, text[]) to whyral_app;
alter function app.sound_ranks(text, text[]) owner to whyral_definer;
revoke create on schema app from whyral_definer;

-- What is published is served as it was kept: text, made once when it is written.
alter table effects alter column figures type json using figures::json;
alter table findings alter column figures type json using figures::json;
