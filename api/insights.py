"""What is published: outliers and effects, each with n, interval, age, method and the release it is from. Releases: `api.releases`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.figures import AsOf, Computed, MethodOut, asked_moment
from api.pages import CursorParam, Cursors, Limit
from api.security import BEARER, known_caller
from domain.analytics import EFFECTS_SECTION, SCORES_SECTION, Method
from domain.observations import Platform
from store.database import Database, Entry
from store.insights import Outlier
from store.releases import Head

NONE_YET = "nothing is published yet: import videos, or ask for a request of kind insights"


class OutlierOut(msgspec.Struct, frozen=True, kw_only=True):
    """A video with P(multiple >= 3) >= 0.5. `multiple` is a ratio with its 95 % interval; `peers` is its n."""

    video_id: UUID
    account_id: UUID
    account: str | None
    platform: str
    format: str | None
    title: str | None
    url: str | None
    posted_at: datetime | None
    views: int | None
    multiple: float
    low: float
    high: float
    shrunk_multiple: float | None
    p_outlier: float
    peers: int
    age_days: float
    virality_band: str | None
    naive_multiple: float | None
    naive_band: str | None
    selection: str

    @classmethod
    def of(cls, found: Outlier) -> "OutlierOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class OutliersOut(Computed, frozen=True, kw_only=True):
    """Outliers, largest multiple first. `n` is how many videos were looked at; `without_score` says why the others have none."""

    release_id: UUID | None
    without_score: dict[str, int]
    items: list[OutlierOut]
    next_cursor: str | None
    has_more: bool
    note: str | None


class EffectOut(msgspec.Struct, frozen=True, kw_only=True):
    """What a choice that a creator controls is worth, as a multiple of views with a 95 % interval, or why that cannot be said yet.

    `estimate`, `low` and `high` are in log points; `sentence` is the statement that the verdict permits.
    """

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

    @classmethod
    def of(cls, figures: Any) -> "EffectOut":
        return msgspec.convert({name: figures[name] for name in cls.__struct_fields__}, cls)


class EffectsOut(Computed, frozen=True, kw_only=True):
    """One release of effects. `n` is the posts that were read."""

    release_id: UUID | None
    items: list[EffectOut]
    note: str | None


OnPlatform = Annotated[Platform | None, QueryParameter(description="only of this platform")]
OfAccount = Annotated[UUID | None, QueryParameter(description="only of this account")]


class InsightController(Controller):
    """Outliers and effects."""

    path = "/insights"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get("/outliers", sync_to_thread=True)
    def outliers(
        self,
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors],
        platform: OnPlatform = None,
        account_id: OfAccount = None,
        cursor: CursorParam = None,
        limit: Limit = 20,
    ) -> OutliersOut:
        """Videos that are taking off, fairly: against posts of the same account, format and age, with interval and n."""
        scope = f"outliers:{platform}:{account_id}"
        after = cursors.read(cursor, scope, tuple[float, UUID]) if cursor else None
        with database.begin(entry) as uow:
            release = uow.releases.head("scores")
            found = uow.insights.outliers(limit=limit + 1, after=after, platform=platform, account_id=account_id)
            counts = uow.insights.score_counts()
        shown, has_more = found[:limit], len(found) > limit
        return OutliersOut(
            **_envelope(release, SCORES_SECTION, n=sum(counts.values())),
            without_score={reason: count for reason, count in counts.items() if reason not in ("outlier", "usual")},
            items=[OutlierOut.of(each) for each in shown],
            has_more=has_more,
            next_cursor=cursors.make((shown[-1].multiple, shown[-1].video_id), scope) if has_more else None,
            note=None if release else NONE_YET,
        )

    @get("/effects", sync_to_thread=True)
    def effects(self, database: NamedDependency[Database], entry: NamedDependency[Entry], as_of: AsOf = None) -> EffectsOut:
        """What title choices raise or lower reach, by how much, how sure that is, and what cannot be said yet.

        `as_of` gives the release that was the newest then.
        """
        with database.begin(entry) as uow:
            release = uow.releases.head("effects", as_of=asked_moment(as_of))
            figures = uow.releases.effects(release.release_id) if release else []
        return EffectsOut(
            **_envelope(release, EFFECTS_SECTION, n=release.inputs_count if release else 0),
            items=[EffectOut.of(each) for each in figures],
            note=None if release else NONE_YET,
        )


def _envelope(release: Head | None, section: str, *, n: int) -> dict[str, Any]:
    method = MethodOut.of(Method(release.method if release else "not-published-yet", section))
    if release is None:
        return {"n": n, "as_of": None, "newest_observation": None, "method": method, "release_id": None}
    newest = release.newest_observation
    return {"n": n, "as_of": release.as_of, "newest_observation": newest, "method": method, "release_id": release.release_id}
