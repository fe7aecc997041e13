"""Looking for secrets that were planted: in a dump of a database, in files, in words. In every form that they may have been kept in."""

import base64
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from gateways.postgres.binaries import of_the_wheel


def forms(secret: str) -> set[bytes]:
    """As it is, as PostgreSQL prints bytes, as Base64 at any offset, percent-encoded, as JSON escapes nothing else of it."""
    plain = secret.encode()
    found = {plain, plain.hex().encode(), quote(secret, safe="").encode()}
    for offset in range(3):
        # What stands before and behind changes up to four letters at the ends.
        packed = base64.b64encode(b"\0" * offset + plain)
        found |= {packed[4:-4], packed[4:-4].replace(b"+", b"-").replace(b"/", b"_")}
    return found


def leaked(secrets: Mapping[str, str], content: bytes) -> list[str]:
    """The names of the secrets that stand in there."""
    return [name for name, secret in secrets.items() if any(form in content for form in forms(secret))]


def dump(superuser_url: str) -> bytes:
    """Every row of every table, schema and all, as pg_dump writes it."""
    address = superuser_url.replace("postgresql+psycopg://", "postgresql://")
    program = str(of_the_wheel().program("pg_dump"))
    return subprocess.run([program, "--no-owner", "--dbname", address], capture_output=True, timeout=120, check=True).stdout


def everything_below(folders: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """All files there: Dagster's event log, run records and compute logs among them."""
    for folder in folders:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            yield path, path.read_bytes()
