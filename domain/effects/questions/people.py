"""People and brands that are named: impact, trend over time, several together, and in what. Descriptive, but for the effects."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.contrasts import Comparison, Contrast, Floats, both, shown
from domain.deep.rows import row, rows, section, standing_out
from domain.deep.scope import Scope
from domain.deep.titles import levels
from domain.effects.questions.briefs import about
from domain.effects.questions.combinations import NAMES_ANY, SEVERAL, name_of
from domain.effects.verdicts import Effect
from domain.features.feature import Feature
from domain.log_points import multiple

MOST_NAMED, MOST_PAIRS, MOST_TOPICS = 20, 20, 12
QUARTERS = 4
LEAST_POSTS = 5


def people(scope: Scope, effects: Sequence[Effect]) -> dict[str, Any]:
    """One row per person and brand; `together`: posts that name one, or several, and the pairs that are named together."""
    named = named_in(scope)
    comparison = Comparison.of(scope.posts, "outcome", by_format=True)
    found = comparison.presence({each.name: shown(scope.posts[each.name]) for each in named})
    told = [_told(scope, comparison, feature, each, effects) for feature, each in zip(named, found, strict=True)]
    together = comparison.presence(_together(scope.posts, [each for each in named if each.name.startswith("person:")]))
    return section(
        standing_out([replace(each, name=name_of(feature)) for feature, each in zip(named, found, strict=True)], of="names", what="reach"),
        n=comparison.n, errors=comparison.errors, people=told, together=rows(together), several=about(effects, SEVERAL),
    )  # fmt: skip


def named_in(scope: Scope) -> list[Feature]:
    """Those with a column of their own, the most often named first."""
    own = [each for each in scope.features.features if each.name.startswith(("person:", "brand:")) and each.name in scope.posts]
    return sorted(own, key=lambda each: (-float(np.nansum(scope.posts[each.name].to_numpy(np.float64))), each.name))[:MOST_NAMED]


def content_by_person(scope: Scope) -> dict[str, Any]:
    """Posts about a topic, or of a format, that name a person, beside the account's other posts of the time. Small cells show n alone."""
    named = named_in(scope)
    topics = levels(scope.posts["topic"], may_lack=True) if "topic" in scope.posts else {}
    kinds = {"topic": dict(list(topics.items())[:MOST_TOPICS]), "format": levels(scope.posts["format"])}
    masks = {
        f"{feature.name}|{by}|{level}": both(shown(scope.posts[feature.name]), mask)
        for feature in named for by, found in kinds.items() for level, mask in found.items()
    }  # fmt: skip
    comparison = Comparison.of(scope.posts, "outcome", by_format=False)
    found = comparison.presence(masks)
    names = {feature.name: name_of(feature) for feature in named}
    return section(
        standing_out([_renamed(each, names) for each in found], of="pairs of a person and a kind of post", what="reach"),
        n=comparison.n, errors=comparison.errors, least_posts=LEAST_POSTS,
        people=[{"feature": feature.name, "name": names[feature.name]} for feature in named],
        kinds={by: list(found) for by, found in kinds.items()}, cells=[_cell(each) for each in found],
    )  # fmt: skip


def _cell(found: Contrast) -> dict[str, Any]:
    feature, by, level = found.name.split("|", 2)
    return {**row(found), "name": f"{feature} in {level}", "feature": feature, "by": by, "level": level}


def _renamed(found: Contrast, names: Mapping[str, str]) -> Contrast:
    feature, _, level = found.name.split("|", 2)
    return replace(found, name=f"{names[feature]} in {level}")


def _told(scope: Scope, comparison: Comparison, feature: Feature, found: Contrast, effects: Sequence[Effect]) -> dict[str, Any]:
    over_time = comparison.presence(_quarters(scope.posts, shown(scope.posts[feature.name])))
    return {
        "feature": feature.name,
        "kind": feature.name.partition(":")[0],
        "reach": {**row(found), "name": name_of(feature)},
        "is_asked": feature.is_hypothesis,
        "effects": about(effects, feature.name),
        "over_time": rows(over_time),
        "trend": _trend(over_time),
    }


def _quarters(posts: pd.DataFrame, named: Floats) -> dict[str, Floats]:
    """Stretches of as many posts each, named by their first and last day."""
    rank = posts["posted_at"].rank(method="first").to_numpy(np.float64) - 1
    part = np.minimum((rank * QUARTERS // max(len(posts), 1)).astype(int), QUARTERS - 1)
    days = posts["posted_at"].dt.strftime("%Y-%m-%d")
    spans = {quarter: (days[part == quarter].min(), days[part == quarter].max()) for quarter in sorted(set(part.tolist()))}
    return {f"{quarter + 1}: {first} to {last}": both(named, part == quarter) for quarter, (first, last) in spans.items()}


def _trend(over_time: Sequence[Contrast]) -> dict[str, Any]:
    """From the first to the last stretch that has a figure; as if the two were independent."""
    known = [each for each in over_time if each.estimate is not None and each.low is not None and each.high is not None]
    if len(known) < 2:
        return {
            "difference": None,
            "low": None,
            "high": None,
            "multiple": None,
            "reason": "fewer than two stretches of time have enough posts",
        }
    first, last = known[0], known[-1]
    difference = (last.estimate or 0.0) - (first.estimate or 0.0)
    sides = [((each.high or 0.0) - (each.low or 0.0)) / 2 for each in (first, last)]
    reach = math.hypot(*sides)
    return {"from": first.name, "to": last.name, "difference": difference, "low": difference - reach, "high": difference + reach,
            "multiple": multiple(difference), "reason": None}  # fmt: skip


def _together(posts: pd.DataFrame, named: Sequence[Feature]) -> dict[str, Floats]:
    masks: dict[str, Floats] = {}
    if NAMES_ANY in posts:
        several, anybody = shown(posts[SEVERAL]), shown(posts[NAMES_ANY])
        masks = {"one person": both(anybody, 1 - several), "two people or more": several}
    pairs = {(one, other): both(shown(posts[one.name]), shown(posts[other.name])) for one, other in combinations(named, 2)}
    counts = {pair: int(np.nansum(mask)) for pair, mask in pairs.items()}
    often = sorted((pair for pair in pairs if counts[pair] >= LEAST_POSTS), key=lambda pair: (-counts[pair], pair[0].name, pair[1].name))
    return masks | {f"{name_of(one)} and {name_of(other)}": pairs[(one, other)] for one, other in often[:MOST_PAIRS]}
