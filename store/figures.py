"""One workspace's use and costs by UTC day, made of takes and reservations; and whether the books agree with one another.

Only days on which something happened since they were made last are made again. All of it is SQL on the workspace's rows.
"""

from datetime import datetime, timedelta

from store.books import BOOKS
from store.repository import Repository

# A transaction that began before the last making may have committed after it; none may idle for longer than two minutes.
OVERLAP = timedelta(hours=1)
_TOUCHED_TAKE = "greatest(t.created_at, t.given_back_at, t.delivered_at)"
_TOUCHED_CALL = "greatest(r.created_at, r.began_at, r.ended_at)"
# A kind of request, `production`, or the first word of the subject.
_KIND = "case when r.production is not null then 'production' else coalesce(q.kind, split_part(r.subject, ':', 1)) end"

_USAGE = f"""
insert into usage_days as d (tenant_id, day, meter, used, given_back, delivered, operations, made_at)
select t.tenant_id, t.day, t.meter, coalesce(sum(t.amount) filter (where t.given_back_at is null), 0),
  coalesce(sum(t.amount) filter (where t.given_back_at is not null), 0), coalesce(sum(t.amount) filter (where t.delivered_at is not null), 0),
  count(distinct split_part(t.operation, '#', 1)), :now
  from usage_takes t where t.tenant_id = :tenant and (t.day, t.meter) in (select t.day, t.meter from usage_takes t
    where t.tenant_id = :tenant and (cast(:since as timestamptz) is null or {_TOUCHED_TAKE} >= :since))
 group by t.tenant_id, t.day, t.meter
on conflict (tenant_id, day, meter) do update set used = excluded.used, given_back = excluded.given_back, delivered = excluded.delivered,
  operations = excluded.operations, made_at = excluded.made_at"""

_COSTS = f"""
insert into cost_days as d (tenant_id, day, service, subject_kind, operations, productions, unknown, reserved_usd, spent_usd, made_at)
select r.tenant_id, r.day, coalesce(r.service, 'unnamed'), {_KIND}, count(*) filter (where r.state <> 'released'),
  count(distinct r.production) filter (where not exists (select from reservations e
    where e.tenant_id = r.tenant_id and e.production = r.production and (e.day, e.operation) < (r.day, r.operation))),
  count(*) filter (where r.state = 'unknown'), coalesce(sum(r.reserved_usd) filter (where r.state = 'reserved'), 0),
  coalesce(sum(r.spent_usd), 0), :now
  from reservations r left join requests q on q.tenant_id = r.tenant_id and q.request_id = r.request_id
 where r.tenant_id = :tenant and r.day in (select r.day from reservations r
    where r.tenant_id = :tenant and (cast(:since as timestamptz) is null or {_TOUCHED_CALL} >= :since))
 group by 1, 2, 3, 4
on conflict (tenant_id, day, service, subject_kind) do update set operations = excluded.operations, productions = excluded.productions,
  unknown = excluded.unknown, reserved_usd = excluded.reserved_usd, spent_usd = excluded.spent_usd, made_at = excluded.made_at"""

# Days on which something happened since the last making are not due yet.
_USAGE_OFF = f"""
select count(*) from (select t.day, t.meter, coalesce(sum(t.amount) filter (where t.given_back_at is null), 0) as used, max({_TOUCHED_TAKE}) as touched
    from usage_takes t where t.tenant_id = :tenant group by 1, 2) t
  full join (select u.day, u.meter, u.used from usage_days u where u.tenant_id = :tenant) u using (day, meter)
 where t.used is distinct from u.used
   and coalesce(t.touched < (select max(m.made_at) from usage_days m where m.tenant_id = :tenant) - cast(:overlap as interval), true)"""

_COUNTERS_OFF = """
select count(*) from (select meter, period_start, coalesce(sum(amount) filter (where given_back_at is null), 0) as used from usage_takes
    where tenant_id = :tenant group by 1, 2) t
  full join (select meter, period_start, used from usage_counters where tenant_id = :tenant) c using (meter, period_start)
 where coalesce(t.used, 0) <> coalesce(c.used, 0)"""

_COSTS_OFF = f"""
select count(*) from (select day, sum(reserved_usd) as reserved, sum(spent_usd) as spent from cost_days where tenant_id = :tenant group by 1) c
  full join (select day, reserved_usd as reserved, spent_usd as spent from ledger_days where tenant_id = :tenant) d using (day)
  left join (select r.day, max({_TOUCHED_CALL}) as touched from reservations r where r.tenant_id = :tenant group by 1) t using (day)
 where (coalesce(c.reserved, 0), coalesce(c.spent, 0)) is distinct from (coalesce(d.reserved, 0), coalesce(d.spent, 0))
   and coalesce(t.touched < (select max(m.made_at) from cost_days m where m.tenant_id = :tenant) - cast(:overlap as interval), true)"""


class Figures(Repository):
    """One tenant's days."""

    def put_usage(self, *, now: datetime, is_full: bool = False) -> tuple[int, int]:
        """Make the days of meters that changed. Returns how many were made, and how many there are."""
        return self._put("usage_days", _USAGE, now, is_full)

    def put_costs(self, *, now: datetime, is_full: bool = False) -> tuple[int, int]:
        """Make the days of costs that changed. Returns how many rows were made, and how many there are."""
        return self._put("cost_days", _COSTS, now, is_full)

    def usage_off(self) -> int:
        """Days of meters that are not what their takes come to."""
        return int(self._run(_USAGE_OFF, overlap=OVERLAP).scalar_one())

    def counters_off(self) -> int:
        """Counters, which limits are checked against, that are not what their takes come to."""
        return int(self._run(_COUNTERS_OFF).scalar_one())

    def costs_off(self) -> int:
        """Days that are not what the ledger's day comes to."""
        return int(self._run(_COSTS_OFF, overlap=OVERLAP).scalar_one())

    def books_off(self) -> dict[str, int]:
        """The ledger's own: reservations against entries and against days. All of them are 0."""
        return {name: int(self._run(each).scalar_one()) for name, each in BOOKS.items()}

    def _put(self, table: str, statement: str, now: datetime, is_full: bool) -> tuple[int, int]:
        made = self._run(f"select max(made_at) as last, count(*) as rows from {table} where tenant_id = :tenant").one()
        since = None if is_full or made.last is None else made.last - OVERLAP
        done = self._run(statement, now=now, since=since).rowcount
        rows = self._run(f"select count(*) from {table} where tenant_id = :tenant").scalar_one()
        return done, int(rows)
