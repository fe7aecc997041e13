"""A score table for keeping: plain rows out of plain rows, floats to ten digits so that two machines give the same bytes."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from domain.figures import rounded
from domain.scores.frames import COLUMNS, PROMOTED
from domain.scores.outliers import adjusted_log_views, score


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """One row per video; `curves` are the maturity curves behind them, as JSON values."""

    rows: tuple[Mapping[str, Any], ...]
    method: str
    curves: tuple[Mapping[str, Any], ...]


def score_table(snapshots: Sequence[tuple[Any, ...]], *, now: datetime) -> ScoreTable:
    """Rows as for `frame_of`. Each score comes with the maturity-adjusted log views that effects use, and with `is_promoted`."""
    frame = frame_of(snapshots)
    scored = score(frame, now=now)
    adjusted = adjusted_log_views(frame, now=now).set_index("video_id")
    outcome, error = adjusted["adjusted_log_views"].to_dict(), adjusted["standard_error"].to_dict()
    rows = tuple(
        {name: plain(value) for name, value in asdict(each).items()}
        | {"outcome": plain(outcome.get(each.video_id)), "outcome_se": plain(error.get(each.video_id))}
        for each in scored.scores
    )
    return ScoreTable(rows, scored.method, tuple(json.loads(curve.as_json()) for curve in scored.curves))


def frame_of(snapshots: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Rows as `frames.COLUMNS`, in any order of rows; whoever knows whether views were bought appends `frames.PROMOTED`."""
    rows = [(*row, None) if len(row) == len(COLUMNS) else tuple(row) for row in snapshots]
    frame = pd.DataFrame.from_records(rows, columns=[*COLUMNS, PROMOTED])
    frame["posted_at"] = pd.to_datetime(frame["posted_at"], utc=True)
    frame["observed_at"] = pd.to_datetime(frame["observed_at"], utc=True)
    return frame


def plain(value: Any) -> Any:
    """A figure for keeping: ten digits, and None where it is unknown or beyond any number."""
    if isinstance(value, float):
        return rounded(value)
    return value
