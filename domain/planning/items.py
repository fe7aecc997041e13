"""One thing to do, to leave, or to test: its words, the effects that carry it, and what it would come to on the account's usual views.

Words follow the verdict: only what is experimental or causal-supported may say that something changes views.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.effects.verdicts import Outcome, Verdict
from domain.features.feature import subject_of
from domain.log_points import multiple
from domain.planning.evidence import Evidence, interval
from domain.planning.levels import LEVEL, Usual
from domain.planning.settling import settling

# Whoever does it in nine posts of ten has little left to win.
NEARLY_ALWAYS = 0.9
# Cheap to change on the next post, or on one that is out.
QUICK_GROUPS = ("title", "description", "hashtags", "timing", "thumbnail")


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account does (means of its newest posts by feature) and usually reaches; nothing of it for all accounts together."""

    account_id: str | None
    usual: Usual
    means: Mapping[str, float | None]


def item(each: Evidence, standing: Standing, beside: Sequence[Evidence] = ()) -> dict[str, Any]:
    """`beside`: effects of the same feature on other outcomes, named with it."""
    mean = standing.means.get(each.feature)
    return {
        "feature": each.feature, "group": each.group, "choice": each.choice, "outcome": each.outcome, "action": action(each),
        "is_causal": each.is_causal, "text": text(each), "sentence": each.sentence, "verdict": each.verdict.value,
        "effect_ids": [each.effect_id, *(other.effect_id for other in beside)], "scope": each.scope,
        "estimate": each.estimate, "low": each.low, "high": each.high,
        "multiple": multiple(each.estimate), "multiple_low": multiple(each.low), "multiple_high": multiple(each.high),
        "n": each.n, "accounts": each.accounts, "usual": mean, "expected": expected(each, standing),
        "also": [_also(other) for other in beside],
        "experiment": None if each.is_causal else settling(each, post_spread=standing.usual.spread),
    }  # fmt: skip


def _also(other: Evidence) -> dict[str, Any]:
    facts = {"effect_id": other.effect_id, "outcome": other.outcome, "verdict": other.verdict.value}
    return {**facts, "multiple": multiple(other.estimate)}


def action(each: Evidence) -> str:
    """`do` or `avoid` where a verdict of cause stands behind it, else `test`."""
    if not each.is_causal:
        return "test"
    return "do" if (each.estimate or 0.0) > 0 else "avoid"


def text(each: Evidence) -> str:
    subject = subject_of(each.contrast)
    if subject.startswith("posted "):
        asked = subject.replace("posted ", "post " if (each.estimate or 0.0) > 0 else "do not post ", 1)
    elif each.is_presence:
        subject = f"a video {subject}" if subject.startswith("about ") else subject
        asked = f"have {subject}" if (each.estimate or 0.0) > 0 else f"do without {subject}"
    else:
        asked = subject if (each.estimate or 0.0) > 0 else f"the opposite of {subject}"
    return f"{asked[0].upper()}{asked[1:]}" if each.is_causal else f"Worth testing: {asked}"


def expected(each: Evidence, standing: Standing) -> dict[str, Any]:
    """From the account's usual views to those of posts that all do it, with the effect's 80 % interval; or the reason why not."""
    steps, reason = _steps(each, standing)
    bounds = interval(each)
    if reason or steps is None or bounds is None or each.estimate is None or standing.usual.level is None:
        return {
            "from": None,
            "to": None,
            "low": None,
            "high": None,
            "level": LEVEL,
            "reason": reason or "its interval has no bound on one side",
        }
    base = standing.usual.level
    low, to, high = sorted(math.exp(min(base + steps * change, 50.0)) for change in (bounds[0], each.estimate, bounds[1]))
    words = "expect" if each.is_causal else "such posts had"
    told = f"from about {_views(math.exp(base))} to {_views(to)} views, {LEVEL:.0%} {_views(low)} to {_views(high)}"
    return {"from": math.exp(base), "to": to, "low": low, "high": high, "level": LEVEL, "reason": None, "text": f"{words} {told}"}


def _steps(each: Evidence, standing: Standing) -> tuple[float | None, str | None]:
    """By how many steps of the feature the account's usual posts would change."""
    if standing.account_id is None:
        return None, "accounts differ in what is usual: choose one"
    if each.outcome != Outcome.REACH:
        return None, "this is about something else than views"
    if standing.usual.level is None:
        return None, standing.usual.reason
    mean, is_more = standing.means.get(each.feature), (each.estimate or 0.0) > 0
    if each.is_presence and mean is None:
        return None, "what the account usually does is unknown"
    if not each.is_presence or mean is None:
        return (1.0 if is_more else -1.0), None
    return (1.0 - mean if is_more else -mean), None


def has_room(each: Evidence, standing: Standing) -> bool:
    """Whether the account does not do it already in nearly all of its posts."""
    mean = standing.means.get(each.feature)
    if not each.is_presence or mean is None:
        return True
    return mean < NEARLY_ALWAYS if (each.estimate or 0.0) > 0 else mean > 1 - NEARLY_ALWAYS


def missing(said: Iterable[Evidence], *, shown: int = 5) -> dict[str, Any]:
    """What cannot be said yet, the questions that are nearest to an answer first."""
    open_ones = [each for each in said if each.verdict is Verdict.INCONCLUSIVE]
    ordered = sorted(open_ones, key=lambda each: (each.posts_needed is None, each.posts_needed or 0, each.feature))
    nearest = next((each.posts_needed for each in ordered if each.posts_needed is not None), None)
    return {
        "questions": len(open_ones), "posts_needed": nearest,
        "sentence": _needs(len(open_ones), nearest),
        "nearest": [{"effect_id": each.effect_id, "feature": each.feature, "outcome": each.outcome, "contrast": each.contrast,
                     "posts_needed": each.posts_needed, "reason": each.reason} for each in ordered[:shown]],
    }  # fmt: skip


def _needs(questions: int, nearest: int | None) -> str:
    if not questions:
        return "No question is open."
    more = f"about {nearest:,} more posts would answer the nearest one" if nearest else "how many more posts it takes is not known yet"
    return f"{questions} questions cannot be answered yet; {more}."


def _views(views: float) -> str:
    """Two significant digits: more would promise what nobody knows."""
    return f"{float(f'{views:.2g}'):,.0f}"
