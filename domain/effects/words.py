"""What is said of a design in plain sentences: the estimand, and what it rests on. None of these may sound like cause and consequence."""

from collections.abc import Mapping

from domain.effects.verdicts import Design, Outcome

MEASURES: Mapping[Outcome, str] = {
    Outcome.REACH: "log views",
    Outcome.ENGAGEMENT: "log engagement rate",
    Outcome.RETENTION: "log watched share",
    Outcome.CLICKS: "log click rate",
    Outcome.WATCH_TIME: "log watch-time share",
}
ESTIMANDS: Mapping[Design, str] = {
    Design.WITHIN_ACCOUNT: "Mean difference in {measure} for {contrast}, among posts of the same account and format, net of the account's "
    "own growth line, the platform's week, week-end and hour, and the other features of this release.",
    Design.WITHIN_TIME: "Mean difference in {measure} for {contrast}, among posts of the same account and format at different times, net "
    "of the account's own trend, season, week-end, hour and gap since its last post, and of the other features that go along with it.",
}
ASSUMPTIONS: Mapping[Design, tuple[str, ...]] = {
    Design.WITHIN_ACCOUNT: (
        "Among posts of one account and format in the same weeks, nothing else that moves the outcome goes along with the choice, "
        "beyond what is held equal.",
        "An account's own level is steady over the window, or follows a straight line where accounts differ in growth.",
        "Accounts share no luck with each other beyond the week.",
    ),
    Design.WITHIN_TIME: (
        "Among the account's posts, nothing else that moves the outcome goes along with when the choice is taken, "
        "beyond what is held equal.",
        "The account's runs of this choice could as well have come in another order.",
        "The account's trend has no bends sharper than about one per hundred posts.",
    ),
}
AFTER_EARLIER_POSTS = "What earlier posts foretell of a post's luck is foretold by the last three, in the same way throughout."
LIKE_THE_OTHERS = "The account is one like those it tracks: its own difference is drawn from theirs."


def estimand_of(design: Design, contrast: str, outcome: Outcome = Outcome.REACH) -> str:
    return ESTIMANDS[design].format(contrast=contrast, measure=MEASURES[outcome])


def assumptions_of(design: Design, *, is_lag_adjusted: bool = False, is_pooled: bool = False) -> tuple[str, ...]:
    more = [AFTER_EARLIER_POSTS] * is_lag_adjusted + [LIKE_THE_OTHERS] * is_pooled
    return (*ASSUMPTIONS[design], *more)
