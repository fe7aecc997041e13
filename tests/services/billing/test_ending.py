"""Nobody pays for a workspace that was erased, and what is kept of its payments names nobody."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from domain.billing.orders import RefundOrder
from domain.ports import Platforms, Shops
from domain.rights import PROVIDER_PATIENCE, SECOND_LOOK
from gateways.files.store import LocalFiles
from services.billing import buying
from services.billing.deeds import Till
from services.rights import erasing
from services.rights.erasing import Looked, Outside
from store.database import Database, MemberEntry
from store.ids import new_id
from tests.conftest import make_member, make_urls
from tests.gateways.shops import VISA
from tests.services.billing import payers
from tests.services.billing.payers import Payer
from tests.services.test_erasing import FakeTraces


@dataclass
class Leaver(Payer):
    """Whose workspace is to be erased. `superuser` looks everywhere."""

    superuser: psycopg.Connection[Any]


@pytest.fixture(scope="module")
def own(superuser_url: str) -> Iterator[tuple[Database, psycopg.Connection[Any]]]:
    urls = make_urls(superuser_url, f"ending_{new_id().hex}")
    database = Database(urls.app, system_url=urls.system)
    with psycopg.connect(urls.superuser, autocommit=True) as connection:
        yield database, connection
    database.close()


@pytest.fixture
def payer(own: tuple[Database, psycopg.Connection[Any]]) -> Iterator[Leaver]:
    with payers.opened() as there:
        made = Leaver(own[0], make_member(own[0]), there, own[1])
        made.listen()
        yield made


def ask(payer: Payer) -> None:
    with payer.database.begin(MemberEntry(payer.member.tenant_id, payer.member.user_id)) as uow:
        erasing.ask(uow, uow.identity.profile(payer.member.user_id).tenant_name, now=payer.shop.now, grace=timedelta(0))


def look(payer: Payer, folder: Path, *, after: timedelta = timedelta(0), shops: Shops | None = None) -> Looked:
    outside = Outside(LocalFiles(folder), Platforms(), FakeTraces(), shops or payer.shops)
    return erasing.erase_due(payer.database, outside, now=payer.shop.now + after)


def test_subscriptions_are_canceled_and_events_are_gone(payer, tmp_path):
    bought = payer.buy()
    payer.keep(payer.told())
    payer.hear()
    ask(payer)

    assert look(payer, tmp_path).erased == 1
    assert payer.shop.again(bought).state == "canceled"
    assert payer.events() == {}
    assert look(payer, tmp_path, after=SECOND_LOOK).ended == 1


def test_one_that_was_never_mirrored_is_canceled_too(payer, tmp_path):
    bought = payer.buy()
    ask(payer)

    assert look(payer, tmp_path).erased == 1
    assert payer.shop.again(bought).state == "canceled"


def test_nobody_buys_on_a_page_that_was_open(payer, tmp_path):
    till = Till(payer, payer.shops, payer.shop.now)
    page = buying.checkout(till, "op", "growth_monthly", buying.Pages("https://us.example/ok", "https://us.example/no")).answer
    ask(payer)

    assert look(payer, tmp_path).erased == 1
    assert httpx.post(page["url"], json={"card": VISA}, trust_env=False).status_code == 400
    assert payer.shop.sdk.subscriptions.list().data == []


@pytest.mark.parametrize("kind", ["error", "lost", "error_after"])
def test_whatever_breaks_off_the_next_try_ends_it(payer, tmp_path, kind):
    bought = payer.buy()
    ask(payer)
    payer.shop.door("troubles", where="DELETE /v1/subscriptions", kind=kind, times=1)
    first = look(payer, tmp_path)
    second = look(payer, tmp_path, after=timedelta(minutes=6)) if first.put_off else first

    assert second.erased == 1
    assert payer.shop.again(bought).state == "canceled"


def test_a_provider_that_does_not_answer_is_waited_for_a_day_and_no_longer(payer, tmp_path):
    bought = payer.buy()
    ask(payer)
    waits = look(payer, tmp_path, shops=Shops())
    done = look(payer, tmp_path, shops=Shops(), after=PROVIDER_PATIENCE + timedelta(minutes=1))

    assert "could not be ended yet" in waits.put_off[0]
    assert done.erased == 1
    (left,) = payer.superuser.execute("select subject from audit_log where action = 'billing.left_running'").fetchall()
    assert bought.customer_id in left[0]


def test_what_is_kept_of_payments_names_nobody(payer, tmp_path):
    payer.buy()
    told = payer.told()
    payer.keep(told)
    payer.hear()
    (payment,) = {each.thing.payment_id for each in told if each.type == "charge.succeeded"}
    payer.shop.payments.refund(RefundOrder(payment, 500, "requested_by_customer"), key="back")
    ask(payer)
    look(payer, tmp_path)
    look(payer, tmp_path, after=SECOND_LOOK)

    kept = [
        row[0]
        for table in ("billing_invoices", "billing_payments", "billing_refunds")
        for row in payer.superuser.execute(f"select data from {table} where tenant_id = %s", (payer.member.tenant_id,)).fetchall()
    ]
    assert sum("total_cents" in each for each in kept) == 1
    words = json.dumps(kept)
    assert payer.member.email not in words
    assert "http" not in words
