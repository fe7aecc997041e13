"""Outliers and forecasts: which videos take off, how sure that is, and where they are going."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter

from api.figures import AsOf, asked_moment
from api.insights.frame import JSON, NONE_YET, Published, frame, raw
from api.pages import CursorParam, Limit
from api.reading import Reading
from api.security import BEARER, known_caller
from domain.analytics import FORECASTS_SECTION, SCORES_SECTION
from domain.observations import Platform
from store.forecasts import Forecast, Foretold
from store.insights import OUTLIERS_NOW, Outlier, Outliers, asked_outliers, found_outliers

NOT_KEPT = "forecasts of earlier releases are not kept by the video; replay the release to make them again"
NO_COUNT = "no view count of this video was known to the release"
NO_OUTLIER = (
    "no such video is an outlier: none is more likely than not to have 3 times what its account's posts usually have at its age, or it"
    " has no score (`without_score`: why, of all accounts)"
)
KINDS_WITH_SCORE = ("outlier", "usual")


class ForetoldOut(msgspec.Struct, frozen=True):
    """Views at an age: `low` to `high` hold them with the chance `level`. `reason` says why nothing is foretold."""

    horizon: str
    target_age_days: float | None
    predicted: float | None
    low: float | None
    high: float | None
    level: float
    reason: str | None


class OutlierOut(msgspec.Struct, frozen=True):
    """A video with P(multiple >= 3) >= 0.5. `multiple` is a ratio with its 95 % interval; `peers` is its n.

    `is_promoted`: its views were bought or promoted, as far as anybody said. `forecasts` are null in earlier releases.
    """

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
    is_promoted: bool | None
    forecasts: list[ForetoldOut] | None


class OutliersOut(Published, frozen=True, kw_only=True):
    """Outliers, largest multiple first. `n` is how many videos were looked at; `without_score` says why the others have none."""

    without_score: dict[str, int]
    items: list[OutlierOut]
    next_cursor: str | None
    has_more: bool


class _Kept(Published, frozen=True, kw_only=True):
    without_score: dict[str, int]
    items: list[dict[str, Any]]
    next_cursor: str | None
    has_more: bool


_LISTED = ResponseSpec(OutliersOut, generate_examples=False, description="Outliers, largest multiple first.")


class ForecastOut(msgspec.Struct, frozen=True, kw_only=True):
    """One horizon: 1d and 3d from now, 7d and 30d of age. `low` to `high` hold the views at `target_age_days` with the chance `level`.

    `velocity`: views per day over the newest increment; `velocity_multiple`: against what the account's posts had at that age.
    """

    horizon: str
    age_days: float | None
    target_age_days: float | None
    views: int
    predicted: float | None
    low: float | None
    high: float | None
    level: float
    velocity: float | None
    velocity_multiple: float | None
    reason: str | None

    @classmethod
    def of(cls, found: Forecast) -> "ForecastOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class VideoForecastOut(Published, frozen=True, kw_only=True):
    """What is foretold of a video. `n`: videos that the release learned from."""

    video_id: UUID
    is_promoted: bool | None
    items: list[ForecastOut]


OnPlatform = Annotated[Platform | None, QueryParameter(description="only of this platform")]
OfAccount = Annotated[UUID | None, QueryParameter(description="only of this account")]


class OutlierController(Controller):
    """Which videos take off."""

    path = "/insights/outliers"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True, responses={200: _LISTED})
    def outliers(
        self, reading: NamedDependency[Reading], platform: OnPlatform = None, account_id: OfAccount = None, as_of: AsOf = None,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Response[bytes]:  # fmt: skip
        """Videos that are taking off, fairly: against posts of the same account, format and age, with interval, n and forecasts."""
        moment, scope = asked_moment(as_of), f"outliers:{platform}:{account_id}:{as_of}"
        after = reading.cursors.read(cursor, scope, tuple[float, UUID]) if cursor else None
        found = None if account_id or moment else _at_once(reading, limit + 1, after, platform)
        if found is None:
            with reading.database.begin(reading.entry) as uow:
                uow.accounts.narrowing(account_id)
                found = uow.insights.outliers(limit=limit + 1, after=after, as_of=moment, platform=platform, account_id=account_id)
        shown, has_more = found.items[:limit], len(found.items) > limit
        answer = _Kept(
            **frame(found.release, SCORES_SECTION, n=sum(found.counts.values()), note=NO_OUTLIER if found.release and not shown else None),
            without_score={reason: count for reason, count in found.counts.items() if reason not in KINDS_WITH_SCORE},
            items=[_shown(each) for each in shown],
            has_more=has_more,
            next_cursor=reading.cursors.make((shown[-1].multiple, shown[-1].video_id), scope) if has_more else None,
        )
        # Titles and what is told of a video change between releases: the answer's own hash is its tag.
        return Response(msgspec.json.encode(answer), media_type=JSON)


def _at_once(reading: Reading, limit: int, after: tuple[float, UUID] | None, platform: Platform | None) -> Outliers | None:
    """In one round trip; None where nothing came, which a unit of work explains."""
    rows = reading.database.once(reading.entry, OUTLIERS_NOW, limit=limit, **asked_outliers(after=after, platform=platform))
    return found_outliers(rows) if rows else None


def _shown(found: Outlier) -> dict[str, Any]:
    """`OutlierOut`, with the forecasts as they came."""
    return {**found._asdict(), "forecasts": raw(found.forecasts) if found.forecasts else None}


class ForecastController(Controller):
    """Where one video is going."""

    path = "/videos/{video_id:uuid}/forecast"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def forecast(self, video_id: FromPath[UUID], reading: NamedDependency[Reading], as_of: AsOf = None) -> VideoForecastOut:
        """The views that a video will have tomorrow, in three days, at 7 and at 30 days of age, each with its 80 % interval."""
        with reading.database.begin(reading.entry) as uow:
            found = uow.forecasts.of_video(video_id, as_of=asked_moment(as_of))
        items = list(map(ForecastOut.of, found.forecasts))
        told = frame(found.release, FORECASTS_SECTION, note=_note(found))
        return VideoForecastOut(**told, video_id=video_id, is_promoted=found.is_promoted, items=items)


def _note(found: Foretold) -> str | None:
    if found.release is None:
        return NONE_YET
    return None if found.forecasts else NO_COUNT if found.is_kept else NOT_KEPT
