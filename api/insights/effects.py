"""Effects: what choices are worth, all of one release, or one of them with everything that it stands on."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.figures import AsOf, asked_moment
from api.insights.frame import Published, frame, published, raw
from api.insights.outliers import OfAccount
from api.pages import CursorParam, Limit
from api.reading import Reading
from api.security import BEARER, known_caller
from domain.analytics import EFFECTS_SECTION
from domain.effects.verdicts import Kind, Outcome, Verdict
from domain.log_points import percent
from store.served import EffectText


class EffectOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a choice that a creator controls is worth, as a multiple of the outcome with a 95 % interval, or why that cannot be said yet.

    `estimate`, `low`, `high`, `mde` and `naive` are in log points; `sentence` is the statement that the verdict permits. `scope` is the
    account whose posts these are, null for all of them. It is served as it was published: older releases lack what is newer.
    """

    effect_id: UUID
    feature: str
    contrast: str
    estimand: str
    design: str
    verdict: str
    sentence: str
    reason: str | None
    estimate: float | None
    low: float | None
    high: float | None
    multiple: float | None
    multiple_low: float | None
    multiple_high: float | None
    naive: float | None
    p: float | None
    q: float | None
    hypotheses: int
    n: int
    accounts: int
    treated: int | None
    control: int | None
    mde: float | None
    robustness_value: float | None
    posts_needed: int | None
    is_lag_adjusted: bool
    gates: list[dict[str, Any]]
    key: str | None = None
    outcome: str | None = None
    group: str | None = None
    kind: str | None = None
    scope: str | None = None
    se: float | None = None
    window_from: str | None = None
    window_to: str | None = None
    periods: int | None = None
    permutation_p: float | None = None
    placebo: float | None = None
    placebo_p: float | None = None
    overlap: int | None = None
    assumptions: list[str] = []
    parts: list[dict[str, Any]] = []
    shrinkage: dict[str, Any] | None = None
    check: dict[str, Any] | None = None
    wording: str | None = None
    # The method of this one answer: an experiment among them has its own.
    method: str | None = None


class EffectsOut(Published, frozen=True, kw_only=True):
    """A page of one release of effects, in the order of their keys. `n` is the posts that were read."""

    items: list[EffectOut]
    next_cursor: str | None
    has_more: bool


class PerCentOut(msgspec.Struct, frozen=True, kw_only=True):
    """The same in per cent more (or fewer, below zero) of the outcome."""

    estimate: float | None
    low: float | None
    high: float | None
    mde: float | None


class PlaceboOut(msgspec.Struct, frozen=True, kw_only=True):
    """Where nothing should be found: the choice on the post before (`estimate`, log points), and choices drawn at random."""

    estimate: float | None
    p: float | None
    permutation_p: float | None


class WindowOut(msgspec.Struct, frozen=True, kw_only=True):
    """The posts' first and last moment."""

    begins: str | None
    ends: str | None


class EffectDetailOut(Published, frozen=True, kw_only=True):
    """One effect with what it stands on. `clusters`: accounts (or stretches of time of one account) that errors are counted by."""

    effect: EffectOut
    clusters: int
    per_cent: PerCentOut
    window: WindowOut
    placebo: PlaceboOut


class GateOut(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of publication: of so many effects that were held against it, so many passed."""

    name: str
    asked: int
    passed: int


class GatesOut(Published, frozen=True, kw_only=True):
    """What the gate let through. `verdicts`: effects by verdict; `hypotheses`: all questions; q counts those that have a p."""

    hypotheses: int
    verdicts: dict[str, int]
    items: list[GateOut]


class _Kept(Published, frozen=True, kw_only=True):
    items: list[msgspec.Raw]
    next_cursor: str | None
    has_more: bool


NONE_ALONE = "no such effect of this account alone was asked about: leave account_id out for those of all accounts"
_LISTED = ResponseSpec(EffectsOut, generate_examples=False, description="Effects as they were published.")
OfOutcome = Annotated[Outcome | None, QueryParameter(description="only about this outcome")]
OfKind = Annotated[Kind | None, QueryParameter(description="only of this kind of question")]
OfVerdict = Annotated[Verdict | None, QueryParameter(description="only with this verdict")]
OfTopic = Annotated[str | None, QueryParameter(max_length=60, description="only about this group of features: title, timing, format ...")]


class EffectController(Controller):
    """What choices are worth."""

    path = "/insights"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get("/effects", sync_to_thread=True, responses={200: _LISTED})
    def effects(
        self, reading: NamedDependency[Reading], outcome: OfOutcome = None, kind: OfKind = None, verdict: OfVerdict = None,
        topic: OfTopic = None, account_id: OfAccount = None, as_of: AsOf = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Response[bytes]:  # fmt: skip
        """What choices raise or lower reach, engagement and retention, by how much, how sure that is, and what cannot be said yet."""
        filters = {"outcome": outcome, "kind": kind, "verdict": verdict, "topic": topic, "scope": account_id}
        moment, bound = asked_moment(as_of), f"effects:{sorted((name, str(each)) for name, each in filters.items())}:{as_of}"
        after = reading.cursors.read(cursor, bound, tuple[str])[0] if cursor else None

        def made() -> tuple[UUID, _Kept]:
            with reading.database.begin(reading.entry) as uow:
                uow.accounts.narrowing(account_id)
                found = uow.served.effects(limit=limit + 1, after=after, as_of=moment, filters=filters)
            shown, has_more = found.items[:limit], len(found.items) > limit
            following = reading.cursors.make((shown[-1].key,), bound) if has_more else None
            told = frame(found.release, EFFECTS_SECTION, note=NONE_ALONE if found.release and account_id and not shown else None)
            return uow.tenant_id, _Kept(**told, items=[raw(_named(each)) for each in shown], next_cursor=following, has_more=has_more)

        return published(reading, "effects", None if account_id or as_of else (bound, after, limit), made)

    @get("/effects/{effect_id:uuid}", sync_to_thread=True)
    def effect(self, effect_id: FromPath[UUID], reading: NamedDependency[Reading], as_of: AsOf = None) -> EffectDetailOut:
        """One effect: estimand, window, n, clusters, figures in log points and per cent, gates, placebos, parts, checks, assumptions."""
        with reading.database.begin(reading.entry) as uow:
            release, found = uow.served.effect(effect_id, as_of=asked_moment(as_of))
        effect = msgspec.json.decode(_named(found), type=EffectOut)
        return EffectDetailOut(
            **frame(release, EFFECTS_SECTION), effect=effect, clusters=effect.accounts if effect.accounts > 1 else effect.periods or 1,
            per_cent=PerCentOut(**{name: percent(getattr(effect, name)) for name in PerCentOut.__struct_fields__}),
            window=WindowOut(begins=effect.window_from, ends=effect.window_to),
            placebo=PlaceboOut(estimate=effect.placebo, p=effect.placebo_p, permutation_p=effect.permutation_p),
        )  # fmt: skip

    @get("/gates", sync_to_thread=True)
    def gates(self, reading: NamedDependency[Reading], as_of: AsOf = None) -> GatesOut:
        """How many questions passed each condition of publication, and how many effects got which verdict."""
        with reading.database.begin(reading.entry) as uow:
            found = uow.served.gates(as_of=asked_moment(as_of))
        items = [GateOut(name=name, asked=asked, passed=passed) for name, asked, passed in found.gates]
        return GatesOut(
            **frame(found.release, EFFECTS_SECTION), hypotheses=sum(found.verdicts.values()), verdicts=found.verdicts, items=items
        )


def _named(found: EffectText) -> str:
    """The figures with the id by which the effect is found again."""
    return f'{{"effect_id": "{found.effect_id}", {found.figures[1:]}'
