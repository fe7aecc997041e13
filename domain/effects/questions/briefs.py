"""Effects as other tables name them: their key, verdict, figures and sentence; and which of them speak of a feature."""

from collections.abc import Iterable
from typing import Any

from domain.effects.sentences import sentence
from domain.effects.verdicts import Effect


def brief(effect: Effect) -> dict[str, Any]:
    """One effect in a table of another: enough to be shown honestly, and the key to the whole of it."""
    return {
        "key": effect.key, "feature": effect.feature, "contrast": effect.contrast, "outcome": effect.outcome.value, "scope": effect.scope,
        "kind": effect.kind.value, "group": effect.group, "verdict": effect.verdict.value, "estimate": effect.estimate, "low": effect.low,
        "high": effect.high, "multiple": effect.multiple, "multiple_low": effect.multiple_low, "multiple_high": effect.multiple_high,
        "q": effect.q, "n": effect.n, "accounts": effect.accounts, "posts_needed": effect.posts_needed, "sentence": sentence(effect),
    }  # fmt: skip


def about(effects: Iterable[Effect], feature: str, scope: str | None = None) -> list[dict[str, Any]]:
    """What is published of one feature (or product), of all accounts or of one; dated changes and experiments are told elsewhere."""
    return [brief(each) for each in effects if each.feature == feature and each.scope == scope and each.kind.value in _ASKED_OF_POSTS]


_ASKED_OF_POSTS = frozenset({"feature", "person", "combination"})
