"""Own experiments, and outcomes that a platform reported. Files and tables of tests are in `api.experiments.tables`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter

from api.experiments.bodies import CountsIn, ExperimentIn, OutcomeIn, StartIn, StateIn, UnitIn
from api.experiments.shapes import (
    METHOD,
    AssignedOut,
    CountedOut,
    DesignOut,
    ExperimentOut,
    OutcomeOut,
    ReadingOut,
    ResultOut,
    ScheduleOut,
    SlotOut,
)
from api.figures import AsOf, MethodOut, asked_moment
from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Limit, Page, page
from api.reading import Reading
from api.security import BEARER, known_caller, needs_write
from domain.experiments.plan import ExperimentKind, Plan
from domain.experiments.power import Strength, strength
from domain.experiments.schedule import schedule
from domain.experiments.states import ExperimentState
from services import experiments
from store.database import Database, Entry
from store.ids import new_id
from store.work import UnitOfWork

_REPORTED = ResponseSpec(OutcomeOut, generate_examples=False, description="Kept, with the statement that it permits.")
OfState = Annotated[ExperimentState | None, QueryParameter(name="state", description="only in this state")]
OfKind = Annotated[ExperimentKind | None, QueryParameter(description="only of this kind")]


class ExperimentController(Controller):
    """Randomised tests."""

    path = "/insights/experiments"
    tags = ["experiments"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_experiments(
        self, reading: NamedDependency[Reading], wanted: OfState = None, kind: OfKind = None, cursor: CursorParam = None, limit: Limit = 20
    ) -> Page[ExperimentOut]:
        """List experiments, own and reported ones, newest first."""
        scope = f"experiments:{wanted}:{kind}"
        before = reading.cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with reading.database.begin(reading.entry) as uow:
            found = uow.experiments.page(limit=limit + 1, before=before, state=wanted, kind=kind)
        return page(
            found, limit, shape=ExperimentOut.of, cursors=reading.cursors, scope=scope,
            position=lambda each: (each.created_at, each.experiment_id),
        )  # fmt: skip

    @post("/design", sync_to_thread=True, status_code=200)
    def design(self, data: JSONBody[ExperimentIn], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> DesignOut:
        """What a plan could see, without keeping it. 422 where that is less than is hoped for, with what would do."""
        with database.begin(entry) as uow:
            return DesignOut.of(*_designed(uow, data))

    @post("/", sync_to_thread=True, status_code=201)
    def add_experiment(
        self, data: JSONBody[ExperimentIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Register a plan: from now on it cannot be changed. 422 where its minimum detectable effect exceeds the lift hoped for."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[ExperimentOut, int, dict[str, str]]:
                plan, found = _designed(uow, data)
                made = ExperimentOut.of(experiments.register(uow, plan, experiment_id=new_id()), DesignOut.of(plan, found))
                return made, 201, {"Location": f"/api/v1/insights/experiments/{made.experiment_id}"}

            return once(uow, idempotency_key, route="POST /insights/experiments", body=data, effect=effect)

    @post("/outcomes", sync_to_thread=True, status_code=201, responses={201: _REPORTED})
    def add_outcome(
        self, data: JSONBody[OutcomeIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Report what YouTube's own Test & Compare came to. It is about the share of watch time, and about nothing else."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[OutcomeOut, int, dict[str, str]]:
                experiment_id = new_id()
                found, result = experiments.report(uow, data.test(experiment_id), experiment_id=experiment_id)
                made = OutcomeOut(experiment=ExperimentOut.of(found), result=ResultOut.of(result))
                return made, 201, {"Location": f"/api/v1/insights/experiments/{experiment_id}"}

            return once(uow, idempotency_key, route="POST /insights/experiments/outcomes", body=data, effect=effect)

    @get("/{experiment_id:uuid}", sync_to_thread=True)
    def get_experiment(
        self, experiment_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ExperimentOut:
        """One experiment with its plan, and what that can see."""
        with database.begin(entry) as uow:
            found = uow.experiments.get(experiment_id)
            return ExperimentOut.of(found, DesignOut.of(found.plan, strength(found.plan)) if found.plan else None)

    @patch("/{experiment_id:uuid}", sync_to_thread=True)
    def end_experiment(
        self, experiment_id: FromPath[UUID], data: JSONBody[StateIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ExperimentOut:
        """Cancel, stop or conclude. 409 where its plan does not allow it: a fixed end has to come first."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return ExperimentOut.of(experiments.end(uow, experiment_id, data.state, now=datetime.now(UTC)))

    @post("/{experiment_id:uuid}/start", sync_to_thread=True, status_code=200)
    def start_experiment(
        self, experiment_id: FromPath[UUID], data: JSONBody[StartIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ExperimentOut:
        """Start: from its first day on, the schedule has dates."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return ExperimentOut.of(experiments.start(uow, experiment_id, starts_on=data.starts_on, now=datetime.now(UTC)))

    @post("/{experiment_id:uuid}/counts", sync_to_thread=True, status_code=200)
    def add_counts(
        self, experiment_id: FromPath[UUID], data: JSONBody[CountsIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> CountedOut:
        """Tell what was counted, all of it or nothing. Days may come late, and again: the newest count of a day is read."""
        with database.begin(entry) as uow:
            needs_write(uow)
            kept = experiments.count(uow, experiment_id, [each.told for each in data.counts], today=datetime.now(UTC).date())
            return CountedOut(received=len(data.counts), kept=kept)

    @post("/{experiment_id:uuid}/assignments", sync_to_thread=True, status_code=200)
    def assign(
        self, experiment_id: FromPath[UUID], data: JSONBody[UnitIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> AssignedOut:
        """Draw the arm of a post that is about to be published. The same post always gets the same arm."""
        with database.begin(entry) as uow:
            needs_write(uow)
            found = experiments.assign(uow, experiment_id, data.post)
            return AssignedOut(post=data.post, arm=found.arm or "", slot=found.slot)

    @get("/{experiment_id:uuid}/schedule", sync_to_thread=True)
    def get_schedule(
        self, experiment_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ScheduleOut:
        """Which arm goes on which day, or to which post, in the order that chance drew."""
        with database.begin(entry) as uow:
            found, plan = experiments.plan_of(uow, experiment_id)
            posts = {each.slot: each.unit for each in uow.experiments.units(experiment_id)}
        slots = schedule(plan, found.starts_on)
        return ScheduleOut(experiment_id=experiment_id, seed=plan.seed, items=[SlotOut.of(each, posts.get(each.slot)) for each in slots])

    @get("/{experiment_id:uuid}/readings", sync_to_thread=True)
    def get_reading(
        self, experiment_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry], as_of: AsOf = None
    ) -> ReadingOut:
        """Read it: progress before a fixed end, afterwards each arm against the control. No verdict where arms lack their shares."""
        with database.begin(entry) as uow:
            return _reading(uow, experiment_id, asked_moment(as_of))


def _designed(uow: UnitOfWork, data: ExperimentIn) -> tuple[Plan, Strength]:
    asked, today = data.asked(new_id().int % 2**31), datetime.now(UTC).date()
    return experiments.design(uow, asked, video_id=data.video_id, channel_id=data.channel_id, today=today)


def _reading(uow: UnitOfWork, experiment_id: UUID, as_of: datetime | None) -> ReadingOut:
    found, plan = experiments.plan_of(uow, experiment_id)
    # A moment that has not come yet ends no experiment.
    now = min(as_of or datetime.now(UTC), datetime.now(UTC))
    reading = experiments.reading_of(uow, found, plan, today=now.date(), as_of=as_of)
    newest = uow.experiments.newest_count(experiment_id, as_of=as_of)
    frame = {"n": reading.recorded, "as_of": as_of or newest, "newest_observation": newest, "method": MethodOut.of(METHOD)}
    results = [ResultOut.of(each) for each in experiments.statements(found, plan, reading)]
    return ReadingOut.of(found, plan, reading, frame, results)
