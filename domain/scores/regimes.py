"""When a platform changed what it counts as a view. What is done about it is in `frames`: nothing is compared across a break."""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.observations import Platform, VideoFormat

ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Break:
    """From `at` on, the platform counts a view of these formats differently; `name` is the regime that begins there."""

    platform: Platform
    formats: frozenset[VideoFormat]
    at: datetime
    name: str


# In order of time. A post of unknown format may be any of them, so every break of its platform binds it.
BREAKS = (
    Break(Platform.YOUTUBE, frozenset({VideoFormat.SHORT}), datetime(2025, 3, 31, tzinfo=UTC), "starts-2025-03-31"),
    Break(Platform.YOUTUBE, frozenset(VideoFormat), datetime(2026, 8, 24, tzinfo=UTC), "starts-2026-08-24"),
)


def breaks_of(platform: str, video_format: str | None) -> tuple[Break, ...]:
    return tuple(b for b in BREAKS if b.platform == platform and (video_format is None or video_format in b.formats))


def regime_names(platform: str, video_format: str | None) -> tuple[str, ...]:
    """The regimes this kind of post has lived through, oldest first."""
    return (ORIGINAL, *(b.name for b in breaks_of(platform, video_format)))


def regime_of(platform: str, video_format: str | None, at: datetime) -> str:
    """The definition of a view that holds at this moment."""
    passed = sum(b.at <= at for b in breaks_of(platform, video_format))
    return regime_names(platform, video_format)[passed]


def end_of(platform: str, video_format: str | None, regime: str) -> datetime | None:
    """When this definition of a view ends; None while it holds."""
    names = regime_names(platform, video_format)
    after = breaks_of(platform, video_format)[names.index(regime) :]
    return after[0].at if after else None
