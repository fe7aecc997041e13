"""Experiments as stored: the registered plan, its state, the counts of its arms. Tables of arms are in `store.experiment_tables`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.errors import NotFound
from domain.experiments.counts import COLUMNS, Count
from domain.experiments.plan import Plan, plan_of, registered
from domain.experiments.reported import ReportedTest, reported_of
from domain.experiments.states import ExperimentState
from store.repository import Repository
from store.tables.experiments import OWN, REPORTED, experiment_units, experiments


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment. Exactly one of `plan` (own) and `reported` is there."""

    experiment_id: UUID
    kind: str
    name: str
    state: ExperimentState
    plan: Plan | None
    reported: ReportedTest | None
    plan_hash: str
    starts_on: date | None
    started_at: datetime | None
    ended_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Unit:
    """A post of a choice and its place in the plan."""

    unit: str
    slot: int
    assigned_at: datetime


_SHOWN = tuple(experiments.c[name] for name in (
    "experiment_id", "source", "kind", "name", "state", "plan", "plan_hash", "starts_on", "started_at", "ended_at", "created_at",
))  # fmt: skip
_NEWEST = """
select distinct on (slot, arm) arm, slot, impressions, clicks, views, watch_seconds, known_at from experiment_counts
 where tenant_id = :tenant and experiment_id = :id and (cast(:as_of as timestamptz) is null or known_at <= :as_of)
 order by slot, arm, known_at desc"""
_PUT = """
insert into experiment_counts (tenant_id, experiment_id, arm, slot, known_at, impressions, clicks, views, watch_seconds)
select :tenant, :id, :arm, :slot, clock_timestamp(), :impressions, :clicks, :views, :watch_seconds
 where (cast(:impressions as bigint), cast(:clicks as bigint), cast(:views as bigint), cast(:watch_seconds as bigint)) is distinct from
   (select row(impressions, clicks, views, watch_seconds) from experiment_counts
     where tenant_id = :tenant and experiment_id = :id and arm = :arm and slot = :slot order by known_at desc limit 1)"""


class Experiments(Repository):
    """One tenant's experiments."""

    def add(self, experiment_id: UUID, plan: Plan, *, user_id: UUID | None) -> Experiment:
        """Register a plan; from now on it is never changed."""
        facts = {"kind": plan.kind, "name": plan.name, "source": OWN, "plan": _json(plan), "plan_hash": registered(plan)}
        self._insert(experiments, {"experiment_id": experiment_id, "created_by": user_id, **facts})
        return self.get(experiment_id)

    def add_reported(self, experiment_id: UUID, test: ReportedTest, *, user_id: UUID | None) -> Experiment:
        """Keep what a platform's own test came to, as its owner reports it."""
        facts = {"kind": test.varies, "name": test.name, "source": REPORTED, "plan": _json(test), "plan_hash": registered(test)}
        self._insert(experiments, {"experiment_id": experiment_id, "created_by": user_id, "state": ExperimentState.CONCLUDED, **facts})
        return self.get(experiment_id)

    def get(self, experiment_id: UUID, *, lock: bool = False) -> Experiment:
        found = self._found(experiments.c.experiment_id == experiment_id, lock=lock)
        if not found:
            raise NotFound("experiment", experiment_id)
        return found[0]

    def page(
        self, *, limit: int, before: tuple[datetime, UUID] | None = None, state: ExperimentState | None = None, kind: str | None = None
    ) -> list[Experiment]:
        """Newest first, strictly before the given position."""
        where: list[sa.ColumnElement[bool]] = []
        if state is not None:
            where.append(experiments.c.state == state)
        if kind is not None:
            where.append(experiments.c.kind == kind)
        if before is not None:
            where.append(sa.tuple_(experiments.c.created_at, experiments.c.experiment_id) < sa.tuple_(*map(sa.literal, before)))
        return self._found(*where, limit=limit)

    def count(self) -> int:
        """How many a release may come to read: all but those that were given up."""
        statement = "select count(*) from experiments where tenant_id = %(tenant)s and state <> %(canceled)s"
        return int(self._read(statement, canceled=ExperimentState.CANCELED)[0][0])

    def ended(self, *, as_of: datetime | None = None) -> list[Experiment]:
        """What has results: concluded or stopped, oldest first; with `as_of`, by then."""
        where: list[sa.ColumnElement[bool]] = [experiments.c.state.in_((ExperimentState.CONCLUDED, ExperimentState.STOPPED))]
        if as_of is not None:
            where.append(sa.func.coalesce(experiments.c.ended_at, experiments.c.created_at) <= as_of)
        return self._found(*where)[::-1]

    def _found(self, *where: sa.ColumnElement[bool], limit: int | None = None, lock: bool = False) -> list[Experiment]:
        found = sa.select(*_SHOWN).where(experiments.c.tenant_id == self._tenant_id, *where)
        found = found.order_by(experiments.c.created_at.desc(), experiments.c.experiment_id.desc()).limit(limit)
        return [_experiment(row) for row in self._run(found.with_for_update() if lock else found)]

    def move(self, experiment_id: UUID, state: ExperimentState, **moments: object) -> Experiment:
        change = experiments.update().where(experiments.c.tenant_id == self._tenant_id, experiments.c.experiment_id == experiment_id)
        self._run(change.values(state=state, **moments))
        return self.get(experiment_id)

    def put_counts(self, experiment_id: UUID, counts: Sequence[Count]) -> int:
        """Keep counts; returns how many are new or restated. One that says what is known already adds nothing."""
        rows = ({"id": experiment_id, **{name: getattr(each, name) for name in ("arm", "slot", *COLUMNS)}} for each in counts)
        return sum(self._run(_PUT, **row).rowcount for row in rows)

    def counts(self, experiment_id: UUID, *, as_of: datetime | None = None) -> list[Count]:
        """The newest count of each arm and slot, as known then."""
        rows = self._run(_NEWEST, id=experiment_id, as_of=as_of)
        return [Count(row.arm, row.slot, row.impressions, row.clicks, row.views, row.watch_seconds) for row in rows]

    def newest_count(self, experiment_id: UUID, *, as_of: datetime | None = None) -> datetime | None:
        """When something was counted last."""
        found: datetime | None = self._run(
            "select max(known_at) from experiment_counts where tenant_id = :tenant and experiment_id = :id"
            " and (cast(:as_of as timestamptz) is null or known_at <= :as_of)",
            id=experiment_id,
            as_of=as_of,
        ).scalar_one()
        return found

    def units(self, experiment_id: UUID) -> list[Unit]:
        """Posts that drew an arm, in their order."""
        shown = sa.select(experiment_units.c.unit, experiment_units.c.slot, experiment_units.c.assigned_at)
        mine = shown.where(experiment_units.c.tenant_id == self._tenant_id, experiment_units.c.experiment_id == experiment_id)
        return [Unit(row.unit, row.slot, row.assigned_at) for row in self._run(mine.order_by(experiment_units.c.slot))]

    def put_unit(self, experiment_id: UUID, unit: str, slot: int) -> None:
        self._insert(experiment_units, {"experiment_id": experiment_id, "unit": unit, "slot": slot})


def _json(value: Plan | ReportedTest) -> Any:
    return json.loads(json.dumps(asdict(value)))


def _experiment(row: sa.Row[Any]) -> Experiment:
    words = row._asdict()
    is_own = words["source"] == OWN
    rest = {name: words[name] for name in Experiment.__dataclass_fields__ if name in words}
    plan, reported = (plan_of(words["plan"]), None) if is_own else (None, reported_of(words["plan"], str(words["experiment_id"])))
    return Experiment(**{**rest, "state": ExperimentState(words["state"]), "plan": plan, "reported": reported})
