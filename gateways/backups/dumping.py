"""`pg_dump` and `pg_restore` of the embedded PostgreSQL's wheel, as streams.

They read and write past row-level security, so as a role that may.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from domain.errors import SourceRefused
from gateways.backups.parts import PIECE
from gateways.postgres.binaries import of_the_wheel
from gateways.postgres.location import ENVIRONMENT

# Of what a dump is made: everything of one database; roles are the deployment's own.
_DUMP = ("--format=custom", "--compress=gzip:3", "--no-password")
_RESTORE = ("--exit-on-error", "--single-transaction", "--no-password")


def dump(url: str) -> Iterator[bytes]:
    """A database as one consistent snapshot. Raises SourceRefused where it fails, after what came so far."""
    with tempfile.TemporaryFile() as said, _started("pg_dump", url, _DUMP, stdout=subprocess.PIPE, stderr=said) as running:
        assert running.stdout is not None  # noqa: S101 - asked for above
        while piece := running.stdout.read(PIECE):
            yield piece
        if running.wait() != 0:
            raise SourceRefused("pg_dump", _last(said))


def restore(url: str, pieces: Iterable[bytes]) -> None:
    """Into an empty database, whole or not at all. Raises SourceRefused."""
    name = f"--dbname={urlsplit(url).path.lstrip('/')}"
    with (
        tempfile.TemporaryFile() as said,
        _started("pg_restore", url, (*_RESTORE, name), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said) as running,
    ):
        assert running.stdin is not None  # noqa: S101 - asked for above
        try:
            for piece in pieces:
                running.stdin.write(piece)
            running.stdin.close()
        except BrokenPipeError:
            """It says why."""
        except BaseException:
            running.kill()  # half a dump is no dump: the transaction ends with its connection
            with suppress(BrokenPipeError):
                running.stdin.close()
            raise
        if running.wait() != 0:
            raise SourceRefused("pg_restore", _last(said))


def _started(program: str, url: str, options: tuple[str, ...], **streams: object) -> "subprocess.Popen[bytes]":
    """The password goes by the environment: arguments are for everybody to see."""
    parts = urlsplit(url)
    surroundings = {
        **ENVIRONMENT, "PGHOST": parts.hostname or "127.0.0.1", "PGPORT": str(parts.port or 5432), "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""), "PGDATABASE": unquote(parts.path.lstrip("/")),
    }  # fmt: skip
    return subprocess.Popen([of_the_wheel().program(program), *options], env=surroundings, **streams)  # type: ignore[call-overload,no-any-return]  # noqa: S603 - a program of ours


def _last(said: object) -> str:
    said.seek(0)  # type: ignore[attr-defined]
    lines = said.read().decode("utf-8", "replace").strip().splitlines()  # type: ignore[attr-defined]
    return lines[-1] if lines else "it ended without a word"
