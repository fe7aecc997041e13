"""The blueprint and the quick wins of an account, or of all: which claims go in, in which order, and what is said where there are none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.effects.verdicts import Verdict
from domain.planning.evidence import Evidence, settled, speaking
from domain.planning.items import QUICK_GROUPS, Standing, has_room, item, missing

MOST_ITEMS = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What speaks of an account, or of all. `claims`: what points somewhere, one per choice, the strongest first."""

    effects: tuple[Evidence, ...]
    claims: tuple[Evidence, ...]

    @classmethod
    def of(cls, evidence: Iterable[Evidence], account_id: str | None) -> "Said":
        effects = speaking(evidence, account_id)
        return cls(effects, settled(each for each in effects if each.is_claim))


def blueprint(said: Said, standing: Standing, described: dict[str, Any]) -> dict[str, Any]:
    """`do`, `avoid`: supported; `test`: associations with their experiments; `no_difference`: refuted. `described`: topics and slots."""
    found = _items(said, said.claims, standing)
    refuted = [each for each in said.effects if each.verdict is Verdict.REFUTED]
    parts = {name: [each for each in found if each["action"] == name][:MOST_ITEMS] for name in ("do", "avoid", "test")}
    needed = missing(said.effects)
    return {
        "account_id": standing.account_id, "n": standing.usual.n, "usual": _usual(standing),
        "sentence": _told(parts, needed["sentence"]), **parts, "no_difference": [_refuted(each) for each in refuted],
        "missing": needed, **described,
    }  # fmt: skip


def _refuted(each: Evidence) -> dict[str, Any]:
    facts = {"feature": each.feature, "outcome": each.outcome, "verdict": each.verdict.value, "text": f"No matter: {each.contrast}"}
    return {"effect_ids": [each.effect_id], **facts, "sentence": each.sentence}


def quick_wins(said: Said, standing: Standing) -> dict[str, Any]:
    """What is cheap to change and not done already. Supported ones first; associations are worth testing."""
    cheap = [each for each in said.claims if each.group in QUICK_GROUPS and has_room(each, standing)]
    found = _items(said, cheap, standing)[:MOST_ITEMS]
    needed = missing(said.effects)
    told = f"{sum(each['is_causal'] for each in found)} supported, {sum(not each['is_causal'] for each in found)} worth testing."
    return {
        "account_id": standing.account_id, "n": standing.usual.n, "usual": _usual(standing), "items": found, "missing": needed,
        "sentence": told if found else f"Nothing cheap is known to change views yet. {needed['sentence']}",
    }  # fmt: skip


def _items(said: Said, claims: Sequence[Evidence], standing: Standing) -> list[dict[str, Any]]:
    return [
        item(
            each,
            standing,
            [other for other in said.effects if other.feature == each.feature and other.outcome != each.outcome and other.is_claim],
        )
        for each in claims
    ]


def _usual(standing: Standing) -> dict[str, Any] | None:
    """Views of a usual post once it is fully grown, with the interval that holds one new post."""
    if standing.account_id is None:
        return None
    views = standing.usual.views
    figures = {name: views[name] if views else None for name in ("median", "low", "high", "level")}
    return {**figures, "n": standing.usual.n, "of": standing.usual.of, "reason": standing.usual.reason}


def _told(parts: dict[str, list[dict[str, Any]]], needed: str) -> str:
    counts = {name: len(found) for name, found in parts.items()}
    if not any(counts.values()):
        return f"Nothing is supported yet, and nothing points anywhere. {needed}"
    return f"{counts['do']} to do, {counts['avoid']} to avoid, {counts['test']} worth testing. {needed}"
