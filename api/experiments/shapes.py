"""What experiments look like over HTTP. Bodies are in `bodies`."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from api.figures import Computed
from domain.analytics import EXPERIMENTS_SECTION, Method
from domain.effects.sentences import sentence
from domain.effects.verdicts import Effect
from domain.experiments.plan import METHOD_VERSION, Plan, Stopping
from domain.experiments.power import Strength
from domain.experiments.ratio import RatioCheck
from domain.experiments.reading import Reading
from domain.experiments.schedule import Slot
from domain.experiments.states import ExperimentState, ends_on
from domain.figures import plain
from store.experiments import Experiment

METHOD = Method(METHOD_VERSION, EXPERIMENTS_SECTION)
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=500)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class DesignOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan can see: MDE in log points and as a lift, power at the lift that is hoped for, and what that rests on."""

    mde: float
    mde_lift: float
    power_at_lift: float
    blocks: int
    slots_needed: int | None
    noise: dict[str, Any]
    assumptions: list[str]

    @classmethod
    def of(cls, plan: Plan, found: Strength) -> "DesignOut":
        words: dict[str, Any] = plain({name: getattr(found, name) for name in cls.__struct_fields__ if name != "noise"})
        noise = {name: getattr(plan.noise, name) for name in plan.noise.__dataclass_fields__}
        return cls(**words, noise=plain(noise))


class ExperimentOut(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment. `plan` as registered, or what was reported; `plan_hash` is its SHA-256. `ends_on` is the last planned day."""

    experiment_id: UUID
    source: str
    kind: str
    name: str
    state: ExperimentState
    plan: dict[str, Any]
    plan_hash: str
    starts_on: date | None
    ends_on: date | None
    started_at: datetime | None
    ended_at: datetime | None
    created_at: datetime
    design: DesignOut | None = None

    @classmethod
    def of(cls, found: Experiment, design: DesignOut | None = None) -> "ExperimentOut":
        borrowed = ("source", "plan", "ends_on", "design")
        words = {name: getattr(found, name) for name in cls.__struct_fields__ if name not in borrowed}
        plan = msgspec.to_builtins(found.plan or found.reported)
        last = ends_on(found.plan, found.starts_on) if found.plan else None
        return cls(**words, source="own" if found.plan else "reported", plan=plan, ends_on=last, design=design)


class CountedOut(msgspec.Struct, frozen=True, kw_only=True):
    """`kept` of `received` counts were new or restated; `rejected` rows of a file could not be read, and why."""

    received: int
    kept: int
    rejected: int = 0
    problems: list[str] = []


class AssignedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The arm that chance drew for a post."""

    post: str
    arm: str
    slot: int


class SlotOut(msgspec.Struct, frozen=True, kw_only=True):
    """A day, or post of a choice. `arm` is null where all arms run side by side; `post` where none asked yet."""

    slot: int
    block: int
    day: date | None
    arm: str | None
    post: str | None

    @classmethod
    def of(cls, found: Slot, post: str | None) -> "SlotOut":
        return cls(slot=found.slot, block=found.block, day=found.day, arm=found.arm, post=post)


class ScheduleOut(msgspec.Struct, frozen=True, kw_only=True):
    """Which arm goes when, drawn from the plan's seed. Days are known once it is started."""

    experiment_id: UUID
    seed: int
    items: list[SlotOut]


class RatioOut(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the arms got their shares (chi-square). Below p = 0.001 there is no verdict."""

    unit: str
    observed: list[int]
    expected: list[float]
    p: float | None
    passed: bool

    @classmethod
    def of(cls, found: RatioCheck) -> "RatioOut":
        words: dict[str, Any] = plain({name: getattr(found, name) for name in cls.__struct_fields__})
        return cls(**words)


class ResultOut(msgspec.Struct, frozen=True, kw_only=True):
    """A randomised result in log points, with its interval, and the statement that its verdict permits."""

    feature: str
    outcome: str
    verdict: str
    sentence: str
    reason: str | None
    estimand: str
    estimate: float | None
    low: float | None
    high: float | None
    multiple: float | None
    p: float | None
    q: float | None
    mde: float | None
    n: int

    @classmethod
    def of(cls, found: Effect) -> "ResultOut":
        words: dict[str, Any] = plain({name: getattr(found, name) for name in cls.__struct_fields__ if name != "sentence"})
        return cls(**words, sentence=sentence(found))


class ReadingOut(Computed, frozen=True, kw_only=True):
    """Where an experiment stands. `withheld` says why there are no results yet; `n` is the counts that were read."""

    experiment_id: UUID
    state: ExperimentState
    stopping: Stopping
    is_final: bool
    withheld: str | None
    blocks: int
    blocks_planned: int
    ratio: RatioOut
    level: float
    results: list[ResultOut]

    @classmethod
    def of(cls, found: Experiment, plan: Plan, reading: Reading, frame: dict[str, Any], results: list[ResultOut]) -> "ReadingOut":
        return cls(
            **frame, experiment_id=found.experiment_id, state=found.state, stopping=plan.stopping, is_final=reading.is_final,
            withheld=reading.withheld, blocks=reading.blocks, blocks_planned=reading.blocks_planned, ratio=RatioOut.of(reading.ratio),
            level=1 - plan.alpha_each, results=results,
        )  # fmt: skip


class OutcomeOut(msgspec.Struct, frozen=True, kw_only=True):
    """The reported test and what it permits to say."""

    experiment: ExperimentOut
    result: ResultOut
