"""A test of two titles that the demo workspace has behind it: the plan, and what was counted, with a lift that was planted."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from domain.experiments.asked import Asked
from domain.experiments.counts import Told
from domain.experiments.plan import Arm, ExperimentKind, Metric

DAYS = 21
# Clicks per impression of the first title, and by how much more the second one is clicked.
RATE, LIFT = 0.045, 0.15
IMPRESSIONS, DAY_NOISE = 4_000, 0.06
ARMS = (Arm("A", "how I bake sourdough"), Arm("B", "Why does nobody bake sourdough?"))


def asked(seed: int) -> Asked:
    """As it was planned. Viewers saw one title or the other at random."""
    return Asked(
        ExperimentKind.TITLE, "Should the title ask? (synthetic)", Metric.CLICK_RATE, ARMS, DAYS, 0.20, seed,
        subject="Sourdough (synthetic)", impressions=2.0 * IMPRESSIONS, base_rate=RATE,
    )  # fmt: skip


def counted(first_day: date, seed: int) -> Iterator[Told]:
    """Each arm on each day: both share the day's luck, and each has a little of its own."""
    rng = np.random.default_rng([seed, 4])
    for number in range(DAYS):
        shared = rng.normal(0, 0.15)
        for arm, lift in zip(ARMS, (0.0, LIFT), strict=True):
            shown = int(rng.poisson(IMPRESSIONS))
            rate = RATE * (1 + lift) * float(np.exp(shared + rng.normal(0, DAY_NOISE)))
            yield Told(arm.name, first_day + timedelta(days=number), {"impressions": shown, "clicks": int(rng.binomial(shown, rate))})
