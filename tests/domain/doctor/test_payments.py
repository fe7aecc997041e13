"""From what is known of providers to lines about money."""

import pytest

from domain.billing.shelf import EVENTS, Endpoint, OnShelf, Verdict, Ware, compared, unheard, wares
from domain.billing.states import Provider
from domain.doctor.findings import Level
from domain.doctor.payments import Paid, payments, prices, products, webhooks
from store.plans import packaged

STRIPE, DODO, HERE = Provider.STRIPE, Provider.DODO, "https://us.example/api/v1/billing/webhooks/stripe"
WARE = Ware("starter_monthly", "starter", "Whyral Starter", 3_900, "month")
RIGHT = OnShelf("starter_monthly", "price_1", 3_900, "usd", "month", True)
LIVE = Paid(STRIPE, {STRIPE}, {STRIPE}, stripe_key="sk_live_1", is_public=True)


@pytest.mark.parametrize(
    ("found", "level", "said"),
    [
        (Paid(STRIPE), Level.OK, "nothing is sold"),
        (LIVE, Level.OK, "sold by stripe"),
        (Paid(DODO, {STRIPE}, {STRIPE}, stripe_key="sk_live_1"), Level.FAIL, "sold by dodo, which has no key"),
        (Paid(STRIPE, {STRIPE, DODO}, {STRIPE}, stripe_key="sk_live_1"), Level.WARN, "no webhook secret for dodo"),
        (Paid(STRIPE, {STRIPE}, {STRIPE}, stripe_key="sk_test_1", is_public=True), Level.WARN, "nobody is charged"),
        (Paid(STRIPE, {STRIPE}, {STRIPE}, stripe_key="sk_test_1"), Level.OK, "sold by stripe"),
        (Paid(STRIPE, {STRIPE}, {STRIPE}, stripe_key="sk_test_1", is_sandbox=True), Level.OK, "no money moves"),
        (Paid(STRIPE, {STRIPE}, {STRIPE}, stripe_key="sk_test_1", is_sandbox=True, is_public=True), Level.WARN, "free for everybody"),
    ],
)
def test_who_is_paid_is_told_with_what_is_wrong_about_it(found: Paid, level: Level, said: str) -> None:
    told = payments(found)

    assert told.level is level
    assert said in told.found


@pytest.mark.parametrize(
    ("there", "verdict"),
    [
        ([RIGHT], Verdict.RIGHT),
        ([], Verdict.LACKING),
        ([OnShelf("starter_monthly", "price_1", 4_000, "usd", "month", True)], Verdict.DIFFERS),
        ([OnShelf("starter_monthly", "price_1", 3_900, "eur", "month", True)], Verdict.DIFFERS),
        ([OnShelf("starter_monthly", "price_1", 3_900, "usd", "year", True)], Verdict.DIFFERS),
        ([OnShelf("starter_monthly", "price_1", 3_900, "usd", "month", False)], Verdict.DIFFERS),
        ([OnShelf("starter_monthly", "price_1", None, "usd", "month", True)], Verdict.DIFFERS),
        ([OnShelf("other", "price_1", 3_900, "usd", "month", True)], Verdict.LACKING),
    ],
)
def test_a_price_is_right_only_with_our_amount_currency_and_interval(there: list[OnShelf], verdict: Verdict) -> None:
    (found,) = compared([WARE], there)

    assert found.verdict is verdict
    assert prices([found]).level is (Level.OK if verdict is Verdict.RIGHT else Level.FAIL)


def test_every_price_of_the_plans_is_a_ware_and_free_has_none() -> None:
    assert {each.plan for each in wares(packaged().plans)} == {"starter", "growth", "scale"}


@pytest.mark.parametrize(
    ("endpoints", "missed"),
    [
        ([], None),
        ([Endpoint(HERE, False, ("*",))], None),
        ([Endpoint("https://else.example/", True, ("*",))], None),
        ([Endpoint(HERE + "/", True, ("*",))], []),
        ([Endpoint(HERE, True, EVENTS)], []),
        ([Endpoint(HERE, True, EVENTS[1:])], ["checkout.session.completed"]),
        ([Endpoint(HERE, True, EVENTS[1:]), Endpoint(HERE, True, EVENTS[:1])], []),
    ],
)
def test_an_endpoint_hears_what_it_is_told_of(endpoints: list[Endpoint], missed: list[str] | None) -> None:
    assert unheard(endpoints, HERE) == missed


def test_deaf_ears_are_told_by_whether_they_can_be_reached() -> None:
    assert webhooks([], HERE, can_be_reached=True).level is Level.OK
    assert webhooks(["invoice.paid"], HERE, can_be_reached=True).level is Level.WARN
    assert webhooks(None, HERE, can_be_reached=True).level is Level.FAIL
    assert webhooks(None, HERE, can_be_reached=False).level is Level.WARN


def test_a_price_without_a_product_of_dodos_fails() -> None:
    assert products([], asked=6).level is Level.OK
    assert products(["scale_yearly"], asked=6).found == "no product of Dodo's for: scale_yearly"
