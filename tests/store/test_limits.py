"""Whatever asks what a plan allows asks the same: overrides and the grace of overdue payments count for seats, channels, watermarks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from domain.admin import PlanOverride
from domain.errors import NotInPlan, PaymentNeeded
from store.database import Database
from store.ids import new_id
from tests.conftest import Member, TestUrls, make_member

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def superuser(urls: TestUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        yield connection


def override(database: Database, member: Member, what: str, *, plan: str | None = None, most: int | None = None) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.overrides.put(PlanOverride(what, plan, most, None if plan else "total", "ticket 17", LATER))


def room(database: Database, member: Member) -> int | None:
    with database.begin(member.tenant_id) as uow:
        return uow.channels.room_of(member.user_id)[1]


def test_an_override_of_the_plan_gives_its_channels_and_takes_the_watermark(database: Database, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        before = uow.usage.clip_watermark()

    override(database, member, "plan", plan="growth")

    with database.begin(member.tenant_id) as uow:
        assert (before, uow.usage.clip_watermark()) == ("made with Whyral", None)
    assert room(database, member) == 30
    override(database, member, "channels", most=7)
    assert room(database, member) == 7


def test_an_overdue_payment_that_is_borne_with_takes_no_channels(
    database: Database, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    set_to = "update subscriptions set plan = 'growth', status = 'failed', grace_until = %s where tenant_id = %s"
    superuser.execute(set_to, (LATER, member.tenant_id))
    assert room(database, member) == 30

    superuser.execute(set_to, (LATER - timedelta(days=2), member.tenant_id))

    with pytest.raises(PaymentNeeded):
        room(database, member)


def test_a_plan_without_channels_says_so(database: Database, member: Member, superuser: psycopg.Connection[Any]) -> None:
    name = f"bare_{new_id().hex}"
    superuser.execute("insert into plans (plan, title, limits) values (%s, 'Bare', '{}')", (name,))
    override(database, member, "plan", plan=name)

    with pytest.raises(NotInPlan):
        room(database, member)


@pytest.mark.parametrize(("most", "outcome"), [(1, "full"), (2, "joined"), (None, "joined")])
def test_seats_that_an_administrator_set_hold_for_who_joins(
    database: Database, member: Member, superuser: psycopg.Connection[Any], most: int | None, outcome: str
) -> None:
    guest, secret = make_member(database), new_id().bytes
    override(database, member, "seats", most=most)
    superuser.execute("update users set is_verified = true where user_id = %s", (guest.user_id,))
    superuser.execute(
        "insert into invitations (tenant_id, invitation_id, email, role, token_hash, expires_at, invited_by)"
        " values (%s, %s, %s, 'member', %s, %s, %s)",
        (member.tenant_id, new_id(), guest.email, secret, LATER, member.user_id),
    )

    with database.begin_anonymous() as uow:
        uow.connection.exec_driver_sql("select set_config('app.user', %s, true)", (str(guest.user_id),))
        found = uow.connection.exec_driver_sql("select outcome from app.accept_invitation(%s)", (secret,)).scalar_one()

    assert found == outcome
