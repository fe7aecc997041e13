-- Plans from the packaged file, metering per user and platform, caps of the whole deployment, a ledger that proves its balance.

ALTER TABLE plans
  ADD COLUMN position INTEGER DEFAULT 0 NOT NULL,
  ADD COLUMN version INTEGER DEFAULT 0 NOT NULL,
  ADD COLUMN is_public BOOLEAN DEFAULT false NOT NULL,
  ADD COLUMN features JSONB DEFAULT '[]' NOT NULL,
  ADD COLUMN prices JSONB DEFAULT '[]' NOT NULL,
  ADD COLUMN day_usd NUMERIC(20, 10),
  ADD COLUMN month_usd NUMERIC(20, 10);

ALTER TABLE usage_takes ADD COLUMN day DATE, ADD COLUMN user_id UUID, ADD COLUMN platform TEXT;
update usage_takes set day = (created_at at time zone 'UTC')::date;
ALTER TABLE usage_takes ALTER COLUMN day SET NOT NULL;
CREATE INDEX ix_usage_takes_day ON usage_takes (tenant_id, day);

CREATE TABLE usage_parts (
  tenant_id UUID NOT NULL,
  meter TEXT NOT NULL,
  period_start DATE NOT NULL,
  part TEXT NOT NULL,
  used BIGINT NOT NULL,
  CONSTRAINT pk_usage_parts PRIMARY KEY (tenant_id, meter, period_start, part),
  CONSTRAINT ck_usage_parts_used_not_negative CHECK (used >= 0)
);

ALTER TABLE reservations
  ADD COLUMN service TEXT,
  ADD COLUMN production TEXT,
  ADD COLUMN request_id UUID,
  ADD COLUMN run_id TEXT,
  ADD COLUMN user_id UUID;
CREATE INDEX ix_reservations_production ON reservations (tenant_id, production) WHERE production is not null;
CREATE INDEX ix_reservations_day ON reservations (tenant_id, day);

CREATE TABLE deployment_caps (
  period TEXT NOT NULL,
  cap_usd NUMERIC(20, 10) NOT NULL,
  CONSTRAINT pk_deployment_caps PRIMARY KEY (period),
  CONSTRAINT ck_deployment_caps_period_known CHECK (period in ('day', 'month')),
  CONSTRAINT ck_deployment_caps_cap_not_negative CHECK (cap_usd >= 0)
);

CREATE TABLE deployment_spending (
  period TEXT NOT NULL,
  period_start DATE NOT NULL,
  share INTEGER NOT NULL,
  cap_usd NUMERIC(20, 10) NOT NULL,
  quota_usd NUMERIC(20, 10) NOT NULL,
  used_usd NUMERIC(20, 10) NOT NULL,
  CONSTRAINT pk_deployment_spending PRIMARY KEY (period, period_start, share),
  CONSTRAINT ck_deployment_spending_period_known CHECK (period in ('day', 'month')),
  CONSTRAINT ck_deployment_spending_used_not_negative CHECK (used_usd >= 0)
);

CREATE TABLE deployment_settled (
  settled_id UUID DEFAULT gen_random_uuid() NOT NULL,
  period TEXT NOT NULL,
  period_start DATE NOT NULL,
  share INTEGER NOT NULL,
  usd NUMERIC(20, 10) NOT NULL,
  CONSTRAINT pk_deployment_settled PRIMARY KEY (settled_id)
);

-- The administrators' own migration may have made it already.
CREATE TABLE IF NOT EXISTS plan_overrides (
  tenant_id UUID NOT NULL,
  what TEXT NOT NULL,
  plan TEXT,
  most BIGINT,
  period TEXT DEFAULT 'total' NOT NULL,
  reason TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_plan_overrides PRIMARY KEY (tenant_id, what),
  CONSTRAINT fk_plan_overrides_plans FOREIGN KEY(plan) REFERENCES plans (plan),
  CONSTRAINT fk_plan_overrides_tenants FOREIGN KEY(tenant_id) REFERENCES tenants (tenant_id) ON DELETE CASCADE,
  CONSTRAINT ck_plan_overrides_most_not_negative CHECK (most >= 0),
  CONSTRAINT ck_plan_overrides_period_known CHECK (period in ('day', 'month', 'total')),
  CONSTRAINT ck_plan_overrides_one_thing CHECK ((what = 'plan') = (plan is not null))
);

DO $$ declare name text; begin
  foreach name in array array['usage_parts', 'plan_overrides', 'deployment_caps', 'deployment_spending', 'deployment_settled'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('revoke all on %I from public', name);
  end loop;
  foreach name in array array['usage_parts', 'plan_overrides'] loop
    if not exists (select from pg_policies p where p.schemaname = 'public' and p.tablename = name and p.policyname = 'tenant') then
      execute format('create policy tenant on %I to whyral_app using (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)'
        ' with check (tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid)', name);
      execute format('grant select, insert, update, delete on %I to whyral_app', name);
    end if;
  end loop;
  foreach name in array array['deployment_caps', 'deployment_spending', 'deployment_settled'] loop
    execute format('create policy definer on %I to whyral_definer using (true) with check (true)', name);
    execute format('grant select, insert, update, delete on %I to whyral_definer', name);
  end loop;
end $$;
create policy system on usage_parts to whyral_system using (true) with check (true);
grant select, update, delete on usage_parts to whyral_system;
create policy kept on deployment_caps to whyral_owner using (true) with check (true);

-- What a workspace may do today: its plan, or the one that an administrator gave it for a time, and the limits that were set apart.
create or replace function app.limits_of(workspace uuid) returns table (plan text, status text, limits jsonb)
  language sql stable security invoker set search_path = public, pg_temp as $body$
  select p.plan, case when o.plan is null then s.status else 'active' end, p.limits || coalesce(l.limits, '{}')
    from subscriptions s
    left join plan_overrides o on o.tenant_id = s.tenant_id and o.what = 'plan' and o.expires_at > clock_timestamp()
    join plans p on p.plan = coalesce(o.plan, s.plan)
    left join lateral (select jsonb_object_agg(m.what, jsonb_build_object('limit', m.most, 'period', m.period)) as limits from plan_overrides m
      where m.tenant_id = s.tenant_id and m.what <> 'plan' and m.expires_at > clock_timestamp()) l on true
   where s.tenant_id = workspace
$body$;
revoke all on function app.limits_of(uuid) from public;
grant execute on function app.limits_of(uuid) to whyral_app;

-- The cheapest public plan above this one that has more of a meter than `most`; null: none has.
create function app.plan_with_more(current_plan text, wanted text, most bigint) returns text
  language sql stable security invoker set search_path = public, pg_temp as $body$
  select m.plan from plans p join plans m on m.is_public and m.position > p.position
   where p.plan = current_plan and m.limits ? wanted and (most is null or m.limits -> wanted ->> 'limit' is null or (m.limits -> wanted ->> 'limit')::bigint > most)
   order by m.position limit 1
$body$;
revoke all on function app.plan_with_more(text, text, bigint) from public;
grant execute on function app.plan_with_more(text, text, bigint) to whyral_app;

drop function app.take_usage(uuid, text, bigint, text, date);
-- The meter's counter is locked first, so its parts (of a user, of a platform) are read and counted by one taker at a time.
create function app.take_usage(workspace uuid, wanted text, units bigint, op text, today date, of_user uuid, of_platform text, of_request uuid)
  returns table (outcome text, period text, period_start date, most bigint, used bigint, share text, upgrade text)
  language plpgsql volatile security invoker set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare mine text; paid text; rule jsonb; known usage_takes%rowtype; per text; first date; ceiling bigint; total bigint; piece record;
begin
  select l.plan, l.status, l.limits -> wanted into mine, paid, rule from app.limits_of(workspace) l;
  if rule is null then
    return query select 'refused', null::text, null::date, null::bigint, null::bigint, null::text, app.plan_with_more(mine, wanted, null); return;
  end if;
  per := rule ->> 'period';
  ceiling := (rule ->> 'limit')::bigint;
  first := case per when 'day' then today when 'month' then date_trunc('month', today)::date else date '1970-01-01' end;
  if paid not in ('active', 'trial', 'canceling') then
    select c.used into total from usage_counters c where c.tenant_id = workspace and c.meter = wanted and c.period_start = first;
    return query select 'unpaid', per, first, ceiling, coalesce(total, 0), null::text, null::text; return;
  end if;
  insert into usage_takes (tenant_id, operation, meter, period_start, amount, day, user_id, platform, request_id)
    values (workspace, op, wanted, first, units, today, of_user, of_platform, of_request) on conflict do nothing;
  if not found then
    select t.* into strict known from usage_takes t where t.tenant_id = workspace and t.operation = op;
    select c.used into total from usage_counters c
     where c.tenant_id = workspace and c.meter = known.meter and c.period_start = known.period_start;
    return query select
      case when known.given_back_at is null and known.meter = wanted and known.amount = units then 'taken' else 'conflict' end,
      per, known.period_start, ceiling, total, null::text, null::text;
    return;
  end if;
  insert into usage_counters as c (tenant_id, meter, period_start, used) select workspace, wanted, first, units
    where ceiling is null or units <= ceiling
    on conflict (tenant_id, meter, period_start) do update set used = c.used + excluded.used
    where ceiling is null or c.used + excluded.used <= ceiling
    returning c.used into total;
  if not found then
    delete from usage_takes t where t.tenant_id = workspace and t.operation = op;
    select c.used into total from usage_counters c where c.tenant_id = workspace and c.meter = wanted and c.period_start = first;
    return query select 'full', per, first, ceiling, coalesce(total, 0), null::text, app.plan_with_more(mine, wanted, ceiling);
    return;
  end if;
  for piece in
    select v.part, v.most, coalesce(p.used, 0) as used, v.word
      from (values ('user:' || of_user, (rule ->> 'per_user')::bigint, 'per user'), ('platform:' || of_platform, (rule ->> 'per_platform')::bigint, 'per platform')) v (part, most, word)
      left join usage_parts p on p.tenant_id = workspace and p.meter = wanted and p.period_start = first and p.part = v.part where v.part is not null
  loop
    if piece.used + units > piece.most then
      delete from usage_takes t where t.tenant_id = workspace and t.operation = op;
      update usage_counters c set used = c.used - units where c.tenant_id = workspace and c.meter = wanted and c.period_start = first;
      return query select 'full', per, first, piece.most, piece.used, piece.word, null::text;
      return;
    end if;
  end loop;
  insert into usage_parts as p (tenant_id, meter, period_start, part, used)
    select workspace, wanted, first, v.part, units from unnest(array['user:' || of_user, 'platform:' || of_platform]) v (part) where v.part is not null
    on conflict (tenant_id, meter, period_start, part) do update set used = p.used + excluded.used;
  return query select 'taken', per, first, ceiling, total, null::text, null::text;
end$body$;
revoke all on function app.take_usage(uuid, text, bigint, text, date, uuid, text, uuid) from public;
grant execute on function app.take_usage(uuid, text, bigint, text, date, uuid, text, uuid) to whyral_app;

-- Whoever gives back or delivers after all: the parts follow the take.
create function app.count_parts() returns trigger language plpgsql set search_path = public, pg_temp as $body$
begin
  if (old.given_back_at is null) <> (new.given_back_at is null) then
    update usage_parts p set used = p.used + case when new.given_back_at is null then new.amount else -new.amount end
     where p.tenant_id = new.tenant_id and p.meter = new.meter and p.period_start = new.period_start
       and p.part = any(array['user:' || new.user_id, 'platform:' || new.platform]);
  end if;
  return null;
end$body$;
revoke all on function app.count_parts() from public;
create trigger count_parts after update of given_back_at on usage_takes for each row execute function app.count_parts();

-- The whole deployment's caps. Each period's cap is dealt out to sixteen shares, so that workspaces seldom wait for one another;
-- a share that runs out has all of them dealt out anew. What settles is noted aside and counted in by whoever deals or sweeps.
insert into deployment_caps (period, cap_usd) values ('day', 150), ('month', 4500);
insert into deployment_spending (period, period_start, share, cap_usd, quota_usd, used_usd)
  select c.period, s.period_start, s.share, c.cap_usd, s.used_usd, s.used_usd from deployment_caps c join (
    select 'day' as period, day as period_start, abs(hashtext(tenant_id::text) % 16) as share, sum(reserved_usd + spent_usd) as used_usd
      from ledger_days group by 1, 2, 3
    union all select 'month', date_trunc('month', day)::date, abs(hashtext(tenant_id::text) % 16), sum(reserved_usd + spent_usd)
      from ledger_days group by 1, 2, 3) s on s.period = c.period;

grant create on schema app to whyral_definer;
create function app.deal_out(of_period text, started date, mine integer, usd numeric) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare cap numeric; total numeric; each_free numeric;
begin
  select c.cap_usd into strict cap from deployment_caps c where c.period = of_period;
  insert into deployment_spending (period, period_start, share, cap_usd, quota_usd, used_usd)
    select of_period, started, n, cap, 0, 0 from generate_series(0, 15) n order by n on conflict do nothing;
  perform 1 from deployment_spending s where s.period = of_period and s.period_start = started order by s.share for update;
  with gone as (
    delete from deployment_settled d where d.settled_id in (
      select e.settled_id from deployment_settled e where e.period = of_period and e.period_start = started for update skip locked)
    returning d.share, d.usd),
  sums as (select g.share, sum(g.usd) as usd from gone g group by g.share)
  update deployment_spending s set used_usd = s.used_usd + sums.usd from sums
   where s.period = of_period and s.period_start = started and s.share = sums.share;
  select sum(s.used_usd) into total from deployment_spending s where s.period = of_period and s.period_start = started;
  each_free := trunc(greatest(cap - total - usd, 0) / 16, 10);
  update deployment_spending s set cap_usd = cap, quota_usd = s.used_usd + each_free
    where s.period = of_period and s.period_start = started;
  if total + usd > cap then return false; end if;
  update deployment_spending s set used_usd = s.used_usd + usd, quota_usd = s.quota_usd + usd
    where s.period = of_period and s.period_start = started and s.share = mine;
  return true;
end$body$;
revoke all on function app.deal_out(text, date, integer, numeric) from public;
alter function app.deal_out(text, date, integer, numeric) owner to whyral_definer;

-- Which period has no room for this amount; null: it is held in both.
create function app.hold_deployment(workspace uuid, today date, usd numeric) returns text
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare mine integer := abs(hashtext(workspace::text) % 16); asked record; is_held boolean;
begin
  for asked in select 'day' as period, today as started union all select 'month', date_trunc('month', today)::date loop
    begin
      update deployment_spending s set used_usd = s.used_usd + usd
        where s.period = asked.period and s.period_start = asked.started and s.share = mine and s.used_usd + usd <= s.quota_usd
          and s.cap_usd = (select c.cap_usd from deployment_caps c where c.period = asked.period);
      is_held := found;
      -- A row that was waited for and does not fit any more stays locked, and all are locked in their order next: let go of it.
      if not is_held then raise exception using errcode = 'WH409'; end if;
    exception when sqlstate 'WH409' then is_held := false;
    end;
    if not is_held and not app.deal_out(asked.period, asked.started, mine, usd) then return asked.period; end if;
  end loop;
  return null;
end$body$;
revoke all on function app.hold_deployment(uuid, date, numeric) from public;
grant execute on function app.hold_deployment(uuid, date, numeric) to whyral_app;
alter function app.hold_deployment(uuid, date, numeric) owner to whyral_definer;

create function app.settle_deployment(workspace uuid, on_day date, change numeric) returns void
  language sql volatile security definer set search_path = public, pg_temp as $body$
  insert into deployment_settled (period, period_start, share, usd)
    select p.period, p.started, abs(hashtext(workspace::text) % 16), change
      from (values ('day', on_day), ('month', date_trunc('month', on_day)::date)) p (period, started) where change <> 0
$body$;
revoke all on function app.settle_deployment(uuid, date, numeric) from public;
grant execute on function app.settle_deployment(uuid, date, numeric) to whyral_app, whyral_system;
alter function app.settle_deployment(uuid, date, numeric) owner to whyral_definer;

-- Counts in what settled, and tells what the whole deployment holds and has spent in each period.
create function app.count_settled(today date) returns table (period text, used_usd numeric, cap_usd numeric)
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare asked record;
begin
  for asked in select d.period, d.period_start from deployment_settled d group by 1, 2 order by 1, 2 loop
    perform app.deal_out(asked.period, asked.period_start, 0, 0);
  end loop;
  return query select c.period, coalesce(sum(s.used_usd), 0), c.cap_usd from deployment_caps c left join deployment_spending s
      on s.period = c.period and s.period_start = case c.period when 'day' then today else date_trunc('month', today)::date end
    group by c.period, c.cap_usd order by c.period;
end$body$;
revoke all on function app.count_settled(date) from public;
grant execute on function app.count_settled(date) to whyral_system;
alter function app.count_settled(date) owner to whyral_definer;
revoke create on schema app from whyral_definer;
grant execute on function app.deal_out(text, date, integer, numeric) to whyral_definer;

-- One lock per workspace: nobody else reserves between the sums and the row.
create function app.reserve_usd(workspace uuid, op text, about text, usd numeric, today date, until timestamptz, links jsonb, caps jsonb)
  returns table (outcome text, day_usd numeric, month_usd numeric, production_usd numeric, day_cap numeric, month_cap numeric)
  language plpgsql volatile security invoker set search_path = public, pg_temp as $body$
#variable_conflict use_column
declare sums record; item numeric := 0; day_most numeric; month_most numeric; said text; lacking text;
begin
  perform pg_advisory_xact_lock(hashtextextended('ledger:' || workspace, 0));
  select coalesce(sum(d.reserved_usd + d.spent_usd) filter (where d.day = today), 0) as day_usd, coalesce(sum(d.reserved_usd + d.spent_usd), 0) as month_usd
    into sums from ledger_days d where d.tenant_id = workspace
     and d.day >= date_trunc('month', today) and d.day < date_trunc('month', today) + interval '1 month';
  -- The plan as `limits_of` has it, without its limits: this is asked before every paid call.
  select coalesce((select c.cap_usd from ledger_caps c where c.tenant_id = workspace and c.period = 'day'), p.day_usd, (caps ->> 'day')::numeric),
         coalesce((select c.cap_usd from ledger_caps c where c.tenant_id = workspace and c.period = 'month'), p.month_usd, (caps ->> 'month')::numeric)
    into day_most, month_most from subscriptions s
    left join plan_overrides o on o.tenant_id = s.tenant_id and o.what = 'plan' and o.expires_at > clock_timestamp()
    join plans p on p.plan = coalesce(o.plan, s.plan) where s.tenant_id = workspace;
  if links ->> 'production' is not null then
    select coalesce(sum(case r.state when 'reserved' then r.reserved_usd else coalesce(r.spent_usd, 0) end), 0) into item
      from reservations r where r.tenant_id = workspace and r.production = links ->> 'production';
  end if;
  said := case
    when exists(select from reservations r where r.tenant_id = workspace and r.operation = op) then 'known'
    when exists(select from reservations r where r.tenant_id = workspace and r.subject = about and r.spent_usd > r.reserved_usd) then 'stopped'
    when links ->> 'production' is not null and item + usd > (caps ->> 'production')::numeric then 'production'
    when sums.day_usd + usd > day_most then 'day'
    when sums.month_usd + usd > month_most then 'month'
    else 'reserved' end;
  if said = 'reserved' then
    begin
      insert into reservations (tenant_id, operation, subject, state, reserved_usd, day, expires_at, service, production, request_id, run_id, user_id)
        values (workspace, op, about, 'reserved', usd, today, until, links ->> 'service', links ->> 'production', (links ->> 'request_id')::uuid,
          case when links ->> 'request_id' is not null
            then (select q.run_id from requests q where q.tenant_id = workspace and q.request_id = (links ->> 'request_id')::uuid) end, (links ->> 'user_id')::uuid);
      insert into ledger_entries (tenant_id, operation, kind, source, target, amount_usd)
        select workspace, op, 'reserve', 'available', 'reserved', usd where usd > 0;
      insert into ledger_days as d (tenant_id, day, reserved_usd, spent_usd) values (workspace, today, usd, 0)
        on conflict (tenant_id, day) do update set reserved_usd = d.reserved_usd + excluded.reserved_usd;
      -- Last, as the whole deployment may wait for it.
      lacking := app.hold_deployment(workspace, today, usd);
      if lacking is not null then raise exception using errcode = 'WH429', message = lacking; end if;
    exception when sqlstate 'WH429' then said := 'deployment_' || lacking;
    end;
  end if;
  return query select said, sums.day_usd, sums.month_usd, item, day_most, month_most;
end$body$;
revoke all on function app.reserve_usd(uuid, text, text, numeric, date, timestamptz, jsonb, jsonb) from public;
grant execute on function app.reserve_usd(uuid, text, text, numeric, date, timestamptz, jsonb, jsonb) to whyral_app;

-- Double entry, proven when the transaction ends: what the entries put on an account is what the reservation says stands there.
create function app.must_balance() returns trigger language plpgsql set search_path = public, pg_temp as $body$
declare held numeric; spent numeric; said reservations%rowtype;
begin
  select r.* into said from reservations r where r.tenant_id = new.tenant_id and r.operation = new.operation;
  select coalesce(sum(case when e.target = 'reserved' then e.amount_usd when e.source = 'reserved' then -e.amount_usd end), 0),
         coalesce(sum(case when e.target = 'spent' then e.amount_usd when e.source = 'spent' then -e.amount_usd end), 0)
    into held, spent from ledger_entries e where e.tenant_id = new.tenant_id and e.operation = new.operation;
  if held is distinct from (case said.state when 'reserved' then said.reserved_usd else 0 end) or spent is distinct from coalesce(said.spent_usd, 0) then
    raise exception using errcode = 'check_violation', constraint = 'ledger_balances', table = 'ledger_entries',
      message = format('reservation %s says %s and %s, its entries come to %s reserved and %s spent', new.operation, said.state, said.spent_usd, held, spent);
  end if;
  return null;
end$body$;
revoke all on function app.must_balance() from public;
create constraint trigger must_balance after insert or update of state, reserved_usd, spent_usd on reservations
  deferrable initially deferred for each row execute function app.must_balance();
create constraint trigger must_balance after insert on ledger_entries
  deferrable initially deferred for each row execute function app.must_balance();
