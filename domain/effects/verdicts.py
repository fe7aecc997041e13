"""What is published of one effect: figures, gates and verdict. How they come about is in `estimate`, how they are said in `sentences`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.log_points import multiple

METHOD_VERSION = "effects-2"


class Verdict(StrEnum):
    """How far the evidence carries. Only the first three may be worded as cause and consequence."""

    EXPERIMENTAL = "experimental"
    EXPERIMENTAL_SELF_REPORTED = "experimental (self-reported)"
    CAUSAL_SUPPORTED = "causal-supported"
    ASSOCIATIONAL = "associational"
    INCONCLUSIVE = "inconclusive"
    REFUTED = "refuted"


CAUSAL_VERDICTS = frozenset({Verdict.EXPERIMENTAL, Verdict.EXPERIMENTAL_SELF_REPORTED, Verdict.CAUSAL_SUPPORTED})


class Design(StrEnum):
    """Which comparison was made."""

    WITHIN_ACCOUNT = "within-account"
    WITHIN_TIME = "within-time"
    STAGGERED = "staggered-adoption"
    SYNTHETIC = "synthetic-control"
    RANDOMISED = "randomised"


class Outcome(StrEnum):
    """What is asked about; the column of the frame that holds it is named in `OUTCOMES`."""

    REACH = "reach"
    ENGAGEMENT = "engagement"
    RETENTION = "retention"
    CLICKS = "clicks"
    WATCH_TIME = "watch-time share"


# The column of `domain.posts.COLUMNS` in log points; what only experiments measure has none.
OUTCOMES: Mapping[Outcome, str] = {Outcome.REACH: "outcome", Outcome.ENGAGEMENT: "engagement", Outcome.RETENTION: "retention"}


class Kind(StrEnum):
    """What sort of question it is."""

    FEATURE = "feature"
    COMBINATION = "combination"
    PERSON = "person"
    CHANGE = "change"
    EXPERIMENT = "experiment"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A column of the frame to ask about. `step` is the change that the effect is reported for (presence: 0 -> 1).

    `group` is the feature's (`domain.features.feature.Group`); a combination's column is the product of `factors`, which are controls.
    """

    feature: str
    contrast: str
    step: float = 1.0
    is_presence: bool = True
    outcome: Outcome = Outcome.REACH
    group: str = "title"
    kind: Kind = Kind.FEATURE
    factors: tuple[str, ...] = ()
    # Features that the choice itself changes: consequences of it, and so not held equal where it is asked about.
    moves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of publication: its number, its threshold and whether it holds."""

    name: str
    passed: bool
    value: float | None
    threshold: float
    detail: str


@dataclass(frozen=True, slots=True)
class Part:
    """The effect among some of the posts: of a format, an account size, a topic, or a stretch of time. Log points, 95 % interval.

    `by` names the division, `level` the part; `q` is over all parts of the effect. Parts are reported, never claimed on their own.
    """

    by: str
    level: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    accounts: int
    p: float | None = None
    q: float | None = None


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """A tenant's own estimate pulled toward that of the accounts it tracks; `weight` is the share of its own."""

    own: float
    own_se: float
    others: float
    others_se: float
    between_sd: float
    weight: float


@dataclass(frozen=True, slots=True)
class Check:
    """A second estimate of the same effect by another method, log points with its 95 % interval."""

    method: str
    estimate: float
    se: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Effect:
    """One answer. Figures are log points of the outcome unless named otherwise.

    None where the posts carry no answer; of `low` or `high` alone where so few accounts set no bound on that side.
    """

    feature: str
    contrast: str
    estimand: str
    verdict: Verdict
    design: Design
    n: int
    accounts: int
    treated: int | None
    control: int | None
    estimate: float | None = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    q: float | None = None
    naive: float | None = None
    mde: float | None = None
    robustness_value: float | None = None
    posts_needed: int | None = None
    is_lag_adjusted: bool = False
    reason: str | None = None
    hypotheses: int = 1
    gates: tuple[Gate, ...] = ()
    method: str = METHOD_VERSION
    outcome: Outcome = Outcome.REACH
    group: str = "title"
    kind: Kind = Kind.FEATURE
    # Whose posts: None for all accounts of the tenant, else the account's id.
    scope: str | None = None
    window_from: str | None = None
    window_to: str | None = None
    # Stretches of time that show both sides, in the design over time.
    periods: int | None = None
    permutation_p: float | None = None
    placebo: float | None = None
    placebo_p: float | None = None
    # Accounts that show both sides.
    overlap: int | None = None
    assumptions: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    shrinkage: Shrinkage | None = None
    check: Check | None = None
    # The statement itself, where the words of `sentence` do not fit what was measured.
    wording: str | None = None

    @property
    def key(self) -> str:
        """Unique within a release."""
        return "/".join(filter(None, (self.outcome.value, self.scope, self.kind.value, self.feature)))

    @property
    def multiple(self) -> float | None:
        return multiple(self.estimate)

    @property
    def multiple_low(self) -> float | None:
        return multiple(self.low)

    @property
    def multiple_high(self) -> float | None:
        return multiple(self.high)


class Candidate(Protocol):
    """An answer that waits for the others of its release: `q` counts them all, and the verdict hangs on it."""

    @property
    def p(self) -> float | None:
        """None where the posts carry no answer: it counts for nothing then."""

    def judged(self, q: float, hypotheses: int) -> Effect:
        """The effect as it is published, among so many hypotheses."""
