"""A database of the campaign's own, for it looks across workspaces and forgets what meters remember."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

import pytest

from store.database import Database
from store.ids import new_id
from tests.canary.stage import Stage, staged
from tests.conftest import TestUrls, make_urls

Stages: TypeAlias = Callable[..., Stage]


@pytest.fixture(scope="session")
def campaign(superuser_url: str) -> TestUrls:
    return make_urls(superuser_url, f"canary_{new_id().hex}")


@pytest.fixture(scope="session")
def stage(campaign: TestUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The app as it is, over two full workspaces; who deletes what is there settles another."""
    with staged(campaign, tmp_path_factory.mktemp("files")) as made:
        made.settle(2)
        yield made


@pytest.fixture
def settled(campaign: TestUrls, tmp_path: Path) -> Iterator[Stages]:
    """`settled(3)`: an app over three full workspaces."""
    with ExitStack() as stack:

        def make(count: int, *, database: Database | None = None) -> Stage:
            stage = stack.enter_context(staged(campaign, tmp_path, database=database))
            stage.settle(count)
            return stage

        yield make
