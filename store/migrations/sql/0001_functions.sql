-- Schema app: what must look before a tenant is known, or past row-level security on purpose.
-- Each is SECURITY DEFINER with a fixed search_path, fixes its tenant inside or is named in store.rls.CROSS_TENANT_FUNCTIONS.

create schema if not exists app;

grant usage on schema app to whyral_app, whyral_system, whyral_definer;
grant create on schema app to whyral_definer;
create function app.enter(hash bytea) returns table (tenant_id uuid, user_id uuid, key_id uuid, scopes text[]) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare held record;
begin
  select k.tenant_id, k.user_id, k.key_id, k.scopes, k.last_used_at into held
    from api_keys k join users u on u.user_id = k.user_id
   where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > clock_timestamp()) and u.is_active;
  if not found then return; end if;
  perform set_config('app.tenant', held.tenant_id::text, true);
  perform set_config('app.user', held.user_id::text, true);
  if held.last_used_at is null or held.last_used_at < clock_timestamp() - interval '1 minute' then
    -- A busy key is not worth waiting for: whoever holds the row writes the same minute.
    update api_keys k set last_used_at = clock_timestamp() where (k.tenant_id, k.key_id) in
      (select l.tenant_id, l.key_id from api_keys l where l.tenant_id = held.tenant_id and l.key_id = held.key_id for update skip locked);
  end if;
  return query select held.tenant_id, held.user_id, held.key_id, held.scopes;
end$body$;

revoke all on function app.enter(bytea) from public;
grant execute on function app.enter(bytea) to whyral_app;
alter function app.enter(bytea) owner to whyral_definer;
create function app.enter_member(wanted uuid, member uuid) returns table (role text) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  perform set_config('app.tenant', wanted::text, true);
  return query select m.role from memberships m join users u on u.user_id = m.user_id
    where m.tenant_id = wanted and m.user_id = member and u.is_active;
  if found then perform set_config('app.user', member::text, true); end if;
end$body$;

revoke all on function app.enter_member(uuid, uuid) from public;
grant execute on function app.enter_member(uuid, uuid) to whyral_app;
alter function app.enter_member(uuid, uuid) owner to whyral_definer;
create function app.register(new_user uuid, new_tenant uuid, address text, hash text, person text, workspace text, demo boolean) returns boolean language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  insert into users (user_id, email, password_hash, full_name) values (new_user, address, hash, person) on conflict (lower(email)) do nothing;
  if not found then return false; end if;
  insert into tenants (tenant_id, name, is_demo) values (new_tenant, workspace, demo);
  insert into memberships (tenant_id, user_id, role) values (new_tenant, new_user, 'owner');
  insert into subscriptions (tenant_id, plan, status) values (new_tenant, 'free', 'active');
  return true;
end$body$;

revoke all on function app.register(uuid, uuid, text, text, text, text, boolean) from public;
grant execute on function app.register(uuid, uuid, text, text, text, text, boolean) to whyral_app;
alter function app.register(uuid, uuid, text, text, text, text, boolean) owner to whyral_definer;
create function app.login(address text) returns table (user_id uuid, password_hash text, is_active boolean, tenants uuid[]) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.password_hash, u.is_active,
    array(select m.tenant_id from memberships m where m.user_id = u.user_id order by m.created_at, m.tenant_id)
    from users u where lower(u.email) = lower(address);
end$body$;

revoke all on function app.login(text) from public;
grant execute on function app.login(text) to whyral_app;
alter function app.login(text) owner to whyral_definer;
create function app.take_token(wanted text, capacity int, per_second float8) returns float8 language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare had float8;
begin
  delete from rate_limits where bucket in
    (select bucket from rate_limits where updated_at < clock_timestamp() - interval '1 day' limit 10 for update skip locked);
  insert into rate_limits as r (bucket, tokens, updated_at) values (wanted, capacity, clock_timestamp())
    on conflict (bucket) do update
    set tokens = least(capacity, r.tokens + extract(epoch from clock_timestamp() - r.updated_at) * per_second), updated_at = clock_timestamp()
    returning r.tokens into had;
  if had < 1 then return (1 - had) / per_second; end if;
  update rate_limits set tokens = had - 1 where bucket = wanted;
  return 0;
end$body$;

revoke all on function app.take_token(text, int, float8) from public;
grant execute on function app.take_token(text, int, float8) to whyral_app;
alter function app.take_token(text, int, float8) owner to whyral_definer;
create function app.profile(member uuid) returns table (user_id uuid, email text, full_name text, tenant_id uuid, tenant_name text, role text, plan text, is_demo boolean) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select u.user_id, u.email, u.full_name, t.tenant_id, t.name, m.role, s.plan, t.is_demo
    from memberships m join users u on u.user_id = m.user_id join tenants t on t.tenant_id = m.tenant_id
    join subscriptions s on s.tenant_id = m.tenant_id
    where m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid and m.user_id = member;
end$body$;

revoke all on function app.profile(uuid) from public;
grant execute on function app.profile(uuid) to whyral_app;
alter function app.profile(uuid) owner to whyral_definer;
-- Across workspaces, yet of one user only: the one who entered.
create function app.workspaces(member uuid) returns table (tenant_id uuid, tenant_name text, role text, plan text, is_demo boolean) language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select t.tenant_id, t.name, m.role, s.plan, t.is_demo
    from memberships m join tenants t on t.tenant_id = m.tenant_id join subscriptions s on s.tenant_id = m.tenant_id
    where m.user_id = member and member = nullif(current_setting('app.user', true), '')::uuid order by m.created_at, m.tenant_id;
end$body$;

revoke all on function app.workspaces(uuid) from public;
grant execute on function app.workspaces(uuid) to whyral_app;
alter function app.workspaces(uuid) owner to whyral_definer;
create function app.search_videos(words text, most int) returns setof uuid language plpgsql volatile security definer set search_path = public, pg_temp as $body$
begin
  return query select v.video_id from videos v
    where v.search @@ websearch_to_tsquery('simple', words) and v.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid limit most;
end$body$;

revoke all on function app.search_videos(text, int) from public;
grant execute on function app.search_videos(text, int) to whyral_app;
alter function app.search_videos(text, int) owner to whyral_definer;
create function app.ensure_month(wanted date) returns boolean language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare first date := date_trunc('month', wanted); part text := 'video_snapshots_' || to_char(wanted, 'YYYYMM');
begin
  if wanted < date '2005-01-01' or wanted > current_date + 62 then return false; end if;
  if to_regclass(part) is not null then return true; end if;
  perform pg_advisory_xact_lock(hashtext('ensure_month'));
  if to_regclass(part) is not null then return true; end if;
  begin
    execute format('create table %I partition of video_snapshots for values from (%L) to (%L)', part, first, first + interval '1 month');
  exception when check_violation then
    return false;  -- the default partition holds rows of this month: they stay there, and so do new ones
  end;
  execute format('alter table %I enable row level security', part);
  execute format('alter table %I force row level security', part);
  execute format('revoke all on %I from public', part);
  return true;
end$body$;

revoke all on function app.ensure_month(date) from public;
grant execute on function app.ensure_month(date) to whyral_app;
revoke create on schema app from whyral_definer;
-- Check and take in one call, as the caller and under its row-level security. The operation's row comes first: a second call
-- of the same operation waits for the first one there, and then finds what it took.
create function app.take_usage(workspace uuid, wanted text, units bigint, op text, today date)
  returns table (outcome text, period text, period_start date, most bigint, used bigint)
  language plpgsql volatile security invoker set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare paid text; rule jsonb; known usage_takes%rowtype; per text; first date; ceiling bigint; total bigint;
begin
  select s.status, p.limits -> wanted into paid, rule from subscriptions s join plans p on p.plan = s.plan where s.tenant_id = workspace;
  if rule is null then return query select 'refused', null::text, null::date, null::bigint, null::bigint; return; end if;
  if paid not in ('active', 'trial', 'canceling') then
    return query select 'unpaid', null::text, null::date, null::bigint, null::bigint; return;
  end if;
  per := rule ->> 'period';
  ceiling := (rule ->> 'limit')::bigint;
  first := case per when 'day' then today when 'month' then date_trunc('month', today)::date else date '1970-01-01' end;
  insert into usage_takes (tenant_id, operation, meter, period_start, amount) values (workspace, op, wanted, first, units) on conflict do nothing;
  if not found then
    select t.* into strict known from usage_takes t where t.tenant_id = workspace and t.operation = op;
    select c.used into total from usage_counters c
     where c.tenant_id = workspace and c.meter = known.meter and c.period_start = known.period_start;
    return query select
      case when known.given_back_at is null and known.meter = wanted and known.amount = units then 'taken' else 'conflict' end,
      per, known.period_start, ceiling, total;
    return;
  end if;
  insert into usage_counters as c (tenant_id, meter, period_start, used) select workspace, wanted, first, units
    where ceiling is null or units <= ceiling
    on conflict (tenant_id, meter, period_start) do update set used = c.used + excluded.used
    where ceiling is null or c.used + excluded.used <= ceiling
    returning c.used into total;
  if found then return query select 'taken', per, first, ceiling, total; return; end if;
  delete from usage_takes t where t.tenant_id = workspace and t.operation = op;
  select c.used into total from usage_counters c where c.tenant_id = workspace and c.meter = wanted and c.period_start = first;
  return query select 'full', per, first, ceiling, coalesce(total, 0);
end$body$;

revoke all on function app.take_usage(uuid, text, bigint, text, date) from public;
grant execute on function app.take_usage(uuid, text, bigint, text, date) to whyral_app;

create function app.count_request() returns trigger language plpgsql as $body$
begin
  if tg_op = 'INSERT' then new.version := 1; return new; end if;
  if (new.state, new.attempt, new.progress, new.note, new.error, new.is_cancel_requested)
     is distinct from (old.state, old.attempt, old.progress, old.note, old.error, old.is_cancel_requested) then
    new.version := old.version + 1;
  end if;
  return new;
end $body$;

create function app.tell_request() returns trigger language plpgsql as $body$
begin
  if tg_op = 'UPDATE' and new.version = old.version then return null; end if;
  insert into request_events (tenant_id, request_id, version, at, state, attempt, progress, note, error)
    values (new.tenant_id, new.request_id, new.version, clock_timestamp(), new.state, new.attempt, new.progress, new.note, new.error);
  perform pg_notify('requests', new.tenant_id || ' ' || new.request_id);
  return null;
end $body$;

revoke all on function app.count_request(), app.tell_request() from public;

create trigger count_request before insert or update on requests for each row execute function app.count_request();

create trigger tell_request after insert or update on requests for each row execute function app.tell_request();


insert into plans (plan, title, limits) values
  ('free', 'Free', '{"imports_per_day": {"limit": 50, "period": "day"}, "requests_per_day": {"limit": 500, "period": "day"}}');
