"""Outcomes of YouTube's own Test & Compare, as their owner types them in. They are about the share of watch time, and about nothing else.

YouTube splits viewers, decides by watch time share and tells three outcomes; it gives no interval and has no API for it (its help page on
testing titles and thumbnails). So shares are shown as reported, the verdict is `experimental (self-reported)`, no interval is made up.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.effects.verdicts import Design, Effect, Kind, Outcome, Verdict
from domain.errors import FieldProblem, Unacceptable
from domain.experiments.plan import METHOD_VERSION

# YouTube shows shares to a tenth of a per cent; so many of them may be off by half of that each.
ROUNDING = 0.005
MOST_VARIANTS = 3
INTERVAL_MISSING = "YouTube gives no interval"


class ReportedOutcome(StrEnum):
    """What YouTube calls it."""

    WINNER = "winner"
    PERFORMED_SAME = "performed_same"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Variant:
    """`watch_time_share` from 0 to 1, of all watch time in the test."""

    name: str
    watch_time_share: float
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ReportedTest:
    """One test as reported. `winner` is a variant's name; the first variant is the one that was there before."""

    report_id: str
    name: str
    outcome: ReportedOutcome
    variants: tuple[Variant, ...]
    varies: str = "title"
    winner: str | None = None
    window_from: str | None = None
    window_to: str | None = None


def reported_of(stored: Mapping[str, Any], report_id: str) -> ReportedTest:
    """What was reported, as kept in the database, back as what it means."""
    variants = tuple(Variant(**each) for each in stored["variants"])
    return ReportedTest(**{**stored, "report_id": report_id, "outcome": ReportedOutcome(stored["outcome"]), "variants": variants})


def check_reported(test: ReportedTest) -> None:
    """Raises Unacceptable, naming every field at fault."""
    found = tuple(_problems(test))
    if found:
        raise Unacceptable("the outcome cannot be accepted", found)


def _problems(test: ReportedTest) -> Iterator[FieldProblem]:
    names = [each.name for each in test.variants]
    if not 2 <= len(names) <= MOST_VARIANTS or len(set(names)) != len(names):
        yield FieldProblem("/variants", f"name 2 to {MOST_VARIANTS} variants, each differently")
    if abs(sum(each.watch_time_share for each in test.variants) - 1) > ROUNDING:
        yield FieldProblem("/variants", "the shares of watch time must add up to 1 (100 %)")
    if (test.outcome is ReportedOutcome.WINNER) != (test.winner is not None):
        yield FieldProblem("/winner", "name the winner of an outcome `winner`, and of no other")
    elif test.winner is not None and test.winner not in names:
        yield FieldProblem("/winner", "it is not one of the variants")
    elif test.winner is not None and any(each.watch_time_share > _share(test, test.winner) for each in test.variants):
        yield FieldProblem("/winner", "another variant has a larger share of watch time")


def _share(test: ReportedTest, name: str) -> float:
    return next(each.watch_time_share for each in test.variants if each.name == name)


def reported_effect(test: ReportedTest) -> Effect:
    """The winner (else the last variant) against the mean of the others, in log points of the share of watch time; no interval."""
    mine = test.winner or test.variants[-1].name
    others = [each.watch_time_share for each in test.variants if each.name != mine]
    share, rest = _share(test, mine), sum(others) / len(others)
    is_open = test.outcome is ReportedOutcome.INCONCLUSIVE
    return Effect(
        feature=test.report_id,
        contrast=f"“{mine}” instead of the other variants in the test “{test.name}”",
        estimand="Difference in log share of watch time between variants that YouTube showed at random, as its owner reported it.",
        verdict=Verdict.INCONCLUSIVE if is_open else Verdict.EXPERIMENTAL_SELF_REPORTED,
        design=Design.RANDOMISED,
        n=len(test.variants),
        accounts=1,
        treated=None,
        control=None,
        estimate=math.log(share / rest) if share > 0 and rest > 0 else None,
        reason="YouTube called the test inconclusive" if is_open else INTERVAL_MISSING,
        method=METHOD_VERSION,
        outcome=Outcome.WATCH_TIME,
        group=test.varies,
        kind=Kind.EXPERIMENT,
        window_from=test.window_from,
        window_to=test.window_to,
        assumptions=("the owner copied YouTube's outcome faithfully",),
        wording=_wording(test, mine),
    )


def _wording(test: ReportedTest, mine: str) -> str:
    shares = ", ".join(f"“{each.name}” {each.watch_time_share:.1%}" for each in test.variants)
    told = f"share of watch time: {shares}; {INTERVAL_MISSING}"
    by = f"In YouTube's own test “{test.name}”, as reported by its owner,"
    if test.outcome is ReportedOutcome.WINNER:
        return f"{by} “{mine}” won by its share of watch time ({told}). It says nothing about views."
    if test.outcome is ReportedOutcome.PERFORMED_SAME:
        return f"{by} the variants performed the same ({told}). It says nothing about views."
    return f"Cannot say yet: {by[0].lower()}{by[1:]} the outcome was inconclusive ({told})."
