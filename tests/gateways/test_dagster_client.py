"""The Dagster client against a real loopback server: what it asks, and what it makes of every kind of answer."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.requests import Request, State
from gateways.dagster import DagsterWebserver
from gateways.fork_client import ForkClient
from tests.gateways.test_forking import serving

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TENANT, REQUEST = UUID(int=1), UUID(int=2)
ADDED = {"addDynamicPartition": {"__typename": "AddDynamicPartitionSuccess"}}
LAUNCHED = {"launchRun": {"__typename": "LaunchRunSuccess", "run": {"runId": "run-7"}}}


@dataclass
class Webserver:
    """Answers each call by the first of its answers whose name stands in the query; remembers what it was asked."""

    url: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    silent: threading.Event = field(default_factory=threading.Event)

    def says(self, name: str, data: object = None, *, status: int = 200, raw: bytes | None = None, errors: object = None) -> None:
        body = {"data": data, **({"errors": errors} if errors else {})}
        self.answers[name] = (status, raw if raw is not None else json.dumps(body).encode())

    def answer(self, body: dict[str, Any]) -> tuple[int, bytes]:
        self.asked.append(body)
        return next((answer for name, answer in self.answers.items() if name in body["query"]), (404, b""))


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Webserver, DagsterWebserver]]:
    """One server and one client for all tests here: making them is what takes time."""
    played = Webserver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if "sleep" in played.answers:
                played.silent.wait(30)
                return
            status, answer = played.answer(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    with closing(DagsterWebserver(played.url)) as dagster:
        yield played, dagster
    server.shutdown()
    server.server_close()


@pytest.fixture
def webserver(running: tuple[Webserver, DagsterWebserver]) -> Iterator[Webserver]:
    """A webserver that knows how to add a partition, and nothing else yet."""
    played = running[0]
    played.answers, played.asked, played.silent = {}, [], threading.Event()
    played.says("addDynamicPartition", ADDED)
    yield played
    played.silent.set()


@pytest.fixture
def dagster(running: tuple[Webserver, DagsterWebserver]) -> DagsterWebserver:
    return running[1]


def request() -> Request:
    return Request(
        tenant_id=TENANT, request_id=REQUEST, kind="insights", subject="insights", params={}, state=State.PENDING,
        attempt=2, max_attempts=3,
        launches=1, run_id=None, progress=0, note="", error=None, is_cancel_requested=False, version=1, created_at=NOW, not_before=NOW,
        launched_at=None, started_at=None, finished_at=None, lease_until=None,
    )  # fmt: skip


def test_a_launch_names_the_job_the_partition_and_the_attempt(webserver: Webserver, dagster: DagsterWebserver) -> None:
    webserver.says("launchRun", LAUNCHED)

    assert dagster.launch(request()) == "run-7"

    added, launched = webserver.asked
    assert added["variables"]["key"] == str(TENANT)
    params = launched["variables"]["params"]
    assert params["selector"]["jobName"] == "publish_insights"
    assert {tag["key"]: tag["value"] for tag in params["executionMetadata"]["tags"]} == {
        "whyral/request_id": str(REQUEST),
        "whyral/attempt": "2",
        "dagster/partition": str(TENANT),
        "dagster/run_key": f"{REQUEST}:2:1",
    }


@pytest.mark.parametrize(
    "answer",
    [
        {"__typename": "PythonError", "message": "it broke"},
        {"__typename": "RunConfigValidationInvalid", "errors": [{"message": "no such op"}]},
        {"__typename": "UnauthorizedError"},
    ],
)
def test_a_launch_that_dagster_does_not_do_is_refused(webserver: Webserver, dagster: DagsterWebserver, answer: dict[str, Any]) -> None:
    webserver.says("launchRun", {"launchRun": answer})

    with pytest.raises(SourceRefused, match=answer["__typename"]):
        dagster.launch(request())


def test_errors_of_the_query_itself_are_refused(webserver: Webserver, dagster: DagsterWebserver) -> None:
    webserver.says("launchRun", None, errors=[{"message": "no such field"}])

    with pytest.raises(SourceRefused, match="no such field"):
        dagster.launch(request())


@pytest.mark.parametrize(
    ("status", "kind"),
    [(500, SourceUnavailable), (502, SourceUnavailable), (503, SourceUnavailable), (408, SourceUnavailable), (429, SourceUnavailable),
     (400, SourceRefused), (403, SourceRefused), (404, SourceRefused), (302, SourceRefused), (204, SourceRefused)],
)  # fmt: skip
def test_a_status_decides_whether_to_try_again(
    webserver: Webserver, dagster: DagsterWebserver, status: int, kind: type[SourceFailed]
) -> None:
    webserver.says("launchRun", LAUNCHED, status=status, raw=b"" if status == 204 else None)

    with pytest.raises(kind, match=str(status)):
        dagster.launch(request())


@pytest.mark.parametrize(
    "raw", [b"<html>somebody else</html>", b'{"data": {', b"", b"[]", b"5", b"null", b'{"data": null}', b'{"data": 5}', b"\xff"]
)
def test_an_answer_that_is_none_of_dagsters_is_refused(webserver: Webserver, dagster: DagsterWebserver, raw: bytes) -> None:
    webserver.says("launchRun", raw=raw)

    with pytest.raises(SourceRefused):
        dagster.launch(request())


def test_a_server_that_says_nothing_in_time_is_unavailable(webserver: Webserver) -> None:
    webserver.says("sleep")

    with closing(DagsterWebserver(webserver.url, timeout_seconds=0.05)) as impatient, pytest.raises(SourceUnavailable, match="does not"):
        impatient.terminate("run-7")


def test_nobody_listening_is_unavailable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = DagsterWebserver(f"http://127.0.0.1:{unused.getsockname()[1]}")

        with pytest.raises(SourceUnavailable, match="does not answer"):
            nobody.launch(request())


def test_a_partition_that_is_there_already_is_fine(webserver: Webserver, dagster: DagsterWebserver) -> None:
    webserver.says("addDynamicPartition", {"addDynamicPartition": {"__typename": "DuplicateDynamicPartitionError"}})
    tenant_id = uuid4()

    dagster.add_tenant(tenant_id)

    assert webserver.asked[0]["variables"]["key"] == str(tenant_id)


def test_a_partition_is_added_once(webserver: Webserver, dagster: DagsterWebserver) -> None:
    tenant_id = uuid4()

    for _ in range(2):
        dagster.add_tenant(tenant_id)

    assert len(webserver.asked) == 1


def test_a_partition_that_could_not_be_added_is_refused_and_asked_for_again(webserver: Webserver, dagster: DagsterWebserver) -> None:
    webserver.says("addDynamicPartition", {"addDynamicPartition": {"__typename": "PythonError", "message": "it broke"}})
    asked = replace(request(), tenant_id=uuid4())

    for _ in range(2):
        with pytest.raises(SourceRefused, match="it broke"):
            dagster.launch(asked)

    assert len(webserver.asked) == 2, "nothing is launched without its partition"


def test_ending_a_run_names_it(webserver: Webserver, dagster: DagsterWebserver) -> None:
    webserver.says("terminateRun", {"terminateRun": {"__typename": "TerminateRunSuccess"}})

    dagster.terminate("run-7")

    assert webserver.asked[0]["variables"] == {"run": "run-7"}


@pytest.mark.parametrize("typename", ["TerminateRunFailure", "RunNotFoundError"])
def test_a_run_that_cannot_be_ended_is_refused(webserver: Webserver, dagster: DagsterWebserver, typename: str) -> None:
    webserver.says("terminateRun", {"terminateRun": {"__typename": typename}})

    with pytest.raises(SourceRefused, match=typename):
        dagster.terminate("run-7")


def pulse(*, location: str = "RepositoryLocation", sensor: bool = True) -> dict[str, Any]:
    return {
        "workspaceOrError": {"locationEntries": [{"locationOrLoadError": {"__typename": location}}]},
        "instance": {
            "daemonHealth": {
                "allDaemonStatuses": [
                    {"daemonType": "SENSOR", "required": True, "healthy": sensor},
                    {"daemonType": "BACKFILL", "required": False, "healthy": False},
                ]
            }
        },
    }


def test_all_parts_are_well(webserver: Webserver, dagster: DagsterWebserver) -> None:
    webserver.says("daemonHealth", pulse())

    assert set(dagster.parts().values()) == {"healthy"}


@pytest.mark.parametrize(
    ("answer", "part", "word"),
    [
        (pulse(location="PythonError"), "dagster_code", "not loaded"),
        (pulse(sensor=False), "dagster_daemon", "no heartbeat: sensor"),
        ({**pulse(), "workspaceOrError": {}}, "dagster_code", "not loaded"),
    ],
)
def test_a_part_that_is_not_well_is_named(
    webserver: Webserver, dagster: DagsterWebserver, answer: dict[str, Any], part: str, word: str
) -> None:
    webserver.says("daemonHealth", answer)

    found = dagster.parts()

    assert word in found[part]
    assert [name for name, state in found.items() if state != "healthy"] == [part]


def test_a_webserver_that_is_away_is_a_part_that_is_not_well(webserver: Webserver, dagster: DagsterWebserver) -> None:
    webserver.says("daemonHealth", status=500)

    assert dagster.parts() == {"dagster_webserver": "does not answer"}


def test_a_warm_launcher_is_a_part_too(webserver: Webserver, tmp_path: Path) -> None:
    webserver.says("daemonHealth", pulse())
    with closing(DagsterWebserver(webserver.url, launcher=ForkClient(tmp_path / "s"))) as dagster:
        with serving(tmp_path):
            well = dagster.parts()
        away = dagster.parts()
        with serving(tmp_path, "threaded"):
            unfit = dagster.parts()

    told = [each["dagster_launcher"] for each in (well, away, unfit)]
    assert told == ["healthy", "does not answer", "has 2 threads: it starts no run"]
