"""Lengths and patterns of titles, and how posts with such titles did. What a title is worth is asked in `domain.effects`."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.contrasts import LEAST_POSTS, Comparison, Floats, shown
from domain.deep.rows import rows, section, standing_out
from domain.deep.scope import Scope
from domain.features.feature import Feature, FeatureKind, Group

QUARTERS = (0.25, 0.5, 0.75)


def titles(scope: Scope) -> dict[str, Any]:
    """Amounts of a title by quartile, patterns by presence, languages where told. All of them are one family."""
    comparison = Comparison.of(scope.posts, "outcome", by_format=True)
    asked = [each for each in scope.features.features if each.group is Group.TITLE and each.name in scope.posts.columns]
    quarters = {each.name: quartiles(scope.posts[each.name], each) for each in asked if each.kind is FeatureKind.AMOUNT}
    present = {each.name: shown(scope.posts[each.name]) for each in asked if each.kind is FeatureKind.PRESENCE}
    languages = levels(scope.posts["language"]) if "language" in scope.posts.columns else {}
    among = sum(map(len, quarters.values())) + len(present) + len(languages)
    amounts = {name: comparison.presence(masks, among=among) for name, masks in quarters.items()}
    patterns, spoken = (comparison.presence(masks, among=among) for masks in (present, languages))
    words = {each.name: each.words for each in asked}
    everything = [replace(each, name=f"{words[name]} ({each.name})") for name, family in amounts.items() for each in family]
    return section(
        standing_out([*everything, *patterns], of="lengths and patterns of titles", what="reach", words=words),
        n=comparison.n,
        without_title=int(scope.posts["title"].isna().sum()),
        errors=comparison.errors,
        amounts={name: rows(family) for name, family in amounts.items()},
        patterns=rows(patterns),
        languages=rows(spoken),
    )


def quartiles(values: pd.Series, feature: Feature) -> dict[str, Floats]:
    """The four quarters of an amount, named by the range that they hold; fewer where values tie, none where all are alike."""
    known = values.dropna().to_numpy(np.float64)
    if not len(known) or known.min() == known.max():
        return {}
    edges = np.unique(np.quantile(known, QUARTERS, method="lower"))
    quarter = np.searchsorted(edges, values.to_numpy(np.float64), side="left")
    is_known = values.notna().to_numpy()
    masks = [is_known & (quarter == each) for each in range(len(edges) + 1)]
    return {_range(values[mask], feature): np.where(is_known, mask, np.nan) for mask in masks if mask.any()}


def _range(values: pd.Series, feature: Feature) -> str:
    low, high = float(values.min()), float(values.max())
    return f"{low:.3g} {feature.unit}" if low == high else f"{low:.3g} to {high:.3g} {feature.unit}"


def levels(words: pd.Series, *, may_lack: bool = False) -> dict[str, Floats]:
    """The words that enough posts have, most used first. A post without one has none of them if it `may_lack` it, else is unknown."""
    counts = words.dropna().astype(str).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    is_unknown = words.isna().to_numpy() & (not may_lack)
    kept = counts.index[counts >= LEAST_POSTS]
    return {str(name): np.where(is_unknown, np.nan, (words == name).to_numpy(dtype=bool, na_value=False)) for name in kept}
