"""A plan changed, canceled, resumed: what it costs, when it takes effect, and that nothing is done twice."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.stripe import Trouble
from tests.api.conftest import assert_problem, pointers
from tests.gateways.shops import DECLINES_LATER

UPDATE = "POST /v1/subscriptions/"


@pytest.fixture
def subscriber(payer):
    """Who pays for the small plan, since ten days ago."""
    payer.shop.later(days=-10)
    payer.bought()
    payer.shop.later(days=10)
    return payer


def test_an_upgrade_costs_what_was_previewed_to_the_cent(subscriber):
    preview = subscriber.get("upgrade/preview?price=growth_monthly").json()
    changed = subscriber.post("upgrade", {"price": "growth_monthly", "at": preview["at"]})

    newest = subscriber.billed[0]
    assert changed.status_code == 200, changed.text
    told = changed.json()
    assert (told["effect"], told["plan"], told["price"], told["status"]) == ("at_once", "growth", "growth_monthly", "active")
    assert preview["due_cents"] == preview["charge_cents"] - preview["credit_cents"] == told["total_cents"] == told["paid_cents"]
    assert (newest.invoice_id, newest.paid_cents) == (told["invoice_id"], told["paid_cents"])
    assert 0 < told["paid_cents"] < 6_000, "ten days are over, so less than the whole difference"
    assert subscriber.get("subscription").json()["plan"] == "growth"
    assert subscriber.get(f"invoices/{newest.invoice_id}").json()["lines"] == preview["lines"]


@pytest.mark.parametrize("minutes", [-16, 1])
def test_the_moment_of_a_change_is_not_the_payers_to_choose(subscriber, minutes):
    at = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()

    assert pointers(assert_problem(subscriber.post("upgrade", {"price": "growth_monthly", "at": at}), 422)) == ["/at"]
    assert pointers(assert_problem(subscriber.post("upgrade", {"price": "growth_monthly", "at": at[:19]}), 422)) == ["/at"]


def test_a_downgrade_waits_for_the_period_to_end(subscriber):
    subscriber.post("upgrade", {"price": "scale_monthly"})
    preview = subscriber.get("upgrade/preview?price=growth_monthly").json()
    told = subscriber.post("upgrade", {"price": "growth_monthly"}).json()
    before = subscriber.get("subscription").json()
    subscriber.shop.later(days=22)
    after = subscriber.refresh()

    assert (preview["effect"], preview["due_cents"], preview["lines"]) == ("at_period_end", 0, [])
    assert preview["effective_at"] == told["effective_at"] == before["period_end"]
    assert (told["effect"], told["plan"], told["scheduled_price"]) == ("at_period_end", "scale", "growth_monthly")
    assert told["invoice_id"] is None
    assert (before["plan"], before["scheduled_price"], before["scheduled_plan"]) == ("scale", "growth_monthly", "growth")
    assert (after["plan"], after["scheduled_price"]) == ("growth", None)
    assert subscriber.billed[0].total_cents == 9_900


def test_a_year_instead_of_a_month_begins_at_once_and_a_month_instead_of_a_year_later(subscriber):
    yearly = subscriber.post("upgrade", {"price": "starter_yearly"}).json()
    monthly = subscriber.post("upgrade", {"price": "starter_monthly"}).json()

    assert (yearly["effect"], yearly["plan"]) == ("at_once", "starter")
    assert 39_000 - 3_900 < yearly["paid_cents"] < 39_000
    assert (monthly["effect"], monthly["scheduled_price"]) == ("at_period_end", "starter_monthly")


def test_in_a_trial_every_change_is_at_once_and_free(newcomer):
    newcomer.bought("growth_monthly")

    told = newcomer.post("upgrade", {"price": "starter_monthly"}).json()

    assert (told["effect"], told["plan"], told["status"], told["paid_cents"] or 0) == ("at_once", "starter", "trial", 0)
    assert sum(each.paid_cents for each in newcomer.billed) == 0


def test_a_canceled_plan_holds_until_its_period_ends(subscriber):
    told = subscriber.post("cancel").json()
    during = subscriber.get("subscription").json()
    again = subscriber.post("cancel")
    subscriber.shop.later(days=22)
    after = subscriber.refresh()

    assert (told["effect"], told["status"], told["ends_at"]) == ("at_period_end", "canceling", during["period_end"])
    assert told["effective_at"] == during["ends_at"]
    assert (during["plan"], during["status"]) == ("starter", "canceling")
    assert_problem(again, 409, "conflict")
    assert (after["plan"], after["bought"], after["price"]) == ("free", "free", None)
    assert_problem(subscriber.post("upgrade", {"price": "growth_monthly"}), 409)
    assert subscriber.checkout().status_code == 201


def test_what_was_planned_is_taken_back(subscriber):
    subscriber.post("cancel")
    resumed = subscriber.post("resume").json()
    subscriber.post("upgrade", {"price": "growth_monthly"})
    subscriber.post("upgrade", {"price": "starter_monthly"})
    kept = subscriber.post("resume").json()

    assert (resumed["status"], resumed["ends_at"]) == ("active", None)
    assert (kept["plan"], kept["scheduled_price"]) == ("growth", None)
    assert_problem(subscriber.post("resume"), 409, "conflict")
    subscriber.shop.later(days=22)
    assert subscriber.refresh()["plan"] == "growth"


def test_an_upgrade_of_what_was_to_end_goes_on(subscriber):
    subscriber.post("cancel")

    told = subscriber.post("upgrade", {"price": "growth_monthly"}).json()

    assert (told["plan"], told["status"], told["ends_at"]) == ("growth", "active", None)


def test_a_declined_card_leaves_all_as_it_was(subscriber):
    subscriber.post("upgrade", {"price": "growth_monthly"})
    subscriber.post("upgrade", {"price": "starter_monthly"})
    before, billed = subscriber.get("subscription").json(), len(subscriber.billed)
    subscriber.click(do="card", card=DECLINES_LATER)

    assert_problem(subscriber.post("upgrade", {"price": "scale_monthly"}, key="up"), 402, "payment_needed")

    after = subscriber.refresh()
    assert after == before
    assert after["scheduled_price"] == "starter_monthly"
    assert len([each for each in subscriber.billed if each.paid_cents]) == len(
        [each for each in subscriber.billed[:billed] if each.paid_cents]
    )


def test_the_same_key_pays_once_the_card_is_good(subscriber):
    subscriber.click(do="card", card=DECLINES_LATER)
    assert_problem(subscriber.post("upgrade", {"price": "growth_monthly"}, key="up"), 402)
    subscriber.click(do="card", card="4242424242424242")

    again = subscriber.post("upgrade", {"price": "growth_monthly"}, key="up")

    assert (again.status_code, again.json()["plan"]) == (200, "growth")


def test_an_overdue_payment_comes_first(subscriber):
    subscriber.click(do="card", card=DECLINES_LATER)
    subscriber.shop.later(days=22)
    stands = subscriber.refresh()

    assert (stands["status"], stands["is_payment_needed"], stands["plan"]) == ("failed", True, "starter")
    assert stands["grace_until"] is not None
    assert_problem(subscriber.post("upgrade", {"price": "growth_monthly"}), 402, "payment_needed")
    assert_problem(subscriber.get("upgrade/preview?price=growth_monthly"), 402, "payment_needed")


def test_what_is_had_or_planned_already_is_no_change(subscriber):
    assert_problem(subscriber.post("upgrade", {"price": "starter_monthly"}), 409, "conflict")
    subscriber.post("upgrade", {"price": "growth_monthly"})
    subscriber.post("upgrade", {"price": "starter_monthly"})

    assert_problem(subscriber.post("upgrade", {"price": "starter_monthly"}), 409, "conflict")
    assert pointers(assert_problem(subscriber.post("upgrade", {"price": "x"}), 422)) == ["/price"]
    assert pointers(assert_problem(subscriber.get("upgrade/preview?price=x"), 422)) == ["price"]


def test_who_has_nothing_changes_nothing(newcomer):
    for answer in (
        newcomer.post("upgrade", {"price": "growth_monthly"}), newcomer.post("cancel"), newcomer.post("resume"),
        newcomer.get("upgrade/preview?price=growth_monthly"),
    ):  # fmt: skip
        assert_problem(answer, 409, "conflict")


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("upgrade", "lost"), ("upgrade", "error_after"), ("upgrade", "error"), ("downgrade", "lost"), ("cancel", "error_after"),
        ("resume", "lost"),
    ],
)  # fmt: skip
def test_what_broke_off_is_done_once_by_the_same_call(subscriber, action, kind):
    if action in ("downgrade", "resume"):
        subscriber.post("upgrade", {"price": "growth_monthly"})
    if action == "resume":
        subscriber.post("cancel")
    billed = len(subscriber.billed)
    path = "upgrade" if action == "downgrade" else action
    body = {"upgrade": {"price": "growth_monthly"}, "downgrade": {"price": "starter_monthly"}}.get(action)
    subscriber.shop.service.troubles.add(Trouble(UPDATE, kind))

    assert_problem(subscriber.post(path, body, key="k"), 503, "source_unavailable")
    done = subscriber.post(path, body, key="k")
    again = subscriber.post(path, body, key="k")

    assert done.status_code == 200, done.text
    assert (again.content, again.headers["idempotency-replayed"]) == (done.content, "true")
    assert len(subscriber.billed) == billed + (action == "upgrade")
    found = {"upgrade": "plan", "downgrade": "scheduled_price", "cancel": "status", "resume": "status"}[action]
    assert done.json()[found] == {"plan": "growth", "scheduled_price": "starter_monthly"}.get(found, done.json()[found])
    assert (done.json()["ends_at"] is None) is (action != "cancel")


def test_what_broke_off_and_came_through_is_seen_by_the_next_call(subscriber):
    subscriber.shop.service.troubles.add(Trouble(UPDATE, "lost"))
    assert_problem(subscriber.post("upgrade", {"price": "growth_monthly"}), 503)

    assert_problem(subscriber.post("upgrade", {"price": "growth_monthly"}), 409, "conflict")
    assert subscriber.get("subscription").json()["plan"] == "growth"
    assert len(subscriber.billed) == 3


def test_a_change_that_was_lost_is_found_by_reading_anew(subscriber):
    subscriber.shop.service.troubles.add(Trouble(UPDATE, "lost"))
    assert_problem(subscriber.post("cancel"), 503)

    assert subscriber.refresh()["status"] == "canceling"
    with subscriber.database.begin(subscriber.member.tenant_id) as uow:
        last = uow.billing_calls.newest("cancel_later")
    assert last is not None
    assert (last.state, last.error) == ("done", None)
