"""`whyral billing events`: what could not be dealt with is listed, and dealt with once more where somebody says so."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import cli
from domain.billing.events import BillingEvent, EventKind
from domain.billing.states import Provider
from store.database import Database
from store.ids import new_id
from tests.conftest import TestUrls as Urls

EVENT = BillingEvent(
    provider=Provider.STRIPE, event_id="", kind=EventKind.REFUND, type="refund.created", created_at=datetime(2026, 11, 1, tzinfo=UTC),
    thing=None, thing_id=None, customer_id=None, subscription_id=None, reference=None, wording=None, is_live=False,
)  # fmt: skip


@pytest.fixture
def runner(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", urls.app)
    monkeypatch.setenv("WHYRAL_DATABASE_SYSTEM_URL", urls.system)
    return CliRunner()


@pytest.fixture
def failed(database: Database) -> str:
    """An event of nobody, given up."""
    name = f"evt_{new_id().hex}"
    with database.begin_anonymous() as uow:
        uow.billing_events.keep(replace(EVENT, event_id=name), b"{}")
    with database.begin_system() as system:
        gone = "update billing_events set state = 'failed', attempts = 10, error = 'nobody knew', ended_at = now() where event_id = :id"
        system.connection.execute(sa.text(gone), {"id": name})
    return name


def state(database: Database, name: str) -> tuple[str, int, datetime | None]:
    with database.begin_system() as system:
        found = sa.text("select state, attempts, ended_at from billing_events where event_id = :id")
        row = system.connection.execute(found, {"id": name}).one()
    return row.state, row.attempts, row.ended_at


def test_events_that_were_given_up_are_listed_and_left_alone(runner: CliRunner, database: Database, failed: str) -> None:
    told = runner.invoke(cli.main, ["billing", "events", "--output", "json"])

    (found,) = [each for each in json.loads(told.stdout) if each["event_id"] == failed]
    assert (found["type"], found["tenant_id"], found["error"]) == ("refund.created", None, "nobody knew")
    assert state(database, failed)[:2] == ("failed", 10)


def test_they_wait_once_more_where_that_is_asked_for(runner: CliRunner, database: Database, failed: str) -> None:
    told = runner.invoke(cli.main, ["billing", "events", "--retry"])

    assert (told.exit_code, "wait once more" in told.stderr) == (0, True)
    assert state(database, failed) == ("kept", 0, None)
    assert failed not in runner.invoke(cli.main, ["billing", "events", "--output", "json"]).stdout
