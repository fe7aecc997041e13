"""The sound of a post: whether it has one, how it stood in the charts when the post went out, whether the account had used it before.

A chart that was seen after the posting says nothing about the choice, so it is never read. Reading charts is in `services.charts`.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from domain.features.earlier import Order, Timeline
from domain.features.feature import Group, amount, in_hindsight, presence

FEATURES = (
    presence("has_sound", Group.SOUND, "a sound that the platform names, compared with none", is_hypothesis=False),
    presence("has_trending_sound", Group.SOUND, "a sound in the charts at posting, compared with any other"),
    amount(
        "sound_rank",
        Group.SOUND,
        ("place of the sound in the chart", "a sound ten places lower in the chart"),
        "places in the chart, 1 is the top",
        10.0,
        is_hypothesis=False,
    ),
    in_hindsight(presence("is_reused_sound", Group.SOUND, "a sound that the account used before, compared with a new one")),
)
# How long a chart stands for what trends.
CHART_LIFE = pd.Timedelta(days=2)

Ranks = Mapping[str, Sequence[tuple[pd.Timestamp, int]]]


def sound_features(posts: pd.DataFrame, order: Order, ranks: Ranks) -> pd.DataFrame:
    """One row per post. Trending is missing where no chart was seen in the two days before the posting."""
    sounds = [sound if isinstance(sound, str) and sound else None for sound in posts["sound_id"]]
    has = _has_sound(posts, sounds)
    rank, trending = _ranked(order.moments, sounds, has, ranks)
    return pd.DataFrame(
        {"has_sound": has, "has_trending_sound": trending, "sound_rank": rank, "is_reused_sound": _reused(order.timelines, sounds)},
        dtype="float64",
    )


def _has_sound(posts: pd.DataFrame, sounds: Sequence[str | None]) -> list[float]:
    """None is "no sound" only where the same account has posts with one; elsewhere its platform may not tell."""
    telling = {account for account, sound in zip(posts["account_id"], sounds, strict=True) if sound is not None}
    return [
        1.0 if sound else (0.0 if account in telling else float("nan")) for account, sound in zip(posts["account_id"], sounds, strict=True)
    ]


def _ranked(
    posted: "pd.Series[pd.Timestamp]", sounds: Sequence[str | None], has: Sequence[float], ranks: Ranks
) -> tuple[list[float], list[float]]:
    charts = sorted({moment for seen in ranks.values() for moment, _ in seen})
    rank, trending = [float("nan")] * len(sounds), [float("nan")] * len(sounds)
    for position, moment in enumerate(posted):
        latest = 0 if pd.isna(moment) else bisect_right(charts, moment)
        if not latest or moment - charts[latest - 1] > CHART_LIFE or np.isnan(has[position]):
            continue
        place = _rank_at(moment, ranks.get(sounds[position] or "", ()))
        trending[position] = float(place is not None)
        rank[position] = float("nan") if place is None else float(place)
    return rank, trending


def _rank_at(moment: pd.Timestamp, seen: Sequence[tuple[pd.Timestamp, int]]) -> int | None:
    """The rank that was seen last at or before the moment, as long as it stands."""
    known = [(at, rank) for at, rank in seen if at <= moment and moment - at <= CHART_LIFE]
    # Charts of several countries are read at one moment: the best place is what the creator may have seen.
    return min(known, key=lambda pair: (moment - pair[0], pair[1]))[1] if known else None


def _reused(timelines: Sequence[Timeline], sounds: Sequence[str | None]) -> list[float]:
    reused = [float("nan")] * len(sounds)
    for timeline in timelines:
        heard: set[str] = set()
        for together in timeline:
            for position in together:
                sound = sounds[position]
                reused[position] = float("nan") if sound is None else float(sound in heard)
            heard |= {sound for position in together if (sound := sounds[position]) is not None}
    return reused
