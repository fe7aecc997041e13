"""What an experiment is, as it is written down before it starts. What it can see is in `power`, which arm goes when in `schedule`."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from domain.effects.verdicts import Outcome
from domain.errors import FieldProblem, Unacceptable

METHOD_VERSION = "experiments-1"
# The paired test stands on so many differences at least.
LEAST_BLOCKS = 5
MOST_ARMS = 8
MOST_SLOTS = 730


class ExperimentKind(StrEnum):
    """How viewers come to see one arm or the other.

    `title` and `thumbnail`: side by side, each viewer sees an arm at random. `switchback`: one video, arms take turns by days in random
    order within blocks. `choice`: at each publication one of equally good versions is drawn.
    """

    TITLE = "title"
    THUMBNAIL = "thumbnail"
    SWITCHBACK = "switchback"
    CHOICE = "choice"

    @property
    def is_side_by_side(self) -> bool:
        return self in (ExperimentKind.TITLE, ExperimentKind.THUMBNAIL)


class Metric(StrEnum):
    """What is compared, in logs: clicks per impression, views of a day or post, seconds watched per view."""

    CLICK_RATE = "click_rate"
    VIEWS = "views"
    WATCH_SECONDS = "watch_seconds_per_view"


OUTCOME_OF: Mapping[Metric, Outcome] = MappingProxyType(
    {Metric.CLICK_RATE: Outcome.CLICKS, Metric.VIEWS: Outcome.REACH, Metric.WATCH_SECONDS: Outcome.RETENTION}
)


class Stopping(StrEnum):
    """When it may be read: at its planned end, or at any time by a sequence of intervals that holds for all times at once."""

    FIXED_END = "fixed_end"
    ALWAYS_VALID = "always_valid"


class NoiseSource(StrEnum):
    """Where the noise is known from."""

    HISTORY = "history"
    GIVEN = "given"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Arm:
    """One version. The first arm of a plan is the control."""

    name: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """What days differ by without any effect: log-sd of one arm's day (or post), and the traffic that clicks are drawn from.

    `impressions` of all arms in one day (of one post, for a choice); `rate` clicks per impression; `days` of the history behind it.
    """

    log_sd: float
    source: NoiseSource
    impressions: float | None = None
    rate: float | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """An experiment before it starts. `slots`: days, or posts of a choice; `lift`: the share hoped for (0.10 is 10 %)."""

    kind: ExperimentKind
    name: str
    metric: Metric
    arms: tuple[Arm, ...]
    slots: int
    lift: float
    noise: Noise
    seed: int
    alpha: float = 0.05
    power: float = 0.8
    stopping: Stopping = Stopping.FIXED_END
    # The video it is about, as its owner names it, and what differs between its arms.
    subject: str | None = None
    varies: str = "title"

    @property
    def block_slots(self) -> int:
        """Slots whose arms are compared with one another."""
        return 1 if self.kind.is_side_by_side else len(self.arms)

    @property
    def blocks(self) -> int:
        return self.slots // self.block_slots

    @property
    def control(self) -> Arm:
        return self.arms[0]

    @property
    def alpha_each(self) -> float:
        """Every arm is compared with the control: Bonferroni."""
        return self.alpha / (len(self.arms) - 1)


def registered(plan: Any) -> str:
    """The hash of a plan (or of what was reported) as JSON: whoever has it can show that nothing was changed afterwards."""
    return hashlib.sha256(json.dumps(asdict(plan), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def plan_of(stored: Mapping[str, Any]) -> Plan:
    """The plan as kept in the database, back as what it means."""
    words = dict(stored)
    words["noise"] = Noise(**{**words["noise"], "source": NoiseSource(words["noise"]["source"])})
    words["arms"] = tuple(Arm(**each) for each in words["arms"])
    words |= {"kind": ExperimentKind(words["kind"]), "metric": Metric(words["metric"]), "stopping": Stopping(words["stopping"])}
    return Plan(**words)


def check_plan(plan: Plan) -> None:
    """Raises Unacceptable, naming every field at fault. Whether it can see its effect is `power.check_power`."""
    found = tuple(_problems(plan))
    if found:
        raise Unacceptable("the experiment cannot be planned like that", found)


def _problems(plan: Plan) -> Iterator[FieldProblem]:
    names = [arm.name for arm in plan.arms]
    if not 2 <= len(names) <= MOST_ARMS or len(set(names)) != len(names):
        yield FieldProblem("/arms", f"name 2 to {MOST_ARMS} arms, each differently; the first is the control")
        return
    where = "/posts" if plan.kind is ExperimentKind.CHOICE else "/days"
    least = LEAST_BLOCKS * plan.block_slots
    if not least <= plan.slots <= MOST_SLOTS or plan.slots % plan.block_slots:
        yield FieldProblem(where, f"choose {least} to {MOST_SLOTS}, a multiple of {plan.block_slots}: each block shows every arm once")
    if plan.kind.is_side_by_side and plan.metric is Metric.VIEWS:
        yield FieldProblem("/metric", "arms side by side share their views: compare click_rate or watch_seconds_per_view")
    if plan.stopping is Stopping.ALWAYS_VALID and not (plan.kind.is_side_by_side and plan.metric is Metric.CLICK_RATE):
        yield FieldProblem("/stopping", "only the click rate of arms side by side can be read at any time; choose fixed_end")
    if (
        plan.metric is Metric.CLICK_RATE
        and plan.noise.source is not NoiseSource.HISTORY
        and not (plan.noise.impressions and plan.noise.rate)
    ):
        yield FieldProblem(
            "/impressions", "say how many impressions a day (or post) has and base_rate, or send history: clicks are chance, too"
        )
