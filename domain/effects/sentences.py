"""The plain sentence that an effect's verdict permits."""

from collections.abc import Mapping

from domain.effects.verdicts import Effect, Outcome, Verdict
from domain.log_points import bounds, is_nothing, signed, size

# What is counted, and how a change of it is said: views are more or fewer, shares and rates are above or below.
_SUBJECTS: Mapping[Outcome, str] = {
    Outcome.REACH: "views",
    Outcome.ENGAGEMENT: "the engagement rate",
    Outcome.RETENTION: "the watched share",
    Outcome.CLICKS: "the click rate",
    Outcome.WATCH_TIME: "the share of watch time",
}


def sentence(effect: Effect) -> str:
    """The plain statement that the verdict permits, with its interval and n."""
    if effect.wording is not None:
        return effect.wording
    if effect.verdict is Verdict.INCONCLUSIVE or effect.estimate is None:
        return _cannot_say(effect)
    figures = f"{_interval(effect)}; {effect.n:,} posts of {effect.accounts:,} {'account' if effect.accounts == 1 else 'accounts'}"
    subject, said = effect.contrast[0].upper() + effect.contrast[1:], _SUBJECTS[effect.outcome]
    if effect.verdict is Verdict.REFUTED:
        return f"{subject}: no relevant difference in {said}, {_change(effect.outcome, effect.estimate)} ({figures}).{_pulled(effect)}"
    if effect.verdict is Verdict.ASSOCIATIONAL:
        had = _had(effect.outcome, effect.estimate)
        return f"{subject}: such posts had {had} ({figures}). An association: another reason may lie behind it.{_pulled(effect)}"
    verb = "raised" if effect.estimate > 0 else "lowered"
    source = {
        Verdict.EXPERIMENTAL: ", in a randomised test",
        Verdict.EXPERIMENTAL_SELF_REPORTED: ", in a randomised test as reported by its owner",
    }.get(effect.verdict, "")
    return f"{subject}: {verb} {said} by {size(effect.estimate)}{source} ({figures}).{_pulled(effect)}"


def _cannot_say(effect: Effect) -> str:
    why = f": {effect.reason}" if effect.reason else ""
    more = f" About {effect.posts_needed:,} more posts are needed." if effect.posts_needed else ""
    return f"{effect.contrast[0].upper()}{effect.contrast[1:]}: cannot say yet{why}.{_pulled(effect)}{more}"


def _pulled(effect: Effect) -> str:
    """How far the figure was pulled toward the accounts that are tracked."""
    if effect.shrinkage is None:
        return ""
    pulled = effect.shrinkage
    return (
        f" Own posts alone say {signed(pulled.own)}, the tracked accounts {signed(pulled.others)}; own posts count for {pulled.weight:.0%}."
    )


def _interval(effect: Effect) -> str:
    return f"95 % interval {bounds(effect.low, effect.high)}"


def _had(outcome: Outcome, log_points: float) -> str:
    if outcome is not Outcome.REACH:
        return f"{_SUBJECTS[outcome]} {_change(outcome, log_points)}"
    return "as many views as the others" if is_nothing(log_points) else f"{_change(outcome, log_points)} views"


def _change(outcome: Outcome, log_points: float) -> str:
    if is_nothing(log_points):
        return "the same as the others'"
    above, below = ("more", "fewer") if outcome is Outcome.REACH else ("above the others'", "below the others'")
    return f"{size(log_points)} {above if log_points > 0 else below}"
