"""What a draft of an account is held against, kept with a release: usual levels by format, growth, habits, its effects.

Levels are of posts under the definition of a view that holds now: no level reaches across a break.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.scope import Scope
from domain.effects.verdicts import Verdict
from domain.features.feature import Feature, Known
from domain.planning.evidence import Evidence
from domain.planning.items import Standing
from domain.planning.levels import NEAREST, Usual, usual, usual_of
from domain.planning.predicting import HORIZONS, Growth, growth_to
from domain.scores.maturity import Curve
from domain.scores.regimes import regime_of

# The newest posts stand beside a draft so that what looks back (gap, usual hashtags) can be measured.
RECENT = 24
UNKNOWN_FORMAT = "unknown"
_KEPT = frozenset({Verdict.EXPERIMENTAL, Verdict.EXPERIMENTAL_SELF_REPORTED, Verdict.CAUSAL_SUPPORTED, Verdict.ASSOCIATIONAL})


@dataclass(frozen=True, slots=True)
class Basis:
    """As kept for one account. `formats`: usual level and growth by format; `main`: the format of most of its newest posts.

    `recent`: its newest posts as they stand now (video_id, posted_at, hashtags, sound_id); texts of platforms are not kept with a release.
    `ranges`: the least and the most that its posts showed of a feature.
    """

    account_id: str
    platform: str
    time_zone: str | None
    main: str | None
    formats: Mapping[str, tuple[Usual, Mapping[str, Growth]]]
    means: Mapping[str, float | None]
    evidence: tuple[Evidence, ...]
    recent: Sequence[Mapping[str, Any]] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def standing(self) -> Standing:
        found = self.formats.get(self.main or "")
        return Standing(self.account_id, found[0] if found else Usual(0, reason="no post of this account is known"), self.means)


def basis_of(scope: Scope, curves: Sequence[Curve], said: Sequence[Evidence], account_id: str, now: datetime) -> Basis:
    """Of the posts of one account, ordered by time (`domain.deep.scope`). `said`: the effects that speak of it."""
    posts, features = scope.posts, scope.features.features
    platform = str(posts["platform"].iloc[-1])
    newest = posts.tail(NEAREST)
    forms = newest["format"].fillna(UNKNOWN_FORMAT)
    main = sorted(forms.value_counts().items(), key=lambda each: (-each[1], str(each[0])))[0][0] if len(forms) else None
    formats = {str(name): _format(posts, str(name), platform, curves, account_id, now) for name in sorted(set(forms))}
    zone = posts["time_zone"].iloc[-1]
    return Basis(
        account_id, platform, zone if isinstance(zone, str) else None, None if main is None else str(main), formats,
        means_of(newest, features), tuple(each for each in said if each.verdict in _KEPT),
        ranges=ranges_of(posts, features),
    )  # fmt: skip


def _format(
    posts: pd.DataFrame, name: str, platform: str, curves: Sequence[Curve], account_id: str, now: datetime
) -> tuple[Usual, Mapping[str, Growth]]:
    form = None if name == UNKNOWN_FORMAT else name
    regime = regime_of(platform, form, now)
    mine = posts[posts["format"].fillna(UNKNOWN_FORMAT) == name]
    same = [regime_of(platform, form, moment) == regime for moment in mine["posted_at"]]
    outcomes = mine["outcome"][np.array(same, dtype=bool)].dropna().to_numpy(np.float64)
    curve = next((each for each in curves if (each.cell.platform, each.cell.format, each.cell.regime) == (platform, form, regime)), None)
    return usual(outcomes), {horizon: growth_to(curve, account_id, days) for horizon, days in HORIZONS.items()}


def means_of(newest: pd.DataFrame, features: Sequence[Feature]) -> dict[str, float]:
    """Means over the newest posts, of what is known before publication and that any of them has."""
    names = [each.name for each in features if each.known is Known.BEFORE and each.name in newest.columns]
    values = newest[names].to_numpy(np.float64)
    known = ~np.isnan(values)
    return {name: float(column[mask].mean()) for name, column, mask in zip(names, values.T, known.T, strict=True) if mask.any()}


def ranges_of(posts: pd.DataFrame, features: Sequence[Feature]) -> dict[str, tuple[float, float]]:
    """The least and the most, of what is known before publication and that any post has."""
    names = [each.name for each in features if each.known is Known.BEFORE and each.name in posts.columns]
    known = posts[names].dropna(axis=1, how="all").astype(np.float64)
    return {str(name): (float(known[name].min()), float(known[name].max())) for name in known.columns}


def stored(basis: Basis) -> dict[str, Any]:
    """As JSON values, still to be rounded."""
    formats = {
        name: {"usual": asdict(level), "growth": {horizon: asdict(each) for horizon, each in growth.items()}}
        for name, (level, growth) in basis.formats.items()
    }
    rest = {name: getattr(basis, name) for name in ("account_id", "platform", "time_zone", "main", "means", "ranges")}
    return {**rest, "formats": formats, "evidence": [asdict(each) for each in basis.evidence]}


def read(kept: Mapping[str, Any], recent: Sequence[Mapping[str, Any]]) -> Basis:
    """A basis as it was kept, beside the account's newest posts."""
    formats = {
        name: (usual_of(each["usual"]), {horizon: Growth(**growth) for horizon, growth in each["growth"].items()})
        for name, each in kept["formats"].items()
    }
    evidence = tuple(Evidence(**{**each, "verdict": Verdict(each["verdict"])}) for each in kept["evidence"])
    rest = {name: kept[name] for name in ("account_id", "platform", "time_zone", "main", "means")}
    ranges = {name: (low, high) for name, (low, high) in kept.get("ranges", {}).items()}
    return Basis(**rest, formats=formats, evidence=evidence, recent=recent, ranges=ranges)
