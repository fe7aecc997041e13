"""Processes that buy and change plans and die at a chosen moment: `python -m tests.money.charges.victim WORDS`, JSON.

A payer has three flows: buying, and two changes that are charged at once. In each the first process is killed before or after one of the
things that it asks of the database or of Stripe; others take it up: by the same call again, or by a look at what broke off.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import httpx
import requests
from requests.adapters import HTTPAdapter

from domain.billing.states import Provider
from domain.errors import SourceUnavailable, WhyralError
from domain.ports import Shops
from gateways.stripe_payments import StripeAccess, StripePayments
from services.billing import buying, mirroring
from services.billing.calling import UNDER_WAY
from services.billing.deeds import Till
from store.database import Database
from store.work import UnitOfWork
from tests.gateways.shops import VISA
from tests.trust.victim import Deadly

PRICES = ("starter_monthly", "growth_monthly", "scale_monthly")
PAGES = buying.Pages("https://us.example/ok", "https://us.example/no")
# What a flow asks of the database and of Stripe, with some room: beyond it nobody is killed.
LAST_POINTS = (190, 125, 125)
TROUBLES = ("lost", "error_after", "in_use", "lock_timeout", "rate_limit", "error")
MOST_LIVES = 6
DONE, AGAIN = 0, 3


class DeadlyRoad(HTTPAdapter):
    """Counts what is asked of Stripe, before and after."""

    def __init__(self, deadly: Deadly) -> None:
        super().__init__()
        self._deadly = deadly

    def send(self, *args: Any, **words: Any) -> requests.Response:
        self._deadly._pass()
        answer = super().send(*args, **words)
        self._deadly._pass()
        return answer


@dataclass
class Payer:
    """One process of ours, with one workspace. `life`: which process it is; each comes after the one before was given up."""

    words: Mapping[str, Any]
    tenant_id: UUID
    life: int

    def __post_init__(self) -> None:
        self.database = Database(self.words["url"], pool_size=1)
        self.stripe = StripePayments(StripeAccess("sk_test_sandbox", (), self.words["shop"], retries=0, read_seconds=10.0))
        later = (UNDER_WAY + timedelta(minutes=1)) * self.life
        self.till = Till(self, Shops(MappingProxyType({Provider.STRIPE: self.stripe})), datetime.now(UTC) + later)

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.tenant_id)

    def flow(self, number: int) -> None:
        if number == 0:
            self.buy(f"flow-{self.tenant_id}-0")
        else:
            buying.change(self.till, f"flow-{self.tenant_id}-{number}", PRICES[number])

    def buy(self, operation: str) -> None:
        page = buying.checkout(self.till, operation, PRICES[0], PAGES).answer["url"]
        paid = httpx.post(page, json={"card": VISA}, trust_env=False)
        assert paid.status_code in (200, 400), paid.text  # 400: paid before
        mirroring.refresh(self, self.till.shops, Provider.STRIPE, now=self.till.now, cause="payer")


def main() -> None:
    words = json.loads(sys.argv[1])
    chance, counts = random.Random(words["seed"]), {"flows": 0, "killed": 0, "lives": 0, "troubles": 0}
    for tenant in words["tenants"]:
        for number in range(len(PRICES)):
            play(words, UUID(tenant), number, chance, counts)
    sys.stdout.write(json.dumps(counts) + "\n")


def play(words: Mapping[str, Any], tenant: UUID, number: int, chance: random.Random, counts: dict[str, int]) -> None:
    door = f"{words['shop']}/_stripe/troubles"
    httpx.delete(door, trust_env=False)
    if chance.random() < 0.5:
        counts["troubles"] += 1
        trouble = {"where": "POST /v1/", "kind": chance.choice(TROUBLES), "times": chance.randint(1, 2), "skip": chance.randint(0, 3)}
        httpx.post(door, json=trouble, trust_env=False).raise_for_status()
    is_repeated, turn = number == 0 or chance.random() < 0.6, chance.randint(1, LAST_POINTS[number])
    counts["flows"] += 1
    for life in range(MOST_LIVES):
        status = in_a_child(words, tenant, number, life, turn=0 if life else turn, is_repeated=is_repeated)
        counts["lives"] += 1
        counts["killed"] += status == -signal.SIGKILL
        if status == DONE:
            return
    raise SystemExit(f"{tenant}: flow {number} does not end")


def in_a_child(words: Mapping[str, Any], tenant: UUID, number: int, life: int, *, turn: int, is_repeated: bool) -> int:
    child = os.fork()
    if child == 0:
        os._exit(lived(Payer(words, tenant, life), number, turn, is_repeated=is_repeated))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def lived(payer: Payer, number: int, turn: int, *, is_repeated: bool) -> int:
    if turn:
        payer.stripe._session.mount("http://", DeadlyRoad(Deadly(turn)))
    try:
        if payer.life == 0 or is_repeated:
            payer.flow(number)
        else:
            buying.read_anew(payer.till)
    except SourceUnavailable:
        return AGAIN
    except WhyralError as error:
        sys.stderr.write(f"{number} {payer.life} {error!r}\n")
        return AGAIN if number == 0 else DONE
    return DONE


if __name__ == "__main__":
    main()
