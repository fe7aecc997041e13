"""A score table for keeping: plain rows out of plain rows, floats to ten digits so that two machines give the same bytes."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from domain.scores.frames import COLUMNS
from domain.scores.outliers import adjusted_log_views, score

DIGITS = 10


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """One row per video; `curves` are the maturity curves behind them, as JSON values."""

    rows: tuple[Mapping[str, Any], ...]
    method: str
    curves: tuple[Mapping[str, Any], ...]


def score_table(snapshots: Sequence[tuple[Any, ...]], *, now: datetime) -> ScoreTable:
    """Rows as `frames.COLUMNS`, in any order. Each score comes with the maturity-adjusted log views that effects use."""
    frame = pd.DataFrame.from_records(list(snapshots), columns=list(COLUMNS))
    frame["posted_at"] = pd.to_datetime(frame["posted_at"], utc=True)
    frame["observed_at"] = pd.to_datetime(frame["observed_at"], utc=True)
    scored = score(frame, now=now)
    adjusted = adjusted_log_views(frame, now=now).set_index("video_id")
    outcome, error = adjusted["adjusted_log_views"].to_dict(), adjusted["standard_error"].to_dict()
    rows = tuple(
        {name: _plain(value) for name, value in asdict(each).items()}
        | {"outcome": _plain(outcome.get(each.video_id)), "outcome_se": _plain(error.get(each.video_id))}
        for each in scored.scores
    )
    return ScoreTable(rows, scored.method, tuple(json.loads(curve.as_json()) for curve in scored.curves))


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.{DIGITS}g}")
    return value
