"""Answers of platforms, quotas, the log of calls and the health of sources. What is platform-wide is behind functions of schema `app`."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from domain.errors import FailureCategory
from domain.health import Health
from domain.sources import Answer, Ask, Call
from store.ids import new_id
from store.repository import Repository, Row

# So many fresh answers of a source are known by heart. The log of calls, and what is needed to count an answer once, are kept so long.
MOST_MARKS = 20_000
KEPT_CALLS, KEPT_USES, KEPT_PUSHES = timedelta(days=90), timedelta(days=2), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer on its way into the cache."""

    answer_id: UUID
    ask: Ask
    answer: Answer
    fetched_at: datetime
    expires_at: datetime
    packed: bytes


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """An answer out of the cache. `is_mine`: this workspace's own call brought it; `is_first`: it was not charged for it before."""

    answer_id: UUID
    payload: object
    status: int
    units: int
    fetched_at: datetime
    is_mine: bool
    is_first: bool


@dataclass(frozen=True, slots=True)
class Granted:
    """What came of asking for units of a quota. `granted` is 0 where there are not enough."""

    granted: int
    used: int
    available: int


class Fetches(Repository):
    """The fetch cache, as one tenant uses it, and the log of its calls."""

    def find(self, ask: Ask, *, oldest: datetime, now: datetime, requests: Sequence[UUID | None] = ()) -> FoundAnswer | None:
        """A fresh answer, or, however old, one that was used in one of these requests; the first is the one that asks."""
        row = self._run(
            "select * from app.find_answer(:source, :operation, :key, :oldest, :now, cast(:requests as uuid[]))",
            source=ask.source, operation=ask.operation, key=ask.key, oldest=oldest, now=now, requests=list(requests),
        ).first()  # fmt: skip
        if row is None:
            return None
        return FoundAnswer(row.answer_id, _unpacked(row.payload), row.status, row.units, row.fetched_at, row.is_mine, row.is_first)

    def fresh(self, source: str, *, oldest: datetime, now: datetime, requests: Sequence[UUID | None] = ()) -> frozenset[int] | None:
        """The marks of the answers of a source that `find` could find; None where there are too many to hold."""
        rows = self._run(
            "select app.fresh_answers(:source, :oldest, :now, :most, cast(:requests as uuid[])) as mark",
            source=source, oldest=oldest, now=now, most=MOST_MARKS, requests=list(requests),
        )  # fmt: skip
        found = frozenset(rows.scalars())
        return found if len(found) < MOST_MARKS else None

    def put(self, answers: Sequence[KeptAnswer], *, request_id: UUID | None) -> None:
        if not answers:
            return
        self._run(
            "select app.put_answers(cast(:ids as uuid[]), cast(:sources as text[]), cast(:operations as text[]), cast(:keys as text[]),"
            " cast(:payloads as bytea[]), cast(:statuses as int[]), cast(:buckets as text[]), cast(:units as bigint[]),"
            " cast(:moments as timestamptz[]), cast(:ends as timestamptz[]), cast(:request as uuid))",
            ids=[each.answer_id for each in answers], sources=[each.ask.source.value for each in answers],
            operations=[each.ask.operation for each in answers], keys=[each.ask.key for each in answers],
            payloads=[each.packed for each in answers], statuses=[each.answer.status for each in answers],
            buckets=[each.ask.bucket.value if each.ask.bucket else None for each in answers],
            units=[_units(each) for each in answers], moments=[each.fetched_at for each in answers],
            ends=[each.expires_at for each in answers], request=request_id,
        )  # fmt: skip

    def log(self, calls: Sequence[Call], *, request_id: UUID | None) -> None:
        """Keep what was called, in the tenant's own log."""
        if calls:
            rows = [
                {"tenant": self._tenant_id, "id": new_id(), "source": each.source.value, "operation": each.operation, "outcome": each.outcome,
                 "status": each.status, "started": each.started_at, "ms": each.milliseconds, "bucket": each.bucket.value if each.bucket else None,
                 "units": each.units, "cost": each.cost_usd, "request": request_id} for each in calls
            ]  # fmt: skip
            self._connection.execute(
                sa.text(
                    "insert into external_calls (tenant_id, call_id, source, operation, outcome, status, started_at, milliseconds, bucket, units,"
                    " cost_usd, request_id) values (:tenant, :id, :source, :operation, :outcome, :status, :started, :ms, :bucket, :units, :cost,"
                    " :request)"
                ),
                rows,
            )


class Quotas(Repository):
    """A project's quotas, as one tenant takes of them. A day is known by its end; the rules are in `domain.sharing`."""

    def take(self, quota: tuple[str, str, datetime], *, most: int, left: float, platform: str, units: int, block: int) -> Granted:
        """Take at least `units`, a block where there is room, or nothing."""
        row = self._run(
            "select * from app.take_quota(:project, :bucket, :ends, :most, :left, :platform, :units, :block)",
            project=quota[0], bucket=quota[1], ends=quota[2], most=most, left=left, platform=platform, units=units, block=block,
        ).one()  # fmt: skip
        return Granted(row.granted, row.used, row.available)

    def seen(self, quota: tuple[str, str, datetime], *, most: int, left: float, platform: str) -> tuple[int, int]:
        """What this tenant has used, and what it could take now."""
        row = self._run(
            "select * from app.quota_free(:project, :bucket, :ends, :most, :left, :platform)",
            project=quota[0], bucket=quota[1], ends=quota[2], most=most, left=left, platform=platform,
        ).one()  # fmt: skip
        return row.mine, row.available

    def give_back(self, quota: tuple[str, str, datetime], units: int) -> None:
        """Units that were not needed; less than nothing where a call cost more than was planned."""
        self._spend(quota, project=-units, tenant=-units)

    def charge(self, quota: tuple[str, str, datetime], units: int) -> None:
        """The tenant used an answer that cost the project nothing."""
        self._spend(quota, tenant=units)

    def exhaust(self, quota: tuple[str, str, datetime], most: int) -> None:
        """The provider says that nothing is left, whatever we counted."""
        self._spend(quota, at_least=most)

    def _spend(self, quota: tuple[str, str, datetime], *, project: int = 0, tenant: int = 0, at_least: int = 0) -> None:
        self._run(
            "select app.spend_quota(:project, :bucket, :ends, :of_project, :of_tenant, :least)",
            project=quota[0], bucket=quota[1], ends=quota[2], of_project=project, of_tenant=tenant, least=at_least,
        )  # fmt: skip


class Sources(Repository):
    """The health of the sources, which all tenants share."""

    def get(self, source: str) -> Health:
        """Held until the transaction ends: whoever reads it may write it."""
        return _health(self._run("select * from app.source_health(:source)", source=source).one())

    def put(self, health: Health) -> None:
        self._run(
            "select app.put_source_health(:source, :score, :failures, cast(:opens as timestamptz), cast(:category as text), cast(:moment as timestamptz))",
            source=health.source, score=health.score, failures=health.consecutive_failures, opens=health.open_until,
            category=health.category.value if health.category else None, moment=health.changed_at,
        )  # fmt: skip

    def all(self) -> Mapping[str, Health]:
        return {row.source: _health(row) for row in self._run("select * from app.sources()")}


class SystemFetches:
    """What grows and is not needed for ever, of all tenants."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def forget(self, now: datetime, *, limit: int = 5_000) -> int:
        """Drop what is past its time, so many rows of a kind at a time. Returns how many went."""
        old = (
            ("fetch_cache", "expires_at", now), ("fetch_uses", "used_at", now - KEPT_USES), ("push_entries", "received_at", now - KEPT_PUSHES),
            ("external_calls", "started_at", now - KEPT_CALLS), ("quota_days", "resets_at", now - KEPT_CALLS), ("quota_uses", "resets_at", now - KEPT_CALLS),
        )  # fmt: skip
        gone = 0
        for table, column, before in old:
            rows = f"select ctid from {table} where {column} < :before order by {column} limit :limit"
            statement = sa.text(f"delete from {table} where ctid = any(array({rows}))")
            gone += self._connection.execute(statement, {"before": before, "limit": limit}).rowcount
        return gone


def _health(row: Row) -> Health:
    words = dict(row._mapping)
    return Health(**{**words, "category": FailureCategory(words["category"]) if words["category"] else None})


def _units(kept: KeptAnswer) -> int:
    return kept.answer.units if kept.answer.units is not None else kept.ask.units


def mark(ask: Ask) -> int:
    """What the database makes of operation and key, too: 64 bits of their MD5. Two with one mark cost a look-up, no more."""
    digest = hashlib.md5(f"{ask.operation}\n{ask.key}".encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def packed(payload: object) -> bytes:
    """As the cache keeps it. It takes a while: whoever fetched packs, not whoever writes for all."""
    return zlib.compress(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"), 1)


def _unpacked(payload: bytes) -> object:
    return json.loads(zlib.decompress(payload).decode("utf-8", "surrogatepass"))
