"""Children on the leash, with real processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from gateways.leftovers import Record, end_leftovers
from gateways.owner_lock import OwnerLock
from gateways.processes import LOG_CAP_BYTES, Child, Program, SystemUser, run, start, stop

ROOT = Path(__file__).parents[2]
STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
OWNER = """
import sys, time
from pathlib import Path
from gateways.processes import Program, start
folder = Path(sys.argv[1])
program = Program(name="child", command=("sh", "-c", sys.argv[2]), environment={"PATH": "/usr/bin:/bin"}, folder=folder)
print(start(program, folder).pid, flush=True)
time.sleep(60)
"""

Starter = Callable[[str], Child]


def until(claim: Callable[[], bool], *, seconds: float = 15) -> None:
    """Waits for what must become true; the bound only ends a test that fails."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, "did not become true"
        time.sleep(0.02)


def shell(script: str, folder: Path, name: str = "child") -> Program:
    return Program(name=name, command=("sh", "-c", script), environment={"PATH": os.defpath}, folder=folder)


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Starter]:
    """Starts a shell script and waits until it has said `ready`."""
    with ExitStack() as after:

        def starter(script: str) -> Child:
            child = start(shell(script, tmp_path), tmp_path)
            after.callback(stop, child, grace_seconds=0)
            until(lambda: "ready" in child.said())
            return child

        yield starter


@pytest.fixture
def killed_owner(tmp_path: Path) -> Callable[[str], int]:
    """Runs an owner with a child in `tmp_path`, kills the owner with -9; the child's pid."""

    def kill(script: str) -> int:
        with subprocess.Popen(
            [sys.executable, "-c", OWNER, str(tmp_path), script], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
        ) as owner:
            assert owner.stdout is not None
            pid = int(owner.stdout.readline())
            until(lambda: "ready" in (tmp_path / "child.log").read_text())
            owner.kill()
        return pid

    return kill


def test_a_stop_ends_the_whole_group(started: Starter) -> None:
    child = started("sleep 60 & echo $! ready; wait")
    grandchild = int(child.said().split()[0])

    code = stop(child, grace_seconds=10)

    assert code == -signal.SIGTERM
    assert is_gone(grandchild)


def test_what_ignores_the_signal_is_killed_after_the_grace(started: Starter) -> None:
    assert stop(started(STUBBORN), grace_seconds=0.2) == -signal.SIGKILL


def test_a_stubborn_grandchild_is_killed_though_its_parent_obeyed(started: Starter) -> None:
    child = started("sh -c \"trap '' TERM; while :; do sleep 0.05; done\" & echo $! ready; wait")
    grandchild = int(child.said().split()[0])

    stop(child, grace_seconds=0.3)

    until(lambda: is_gone(grandchild))


def test_the_exit_code_is_known_before_and_after_the_stop(started: Starter) -> None:
    child = started("echo ready; exit 7")

    until(lambda: child.exit_code() == 7)

    assert [stop(child, grace_seconds=1), stop(child, grace_seconds=1), child.exit_code()] == [7, 7, 7]


def test_a_stopped_child_leaves_no_record(started: Starter, tmp_path: Path) -> None:
    child = started("echo ready; sleep 60")
    recorded = list(tmp_path.glob("*.child.json"))

    stop(child, grace_seconds=5)

    assert len(recorded) == 1
    assert not recorded[0].exists()


def test_a_child_dies_with_its_killed_owner(killed_owner: Callable[[str], int]) -> None:
    pid = killed_owner("echo ready; exec sleep 60")

    until(lambda: is_gone(pid))


def test_what_survived_a_killed_owner_is_ended_by_the_next(killed_owner: Callable[[str], int], tmp_path: Path) -> None:
    pid = killed_owner(STUBBORN)
    assert not is_gone(pid)

    ended = end_leftovers(tmp_path, grace_seconds=0.2)

    assert pid in ended
    assert is_gone(pid)
    assert not list(tmp_path.glob("*.child.json"))


@pytest.mark.parametrize(
    "change", [{"token": "another"}, {"started": 1.0}, {"folder": "/elsewhere"}], ids=["other token", "other start", "a copied folder"]
)
def test_a_process_that_is_not_provably_ours_is_spared(started: Starter, tmp_path: Path, change: dict[str, object]) -> None:
    child = started("echo ready; sleep 60")
    path = tmp_path / "child.child.json"
    Record(**{**json.loads(path.read_text()), **change}).write(path)

    ended = end_leftovers(tmp_path, grace_seconds=1)

    assert ended == ()
    assert child.exit_code() is None


def test_the_same_record_unchanged_ends_it(started: Starter, tmp_path: Path) -> None:
    child = started("echo ready; exec sleep 60")

    assert end_leftovers(tmp_path, grace_seconds=5) == (child.pid,)


def test_a_broken_record_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "child.child.json").write_text('{"pid": 1')

    assert end_leftovers(tmp_path, grace_seconds=1) == ()
    assert not list(tmp_path.glob("*.child.json"))


def test_a_child_started_in_a_passing_thread_outlives_the_thread(tmp_path: Path) -> None:
    children: list[Child] = []
    thread = threading.Thread(target=lambda: children.append(start(shell("echo ready; exec sleep 60", tmp_path), tmp_path)))
    thread.start()
    thread.join()
    until(lambda: "ready" in children[0].said())

    # The death signal of an ended thread arrives at once; this child would answer it by ending.
    until(lambda: thread.native_id is not None and not Path(f"/proc/self/task/{thread.native_id}").exists())
    code = children[0].exit_code()
    stop(children[0], grace_seconds=5)

    assert code is None


def test_a_log_over_the_cap_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    log.touch()
    os.truncate(log, LOG_CAP_BYTES + 1)

    child = start(shell("echo ready", tmp_path), tmp_path)
    until(lambda: child.exit_code() is not None)
    stop(child, grace_seconds=0)

    assert log.read_text() == "ready\n"
    assert (tmp_path / "child.log.1").stat().st_size == LOG_CAP_BYTES + 1


def test_a_missing_command_is_named_in_the_log(tmp_path: Path) -> None:
    child = start(Program(name="child", command=("no-such-program",), environment={"PATH": os.defpath}, folder=tmp_path), tmp_path)
    until(lambda: child.exit_code() is not None)

    assert stop(child, grace_seconds=0) == 1
    assert "leash: no-such-program: [Errno 2]" in child.said()


def test_a_child_inherits_no_ignored_signal(tmp_path: Path) -> None:
    lines = run(shell("exec grep -E 'Sig(Ign|Blk)' /proc/self/status", tmp_path), timeout_seconds=10).stdout.split()

    # Signals 32 and 33 are the C library's own: no program can block or unblock them for itself.
    blocked, ignored = (int(lines[position], 16) & ~(0b11 << 31) for position in (1, 3))
    assert (lines[0], blocked, lines[2], ignored) == ("SigBlk:", 0, "SigIgn:", 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_child_of_root_becomes_the_user_without_roots_groups() -> None:
    nobody = SystemUser("nobody", 65534, 65534)
    program = Program(name="id", command=("id",), environment={"PATH": os.defpath}, folder=Path("/"), user=nobody)

    said = run(program, timeout_seconds=10).stdout

    assert "uid=65534" in said
    assert "(root)" not in said


def test_a_lock_has_one_holder_and_is_free_after_it(tmp_path: Path) -> None:
    path = tmp_path / "owner.lock"
    first = OwnerLock.take(path)
    assert first is not None

    assert OwnerLock.take(path) is None
    assert OwnerLock.holder(path) == str(os.getpid())

    first.release()
    second = OwnerLock.take(path)
    assert second is not None
    second.release()


def test_a_child_does_not_hold_its_owners_lock(started: Starter, tmp_path: Path) -> None:
    lock = OwnerLock.take(tmp_path / "owner.lock")
    assert lock is not None
    started("echo ready; sleep 60")

    lock.release()

    again = OwnerLock.take(tmp_path / "owner.lock")
    assert again is not None
    again.release()
