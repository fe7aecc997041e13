"""Own experiments: planning, starting, counting, reading, ending. Tables of tests and calibration are in `services.experiment_tables`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from domain.analytics import Window
from domain.effects.verdicts import Effect
from domain.errors import Conflict, FieldProblem, LimitReached, Unacceptable
from domain.experiments.asked import Asked, HistoryDay, history_of, planned
from domain.experiments.counts import Told, placed
from domain.experiments.effects import OwnTest
from domain.experiments.plan import ExperimentKind, Metric, Plan
from domain.experiments.power import Strength
from domain.experiments.publishing import stated
from domain.experiments.reading import Reading, read
from domain.experiments.reported import ReportedTest, check_reported, reported_effect
from domain.experiments.schedule import Slot, schedule
from domain.experiments.states import ExperimentState, check_conclusion, check_move, ends_on, is_over
from domain.sources import Report
from store.experiments import Experiment
from store.owner import Subject
from store.work import UnitOfWork

HISTORY_DAYS = 90
# Every release reads all of them that have ended.
MOST_EXPERIMENTS = 1_000


def design(uow: UnitOfWork, asked: Asked, *, video_id: UUID | None, channel_id: UUID | None, today: date) -> tuple[Plan, Strength]:
    """The plan as it would be registered. Raises Unacceptable where it cannot see what is hoped for, NotFound for a video not there."""
    if video_id is not None:
        uow.videos.get(video_id)
        asked = replace(asked, subject=str(video_id))
    if channel_id is not None:
        asked = replace(asked, history=_history(uow, channel_id, asked.metric, today))
    return planned(asked)


def _history(uow: UnitOfWork, channel_id: UUID, metric: Metric, today: date) -> tuple[HistoryDay, ...]:
    """The channel's days as YouTube told them. Raises NotFound for a channel that is not there."""
    uow.channels.get(channel_id)
    window = Window(today - timedelta(days=HISTORY_DAYS), today)
    found: dict[date, dict[str, float]] = {}
    for each in uow.owner.days(Subject(channel_id, Report.DAILY), window):
        if each.day is not None:
            found.setdefault(each.day, {})[each.metric] = float(each.value)
    days = [found.get(window.first_day + timedelta(days=number), {}) for number in range(HISTORY_DAYS)]
    return history_of(metric, [day.get("views") for day in days], [day.get("average_view_seconds") for day in days])


def register(uow: UnitOfWork, plan: Plan, *, experiment_id: UUID) -> Experiment:
    """Keep a plan; from now on it is never changed. Raises LimitReached."""
    _check_room(uow)
    return uow.experiments.add(experiment_id, plan, user_id=uow.user_id)


def _check_room(uow: UnitOfWork) -> None:
    used = uow.experiments.count()
    if used >= MOST_EXPERIMENTS:
        raise LimitReached("experiments of this workspace", MOST_EXPERIMENTS, used)


def start(uow: UnitOfWork, experiment_id: UUID, *, starts_on: date | None, now: datetime) -> Experiment:
    """From `starts_on` (today where None) the plan's days are counted. Raises Conflict, and Unacceptable for a day that is over."""
    found, _ = _own(uow, experiment_id, lock=True)
    check_move(found.state, ExperimentState.RUNNING)
    first = starts_on or now.date()
    if first < now.date():
        problem = FieldProblem("/starts_on", "choose today or a later day: what has happened cannot be planned")
        raise Unacceptable("the start cannot be accepted", (problem,))
    return uow.experiments.move(experiment_id, ExperimentState.RUNNING, starts_on=first, started_at=now)


def end(uow: UnitOfWork, experiment_id: UUID, state: ExperimentState, *, now: datetime) -> Experiment:
    """Cancel, stop or conclude. Raises Conflict where its state, or its plan, does not allow it."""
    found, plan = _own(uow, experiment_id, lock=True)
    check_move(found.state, state)
    if state is ExperimentState.CONCLUDED:
        reading = reading_of(uow, found, plan, today=now.date())
        check_conclusion(plan, is_over=reading.is_final, is_decided=reading.is_decided)
    return uow.experiments.move(experiment_id, state, ended_at=now)


def count(uow: UnitOfWork, experiment_id: UUID, told: Sequence[Told], *, today: date) -> int:
    """Keep counts; returns how many are new or restated. All of them are kept, or none: Unacceptable names every one at fault."""
    found, plan = _own(uow, experiment_id, lock=True)
    if found.state is not ExperimentState.RUNNING:
        raise Conflict(f"the experiment is {found.state}: counts are taken while it is running")
    units = {each.unit: each.slot for each in uow.experiments.units(experiment_id)}
    return uow.experiments.put_counts(experiment_id, placed(plan, schedule(plan, found.starts_on), told, units, today=today))


def assign(uow: UnitOfWork, experiment_id: UUID, unit: str) -> Slot:
    """The arm that chance drew for this post, the same however often it is asked. Raises Conflict once all posts are assigned."""
    found, plan = _own(uow, experiment_id, lock=True)
    if plan.kind is not ExperimentKind.CHOICE:
        raise Conflict("only a choice assigns posts; the schedule says which arm is shown on which day")
    if found.state is not ExperimentState.RUNNING:
        raise Conflict(f"the experiment is {found.state}: arms are drawn while it is running")
    units = {each.unit: each.slot for each in uow.experiments.units(experiment_id)}
    if unit not in units and len(units) == plan.slots:
        raise Conflict(f"all {plan.slots} posts of the plan are assigned")
    if unit not in units:
        uow.experiments.put_unit(experiment_id, unit, len(units))
    return schedule(plan)[units.get(unit, len(units))]


def plan_of(uow: UnitOfWork, experiment_id: UUID) -> tuple[Experiment, Plan]:
    """An own experiment. Raises Conflict for one that was only reported."""
    return _own(uow, experiment_id)


def _own(uow: UnitOfWork, experiment_id: UUID, *, lock: bool = False) -> tuple[Experiment, Plan]:
    found = uow.experiments.get(experiment_id, lock=lock)
    if found.plan is None:
        raise Conflict("the experiment was reported, not run here: it has an outcome, and no days")
    return found, found.plan


def reading_of(uow: UnitOfWork, found: Experiment, plan: Plan, *, today: date, as_of: datetime | None = None) -> Reading:
    """What may be said of it."""
    counts = uow.experiments.counts(found.experiment_id, as_of=as_of)
    return read(plan, counts, state=found.state, is_over=is_over(plan, found.starts_on, len(counts), today=today))


def statements(found: Experiment, plan: Plan, reading: Reading) -> tuple[Effect, ...]:
    """Its comparisons as effects, judged by themselves."""
    return stated(own_test(found, plan, reading))


def own_test(found: Experiment, plan: Plan, reading: Reading) -> OwnTest:
    last = ends_on(plan, found.starts_on)
    days = [day.isoformat() if day else None for day in (found.starts_on, last)]
    return OwnTest(str(found.experiment_id), plan, reading, *days)


def report(uow: UnitOfWork, test: ReportedTest, *, experiment_id: UUID) -> tuple[Experiment, Effect]:
    """Keep what a platform's own test came to. Raises Unacceptable, LimitReached."""
    check_reported(test)
    _check_room(uow)
    found = uow.experiments.add_reported(experiment_id, test, user_id=uow.user_id)
    return found, reported_effect(test)
