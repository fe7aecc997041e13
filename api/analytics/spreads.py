"""Spreads of videos over bands: of the two multiples, and of lengths. The bands are in `domain.engagement` and `domain.analytics`."""

from collections.abc import Sequence

import msgspec

from api.figures import Computed, framed
from domain.analytics import DURATION_BANDS
from domain.engagement import BANDS
from store.analytics import BandCount, DurationBand


class BandOut(msgspec.Struct, frozen=True, kw_only=True):
    """One band of multiples: how many videos, and their share of those that have one. `[1,5)` holds 1 and not 5."""

    band: str
    videos: int
    share: float | None


class DistributionOut(Computed, frozen=True, kw_only=True):
    """How the videos spread over the bands of one multiple; `n` is the videos that have it."""

    bands: list[BandOut]


class ReasonOut(msgspec.Struct, frozen=True, kw_only=True):
    """Why so many videos have no fair multiple."""

    reason: str
    videos: int


class ViralityOut(Computed, frozen=True, kw_only=True):
    """The spread over bands of the fair multiple, and of the naive one beside it. `n` is all videos, scored or not."""

    fair: DistributionOut
    naive: DistributionOut
    unscored: list[ReasonOut]


class DurationBandOut(msgspec.Struct, frozen=True, kw_only=True):
    """Videos of one band of lengths in seconds (`unknown`: never said); `rated` of them have an engagement rate."""

    band: str
    n: int
    mean_views: float | None
    median_views: float | None
    mean_engagement_rate: float | None
    rated: int


class DurationsOut(Computed, frozen=True, kw_only=True):
    """Length against views. A difference between bands is no effect of length: see the effects for that."""

    bands: list[DurationBandOut]

    @classmethod
    def of(cls, found: Sequence[DurationBand], frame: Computed) -> "DurationsOut":
        by_band = {each.band: each for each in found}
        shown = [_duration_band(name, by_band.get(index)) for index, name in enumerate(DURATION_BANDS)]
        unknown = [_duration_band("unknown", by_band[None])] if None in by_band else []
        return cls(**framed(frame), bands=shown + unknown)


def _duration_band(name: str, found: DurationBand | None) -> DurationBandOut:
    return DurationBandOut(
        band=name, n=found.videos if found else 0, mean_views=found.mean_views if found else None,
        median_views=found.median_views if found else None, mean_engagement_rate=found.mean_engagement_rate if found else None,
        rated=found.rated if found else 0,
    )  # fmt: skip


def distribution(counts: Sequence[BandCount], field: str, frame: Computed) -> DistributionOut:
    """The counts over the bands of one multiple, every band shown."""
    found = dict.fromkeys(BANDS, 0)
    for each in counts:
        band = getattr(each, field)
        if band is not None:
            found[band] += each.videos
    n = sum(found.values())
    bands = [BandOut(band=band, videos=videos, share=videos / n if n else None) for band, videos in found.items()]
    return DistributionOut(**{**framed(frame), "n": n}, bands=bands)


def unscored(counts: Sequence[BandCount]) -> list[ReasonOut]:
    """Reasons, the commonest first."""
    found: dict[str, int] = {}
    for each in counts:
        if each.virality_band is None:
            reason = each.reason or "unknown"
            found[reason] = found.get(reason, 0) + each.videos
    return [ReasonOut(reason=reason, videos=videos) for reason, videos in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
