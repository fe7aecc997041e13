"""What a post of this account would typically reach at that time: the median of its nearest comparable posts, itself left out.

Values come in already adjusted for age; nothing here knows about ages, platforms or curves.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEWEST_PEERS = 5
# The slope of an account's growth is a quieter thing than its level and may look further around.
TREND_PEERS = 60
# Values this many standard deviations off the neighbours' median do not steer the trend any further.
CLIP = 2.5
# Enough to choose between reaches; more would only cost time.
ACCOUNTS_HEARD = 200
# How many standard errors a difference must clear before it changes the method.
SURE = 2.0
# A spread seen in few posts is pulled toward the one of all accounts, as if that had been seen in this many.
POOLED_POSTS = 8.0
# The median is this much more variable than the mean of the same normal values.
MEDIAN_VARIANCE = np.pi / 2


@dataclass(frozen=True, slots=True)
class Reach:
    """How far around a post its peers may lie, and whether they are moved along the account's trend."""

    peers: int
    has_trend: bool


# The first one serves unless another has foretold these accounts' posts better: steady growth bears a wide reach, sudden
# change a narrow one.
REACHES = (Reach(20, has_trend=True), Reach(30, has_trend=True), Reach(20, has_trend=False), Reach(10, has_trend=False))


@dataclass(frozen=True, slots=True)
class Baselines:
    """Per value: the level expected there, its variance, the spread of single posts, and how many peers it stands on."""

    level: Floats
    variance: Floats
    spread: Floats
    peers: Ints


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For each of the values, sorted by group and time, where the nearest ones of its group start and stop, itself included."""

    start: Ints
    stop: Ints


def local_baselines(group: Ints, days: Floats, values: Floats, reach: Reach | None = None) -> Baselines:
    """For values sorted by group and day: what each one is held against, from the posts on both sides of it."""
    if not len(values):
        return Baselines(values, values, values, np.zeros(0, dtype=np.int64))
    return _baselines(group, days, values, reach or chosen_reach(group, days, values), only_before=False)


def chosen_reach(group: Ints, days: Floats, values: Floats) -> Reach:
    """What foretells each post best from those before it, as a new post has to be judged. Two hundred accounts or so decide."""
    heard = group % (1 + int(group[-1]) // ACCOUNTS_HEARD) == 0
    group, days, values = group[heard], days[heard], values[heard]
    best, misses = REACHES[0], _misses(group, days, values, REACHES[0])
    for reach in REACHES[1:]:
        other = _misses(group, days, values, reach)
        both = np.isfinite(misses) & np.isfinite(other)
        gain = (misses - other)[both]
        if len(gain) > 1 and gain.mean() > SURE * gain.std() / np.sqrt(len(gain)):
            best, misses = reach, other
    return best


def _misses(group: Ints, days: Floats, values: Floats, reach: Reach) -> Floats:
    before = _baselines(group, days, values, reach, only_before=True)
    return np.where(before.peers >= FEWEST_PEERS, np.abs(values - before.level), np.nan)


def _baselines(group: Ints, days: Floats, values: Floats, reach: Reach, *, only_before: bool) -> Baselines:
    near = _nearest(group, reach.peers, only_before=only_before)
    offsets, peers = _window(near, reach.peers)
    beside, count = values[offsets], peers.sum(axis=1)
    level = _median(np.where(peers, beside, np.inf), peers)
    spread = _spread(group, values - level)
    steady = np.where(count > 0, np.clip(values, level - CLIP * spread, level + CLIP * spread), values)
    slope, slope_variance = np.zeros(len(values)), np.zeros(len(values))
    apart = days[offsets] - days[:, None]
    if reach.has_trend:
        slope, slope_variance = _trend(_nearest(group, TREND_PEERS, only_before=only_before), group, days, steady, spread)
        level = _median(np.where(peers, beside - slope[:, None] * apart, np.inf), peers)
        spread = _spread(group, values - level)
    some = np.maximum(count, 1)
    variance = MEDIAN_VARIANCE * spread**2 / some + slope_variance * ((apart * peers).sum(axis=1) / some) ** 2
    lean = np.abs(((offsets - np.arange(len(values))[:, None]) * peers).sum(axis=1) / some)
    variance += _wandering(group, days, steady, slope, reach.peers // 2) * _one_sided(lean, reach)
    return Baselines(level, variance, spread, count.astype(np.int64))


def _wandering(group: Ints, days: Floats, steady: Floats, slope: Floats, lag: int) -> float:
    """How much more distant posts of an account differ than neighbouring ones do: its level moves in ways no trend foretells."""
    here = np.flatnonzero(group[lag:] == group[:-lag])
    if len(here) < FEWEST_PEERS:
        return 0.0
    last = here + lag
    near, far = (steady[last] - steady[last - back] - slope[last] * (days[last] - days[last - back]) for back in (1, lag))
    excess = (far**2 - near**2) / 2
    return max(0.0, float(excess.mean() - SURE * excess.std() / np.sqrt(len(here))))


def _one_sided(lean: Floats, reach: Reach) -> Floats:
    """A level that walks at random strays four times as far from posts that all lie on one side as from posts on both."""
    return 0.25 + 0.75 * np.minimum(lean / (reach.peers / 2), 1)


def _nearest(group: Ints, wanted: int, *, only_before: bool) -> Neighbours:
    index = np.arange(len(group))
    first = np.searchsorted(group, group, side="left")
    after = np.searchsorted(group, group, side="right")
    if only_before:
        return Neighbours(np.maximum(index - wanted, first), index + 1)
    start = np.clip(index - wanted // 2, first, np.maximum(first, after - wanted - 1))
    return Neighbours(start, np.minimum(start + wanted + 1, after))


def _window(near: Neighbours, wanted: int) -> tuple[Ints, Flags]:
    """Positions of the neighbours, and which of them are peers: in the group and not the post itself."""
    offsets = near.start[:, None] + np.arange(wanted + 1)[None, :]
    index = np.arange(len(near.start))[:, None]
    peers = (offsets < near.stop[:, None]) & (offsets != index)
    return np.where(peers, offsets, index), peers


def _median(values: Floats, peers: Flags) -> Floats:
    """Row medians; what is no peer is infinite and sorts to the end. Without peers: not a number."""
    ordered, count = np.sort(values, axis=1), peers.sum(axis=1)
    rows = np.arange(len(values))
    middle = (ordered[rows, np.maximum(count - 1, 0) // 2] + ordered[rows, np.minimum(count // 2, values.shape[1] - 1)]) / 2
    return np.where(count > 0, middle, np.nan)


def _spread(group: Ints, left: Floats) -> Floats:
    """Standard deviation of single posts, per group, robust, partially pooled over groups."""
    size = np.abs(np.where(np.isfinite(left), left, np.nan))
    known = np.isfinite(size)
    pooled = 1.4826 * float(np.median(size[known])) if known.any() else 0.0
    order = np.lexsort((np.where(known, size, np.inf), group))
    count = np.bincount(group, known, minlength=int(group.max()) + 1).astype(np.int64)
    first = np.searchsorted(group, np.arange(len(count)))
    ordered = size[order]
    middle = np.where(count > 0, ordered[np.minimum(first + np.maximum(count - 1, 0) // 2, len(ordered) - 1)], 0.0)
    variance = (POOLED_POSTS * pooled**2 + count * (1.4826 * np.nan_to_num(middle)) ** 2) / (POOLED_POSTS + count)
    return np.asarray(np.sqrt(variance)[group])


def _trend(near: Neighbours, group: Ints, days: Floats, values: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Growth per day around each post, shrunk toward what the accounts have in common."""
    centred = days - days[np.searchsorted(group, group)]
    total = [_sums(v, near) for v in (np.ones(len(values)), centred, centred**2, values, centred * values)]
    count, day, square, value, cross = total
    room = np.maximum(square - day * day / count, 0)
    slope = np.divide(cross - day * value / count, room, out=np.zeros(len(values)), where=(room > 0) & (count > 2))
    error = np.divide(spread**2, room, out=np.full(len(values), np.inf), where=(room > 0) & (count > 2))
    mean, between = _common(group, slope, error)
    keep = np.divide(between, between + error, out=np.zeros(len(values)), where=np.isfinite(error) & (between + error > 0))
    return mean + keep * (slope - mean), between * (1 - keep)


def _sums(values: Floats, near: Neighbours) -> Floats:
    running = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(running[near.stop] - running[near.start])


def _common(group: Ints, slope: Floats, error: Floats) -> tuple[float, float]:
    """Mean and variance of the slopes over groups, each heard once (its middle post) and weighted by what it knows."""
    first = np.flatnonzero(np.diff(group, prepend=-1))
    middle = (first + np.append(first[1:], len(group)) - 1) // 2
    heard = middle[np.isfinite(error[middle]) & (error[middle] > 0)]
    if len(heard) < FEWEST_PEERS:
        return 0.0, 0.0
    weight = 1 / error[heard]
    mean = float(np.average(slope[heard], weights=weight))
    excess = float(weight @ (slope[heard] - mean) ** 2) - (len(heard) - 1)
    between = max(0.0, excess / float(weight.sum() - (weight @ weight) / weight.sum()))
    total = 1 / (error[heard] + between)
    return float(np.average(slope[heard], weights=total)), between
