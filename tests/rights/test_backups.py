"""A backup is sealed, comes back equal elsewhere, and brings nobody back who was erased since."""

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from backing_up import Place, read_back, write
from domain.errors import Conflict, Unacceptable, Unauthenticated
from domain.ports import Platforms
from domain.rights import SECOND_LOOK
from gateways.backups.sealed import CHUNK, SealingWriter, head_of, opened
from gateways.files.store import LocalFiles
from services.rights import erasing
from store import bootstrap
from store.database import Database, MemberEntry, SessionEntry
from store.ids import new_id
from store.rls import APP, OWNER, SYSTEM
from tests.canaries import Filled, fill, found_in
from tests.conftest import TestUrls as Urls
from tests.conftest import make_member, make_urls
from tests.services.test_erasing import FakeTraces

KEYS = {"test": b"k" * 32}
NOW = datetime.now(UTC)


def sealed(plain: bytes) -> bytes:
    target = io.BytesIO()
    writer = SealingWriter(target, KEYS, {"made_at": "now"})
    for first in range(0, len(plain), 100_000):
        writer.write(plain[first : first + 100_000])
    writer.close()
    return target.getvalue()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 17])
def test_what_was_sealed_opens_to_the_same(size: int) -> None:
    plain = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    assert b"".join(opened(io.BytesIO(sealed(plain)), KEYS)) == plain


SIZE = 2 * CHUNK + 17


@pytest.mark.parametrize(
    "change",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[: -(17 + 16 + 4)],
        lambda whole: whole + b"\0\0\0\x10" + b"x" * 16,
        lambda whole: whole.replace(b'"made_at": "now"', b'"made_at": "not"'),
        lambda whole: whole[:CHUNK] + bytes([whole[CHUNK] ^ 1]) + whole[CHUNK + 1 :],
        lambda whole: whole[: -(17 + 20)] + whole[-(17 + 20) :] * 2,
    ],
    ids=["one byte less", "the last chunk less", "a chunk more", "another head", "a bit flipped", "a chunk twice"],
)
def test_a_backup_that_was_changed_does_not_open(change: Callable[[bytes], bytes]) -> None:
    whole = sealed(b"p" * SIZE)

    with pytest.raises(Unacceptable, match="changed or cut off"):
        list(opened(io.BytesIO(change(whole)), KEYS))


def test_chunks_that_change_places_do_not_open() -> None:
    whole = sealed(b"p" * SIZE)
    head = len(head_of(io.BytesIO(whole))[1])
    step = 4 + CHUNK + 16
    first, second = whole[head : head + step], whole[head + step : head + 2 * step]

    with pytest.raises(Unacceptable, match="at chunk 0"):
        list(opened(io.BytesIO(whole[:head] + second + first + whole[head + 2 * step :]), KEYS))


def test_another_key_opens_nothing() -> None:
    whole = sealed(b"secret")

    for keys, words in (({"other": b"k" * 32}, "WHYRAL_BACKUP_KEY"), ({"test": b"j" * 32}, "changed or cut off")):
        with pytest.raises(Unacceptable, match=words):
            list(opened(io.BytesIO(whole), keys))
    assert b"secret" not in whole


def place_of(urls: Urls, files: LocalFiles) -> Place:
    return Place(urls.superuser, urls.app, urls.owner, urls.system, files)


@pytest.fixture
def source(superuser_url: str, tmp_path: Path) -> Iterator[tuple[Place, Database]]:
    urls = make_urls(superuser_url, f"backed_{new_id().hex}")
    database = Database(urls.app, system_url=urls.system)
    yield place_of(urls, LocalFiles(tmp_path / "files")), database
    database.close()


@pytest.fixture
def empty(source: tuple[Place, Database], superuser_url: str, tmp_path: Path) -> Place:
    """A database with nothing in it, on the same server; its files are elsewhere."""
    name = f"restored_{new_id().hex}"
    bootstrap.ensure_database(superuser_url, name, owner=OWNER, guests=(APP, SYSTEM))
    place = source[0]
    past, app, owner, system = (f"{url.rpartition('/')[0]}/{name}" for url in (place.past, place.app, place.owner, place.system))
    return Place(past, app, owner, system, LocalFiles(tmp_path / "elsewhere"))


def everything(place: Place) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(place.past) as connection:
        names = connection.execute(
            "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace"
            " and c.relkind in ('r', 'p') and not c.relispartition"
        ).fetchall()
        return {name: [row[0] for row in connection.execute(f"select r::text from {name} r order by 1")] for (name,) in names}


def erase(database: Database, place: Place, filled: Filled) -> None:
    who = filled.member
    with database.begin(MemberEntry(who.tenant_id, who.user_id)) as uow:
        erasing.ask(uow, filled.canary, now=NOW, grace=-datetime.resolution)
    for now in (NOW, NOW + SECOND_LOOK):
        erasing.erase_due(database, erasing.Outside(place.files, Platforms(), FakeTraces()), now=now)


def test_a_backup_comes_back_equal(source: tuple[Place, Database], empty: Place) -> None:
    place, database = source
    filled = fill(database, make_member(database), place.files)
    kept = io.BytesIO()
    held = write(place, kept, KEYS, now=NOW)

    back = read_back(empty, io.BytesIO(kept.getvalue()), KEYS, now=NOW)

    assert (held.files, back.files, back.buried) == (3, 3, 0)
    assert everything(empty) == everything(place)
    assert [empty.files.size(each.key) for each in filled.files] == [each.size_bytes for each in filled.files]
    assert filled.canary.encode() not in kept.getvalue()
    with pytest.raises(Conflict, match="not empty"):
        read_back(empty, io.BytesIO(kept.getvalue()), KEYS, now=NOW)


def test_a_workspace_that_was_erased_after_the_backup_does_not_come_back(source: tuple[Place, Database], empty: Place) -> None:
    place, database = source
    gone, stays = (fill(database, make_member(database), place.files) for _ in range(2))
    kept = io.BytesIO()
    write(place, kept, KEYS, now=NOW)
    erase(database, place, gone)
    for mark in place.files.erased():  # whoever restores has the files' tombstones, wherever the database went
        empty.files.note_erased(mark)

    back = read_back(empty, io.BytesIO(kept.getvalue()), KEYS, now=NOW)

    assert (back.buried, back.files) == (1, 3)
    with psycopg.connect(empty.past) as connection:
        assert found_in(connection, [gone.canary, gone.member.email]) == {}
        assert found_in(connection, [stays.canary]).keys() > {"videos", "accounts", "tenants"}
    assert list(empty.files.keys(gone.member.tenant_id)) == []


def test_a_session_that_was_ended_after_the_backup_lets_nobody_in(source: tuple[Place, Database], empty: Place) -> None:
    place, database = source
    member, kept = make_member(database), io.BytesIO()
    with database.begin_anonymous() as uow:
        entry = SessionEntry(
            uow.sessions.open(
                user_id=member.user_id, tenant_id=member.tenant_id, kind="tokens", good_for=timedelta(days=7), at_most=timedelta(days=30)
            )
        )
    write(place, kept, KEYS, now=NOW)
    with database.begin(entry) as uow:
        assert uow.sessions.end(uow.session.session_id if uow.session else member.user_id, "logout")

    read_back(empty, io.BytesIO(kept.getvalue()), KEYS, now=NOW)

    with closing(Database(empty.app)) as restored, pytest.raises(Unauthenticated), restored.begin(entry):
        raise AssertionError("the door was open")


def test_a_damaged_backup_leaves_the_database_empty(source: tuple[Place, Database], empty: Place) -> None:
    place, database = source
    fill(database, make_member(database), place.files)
    kept = io.BytesIO()
    write(place, kept, KEYS, now=NOW)

    with pytest.raises(Unacceptable):
        read_back(empty, io.BytesIO(kept.getvalue()[:-50]), KEYS, now=NOW)

    assert bootstrap.is_empty(empty.past)
