-- How many calls were made, per subject and window; and which call a request came of.

-- Unlogged: a take waits for no disk. After a crash of the server counting begins anew.
CREATE UNLOGGED TABLE call_counts (
  subject TEXT NOT NULL,
  window_seconds INTEGER NOT NULL,
  ends_at BIGINT NOT NULL,
  ceiling BIGINT NOT NULL,
  used BIGINT NOT NULL,
  granted BIGINT NOT NULL,
  CONSTRAINT pk_call_counts PRIMARY KEY (subject, window_seconds)
) WITH (fillfactor = 50);
CREATE INDEX ix_call_counts_ends_at ON call_counts (ends_at);
alter table call_counts enable row level security;
alter table call_counts force row level security;
revoke all on call_counts from public;
create policy definer on call_counts to whyral_definer using (true) with check (true);
grant select, insert, update, delete on call_counts to whyral_definer;

grant create on schema app to whyral_definer;

-- Takes a block from every counter of a call, or from none where one is full. Rows are locked in one order, whoever asks.
-- `ends_at` is the end of the window, in seconds since 1970; a caller that waited past it counts in the newer window.
create function app.take_calls(subjects text[], seconds int[], ceilings bigint[], blocks bigint[])
  returns table (place int, granted bigint, used bigint, left_seconds float8, is_full boolean)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare
  instant float8 := extract(epoch from clock_timestamp());
  places int[]; grants bigint[]; totals bigint[]; has_new boolean; has_room boolean;
begin
  with asked as (
    select t.s, t.w, t.most, least(t.block, t.most) as block, (floor(instant / t.w)::bigint + 1) * t.w as ends, t.at::int as at
      from unnest(subjects, seconds, ceilings, blocks) with ordinality as t(s, w, most, block, at)
  ), taken as (
    insert into call_counts as c (subject, window_seconds, ends_at, ceiling, used, granted)
      select a.s, a.w, a.ends, a.most, a.block, a.block from asked a order by a.s, a.w
      on conflict (subject, window_seconds) do update set
        granted = case when c.ends_at < excluded.ends_at then excluded.granted else least(excluded.granted, excluded.ceiling - c.used) end,
        used = case when c.ends_at < excluded.ends_at then excluded.used else least(c.used + excluded.granted, excluded.ceiling) end,
        ends_at = greatest(c.ends_at, excluded.ends_at), ceiling = excluded.ceiling
        where c.ends_at < excluded.ends_at or c.used < excluded.ceiling
      returning c.subject, c.window_seconds, c.granted, c.used
  )
  select array_agg(a.at), array_agg(t.granted), array_agg(t.used), bool_or(t.granted = t.used)
    into places, grants, totals, has_new
    from asked a join taken t on t.subject = a.s and t.window_seconds = a.w;
  has_room := coalesce(cardinality(places), 0) = cardinality(subjects);
  if not has_room then
    update call_counts c set used = c.used - c.granted
      from unnest(subjects, seconds) with ordinality as t(s, w, at)
      where t.at = any(places) and c.subject = t.s and c.window_seconds = t.w;
  elsif has_new then
    delete from call_counts c where (c.subject, c.window_seconds) in
      (select o.subject, o.window_seconds from call_counts o where o.ends_at < instant - 60 order by o.ends_at limit 20 for update skip locked);
  end if;
  return query
    select t.at::int, case when has_room then p.granted else 0 end, coalesce(p.used, t.most),
           (floor(instant / t.w) + 1) * t.w - instant, p.at is null
      from unnest(seconds, ceilings) with ordinality as t(w, most, at)
      left join unnest(places, grants, totals) as p(at, granted, used) on p.at = t.at;
end$body$;

revoke all on function app.take_calls(text[], int[], bigint[], bigint[]) from public;
grant execute on function app.take_calls(text[], int[], bigint[], bigint[]) to whyral_app;
alter function app.take_calls(text[], int[], bigint[], bigint[]) owner to whyral_definer;

-- Whose a key is, before it enters: its calls count for its workspace and its user as well.
create function app.owner_of_key(hash bytea) returns table (tenant_id uuid, user_id uuid) language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select k.tenant_id, k.user_id from api_keys k
    where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp());
end$body$;

revoke all on function app.owner_of_key(bytea) from public;
grant execute on function app.owner_of_key(bytea) to whyral_app;
alter function app.owner_of_key(bytea) owner to whyral_definer;

-- Whose a session is, in the same way.
create function app.owner_of_session(wanted_session uuid, secret bytea) returns table (tenant_id uuid, user_id uuid) language plpgsql stable security definer set search_path = public, pg_temp as $body$
begin
  return query select s.tenant_id, s.user_id from sessions s
    where (s.session_id = wanted_session or (wanted_session is null and s.secret_hash = secret))
      and s.ended_at is null and s.expires_at > clock_timestamp() and s.ends_at > clock_timestamp();
end$body$;

revoke all on function app.owner_of_session(uuid, bytea) from public;
grant execute on function app.owner_of_session(uuid, bytea) to whyral_app;
alter function app.owner_of_session(uuid, bytea) owner to whyral_definer;
revoke create on schema app from whyral_definer;

-- The call that asked for it, by its X-Request-ID; null where a run or a schedule did.
ALTER TABLE requests ADD COLUMN call_id TEXT;
