"""Patterns of titles and descriptions, combinations, and controversy: how such posts did, beside the effects that were asked about."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from domain.deep.contrasts import Comparison, both, shown
from domain.deep.rows import row, rows, section, standing_out
from domain.deep.scope import Scope
from domain.deep.titles import quartiles
from domain.effects.questions.briefs import about
from domain.effects.questions.combinations import CONTROVERSY, LEAST_CELL, Cells, Pair, cells_of
from domain.effects.verdicts import Effect, Kind
from domain.features.feature import Feature, FeatureKind, Group

DESCRIBED = (Group.DESCRIPTION, Group.HASHTAGS)
EVIDENCE = "comments_per_like_log_ratio"


def patterns(scope: Scope, effects: Sequence[Effect], groups: Sequence[Group], of: str) -> dict[str, Any]:
    """Every feature of these groups: how many posts show it, how they did beside the account's others, and what was published of it."""
    mine = [each for each in scope.features.features if each.group in groups and each.name in scope.posts and each.is_controllable]
    presences = [each for each in mine if each.kind is FeatureKind.PRESENCE]
    comparison = Comparison.of(scope.posts, "outcome", by_format=True)
    found = comparison.presence({each.name: shown(scope.posts[each.name]) for each in presences})
    told = [_shown(scope, each, effects) | {"reach": row(contrast)} for each, contrast in zip(presences, found, strict=True)]
    amounts = [
        _shown(scope, each, effects) | {"quarters": rows(comparison.presence(quartiles(scope.posts[each.name], each)))}
        for each in mine if each.kind is FeatureKind.AMOUNT
    ]  # fmt: skip
    return section(
        standing_out(found, of=of, what="reach", words={each.name: each.words for each in presences}),
        n=comparison.n, errors=comparison.errors, patterns=told, amounts=amounts,
    )  # fmt: skip


def _shown(scope: Scope, feature: Feature, effects: Sequence[Effect]) -> dict[str, Any]:
    known = scope.posts[feature.name].dropna()
    return {
        "feature": feature.name, "contrast": feature.contrast, "unit": feature.unit, "is_asked": feature.is_hypothesis, "known": len(known),
        "mean": float(known.mean()) if len(known) else None, "effects": about(effects, feature.name),
    }  # fmt: skip


def combinations(scope: Scope, effects: Sequence[Effect], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Every pair on the list: its four cells and what was published of it; a pair that was not asked about says why."""
    comparison = Comparison.of(scope.posts, "outcome", by_format=True)
    told = [_pair(scope, comparison, effects, pair) for pair in pairs if {pair.first, pair.second} <= set(scope.posts.columns)]
    asked = [each for each in effects if each.kind is Kind.COMBINATION and each.scope is None]
    sentence = (
        f"{len({each.feature for each in asked})} of {len(told)} combinations on the list have {LEAST_CELL} posts or more in each cell."
    )
    return section(sentence, n=comparison.n, errors=comparison.errors, least_cell=LEAST_CELL, pairs=told)


def _pair(scope: Scope, comparison: Comparison, effects: Sequence[Effect], pair: Pair) -> dict[str, Any]:
    cells, first, second = cells_of(scope.posts, pair), shown(scope.posts[pair.first]), shown(scope.posts[pair.second])
    found = comparison.presence({pair.first: both(first, 1 - second), pair.second: both(1 - first, second), "both": both(first, second)})
    published = about(effects, pair.column)
    return {
        "name": pair.column, "words": pair.words, "factors": [pair.first, pair.second], "posts": _counts(cells), "reach": rows(found),
        "effects": published, "reason": None if published else f"fewer than {LEAST_CELL} posts in one of the four cells",
    }  # fmt: skip


def _counts(cells: Cells) -> dict[str, int]:
    return {"neither": cells.neither, "first": cells.first, "second": cells.second, "both": cells.both}


def controversy(scope: Scope, effects: Sequence[Effect], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Words of conflict, before; and what viewers did, after: more comments per like than usual is evidence, never a control."""
    posts = scope.posts
    if CONTROVERSY not in posts:
        return section("Nothing was measured of words of conflict.", n=0, posts={}, reach=[], evidence=[], effects=[], pairs=[])
    word = {"a word of conflict": shown(posts[CONTROVERSY])}
    reach = Comparison.of(posts, "outcome", by_format=True)
    evidence = Comparison.of(posts, EVIDENCE, by_format=True).presence(word) if EVIDENCE in posts else ()
    found = reach.presence(word)
    counts = {name: int(np.nansum(posts[name].to_numpy(np.float64) > 0)) for name in (CONTROVERSY, "is_contested") if name in posts}
    mine = [_pair(scope, reach, effects, pair) for pair in pairs if CONTROVERSY in (pair.first, pair.second)]
    return section(
        standing_out(found, of="kinds of posts", what="reach"), n=reach.n, posts=counts, reach=rows(found),
        evidence=rows(evidence), effects=about(effects, CONTROVERSY), pairs=mine,
    )  # fmt: skip
