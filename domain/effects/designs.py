"""Accounts compared with themselves: one joint fit of a few features, plainly or with what earlier posts foretell taken out.

Which features share a fit is in `batches`; posts of few accounts are compared over time, in `timeline`.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from domain.effects.panel import Floats, Panel
from domain.effects.regression import Bounds, Regression, beside, orthonormal, regress
from domain.effects.resampling import shifted_p
from domain.effects.serial import whitening
from domain.effects.verdicts import Design

# Fewer clusters than this carry no clustered error at all; posts are compared over time instead.
LEAST_CLUSTERS = 6
TINY = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """What came before each post: how the earlier posts did, and what they were like."""

    outcome: Floats
    features: Floats

    @property
    def columns(self) -> Floats:
        return np.column_stack([self.outcome, self.features])


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A panel with everything taken within account and format; `controls` are an orthonormal basis."""

    panel: Panel
    outcome: Floats
    features: Floats
    controls: Floats
    raw_spread: Floats
    bounds: Bounds
    seed: int

    def within(self, values: Floats) -> Floats:
        """More columns, one row per post, taken within account and format as well."""
        return self.panel.within(values)

    def earlier(self, first: int, last: int) -> Earlier:
        """Means over the account's posts from `first` to `last` back."""
        mean = self.within(self.panel.previous(np.column_stack([self.outcome, self.features]), first, last))
        return Earlier(mean[:, 0], mean[:, 1:])

    def fit(self) -> "Judged":
        """The outcome on all features, with small-sample errors."""
        return self._judged(self.outcome, [], is_rough=False)

    def placebo(self, earlier: Earlier, *adjusting: Earlier) -> "Judged":
        """How earlier posts did, net of what they were like themselves: nothing chosen later can have changed it."""
        return self._judged(earlier.outcome, [earlier.features, *(other.columns for other in adjusting)], is_rough=True)

    def whitened(self, judged: "Judged") -> "Comparison":
        """The same comparison less what each account's earlier posts foretell, as far as the residuals of a first fit tell."""
        bases, account = self.panel.taken(), self.panel.account
        filtering = whitening(judged.fit.residuals, self.bounds, bases)

        def filtered(values: Floats) -> Floats:
            left = filtering.of(values, account)
            for (start, end), basis in zip(self.bounds, bases, strict=True):
                level = np.linalg.qr(filtering.of(basis, np.zeros(end - start, dtype=np.int64)))[0]
                left[start:end] -= level @ (level.T @ left[start:end])
            return left

        centred = filtering.of(self.panel.features - self.panel.features.mean(axis=0), account)
        return replace(
            self,
            outcome=filtered(self.outcome[:, None])[:, 0],
            features=filtered(self.features),
            controls=orthonormal(filtered(self.controls)),
            raw_spread=np.sum(centred**2, axis=0) * (self.raw_spread > 0),
        )

    def shifted(self, fit: Regression) -> tuple[Floats, Floats]:
        """Per feature: p among histories that are moved along, and their mean estimate."""
        return shifted_p(fit, np.random.default_rng([self.seed, 1]))

    def _judged(self, outcome: Floats, more: list[Floats], *, is_rough: bool) -> "Judged":
        controls = beside(self.controls, np.column_stack(more)) if more else self.controls
        fit = regress(outcome, self.features, controls, self.bounds, self.raw_spread, is_rough=is_rough)
        return Judged(fit, np.maximum(fit.se, TINY), fit.df)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A fit with its errors and degrees of freedom, per feature."""

    fit: Regression
    se: Floats
    df: Floats

    @property
    def p(self) -> dict[int, float]:
        """By the feature's position among those asked for."""
        values = np.asarray(2 * stats.t.sf(np.abs(self.fit.estimates / self.se), self.df))
        return dict(zip(self.fit.kept, values.tolist(), strict=True))


def design_of(panel: Panel) -> Design:
    """What the number of accounts allows."""
    return Design.WITHIN_ACCOUNT if panel.accounts >= LEAST_CLUSTERS else Design.WITHIN_TIME


def compare(panel: Panel, seed: int, *, is_timing_asked: bool = False) -> Comparison:
    """The comparison of accounts with themselves. Where timing is asked about, week-end and hour are no controls of their own."""
    controls = [panel.periods] if is_timing_asked else [panel.calendar, panel.periods]
    return Comparison(
        panel=panel,
        outcome=panel.within(panel.outcome[:, None])[:, 0],
        features=panel.within(panel.features),
        controls=orthonormal(panel.within(np.column_stack(controls))),
        raw_spread=np.sum((panel.features - panel.features.mean(axis=0)) ** 2, axis=0) if panel.n else np.zeros(panel.features.shape[1]),
        bounds=panel.bounds,
        seed=seed,
    )
