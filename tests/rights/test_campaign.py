"""Erasure in the large: workspaces full of canaries, exported and erased by the real graph on Dagster's storage in PostgreSQL.

`make fuzz-erasure` runs a hundred, `make drill` backs up and restores with servers of their own. What came of it is in docs/security.md.
"""

import json
import os
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest

from assets.partitions import TENANTS
from backing_up import backup, bring_back, standing
from domain.ports import Platforms
from domain.rights import SECOND_LOOK
from gateways.files.store import LocalFiles
from gateways.machine import free_port
from gateways.postgres_server import PostgresServer
from services.rights import erasing, exporting
from settings import Settings
from store import bootstrap
from store.database import Database, MemberEntry
from store.ids import new_id
from store.rls import NEVER_DELETED
from store.tenant_rows import exported
from tests.assets.conftest import Graph
from tests.canaries import Filled, fill, found_in
from tests.conftest import PASSWORD, make_member, make_urls
from tests.gateways.shops import nothing_bought
from tests.media import FakeMedia
from tests.services.test_erasing import FakeTraces, left_in_files

WORKSPACES = int(os.environ.get("WORKSPACES", "100"))
NOW = datetime.now(UTC)


@pytest.fixture
def instance(superuser_url: str, tmp_path: Path) -> Iterator[tuple[dg.DagsterInstance, str]]:
    """Dagster on a storage as in production, and that storage's address."""
    name = f"dagster_{new_id().hex}"
    bootstrap.ensure_database(superuser_url, name, owner=bootstrap.DAGSTER)
    mine = f"{superuser_url.rpartition('/')[0]}/{name}"
    url = f"postgresql+psycopg2://{bootstrap.DAGSTER}:{PASSWORD}@{mine.rpartition('@')[2]}"
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(json.dumps({"storage": {"postgres": {"postgres_url": url}}, "telemetry": {"enabled": False}}))
    with dg.DagsterInstance.from_config(str(home)) as made:
        yield made, mine


def canaries_in(archive: Path, filled: Filled) -> int:
    """How many tables of the export hold the canary; raises where one that should does not."""
    with zipfile.ZipFile(archive) as opened:
        shown = {each.name: set(each.columns) for each in exported()}
        wanted = [name for name, words in filled.tables.items() if words & shown.get(name, set())]
        lacking = [name for name in wanted if filled.canary not in opened.read(f"tables/{name}.jsonl").decode()]
        assert lacking == []
        assert all(filled.canary in opened.read(f"files/{each.sha256}").decode() for each in filled.files)
    return len(wanted)


@pytest.mark.erasure
def test_a_hundred_workspaces_leave_nothing(
    superuser_url: str, tmp_path: Path, instance: tuple[dg.DagsterInstance, str], capsys: pytest.CaptureFixture[str]
) -> None:
    urls = make_urls(superuser_url, f"campaign_{new_id().hex}")
    database, files = Database(urls.app, system_url=urls.system), LocalFiles(tmp_path / "files")
    storage, address = instance
    gone, held = list[Filled](), 0
    for _ in range(WORKSPACES):
        member = make_member(database)
        filled = fill(database, member, files)
        storage.add_dynamic_partitions(TENANTS, [str(member.tenant_id)])
        graph = Graph(database, files, member.tenant_id, storage, FakeMedia(files), shops=nothing_bought())
        with database.begin(MemberEntry(member.tenant_id, member.user_id)) as uow:
            request = exporting.ask(uow)
            erasing.ask(uow, filled.canary, now=NOW, grace=timedelta(seconds=-1))
            # Before their time has come these wait: this one's export is to be looked at first.
            uow.deletions.put_off(until=NOW + timedelta(days=1), note="")
        assert graph.run("export_tenant", request).success
        with database.begin(member.tenant_id) as uow:
            key = uow.exports.of_request(request.request_id).file_key
        held += canaries_in(files.path(str(key)), filled)
        gone.append(filled)
    job = graph.defs.resolve_job_def("erase_tenants")

    with psycopg.connect(urls.superuser, autocommit=True) as superuser, psycopg.connect(address, autocommit=True) as dagster:
        before = {"ours": found_in(superuser, ["canary"]), "dagster": found_in(dagster, [str(each.member.tenant_id) for each in gone])}
        for look in range(2):
            superuser.execute("update deletions set not_before = %s", (NOW,))
            for _ in range(0, WORKSPACES, erasing.AT_ONCE):
                assert job.execute_in_process(instance=storage).success, look
        words = [word for each in gone for word in (each.member.email, str(each.member.tenant_id))]
        rows = found_in(superuser, ["canary"])
        remembered = found_in(dagster, [str(each.member.tenant_id) for each in gone])
        named = found_in(superuser, words).keys() - NEVER_DELETED
    left = left_in_files(tmp_path / "files", ["canary", *(str(each.member.tenant_id) for each in gone)])
    database.close()
    told = (f"\n{len(gone)} workspaces; canaries before: {sum(before['ours'].values())} rows in {len(before['ours'])} tables, "
          f"{sum(before['dagster'].values())} rows in {len(before['dagster'])} tables of Dagster; found in exports: {held} tables; "
          f"left: {sum(rows.values())} rows, {len(left)} files, {sum(remembered.values())} rows of Dagster")  # fmt: skip
    with capsys.disabled():
        print(told)  # noqa: T201 - the campaign's closing line
    assert (rows, remembered, named, left) == ({}, {}, set(), [])


def settings_of(home: Path) -> Settings:
    given: dict[str, Any] = {"home": home, "pg_port": free_port(), "backup_key": f"drill:{'A' * 43}=", "_env_file": None}
    return Settings(**given)


@pytest.mark.drill
def test_a_drill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o755)
    first, second, said = settings_of(tmp_path / "first"), settings_of(tmp_path / "second"), list[str]()
    with standing(first) as place:
        bootstrap.migrate(place.owner)
        database = Database(place.app, system_url=place.system)
        filled = [fill(database, make_member(database), place.files) for _ in range(20)]
        path = backup(first, tmp_path / "kept", with_dagster=True, say=said.append)
        for each in filled[:5]:
            with database.begin(MemberEntry(each.member.tenant_id, each.member.user_id)) as uow:
                erasing.ask(uow, each.canary, now=NOW, grace=timedelta(seconds=-1))
        for now in (NOW, NOW + SECOND_LOOK):
            erasing.erase_due(database, erasing.Outside(place.files, Platforms(), FakeTraces()), now=now)
        with database.begin(filled[5].member.tenant_id) as uow:
            uow.connection.exec_driver_sql("update videos set title = 'changed after the backup'")
        database.close()
        marks = place.files.erased()
    with standing(second) as elsewhere:
        for mark in marks:
            elsewhere.files.note_erased(mark)

    bring_back(second, path, say=said.append)

    with standing(second) as elsewhere, psycopg.connect(elsewhere.past) as connection:
        assert found_in(connection, [each.canary for each in filled[:5]]) == {}
        counts = [found_in(connection, [each.canary]) for each in filled[5:]]
        assert found_in(connection, ["changed after the backup"]) == {}
        assert min(len(each) for each in counts) > 40
        assert [len(list(elsewhere.files.keys(each.member.tenant_id))) for each in filled] == [0] * 5 + [3] * 15
    assert b"canary" not in path.read_bytes()
    with capsys.disabled():
        print("\n" + "\n".join(said))  # noqa: T201 - the drill's closing lines
    for used in (first, second):
        PostgresServer(used.home, port=None).remove()
