"""From posts to candidates: every hypothesis of one outcome and scope, estimated, waiting for the others of its release to be judged."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from domain.effects.designs import design_of
from domain.effects.families import Family, families
from domain.effects.gate import accounts_that_vary, benjamini_hochberg, gates_of, planned, posts_needed, verdict_of
from domain.effects.inference import Figures, infer
from domain.effects.over_time import infer_over_time
from domain.effects.panel import EPOCH, Floats, Panel, build_panel, usable
from domain.effects.pooling import Others, others_of, pooled
from domain.effects.reasons import CONSTANT, naive, reason_of, why_not
from domain.effects.verdicts import Candidate, Design, Effect, Gate, Hypothesis, Outcome, Verdict
from domain.effects.words import assumptions_of, estimand_of


@dataclass(frozen=True, slots=True, eq=False)
class PanelCandidate:
    """One hypothesis in its panel. `others`: what the accounts that a tenant tracks say, where its own account alone is asked about."""

    panel: Panel
    column: Floats
    hypothesis: Hypothesis
    outcome: Outcome
    scope: str | None
    figures: Figures | None
    others: Others | None = None
    # What is in the panel, in order: columns that a second look at the same posts needs as well.
    family: Family | None = None

    @property
    def design(self) -> Design:
        return Design.WITHIN_TIME if self.scope is not None else design_of(self.panel)

    @property
    def p(self) -> float | None:
        return None if self.figures is None else self.figures.p

    def judged(self, q: float, hypotheses: int) -> Effect:
        """The effect as it is published, among so many hypotheses."""
        unanswered = self._unanswered(max(hypotheses, 1))
        if self.figures is None:
            return unanswered
        varied = accounts_that_vary(self.panel, self.column, self.hypothesis)
        gates = gates_of(self.panel, self.figures, q, varied, self.design)
        figures, shrinkage = (self.figures, None) if self.others is None else pooled(self.figures, self.others)
        if shrinkage is not None:
            gates = (*gates, _agrees(self.figures, figures))
        verdict = verdict_of(figures, gates)
        is_open = verdict is Verdict.INCONCLUSIVE
        return replace(
            unanswered,
            verdict=verdict,
            estimate=figures.estimate,
            se=figures.se,
            low=figures.low if math.isfinite(figures.low) else None,
            high=figures.high if math.isfinite(figures.high) else None,
            p=figures.p,
            q=q,
            mde=figures.mde,
            robustness_value=figures.robustness_value,
            posts_needed=posts_needed(self.panel.n, figures, hypotheses, gates) if is_open else None,
            is_lag_adjusted=figures.is_lag_adjusted,
            reason=reason_of(figures, gates) if is_open else None,
            gates=gates,
            periods=figures.periods,
            permutation_p=figures.permutation_p,
            placebo=figures.placebo,
            placebo_p=figures.placebo_p,
            overlap=varied,
            assumptions=assumptions_of(self.design, is_lag_adjusted=figures.is_lag_adjusted, is_pooled=shrinkage is not None),
            shrinkage=shrinkage,
        )

    def _unanswered(self, hypotheses: int) -> Effect:
        """What can be said of any hypothesis: the comparison, its counts, and what it would take."""
        panel, asked = self.panel, self.hypothesis
        treated = int(np.sum(self.column > 0)) if asked.is_presence else None
        mde, more = planned(panel, self.column, hypotheses)
        first, last = (_moment(day) for day in (panel.days.min(), panel.days.max())) if panel.n else (None, None)
        return Effect(
            feature=asked.feature,
            contrast=asked.contrast,
            estimand=estimand_of(self.design, asked.contrast, self.outcome),
            verdict=Verdict.INCONCLUSIVE,
            design=self.design,
            n=panel.n,
            accounts=panel.accounts,
            treated=treated,
            control=None if treated is None else panel.n - treated,
            naive=naive(panel, self.column),
            mde=mde,
            posts_needed=more,
            hypotheses=hypotheses,
            reason=why_not(panel, self.column),
            outcome=self.outcome,
            group=asked.group,
            kind=asked.kind,
            scope=self.scope,
            window_from=first,
            window_to=last,
            assumptions=assumptions_of(self.design),
        )


def candidates(
    frame: pd.DataFrame, hypotheses: Sequence[Hypothesis], *, outcome: Outcome = Outcome.REACH, scope: str | None = None, seed: int
) -> tuple[Candidate, ...]:
    """One candidate per hypothesis, in the order given. Columns: `panel.COLUMNS`, the outcome's, one per hypothesis (absent: unknown).

    `scope`: an account whose own posts alone are asked about, over time; the other accounts of the frame are what it is pooled with.
    """
    names = dict.fromkeys(name for each in hypotheses for name in (each.feature, *each.factors))
    numbers = pd.DataFrame({name: _number(frame, name) for name in names}, index=frame.index)
    posts = pd.concat([frame.drop(columns=[name for name in names if name in frame]), numbers], axis=1)
    found: dict[str, Candidate] = {}
    for family in families(usable(posts, outcome), hypotheses):
        found |= _family(posts, family, outcome, scope, seed)
    return tuple(found[each.feature] for each in hypotheses)


def judge(waiting: Sequence[Candidate]) -> tuple[Effect, ...]:
    """All candidates of a release, judged together: q counts every one that has a p."""
    p = [candidate.p for candidate in waiting]
    counted = [value for value in p if value is not None]
    q = iter(benjamini_hochberg(counted))
    return tuple(candidate.judged(1.0 if value is None else next(q), len(counted)) for candidate, value in zip(waiting, p, strict=True))


def _family(posts: pd.DataFrame, family: Family, outcome: Outcome, scope: str | None, seed: int) -> dict[str, Candidate]:
    own = posts if scope is None else posts[posts["account_id"].astype(str) == scope]
    panel = build_panel(own, family.columns, outcome, is_format_asked=family.is_format)
    is_over_time = scope is not None or design_of(panel) is Design.WITHIN_TIME
    estimate = infer_over_time if is_over_time else infer
    is_flat = panel.n == 0 or float(np.ptp(panel.outcome)) <= CONSTANT
    figures = {} if is_flat else estimate(panel, family.columns, seed, family.asked, is_timing_asked=family.is_timing)
    others: dict[int, Others] = {}
    if scope is not None:
        rest = build_panel(posts[posts["account_id"].astype(str) != scope], family.columns, outcome, is_format_asked=family.is_format)
        others = others_of(rest, family.asked, seed, is_timing_asked=family.is_timing)
    return {
        each.feature: PanelCandidate(panel, panel.features[:, at], each, outcome, scope, figures.get(each.feature), others.get(at), family)
        for at, each in ((at, family.columns[at]) for at in family.asked)
    }


def _number(frame: pd.DataFrame, name: str) -> "pd.Series[float]":
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64")
    column = pd.to_numeric(frame[name]).astype("float64")
    return column.where(np.isfinite(column))


def _moment(day: float) -> str:
    return (EPOCH + pd.Timedelta(seconds=round(float(day) * 86400))).isoformat()


def _agrees(own: Figures, figures: Figures) -> Gate:
    """The pulled interval must say what the account's own posts say."""
    bound = figures.low if own.estimate > 0 else -figures.high
    return Gate("pooled", bound > 0, bound, 0.0, "the interval with the tracked accounts lies on the side that the own posts show")
