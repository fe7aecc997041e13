"""Transactions survive a server that closed their connections, and what the driver itself meets is told as what SQLAlchemy meets."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.errors import SourceUnavailable, Unacceptable
from store.database import Database
from store.ids import new_id
from store.work import SystemWork, UnitOfWork
from tests.conftest import TestUrls as Urls
from tests.library import put, seen


class Closable:
    """A database whose connections can be ended from outside."""

    def __init__(self, urls: Urls, superuser: psycopg.Connection[Any]) -> None:
        self._name, self._superuser = f"closable-{new_id().hex[-12:]}", superuser
        self.database = Database(urls.app, system_url=urls.system, pool_size=3, application=self._name)

    def end_all(self) -> int:
        ended = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where application_name = %s"
        row = self._superuser.execute(ended, [self._name]).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def closable(urls: Urls) -> Iterator[Closable]:
    with psycopg.connect(urls.superuser, autocommit=True) as superuser:
        made = Closable(urls, superuser)
        yield made
        made.database.close()


@pytest.mark.parametrize("way", ["tenant", "anonymous", "system"])
def test_connections_that_the_server_closed_are_replaced_unnoticed(closable: Closable, tenant_id: UUID, way: str) -> None:
    database = closable.database
    begins: dict[str, Callable[[], AbstractContextManager[UnitOfWork | SystemWork]]] = {
        "tenant": lambda: database.begin(tenant_id), "anonymous": database.begin_anonymous, "system": database.begin_system,
    }  # fmt: skip
    begin = begins[way]
    with ExitStack() as together:
        for _ in range(3):
            together.enter_context(begin())
    ended = closable.end_all()

    for _ in range(3):
        with begin() as work:
            assert work.connection.exec_driver_sql("select 1").scalar_one() == 1

    assert ended == 3


def test_a_connection_lost_within_a_transaction_is_said_and_the_next_one_is_good(closable: Closable, tenant_id: UUID) -> None:
    database = closable.database

    def lose_it() -> None:
        with database.begin(tenant_id) as uow:
            closable.end_all()
            uow.videos.page(sort="views", is_descending=True, limit=1)

    with pytest.raises(SourceUnavailable):
        lose_it()

    with database.begin(tenant_id) as uow:
        assert uow.videos.page(sort="views", is_descending=True, limit=1) == []


def test_a_hot_read_that_fails_rolls_back_and_says_what_any_read_says(database: Database, tenant_id: UUID) -> None:
    def write_and_fail() -> None:
        with database.begin(tenant_id) as uow:
            uow.connection.exec_driver_sql("update tenants set name = 'Changed'")
            uow.videos.page(sort="views", is_descending=True, limit=1, filters={"platform": "a\0b"})

    with pytest.raises(Unacceptable):
        write_and_fail()

    with database.begin(tenant_id) as uow:
        assert uow.connection.exec_driver_sql("select name from tenants").scalar_one() == "Test"


def test_a_hot_read_sees_its_own_transaction(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen("x", 1)])

    with database.begin(tenant_id) as uow:
        uow.connection.exec_driver_sql("update videos set views = 2")
        found = uow.videos.page(sort="views", is_descending=True, limit=1)

    assert [video.views for video in found] == [2]
