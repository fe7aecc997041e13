-- The library: collections, comments, hashtags, sounds, charts of sounds, searches, activity, links that were added, retention.

-- Deleted and private videos are marked, not forgotten: since when, and why.
alter table videos add column removed_since timestamp with time zone, add column removed_reason text;
create index ix_videos_expiry on videos (tenant_id, expires_at) where expires_at is not null;
create index ix_video_texts_expiry on video_texts (tenant_id, expires_at) where expires_at is not null;
create index ix_video_snapshots_expiry on video_snapshots (tenant_id, expires_at) where expires_at is not null;
create index ix_accounts_expiry on accounts (tenant_id, expires_at) where expires_at is not null;

-- How many followed an account, whenever that had changed.
create table account_followers (
  tenant_id uuid not null,
  account_id uuid not null,
  observed_at timestamp with time zone not null,
  followers bigint not null constraint ck_account_followers_followers_not_negative check (followers >= 0),
  source text not null,
  expires_at timestamp with time zone,
  constraint pk_account_followers primary key (tenant_id, account_id, observed_at),
  constraint fk_account_followers_accounts foreign key (tenant_id, account_id) references accounts (tenant_id, account_id) on delete cascade
);
create function app.note_followers() returns trigger language plpgsql security invoker set search_path = public, pg_temp as $body$
begin
  insert into account_followers (tenant_id, account_id, observed_at, followers, source, expires_at)
    values (new.tenant_id, new.account_id, new.last_seen_at, new.followers, new.source, new.expires_at) on conflict do nothing;
  return null;
end $body$;
create trigger note_followers_first after insert on accounts for each row when (new.followers is not null) execute function app.note_followers();
create trigger note_followers after update on accounts for each row
  when (new.followers is not null and new.followers is distinct from old.followers) execute function app.note_followers();

create table collections (
  tenant_id uuid not null,
  collection_id uuid not null,
  name text not null,
  description text,
  color text default '#8B5CF6' not null,
  icon text default 'folder' not null,
  is_default boolean default false not null,
  videos bigint default '0' not null,
  accounts bigint default '0' not null,
  created_by uuid,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint pk_collections primary key (tenant_id, collection_id)
);
create unique index uq_collections_default on collections (tenant_id) where is_default;

create table collection_videos (
  tenant_id uuid not null,
  collection_id uuid not null,
  video_id uuid not null,
  added_at timestamp with time zone default now() not null,
  constraint pk_collection_videos primary key (tenant_id, collection_id, video_id),
  constraint fk_collection_videos_collections foreign key (tenant_id, collection_id) references collections (tenant_id, collection_id) on delete cascade,
  constraint fk_collection_videos_videos foreign key (tenant_id, video_id) references videos (tenant_id, video_id) on delete cascade
);
create index ix_collection_videos_video on collection_videos (tenant_id, video_id, collection_id);
create index ix_collection_videos_added on collection_videos (tenant_id, collection_id, added_at);

create table collection_accounts (
  tenant_id uuid not null,
  collection_id uuid not null,
  account_id uuid not null,
  added_at timestamp with time zone default now() not null,
  constraint pk_collection_accounts primary key (tenant_id, collection_id, account_id),
  constraint fk_collection_accounts_collections foreign key (tenant_id, collection_id) references collections (tenant_id, collection_id) on delete cascade,
  constraint fk_collection_accounts_accounts foreign key (tenant_id, account_id) references accounts (tenant_id, account_id) on delete cascade
);
create index ix_collection_accounts_account on collection_accounts (tenant_id, account_id, collection_id);

-- Counts follow the members in the same statement, whoever writes them. Rows are locked in one order, so that two batches never wait in a circle.
-- As the definer: what a cascade deletes it deletes as the tables' owner, to whom no row of a tenant is visible.
create function app.count_members() returns trigger language plpgsql security definer set search_path = public, pg_temp as $body$
declare sign int := case tg_op when 'INSERT' then 1 else -1 end; is_videos boolean := tg_table_name = 'collection_videos';
begin
  perform 1 from collections c where c.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
    and c.collection_id in (select m.collection_id from members m) order by c.collection_id for no key update;
  update collections c set videos = c.videos + case when is_videos then sign * m.n else 0 end,
      accounts = c.accounts + case when is_videos then 0 else sign * m.n end, updated_at = now()
    from (select tenant_id, collection_id, count(*) as n from members group by tenant_id, collection_id) m
   where c.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and c.tenant_id = m.tenant_id and c.collection_id = m.collection_id;
  return null;
end $body$;
create trigger count_added_videos after insert on collection_videos referencing new table as members for each statement execute function app.count_members();
create trigger count_dropped_videos after delete on collection_videos referencing old table as members for each statement execute function app.count_members();
create trigger count_added_accounts after insert on collection_accounts referencing new table as members for each statement execute function app.count_members();
create trigger count_dropped_accounts after delete on collection_accounts referencing old table as members for each statement execute function app.count_members();

create table video_comments (
  tenant_id uuid not null,
  video_id uuid not null,
  comment_id text not null,
  parent_id text,
  author_id text,
  author_name text,
  text text not null,
  likes bigint constraint ck_video_comments_likes_not_negative check (likes >= 0),
  replies bigint constraint ck_video_comments_replies_not_negative check (replies >= 0),
  posted_at timestamp with time zone,
  seen_from timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  source text not null,
  expires_at timestamp with time zone,
  constraint pk_video_comments primary key (tenant_id, video_id, comment_id),
  constraint fk_video_comments_videos foreign key (tenant_id, video_id) references videos (tenant_id, video_id) on delete cascade
);
create index ix_video_comments_threads on video_comments (tenant_id, video_id, posted_at desc nulls last, comment_id) where parent_id is null;
create index ix_video_comments_replies on video_comments (tenant_id, video_id, parent_id, posted_at, comment_id) where parent_id is not null;
create index ix_video_comments_expiry on video_comments (tenant_id, expires_at) where expires_at is not null;

create table comment_reads (
  tenant_id uuid not null,
  video_id uuid not null,
  comments_read_at timestamp with time zone not null,
  is_disabled boolean not null,
  is_whole boolean not null,
  constraint pk_comment_reads primary key (tenant_id, video_id),
  constraint fk_comment_reads_videos foreign key (tenant_id, video_id) references videos (tenant_id, video_id) on delete cascade
);

-- What an account's posts use, and what that comes to over all accounts. Made of the accounts that changed, as totals are.
alter table account_changes drop constraint ck_account_changes_aggregate_known;
alter table account_changes add constraint ck_account_changes_aggregate_known check (aggregate in ('totals', 'days', 'hashtags', 'sounds'));

create table account_hashtags (
  tenant_id uuid not null,
  account_id uuid not null,
  name text not null,
  platform text not null,
  videos bigint default '0' not null,
  views bigint default '0' not null,
  likes bigint default '0' not null,
  constraint pk_account_hashtags primary key (tenant_id, account_id, name),
  constraint fk_account_hashtags_accounts foreign key (tenant_id, account_id) references accounts (tenant_id, account_id) on delete cascade
);
create index ix_account_hashtags_name on account_hashtags (tenant_id, platform, name);

create table account_sounds (
  tenant_id uuid not null,
  account_id uuid not null,
  name text not null,
  platform text not null,
  title text,
  last_used_at timestamp with time zone,
  videos bigint default '0' not null,
  views bigint default '0' not null,
  likes bigint default '0' not null,
  constraint pk_account_sounds primary key (tenant_id, account_id, name),
  constraint fk_account_sounds_accounts foreign key (tenant_id, account_id) references accounts (tenant_id, account_id) on delete cascade
);
create index ix_account_sounds_name on account_sounds (tenant_id, platform, name);

create table hashtags (
  tenant_id uuid not null,
  platform text not null,
  name text not null,
  hashtag_id uuid not null,
  accounts bigint default '0' not null,
  videos bigint default '0' not null,
  views bigint default '0' not null,
  likes bigint default '0' not null,
  constraint pk_hashtags primary key (tenant_id, platform, name)
);
create unique index uq_hashtags_id on hashtags (tenant_id, hashtag_id);
create index ix_hashtags_views on hashtags (tenant_id, views desc, hashtag_id);
create index ix_hashtags_videos on hashtags (tenant_id, videos desc, hashtag_id);

create table sounds (
  tenant_id uuid not null,
  platform text not null,
  name text not null,
  sound_id uuid not null,
  title text,
  last_used_at timestamp with time zone,
  accounts bigint default '0' not null,
  videos bigint default '0' not null,
  views bigint default '0' not null,
  likes bigint default '0' not null,
  constraint pk_sounds primary key (tenant_id, platform, name)
);
create unique index uq_sounds_id on sounds (tenant_id, sound_id);
create index ix_sounds_views on sounds (tenant_id, views desc, sound_id);
create index ix_sounds_videos on sounds (tenant_id, videos desc, sound_id);

-- Names whose totals are no longer true because an account went, with all that it used.
create table name_changes (
  tenant_id uuid not null,
  aggregate text not null,
  platform text not null,
  name text not null,
  change_id uuid not null,
  constraint pk_name_changes primary key (tenant_id, aggregate, platform, name, change_id)
);
-- As the definer, for the same reason. What a recompute deletes it knows itself; only what goes with its account, by a cascade, is marked.
create function app.mark_gone_names() returns trigger language plpgsql security definer set search_path = public, pg_temp as $body$
begin
  insert into name_changes (tenant_id, aggregate, platform, name, change_id)
    select distinct on (g.platform, g.name) g.tenant_id, substr(tg_table_name, 9), g.platform, g.name, gen_random_uuid() from gone g
     where g.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
       and not exists (select from accounts a where a.tenant_id = g.tenant_id and a.account_id = g.account_id);
  return null;
end $body$;
create trigger mark_gone_names after delete on account_hashtags referencing old table as gone for each statement execute function app.mark_gone_names();
create trigger mark_gone_names after delete on account_sounds referencing old table as gone for each statement execute function app.mark_gone_names();

create or replace function app.mark_gone_videos() returns trigger language plpgsql security invoker set search_path = public, pg_temp as $body$
begin
  insert into account_changes (tenant_id, account_id, aggregate, change_id, since)
    select a.tenant_id, a.account_id, m.aggregate, gen_random_uuid(), m.since
      from (select distinct tenant_id, account_id from gone) g join accounts a on a.tenant_id = g.tenant_id and a.account_id = g.account_id
      cross join (values ('totals', null::date), ('days', date '0001-01-01'), ('hashtags', null), ('sounds', null)) m(aggregate, since);
  return null;
end $body$;
revoke all on function app.note_followers(), app.count_members(), app.mark_gone_names() from public;

create table search_history (
  tenant_id uuid not null,
  search_id uuid not null,
  user_id uuid,
  search_type text not null constraint ck_search_history_search_type_known check (search_type in ('hashtag', 'term', 'trending_videos', 'trending_audio')),
  query text,
  platform text not null,
  country text,
  source text,
  fetched_at timestamp with time zone,
  results_count bigint default '0' not null,
  results uuid[] default '{}' not null,
  created_at timestamp with time zone default now() not null,
  constraint pk_search_history primary key (tenant_id, search_id)
);
create index ix_search_history_newest on search_history (tenant_id, created_at desc, search_id);

create table video_activity (
  tenant_id uuid not null,
  activity_id uuid not null,
  video_id uuid not null,
  user_id uuid,
  action text not null constraint ck_video_activity_action_known check (action in ('viewed', 'analysed', 'chatted', 'noted', 'collected')),
  at timestamp with time zone default now() not null,
  constraint pk_video_activity primary key (tenant_id, activity_id),
  constraint fk_video_activity_videos foreign key (tenant_id, video_id) references videos (tenant_id, video_id) on delete cascade
);
create index ix_video_activity_newest on video_activity (tenant_id, at desc, activity_id);
create index ix_video_activity_video on video_activity (tenant_id, video_id, at desc);

-- Links that somebody had added; what came of each.
create table scrapes (
  tenant_id uuid not null,
  scrape_id uuid not null,
  request_id uuid,
  collection_id uuid,
  user_id uuid,
  created_at timestamp with time zone default now() not null,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  constraint pk_scrapes primary key (tenant_id, scrape_id)
);
create index ix_scrapes_request on scrapes (tenant_id, request_id);
create table scraped_urls (
  tenant_id uuid not null,
  scrape_id uuid not null,
  line integer not null,
  url text not null,
  outcome text not null constraint ck_scraped_urls_outcome_known check (outcome in ('waiting', 'saved', 'updated', 'failed')),
  category text,
  error text,
  platform text,
  account_id uuid,
  video_ids uuid[] default '{}' not null,
  new_videos bigint default '0' not null,
  finished_at timestamp with time zone,
  constraint pk_scraped_urls primary key (tenant_id, scrape_id, line),
  constraint fk_scraped_urls_scrapes foreign key (tenant_id, scrape_id) references scrapes (tenant_id, scrape_id) on delete cascade
);

create table retention_reports (
  tenant_id uuid not null,
  report_id uuid not null,
  made_at timestamp with time zone not null,
  is_amended boolean not null,
  refreshed bigint default '0' not null,
  removed bigint default '0' not null,
  deleted jsonb not null,
  oldest jsonb not null,
  trouble jsonb default '[]' not null,
  constraint pk_retention_reports primary key (tenant_id, report_id)
);
create index ix_retention_reports_newest on retention_reports (tenant_id, made_at desc);

-- Charts of sounds belong to no tenant: one per platform, country and day, the newest that was read. And who wants a newer one.
create table trending_sounds (
  platform text not null,
  country text not null,
  day date not null,
  rank integer not null constraint ck_trending_sounds_rank_positive check (rank > 0),
  external_id text not null,
  title text,
  artist text,
  url text,
  duration_seconds bigint,
  is_original boolean,
  videos bigint,
  sample_videos text[] default '{}' not null,
  source text not null,
  captured_at timestamp with time zone not null,
  constraint pk_trending_sounds primary key (platform, country, day, rank)
);
create table chart_asks (
  platform text not null,
  country text not null,
  asked_at timestamp with time zone not null,
  constraint pk_chart_asks primary key (platform, country)
);

do $body$
declare each text; mine text := 'tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid';
begin
  foreach each in array array['account_followers', 'collections', 'collection_videos', 'collection_accounts', 'video_comments', 'comment_reads',
    'account_hashtags', 'account_sounds', 'hashtags', 'sounds', 'name_changes', 'search_history', 'video_activity', 'scrapes', 'scraped_urls',
    'retention_reports'] loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format('revoke all on %I from public', each);
    execute format('create policy tenant on %I to whyral_app using (%s) with check (%s)', each, mine, mine);
    if each = 'account_followers' then execute 'grant select, insert, delete on account_followers to whyral_app';
    else execute format('grant select, insert, update, delete on %I to whyral_app', each); end if;
    if each in ('collections', 'name_changes') then
      execute format('create policy definer on %I to whyral_definer using (true) with check (true)', each);
      execute format('grant select, insert, update, delete on %I to whyral_definer', each);
    end if;
  end loop;
  foreach each in array array['trending_sounds', 'chart_asks'] loop
    execute format('alter table %I enable row level security', each);
    execute format('alter table %I force row level security', each);
    execute format('revoke all on %I from public', each);
    execute format('create policy system on %I to whyral_system using (true) with check (true)', each);
    execute format('grant select, insert, update, delete on %I to whyral_system', each);
    execute format('create policy definer on %I to whyral_definer using (true) with check (true)', each);
    execute format('grant select, insert, update, delete on %I to whyral_definer', each);
  end loop;
end $body$;

drop policy if exists definer on accounts;
create policy definer on accounts to whyral_definer using (true) with check (true);
grant select, insert, update, delete on accounts to whyral_definer;
grant create on schema app to whyral_definer;
alter function app.count_members() owner to whyral_definer;
alter function app.mark_gone_names() owner to whyral_definer;
-- The newest chart of a country, of a day or of any.
create function app.trending_sounds(wanted_platform text, wanted_country text, wanted_day date) returns setof trending_sounds
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select t.* from trending_sounds t where t.platform = wanted_platform and t.country = wanted_country and t.day = coalesce(wanted_day,
    (select max(n.day) from trending_sounds n where n.platform = wanted_platform and n.country = wanted_country)) order by t.rank;
end $body$;
revoke all on function app.trending_sounds(text, text, date) from public;
grant execute on function app.trending_sounds(text, text, date) to whyral_app;
alter function app.trending_sounds(text, text, date) owner to whyral_definer;

-- What charts tell about sounds, the newest word for each.
create function app.sound_facts(wanted_platform text, ids text[]) returns setof trending_sounds
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select distinct on (t.external_id) t.* from trending_sounds t
    where t.platform = wanted_platform and t.external_id = any(ids) order by t.external_id, t.captured_at desc, t.country, t.day desc;
end $body$;
revoke all on function app.sound_facts(text, text[]) from public;
grant execute on function app.sound_facts(text, text[]) to whyral_app;
alter function app.sound_facts(text, text[]) owner to whyral_definer;
create index ix_trending_sounds_sound on trending_sounds (platform, external_id);

-- Ask for a newer chart; true where nobody had asked within the hour.
create function app.ask_for_chart(wanted_platform text, wanted_country text) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into chart_asks as a (platform, country, asked_at) values (wanted_platform, wanted_country, clock_timestamp())
    on conflict (platform, country) do update set asked_at = excluded.asked_at where a.asked_at < excluded.asked_at - interval '1 hour';
  return found;
end $body$;
revoke all on function app.ask_for_chart(text, text) from public;
grant execute on function app.ask_for_chart(text, text) to whyral_app;
alter function app.ask_for_chart(text, text) owner to whyral_definer;
revoke create on schema app from whyral_definer;

-- Workspaces that have videos already get their default collection now, what is known of followers begins their history, and what is gone already is
-- known to be since then. The owner is bound by row-level security too, but for these statements.
alter table videos no force row level security;
alter table accounts no force row level security;
alter table collections no force row level security;
alter table account_followers no force row level security;
insert into collections (tenant_id, collection_id, name, is_default) select tenant_id, gen_random_uuid(), 'Default', true from (select distinct tenant_id from videos) v;
insert into account_followers (tenant_id, account_id, observed_at, followers, source, expires_at)
  select tenant_id, account_id, last_seen_at, followers, source, expires_at from accounts where followers is not null;
update videos set removed_since = observed_at where is_removed;
alter table videos force row level security;
alter table accounts force row level security;
alter table collections force row level security;
alter table account_followers force row level security;

update plans set limits = limits || '{"urls_per_day": {"limit": 500, "period": "day"}, "searches_per_day": {"limit": 100, "period": "day"}}'
  where plan = 'free';
