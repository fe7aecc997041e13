"""An embedded PostgreSQL of a benchmark's own, with the settings, roles and schema that `whyral up` gives it; gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateways.postgres_server import PostgresServer
from up import Urls, load_secrets, make_home, prepare_database


@dataclass(frozen=True, slots=True)
class Stage:
    """A migrated database as each role, and a home folder. `superuser` is for loading rows fast; what is measured uses the others."""

    home: Path
    urls: Urls
    superuser: str
    secret_key: str


@contextmanager
def stage() -> Iterator[Stage]:
    """Durable as in production: fsync is on."""
    home = make_home(Path(tempfile.mkdtemp(prefix="whyral-bench-")))
    home.chmod(0o755)  # the server may run as another user
    server = PostgresServer(home, port=None)
    try:
        address, kept = server.start(), load_secrets(home)
        yield Stage(home, prepare_database(address, kept), address.superuser_url("whyral"), kept.secret_key)
    finally:
        server.remove()
        shutil.rmtree(home)
