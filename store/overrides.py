"""What an administrator set for one workspace: suspension, overrides of its plan. And what the workspace may do and used by now."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from domain.admin import Meter, PlanOverride
from domain.errors import NotFound, Unacceptable
from domain.usage import utc_day
from store.repository import Repository

_PUT = """
insert into plan_overrides (tenant_id, what, plan, most, period, reason, expires_at) values (:tenant, :what, :plan, :most, coalesce(:period, 'total'), :reason, :expires)
on conflict (tenant_id, what) do update set plan = excluded.plan, most = excluded.most, period = excluded.period, reason = excluded.reason,
  expires_at = excluded.expires_at, created_at = clock_timestamp()"""
_METERS = """
select r.key as meter, r.value ->> 'period' as period, coalesce(c.used, 0) as used, (r.value ->> 'limit')::bigint as most
  from app.limits_of(:tenant) l cross join lateral jsonb_each(l.limits) r
  left join usage_counters c on c.tenant_id = :tenant and c.meter = r.key and c.period_start = case r.value ->> 'period'
    when 'day' then :today when 'month' then date_trunc('month', cast(:today as date))::date else date '1970-01-01' end
 order by r.key"""
_COUNTS = """
select 'accounts' as name, count(*) as n from accounts where tenant_id = :tenant
union all select 'videos', count(*) from videos where tenant_id = :tenant
union all select 'channels', count(*) from channels where tenant_id = :tenant
union all select 'trackings', count(*) from trackings where tenant_id = :tenant
union all select 'media', count(*) from media where tenant_id = :tenant
union all select 'clips', count(*) from clips where tenant_id = :tenant
union all select 'requests', count(*) from requests where tenant_id = :tenant
union all select 'api_keys', count(*) from api_keys where tenant_id = :tenant"""


class Overrides(Repository):
    """One workspace's."""

    def suspend(self, reason: str) -> bool:
        """Returns whether it was not suspended before."""
        done = self._run(
            "update tenants set suspended_at = clock_timestamp(), suspension_reason = :reason where tenant_id = :tenant and suspended_at is null",
            reason=reason,
        )
        return done.rowcount == 1

    def restore(self) -> bool:
        """Returns whether it was suspended before."""
        done = self._run(
            "update tenants set suspended_at = null, suspension_reason = null where tenant_id = :tenant and suspended_at is not null"
        )
        return done.rowcount == 1

    def is_suspended(self) -> bool:
        return bool(self._run("select exists(select from tenants where tenant_id = :tenant and suspended_at is not null)").scalar_one())

    def is_open(self) -> bool:
        """Whether there is such a workspace, neither suspended nor being erased."""
        found = (
            "select exists(select from tenants t where t.tenant_id = :tenant and t.suspended_at is null"
            " and not exists(select from deletions d where d.tenant_id = t.tenant_id and d.started_at is not null))"
        )
        return bool(self._run(found).scalar_one())

    def current(self) -> list[PlanOverride]:
        """All of them, those that have expired too."""
        rows = self._run(
            "select what, plan, most, case when plan is null then period end as period, reason, expires_at from plan_overrides where tenant_id = :tenant order by what"
        )
        return [PlanOverride(**row._mapping) for row in rows]

    def find(self, what: str) -> PlanOverride | None:
        return next((each for each in self.current() if each.what == what), None)

    def put(self, override: PlanOverride) -> None:
        """Raises Unacceptable for a plan that there is not."""
        known = self._run("select cast(:plan as text) is null or exists(select from plans where plan = :plan)", plan=override.plan)
        if not known.scalar_one():
            raise Unacceptable(f"plan {override.plan} is not known")
        self._run(
            _PUT, what=override.what, plan=override.plan, most=override.most, period=override.period, reason=override.reason,
            expires=override.expires_at,
        )  # fmt: skip

    def drop(self, what: str) -> None:
        if self._run("delete from plan_overrides where tenant_id = :tenant and what = :what", what=what).rowcount == 0:
            raise NotFound("override", what)

    def meters(self, *, now: datetime) -> list[Meter]:
        """Every meter that its plan has, overrides and all, with what was used of it."""
        today: date = utc_day(now)
        return [Meter(**row._mapping) for row in self._run(_METERS, today=today)]

    def plan(self) -> tuple[str, str]:
        """The plan that counts now, and its status. Raises NotFound where the workspace is being erased and has none any more."""
        row = self._run("select plan, status from app.limits_of(:tenant)").one_or_none()
        if row is None:
            raise NotFound("plan of workspace", self._tenant_id)
        return row.plan, row.status

    def counts(self) -> Mapping[str, int]:
        return {row.name: row.n for row in self._run(_COUNTS)}

    def retry_mail(self, message_id: UUID) -> None:
        """A mail that failed for good is sent once more, as long as its words are kept. Raises NotFound."""
        again = "update outbox set state = 'pending', attempts = 0, error = null, not_before = clock_timestamp()"
        mine = "where tenant_id = :tenant and message_id = :id and state = 'failed' and body <> ''"
        if self._run(f"{again} {mine}", id=message_id).rowcount == 0:
            raise NotFound("failed mail that still has its words", message_id)

    def mail_later(self, dedupe_key: str, not_before: datetime) -> None:
        """Hold a mail back that was just put into the outbox."""
        self._run("update outbox set not_before = :at where tenant_id = :tenant and dedupe_key = :key", key=dedupe_key, at=not_before)
