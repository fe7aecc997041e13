"""What kind of posts were made (format, duration, topic), and how they did in reach and engagement."""

from typing import Any

import numpy as np
import pandas as pd

from domain.analytics import DURATION_BANDS, DURATION_EDGES
from domain.deep.contrasts import Comparison, Floats
from domain.deep.rows import rows, section, standing_out
from domain.deep.scope import Scope
from domain.deep.titles import levels

OUTCOMES = {"reach": "outcome", "engagement": "engagement"}


def content_type(scope: Scope) -> dict[str, Any]:
    """Each division for both outcomes, against the account's other posts of the time, whatever their format."""
    posts = scope.posts
    divisions = {"format": levels(posts["format"]), "duration": duration_bands(posts["duration_seconds"])}
    if "topic" in posts.columns:
        divisions["topic"] = levels(posts["topic"], may_lack=True)
    among = len(OUTCOMES) * sum(map(len, divisions.values()))
    found: dict[str, dict[str, Any]] = {}
    families = []
    for name, column in OUTCOMES.items():
        comparison = Comparison.of(posts, column, by_format=False)
        contrasts = {division: comparison.presence(masks, among=among) for division, masks in divisions.items()}
        found[name] = {"n": comparison.n, "errors": comparison.errors} | {division: rows(each) for division, each in contrasts.items()}
        families.append(standing_out([each for family in contrasts.values() for each in family], of="kinds of posts", what=name))
    return section(" ".join(families), n=found["reach"]["n"], **found)


def duration_bands(seconds: pd.Series) -> dict[str, Floats]:
    """The bands of duration that any post falls into, seconds; unknown where the duration is."""
    band = np.searchsorted(DURATION_EDGES, seconds.to_numpy(np.float64), side="right")
    is_known = seconds.notna().to_numpy()
    masks = {f"{name} s": is_known & (band == position) for position, name in enumerate(DURATION_BANDS)}
    return {name: np.where(is_known, mask, np.nan) for name, mask in masks.items() if mask.any()}
