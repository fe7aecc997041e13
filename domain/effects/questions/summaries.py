"""What a release came to as a whole: what each gate stopped, what could have been seen, and the supported effects in their order."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from domain.effects.questions.briefs import brief
from domain.effects.verdicts import CAUSAL_VERDICTS, Effect, Verdict

SIZES = (math.log(1.15), 0.30, math.log(2))


def gate_summary(effects: Sequence[Effect]) -> dict[str, Any]:
    """Per gate: hypotheses that it was put to, that passed it, and that nothing else stopped; and what came of all of them."""
    names = list(dict.fromkeys(gate.name for effect in effects for gate in effect.gates))
    failed = [(effect, {gate.name for gate in effect.gates if not gate.passed}) for effect in effects if effect.gates]
    gates = [
        {
            "gate": name,
            "hypotheses": sum(any(gate.name == name for gate in effect.gates) for effect, _ in failed),
            "passed": sum(any(gate.name == name and gate.passed for gate in effect.gates) for effect, _ in failed),
            "stopped_alone": sum(stopped == {name} for _, stopped in failed),
        }
        for name in names
    ]
    verdicts = {verdict.value: sum(effect.verdict is verdict for effect in effects) for verdict in Verdict}
    counted = sum(effect.q is not None for effect in effects)
    said = sum(effect.verdict in CAUSAL_VERDICTS for effect in effects)
    sentence = f"{len(effects)} questions, {counted} with an answer that is counted in q; {said} may be worded as cause and consequence."
    return {"sentence": sentence, "hypotheses": len(effects), "counted": counted, "verdicts": verdicts, "gates": gates}


def power_summary(effects: Sequence[Effect]) -> list[dict[str, Any]]:
    """Per outcome, scope and kind: the differences that these posts would show four times in five, each question by itself."""
    groups: dict[tuple[str, str | None, str], list[Effect]] = {}
    for effect in effects:
        groups.setdefault((effect.outcome.value, effect.scope, effect.kind.value), []).append(effect)
    return [
        {"outcome": outcome, "scope": scope, "kind": kind, **_power(mine)}
        for (outcome, scope, kind), mine in sorted(groups.items(), key=lambda pair: tuple(word or "" for word in pair[0]))
    ]


def _power(mine: Sequence[Effect]) -> dict[str, Any]:
    seen = [effect.mde for effect in mine if effect.mde is not None]
    needed = [effect.posts_needed for effect in mine if effect.posts_needed is not None]
    return {
        "hypotheses": len(mine),
        "answered": sum(effect.estimate is not None for effect in mine),
        "median_mde": median(seen) if seen else None,
        "would_see": [{"difference": size, "hypotheses": sum(mde <= size for mde in seen)} for size in SIZES],
        "nearest_posts_needed": min(needed) if needed else None,
    }


def success_factors(effects: Sequence[Effect], scope: str | None = None) -> list[dict[str, Any]]:
    """Supported effects, the surest first within each outcome: by the end of the interval that is nearer to no effect."""
    mine = [effect for effect in effects if effect.verdict in CAUSAL_VERDICTS and effect.estimate is not None and effect.scope == scope]
    ordered = sorted(mine, key=lambda effect: (effect.outcome.value, -_surely(effect), effect.key))
    return [{"rank": rank, "direction": "raises" if (effect.estimate or 0.0) > 0 else "lowers", "at_least": _surely(effect), **brief(effect)}
            for rank, effect in enumerate(ordered, 1)]  # fmt: skip


def _surely(effect: Effect) -> float:
    """Log points that the effect has at least, in its own direction; 0 where that end has no bound."""
    bound = effect.low if (effect.estimate or 0.0) > 0 else effect.high
    return 0.0 if bound is None else abs(bound)
