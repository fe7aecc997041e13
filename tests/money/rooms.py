"""Caps out of the way: of one workspace, and of the whole deployment."""

from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from store import plans
from store.database import Database
from tests.conftest import TestUrls as Urls

PLENTY = Decimal(10**6)


def make_room(urls: Urls, database: Database, tenant_id: UUID, *, cap: Decimal = PLENTY) -> None:
    """The workspace may spend so much in a day and in a month; everybody together may spend plenty."""
    cap_deployment(urls, PLENTY, PLENTY)
    cap_workspace(database, tenant_id, cap)


def cap_workspace(database: Database, tenant_id: UUID, cap: Decimal) -> None:
    """In a day and in a month."""
    put = sa.text("insert into ledger_caps (tenant_id, period, cap_usd) values (:tenant, 'day', :cap), (:tenant, 'month', :cap)")
    with database.begin(tenant_id) as uow:
        uow.connection.execute(put, {"tenant": tenant_id, "cap": cap})


def cap_deployment(urls: Urls, day: Decimal, month: Decimal) -> None:
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        plans.set_deployment_caps(connection, day, month)
