"""What callers send about experiments, and what that means. Answers are in `shapes`."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from domain.errors import FieldProblem, Unacceptable
from domain.experiments.asked import Asked, HistoryDay
from domain.experiments.counts import COLUMNS, Told
from domain.experiments.plan import Arm, ExperimentKind, Metric, Stopping
from domain.experiments.reported import ReportedOutcome, ReportedTest, Variant
from domain.experiments.states import ExperimentState

# The database keeps no NUL in a text.
NO_NUL = r"^[^\x00]*$"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Text = Annotated[str, msgspec.Meta(max_length=500, pattern=NO_NUL)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class ArmIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version. `text` is its title, where titles are tested: its features are measured."""

    name: Name
    text: Text | None = None


class HistoryIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One day (or post) before the experiment, as far as it was counted."""

    impressions: Amount | None = None
    clicks: Amount | None = None
    views: Amount | None = None
    watch_seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None


class ExperimentIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan. The first arm is the control; `lift` is the share hoped for (0.1: 10 %). `days`, or `posts` of a choice.

    `subject` names the video in your words, `video_id` one of the library. Noise is taken from `history` (days in a row, oldest first) or
    `channel_id` (its daily report), else `day_noise`, else assumed.
    """

    kind: ExperimentKind
    name: Name
    metric: Metric
    arms: Annotated[list[ArmIn], msgspec.Meta(min_length=2, max_length=8)]
    lift: Annotated[float, msgspec.Meta(gt=0, le=10)]
    days: Annotated[int, msgspec.Meta(ge=1, le=730)] | None = None
    posts: Annotated[int, msgspec.Meta(ge=1, le=730)] | None = None
    alpha: Annotated[float, msgspec.Meta(ge=0.001, le=0.2)] = 0.05
    power: Annotated[float, msgspec.Meta(ge=0.5, le=0.99)] = 0.8
    stopping: Stopping = Stopping.FIXED_END
    subject: Name | None = None
    video_id: UUID | None = None
    varies: Name = "title"
    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] | None = None
    day_noise: Annotated[float, msgspec.Meta(gt=0, le=5)] | None = None
    impressions: Annotated[float, msgspec.Meta(gt=0, le=1e12)] | None = None
    base_rate: Annotated[float, msgspec.Meta(gt=0, lt=1)] | None = None
    history: Annotated[list[HistoryIn], msgspec.Meta(max_length=1000)] = []
    channel_id: UUID | None = None

    def asked(self, seed: int) -> Asked:
        """Raises Unacceptable without the length that its kind needs."""
        is_choice = self.kind is ExperimentKind.CHOICE
        slots, other = (self.posts, self.days) if is_choice else (self.days, self.posts)
        if slots is None or other is not None:
            field = "posts" if is_choice else "days"
            raise Unacceptable("the length is not clear", (FieldProblem(f"/{field}", f"an experiment of kind {self.kind} has {field}"),))
        return Asked(
            kind=self.kind, name=self.name, metric=self.metric, arms=tuple(Arm(arm.name, arm.text) for arm in self.arms), slots=slots,
            lift=self.lift, seed=seed if self.seed is None else self.seed, alpha=self.alpha, power=self.power, stopping=self.stopping,
            subject=self.subject, varies=self.varies, day_noise=self.day_noise, impressions=self.impressions, base_rate=self.base_rate,
            history=tuple(HistoryDay(day.impressions, day.clicks, day.views, day.watch_seconds) for day in self.history),
        )  # fmt: skip


class StateIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`canceled` gives it up, `stopped` ends it early, `concluded` at its end."""

    state: ExperimentState


class StartIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first day, in the time zone in which the days are counted; today (UTC) where left out."""

    starts_on: date | None = None


class CountIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One arm on one `day`, or of one `post` of a choice."""

    arm: Name
    day: date | None = None
    post: Name | None = None
    impressions: Amount | None = None
    clicks: Amount | None = None
    views: Amount | None = None
    watch_seconds: Amount | None = None

    @property
    def told(self) -> Told:
        return Told(self.arm, self.day or self.post or "", {name: getattr(self, name) for name in COLUMNS})


class CountsIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Counts of any days. A day that was told before is restated: the newest count is read, the older ones stay in the history."""

    counts: Annotated[list[CountIn], msgspec.Meta(min_length=1, max_length=5000)]


class UnitIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A post that is about to be published, under any name of yours."""

    post: Name


class VariantIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A variant with its share of all watch time, from 0 to 1."""

    name: Name
    watch_time_share: Share
    text: Text | None = None


class OutcomeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What YouTube's Test & Compare said. The first variant is the one that was there before."""

    name: Name
    outcome: ReportedOutcome
    variants: Annotated[list[VariantIn], msgspec.Meta(min_length=2, max_length=3)]
    winner: Name | None = None
    varies: Literal["title", "thumbnail"] = "title"
    from_day: date | None = None
    to_day: date | None = None

    def test(self, report_id: UUID) -> ReportedTest:
        days = [day.isoformat() if day else None for day in (self.from_day, self.to_day)]
        variants = tuple(Variant(each.name, each.watch_time_share, each.text) for each in self.variants)
        return ReportedTest(str(report_id), self.name, self.outcome, variants, self.varies, self.winner, *days)
