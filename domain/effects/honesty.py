"""What no published effect may break, told of its figures as they are stored. The gates themselves are in `gate`."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.effects.verdicts import CAUSAL_VERDICTS, Design, Outcome, Verdict

# Without these a verdict of cause from observed posts says more than it can.
_OF_POSTS = frozenset({"census", "q", "permutation", "placebo", "double_ml"})
NEEDED_GATES: Mapping[str, frozenset[str]] = {
    Design.WITHIN_ACCOUNT: _OF_POSTS,
    Design.WITHIN_TIME: _OF_POSTS | {"posts", "periods"},
    Design.STAGGERED: frozenset({"census", "q", "permutation", "placebo", "pre_trend"}),
    Design.SYNTHETIC: frozenset({"census", "q", "placebo_in_space", "placebo_in_time", "placebo"}),
}


def problems_of(figures: Mapping[str, Any], *, has_census: bool, posts: int) -> list[str]:
    """Why an effect must not be shown as it is; empty for an honest one. `posts`: of how many its release was made."""
    return [*_of_figures(figures, posts), *_of_words(figures, has_census=has_census)]


def _of_figures(figures: Mapping[str, Any], posts: int) -> Iterator[str]:
    estimate, low, high = figures["estimate"], figures["low"], figures["high"]
    is_randomised = figures.get("design") == Design.RANDOMISED
    if figures["n"] > posts and not is_randomised:
        yield f"n {figures['n']} of {posts} posts"
    if estimate is None:
        if figures["verdict"] not in (Verdict.INCONCLUSIVE, Verdict.EXPERIMENTAL_SELF_REPORTED):
            yield "a verdict without an estimate"
        return
    if figures["n"] <= 0:
        yield "an estimate without posts"
    # YouTube gives no interval with its own tests, and none is made up.
    if low is None and high is None and not _is_reported(figures):
        yield "no interval"
    if (low is not None and low > estimate) or (high is not None and high < estimate):
        yield "the estimate lies outside its interval"
    if figures.get("q") is None and not is_randomised:
        yield "no q"


def _is_reported(figures: Mapping[str, Any]) -> bool:
    """A result that a platform told without any error."""
    is_told = figures.get("design") == Design.RANDOMISED and figures.get("outcome") == Outcome.WATCH_TIME
    return bool(is_told and figures.get("se") is None and figures.get("p") is None)


def _of_words(figures: Mapping[str, Any], *, has_census: bool) -> Iterator[str]:
    verdict, is_randomised = figures["verdict"], figures.get("design") == Design.RANDOMISED
    if verdict == Verdict.INCONCLUSIVE and not figures.get("reason"):
        yield "inconclusive without a reason"
    if verdict not in CAUSAL_VERDICTS:
        return
    if is_randomised == (verdict == Verdict.CAUSAL_SUPPORTED):
        yield f"{verdict} from a design that is {figures.get('design')}"
    if is_randomised:
        return
    gates = {gate["name"]: gate["passed"] for gate in figures["gates"]}
    if not has_census:
        yield "causal without a census"
    if lacking := sorted(NEEDED_GATES.get(str(figures.get("design")), _OF_POSTS) - set(gates)):
        yield f"causal without the gates {', '.join(lacking)}"
    if failed := sorted(name for name, passed in gates.items() if not passed):
        yield f"causal though {', '.join(failed)} failed"
