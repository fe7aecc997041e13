"""Randomised results as JSON values, and out of them again: what a release of effects keeps of its experiments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from domain.effects.verdicts import Candidate, Design, Effect, Gate, Kind, Outcome, Verdict
from domain.experiments.effects import ExperimentCandidate
from domain.experiments.wording import Basis
from domain.figures import plain

# Fields of an effect whose words stand for members of these.
_WORDS = {"verdict": Verdict, "design": Design, "outcome": Outcome, "kind": Kind}


def packed_results(found: Iterable[Candidate | Effect]) -> list[dict[str, Any]]:
    """One entry per result; one that waits for the release's q carries what its verdict hangs on."""
    return [_packed(each) for each in found if isinstance(each, Effect | ExperimentCandidate)]


def _packed(found: Effect | ExperimentCandidate) -> dict[str, Any]:
    if isinstance(found, Effect):
        return {"effect": plain(asdict(found)), "waits": None}
    waits = {"alpha": found.alpha, "margin": found.margin, "basis": asdict(found.basis)}
    return {"effect": plain(asdict(found.effect)), "waits": plain(waits)}


def results_of(packed: Sequence[Mapping[str, Any]]) -> tuple[ExperimentCandidate | Effect, ...]:
    """What was packed, in its order."""
    return tuple(_result(each["effect"], each["waits"]) for each in packed)


def _result(figures: Mapping[str, Any], waits: Mapping[str, Any] | None) -> ExperimentCandidate | Effect:
    effect = _effect(figures)
    return effect if waits is None else ExperimentCandidate(effect, waits["alpha"], waits["margin"], Basis(**waits["basis"]))


def _effect(figures: Mapping[str, Any]) -> Effect:
    """Experiments have gates and assumptions, and neither parts nor a second estimate."""
    named: dict[str, Any] = {name: kind(figures[name]) for name, kind in _WORDS.items()}
    listed = {"gates": tuple(Gate(**gate) for gate in figures["gates"]), "assumptions": tuple(figures["assumptions"]), "parts": ()}
    return Effect(**{**figures, **named, **listed})
