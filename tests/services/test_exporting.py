"""A workspace is exported whole, as of one moment and without secrets, and comes back equal."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.errors import Unacceptable
from domain.retention import BytesKept
from domain.rights import TREATMENTS
from gateways.files.store import LocalFiles
from services import mailing
from services.letting_go import let_go
from services.rights import exporting, importing
from services.rights.archive import Opened
from store.database import Database
from store.ids import new_id
from store.tenant_rows import coming_back, exported
from tests.canaries import Filled, fill
from tests.conftest import Member
from tests.services.alone import Alone


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def filled(database: Database, member: Member, files: LocalFiles) -> Filled:
    return fill(database, member, files)


def export(database: Database, tenant_id: UUID, files: LocalFiles) -> Path:
    """The archive, as it lies in the store."""
    with database.begin(tenant_id) as uow:
        work = Alone(database, uow.requests.ask(request_id=new_id(), kind="export", subject="export", params={}, user_id=None))
        uow.exports.add(export_id=new_id(), request_id=work.request.request_id, asked_by=None)
    exporting.export(work, files, snapshot=database.snapshot, now=work.request.created_at)
    with database.begin(tenant_id) as uow:
        key = uow.exports.of_request(work.request.request_id).file_key
    assert key is not None
    return files.path(key)


def lines(archive: zipfile.ZipFile, table: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in archive.read(f"tables/{table}.jsonl").splitlines()]


def test_an_export_holds_every_table_and_file_with_its_hash(database: Database, filled: Filled, files: LocalFiles) -> None:
    made = export(database, filled.member.tenant_id, files)

    with zipfile.ZipFile(made) as archive, made.open("rb") as source:
        manifest = json.loads(archive.read("manifest.json"))
        lacking = {name for name, words in filled.tables.items() if words - _hidden(name) and name in _shown()
                   and filled.canary not in archive.read(f"tables/{name}.jsonl").decode()}  # fmt: skip
        bodies = [archive.read(f"files/{each.sha256}").decode() for each in filled.files]
        faults = Opened(source).faults()
    assert lacking == set()
    assert all(filled.canary in each for each in bodies)
    assert set(manifest["rows"]) == {*_shown(), "members"}
    assert manifest["rows"]["videos"] == 1
    assert faults == []


def _shown() -> set[str]:
    return {each.name for each in exported()}


def _hidden(table: str) -> frozenset[str]:
    return TREATMENTS[table].hidden if table in TREATMENTS else frozenset()


def test_no_secret_is_in_an_export(database: Database, filled: Filled, files: LocalFiles) -> None:
    made = export(database, filled.member.tenant_id, files)

    with zipfile.ZipFile(made) as archive:
        keys, members = lines(archive, "api_keys"), archive.read("tables/members.jsonl").decode()
        connections, mails = lines(archive, "connections"), lines(archive, "outbox")
    assert keys
    assert not any("key_hash" in each for each in keys)
    assert filled.member.email in members
    assert "password" not in members
    assert not any({"access_token", "refresh_token"} & set(each) for each in connections)
    assert not any({"body", "html"} & set(each) for each in mails)


def test_a_code_that_waits_in_a_mail_is_in_no_file_of_an_export(database: Database, filled: Filled, files: LocalFiles) -> None:
    """Else who may export could ask for another member's new password, and read the code."""
    with database.begin(filled.member.tenant_id) as uow:
        mailing.send_reset(uow, filled.member.email, "code-that-lets-in", base_url="https://app.example.org")

    made = export(database, filled.member.tenant_id, files)

    with zipfile.ZipFile(made) as archive:
        assert [name for name in archive.namelist() if b"code-that-lets-in" in archive.read(name)] == []


def test_no_cell_of_a_csv_is_a_formula(database: Database, filled: Filled, files: LocalFiles) -> None:
    made = export(database, filled.member.tenant_id, files)

    with zipfile.ZipFile(made) as archive:
        (title,) = [row["title"] for row in csv.DictReader(io.StringIO(archive.read("tables/videos.csv").decode()))]
        (known,) = [row["title"] for row in lines(archive, "videos")]
    assert title == f"'{known}"


def test_the_file_of_an_export_goes_when_its_day_is_over(database: Database, filled: Filled, files: LocalFiles) -> None:
    made, tenant_id = export(database, filled.member.tenant_id, files), filled.member.tenant_id
    with database.begin(tenant_id) as uow:
        work = Alone(database, uow.requests.page(limit=1)[0])

    for hours, is_there in ((23, True), (25, False)):
        let_go(work, files, BytesKept(), now=work.request.created_at + timedelta(hours=hours))
        assert made.exists() is is_there


def test_a_damaged_export_is_refused(database: Database, filled: Filled, files: LocalFiles, tmp_path: Path) -> None:
    made, damaged = export(database, filled.member.tenant_id, files), tmp_path / "damaged.zip"
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(damaged, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name) + (b" " if name == "tables/videos.jsonl" else b""))

    with pytest.raises(Unacceptable, match=r"tables/videos\.jsonl was changed"), damaged.open("rb") as archive:
        importing.put_back(database, files, archive)


def rewritten(made: Path, target: Path, table: str, old: str, new: str) -> Path:
    """The archive with other words in one table, and a manifest to match: as somebody makes it who wants more than their own."""
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(target, "w") as archive:
        name = f"tables/{table}.jsonl"
        words = source.read(name).decode().replace(old, new).encode()
        manifest = json.loads(source.read("manifest.json"))
        manifest["members"][name]["sha256"] = hashlib.sha256(words).hexdigest()
        for each in source.namelist():
            archive.writestr(each, {name: words, "manifest.json": json.dumps(manifest).encode()}.get(each, source.read(each)))
    return target


@pytest.mark.parametrize("table", ["imports", "media", "clips"])
def test_an_export_that_names_a_neighbours_file_is_refused(
    database: Database, filled: Filled, other: Member, files: LocalFiles, tmp_path: Path, table: str
) -> None:
    theirs = files.put(other.tenant_id, [b"not yours"], limit_bytes=100).key
    made = export(database, filled.member.tenant_id, files)
    forged = rewritten(made, tmp_path / "forged.zip", table, filled.files[0].key, theirs)

    with pytest.raises(Unacceptable, match="not its own"), forged.open("rb") as source:
        importing.put_back(database, files, source)


def test_an_export_comes_back_equal(database: Database, filled: Filled, files: LocalFiles, tmp_path: Path) -> None:
    made = export(database, filled.member.tenant_id, files)

    with made.open("rb") as source:
        back = importing.put_back(database, LocalFiles(tmp_path / "elsewhere"), source)

    again = export(database, back.tenant_id, LocalFiles(tmp_path / "elsewhere"))
    with zipfile.ZipFile(made) as first, zipfile.ZipFile(again) as second:
        different = {}
        for table in coming_back():
            was = first.read(f"tables/{table.name}.jsonl").decode().replace(str(filled.member.tenant_id), str(back.tenant_id))
            now = second.read(f"tables/{table.name}.jsonl").decode()
            mine = [line for line in was.splitlines() if not _is_of_exporting(table.name, line)]
            theirs = [line for line in now.splitlines() if not _is_of_exporting(table.name, line)]
            if mine != theirs:
                different[table.name] = (mine, theirs)
        assert {name for name in first.namelist() if name.startswith("files/")} == {
            name for name in second.namelist() if name.startswith("files/")
        }
    assert different == {}
    assert len(back.rows) > 60


def _is_of_exporting(table: str, line: str) -> bool:
    """The requests of the two exports themselves are not what they export."""
    if table == "requests":
        return '"export"' in line
    return table == "request_events" and '"version":99' not in line.replace(" ", "")
