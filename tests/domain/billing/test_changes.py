"""What may be asked for, and when it happens."""

from datetime import timedelta

import pytest

from domain.billing.changes import (
    Deed,
    cancellation,
    change_to,
    check_nothing_is_had,
    check_something_is_planned,
    current,
    had,
    is_done,
    sold,
    trial_days,
)
from domain.billing.standing import Mirror, Offer
from domain.billing.states import SubscriptionState
from domain.errors import AlreadySubscribed, Conflict, PaymentNeeded, Unacceptable
from tests.domain.billing.test_standing import NOW, subscription

S, DAY = SubscriptionState, timedelta(days=1)
OFFERS = {
    "starter_monthly": Offer("starter", 2), "starter_yearly": Offer("starter", 2, "year"), "growth_monthly": Offer("growth", 3),
    "growth_yearly": Offer("growth", 3, "year"), "gold": Offer("gold", 9, is_sold=False),
}  # fmt: skip


def mirrors(*found):
    return [Mirror(each, NOW) for each in found]


@pytest.mark.parametrize(
    ("has", "wants", "deed"),
    [
        ("starter_monthly", "growth_monthly", Deed.CHANGE), ("starter_yearly", "growth_monthly", Deed.CHANGE),
        ("starter_monthly", "starter_yearly", Deed.CHANGE), ("starter_yearly", "starter_monthly", Deed.CHANGE_LATER),
        ("growth_monthly", "starter_yearly", Deed.CHANGE_LATER), ("growth_yearly", "starter_monthly", Deed.CHANGE_LATER),
        ("gold", "growth_yearly", Deed.CHANGE_LATER), (None, "starter_monthly", Deed.CHANGE),
    ],
)  # fmt: skip
def test_more_is_had_at_once_and_less_later(has, wants, deed):
    found = subscription(price=has, interval="year" if has and has.endswith("yearly") else "month")

    assert change_to(found, wants, OFFERS, now=NOW) is deed


def test_in_a_trial_all_is_at_once_and_after_it_no_more():
    found = subscription(state=S.TRIAL, price="growth_monthly", trial_end=NOW + DAY)

    assert change_to(found, "starter_monthly", OFFERS, now=NOW) is Deed.CHANGE
    assert change_to(found, "starter_monthly", OFFERS, now=NOW + 2 * DAY) is Deed.CHANGE_LATER


@pytest.mark.parametrize("state", [S.FAILED, S.PENDING])
def test_what_is_owed_is_paid_first(state):
    with pytest.raises(PaymentNeeded):
        change_to(subscription(state=state), "growth_monthly", OFFERS, now=NOW)


@pytest.mark.parametrize(
    ("words", "wants", "said"),
    [
        ({}, "starter_monthly", "already$"), ({"ends_at": NOW + DAY}, "starter_monthly", "resume it"),
        ({"scheduled_price": "growth_monthly"}, "growth_monthly", "planned already"),
    ],
)  # fmt: skip
def test_what_is_had_or_planned_is_no_change(words, wants, said):
    with pytest.raises(Conflict, match=said):
        change_to(subscription(**words), wants, OFFERS, now=NOW)


@pytest.mark.parametrize("price", ["gold", "nonsense", ""])
def test_only_what_is_offered_is_sold(price):
    with pytest.raises(Unacceptable) as refused:
        sold(OFFERS, price)

    assert refused.value.problems[0].detail == "choose one of growth_monthly, growth_yearly, starter_monthly, starter_yearly"


@pytest.mark.parametrize("state", sorted(S))
def test_whoever_has_or_is_about_to_have_a_plan_buys_no_second_one(state):
    is_over = state in (S.CANCELED, S.EXPIRED)
    try:
        check_nothing_is_had(mirrors(subscription(state=S.CANCELED), subscription(state=state, price=None)))
    except AlreadySubscribed:
        assert not is_over
    else:
        assert is_over


def test_a_trial_is_for_the_first_subscription():
    assert (trial_days([], 14), trial_days(mirrors(subscription(state=S.EXPIRED)), 14)) == (14, 0)


def test_the_plan_that_counts_is_the_one_that_is_changed():
    small, large = subscription(subscription_id="small"), subscription(subscription_id="large", price="growth_monthly")
    waiting = subscription(subscription_id="waiting", state=S.PENDING)
    over = subscription(subscription_id="over", state=S.CANCELED)

    assert current(mirrors(over, small, large), OFFERS, now=NOW) == large
    assert current(mirrors(over, waiting), OFFERS, now=NOW) == waiting
    assert current(mirrors(over), OFFERS, now=NOW) is None
    with pytest.raises(Conflict, match="buy a plan first"):
        had(None)


def test_a_cancellation_waits_for_the_end_unless_nothing_began():
    assert cancellation(subscription()) is Deed.CANCEL_LATER
    assert cancellation(subscription(state=S.PENDING)) is Deed.CANCEL_NOW
    with pytest.raises(Conflict, match="ends at 2026-11-16T12:00:00Z already"):
        cancellation(subscription(ends_at=NOW + DAY))


def test_only_what_is_planned_is_taken_back():
    for words in ({"ends_at": NOW}, {"scheduled_price": "x"}, {"schedule_id": "sched_1"}):
        check_something_is_planned(subscription(**words))
    with pytest.raises(Conflict):
        check_something_is_planned(subscription())


@pytest.mark.parametrize(
    ("deed", "before", "after"),
    [
        (Deed.CHANGE, {}, {"price": "growth_monthly"}), (Deed.CHANGE_LATER, {}, {"scheduled_price": "growth_monthly"}),
        (Deed.CANCEL_LATER, {}, {"ends_at": NOW + DAY}), (Deed.CANCEL_NOW, {"ends_at": NOW}, {"state": S.CANCELED}),
        (Deed.RESUME, {"ends_at": NOW}, {}), (Deed.RESUME, {"schedule_id": "sched_1"}, {}),
    ],
)  # fmt: skip
def test_a_look_tells_whether_it_is_done(deed, before, after):
    assert not is_done(deed, subscription(**before), "growth_monthly")
    assert is_done(deed, subscription(**after), "growth_monthly")
