"""Backing a deployment up into one sealed file, and bringing it back elsewhere. Part of the wiring of `cli.py`.

A backup holds the database as one snapshot, the files of every workspace (they are named by their content, and never change), and on
demand Dagster's database. It is never written in the clear. Keys are no part of it: keep WHYRAL_BACKUP_KEY and WHYRAL_TOKEN_KEYS elsewhere.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from domain.errors import Conflict, NotFound, SourceUnavailable, Unacceptable
from domain.ports import FilePort, Platforms
from domain.rights import tombstone
from gateways.backups.dumping import dump, restore
from gateways.backups.parts import PIECE, Parts, put_part
from gateways.backups.sealed import SealingWriter, head_of, opened
from gateways.files.kept import FileOptions, kept_files
from gateways.machine import port_is_free
from gateways.postgres_server import PostgresServer, ServerAddress
from gateways.vault import keys_of
from services.rights import erasing
from settings import Settings
from store import bootstrap
from store.database import Database
from store.rls import APP, OWNER, SYSTEM
from up import kept_token_keys, load_secrets

MOST_BYTES = 2**44
DATABASE, DAGSTER, TOMBSTONES, FILES = "database", "dagster", "tombstones", "files/"
Keys = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment, past its walls: `past` reads and writes everything, the others are the roles that it works with."""

    past: str
    app: str
    owner: str
    system: str
    files: FilePort
    dagster: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What a backup holds, or what came back of it."""

    files: int
    missing: int
    buried: int = 0


class NoTraces:
    """Where Dagster does not run: the look of the sensor, once it does, makes up for it."""

    def forget(self, tenant_id: UUID) -> int:  # noqa: ARG002 - the port's shape
        return 0


def write(place: Place, target: BinaryIO, keys: Keys, *, now: datetime, with_dagster: bool = False) -> Held:
    """The whole deployment into a file. Nothing but the head is in the clear."""
    sink = SealingWriter(target, keys, {"made_at": now, "schema": bootstrap.head()})
    with closing(Database(place.app, system_url=place.system, pool_size=1, application="whyral-backup")) as database:
        put_part(sink, DATABASE, dump(place.past))
        if with_dagster and place.dagster:
            put_part(sink, DAGSTER, dump(place.dagster))
        with database.begin_system() as system:
            tenants = system.requests.tenants()
            marks = place.files.erased() | frozenset(system.deletions.tombstones())
    put_part(sink, TOMBSTONES, [json.dumps(sorted(marks)).encode()])
    held = missing = 0
    for key in (key for tenant in tenants for key in place.files.keys(tenant)):
        try:
            with place.files.open(key) as source:
                put_part(sink, FILES + key, iter(lambda: source.read(PIECE), b""))
            held += 1
        except NotFound:
            missing += 1  # deleted while this was written
    sink.close()
    return Held(held, missing)


def read_back(place: Place, source: BinaryIO, keys: Keys, *, now: datetime) -> Held:
    """Into a place whose database is empty. Workspaces that were erased since do not come back. Raises Unacceptable, Conflict."""
    if not bootstrap.is_empty(place.past):
        raise Conflict("the database is not empty: restore into a new one (another WHYRAL_HOME, or a fresh database)")
    marks, count = place.files.erased(), 0
    for name, pieces in Parts(opened(source, keys)):
        if name == DATABASE:
            restore(place.past, pieces)
        elif name == DAGSTER and place.dagster and bootstrap.is_empty(place.dagster):
            restore(place.dagster, pieces)
        elif name == TOMBSTONES:
            marks |= frozenset(json.loads(b"".join(pieces)))
        elif name.startswith(FILES):
            count += _file_back(place.files, name.removeprefix(FILES), pieces, marks)
    bootstrap.migrate(place.owner)
    bootstrap.end_sessions(place.past, "a backup was restored")  # some of them were ended since
    for mark in marks:
        place.files.note_erased(mark)
    return Held(count, 0, buried=_bury(place, now))


def _file_back(files: FilePort, key: str, pieces: Iterator[bytes], marks: frozenset[str]) -> int:
    tenant_id, sha256 = UUID(key.partition("/")[0]), key.rpartition("/")[2]
    if tombstone(tenant_id) in marks:
        return 0
    if files.put(tenant_id, pieces, limit_bytes=MOST_BYTES).sha256 != sha256:
        raise Unacceptable(f"file {key} of the backup holds other bytes than its name says")
    return 1


def _bury(place: Place, now: datetime) -> int:
    """Those who were erased since the backup was made are erased again, before anything runs on it."""
    outside = erasing.Outside(place.files, Platforms(), NoTraces())
    with closing(Database(place.app, system_url=place.system, pool_size=2, application="whyral-restore")) as database:
        risen = erasing.bury_again(database, place.files, now=now)
        looked = erasing.erase_due(database, outside, now=now, limit=risen) if risen else None
    if looked is not None and looked.put_off:
        raise SourceUnavailable("restore", f"workspaces that were erased could not be erased again: {looked.put_off[0]}")
    return risen


def backup(settings: Settings, folder: Path, *, with_dagster: bool, say: Callable[[str], None]) -> Path:
    """`whyral backup`: beside a running Whyral, or without one."""
    now, keys = datetime.now(UTC), backup_keys(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"whyral-{now:%Y%m%dT%H%M%SZ}.backup"
    part = path.with_suffix(".part")
    with standing(settings) as place, part.open("xb") as target:
        part.chmod(0o600)
        held = write(place, target, keys, now=now, with_dagster=with_dagster)
    part.rename(path)
    say(f"{path}: the database, {held.files} files, sealed with the key {next(iter(keys))}, which is not in it")
    return path


def bring_back(settings: Settings, path: Path, *, say: Callable[[str], None]) -> None:
    """`whyral restore`: into an empty home, or an empty database of your own."""
    with path.open("rb") as source:
        told: dict[str, Any] = head_of(source)[0]
    say(f"a backup of {told.get('made_at')}, schema {told.get('schema')}")
    with standing(settings) as place, path.open("rb") as source:
        held = read_back(place, source, backup_keys(settings), now=datetime.now(UTC))
    say(f"restored: the database, {held.files} files; {held.buried} workspaces that were erased since were erased again")


def backup_keys(settings: Settings) -> Keys:
    """Raises Unacceptable for words that are no keys, which are not quoted."""
    words = settings.backup_key.get_secret_value() if settings.backup_key else kept_token_keys(settings)
    try:
        return keys_of(words)
    except ValueError as error:
        raise Unacceptable(str(error)) from error


@contextmanager
def standing(settings: Settings) -> Iterator[Place]:
    """The deployment's database: as it runs, or started for as long as this takes."""
    files = kept_files(FileOptions(**settings.files))
    if settings.database_url is not None:
        yield _of_the_operator(settings, files)
        return
    if port_is_free(settings.pg_port):
        settings.home.mkdir(parents=True, exist_ok=True)
        with PostgresServer(settings.home, port=settings.pg_port) as server:
            yield _embedded(settings, server.address, files)
        return
    yield _embedded(settings, PostgresServer.running(settings.home, settings.pg_port), files)


def _of_the_operator(settings: Settings, files: FilePort) -> Place:
    given = (settings.backup_database_url, settings.database_url, settings.database_owner_url, settings.database_system_url)
    if not all(given):
        raise SourceUnavailable(
            "database",
            "with DATABASE_URL set, WHYRAL_BACKUP_DATABASE_URL, WHYRAL_DATABASE_OWNER_URL and WHYRAL_DATABASE_SYSTEM_URL are needed too",
        )
    past, app, owner, system = (each.get_secret_value() for each in given if each)
    return Place(past.replace("postgresql+psycopg://", "postgresql://"), app, owner, system, files)


def _embedded(settings: Settings, address: ServerAddress, files: FilePort) -> Place:
    passwords = load_secrets(settings.home).passwords
    bootstrap.ensure_roles(address.superuser_url(), passwords)
    bootstrap.ensure_database(address.superuser_url(), "whyral", owner=OWNER, guests=(APP, SYSTEM))
    bootstrap.ensure_database(address.superuser_url(), bootstrap.DAGSTER, owner=bootstrap.DAGSTER)
    app, owner, system = (
        address.url(role, passwords[role], "whyral").replace("postgresql://", "postgresql+psycopg://") for role in (APP, OWNER, SYSTEM)
    )
    return Place(address.superuser_url("whyral"), app, owner, system, files, dagster=address.superuser_url(bootstrap.DAGSTER))
