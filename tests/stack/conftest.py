"""One whole Whyral per session: `whyral up` on free ports and a home of its own, seen from outside only.

Tests may kill any part of it. Whoever asks for `stack` gets it running: it is started where an earlier test has stopped it.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateways.postgres_server import PostgresServer
from tests.stack.running import Whyral, Workspace


@pytest.fixture(scope="session")
def whyral() -> Iterator[Whyral]:
    """Its home, not yet running; below a folder that PostgreSQL's user can reach, too."""
    with tempfile.TemporaryDirectory(prefix="whyral-stack-") as folder:
        Path(folder).chmod(0o755)
        made = Whyral(Path(folder) / "home", WHYRAL_SANDBOX="true")
        yield made
        if made.process is not None:
            made.stop()
        PostgresServer(made.home, port=None).remove()


@pytest.fixture
def stack(whyral: Whyral) -> Whyral:
    """Up and running."""
    if whyral.process is None:
        whyral.start()
    return whyral


@pytest.fixture
def workspace(stack: Whyral) -> Iterator[Workspace]:
    """A tenant of the test's own."""
    made = stack.workspace()
    yield made
    made.http.close()
