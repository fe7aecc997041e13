"""A plan bought on the provider's page, once: by whom, how often, and what is left of it where something goes wrong."""

from dataclasses import replace

import httpx
import pytest

from domain.roles import Role
from sandbox.stripe import Trouble
from tests.api.administering import begin, promoted
from tests.api.conftest import Caller, assert_problem, make_key, pointers, token_of
from tests.conftest import make_member
from tests.people import join
from tests.store.crowds import at_once

CHECKOUT = "POST /v1/checkout/sessions$"


def trouble(who, kind, where=CHECKOUT, **more):
    who.shop.service.troubles.add(Trouble(where, kind, **more))


def test_a_plan_is_bought_on_a_page_and_had_once_it_is_read(newcomer):
    page = newcomer.checkout()
    before = newcomer.get("subscription").json()
    assert newcomer.pay(page).status_code == 200
    after = newcomer.refresh()

    assert page.status_code == 201
    assert (page.json()["price"], page.json()["plan"], page.json()["provider"]) == ("starter_monthly", "starter", "stripe")
    assert (before["plan"], before["bought"], before["status"], before["price"]) == ("free", "free", "active", None)
    assert (after["plan"], after["bought"], after["status"], after["month_cents"]) == ("starter", "starter", "trial", 3_900)
    assert newcomer.get("subscription").json() == after
    assert [each["plan"] for each in newcomer.get("subscription/history").json()["items"]] == ["starter"]


def test_the_first_subscription_is_tried_and_later_ones_are_paid(payer, newcomer):
    assert newcomer.checkout().json()["trial_days"] == 14
    page = payer.checkout()
    payer.pay(page)

    assert page.json()["trial_days"] == 0
    assert payer.refresh()["status"] == "active"
    assert [each.paid_cents for each in payer.billed] == [3_900, 0]


def test_the_payer_is_known_by_the_owners_address_and_the_workspaces_name(newcomer):
    newcomer.checkout()

    (customer,) = newcomer.customers
    assert (customer.email, customer.name) == (newcomer.member.email, "Test")


def test_the_same_key_twice_opens_one_page(newcomer):
    first, again = newcomer.checkout(key="k"), newcomer.checkout(key="k")

    assert (again.status_code, again.content) == (201, first.content)
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert len(newcomer.pages("open")) == 1


def test_a_key_that_was_used_is_for_no_other_call(newcomer):
    newcomer.checkout(key="k")

    assert pointers(assert_problem(newcomer.checkout("growth_monthly", key="k"), 422)) == ["Idempotency-Key"]
    assert pointers(assert_problem(newcomer.post("cancel", key="k"), 422)) == ["Idempotency-Key"]
    assert_problem(newcomer.post("cancel", key="k" * 256), 422)


def test_another_page_closes_the_one_before(newcomer):
    newcomer.checkout()
    second = newcomer.checkout("growth_monthly")

    assert [each.id for each in newcomer.pages("open")] == [second.json()["checkout_id"]]
    assert len(newcomer.pages("expired")) == 1


def test_who_bought_a_moment_ago_buys_nothing_twice(newcomer):
    newcomer.pay(newcomer.checkout())

    assert_problem(newcomer.checkout("growth_monthly"), 409, "already_subscribed")
    assert newcomer.get("subscription").json()["plan"] == "starter"
    assert len(newcomer.there) == 1


def test_the_same_call_many_times_at_once_opens_one_page(newcomer):
    answers = [each for each in at_once(5, lambda _: newcomer.checkout(key="k")) if isinstance(each, httpx.Response)]
    last = newcomer.checkout(key="k")

    assert len(answers) == 5
    assert {each.status_code for each in answers} <= {201, 409}
    assert {each.content for each in answers if each.status_code == 201} <= {last.content}
    assert (len(newcomer.customers), len(newcomer.pages("open"))) == (1, 1)


def test_pages_that_are_asked_for_at_once_make_one_customer_and_leave_one_page_open(newcomer):
    statuses = {str(each) for each in at_once(4, lambda _: newcomer.checkout().status_code)}

    assert statuses <= {"201", "409"}
    assert newcomer.checkout().status_code == 201
    assert (len(newcomer.customers), len(newcomer.pages("open"))) == (1, 1)


@pytest.mark.parametrize("kind", ["lost", "error", "error_after"])
@pytest.mark.parametrize("where", [CHECKOUT, "POST /v1/customers$"])
def test_the_same_call_goes_on_where_it_broke_off(newcomer, kind, where):
    trouble(newcomer, kind, where)

    assert_problem(newcomer.checkout(key="k"), 503, "source_unavailable")
    again = newcomer.checkout(key="k")

    assert again.status_code == 201
    # A failure that the provider keeps for its key takes a new one: nobody was told of what it left behind.
    assert kind == "error_after" or (len(newcomer.customers), len(newcomer.pages("open"))) == (1, 1)
    assert newcomer.pay(again).status_code == 200
    assert newcomer.refresh()["plan"] == "starter"


def test_a_call_in_doubt_is_not_in_the_way_of_another_one(newcomer):
    trouble(newcomer, "error")
    assert_problem(newcomer.checkout(), 503)

    assert newcomer.checkout().status_code == 201


def test_what_is_not_sold_cannot_be_bought(newcomer):
    problem = assert_problem(newcomer.checkout("nonsense"), 422)

    assert pointers(problem) == ["/price"]
    assert "starter_monthly, starter_yearly" in problem["errors"][0]["detail"]
    assert newcomer.customers == []


@pytest.mark.parametrize("name", ["success_url", "cancel_url"])
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/", "https://127.0.0.1:8000@evil.example/", "http://127.0.0.1:8000\\@evil.example", "//evil.example",
        "javascript:alert(1)", "http://127.0.0.1:8000 .evil.example", "http://127.0.0.1:80001/", "",
    ],
)  # fmt: skip
def test_payers_are_sent_back_to_known_pages_only(newcomer, name, url):
    answer = newcomer.post("checkout", {"price": "starter_monthly", name: url})

    assert pointers(assert_problem(answer, 422)) == [f"/{name}"]
    assert pointers(assert_problem(newcomer.post("portal", {"return_url": url}), 422)) == ["/return_url"]


def test_payers_come_back_to_a_page_that_knows_nobody(newcomer):
    ours = "http://127.0.0.1:8000/mine?of={CHECKOUT_SESSION_ID}"
    newcomer.post("checkout", {"price": "starter_monthly", "success_url": ours})

    (page,) = newcomer.pages("open")
    assert (page.success_url, page.cancel_url) == (ours, "http://127.0.0.1:8000/api/v1/billing/return/cancel")
    for name, words in (("success", "Thank you"), ("cancel", "Nothing was bought")):
        answer = replace(newcomer, caller=Caller(newcomer.caller.client)).get(f"return/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert words in answer.text
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


def test_a_workspace_sees_nothing_of_anothers(payer, newcomer):
    payer.bought("growth_monthly")
    (invoice, _) = payer.get("invoices").json()["items"]

    assert newcomer.get("subscription").json()["plan"] == "free"
    for name in ("invoices", "payments", "refunds", "payment-methods", "subscription/history"):
        assert newcomer.get(name).json()["items"] == []
    assert_problem(newcomer.get(f"invoices/{invoice['invoice_id']}"), 404)
    assert payer.get(f"invoices/{invoice['invoice_id']}").json() == invoice


def test_only_the_owner_buys_and_only_by_logging_in(newcomer, database):
    admin = join(database, newcomer.member.tenant_id, Role.ADMIN)
    by_key = make_key(database, newcomer.member, ("read", "write")).plain
    for credential in (token_of(database, admin), by_key):
        other = replace(newcomer, caller=Caller(newcomer.caller.client, credential))
        assert_problem(other.checkout(), 403, "refused")
        assert other.get("subscription").status_code == 200
    assert newcomer.customers == []


def test_who_acts_as_somebody_else_has_nothing_to_do_with_their_money(newcomer, database):
    boss = promoted(database, make_member(database))
    acting = Caller(
        newcomer.caller.client, begin(Caller(newcomer.caller.client, token_of(database, boss)), newcomer.member)["access_token"]
    )
    other = replace(newcomer, caller=acting)

    assert acting.get("/videos").status_code == 200
    for answer in (other.checkout(), other.post("cancel"), other.post("portal", {}), other.get("subscription"), other.get("invoices")):
        assert_problem(answer, 403, "refused")
    assert newcomer.customers == []


def test_without_a_provider_nothing_is_sold(client, database, member):
    who = Caller(client, token_of(database, member))

    problem = assert_problem(who.post("/billing/checkout", {"price": "starter_monthly"}), 502, "source_refused")

    assert problem["detail"] == "Payments are not set up."
    assert who.get("/billing/subscription").json()["plan"] == "free"
    assert who.post("/billing/subscription/refresh").status_code == 200


def test_the_portal_is_for_who_bought_something(newcomer, payer):
    assert_problem(newcomer.post("portal", {}), 409, "conflict")

    url = payer.post("portal", {}).json()["url"]
    assert "/p/session/" in url
