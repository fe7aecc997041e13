"""What a dated change has to pass before it is published as cause: gates of its own, and the words that follow. No estimating here."""

from dataclasses import dataclass, replace
from statistics import NormalDist

from domain.effects.gate import MOST_MDE, MOST_PERMUTATION_P, MOST_PLACEBO_SHARE, MOST_Q, RELEVANT, counts_lack, round_up
from domain.effects.inference import LEVEL, POWER
from domain.effects.verdicts import Effect, Gate, Verdict

# For a change of several accounts.
LEAST_ADOPTERS = 5
LEAST_COMPARED = 10
# Below this many adopters chance alone reaches further than Student's t says.
FEW_ADOPTERS = 10
MOST_PERMUTATION_P_OF_FEW = 0.02
LEAST_ACCOUNTS = 20
MOST_TOGETHER = 1 / 3
# For a change of one account; with fewer donors no placebo in space can be rare enough.
LEAST_DONORS = 19
LEAST_POSTS = 60
LEAST_PERIODS_BEFORE, LEAST_PERIODS_AFTER = 8, 4
# Misfit before the change, as a multiple of what donors have when they are fitted by the others.
MOST_MISFIT = 2.0
TINY = 1e-12
# What says that there is a difference at all; the rest says whether the change made it.
IS_THERE = frozenset({"q", "permutation", "placebo_in_space"})
# A small difference is one whatever these say.
ABOUT_SIZE = IS_THERE | {"leave_one_out"}
REASONS = {
    "census": "these posts were picked by how they did",
    "only_change": "something else changed at the same time",
    "adopters": "too few accounts made this change",
    "comparison": "too few accounts to compare with",
    "accounts": "too few accounts",
    "donors": "too few accounts to compare with",
    "periods_before": "too little is known of the time before",
    "periods_after": "too little time has passed since",
    "posts": "too few posts of this account",
    "pre_fit": "no mix of other accounts resembles this one before the change",
    "pre_trend": "the difference was under way before the change",
    "placebo": "the difference was under way before the change",
    "placebo_in_time": "an earlier date, at which nothing happened, does as well",
}


def least(name: str, value: float, threshold: float, detail: str) -> Gate:
    return Gate(name, value >= threshold, float(value), float(threshold), detail)


def most(name: str, value: float, threshold: float, detail: str) -> Gate:
    return Gate(name, value <= threshold, float(value), float(threshold), detail)


def census(*, is_census: bool) -> Gate:
    return Gate("census", is_census, float(is_census), 1.0, "every post of the window is known, not only those that did well")


def quiet(name: str, seen: tuple[float, float] | None, estimate: float, detail: str) -> Gate:
    """Nothing is there before the change, or what is there is small beside the claim. `seen`: its p and size; unknown does not pass."""
    if seen is None:
        why = "not looked at: nothing shows, or too little is known of the time before"
        return Gate(name, False, None, MOST_PLACEBO_SHARE, f"{detail}; {why}")
    p, share = seen[0], abs(seen[1]) / estimate
    passed = p >= LEVEL or share <= MOST_PLACEBO_SHARE
    return Gate(name, passed, share, MOST_PLACEBO_SHARE, f"{detail}; p {p:.3f}, as a share of the estimate")


def mde(least_seen: float, estimate: float) -> Gate:
    """What can only just be seen is exaggerated when it is; an estimate that is found four times in five is not."""
    return most("mde", least_seen, max(MOST_MDE, abs(estimate)), "the difference that this many posts show four times in five")


def permutation(name: str, p: float, detail: str, *, threshold: float = MOST_PERMUTATION_P) -> Gate:
    return most(name, p, threshold, detail)


@dataclass(frozen=True, slots=True)
class ChangeCandidate:
    """A change with its figures and every gate but `q`. An effect without `p` carries its reason already."""

    effect: Effect
    gates: tuple[Gate, ...] = ()

    @property
    def p(self) -> float | None:
        return self.effect.p

    def judged(self, q: float, hypotheses: int) -> Effect:
        """The effect as it is published, among so many hypotheses."""
        if self.effect.p is None:
            return replace(self.effect, hypotheses=max(hypotheses, 1))
        gates = (*self.gates, most("q", q, MOST_Q, "Benjamini-Hochberg over all hypotheses of this release"))
        verdict = verdict_of(self.effect, gates)
        is_open = verdict is Verdict.INCONCLUSIVE
        return replace(
            self.effect,
            q=q,
            hypotheses=hypotheses,
            gates=gates,
            verdict=verdict,
            reason=_reason(gates) if is_open else None,
            posts_needed=posts_needed(self.effect, hypotheses, gates) if is_open else None,
        )


def verdict_of(effect: Effect, gates: tuple[Gate, ...]) -> Verdict:
    """The strongest word that the gates allow."""
    failed = {gate.name for gate in gates if not gate.passed}
    if not failed:
        return Verdict.CAUSAL_SUPPORTED
    if not failed & IS_THERE:
        return Verdict.ASSOCIATIONAL
    is_small = effect.low is not None and effect.high is not None and effect.low > -RELEVANT and effect.high < RELEVANT
    return Verdict.REFUTED if is_small and not failed - ABOUT_SIZE else Verdict.INCONCLUSIVE


def _reason(gates: tuple[Gate, ...]) -> str:
    failed = [gate.name for gate in gates if not gate.passed and gate.value is not None]
    named = next((REASONS[name] for name in failed if name in REASONS), None)
    return f"{named}, and no clear difference" if named else "the difference could be chance"


def posts_needed(effect: Effect, hypotheses: int, gates: tuple[Gate, ...]) -> int | None:
    """About how many more posts like these would show the estimate, or the smallest relevant difference; at least what `gates` ask."""
    if effect.se is None or effect.estimate is None:
        return None
    reach = NormalDist().inv_cdf(1 - LEVEL / (2 * hypotheses)) + NormalDist().inv_cdf(POWER)
    more = effect.n * ((reach * effect.se / max(abs(effect.estimate), RELEVANT)) ** 2 - 1)
    return round_up(max(more, counts_lack(effect.n, gates), effect.n * 0.1, 1.0))
