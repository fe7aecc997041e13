"""The deployment's administrators are told once that its caps come near, and once that they are reached."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from services import deployment
from store.database import Database
from store.ids import new_id
from store.work import PLATFORM
from tests.api.administering import promoted
from tests.conftest import TestUrls, make_member, make_urls
from tests.money.rooms import cap_deployment, cap_workspace

NOW = datetime.now(UTC)


@pytest.fixture
def place(superuser_url: str) -> Iterator[tuple[TestUrls, Database]]:
    urls = make_urls(superuser_url, f"deployment_{new_id().hex}")
    made = Database(urls.app, system_url=urls.system)
    yield urls, made
    made.close()


def watch(database: Database) -> int:
    with database.begin_system() as system:
        return deployment.watch(system, now=NOW)


def told(database: Database) -> tuple[list[tuple[str, str]], list[str]]:
    with database.begin_system() as system:
        found = system.connection.execute(
            sa.text("select dedupe_key, severity from alerts where tenant_id = :p order by 1"), {"p": PLATFORM}
        )
        alerts = [(row.dedupe_key, row.severity) for row in found]
        return alerts, list(system.connection.execute(sa.text("select recipient from outbox order by 1, subject")).scalars())


def test_a_cap_that_comes_near_and_is_reached_is_told_once_each_to_every_administrator(place: tuple[TestUrls, Database]) -> None:
    urls, database = place
    bosses = sorted(promoted(database, make_member(database)).email for _ in range(2))
    tenants = [make_member(database).tenant_id for _ in range(2)]
    cap_deployment(urls, Decimal(10), Decimal(1000))
    counts = [watch(database)]
    for number, usd in enumerate(("7.5", "0.6", "1.9")):
        tenant_id = tenants[number % 2]
        if number < 2:
            cap_workspace(database, tenant_id, Decimal(100))
        with database.begin(tenant_id) as uow:
            uow.ledger.reserve(f"x{number}", "x", Decimal(usd), now=NOW, expires_at=NOW + timedelta(hours=1))
        counts += [watch(database), watch(database)]

    alerts, mails = told(database)

    assert counts == [0, 0, 0, 1, 0, 1, 0]
    day = f"deployment:{NOW:%Y-%m-%d}"
    assert alerts == [(f"{day}:cap", "critical"), (f"{day}:warned", "warning")]
    assert mails == [each for boss in bosses for each in (boss, boss)]


def test_nobody_else_is_told_who_administers(place: tuple[TestUrls, Database]) -> None:
    _, database = place

    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), database.begin(make_member(database).tenant_id) as uow:
        uow.connection.execute(sa.text("select * from app.platform_admins()"))
