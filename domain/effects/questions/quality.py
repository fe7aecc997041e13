"""Engagement quality: whether more reach comes with fewer reactions per view, and what viewers' reactions consist of. Descriptive.

Reach is known after a choice was made, so it is held equal here only, where nothing is claimed; effects on engagement never hold it equal.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from domain.deep.contrasts import Comparison, Floats, shown
from domain.deep.rows import row, rows, section, standing_out
from domain.deep.scope import Scope
from domain.effects.questions.briefs import brief
from domain.effects.verdicts import Effect, Kind, Outcome
from domain.features.feature import FeatureKind

CAUTION = (
    " Fewer reactions per view at more reach is in part arithmetic: views are what reactions are divided by, so that views counted by"
    " chance, or never seen by a person, lower the rate by themselves."
)
GIVEN_REACH, COMMENTS_SHARE = "engagement_given_reach", "comments_share_log"


def engagement_quality(scope: Scope, effects: Sequence[Effect]) -> dict[str, Any]:
    """`elasticity`: per cent of engagement rate for a per cent of reach; `given_reach`, `comments_share`: by feature, one family each."""
    posts = scope.posts.assign(**{COMMENTS_SHARE: _comments_share(scope.posts)})
    both = posts[posts["outcome"].notna() & posts["engagement"].notna()].reset_index(drop=True)
    slope = Comparison.of(both, "engagement", by_format=True).amount("one log point more reach", both["outcome"].to_numpy(np.float64))
    both[GIVEN_REACH] = both["engagement"] - (slope.estimate or 0.0) * both["outcome"]
    given = Comparison.of(both, GIVEN_REACH, by_format=True).presence(_kinds(scope, both))
    share = Comparison.of(posts, COMMENTS_SHARE, by_format=True)
    return section(
        standing_out(given, of="features", what="engagement at equal reach", words=_words(scope)) + CAUTION,
        n=len(both), elasticity=row(slope), given_reach=rows(given), comments_share=rows(share.presence(_kinds(scope, posts))),
        comments_share_n=share.n, both_ways=_both_ways(effects),
    )  # fmt: skip


def _kinds(scope: Scope, posts: pd.DataFrame) -> dict[str, Floats]:
    asked = [each for each in scope.features.features if each.is_hypothesis and each.kind is FeatureKind.PRESENCE and each.name in posts]
    return {each.name: shown(posts[each.name]) for each in asked}


def _words(scope: Scope) -> dict[str, str]:
    return {each.name: each.words for each in scope.features.features}


def _comments_share(posts: pd.DataFrame) -> pd.Series:
    """Log of the share of comments among reactions; nobody who comments has no log."""
    reacted = posts["likes"] + posts["comments"] + posts["shares"]
    share = (posts["comments"] / reacted.where(reacted > 0)).where(posts["comments"] > 0)
    return pd.Series(np.log(share.to_numpy(np.float64)), index=posts.index)


def _both_ways(effects: Sequence[Effect]) -> list[dict[str, Any]]:
    """Effects on reach and on engagement side by side, where both have a figure."""
    asked = {(each.feature, each.outcome): each for each in effects if each.scope is None and each.kind in (Kind.FEATURE, Kind.PERSON)}
    pairs = [(each, asked.get((each.feature, Outcome.ENGAGEMENT))) for each in effects if asked.get((each.feature, Outcome.REACH)) is each]
    return [
        {"feature": reach.feature, "contrast": reach.contrast, "reach": brief(reach), "engagement": brief(engagement)}
        for reach, engagement in pairs if engagement is not None and reach.estimate is not None and engagement.estimate is not None
    ]  # fmt: skip
