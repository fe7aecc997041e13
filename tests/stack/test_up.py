"""Stopping, dying and starting again: `whyral up` leaves nothing behind, keeps the data, and brings back what ended."""

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from gateways.postgres_server import PostgresServer
from tests.stack.running import ROOT, Whyral, Workspace, is_gone, refused, tell, until

pytestmark = pytest.mark.stack

# The promise is 30 s on two free cores; a test session leaves us less of them, so the test only ends what hangs.
READY_SECONDS = 90
DOCTOR = [sys.executable, str(ROOT / "cli.py"), "doctor", "--output", "json"]


def test_ctrl_c_ends_everything_and_the_next_start_has_the_data(stack: Whyral, workspace: Workspace) -> None:
    request_id = workspace.ask()
    family = stack.family()

    code = stack.stop(signal.SIGINT)

    assert code == 0
    assert [each for each in family if not is_gone(each)] == []
    assert stack.remains() == []
    seconds = stack.start()
    tell(f"second start: ready after {seconds:.1f} s")
    assert seconds < READY_SECONDS
    assert workspace.ended(request_id)["state"] == "succeeded"


def test_the_doctor_finds_nothing_wrong_while_it_runs(stack: Whyral) -> None:
    # The daemon's last heartbeat comes a minute after its start.
    told = until(lambda: all_well(stack), "a line `ok` from every check")

    assert {"whyral", "database", "app role", "row-level security", "migrations", "api", "dagster daemon", "launcher"} <= set(told)
    assert all(f"{port} is ours: " in told[f"{name} port"] for name, port in named(stack.ports))
    assert told["launcher"].startswith(f"process {stack.pid('launcher')}: ")
    assert "moved" in told["postgres folder"] or str(stack.home / "postgres") in told["postgres folder"]


def all_well(stack: Whyral) -> dict[str, str]:
    """What it found, by check; empty while not all is well. What only warns is printed for whoever looks."""
    done = subprocess.run(DOCTOR, env=stack.environment(), cwd=stack.folder, capture_output=True, text=True, timeout=60, check=False)
    lines = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, ""), [each for each in lines if each["level"] == "fail"]
    tell(str([each for each in lines if each["level"] == "warn"]))
    # Without a Whisper model the stand-in listens, and that is warned of.
    levels = {each["level"] for each in lines if each["check"] != "speech"}
    return {each["check"]: each["found"] for each in lines} if levels == {"ok"} else {}


def named(ports: dict[str, int]) -> list[tuple[str, int]]:
    names = {
        "WHYRAL_API_PORT": "api", "WHYRAL_DAGSTER_PORT": "dagster", "WHYRAL_METRICS_PORT": "metrics", "WHYRAL_PG_PORT": "postgres",
        "WHYRAL_SANDBOX_PORT": "sandbox",
    }  # fmt: skip
    return [(names[setting], port) for setting, port in ports.items()]


@pytest.mark.chaos
def test_after_a_kill_the_next_start_ends_what_was_left_and_works(stack: Whyral, workspace: Workspace) -> None:
    assert stack.process is not None
    family = stack.family()
    stack.process.kill()
    stack.process.wait()

    stack.start()

    assert [each for each in family if not is_gone(each)] == []
    assert workspace.ended(workspace.ask())["state"] == "succeeded"


@pytest.mark.chaos
@pytest.mark.parametrize("part", ["api", "postgres"])
def test_a_part_that_ends_is_started_again(stack: Whyral, workspace: Workspace, part: str) -> None:
    killed = stack.kill(part)

    until(lambda: stack.pid(part) != killed.pid, f"another {part}")

    until(lambda: is_served(workspace), "the API answers")


def is_served(workspace: Workspace) -> bool:
    try:
        return workspace.http.get("/me").status_code == 200
    except httpx.TransportError:
        return False


def test_a_second_start_on_the_same_home_is_refused(stack: Whyral) -> None:
    assert stack.process is not None
    assert refused(stack) == f"whyral: whyral: already runs on {stack.home} (process {stack.process.pid}): stop it first"


@pytest.mark.chaos
def test_ctrl_c_while_it_starts_ends_everything_too(whyral: Whyral) -> None:
    if whyral.process is not None:
        whyral.stop()
    whyral.spawn()
    until(lambda: whyral.has_child("api"), "the first children")

    code = whyral.stop(signal.SIGINT)

    assert (code, whyral.remains()) == (0, [])


@pytest.mark.chaos
def test_with_the_stock_launcher_everything_works_without_the_warm_one() -> None:
    with tempfile.TemporaryDirectory(prefix="whyral-stock-") as folder:
        Path(folder).chmod(0o755)
        stock = Whyral(Path(folder) / "home", WHYRAL_RUN_LAUNCHER="stock")
        try:
            stock.start()
            workspace = stock.workspace()

            ended = workspace.ended(workspace.ask())

            workspace.http.close()
            assert (ended["state"], ended["attempt"], stock.has_child("launcher")) == ("succeeded", 1, False)
        finally:
            if stock.process is not None:
                stock.stop()
            PostgresServer(stock.home, port=None).remove()
