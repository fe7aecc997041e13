"""Whether all of a database's books agree: reservations, entries, days, and the whole deployment's shares."""

from datetime import UTC, datetime

import sqlalchemy as sa

from store.database import Database
from tests.conftest import TestUrls as Urls

_DAYS = """
select count(*) from (
  select tenant_id, day, sum(case state when 'reserved' then reserved_usd else 0 end) as reserved, sum(coalesce(spent_usd, 0)) as spent
    from reservations group by 1, 2) r
  full join ledger_days d using (tenant_id, day)
 where (coalesce(r.reserved, 0), coalesce(r.spent, 0)) is distinct from (d.reserved_usd, d.spent_usd)"""
_ENTRIES = """
select count(*) from reservations r left join lateral (
  select coalesce(sum(case when target = 'reserved' then amount_usd when source = 'reserved' then -amount_usd end), 0) as reserved,
    coalesce(sum(case when target = 'spent' then amount_usd when source = 'spent' then -amount_usd end), 0) as spent
    from ledger_entries e where (e.tenant_id, e.operation) = (r.tenant_id, r.operation)) e on true
 where e.reserved <> case r.state when 'reserved' then r.reserved_usd else 0 end or e.spent <> coalesce(r.spent_usd, 0)"""
_DEPLOYMENT = """
select count(*) from (select day, sum(reserved_usd + spent_usd) as usd from ledger_days group by 1) d
  full join (select period_start as day, sum(used_usd) as usd from deployment_spending where period = 'day' group by 1) s using (day)
 where coalesce(d.usd, 0) <> coalesce(s.usd, 0)"""


def assert_balanced(urls: Urls, database: Database) -> None:
    """Nobody may be writing meanwhile."""
    with database.begin_system() as system:
        system.ledger.deployment(datetime.now(UTC))
    engine = sa.create_engine(urls.superuser.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        wrong = {name: connection.execute(sa.text(each)).scalar_one() for name, each in BOOKS.items()}
    assert wrong == dict.fromkeys(BOOKS, 0)


BOOKS = {"days": _DAYS, "entries": _ENTRIES, "deployment": _DEPLOYMENT}
