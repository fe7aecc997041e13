"""What a draft of an account is held against, kept with a release: usual levels by format, growth, habits, its newest posts, its effects.

Levels are of posts under the definition of a view that holds now: no level reaches across a break.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.scope import Scope
from domain.effects.verdicts import Verdict
from domain.features.feature import Feature, Known
from domain.planning.evidence import Evidence, speaking
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
    """As kept for one account. `formats`: usual level and growth by format; `main`: the format of most of its newest posts."""

    account_id: str
    platform: str
    time_zone: str | None
    main: str | None
    formats: Mapping[str, tuple[Usual, Mapping[str, Growth]]]
    means: Mapping[str, float | None]
    recent: Sequence[Mapping[str, Any]]
    evidence: tuple[Evidence, ...]

    def standing(self) -> Standing:
        found = self.formats.get(self.main or "")
        return Standing(self.account_id, found[0] if found else Usual(0, reason="no post of this account is known"), self.means)


def basis_of(scope: Scope, curves: Sequence[Curve], evidence: Sequence[Evidence], account_id: str, now: datetime) -> Basis:
    """Of the posts of one account, ordered by time (`domain.deep.scope`)."""
    posts, features = scope.posts, scope.features.features
    platform = str(posts["platform"].iloc[-1])
    newest = posts.tail(NEAREST)
    forms = newest["format"].fillna(UNKNOWN_FORMAT)
    main = sorted(forms.value_counts().items(), key=lambda each: (-each[1], str(each[0])))[0][0] if len(forms) else None
    formats = {str(name): _format(posts, str(name), platform, curves, account_id, now) for name in sorted(set(forms))}
    zone = posts["time_zone"].iloc[-1]
    return Basis(
        account_id, platform, zone if isinstance(zone, str) else None, None if main is None else str(main), formats,
        means_of(newest, features), recent_of(posts), tuple(each for each in speaking(evidence, account_id) if each.verdict in _KEPT),
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


def means_of(newest: pd.DataFrame, features: Sequence[Feature]) -> dict[str, float | None]:
    """Means over the newest posts, of what is known before publication; None where no post has it."""
    means = {each.name: newest[each.name].mean() for each in features if each.known is Known.BEFORE and each.name in newest.columns}
    return {name: float(mean) if mean == mean else None for name, mean in means.items()}


def recent_of(posts: pd.DataFrame) -> list[dict[str, Any]]:
    names = ("video_id", "posted_at", "title", "hashtags", "sound_id")
    rows = posts.tail(RECENT)[list(names)].to_dict("records")
    return [{name: row[name] if name == "hashtags" or not _is_missing(row[name]) else None for name in names} for row in rows]


def _is_missing(value: Any) -> bool:
    return value is None or value != value


def stored(basis: Basis) -> dict[str, Any]:
    """As JSON values, still to be rounded."""
    formats = {
        name: {"usual": asdict(level), "growth": {horizon: asdict(each) for horizon, each in growth.items()}}
        for name, (level, growth) in basis.formats.items()
    }
    recent = [{**each, "posted_at": each["posted_at"].isoformat(), "hashtags": list(each["hashtags"])} for each in basis.recent]
    rest = {name: getattr(basis, name) for name in ("account_id", "platform", "time_zone", "main", "means")}
    return {**rest, "formats": formats, "recent": recent, "evidence": [asdict(each) for each in basis.evidence]}


def read(kept: Mapping[str, Any]) -> Basis:
    """A basis as it was kept."""
    formats = {
        name: (usual_of(each["usual"]), {horizon: Growth(**growth) for horizon, growth in each["growth"].items()})
        for name, each in kept["formats"].items()
    }
    evidence = tuple(Evidence(**{**each, "verdict": Verdict(each["verdict"])}) for each in kept["evidence"])
    recent = [{**each, "posted_at": datetime.fromisoformat(each["posted_at"])} for each in kept["recent"]]
    rest = {name: kept[name] for name in ("account_id", "platform", "time_zone", "main", "means")}
    return Basis(**rest, formats=formats, recent=recent, evidence=evidence)
