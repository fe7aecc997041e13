-- An overage stops its subject until an administrator of the platform has looked at it.
alter table reservations add column excused_at timestamptz;
drop index ix_reservations_overage;
create index ix_reservations_overage on reservations (tenant_id, subject) where spent_usd > reserved_usd and excused_at is null;

create or replace function app.reserve_usd(workspace uuid, op text, about text, usd numeric, today date, until timestamptz, links jsonb, caps jsonb)
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
    when exists(select from reservations r where r.tenant_id = workspace and r.subject = about
      and r.spent_usd > r.reserved_usd and r.excused_at is null) then 'stopped'
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
