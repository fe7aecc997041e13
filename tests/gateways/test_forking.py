"""The fork server, as a process of its own: one effect per key, a limit, no orphan, no thread."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from domain.errors import SourceUnavailable
from gateways.fork_client import ForkClient

ROOT = Path(__file__).parents[2]


def until(claim: Callable[[], Any], what: str) -> Any:
    """Waits for what must come; the bound only ends a test that fails."""
    deadline = time.monotonic() + 20
    while not (found := claim()):
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.01)
    return found


@contextmanager
def serving(folder: Path, *more: str, limit: int = 2) -> Iterator[tuple[ForkClient, psutil.Process]]:
    path = folder / "s"
    command = [sys.executable, "-m", "tests.gateways.warm", str(path), str(limit), *more]
    with (folder / "log").open("wb") as said, subprocess.Popen(command, cwd=ROOT, stderr=said) as process:
        client = ForkClient(path)
        until(lambda: path.exists() and is_listening(client), "the server")
        try:
            yield client, psutil.Process(process.pid)
        finally:
            process.kill()


def is_listening(client: ForkClient) -> bool:
    try:
        return bool(client.health()["ok"])
    except SourceUnavailable:
        return False


def is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def ended(client: ForkClient, key: str) -> int:
    return int(until(lambda: client.state(key)["state"] == "ended" and client.state(key), f"the end of {key}")["code"])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[ForkClient, psutil.Process]]:
    with serving(tmp_path) as made:
        yield made


@pytest.fixture
def client(server: tuple[ForkClient, psutil.Process]) -> ForkClient:
    return server[0]


def test_a_child_is_launched_once_however_often_it_is_asked_for(client: ForkClient) -> None:
    first, again = client.launch("sleep"), client.launch("sleep")

    assert first == again
    assert (first["state"], client.health()["live"]) == ("live", 1)


def test_how_a_child_ended_is_remembered_and_it_is_not_done_again(client: ForkClient) -> None:
    client.launch("exit 3")
    code = ended(client, "exit 3")

    assert code == 3
    assert client.launch("exit 3") == {"ok": True, "state": "ended", "code": 3}
    assert client.state("never asked for")["state"] == "unknown"


def test_a_child_that_crashes_ends_there_and_the_server_goes_on(client: ForkClient, tmp_path: Path) -> None:
    client.launch("crash")

    assert ended(client, "crash") == 1
    assert "the work went wrong" in (tmp_path / "log").read_text()
    assert client.health()["ok"]


def test_over_the_limit_they_wait_in_order_and_beyond_the_room_they_are_refused(client: ForkClient) -> None:
    said = [client.launch(f"sleep {each}") for each in range(5)]

    assert [each.get("state") for each in said] == ["live", "live", "waiting", "waiting", None]
    assert said[4] == {"ok": False, "reason": "full"}
    client.end("sleep 0", at_once=True)
    until(lambda: client.state("sleep 2")["state"] == "live", "the next in turn")
    assert client.state("sleep 3")["state"] == "waiting"


def test_what_waits_can_be_taken_back(client: ForkClient) -> None:
    for each in range(3):
        client.launch(f"sleep {each}")

    client.end("sleep 2")

    assert client.state("sleep 2")["state"] == "ended"
    assert client.health()["waiting"] == 0


def test_a_reserved_place_is_nobody_elses_and_becomes_its_own(client: ForkClient) -> None:
    assert [client.reserve("a"), client.reserve("b"), client.reserve("c")] == [True, True, False]

    assert client.launch("sleep")["state"] == "live"
    assert not client.reserve("d")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_outlives_its_server(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path) as (client, server):
        workers = [client.launch(key)["pid"] for key in ("sleep", "deaf")]

        server.send_signal(number)

        until(lambda: all(is_gone(pid) for pid in workers), "the end of the children")


def test_what_a_child_started_goes_with_it(client: ForkClient, tmp_path: Path) -> None:
    worker = client.launch(f"family {tmp_path / 'pid'}")["pid"]
    grandchild = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "the grandchild"))

    os.kill(worker, signal.SIGKILL)

    until(lambda: is_gone(grandchild), "the end of the grandchild")


@pytest.mark.parametrize("key", ["sleep", "deaf"])
def test_a_child_is_ended_gently_and_in_the_end_by_force(client: ForkClient, key: str) -> None:
    worker = client.launch(key)["pid"]

    assert client.end(key)

    until(lambda: is_gone(worker), "the end of the child")
    assert ended(client, key) != 0


def test_a_frozen_child_can_be_ended_at_once(client: ForkClient) -> None:
    worker = client.launch("sleep")["pid"]
    os.kill(worker, signal.SIGSTOP)

    client.end("sleep", at_once=True)

    until(lambda: is_gone(worker), "the end of the frozen child")
    assert ended(client, "sleep") == -signal.SIGKILL


def test_a_server_with_a_second_thread_refuses_to_fork(tmp_path: Path) -> None:
    with serving(tmp_path, "threaded") as (client, _):
        said = client.launch("sleep")

        assert said == {"ok": False, "reason": "this process has 2 threads: forking it would not be safe"}


def test_children_make_ids_of_their_own_and_lead_their_own_group(client: ForkClient, tmp_path: Path) -> None:
    keys = [f"ids {tmp_path / 'ids'}#{each}" for each in range(2)]
    for key in keys:
        client.launch(key)
    for key in keys:
        ended(client, key)

    lines = (tmp_path / "ids").read_text().splitlines()
    assert len({line.split()[0] for line in lines}) == 2
    assert {line.split()[1] for line in lines} == {"True"}


@pytest.mark.parametrize("line", [b"{\n", b"[]\n", b'{"ask": "dance", "key": "x"}\n', b'{"ask": "launch"}\n', b'{"ask": [], "key": "x"}\n'])
def test_a_question_that_makes_no_sense_is_told_so(client: ForkClient, tmp_path: Path, line: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(tmp_path / "s"))
        asking.sendall(line)
        said = asking.recv(1000)

    assert said.startswith(b'{"ok": false, "reason": ')
    assert client.health()["ok"]


def test_nobody_else_may_ask(client: ForkClient, tmp_path: Path) -> None:
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600


def test_without_a_server_the_client_says_try_again(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="does not answer"):
        ForkClient(tmp_path / "nothing").health()
