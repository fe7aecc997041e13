"""What providers tell us is taken in at once and once, only if they signed it, and dealt with afterwards."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from standardwebhooks.webhooks import Webhook

from domain.errors import FailureCategory, SourceUnavailable
from domain.requests import State
from sandbox.stripe import signed
from sandbox.stripe.telling import roll
from store.ids import new_id
from tests.api.billing.doors import DODO_SECRET
from tests.api.conftest import assert_problem

STRIPE, DODO = "/billing/webhooks/stripe", "/billing/webhooks/dodo"


def secret_of(door):
    return door.payer.shop.payments.access.webhook_secrets[0]


def send(door, body, *, at=None, secrets=None):
    header = signed(body, secrets or [secret_of(door)], int((at or datetime.now(UTC)).timestamp()))
    return door.caller.call("POST", STRIPE, content=body, headers={"Stripe-Signature": header})


def body_of(kind="invoice.paid", **told):
    thing = {"id": f"in_{new_id().hex}", "object": kind.split(".")[0], **told}
    event = {"object": "event", "type": kind, "created": 1_793_000_000, "livemode": False, "data": {"object": thing}}
    return json.dumps({"id": f"evt_{new_id().hex}", **event}).encode()


def kept(door, body):
    with door.payer.database.begin_system() as system:
        found = "select state, kind, tenant_id, body from billing_events where event_id = :id"
        return system.connection.execute(sa.text(found), {"id": json.loads(body)["id"]}).one_or_none()


def test_what_stripe_says_is_kept_as_it_came_and_asked_about_once(door, dagster):
    door.payer.buy()
    told = door.payer.told()
    answers = [send(door, each.body) for each in told * 2]

    assert {each.status_code for each in answers} == {200}
    assert [each.json()["is_new"] for each in answers] == [True] * len(told) + [False] * len(told)
    assert bytes(kept(door, told[0].body).body) == told[0].body
    (launched,) = dagster.launched
    assert (launched.kind, launched.tenant_id) == ("billing", door.payer.member.tenant_id)

    door.payer.hear()
    assert door.payer.stood().plan == "starter"


def test_while_one_runs_another_is_asked_for_but_not_a_third(door, dagster):
    door.payer.customer()
    (told,) = door.payer.told()
    send(door, told.body)
    (first,) = dagster.launched
    with door.payer.begin() as uow:
        uow.requests.claim(first.request_id, first.attempt, "run")
    for _ in range(3):
        send(door, body_of(customer=told.customer_id))

    with door.payer.begin() as uow:
        states = [each.state for each in uow.requests.page(limit=10, kinds=["billing"])]
    assert sorted(states) == [State.PENDING, State.RUNNING]


def test_without_dagster_events_are_kept_all_the_same(door, dagster):
    dagster.away = SourceUnavailable("dagster", "it is away", category=FailureCategory.NETWORK)
    door.payer.customer()
    (told,) = door.payer.told()

    assert send(door, told.body).status_code == 200
    with door.payer.begin() as uow:
        assert [each.state for each in uow.requests.page(limit=10, kinds=["billing"])] == [State.PENDING]


def test_of_a_workspace_that_is_suspended_events_wait(door, dagster, superuser):
    door.payer.customer()
    superuser.execute("update tenants set suspended_at = now() where tenant_id = %s", (door.payer.member.tenant_id,))
    superuser.commit()
    (told,) = door.payer.told()

    assert send(door, told.body).status_code == 200
    assert dagster.launched == []
    assert door.payer.events() == {"kept": 1}


@pytest.mark.parametrize("minutes", [-6, 6])
def test_old_and_future_stamps_are_refused(door, minutes):
    body = body_of()

    assert_problem(send(door, body, at=datetime.now(UTC) + timedelta(minutes=minutes)), 401)
    assert kept(door, body) is None


def test_what_nobody_signed_is_refused(door):
    body = body_of()

    assert_problem(door.caller.call("POST", STRIPE, content=body), 401)
    assert_problem(send(door, body, secrets=["whsec_of_somebody_else"]), 401)
    assert_problem(door.caller.call("POST", STRIPE, content=b"x" * 1_000_001), 413)
    assert kept(door, body) is None


def test_what_is_signed_and_no_event_is_unacceptable(door):
    assert_problem(send(door, b"[]"), 422)
    assert_problem(send(door, b"{"), 422)


def test_both_secrets_hold_while_they_are_changed(door):
    (endpoint,) = door.payer.shop.service.books.every("webhook_endpoint")
    new = roll(door.payer.shop.service.books, endpoint)
    old = secret_of(door)

    assert send(door, body_of(), secrets=[old, new]).status_code == 200
    assert_problem(send(door, body_of(), secrets=[new]), 401)


def test_an_event_of_nobody_and_one_of_a_kind_that_nobody_knows_are_kept_and_start_nothing(door, dagster):
    nobodys, odd = body_of("invoice.paid", customer="cus_of_nobody"), body_of("tax.rate.updated")

    assert [send(door, each).status_code for each in (nobodys, odd)] == [200, 200]
    assert (kept(door, nobodys).state, kept(door, odd).state) == ("kept", "ignored")
    assert dagster.launched == []


def test_an_event_of_live_mode_tells_a_test_key_nothing(door, dagster):
    customer = door.payer.customer().customer_id
    body = body_of("invoice.paid", customer=customer).replace(b'"livemode": false', b'"livemode": true')

    assert send(door, body).status_code == 200
    assert (kept(door, body).state, kept(door, body).tenant_id) == ("ignored", door.payer.member.tenant_id)
    assert dagster.launched == []


def test_older_shapes_as_they_were_recorded_are_kept_and_understood(door, real_data):
    recorded = sorted((Path(real_data) / "stripe_webhooks").glob("*.json"))
    assert recorded
    for path in recorded:
        told = json.loads(path.read_bytes())
        if "id" not in told or "data" not in told:
            continue
        told["id"] = f"evt_{new_id().hex}"
        body = json.dumps(told).encode()
        assert send(door, body).status_code == 200, path.name
        assert kept(door, body) is not None


def test_dodo_signs_as_standard_webhooks_says(door, dagster):
    body = json.dumps({
        "type": "subscription.active", "timestamp": "2026-11-20T12:00:00Z",
        "data": {"payload_type": "Subscription", "subscription_id": "sub_1", "metadata": {"tenant_id": str(door.payer.member.tenant_id)}},
    }).encode()  # fmt: skip
    key, now = f"msg_{new_id().hex}", datetime.now(UTC)
    stamp = {"webhook-id": key, "webhook-timestamp": str(int(now.timestamp()))}
    headers = {**stamp, "webhook-signature": Webhook(DODO_SECRET).sign(key, now, body.decode())}

    assert_problem(door.caller.call("POST", DODO, content=body, headers={**headers, "webhook-id": "msg_other"}), 401)
    answers = [door.caller.call("POST", DODO, content=body, headers=headers).json() for _ in range(2)]
    assert answers == [{"is_new": True}, {"is_new": False}]
    assert [each.tenant_id for each in dagster.launched] == [door.payer.member.tenant_id]


def test_without_a_key_there_is_no_such_address(nobody):
    assert_problem(nobody.call("POST", STRIPE, content=b"{}"), 404)
    assert_problem(nobody.call("POST", DODO, content=b"{}"), 404)
