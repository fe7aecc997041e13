"""Giving a payment back, by an administrator and the real SDK: once, whatever breaks off, never more than was paid, always noted."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import httpx
import psycopg
import pytest
from litestar.testing import TestClient

from domain.billing.objects import Dispute, Payment
from domain.billing.states import DisputeState, PaymentState, Provider
from domain.ports import Shops
from sandbox.stripe import Trouble
from services.billing.calling import finish_unfinished
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork
from tests.api.administering import PLATFORM, promoted
from tests.api.billing.conftest import Payer
from tests.api.conftest import Caller, assert_problem, pointers, superuser, token_of  # noqa: F401 (fixtures)
from tests.conftest import Member, make_member

PAID = 3900


@dataclass(frozen=True)
class Case:
    """Somebody paid, and an administrator looks at it."""

    admin: Caller
    payer: Payer
    payment_id: str

    def ask(self, key: str | None, payment_id: str | None = None, **words: Any) -> httpx.Response:
        body = {"payment_id": payment_id or self.payment_id, "reason": "charged twice", **words}
        path = f"/admin/tenants/{self.payer.member.tenant_id}/refunds"
        return self.admin.post(path, body, headers={"Idempotency-Key": key} if key else {})

    @property
    def there(self) -> list[int]:
        """Refunds at the provider, in cents."""
        found = self.payer.shop.sdk.refunds.list({"payment_intent": self.payment_id, "limit": 100}).data
        return sorted(each.amount for each in found)

    def trouble(self, kind: str, **more: int) -> None:
        self.payer.shop.service.troubles.add(Trouble("POST /v1/refunds", kind, **more))


def keep(database: Database, member: Member, payment_id: str, customer: str | None, state: PaymentState) -> None:
    """As an event would have told of it."""
    paid = Payment(
        Provider.STRIPE, payment_id, None, customer, None, None, state, "usd", PAID, 0, None, None, needs_action=False,
        created_at=datetime.now(UTC),
    )  # fmt: skip
    with database.begin(member.tenant_id) as uow:
        uow.billing.lock()
        uow.billing_told.tell(paid, at=datetime.now(UTC))


@pytest.fixture
def case(selling: TestClient[Any], database: Database, payer: Payer) -> Case:
    boss = promoted(database, make_member(database))
    payer.bought()
    payment_id = next(each.payment_id for each in payer.billed if each.paid_cents == PAID and each.payment_id)
    assert payment_id
    keep(database, payer.member, payment_id, payer.customers[0].id, PaymentState.SUCCEEDED)
    return Case(Caller(selling, token_of(database, boss)), payer, payment_id)


@dataclass(frozen=True)
class Nightly:
    """Transactions of whoever finishes what broke off."""

    database: Database
    member: Member

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.member.tenant_id)


def lines(superuser: psycopg.Connection[Any], tenant_id: object, action: str) -> list[dict[str, Any]]:  # noqa: F811
    found = superuser.execute("select details from audit_log where tenant_id = %s and action = %s order by at", (tenant_id, action))
    return [each[0] for each in found]


def test_a_part_and_the_rest_are_given_back_and_noted(case: Case, superuser: psycopg.Connection[Any]) -> None:  # noqa: F811
    part = case.ask("a", amount_cents=900)
    rest = case.ask("b", cause="duplicate")

    assert (part.status_code, part.json()["amount_cents"], part.json()["state"]) == (201, 900, "succeeded")
    assert rest.json()["amount_cents"] == PAID - 900
    assert case.there == [900, PAID - 900]
    assert_problem(case.ask("c"), 409)
    tenant = case.payer.member.tenant_id
    asked, made = (lines(superuser, tenant, f"payment.refund_{each}") for each in ("asked", "made"))
    assert [each["before"]["refunded_cents"] for each in asked] == [0, 900]
    assert [each["after"]["amount_cents"] for each in asked] == [900, PAID - 900]
    assert [each["after"]["refund_id"] for each in made] == [part.json()["refund_id"], rest.json()["refund_id"]]
    assert {each["reason"] for each in asked + made} == {"charged twice"}
    platform = [each for each in lines(superuser, PLATFORM, "payment.refund_made") if each["tenant_id"] == str(tenant)]
    assert [each["after"] for each in platform] == [each["after"] for each in made]


def test_the_same_call_again_gives_nothing_more_back(case: Case, superuser: psycopg.Connection[Any]) -> None:  # noqa: F811
    first, again = case.ask("a", amount_cents=900), case.ask("a", amount_cents=900)

    assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (201, first.content, "true")
    assert case.there == [900]
    assert len(lines(superuser, case.payer.member.tenant_id, "payment.refund_made")) == 1
    assert pointers(assert_problem(case.ask("a", amount_cents=901), 422)) == ["Idempotency-Key"]
    assert pointers(assert_problem(case.ask(None), 422)) == ["Idempotency-Key"]


def test_what_cannot_be_given_back_is_refused_before_anything_is_asked(case: Case, database: Database, payers: Callable[[], Payer]) -> None:
    stranger = payers()
    failed = f"pi_{new_id().hex}"
    keep(database, case.payer.member, failed, None, PaymentState.FAILED)

    assert pointers(assert_problem(case.ask("a", amount_cents=PAID + 1), 422)) == ["/amount_cents"]
    assert pointers(assert_problem(case.ask("b", amount_cents=0), 422)) == ["/amount_cents"]
    assert pointers(assert_problem(case.ask("c", reason=" "), 422)) == ["/reason"]
    assert_problem(case.ask("d", payment_id="pi_unknown"), 404)
    of_another = {"payment_id": case.payment_id, "reason": "charged twice"}
    path = f"/admin/tenants/{stranger.member.tenant_id}/refunds"
    assert_problem(case.admin.post(path, of_another, headers={"Idempotency-Key": "e"}), 404)
    assert_problem(case.payer.caller.post(path, of_another, headers={"Idempotency-Key": "f"}), 403)
    assert case.there == []
    with database.begin(case.payer.member.tenant_id) as uow:
        assert uow.billing_calls.open_of("refund") == []


def test_what_the_bank_took_back_is_not_given_back_besides(case: Case, database: Database) -> None:
    def dispute(state: DisputeState, cents: int) -> None:
        lost = Dispute(Provider.STRIPE, "dp_1", case.payment_id, None, state, "usd", cents, None, None, datetime.now(UTC))
        with database.begin(case.payer.member.tenant_id) as uow:
            uow.billing.lock()
            uow.billing_told.tell(lost, at=datetime.now(UTC))

    dispute(DisputeState.OPEN, 1_000)
    assert case.ask("a", amount_cents=100).status_code == 201
    dispute(DisputeState.LOST, PAID - 300)
    assert pointers(assert_problem(case.ask("b", amount_cents=201), 422)) == ["/amount_cents"]
    assert case.ask("c").json()["amount_cents"] == 200
    assert "dispute" in assert_problem(case.ask("d"), 409)["detail"]
    assert case.there == [100, 200]


@pytest.mark.parametrize("kind", ["rate_limit", "error", "lost", "error_after"])
def test_an_answer_that_is_lost_is_found_by_the_same_key(case: Case, kind: str) -> None:
    case.trouble(kind)
    lost = case.ask("a", amount_cents=900)

    answers = [case.ask("a", amount_cents=900) for _ in range(2)]

    assert lost.status_code in (201, 503)
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert case.there == [900]


def test_another_refund_of_the_payment_waits_for_the_one_that_is_in_doubt(case: Case) -> None:
    case.trouble("lost")
    assert case.ask("a", amount_cents=900).status_code == 503

    assert_problem(case.ask("b", amount_cents=900), 409)
    assert case.ask("a", amount_cents=900).status_code == 201
    assert case.ask("b", amount_cents=900).status_code == 201
    assert case.there == [900, 900]


@pytest.mark.parametrize(("kind", "wanted"), [("lost", [900]), ("error", [])])
def test_one_that_nobody_asks_for_again_is_settled_by_a_look(case: Case, database: Database, kind: str, wanted: list[int]) -> None:
    case.trouble(kind, times=1)
    assert case.ask("a", amount_cents=900).status_code == 503
    shops = Shops(MappingProxyType({Provider.STRIPE: case.payer.shop.payments}))

    done = finish_unfinished(Nightly(database, case.payer.member), shops, now=datetime.now(UTC) + timedelta(hours=1))

    assert done == 1

    with database.begin(case.payer.member.tenant_id) as uow:
        assert [each.amount_cents for each in uow.billing.refunds_of(case.payment_id)] == wanted
        assert uow.billing_calls.open_of("refund") == []
    assert case.there == wanted
