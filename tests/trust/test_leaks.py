"""Secrets that come in by every door are found nowhere afterwards: not in a dump, not in logs, not in what Dagster keeps.

And no run is told any, whatever the kind of its request.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import dagster as dg
import pytest
from litestar.testing import TestClient

import definitions
from api.app import create_app
from assets.partitions import TENANTS
from domain.requests import KINDS, PARAMS, Request, State
from gateways.credentials import Tokens
from gateways.dagster import DagsterWebserver
from gateways.files.store import LocalFiles
from gateways.log_lines import configure_logging
from services import syncs
from store.database import Database
from store.ids import new_id
from tests.api.conftest import SECRET as PLAYED
from tests.api.conftest import Caller, FakeDagster, make_parts
from tests.assets.conftest import Graph
from tests.conftest import Member, make_urls
from tests.conftest import TestUrls as Urls
from tests.consent import World, world
from tests.media import FakeMedia
from tests.owner import FakeOwnData, own_post
from tests.services.owners import Owner
from tests.test_secrets import SECRET
from tests.trust.leaks import dump, everything_below, forms, leaked

NOW = datetime.now(UTC)
LONG = 32


@pytest.fixture(scope="module")
def alone(superuser_url: str) -> Urls:
    """A database that holds nothing else."""
    return make_urls(superuser_url, f"leaks_{new_id().hex}")


@pytest.fixture(scope="module")
def given() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def heard(capfd: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """What is said, until the test ends: no handler of its application writes there afterwards."""
    before = logging.root.handlers[:]
    yield capfd
    logging.root.handlers[:] = before


def canary(name: str) -> str:
    """A secret that is long enough to be nowhere by chance."""
    return f"{name}-{uuid4().hex}"


def through_the_api(client: TestClient[Any], secrets: dict[str, str]) -> Member:
    """Every way in which somebody hands the API a secret, or is handed one: rightly, wrongly, and in the wrong place."""
    nobody, email = Caller(client), f"{uuid4().hex}@example.org"
    secrets |= {
        each: canary(each) for each in ("password", "wrong-password", "strange-password", "broken-body", "query-token", "wrong-key")
    }
    registered = nobody.post("/auth/register", {"email": email, "password": secrets["password"], "workspace": "Leaks"})
    assert registered.status_code == 201, registered.text
    token = nobody.post("/auth/login", {"email": email, "password": secrets["password"]}).json()["access_token"]
    nobody.post("/auth/login", {"email": email, "password": secrets["wrong-password"]})
    nobody.post("/auth/login", {"email": f"{uuid4().hex}@example.org", "password": secrets["strange-password"]})
    nobody.call("POST", "/auth/login", content=f'{{"password": "{secrets["broken-body"]}"', headers={"Content-Type": "application/json"})
    nobody.get(f"/me?access_token={secrets['query-token']}")
    Caller(client, f"whyral_{uuid4().hex}_{secrets['wrong-key']}").get("/me")
    mine = Caller(client, token)
    made = mine.post("/keys", {"name": "leaks", "scopes": ["read", "write"]}, headers={"Idempotency-Key": uuid4().hex}).json()
    secrets |= {"bearer-token": token, "api-key": made["key"], "forged-token": token[:-4] + canary("forged")}
    Caller(client, made["key"]).get("/videos")
    Caller(client, secrets["forged-token"]).get("/me")
    mine.delete(f"/keys/{made['key_id']}")
    Caller(client, made["key"]).get("/me")
    claims = Tokens(PLAYED).read(token)
    return Member(claims.tenant_id, claims.user_id, email)


def through_a_consent(owner: Owner, secrets: dict[str, str]) -> UUID:
    """A channel that is connected, one whose consent is on its way, one whose token is refreshed."""
    channel = owner.connect(with_revenue=True).channel
    waiting = parse_qs(urlsplit(owner.ask(owner.make())).query)
    secrets["waiting-state"] = waiting["state"][0]
    secrets |= {f"issued-{number}": token for number, token in enumerate(owner.google.provider.issued)}
    return channel.channel_id


def through_a_run(owner: Owner, channel_id: UUID, folder: Path) -> None:
    """The channel is read with its token, by the job that does so, with Dagster's storage on disk."""
    own = FakeOwnData([own_post(1, posted=NOW, at=NOW)], now=NOW, external_id=owner.google.channel.facts.external_id or "")
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        instance.add_dynamic_partitions(TENANTS, [str(owner.member.tenant_id)])
        files = LocalFiles(folder / "files")
        graph = Graph(owner.database, files, owner.member.tenant_id, instance, FakeMedia(files), replace(owner.platforms, own_data=own))
        with graph.database.begin(graph.tenant_id) as uow:
            request = syncs.put(uow, new_id(), channel_id, user_id=None)
        assert graph.run("sync_channel", request).success


def test_planted_secrets_are_found_nowhere(alone: Urls, given: World, tmp_path: Path, heard: pytest.CaptureFixture[str]):
    secrets: dict[str, str] = {}
    database = Database(alone.app, system_url=alone.system, pool_size=5)
    configure_logging("debug")
    with TestClient(create_app(make_parts(database, alone.app, FakeDagster(), LocalFiles(tmp_path / "kept")))) as client:
        member = through_the_api(client, secrets)
        owner = Owner(database, given, member)
        through_a_run(owner, through_a_consent(owner, secrets), tmp_path / "dagster")
    configure_logging("warning")
    said = heard.readouterr()
    database.close()

    kept = dict(everything_below([tmp_path]))

    assert len(secrets) >= 12
    assert sum(path.suffix == ".db" for path in kept) >= 2
    assert leaked(secrets, dump(alone.superuser)) == []
    assert leaked(secrets, logged(said.out + said.err)) == []
    assert {str(path): found for path, content in kept.items() if (found := leaked(secrets, content))} == {}


def logged(said: str) -> bytes:
    """Without what the caller's own client says of its calls."""
    return "\n".join(line for line in said.splitlines() if "testserver.local" not in line).encode()


def test_a_secret_that_was_kept_would_be_found(alone: Urls, database: Database):
    secret = canary("planted")
    mine = Database(alone.app, pool_size=1)
    with mine.begin_anonymous() as uow:
        email = f"{uuid4().hex}@example.org"
        uow.identity.register(user_id=new_id(), tenant_id=new_id(), email=email, password_hash=secret, names=(None, "Test"))
    mine.close()

    assert leaked({"planted": secret}, dump(alone.superuser)) == ["planted"]
    for form in forms(secret):
        assert leaked({"planted": secret}, b"before " + form + b" behind") == ["planted"]
    assert leaked({"planted": secret}, b"nothing of it") == []


@pytest.mark.parametrize("name", PARAMS)
def test_no_parameter_of_a_request_takes_a_secret(name: str):
    """Ids and numbers are all that a request carries."""
    for word in (canary("token"), [canary("token")], {"token": canary("token")}, "1//refresh", "whyral_0_0"):
        assert not PARAMS[name].is_good(word)


def request_of(kind: str, secret: str) -> Request:
    """One whose parameters and error hold a secret, however it came there."""
    return Request(
        tenant_id=new_id(), request_id=new_id(), kind=kind, subject="graph", params={"secret": secret}, state=State.PENDING, attempt=1,
        max_attempts=3, launches=1, run_id=None, progress=0.0, note=secret, error={"detail": secret}, is_cancel_requested=False,
        version=1, created_at=NOW, not_before=NOW, launched_at=None, started_at=None, finished_at=None, lease_until=None,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind, each in KINDS.items() if each.job])
def test_a_run_is_told_ids_and_nothing_else(kind: str, webserver: tuple[str, list[dict[str, Any]]]):
    url, asked = webserver
    secret = canary("token")
    request = request_of(kind, secret)

    with closing(DagsterWebserver(url)) as dagster:
        dagster.launch(request)

    launched = next(each["variables"]["params"] for each in reversed(asked) if "launchRun" in each["query"])
    assert secret not in json.dumps(asked)
    assert set(launched) == {"selector", "executionMetadata"}
    tags = {each["key"]: each["value"] for each in launched["executionMetadata"]["tags"]}
    ids = {str(request.tenant_id), str(request.request_id), request.run_key, "1"}
    assert set(tags.values()) <= ids


@pytest.fixture(scope="module")
def webserver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Says yes to everything, and remembers what it was asked."""
    asked: list[dict[str, Any]] = []
    good = {"addDynamicPartition": {"__typename": "AddDynamicPartitionSuccess"},
            "launchRun": {"__typename": "LaunchRunSuccess", "run": {"runId": "run"}}}  # fmt: skip

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = json.dumps({"data": good}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join(timeout=5)


def test_no_run_can_be_configured_with_a_secret():
    """The names of all that a run's config may hold, of every job."""
    names = {name for job in definitions.JOBS for name in config_names(definitions.defs.resolve_job_def(job.name))}

    assert {"account_ids", "channel_id"} & names
    assert {name for name in names if SECRET.search(name)} == set()


def config_names(job: dg.JobDefinition) -> Iterator[str]:
    def below(field_type: Any) -> Iterator[str]:
        for name, each in getattr(field_type, "fields", {}).items():
            yield name
            yield from below(each.config_type)

    for node in job.nodes:
        schema = node.definition.config_schema
        yield from below(schema.config_type if schema else None)
