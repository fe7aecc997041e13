-- Tracked accounts, and what reading them takes: answers, quotas, calls, the health of sources, pushed feeds.
-- Row-level security and grants as `store.rls.protect` makes them.

CREATE TABLE trackings (
  tenant_id UUID NOT NULL,
  account_id UUID NOT NULL,
  platform TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT ck_trackings_state_known CHECK (state in ('pending', 'live', 'stale', 'failing', 'paused', 'gone')),
  next_run_at TIMESTAMP WITH TIME ZONE,
  next_reason TEXT NOT NULL,
  floor_seconds INTEGER NOT NULL,
  last_run_at TIMESTAMP WITH TIME ZONE,
  last_ok_at TIMESTAMP WITH TIME ZONE,
  error_category TEXT,
  error_words TEXT,
  consecutive_failures INTEGER DEFAULT '0' NOT NULL,
  watermark TIMESTAMP WITH TIME ZONE,
  complete_since TIMESTAMP WITH TIME ZONE,
  is_pushed BOOLEAN DEFAULT false NOT NULL,
  source TEXT,
  request_id UUID,
  reading_request UUID,
  reading_until TIMESTAMP WITH TIME ZONE,
  operation TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_trackings PRIMARY KEY (tenant_id, account_id),
  CONSTRAINT fk_trackings_accounts FOREIGN KEY(tenant_id, account_id) REFERENCES accounts (tenant_id, account_id) ON DELETE CASCADE
);
CREATE INDEX ix_trackings_due ON trackings (next_run_at, tenant_id, platform) WHERE next_run_at is not null;
CREATE INDEX ix_trackings_newest ON trackings (tenant_id, created_at desc, account_id);
CREATE INDEX ix_trackings_platform ON trackings (tenant_id, platform, next_run_at);
alter table trackings enable row level security;
alter table trackings force row level security;
revoke all on trackings from public;
create policy tenant on trackings to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on trackings to whyral_app;
create policy system on trackings to whyral_system using (true) with check (true);
grant select, insert, update, delete on trackings to whyral_system;
create policy definer on trackings to whyral_definer using (true) with check (true);
grant select, insert, update, delete on trackings to whyral_definer;

CREATE TABLE push_feeds (
  channel_id TEXT NOT NULL,
  token TEXT NOT NULL,
  secret TEXT NOT NULL,
  asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  lease_until TIMESTAMP WITH TIME ZONE,
  last_push_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_push_feeds PRIMARY KEY (channel_id)
);
CREATE UNIQUE INDEX uq_push_feeds_token ON push_feeds (token);
alter table push_feeds enable row level security;
alter table push_feeds force row level security;
revoke all on push_feeds from public;
create policy definer on push_feeds to whyral_definer using (true) with check (true);
grant select, insert, update, delete on push_feeds to whyral_definer;

CREATE TABLE push_entries (
  video_id TEXT NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_push_entries PRIMARY KEY (video_id, updated_at)
);
CREATE INDEX ix_push_entries_received ON push_entries (received_at);
alter table push_entries enable row level security;
alter table push_entries force row level security;
revoke all on push_entries from public;
create policy system on push_entries to whyral_system using (true) with check (true);
grant select, insert, update, delete on push_entries to whyral_system;
create policy definer on push_entries to whyral_definer using (true) with check (true);
grant select, insert, update, delete on push_entries to whyral_definer;

CREATE TABLE fetch_cache (
  source TEXT NOT NULL,
  operation TEXT NOT NULL,
  key TEXT NOT NULL,
  credential TEXT NOT NULL,
  answer_id UUID NOT NULL,
  payload BYTEA NOT NULL,
  status INTEGER NOT NULL,
  bucket TEXT,
  units BIGINT NOT NULL,
  fetched_at TIMESTAMP WITH TIME ZONE NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_fetch_cache PRIMARY KEY (source, operation, key, credential)
);
CREATE INDEX ix_fetch_cache_expiry ON fetch_cache (expires_at);
CREATE INDEX ix_fetch_cache_fetched ON fetch_cache (source, fetched_at);
alter table fetch_cache enable row level security;
alter table fetch_cache force row level security;
revoke all on fetch_cache from public;
create policy system on fetch_cache to whyral_system using (true) with check (true);
grant select, insert, update, delete on fetch_cache to whyral_system;
create policy definer on fetch_cache to whyral_definer using (true) with check (true);
grant select, insert, update, delete on fetch_cache to whyral_definer;

CREATE TABLE fetch_uses (
  tenant_id UUID NOT NULL,
  answer_id UUID NOT NULL,
  request_id UUID,
  is_maker BOOLEAN NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_fetch_uses PRIMARY KEY (tenant_id, answer_id)
);
CREATE INDEX ix_fetch_uses_used ON fetch_uses (used_at);
alter table fetch_uses enable row level security;
alter table fetch_uses force row level security;
revoke all on fetch_uses from public;
create policy tenant on fetch_uses to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on fetch_uses to whyral_app;
create policy system on fetch_uses to whyral_system using (true) with check (true);
grant select, insert, update, delete on fetch_uses to whyral_system;
create policy definer on fetch_uses to whyral_definer using (true) with check (true);
grant select, insert, update, delete on fetch_uses to whyral_definer;

CREATE TABLE quota_days (
  project TEXT NOT NULL,
  bucket TEXT NOT NULL,
  resets_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used BIGINT NOT NULL CONSTRAINT ck_quota_days_used_not_negative CHECK (used >= 0),
  CONSTRAINT pk_quota_days PRIMARY KEY (project, bucket, resets_at)
);
alter table quota_days enable row level security;
alter table quota_days force row level security;
revoke all on quota_days from public;
create policy system on quota_days to whyral_system using (true) with check (true);
grant select, insert, update, delete on quota_days to whyral_system;
create policy definer on quota_days to whyral_definer using (true) with check (true);
grant select, insert, update, delete on quota_days to whyral_definer;

CREATE TABLE quota_uses (
  tenant_id UUID NOT NULL,
  project TEXT NOT NULL,
  bucket TEXT NOT NULL,
  resets_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used BIGINT NOT NULL CONSTRAINT ck_quota_uses_used_not_negative CHECK (used >= 0),
  CONSTRAINT pk_quota_uses PRIMARY KEY (tenant_id, project, bucket, resets_at)
);
CREATE INDEX ix_quota_uses_day ON quota_uses (project, bucket, resets_at);
alter table quota_uses enable row level security;
alter table quota_uses force row level security;
revoke all on quota_uses from public;
create policy tenant on quota_uses to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on quota_uses to whyral_app;
create policy system on quota_uses to whyral_system using (true) with check (true);
grant select, insert, update, delete on quota_uses to whyral_system;
create policy definer on quota_uses to whyral_definer using (true) with check (true);
grant select, insert, update, delete on quota_uses to whyral_definer;

CREATE TABLE external_calls (
  tenant_id UUID NOT NULL,
  call_id UUID NOT NULL,
  source TEXT NOT NULL,
  operation TEXT NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER,
  started_at TIMESTAMP WITH TIME ZONE NOT NULL,
  milliseconds INTEGER NOT NULL,
  bucket TEXT,
  units BIGINT NOT NULL,
  cost_usd NUMERIC(20, 10),
  request_id UUID,
  CONSTRAINT pk_external_calls PRIMARY KEY (tenant_id, call_id)
);
CREATE INDEX ix_external_calls_newest ON external_calls (tenant_id, started_at desc);
CREATE INDEX ix_external_calls_started ON external_calls (started_at);
alter table external_calls enable row level security;
alter table external_calls force row level security;
revoke all on external_calls from public;
create policy tenant on external_calls to whyral_app using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, insert, update, delete on external_calls to whyral_app;
create policy system on external_calls to whyral_system using (true) with check (true);
grant select, insert, update, delete on external_calls to whyral_system;

CREATE TABLE source_health (
  source TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  consecutive_failures INTEGER NOT NULL,
  open_until TIMESTAMP WITH TIME ZONE,
  category TEXT,
  changed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_source_health PRIMARY KEY (source)
);
alter table source_health enable row level security;
alter table source_health force row level security;
revoke all on source_health from public;
create policy definer on source_health to whyral_definer using (true) with check (true);
grant select, insert, update, delete on source_health to whyral_definer;

create policy definer on accounts to whyral_definer using (true) with check (true);
grant select, insert, update, delete on accounts to whyral_definer;

grant create on schema app to whyral_definer;

-- The answer to a question, if it is fresh, or was used in one of these requests before (the first is the one that asks). The use is recorded; `is_first` says that this tenant was not
-- charged for it yet.
create function app.find_answer(asked_source text, asked_operation text, asked_key text, oldest timestamptz, moment timestamptz, requests uuid[])
  returns table (answer_id uuid, payload bytea, status int, bucket text, units bigint, fetched_at timestamptz, is_mine boolean, is_first boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare me uuid := nullif(current_setting('app.tenant', true), '')::uuid; found_one fetch_cache%rowtype; mine boolean; fresh boolean; known fetch_uses%rowtype; request uuid := requests[1];
begin
  select c.* into found_one from fetch_cache c
   where c.source = asked_source and c.operation = asked_operation and c.key = asked_key and c.credential = 'public' and c.expires_at > moment;
  if not found or me is null then return; end if;
  select u.* into known from fetch_uses u where u.tenant_id = me and u.answer_id = found_one.answer_id;
  if found_one.fetched_at < oldest and (known.request_id = any(requests)) is not true then return; end if;
  fresh := known.answer_id is null;
  if fresh then
    insert into fetch_uses (tenant_id, answer_id, request_id, is_maker, used_at) values (me, found_one.answer_id, request, false, moment)
      on conflict (tenant_id, answer_id) do nothing;
    fresh := found;  -- two threads of one tenant: one of them is charged
  elsif request is not null and known.request_id is distinct from request then
    update fetch_uses u set request_id = request where u.tenant_id = me and u.answer_id = found_one.answer_id;
  end if;
  return query select found_one.answer_id, found_one.payload, found_one.status, found_one.bucket, found_one.units, found_one.fetched_at,
    coalesce(known.is_maker, false), fresh;
end$body$;

-- The marks of a source's fresh answers, and of those that were used in one of these requests: whoever asks for something else need not look.
create function app.fresh_answers(asked_source text, oldest timestamptz, moment timestamptz, most int, requests uuid[]) returns setof bigint
  language sql stable security definer set search_path = public, pg_temp as $body$
  select ('x' || substr(md5(c.operation || E'\n' || c.key), 1, 16))::bit(64)::bigint from (
    (select c.operation, c.key from fetch_cache c
      where c.source = asked_source and c.credential = 'public' and c.fetched_at >= oldest and c.expires_at > moment order by c.fetched_at desc limit most)
    union all
    (select c.operation, c.key from fetch_uses u join fetch_cache c on c.answer_id = u.answer_id and c.source = asked_source
      where u.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and u.request_id = any(requests) and c.expires_at > moment)) c
$body$;

-- Answers that a tenant has paid for. A newer one takes the place of an older one; they come in the order of their keys, so that nobody waits in a ring.
create function app.put_answers(ids uuid[], sources text[], operations text[], keys text[], payloads bytea[], statuses int[], buckets text[],
  units bigint[], moments timestamptz[], ends timestamptz[], request uuid) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare me uuid := nullif(current_setting('app.tenant', true), '')::uuid;
begin
  if me is null then return; end if;
  insert into fetch_cache as c (answer_id, source, operation, key, credential, payload, status, bucket, units, fetched_at, expires_at)
    select n.* from (select distinct on (a.source, a.operation, a.key) a.id, a.source, a.operation, a.key, 'public', a.payload, a.status, a.bucket, a.units, a.at, a.until
      from unnest(ids, sources, operations, keys, payloads, statuses, buckets, units, moments, ends)
        a(id, source, operation, key, payload, status, bucket, units, at, until) order by a.source, a.operation, a.key, a.at desc) n
    on conflict (source, operation, key, credential) do update set answer_id = excluded.answer_id, payload = excluded.payload, status = excluded.status,
      bucket = excluded.bucket, units = excluded.units, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
      where c.fetched_at < excluded.fetched_at;
  insert into fetch_uses (tenant_id, answer_id, request_id, is_maker, used_at)
    select me, a.id, request, true, a.at from unnest(ids, moments) a(id, at) order by a.id on conflict (tenant_id, answer_id) do nothing;
end$body$;

-- What a tenant may take of a project's quota now: the arithmetic of domain.sharing, which says why.
create function app.quota_free(asked_project text, asked_bucket text, ends timestamptz, most bigint, left_share float8, asked_platform text)
  returns table (used bigint, mine bigint, available bigint)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare me uuid := nullif(current_setting('app.tenant', true), '')::uuid; total bigint; own bigint; tenants bigint; claim bigint; kept bigint;
begin
  select coalesce(max(q.used), 0) into total from quota_days q where q.project = asked_project and q.bucket = asked_bucket and q.resets_at = ends;
  select coalesce(max(u.used), 0) into own from quota_uses u
   where u.tenant_id = me and u.project = asked_project and u.bucket = asked_bucket and u.resets_at = ends;
  select count(*) into tenants from (
    select t.tenant_id from trackings t where t.platform = asked_platform and t.next_run_at is not null
    union select u.tenant_id from quota_uses u where u.project = asked_project and u.bucket = asked_bucket and u.resets_at = ends
    union select me) s;
  claim := floor((most / tenants) * left_share);
  select (tenants - 1 - count(*)) * claim + coalesce(sum(greatest(0, claim - u.used)), 0)::bigint into kept from quota_uses u
   where u.tenant_id <> me and u.project = asked_project and u.bucket = asked_bucket and u.resets_at = ends;
  return query select total, own, greatest(0, most - total - kept);
end$body$;

-- Checks and takes, one at a time per quota: never more than there is, whoever asks at the same moment.
create function app.take_quota(asked_project text, asked_bucket text, ends timestamptz, most bigint, left_share float8, asked_platform text,
  needed bigint, block bigint) returns table (granted bigint, used bigint, available bigint)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare me uuid := nullif(current_setting('app.tenant', true), '')::uuid; now_free record; given bigint;
begin
  if me is null then raise exception 'a quota is taken by a tenant'; end if;
  insert into quota_days (project, bucket, resets_at, used) values (asked_project, asked_bucket, ends, 0) on conflict do nothing;
  perform from quota_days q where q.project = asked_project and q.bucket = asked_bucket and q.resets_at = ends for update;
  select f.* into now_free from app.quota_free(asked_project, asked_bucket, ends, most, left_share, asked_platform) f;
  given := case when now_free.available < needed then 0 else least(greatest(needed, block), now_free.available) end;
  if given > 0 then
    update quota_days q set used = q.used + given where q.project = asked_project and q.bucket = asked_bucket and q.resets_at = ends;
    insert into quota_uses as u (tenant_id, project, bucket, resets_at, used) values (me, asked_project, asked_bucket, ends, given)
      on conflict (tenant_id, project, bucket, resets_at) do update set used = u.used + given;
  end if;
  return query select given, now_free.used + given, now_free.available;
end$body$;

-- What is known only afterwards: units that were not needed come back (less than nothing), a call cost more, the provider says that all is spent,
-- or a tenant is charged for an answer that cost the project nothing.
create function app.spend_quota(asked_project text, asked_bucket text, ends timestamptz, of_project bigint, of_tenant bigint, at_least bigint) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare me uuid := nullif(current_setting('app.tenant', true), '')::uuid;
begin
  if me is null then return; end if;
  insert into quota_days as q (project, bucket, resets_at, used) values (asked_project, asked_bucket, ends, greatest(0, of_project, at_least))
    on conflict (project, bucket, resets_at) do update set used = greatest(0, q.used + of_project, at_least);
  insert into quota_uses as u (tenant_id, project, bucket, resets_at, used) values (me, asked_project, asked_bucket, ends, greatest(0, of_tenant))
    on conflict (tenant_id, project, bucket, resets_at) do update set used = greatest(0, u.used + of_tenant);
end$body$;

-- The health of one source, held until the transaction ends: the rules are in domain.health.
create function app.source_health(asked text) returns table (source text, score float8, consecutive_failures int, open_until timestamptz,
  category text, changed_at timestamptz) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  insert into source_health (source, score, consecutive_failures) values (asked, 1, 0) on conflict do nothing;
  return query select h.source, h.score, h.consecutive_failures, h.open_until, h.category, h.changed_at from source_health h
    where h.source = asked for update;
end$body$;

create function app.put_source_health(asked text, its_score float8, failures int, opens timestamptz, its_category text, moment timestamptz) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  update source_health h set score = its_score, consecutive_failures = failures, open_until = opens, category = its_category, changed_at = moment
   where h.source = asked;
end$body$;

create function app.sources() returns table (source text, score float8, consecutive_failures int, open_until timestamptz, category text,
  changed_at timestamptz) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select h.source, h.score, h.consecutive_failures, h.open_until, h.category, h.changed_at from source_health h order by 1;
end$body$;

-- Feeds that push: one per channel, known to its hub by a token in the address that it calls.
create function app.push_feed(asked text) returns table (token text, secret text, asked_at timestamptz, lease_until timestamptz)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  return query select f.token, f.secret, f.asked_at, f.lease_until from push_feeds f where f.channel_id = asked;
end$body$;

-- Whoever asks first makes the token; false where somebody has asked a moment ago.
create function app.ask_push(asked text, new_token text, new_secret text, moment timestamptz, not_since timestamptz)
  returns table (token text, secret text) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  return query insert into push_feeds as f (channel_id, token, secret, asked_at) values (asked, new_token, new_secret, moment)
    on conflict (channel_id) do update set asked_at = moment where f.asked_at < not_since returning f.token, f.secret;
end$body$;

create function app.find_push(given text) returns table (channel_id text, secret text, lease_until timestamptz)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
begin
  return query select f.channel_id, f.secret, f.lease_until from push_feeds f where f.token = given;
end$body$;

create function app.confirm_push(given text, until timestamptz) returns void
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare channel text;
begin
  update push_feeds f set lease_until = until where f.token = given returning f.channel_id into channel;
  update trackings t set is_pushed = until is not null from accounts a
   where a.tenant_id = t.tenant_id and a.account_id = t.account_id and a.platform = 'youtube' and a.identity = 'id:' || channel;
end$body$;

-- New entries of a feed, each once: whoever tracks the channel is to read it now, though no sooner than its floor allows. Returns how many were new.
create function app.push_arrived(given text, videos text[], moments timestamptz[], moment timestamptz) returns int
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare channel text; fresh int;
begin
  update push_feeds f set last_push_at = moment where f.token = given returning f.channel_id into channel;
  if channel is null then return 0; end if;
  insert into push_entries (video_id, updated_at, received_at)
    select n.video, n.updated, moment from (select distinct a.video, a.updated from unnest(videos, moments) a(video, updated) order by 1, 2) n
    on conflict do nothing;
  get diagnostics fresh = row_count;
  if fresh > 0 then
    update trackings t set next_run_at = least(t.next_run_at, greatest(moment, t.last_run_at + make_interval(secs => t.floor_seconds))), next_reason = 'pushed', is_pushed = true
      from accounts a where a.tenant_id = t.tenant_id and a.account_id = t.account_id and a.platform = 'youtube'
       and a.identity = 'id:' || channel and t.next_run_at is not null;
  end if;
  return fresh;
end$body$;

create index ix_accounts_youtube on accounts (identity) where platform = 'youtube';

revoke all on function app.find_answer(text, text, text, timestamptz, timestamptz, uuid[]) from public;
grant execute on function app.find_answer(text, text, text, timestamptz, timestamptz, uuid[]) to whyral_app;
alter function app.find_answer(text, text, text, timestamptz, timestamptz, uuid[]) owner to whyral_definer;
revoke all on function app.fresh_answers(text, timestamptz, timestamptz, int, uuid[]) from public;
grant execute on function app.fresh_answers(text, timestamptz, timestamptz, int, uuid[]) to whyral_app;
alter function app.fresh_answers(text, timestamptz, timestamptz, int, uuid[]) owner to whyral_definer;
revoke all on function app.put_answers(uuid[], text[], text[], text[], bytea[], int[], text[], bigint[], timestamptz[], timestamptz[], uuid) from public;
grant execute on function app.put_answers(uuid[], text[], text[], text[], bytea[], int[], text[], bigint[], timestamptz[], timestamptz[], uuid) to whyral_app;
alter function app.put_answers(uuid[], text[], text[], text[], bytea[], int[], text[], bigint[], timestamptz[], timestamptz[], uuid) owner to whyral_definer;
revoke all on function app.quota_free(text, text, timestamptz, bigint, float8, text) from public;
grant execute on function app.quota_free(text, text, timestamptz, bigint, float8, text) to whyral_app;
alter function app.quota_free(text, text, timestamptz, bigint, float8, text) owner to whyral_definer;
revoke all on function app.take_quota(text, text, timestamptz, bigint, float8, text, bigint, bigint) from public;
grant execute on function app.take_quota(text, text, timestamptz, bigint, float8, text, bigint, bigint) to whyral_app;
alter function app.take_quota(text, text, timestamptz, bigint, float8, text, bigint, bigint) owner to whyral_definer;
revoke all on function app.spend_quota(text, text, timestamptz, bigint, bigint, bigint) from public;
grant execute on function app.spend_quota(text, text, timestamptz, bigint, bigint, bigint) to whyral_app;
alter function app.spend_quota(text, text, timestamptz, bigint, bigint, bigint) owner to whyral_definer;
revoke all on function app.source_health(text) from public;
grant execute on function app.source_health(text) to whyral_app;
alter function app.source_health(text) owner to whyral_definer;
revoke all on function app.put_source_health(text, float8, int, timestamptz, text, timestamptz) from public;
grant execute on function app.put_source_health(text, float8, int, timestamptz, text, timestamptz) to whyral_app;
alter function app.put_source_health(text, float8, int, timestamptz, text, timestamptz) owner to whyral_definer;
revoke all on function app.sources() from public;
grant execute on function app.sources() to whyral_app;
alter function app.sources() owner to whyral_definer;
revoke all on function app.push_feed(text) from public;
grant execute on function app.push_feed(text) to whyral_app;
alter function app.push_feed(text) owner to whyral_definer;
revoke all on function app.ask_push(text, text, text, timestamptz, timestamptz) from public;
grant execute on function app.ask_push(text, text, text, timestamptz, timestamptz) to whyral_app;
alter function app.ask_push(text, text, text, timestamptz, timestamptz) owner to whyral_definer;
revoke all on function app.find_push(text) from public;
grant execute on function app.find_push(text) to whyral_app;
alter function app.find_push(text) owner to whyral_definer;
revoke all on function app.confirm_push(text, timestamptz) from public;
grant execute on function app.confirm_push(text, timestamptz) to whyral_app;
alter function app.confirm_push(text, timestamptz) owner to whyral_definer;
revoke all on function app.push_arrived(text, text[], timestamptz[], timestamptz) from public;
grant execute on function app.push_arrived(text, text[], timestamptz[], timestamptz) to whyral_app;
alter function app.push_arrived(text, text[], timestamptz[], timestamptz) owner to whyral_definer;
revoke create on schema app from whyral_definer;

update plans set limits = limits || '{"trackings": {"limit": 100, "period": "total"}}' where plan = 'free';
