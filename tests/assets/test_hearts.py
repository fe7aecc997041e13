"""A run's heart: it beats for its own request only, and for nobody who is gone or unwanted."""

import threading
from uuid import UUID

import pytest
import sqlalchemy as sa

from assets.hearts import Heart
from domain.errors import SourceUnavailable
from domain.requests import Request
from services import requests
from store.database import Database
from store.ids import new_id
from tests.conftest import TestUrls as Urls

BEAT_SECONDS = 0.01


@pytest.fixture
def run_id() -> str:
    return new_id().hex


@pytest.fixture
def request_of(database: Database, tenant_id: UUID, run_id: str) -> Request:
    """Claimed by the run."""
    with database.begin(tenant_id) as uow:
        asked = requests.ask(uow, "insights", {})
        uow.requests.claim(asked.request_id, 1, run_id)
        return uow.requests.get(asked.request_id)


def beating(database: Database, request: Request, run_id: str) -> Heart:
    return Heart.of(database, request, run_id, beat_seconds=BEAT_SECONDS, warn=lambda _: None)


def has_ended(heart: Heart) -> bool:
    heart._thread.join(20)
    return not heart._thread.is_alive()


def test_one_heart_beats_for_all_steps_of_a_run(database: Database, request_of: Request, run_id: str) -> None:
    first = beating(database, request_of, run_id)
    first.wait()

    second = beating(database, request_of, run_id)

    assert second is first
    second.stop()
    assert has_ended(first)


def test_who_cancels_while_it_waits_ends_it_and_the_lease_runs_out(
    database: Database, tenant_id: UUID, request_of: Request, run_id: str
) -> None:
    heart = beating(database, request_of, run_id)
    heart.wait()

    with database.begin(tenant_id) as uow:
        uow.requests.cancel(request_of.request_id)

    assert has_ended(heart)


def test_a_request_that_another_run_has_is_let_alone(database: Database, tenant_id: UUID, request_of: Request, run_id: str) -> None:
    heart = beating(database, request_of, run_id)
    heart.wait()

    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("update requests set run_id = 'another', attempt = 2"))

    assert has_ended(heart)


def test_a_run_that_has_ended_beats_no_more(urls: Urls, request_of: Request, run_id: str) -> None:
    """Its database is closed with it, however it ended; the process may do other runs after it."""
    own = Database(urls.app)
    heart = beating(own, request_of, run_id)
    heart.wait()

    own.close()

    assert has_ended(heart)


def test_a_database_that_is_away_is_told_and_tried_again(urls: Urls, request_of: Request, run_id: str) -> None:
    told, is_told = list[str](), threading.Event()

    class Away(Database):
        def begin(self, entry: object) -> "object":  # type: ignore[override]  # never entered
            raise SourceUnavailable("database", "away")

    def warn(line: str) -> None:
        told.append(line)
        if len(told) == 2:
            is_told.set()

    own = Away(urls.app)
    heart = Heart.of(own, request_of, run_id, beat_seconds=BEAT_SECONDS, warn=warn)

    assert is_told.wait(20)
    heart.stop()
    own.close()
    assert set(told) == {"heartbeat: database: away"}
