"""The two comparisons and the errors that each can bear: accounts with themselves, or, with too few accounts, posts over time."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from domain.effects.panel import Floats, Panel
from domain.effects.regression import Regression, regress
from domain.effects.resampling import shifted_p
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
    """A panel with everything taken within account and format."""

    panel: Panel
    design: Design
    outcome: Floats
    features: Floats
    controls: Floats
    raw_spread: Floats
    seed: int

    def earlier(self, first: int, last: int) -> Earlier:
        """Means over the account's posts from `first` to `last` back."""
        mean = self.panel.within(self.panel.previous(np.column_stack([self.outcome, self.features]), first, last))
        return Earlier(mean[:, 0], mean[:, 1:])

    def fit(self, *adjusting: Earlier) -> "Judged":
        """The outcome on all features, with earlier posts held equal where given."""
        return self._judged(self.outcome, [earlier.columns for earlier in adjusting])

    def placebo(self, earlier: Earlier, *adjusting: Earlier) -> "Judged":
        """How earlier posts did, net of what they were like themselves: nothing chosen later can have changed it."""
        return self._judged(earlier.outcome, [earlier.features, *(other.columns for other in adjusting)])

    def _judged(self, outcome: Floats, more: list[Floats]) -> "Judged":
        controls = np.column_stack([self.controls, *more])
        fit = regress(outcome, self.features, controls, self.panel.account, self.raw_spread)
        if self.design is Design.WITHIN_ACCOUNT:
            return Judged(fit, np.maximum(fit.se, TINY), fit.df)
        free = self.panel.n - self.panel.absorbed() - fit.basis.shape[1]
        # Of two errors that each lean on something else the larger one counts.
        se = np.maximum(serial_errors(fit) * np.sqrt(self.panel.n / free), self.shifted(fit)[1])
        return Judged(fit, np.maximum(se, TINY), np.full(len(se), float(free)))

    def shifted(self, fit: Regression) -> tuple[Floats, Floats]:
        """Per feature: p among shifted histories, and the spread of their estimates."""
        return shifted_p(fit, np.random.default_rng([self.seed, 1]), is_clustered=self.design is Design.WITHIN_ACCOUNT)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A fit with the errors that its design can bear, per feature."""

    fit: Regression
    se: Floats
    df: Floats

    @property
    def p(self) -> dict[int, float]:
        """By the feature's position among those asked for."""
        values = np.asarray(2 * stats.t.sf(np.abs(self.fit.estimates / self.se), self.df))
        return dict(zip(self.fit.kept, values.tolist(), strict=True))


def design_of(panel: Panel) -> Design:
    return Design.WITHIN_ACCOUNT if panel.accounts >= LEAST_CLUSTERS else Design.WITHIN_TIME


def compare(panel: Panel, seed: int) -> Comparison:
    """The comparison that the number of accounts allows."""
    design = design_of(panel)
    controls = [panel.calendar, panel.periods] if design is Design.WITHIN_ACCOUNT else [panel.calendar]
    return Comparison(
        panel=panel,
        design=design,
        outcome=panel.within(panel.outcome[:, None])[:, 0],
        features=panel.within(panel.features),
        controls=panel.within(np.column_stack(controls)),
        raw_spread=np.sum((panel.features - panel.features.mean(axis=0)) ** 2, axis=0),
        seed=seed,
    )


def serial_errors(fit: Regression) -> Floats:
    """Newey-West errors: neighbouring posts of one account may share their luck, accounts do not."""
    variance = np.zeros(len(fit.estimates))
    for start, end in fit.bounds:
        scores = fit.treatment[start:end] / fit.weight * fit.residuals[start:end, None]
        reach = int(1.3 * np.sqrt(end - start))
        variance += np.sum(scores**2, axis=0)
        for back in range(1, min(reach, end - start - 1) + 1):
            variance += 2 * (1 - back / (reach + 1)) * np.sum(scores[back:] * scores[:-back], axis=0)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)
