"""A process that dies anywhere between reserving and committing loses nothing: what the provider charged is in the ledger.

`make fuzz-ledger` plays 5,000 flows.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from store.database import Database
from tests.conftest import TestUrls as Urls
from tests.conftest import make_member, make_urls
from tests.money.rooms import make_room
from tests.money.victim import MOST
from tests.store.ledger_books import assert_balanced
from tests.trust.campaign import seeded, told

FAST_FLOWS, FULL_FLOWS = 24, 5_000


def test_what_was_charged_is_booked_wherever_the_caller_dies(superuser_url: str, tmp_path: Path) -> None:
    play(superuser_url, tmp_path, FAST_FLOWS)


@pytest.mark.fuzz
def test_what_was_charged_is_booked_in_five_thousand_flows(superuser_url: str, tmp_path: Path) -> None:
    play(superuser_url, tmp_path, FULL_FLOWS)


def play(superuser_url: str, folder: Path, flows: int) -> None:
    urls, provider, seed = make_urls(superuser_url, f"killed_{flows}"), folder / "provider", seeded("killed").randint(0, 10**9)
    database = Database(urls.app, system_url=urls.system, pool_size=2)
    tenant_id = make_member(database).tenant_id
    make_room(urls, database, tenant_id)
    words = {"url": urls.app, "tenant": str(tenant_id), "provider": str(provider), "seed": seed, "flows": flows}

    done = subprocess.run([sys.executable, "-m", "tests.money.victim", json.dumps(words)], capture_output=True, text=True, check=False)
    with database.begin_system() as system:
        system.ledger.sweep(datetime.now(UTC) + timedelta(hours=1), limit=10 * flows)

    assert done.stdout.endswith("done\n"), done.stderr
    lines = provider.read_text(encoding="utf-8").splitlines() if provider.exists() else []
    charged = {operation: Decimal(price) for operation, price in map(str.split, lines)}
    booked = books(urls)
    told("killed", flows=flows, charged=len(charged), **{state: sum(each[0] == state for each in booked.values()) for state in STATES})
    assert len(lines) == len(charged)
    assert set(charged) <= set(booked)
    for operation, (state, spent, has_begun) in booked.items():
        price = charged.get(operation)
        known = price is not None and (state, spent) == ("committed", price)
        not_seen = has_begun and (state, spent) == ("unknown", MOST)
        assert known or not_seen or (price is None and state == "released"), (operation, state, spent, price)
    assert_balanced(urls, database)
    database.close()


STATES = ("committed", "unknown", "released")


def books(urls: Urls) -> dict[str, tuple[str, Decimal | None, bool]]:
    engine = sa.create_engine(urls.superuser.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("select operation, state, spent_usd, began_at is not null as has_begun from reservations"))
        return {row.operation: (row.state, row.spent_usd, row.has_begun) for row in rows}
