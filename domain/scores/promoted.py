"""Baselines where some views were bought: a promoted post is held against the others, and nobody is held against it."""

import numpy as np
from numpy.typing import NDArray

from domain.scores.baselines import Baselines, chosen_reach, local_baselines

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def organic_baselines(group: Ints, days: Floats, values: Floats, is_promoted: Flags) -> Baselines:
    """For values sorted by group and day. Those of organic posts are as if the promoted ones did not exist."""
    if not is_promoted.any():
        return local_baselines(group, days, values)
    nothing = np.full(len(values), np.nan)
    found = Baselines(nothing, nothing.copy(), nothing.copy(), np.zeros(len(values), dtype=np.int64))
    organic = np.flatnonzero(~is_promoted)
    if len(organic):
        alone = local_baselines(_dense(group[organic]), days[organic], values[organic])
        _put(found, organic, alone)
        bought = np.flatnonzero(is_promoted & np.isin(group, group[organic]))
        _put(found, bought, _beside(group, days, values, organic, bought, alone))
    return found


def _beside(group: Ints, days: Floats, values: Floats, organic: Ints, bought: Ints, alone: Baselines) -> Baselines:
    """A bought post stands among the others with what is expected there, so that it steers nothing; then it is its turn to be judged."""
    near = _neighbour(group, organic, bought)
    expected = values.copy()
    expected[bought] = np.where(np.isfinite(alone.level), alone.level, values[organic])[near]
    among = np.sort(np.concatenate([organic, bought]))
    reach = chosen_reach(_dense(group[organic]), days[organic], values[organic])
    whole = local_baselines(_dense(group[among]), days[among], expected[among], reach)
    members = np.bincount(group[organic], minlength=int(group.max()) + 1)[group[bought]]
    level = whole.level[np.searchsorted(among, bought)]
    return Baselines(level, alone.variance[near], alone.spread[near], np.minimum(members, reach.peers))


def _neighbour(group: Ints, organic: Ints, bought: Ints) -> Ints:
    """The organic post of the group just before, else just after."""
    before = np.clip(np.searchsorted(organic, bought) - 1, 0, None)
    return np.where(group[organic[before]] == group[bought], before, np.minimum(before + 1, len(organic) - 1))


def _put(found: Baselines, where: Ints, what: Baselines) -> None:
    for name in ("level", "variance", "spread", "peers"):
        getattr(found, name)[where] = getattr(what, name)


def _dense(group: Ints) -> Ints:
    return np.unique(group, return_inverse=True)[1].astype(np.int64)
