"""The listener hears what changed, and says when it may have missed something."""

from collections.abc import Iterator
from queue import Empty, Queue
from uuid import UUID

import psycopg
import pytest

from domain.requests import State
from services import requests as verbs
from store.database import Database
from store.ids import new_id
from store.notifications import Listener
from tests.conftest import Member, make_member, make_urls
from tests.conftest import TestUrls as Urls

Heard = Queue[tuple[UUID, UUID] | None]
PATIENCE = 20


@pytest.fixture
def alone(superuser_url: str) -> Urls:
    """A database in which nobody else changes requests."""
    return make_urls(superuser_url, f"heard_{new_id().hex}")


@pytest.fixture
def database(alone: Urls) -> Iterator[Database]:
    made = Database(alone.app, system_url=alone.system)
    yield made
    made.close()


@pytest.fixture
def member(database: Database) -> Member:
    return make_member(database)


@pytest.fixture
def heard(alone: Urls) -> Iterator[Heard]:
    """What a running listener heard; it has said that it listens."""
    queue: Heard = Queue()
    listener = Listener(alone.app, queue.put)
    listener.start()
    assert queue.get(timeout=PATIENCE) is None
    yield queue
    listener.stop()


def ask(database: Database, tenant_id: UUID) -> UUID:
    with database.begin(tenant_id) as uow:
        return verbs.ask(uow, "insights", {}).request_id


def kill(urls: Urls) -> int:
    """End every listener's connection. Returns how many there were."""
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://")) as connection:
        ended = connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'whyral-listener' and datname = current_database()"
        )
        return len(ended.fetchall())


def test_a_new_request_and_each_change_of_it_are_heard(database: Database, member: Member, heard: Heard) -> None:
    request = ask(database, member.tenant_id)
    with database.begin(member.tenant_id) as uow:
        uow.requests.end(request, State.CANCELED)

    assert [heard.get(timeout=PATIENCE) for _ in range(2)] == [(member.tenant_id, request)] * 2


def test_what_is_rolled_back_is_not_heard(database: Database, member: Member, heard: Heard) -> None:
    with pytest.raises(ZeroDivisionError), database.begin(member.tenant_id) as uow:
        verbs.ask(uow, "insights", {}).progress / 0
    later = ask(database, member.tenant_id)

    assert heard.get(timeout=PATIENCE) == (member.tenant_id, later)


def test_after_a_lost_connection_it_listens_again_and_says_so(alone: Urls, database: Database, member: Member, heard: Heard) -> None:
    assert kill(alone) == 1

    assert heard.get(timeout=PATIENCE) is None
    request = ask(database, member.tenant_id)
    assert heard.get(timeout=PATIENCE) == (member.tenant_id, request)


def test_a_stopped_listener_hears_nothing_and_leaves_no_connection(alone: Urls, database: Database, member: Member) -> None:
    queue: Heard = Queue()
    listener = Listener(alone.app, queue.put)
    listener.start()
    queue.get(timeout=PATIENCE)

    listener.stop()
    ask(database, member.tenant_id)

    with pytest.raises(Empty):
        queue.get_nowait()
    assert kill(alone) == 0
