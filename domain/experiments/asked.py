"""An experiment as somebody asks for it, and the noise that its plan is made with: from history, as given, or assumed."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import FieldProblem, Unacceptable
from domain.experiments.plan import Arm, ExperimentKind, Metric, Noise, NoiseSource, Plan, Stopping, check_plan
from domain.experiments.power import Strength, assumed_noise, check_power, noise_of


@dataclass(frozen=True, slots=True)
class HistoryDay:
    """One day (or post) before the experiment; what was not counted is None."""

    impressions: int | None = None
    clicks: int | None = None
    views: int | None = None
    watch_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted. `history`: days (or posts) in a row, oldest first; it goes before `day_noise`."""

    kind: ExperimentKind
    name: str
    metric: Metric
    arms: tuple[Arm, ...]
    slots: int
    lift: float
    seed: int
    alpha: float = 0.05
    power: float = 0.8
    stopping: Stopping = Stopping.FIXED_END
    subject: str | None = None
    varies: str = "title"
    day_noise: float | None = None
    impressions: float | None = None
    base_rate: float | None = None
    history: tuple[HistoryDay, ...] = ()


def planned(asked: Asked) -> tuple[Plan, Strength]:
    """The plan and what it can see. Raises Unacceptable: fields at fault, or an MDE above the lift that is hoped for."""
    plan = Plan(
        asked.kind, asked.name, asked.metric, asked.arms, asked.slots, asked.lift, _noise(asked), asked.seed, asked.alpha, asked.power,
        asked.stopping, asked.subject, asked.kind.value if asked.kind.is_side_by_side else asked.varies,
    )  # fmt: skip
    check_plan(plan)
    return plan, check_power(plan)


def _noise(asked: Asked) -> Noise:
    impressions, rate = _traffic(asked)
    if asked.day_noise is not None:
        return Noise(asked.day_noise, NoiseSource.GIVEN, impressions, rate)
    if not asked.history or asked.kind.is_side_by_side:
        # Days that both arms share say nothing about what one of them adds to a day.
        return assumed_noise(asked.kind, asked.metric, impressions, rate)
    log_sd = noise_of([_metric(asked.metric, day) for day in asked.history])
    return Noise(log_sd, NoiseSource.HISTORY, impressions, rate, len(asked.history))


def _traffic(asked: Asked) -> tuple[float | None, float | None]:
    """Impressions a day and clicks per impression: as given, else of the history."""
    seen = [day for day in asked.history if day.impressions and day.clicks is not None]
    if not seen:
        return asked.impressions, asked.base_rate
    total = sum(day.impressions or 0 for day in seen)
    clicks = sum(day.clicks or 0 for day in seen)
    return asked.impressions or total / len(seen), asked.base_rate or clicks / total or None


def _metric(metric: Metric, day: HistoryDay) -> float | None:
    if metric is Metric.VIEWS:
        return day.views
    top, below = (day.clicks, day.impressions) if metric is Metric.CLICK_RATE else (day.watch_seconds, day.views)
    return top / below if top is not None and below else None


def history_of(metric: Metric, views: Sequence[float | None], view_seconds: Sequence[float | None]) -> tuple[HistoryDay, ...]:
    """Days as a channel's daily report tells them: views, and mean seconds per view. Raises Unacceptable for click rates."""
    if metric is Metric.CLICK_RATE:
        problem = FieldProblem("/channel_id", "YouTube's daily report has no impressions: send history, or impressions and base_rate")
        raise Unacceptable("the history cannot be had", (problem,))
    return tuple(
        HistoryDay(views=None if seen is None else int(seen), watch_seconds=None if seen is None or each is None else seen * each)
        for seen, each in zip(views, view_seconds, strict=True)
    )
