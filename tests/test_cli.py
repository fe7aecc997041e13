"""The command `whyral` against the real API on a loopback port; runs are played in place of Dagster's."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import structlog
import uvicorn
from click.testing import CliRunner, Result

import cli
from api.app import create_app
from domain.requests import Request
from gateways.files.store import LocalFiles
from gateways.machine import free_port
from store import bootstrap
from store.database import Database
from store.doctor import revisions
from store.ids import new_id
from store.rls import APP, OWNER, SYSTEM
from tests.api.conftest import FakeDagster, make_key, make_parts
from tests.assets.conftest import ndjson
from tests.conftest import Member, TestUrls, make_member
from tests.services.alone import Alone, loaded

ROW = {"video_external_id": "v1", "title": "One", "observed_at": "2026-11-02T00:00:00Z", "views": 10}
STUDIO = b'Video,Video title,Video publish time,Views\nabcdefghijk,One,"Jan 2, 2020",10\n'
ROOT = Path(cli.__file__).parent


@dataclass
class RunsAtOnce(FakeDagster):
    """Dagster, whose runs are over before it answers."""

    database: Database | None = None
    files: LocalFiles | None = None
    fails: list[str] = field(default_factory=list)

    def launch(self, request: Request) -> str:
        assert self.database is not None
        assert self.files is not None
        with self.database.begin(request.tenant_id) as uow:
            found = uow.imports.get(UUID(str(request.params["import_id"])))
        if found.file_name in self.fails:
            with self.database.begin(request.tenant_id) as uow:
                uow.requests.fail(request, error={"code": "bug", "detail": "it broke", "is_retryable": False}, retryable=False)
        else:
            loaded(self.files, found, Alone(self.database, request))
        return super().launch(request)


@dataclass(frozen=True)
class Served:
    """The API, and where its port is."""

    port: int
    dagster: RunsAtOnce


@pytest.fixture(scope="module")
def logs_elsewhere() -> Iterator[None]:
    """The server shares our process: what it logs is not to look like something that the command said."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.__stderr__))
    yield
    structlog.configure(**before)


@pytest.fixture(scope="module")
def served(logs_elsewhere: None, database: Database, urls: TestUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    files = LocalFiles(tmp_path_factory.mktemp("served"))
    dagster = RunsAtOnce(database=database, files=files)
    app, port = create_app(make_parts(database, urls.app, dagster, files)), free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws="none"))
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    while not server.started:
        assert serving.is_alive()
        time.sleep(0.02)
    yield Served(port, dagster)
    server.should_exit = True
    serving.join(20)


@dataclass(frozen=True)
class Shell:
    """Somebody at a shell, with a home that holds a key."""

    home: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {"WHYRAL_HOME": str(self.home), "WHYRAL_API_PORT": str(self.port)}

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(cli.main, list(words), env=self.environment)

    def rows(self, *words: str) -> list[dict[str, Any]]:
        result = self.run(*words, "--output", "json")
        assert (result.exit_code, result.stderr) == (0, "")
        found: list[dict[str, Any]] = json.loads(result.stdout)
        return found

    def write(self, name: str, content: bytes) -> str:
        (self.home / name).write_bytes(content)
        return str(self.home / name)


@pytest.fixture
def shell_of(database: Database, served: Served, tmp_path: Path) -> Callable[..., Shell]:
    def make(member: Member, *scopes: str) -> Shell:
        home = tmp_path / str(member.tenant_id)
        home.mkdir(exist_ok=True)
        (home / "key").write_text(make_key(database, member, scopes or ("read", "write", "keys")).plain, encoding="utf-8")
        return Shell(home, served.port)

    return make


@pytest.fixture
def shell(shell_of: Callable[..., Shell], member: Member) -> Shell:
    return shell_of(member)


# Importing


def test_a_file_is_imported_and_told_in_a_table(shell: Shell) -> None:
    result = shell.run("import", shell.write("mine.ndjson", ndjson(ROW)))

    assert (result.exit_code, result.stderr) == (0, "")
    head, line = result.stdout.splitlines()
    assert head.split()[:4] == ["file_name", "format", "state", "rows"]
    assert line.split()[:5] == ["mine.ndjson", "whyral", "succeeded", "1", "1"]


def test_parameters_go_with_the_file(shell: Shell) -> None:
    path = shell.write("studio.csv", STUDIO)

    (done,) = shell.rows("import", path, "-p", "observed_at=2022-02-01T00:00:00Z", "--param", "account_title=A channel")

    assert (done["format"], done["state"], done["accepted"]) == ("youtube_studio", "succeeded", 1)
    assert done["params"]["account_title"] == "A channel"


def test_a_file_that_lacks_parameters_names_each_on_stderr_and_the_others_come_in(shell: Shell) -> None:
    result = shell.run("import", shell.write("studio.csv", STUDIO), shell.write("mine.ndjson", ndjson(ROW)), "--output", "json")

    assert result.exit_code == 1
    assert [done["file_name"] for done in json.loads(result.stdout)] == ["mine.ndjson"]
    assert result.stderr.startswith("whyral: studio.csv: ")
    assert {line.split(":")[0].strip() for line in result.stderr.splitlines()[1:]} == {"observed_at", "account_title"}


def test_an_import_whose_run_failed_is_told_with_its_reason(shell: Shell, served: Served) -> None:
    served.dagster.fails.append("broken.ndjson")

    result = shell.run("import", shell.write("broken.ndjson", ndjson(ROW)))

    assert result.exit_code == 1
    assert "failed" in result.stdout
    assert result.stderr == "whyral: broken.ndjson: it broke\n"


def test_a_key_for_reading_imports_nothing(shell_of: Callable[..., Shell], member: Member) -> None:
    shell = shell_of(member, "read")

    result = shell.run("import", shell.write("mine.ndjson", ndjson(ROW) * 20_000))

    assert (result.exit_code, result.stderr) == (1, "whyral: mine.ndjson: this needs the scope 'write': use a key that has it\n")


# Workspaces and keys


def test_the_workspaces_of_the_keys_user_are_listed_and_nobody_elses(
    shell: Shell, database: Database, member: Member, other: Member, urls: TestUrls
) -> None:
    with_second = make_member(database)
    _join(urls, with_second.tenant_id, member.user_id)

    found = shell.rows("tenants")

    assert {each["workspace_id"]: each["role"] for each in found} == {str(member.tenant_id): "owner", str(with_second.tenant_id): "viewer"}
    assert {(each["workspace"], each["plan"], each["is_demo"]) for each in found} == {("Test", "free", False)}


def test_keys_are_made_listed_and_revoked(shell: Shell) -> None:
    (made,) = shell.rows("keys", "make", "export", "--scope", "read")
    listed = {each["key_id"]: each for each in shell.rows("keys", "list")}
    revoked = shell.run("keys", "revoke", made["key_id"])
    after = {each["key_id"]: each for each in shell.rows("keys", "list")}

    assert made["key"].startswith("whyral_")
    assert made["scopes"] == ["read"]
    assert listed[made["key_id"]]["key"] is None
    assert listed[made["key_id"]]["revoked_at"] is None
    assert (revoked.exit_code, revoked.stdout) == (0, f"revoked {made['key_id']}\n")
    assert after[made["key_id"]]["revoked_at"] is not None


def test_a_key_that_is_not_there_cannot_be_revoked(shell: Shell) -> None:
    result = shell.run("keys", "revoke", "01931c00-0000-7000-8000-000000000000")

    assert result.exit_code == 1
    assert result.stderr.startswith("whyral: API key ")


# What goes wrong


@pytest.mark.parametrize(
    "words",
    [
        ("import",),
        ("import", "not-there.csv"),
        ("import", __file__, "-p", "year"),
        ("keys", "make"),
        ("tenants", "--output", "xml"),
        ("go",),
    ],
)
def test_wrong_usage_ends_with_2(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run(*words)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr


def test_without_a_key_one_line_says_what_to_do(tmp_path: Path, served: Served) -> None:
    result = Shell(tmp_path, served.port).run("tenants")

    assert result.exit_code == 1
    assert "whyral up" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_wrong_key_is_told(shell: Shell) -> None:
    (shell.home / "key").write_text("whyral_0_wrong", encoding="utf-8")

    result = shell.run("keys", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("whyral: ")


def test_without_the_api_one_line_says_what_to_do(shell: Shell) -> None:
    result = Shell(shell.home, free_port()).run("tenants")

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "whyral up" in result.stderr


# A database of one's own


def test_a_database_of_ones_own_is_brought_to_head(urls: TestUrls, superuser_url: str) -> None:
    bootstrap.ensure_database(superuser_url, empty := f"empty_{new_id().hex}", owner=OWNER, guests=(APP, SYSTEM))
    mine = {
        role: url.replace(url.rpartition("/")[2], empty)
        for role, url in (("app", urls.app), ("owner", urls.owner), ("system", urls.system))
    }
    given = {
        "DATABASE_URL": mine["app"],
        "WHYRAL_DATABASE_OWNER_URL": mine["owner"],
        "WHYRAL_DATABASE_SYSTEM_URL": mine["system"],
        "WHYRAL_DAGSTER_DATABASE_URL": "postgresql+psycopg2://nobody@127.0.0.1/nothing",
    }
    assert revisions(mine["owner"])[0] == ()

    results = [CliRunner().invoke(cli.main, ["migrate"], env=given) for _ in range(2)]

    assert [(each.exit_code, each.stdout) for each in results] == [(0, "at head\n")] * 2
    current, heads = revisions(mine["owner"])
    assert current == heads


def test_the_embedded_database_is_not_migrated_by_hand() -> None:
    result = CliRunner().invoke(cli.main, ["migrate"])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "whyral: database: DATABASE_URL is not set: the embedded PostgreSQL is migrated by `whyral up`\n"


# At a terminal


def test_progress_is_shown_at_a_terminal_and_nowhere_else(shell: Shell) -> None:
    command = [sys.executable, "-m", "cli", "import", shell.write("mine.ndjson", ndjson(ROW)), "--output", "json"]
    environment = {**os.environ, **shell.environment, "TERM": "xterm"}
    ours, theirs = pty.openpty()

    watched = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    seen = _drained(ours)
    out, _ = watched.communicate()
    piped = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True)

    assert "mine.ndjson" in seen
    assert json.loads(out)[0]["state"] == "succeeded"
    assert piped.stderr == b""
    assert json.loads(piped.stdout)[0]["unchanged"] == 1


def _drained(descriptor: int) -> str:
    found = b""
    try:
        while piece := os.read(descriptor, 4096):
            found += piece
    except OSError:  # how Linux tells that the other end was closed
        pass
    finally:
        os.close(descriptor)
    return found.decode()


def _join(urls: TestUrls, tenant_id: UUID, user_id: UUID) -> None:
    """Make somebody a viewer of another workspace: inviting has no route yet."""
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
        connection.execute("insert into memberships (tenant_id, user_id, role) values (%s, %s, 'viewer')", (tenant_id, user_id))


@pytest.mark.parametrize("is_broken", [False, True])
def test_the_audit_log_is_verified_and_the_first_broken_entry_named(urls: TestUrls, database: Database, *, is_broken: bool) -> None:
    member = make_member(database)
    for number in range(3):
        with database.begin(member.tenant_id) as uow:
            uow.trust.note("key.made", f"key {number}", actor=None)
    if is_broken:
        with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
            connection.execute("update audit_log set subject = 'x' where tenant_id = %s and subject = 'key 1'", (member.tenant_id,))

    environment = {"DATABASE_URL": urls.app, "WHYRAL_DATABASE_SYSTEM_URL": urls.system}
    done = CliRunner().invoke(cli.main, ["audit", "verify", "--workspace", str(member.tenant_id), "--output", "json"], env=environment)

    (proof,) = json.loads(done.stdout)
    assert (done.exit_code, proof["entries"]) == ((1, 1) if is_broken else (0, 3))
    assert (proof["broken_seq"], proof["reason"]) == ((2, "the entry or its place was changed") if is_broken else (None, None))
