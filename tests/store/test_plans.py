"""The packaged plans in the table: loaded once, never set back, and overridden for a time."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from domain.billing.shelf import wares
from domain.errors import LimitReached, NotInPlan
from domain.plans import Limit
from store import plans
from store.database import Database
from store.ids import new_id
from tests.conftest import Member, make_member, make_urls

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


@pytest.fixture
def owner(superuser_url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(make_urls(superuser_url, f"plans_{new_id().hex}").owner, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def title(connection: sa.Connection) -> str:
    return str(connection.execute(sa.text("select title from plans where plan = 'growth'")).scalar_one())


def test_loading_once_more_changes_nothing(owner: sa.Connection) -> None:
    assert plans.load(owner) == 0


def test_a_newer_version_counts_and_an_older_one_changes_nothing(owner: sa.Connection) -> None:
    now = plans.packaged()
    newer = replace(now, version=now.version + 1, plans=tuple(replace(each, title=f"{each.title} 2") for each in now.plans))

    changed, after = plans.load(owner, newer), title(owner)

    assert (changed, after, plans.load(owner), title(owner)) == (4, "Growth 2", 0, "Growth 2")


def test_what_is_offered_is_the_file(database: Database) -> None:
    with database.begin_anonymous() as uow:
        offered = {each.plan: each for each in uow.plans.offered()}

    for plan in plans.packaged().plans:
        assert (offered[plan.plan].limits, offered[plan.plan].prices) == (plan.limits, plan.prices)
    assert isinstance(offered["free"].limits["channels"], Limit)


PUT = """
insert into plan_overrides (tenant_id, what, plan, most, period, reason, expires_at)
values (:tenant, :what, :plan, :most, 'day', 'x', now() + cast(:until as interval))"""


def override(
    database: Database, member: Member, what: str, *, plan: str | None = None, most: int | None = None, until: str = "1 day"
) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text(PUT), {"tenant": member.tenant_id, "what": what, "plan": plan, "most": most, "until": until})


def taken(database: Database, member: Member, meter: str, amount: int) -> int | None:
    with database.begin(member.tenant_id) as uow:
        return uow.usage.take(meter, amount, operation=new_id().hex, now=NOON).limit


def test_an_override_counts_until_it_expires(database: Database, member: Member, other: Member) -> None:
    override(database, member, "imports_per_day", most=70)
    override(database, other, "imports_per_day", most=70, until="-1 second")

    assert taken(database, member, "imports_per_day", 70) == 70
    with pytest.raises(LimitReached):
        taken(database, other, "imports_per_day", 51)


def test_a_plan_that_was_given_for_a_time_counts_whatever_was_paid(database: Database, member: Member) -> None:
    override(database, member, "plan", plan="growth")
    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text("update subscriptions set status = 'expired'"))
        current, caps = uow.plans.current(), uow.costs.caps()

    assert (current, caps) == (("growth", "active"), (Decimal(6), Decimal(18)))
    assert taken(database, member, "imports_per_day", 250) == 250


def test_a_meter_that_only_a_larger_plan_has_names_it(database: Database, member: Member) -> None:
    with pytest.raises(NotInPlan) as refusal:
        taken(database, member, "spaceships", 1)
    with pytest.raises(LimitReached) as full:
        taken(database, member, "imports_per_day", 51)

    assert (refusal.value.upgrade, full.value.upgrade) == (None, "starter")


def test_a_price_that_is_sold_no_more_still_carries_its_plan(superuser_url: str) -> None:
    urls, now = make_urls(superuser_url, f"plans_{new_id().hex}"), plans.packaged()
    old = replace(now.plans[1], prices=tuple(replace(each, is_sold=False) for each in now.plans[1].prices))
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        assert plans.load(connection, replace(now, version=now.version + 1, plans=(now.plans[0], old, *now.plans[2:]))) == len(now.plans)

    with closing(Database(urls.app)) as database, database.begin(make_member(database).tenant_id) as uow:
        offers, offered = uow.billing.offers(), uow.plans.offered()

    assert {key: (each.plan, each.is_sold) for key, each in offers.items() if each.plan == old.plan} == {
        each.lookup_key: (old.plan, False) for each in old.prices
    }
    assert all(each.is_sold for each in offers.values() if each.plan != old.plan)
    assert {each.lookup_key for each in wares(offered)} == set(offers) - {each.lookup_key for each in old.prices}
