"""Takes and reservations in any order, against a model that knows no statements: the counters, the books and the answers agree.

200 courses here; `make fuzz-ledger` plays 5,000 longer ones.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from domain.errors import WhyralError
from domain.money import PRODUCTION_CAP_USD, Purpose
from store.database import Database
from store.ids import new_id
from store.work import UnitOfWork
from tests.conftest import TestUrls as Urls
from tests.conftest import make_member, make_urls
from tests.money.rooms import PLENTY, cap_deployment, cap_workspace
from tests.store.ledger_books import assert_balanced

NOON, HOUR = datetime(2026, 2, 10, 12, tzinfo=UTC), timedelta(hours=1)
CAP, LIMIT, PER_USER, PER_PLATFORM = Decimal(10), 5, 3, 4
OVERRIDE = """
update plans set limits = limits || '{"machine": {"limit": 5, "period": "day", "per_user": 3, "per_platform": 4}}' where plan = 'free'"""
operations = st.sampled_from(["a", "b", "c", "d", "e", "f"])
users = st.sampled_from([UUID(int=1), UUID(int=2), None])
platforms = st.sampled_from(["tiktok", "youtube", None])
amounts = st.sampled_from([Decimal(text) for text in ("0", "0.0000000001", "0.3", "1", "2.5", "7")])


@dataclass
class Take:
    """What one operation took, and whether it still counts."""

    amount: int
    user: UUID | None
    platform: str | None
    counts: bool = True
    delivered: bool = False


@dataclass
class Held:
    """A reservation as the model sees it."""

    usd: Decimal
    production: str | None
    state: str = "reserved"
    spent: Decimal = Decimal(0)
    has_begun: bool = False

    @property
    def weighs(self) -> Decimal:
        return self.usd if self.state == "reserved" else self.spent


@dataclass
class Place:
    """Where the machine plays; one database for all its courses."""

    urls: Urls
    database: Database
    tenants: list[UUID] = field(default_factory=list)


@pytest.fixture(scope="module")
def place(superuser_url: str) -> Iterator[Place]:
    urls = make_urls(superuser_url, f"machine_{new_id().hex}")
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(OVERRIDE))
    cap_deployment(urls, PLENTY, PLENTY)
    made = Database(urls.app, system_url=urls.system, pool_size=2)
    yield Place(urls, made)
    made.close()


def machine(place: Place) -> type[RuleBasedStateMachine]:  # noqa: C901 - a class of its own for its place
    class Money(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            self.tenant = make_member(place.database).tenant_id
            cap_workspace(place.database, self.tenant, CAP)
            self.takes, self.held = dict[str, Take](), dict[str, Held]()

        def does(self, do: Callable[[UnitOfWork], object]) -> bool:
            try:
                with place.database.begin(self.tenant) as uow:
                    do(uow)
            except WhyralError:
                return False
            return True

        @rule(name=operations, amount=st.integers(1, 4), user=users, platform=platforms)
        def take(self, name: str, amount: int, user: UUID | None, platform: str | None) -> None:
            def take(uow: UnitOfWork) -> None:
                uow.usage._user_id = user
                uow.usage.take("machine", amount, operation=name, now=NOON, platform=platform)

            known = self.takes.get(name)
            if known is not None:
                expected = known.counts and known.amount == amount
            else:
                sums = self.used(), self.used(user=user), self.used(platform=platform)
                caps = LIMIT, PER_USER if user else LIMIT, PER_PLATFORM if platform else LIMIT
                expected = all(used + amount <= most for used, most in zip(sums, caps, strict=True))
                if expected:
                    self.takes[name] = Take(amount, user, platform)
            assert self.does(take) == expected

        def used(self, *, user: UUID | None = None, platform: str | None = None) -> int:
            return sum(
                each.amount for each in self.takes.values()
                if each.counts and (user is None or each.user == user) and (platform is None or each.platform == platform)
            )  # fmt: skip

        @rule(name=operations)
        def give_back(self, name: str) -> None:
            known = self.takes.get(name)
            assert self.does(lambda uow: uow.usage.give_back(name)) == (known is not None)
            if known is not None and not known.delivered:
                known.counts = False

        @rule(name=operations)
        def deliver(self, name: str) -> None:
            known = self.takes.get(name)
            assert self.does(lambda uow: uow.usage.deliver(name)) == (known is not None)
            if known is not None:
                known.counts = known.delivered = True

        @rule(name=operations, usd=amounts, production=st.sampled_from(["p", None]))
        def reserve(self, name: str, usd: Decimal, production: str | None) -> None:
            known = self.held.get(name)
            if known is not None:
                expected = known.usd == usd
            else:
                of_production = sum((each.weighs for each in self.held.values() if each.production == production), Decimal(0))
                expected = sum((each.weighs for each in self.held.values()), usd) <= CAP
                expected &= production is None or of_production + usd <= PRODUCTION_CAP_USD
                if expected:
                    self.held[name] = Held(usd, production)
            purpose = Purpose(production=production)
            asked = {"now": NOON, "expires_at": NOON + HOUR, "purpose": purpose}
            assert self.does(lambda uow: uow.ledger.reserve(name, name, usd, **asked)) == expected  # type: ignore[arg-type]

        @rule(name=operations)
        def began(self, name: str) -> None:
            known = self.held.get(name)
            is_open = known is not None and known.state == "reserved"
            assert self.does(lambda uow: uow.ledger.began(name)) == is_open
            if known is not None and is_open:
                known.has_begun = True

        @rule(name=operations, usd=amounts)
        def commit(self, name: str, usd: Decimal) -> None:
            self.ends(name, {"reserved", "unknown"}, "committed", usd, lambda uow: uow.ledger.commit(name, usd))

        @rule(name=operations)
        def release(self, name: str) -> None:
            self.ends(name, {"reserved"}, "released", Decimal(0), lambda uow: uow.ledger.release(name))

        @rule(name=operations)
        def lose_sight(self, name: str) -> None:
            known = self.held.get(name)
            self.ends(name, {"reserved"}, "unknown", known.usd if known else Decimal(0), lambda uow: uow.ledger.unknown(name))

        def ends(self, name: str, froms: set[str], state: str, spent: Decimal, do: Callable[[UnitOfWork], object]) -> None:
            known = self.held.get(name)
            expected = known is not None and (known.state in froms or (known.state, known.spent) == (state, spent))
            assert self.does(do) == expected
            if known is not None and known.state in froms:
                known.state, known.spent = state, spent

        @rule()
        def sweep(self) -> None:
            with place.database.begin_system() as system:
                system.ledger.sweep(NOON + HOUR, limit=10_000)
            for each in self.held.values():
                if each.state == "reserved":
                    each.state, each.spent = ("unknown", each.usd) if each.has_begun else ("released", Decimal(0))

        @invariant()
        def the_counters_are_the_models(self) -> None:
            if not hasattr(self, "tenant"):
                return
            with place.database.begin(self.tenant) as uow:
                used = {each.meter: each.used for each in uow.usage.meters(now=NOON)}["machine"]
                parts = {each.part: each.used for each in uow.usage.parts(now=NOON)}
                today, _, reserved = uow.ledger.costs(now=NOON)
            assert used == self.used()
            assert parts == {name: n for name, n in self.parts().items() if n}
            assert today == sum((each.spent for each in self.held.values()), Decimal(0))
            assert reserved == sum((each.usd for each in self.held.values() if each.state == "reserved"), Decimal(0))

        def parts(self) -> dict[str, int]:
            return {
                **{f"user:{each}": self.used(user=each) for each in (UUID(int=1), UUID(int=2))},
                **{f"platform:{each}": self.used(platform=each) for each in ("tiktok", "youtube")},
            }

    return Money


def play(place: Place, courses: int, steps: int) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    how = settings(max_examples=courses, stateful_step_count=steps, deadline=None, suppress_health_check=quiet, database=None)
    run_state_machine_as_test(machine(place), settings=how)
    assert_balanced(place.urls, place.database)


def test_200_courses_of_takes_and_reservations_go_as_the_model_says(place: Place) -> None:
    play(place, 200, 8)


@pytest.mark.fuzz
def test_5000_longer_courses_go_as_the_model_says(place: Place) -> None:
    play(place, 5_000, 60)
