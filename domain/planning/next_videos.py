"""Ideas for the next video: topics and posting slots that did better than the account's other posts, combinations never tried.

Topics and slots are descriptions (`domain.deep`), named only where the interval, widened for all of them, lies above the others.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from domain.deep.contrasts import Comparison, shown
from domain.deep.posting_time import NO_SLOT, best_of, slots_of
from domain.deep.rows import NATURE, row, rows
from domain.deep.scope import Scope
from domain.features.feature import Feature, Group, subject_of
from domain.log_points import bounds, multiple, size
from domain.planning.evidence import Evidence
from domain.planning.items import Standing
from domain.planning.plans import Said

MOST_TOPICS, MOST_SLOTS, MOST_COMBINATIONS = 5, 3, 5
# A combination is untried where none of so many newest posts has it, and each part is in so many of them.
LOOKED_AT, LEAST_USED = 100, 3
WIDENED = "95 % for all that were looked at together"
NO_TOPIC = "no topic's interval, widened for looking at all of them, lies above the account's other posts"


def described(scope: Scope, features: Sequence[Feature]) -> dict[str, Any]:
    """Topics and posting slots that stood out, or why none is named."""
    comparison = Comparison.of(scope.posts, "outcome", by_format=True)
    slots = best_of(slots_of(scope, comparison)[1])
    topics = [each for each in _topics(scope, comparison, features) if each["stands_out"] and (each["difference"] or 0.0) > 0]
    topics.sort(key=lambda each: (-each["difference"], each["feature"]))
    return {
        "topics": topics[:MOST_TOPICS], "topics_reason": None if topics else NO_TOPIC,
        "slots": rows(slots[:MOST_SLOTS]), "slots_reason": None if slots else NO_SLOT,
    }  # fmt: skip


def _topics(scope: Scope, comparison: Comparison, features: Sequence[Feature]) -> list[dict[str, Any]]:
    topics = {each.name: each for each in features if each.group is Group.TOPIC and each.name in scope.posts.columns}
    found = comparison.presence({name: shown(scope.posts[name]) for name in topics}) if topics else ()
    return [{"feature": each.name, "about": topics[each.name].words, **row(each)} for each in found]


def suggestions(said: Said, standing: Standing, scope: Scope, found: Mapping[str, Any]) -> dict[str, Any]:
    """`items`: each a topic or slot (a description with its interval) or a combination (with the effects that carry its parts)."""
    claims = [each for each in said.claims if (each.estimate or 0.0) > 0 and each.is_presence and each.outcome == "reach"]
    newest = scope.posts.sort_values(["posted_at", "video_id"], kind="stable").tail(LOOKED_AT)
    items = [
        *(_topic(each, said.effects) for each in found["topics"]),
        *(_slot(each) for each in found["slots"]),
        *_combinations(newest, [each["feature"] for each in found["topics"]], claims),
    ]
    reasons = [reason for reason in (found["topics_reason"], found["slots_reason"]) if reason]
    return {
        "account_id": standing.account_id, "n": len(scope.posts), "items": items, "reasons": reasons,
        "sentence": f"{len(items)} ideas; topics and slots describe what was seen, and promise nothing." if items
        else f"No idea stands on enough posts yet: {'; '.join(reasons)}.",
    }  # fmt: skip


def _topic(found: Mapping[str, Any], said: Sequence[Evidence]) -> dict[str, Any]:
    effects = [each for each in said if each.feature == found["feature"]]
    return {
        "kind": "topic", "nature": NATURE, "feature": found["feature"], "text": f"Another video {found['about']}",
        "sentence": f"Such posts had {_more(found)} than the account's other posts at the time ({_wide(found)}, n = {found['n']:,}).",
        "effect_ids": [each.effect_id for each in effects], "verdicts": [each.verdict.value for each in effects], **_figures(found),
    }  # fmt: skip


def _slot(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": "slot", "nature": NATURE, "feature": None, "text": f"Post around {found['name']} of the account's time",
        "sentence": f"Posts of that slot had {_more(found)} than its other posts at the time ({_wide(found)}, n = {found['n']:,}).",
        "effect_ids": [], "verdicts": [], **_figures(found),
    }  # fmt: skip


def _more(found: Mapping[str, Any]) -> str:
    return f"{size(found['difference'])} more views"


def _wide(found: Mapping[str, Any]) -> str:
    return f"{bounds(found['wide_low'], found['wide_high'])}, {WIDENED}"


def _figures(found: Mapping[str, Any]) -> dict[str, Any]:
    """With the interval that it was chosen by: the plain one of the best of many promises too much."""
    low, high = found["wide_low"], found["wide_high"]
    same = {name: found[name] for name in ("n", "accounts", "difference", "multiple")}
    return {**same, "low": low, "high": high, "multiple_low": multiple(low), "multiple_high": multiple(high)}


def _combinations(newest: pd.DataFrame, topics: Sequence[str], claims: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Pairs of a claim with a topic that did well, or with another claim, that no post had; parts in the order of their strength."""
    parts = [(each.feature, each) for each in claims if _used(newest, each.feature)]
    pairs: list[tuple[str, Evidence | None, str, Evidence]]
    pairs = [(topic, None, name, each) for name, each in parts for topic in topics if topic != name and _used(newest, topic)]
    pairs += [(a, one, b, other) for place, (b, other) in enumerate(parts) for a, one in parts[:place] if one.choice != other.choice]
    found = [
        _combination(first, one, second, other, len(newest)) for first, one, second, other in pairs if not _both(newest, first, second)
    ]
    return found[:MOST_COMBINATIONS]


def _used(posts: pd.DataFrame, feature: str) -> bool:
    return feature in posts.columns and int((posts[feature] > 0).sum()) >= LEAST_USED


def _both(posts: pd.DataFrame, first: str, second: str) -> bool:
    return bool(((posts[first] > 0) & (posts[second] > 0)).any())


def _combination(first: str, one: Evidence | None, second: str, other: Evidence, looked_at: int) -> dict[str, Any]:
    carriers = [each for each in (one, other) if each is not None]
    named = [subject_of(one.contrast) if one else f"the topic '{first.partition(':')[2]}'", subject_of(other.contrast)]
    return {
        "kind": "combination", "nature": "untried", "feature": None, "features": [first, second],
        "text": f"Not tried in the newest {looked_at} posts: {named[0]} together with {named[1]}",
        "sentence": "Each on its own is among what stands out; of the two together nothing is known.",
        "effect_ids": [each.effect_id for each in carriers], "verdicts": [each.verdict.value for each in carriers], "n": looked_at,
    }  # fmt: skip
