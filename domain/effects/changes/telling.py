"""Changes as they are told: the counts of an effect, and rows of JSON values for charts and lists. Nothing is estimated here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from domain.effects.changes.bands import Bands
from domain.effects.changes.detecting import Adoption, wording
from domain.effects.changes.series import Posts, Series
from domain.effects.panel import Floats
from domain.effects.verdicts import METHOD_VERSION, Design, Effect, Kind, Outcome, Verdict
from domain.figures import rounded

CHANGES_VERSION = f"{METHOD_VERSION}/changes-1"

Row = Mapping[str, object]


def described(posts: Posts, series: Series, outcome: Outcome, scope: str | None) -> Effect:
    """What can be said of any change: what is asked, whose posts, how many, from when to when."""
    times = posts.frame["posted_at"].iloc[series.rows]
    after = int(series.is_after.sum())
    is_adopter = series.adopted[series.unit] >= 0
    return Effect(
        feature=series.feature.name,
        contrast=wording(series.feature),
        estimand="",
        verdict=Verdict.INCONCLUSIVE,
        design=Design.STAGGERED if scope is None else Design.SYNTHETIC,
        n=len(series.rows),
        accounts=len(series.adopted),
        treated=after,
        control=len(series.rows) - after,
        naive=_naive(posts.outcome[series.rows], series.is_after, is_adopter),
        method=CHANGES_VERSION,
        outcome=outcome,
        group=series.feature.group.value,
        kind=Kind.CHANGE,
        scope=scope,
        window_from=times.min().isoformat() if len(times) else None,
        window_to=times.max().isoformat() if len(times) else None,
        periods=int(np.isfinite(series.outcomes).any(axis=0).sum()),
    )


def _naive(outcome: Floats, is_after: npt.NDArray[np.bool_], is_adopter: npt.NDArray[np.bool_]) -> float | None:
    """What the accounts' own before and after would say; published beside the answer, never instead of it."""
    before = outcome[is_adopter & ~is_after]
    return float(outcome[is_after].mean() - before.mean()) if is_after.any() and len(before) else None


def event_rows(bands: Bands | None, weeks: int) -> list[Row]:
    """One row per period since the change, with bands that hold for all of them at once."""
    if bands is None:
        return []
    return [
        _row(time * weeks, found.estimate, *bands.interval(time), found.units)
        for time, found in sorted(bands.means.items())
    ]  # fmt: skip


def gap_rows(event_times: Sequence[int], gap: Floats, reach: Floats, weeks: int) -> list[Row]:
    """One account: its distance from its synthetic self per period, and what donors' distances reach 95 times in 100."""
    return [_row(time * weeks, each, each - far, each + far, 1) for time, each, far in zip(event_times, gap, reach, strict=True)]


def _row(time: int, estimate: float, low: float, high: float, accounts: int) -> Row:
    return {"event_time_weeks": time, "estimate": rounded(estimate), "low": rounded(low), "high": rounded(high), "accounts": accounts}


def of_effect(effect: Effect, rows: Iterable[Row]) -> list[Row]:
    """Rows that say which effect they belong to."""
    return [{"key": effect.key, "outcome": effect.outcome.value, "scope": effect.scope, "feature": effect.feature, **row} for row in rows]


def change_rows(adoptions: Iterable[Adoption]) -> list[Row]:
    """One row per account and change that was found, oldest first."""
    rows = [
        asdict(each) | {"at": each.at.isoformat(), "share_before": rounded(each.share_before), "share_after": rounded(each.share_after)}
        for each in adoptions
    ]
    return [{name: value for name, value in row.items() if name not in ("unit", "first_row")} for row in rows]
