"""Tracked accounts in the database: one tenant's, and what is due of all tenants. The rules are in `domain.tracking`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import FailureCategory, NotFound
from domain.observations import Platform
from domain.sources import Target
from domain.tracking import DueGroup, Tracking, TrackingState, Watched
from store.repository import Repository

_COLUMNS = tuple(Tracking.__dataclass_fields__)
_SELECT = f"select {', '.join(f't.{name}' for name in _COLUMNS)}"
# So many of an account's posts are watched, the newest.
WATCHED_POSTS = 200

_DUE = """
select t.account_id from trackings t
 where t.tenant_id = :tenant and t.platform = :platform and t.next_run_at <= :now and t.request_id is distinct from :request
   and (t.reading_until is null or t.reading_until <= :now or t.reading_request = :request) and t.account_id <> all(:taken)
 order by t.next_run_at, t.account_id limit :limit for update skip locked"""

_WATCHED = """
select a.account_id, v.external_id, v.posted_at, v.observed_at, v.url from unnest(cast(:ids as uuid[])) a(account_id) cross join lateral (
  select v.external_id, v.posted_at, v.observed_at, v.url from videos v
   where v.tenant_id = :tenant and v.account_id = a.account_id and v.posted_at is not null and not v.is_removed
   order by v.posted_at desc nulls last limit :most) v"""


@dataclass(frozen=True, slots=True)
class Followed:
    """An account to read. `tracking` is None where it is read once, because somebody asked."""

    account_id: UUID
    target: Target
    tracking: Tracking | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A tracking with the names of its account, for lists."""

    tracking: Tracking
    username: str | None
    title: str | None


def _tracking(row: Sequence[Any]) -> Tracking:
    words = dict(zip(_COLUMNS, row, strict=False))
    category = words["error_category"]
    return Tracking(**{**words, "state": TrackingState(words["state"]), "error_category": FailureCategory(category) if category else None})


class Trackings(Repository):
    """One tenant's trackings."""

    def get(self, account_id: UUID, *, lock: bool = False) -> Tracking:
        found = self.find(account_id, lock=lock)
        if found is None:
            raise NotFound("tracking of account", account_id)
        return found

    def find(self, account_id: UUID, *, lock: bool = False) -> Tracking | None:
        row = self._run(
            f"{_SELECT} from trackings t where t.tenant_id = :tenant and t.account_id = :id" + (" for update" if lock else ""),
            id=account_id,
        ).first()
        return _tracking(row) if row else None

    def states(self, ids: Sequence[UUID]) -> Mapping[UUID, TrackingState]:
        """How those stand that are still followed; until the transaction ends nobody changes that."""
        rows = self._run(
            "select account_id, state from trackings where tenant_id = :tenant and account_id = any(:ids) order by account_id for update",
            ids=list(ids),
        )
        return {row.account_id: TrackingState(row.state) for row in rows}

    def put(self, trackings: Sequence[Tracking]) -> None:
        """Insert or replace. What was being read is not any more."""
        names = ", ".join(_COLUMNS)
        sets = ", ".join(
            f"{name} = excluded.{name}" for name in _COLUMNS if name not in ("account_id", "created_at", "operation", "is_pushed")
        )
        statement = (
            f"insert into trackings as t (tenant_id, {names}) values (:tenant, {', '.join(f':{name}' for name in _COLUMNS)})"
            f" on conflict (tenant_id, account_id) do update set {sets}, operation = coalesce(excluded.operation, t.operation),"
            " reading_request = null, reading_until = null"
        )
        if trackings:
            rows = [{"tenant": self._tenant_id, **{name: getattr(each, name) for name in _COLUMNS}} for each in trackings]
            self._connection.execute(sa.text(statement), rows)

    def forget(self, account_id: UUID) -> None:
        """The account turned out to be another one: its tracking is there now."""
        self._run("delete from trackings where tenant_id = :tenant and account_id = :id", id=account_id)

    def delete(self, account_id: UUID) -> None:
        if self._run("delete from trackings where tenant_id = :tenant and account_id = :id", id=account_id).rowcount == 0:
            raise NotFound("tracking of account", account_id)

    def page(
        self, *, limit: int, before: tuple[datetime, UUID] | None = None, state: str | None = None, platform: str | None = None
    ) -> list[Listed]:
        """Newest first, strictly before the given position."""
        where = "t.tenant_id = :tenant" + (" and t.state = :state" if state else "") + (" and t.platform = :platform" if platform else "")
        words: dict[str, object] = {name: word for name, word in (("state", state), ("platform", platform)) if word}
        if before is not None:
            where += " and (t.created_at < :moment or (t.created_at = :moment and t.account_id > :last))"
            words |= {"moment": before[0], "last": before[1]}
        rows = self._run(
            f"{_SELECT}, a.username, a.title from trackings t join accounts a on a.tenant_id = t.tenant_id and a.account_id = t.account_id"
            f" where {where} order by t.created_at desc, t.account_id limit :limit",
            limit=limit, **words,
        )  # fmt: skip
        return [Listed(_tracking(row), row.username, row.title) for row in rows]

    def count_due(self, platform: str, *, now: datetime) -> int:
        due = "select count(*) from trackings where tenant_id = :tenant and platform = :platform and next_run_at <= :now"
        return int(self._run(due, platform=platform, now=now).scalar_one())

    def begin_due(
        self, platform: str, *, now: datetime, until: datetime, request_id: UUID, limit: int, taken: Sequence[UUID] = ()
    ) -> list[Followed]:
        """The next accounts that are due; until then nobody but this request reads them. None that it has finished, or has taken, comes again."""
        ids = list(self._run(_DUE, platform=platform, now=now, request=request_id, limit=limit, taken=list(taken)).scalars())
        return self._begin(ids, until=until, request_id=request_id)

    def begin(self, ids: Sequence[UUID], platform: str, *, now: datetime, until: datetime, request_id: UUID) -> list[Followed]:
        """The named accounts of this platform, whether due or not; without those that the request has finished or another one reads."""
        rows = self._run(
            "select a.account_id from accounts a left join trackings t on t.tenant_id = a.tenant_id and t.account_id = a.account_id"
            " where a.tenant_id = :tenant and a.account_id = any(:ids) and a.platform = :platform and t.request_id is distinct from :request"
            " and (t.reading_until is null or t.reading_until <= :now or t.reading_request = :request)",
            ids=list(ids), platform=platform, now=now, request=request_id,
        )  # fmt: skip
        return self._begin(list(rows.scalars()), until=until, request_id=request_id)

    def _begin(self, ids: list[UUID], *, until: datetime, request_id: UUID) -> list[Followed]:
        self._run(
            "update trackings set reading_request = :request, reading_until = :until where tenant_id = :tenant and account_id = any(:ids)",
            ids=ids, until=until, request=request_id,
        )  # fmt: skip
        rows = self._run(
            f"{_SELECT}, a.account_id as id, a.platform as its_platform, a.external_id, a.username from unnest(cast(:ids as uuid[])) with"
            " ordinality i(id, place) join accounts a on a.tenant_id = :tenant and a.account_id = i.id"
            " left join trackings t on t.tenant_id = a.tenant_id and t.account_id = a.account_id"
            " where a.external_id is not null or a.username is not null order by i.place",
            ids=ids,
        )
        return [
            Followed(row.id, Target(Platform(row.its_platform), row.external_id, row.username), _tracking(row) if row.account_id else None)
            for row in rows
        ]

    def watched(self, ids: Sequence[UUID]) -> Mapping[UUID, list[Watched]]:
        """The newest posts of each account, newest first, as far as their date is known."""
        found: dict[UUID, list[Watched]] = {each: [] for each in ids}
        for row in self._run(_WATCHED, ids=list(ids), most=WATCHED_POSTS):
            found[row.account_id].append(Watched(row.external_id, row.posted_at, row.observed_at, row.url))
        return found

    def postpone_rest(self, platform: str, *, now: datetime, until: datetime, spread: timedelta, words: tuple[str, str]) -> int:
        """Nobody can be asked now: everything due of the platform waits, spread a little, and says why."""
        done = self._run(
            "update trackings set next_run_at = :until + :spread * (abs(hashtext(account_id::text)) % 1000) / 1000, next_reason = 'retry',"
            " state = case state when 'live' then 'stale' else state end, error_category = :category, error_words = :words,"
            " reading_request = null, reading_until = null where tenant_id = :tenant and platform = :platform and next_run_at <= :now",
            platform=platform, now=now, until=until, spread=spread, category=words[0], words=words[1],
        )  # fmt: skip
        return done.rowcount

    def counts(self, platform: str, *, now: datetime, overdue_after: timedelta) -> Mapping[str, int]:
        """How many there are in each state, and how many are overdue (`overdue`)."""
        rows = self._run(
            "select state, count(*) as n, count(*) filter (where next_run_at < :late) as late from trackings"
            " where tenant_id = :tenant and platform = :platform group by state",
            platform=platform, late=now - overdue_after,
        ).all()  # fmt: skip
        return {**{row.state: row.n for row in rows}, "overdue": sum(row.late for row in rows)}

    def troubled(self, platform: str, *, limit: int = 20) -> list[Listed]:
        """Those that do not go well, the longest first."""
        rows = self._run(
            f"{_SELECT}, a.username, a.title from trackings t join accounts a on a.tenant_id = t.tenant_id and a.account_id = t.account_id"
            " where t.tenant_id = :tenant and t.platform = :platform and t.error_category is not null"
            " order by t.consecutive_failures desc, t.last_ok_at nulls first, t.account_id limit :limit",
            platform=platform, limit=limit,
        )  # fmt: skip
        return [Listed(_tracking(row), row.username, row.title) for row in rows]

    def plan(self) -> str | None:
        """The plan that counts now, whose cadence the workspace's accounts have."""
        return self._run("select plan from app.limits_of(:tenant)").scalar_one_or_none()


class SystemTrackings:
    """Due work of all tenants, for the schedule."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def due(self, *, now: datetime, limit: int = 2_000) -> list[DueGroup]:
        """What is due of workspaces that are not suspended, by tenant and platform, who waits longest first."""
        rows = self._connection.execute(
            sa.text(
                "select tenant_id, platform, count(*) as accounts, min(next_run_at) as since from trackings k"
                " where next_run_at is not null and next_run_at <= :now"
                " and not exists (select from tenants t where t.tenant_id = k.tenant_id and t.suspended_at is not null) group by tenant_id, platform order by since limit :limit"
            ),
            {"now": now, "limit": limit},
        )
        return [DueGroup(**row._mapping) for row in rows]
