-- The whole deployment's caps are dealt out to 64 shares instead of 16: of 32 who reserve at once, fewer wait for one another's commit.
-- What workspaces hold and spent is counted anew, also what they did before there were shares: the owner, who is bound by row-level security
-- but for these statements, saw none of it then.
alter table ledger_days no force row level security;
alter table deployment_spending no force row level security;
alter table deployment_settled no force row level security;
delete from deployment_settled;
delete from deployment_spending;
insert into deployment_spending (period, period_start, share, cap_usd, quota_usd, used_usd)
  select c.period, s.period_start, s.share, c.cap_usd, s.used_usd, s.used_usd from deployment_caps c join (
    select 'day' as period, day as period_start, abs(hashtext(tenant_id::text) % 64) as share, sum(reserved_usd + spent_usd) as used_usd
      from ledger_days group by 1, 2, 3
    union all select 'month', date_trunc('month', day)::date, abs(hashtext(tenant_id::text) % 64), sum(reserved_usd + spent_usd)
      from ledger_days group by 1, 2, 3) s on s.period = c.period;
alter table ledger_days force row level security;
alter table deployment_spending force row level security;
alter table deployment_settled force row level security;

create or replace function app.deal_out(of_period text, started date, mine integer, usd numeric) returns boolean
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare cap numeric; total numeric; each_free numeric;
begin
  select c.cap_usd into strict cap from deployment_caps c where c.period = of_period;
  insert into deployment_spending (period, period_start, share, cap_usd, quota_usd, used_usd)
    select of_period, started, n, cap, 0, 0 from generate_series(0, 63) n order by n on conflict do nothing;
  perform 1 from deployment_spending s where s.period = of_period and s.period_start = started order by s.share for update;
  with gone as (
    delete from deployment_settled d where d.settled_id in (
      select e.settled_id from deployment_settled e where e.period = of_period and e.period_start = started for update skip locked)
    returning d.share, d.usd),
  sums as (select g.share, sum(g.usd) as usd from gone g group by g.share)
  update deployment_spending s set used_usd = s.used_usd + sums.usd from sums
   where s.period = of_period and s.period_start = started and s.share = sums.share;
  select sum(s.used_usd) into total from deployment_spending s where s.period = of_period and s.period_start = started;
  each_free := trunc(greatest(cap - total - usd, 0) / 64, 10);
  update deployment_spending s set cap_usd = cap, quota_usd = s.used_usd + each_free
    where s.period = of_period and s.period_start = started;
  if total + usd > cap then return false; end if;
  update deployment_spending s set used_usd = s.used_usd + usd, quota_usd = s.quota_usd + usd
    where s.period = of_period and s.period_start = started and s.share = mine;
  return true;
end$body$;

create or replace function app.hold_deployment(workspace uuid, today date, usd numeric) returns text
  language plpgsql volatile security definer set search_path = public, pg_temp as $body$
declare mine integer := abs(hashtext(workspace::text) % 64); asked record; is_held boolean;
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

create or replace function app.settle_deployment(workspace uuid, on_day date, change numeric) returns void
  language sql volatile security definer set search_path = public, pg_temp as $body$
  insert into deployment_settled (period, period_start, share, usd)
    select p.period, p.started, abs(hashtext(workspace::text) % 64), change
      from (values ('day', on_day), ('month', date_trunc('month', on_day)::date)) p (period, started) where change <> 0
$body$;
