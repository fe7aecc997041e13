"""Tools that may be taken over by what they read, with real processes that try."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from domain.errors import OutOfResources, SourceRefused, SourceUnavailable, Unwanted
from gateways.media.confined import Tool, can_hide_files, can_leave_network, run_confined
from gateways.media.troubles import Bounds, trouble, words
from tests.gateways.test_processes import ROOT, is_gone, until

BOUNDS = Bounds(memory_bytes=300_000_000, cpu_seconds=20, wall_seconds=60, file_bytes=1_000_000)
OWNER = """
import sys
from pathlib import Path
from typing import Any
from gateways.media.confined import Tool, run_confined
from gateways.media.troubles import Bounds
bounds = Bounds(memory_bytes=300_000_000, cpu_seconds=20, wall_seconds=60, file_bytes=1_000_000)
program = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
run_confined(Tool(name="tool", command=(sys.executable, "-I", "-c", program), folder=Path(sys.argv[1]), bounds=bounds))
"""


def tool(folder: Path, program: str, bounds: Bounds = BOUNDS, **more: Any) -> Tool:
    """A Python program as the tool: it can try what an attacker would."""
    return Tool(name="tool", command=(sys.executable, "-I", "-c", program), folder=folder, bounds=bounds, **more)


def said(folder: Path, program: str, **more: Any) -> str:
    return run_confined(tool(folder, program, **more)).read_text().strip()


def test_a_tool_gets_nothing_of_our_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("WHYRAL_SECRET_KEY", "secret")

    names = said(tmp_path, "import os; print(*sorted(os.environ))", environment=(("GIVEN", "1"),))

    assert names.split() == ["GIVEN", "HOME", "LANG", "MALLOC_ARENA_MAX", "PATH", "TMPDIR", "WHYRAL_LEASH"]


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.mark.skipif(not (can_leave_network() or can_hide_files()), reason="this system lets nobody leave its network")
def test_a_tool_reaches_no_network(tmp_path, listening):
    port = listening.getsockname()[1]
    program = f"import socket\ntry: socket.create_connection(('127.0.0.1', {port}), 5); print('reached')\nexcept OSError: print('cut off')"

    assert said(tmp_path, program) == "cut off"


@pytest.mark.skipif(not can_hide_files(), reason="this kernel has no Landlock")
def test_a_tool_sees_its_folder_and_what_it_is_given_and_nothing_else(tmp_path):
    mine, given, hidden = (tmp_path / name for name in ("mine", "given", "hidden"))
    for folder in (mine, given, hidden):
        folder.mkdir()
        (folder / "file").write_text(folder.name)
    program = """
from pathlib import Path
from typing import Any
def tried(act):
    try: act()
    except OSError as error: return type(error).__name__
    return "done"
root = Path(ROOT)
print(*(tried((root / name / "file").read_text) for name in ("mine", "given", "hidden")),
      *(tried(lambda: (root / name / "new").write_text("x")) for name in ("mine", "given", "hidden")),
      tried(lambda: Path("/etc/passwd").read_text()), tried(lambda: Path("/tmp").iterdir().__next__()))
""".replace("ROOT", repr(str(tmp_path)))

    answer = said(mine, program, reads=(given,))

    no = "PermissionError"
    assert answer.split() == ["done", "done", no, "done", no, no, no, no]


@pytest.mark.skipif(not can_hide_files(), reason="this kernel has no Landlock")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to lose")
def test_a_tool_of_root_has_no_privileges(tmp_path):
    lines = said(tmp_path, "print(open('/proc/self/status').read())", reads=(Path("/proc"),))

    held = {line.split()[0]: int(line.split()[1], 16) for line in lines.splitlines() if line.startswith(("CapEff", "CapPrm", "NoNewPrivs"))}
    assert held == {"CapPrm:": 0, "CapEff:": 0, "NoNewPrivs:": 1}


@pytest.mark.parametrize(
    ("program", "bounds", "limit"),
    [
        ("x = bytearray(500_000_000)", BOUNDS, "300,000,000 bytes of memory"),
        ("while True: pass", replace(BOUNDS, cpu_seconds=1), "1 s of processor time"),
        ("open('big.bin', 'wb').write(bytes(2_000_000))", BOUNDS, "larger than 1,000,000 bytes"),
        (
            "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL); open('big.bin', 'wb').write(bytes(2_000_000))",
            BOUNDS,
            "larger than 1,000,000 bytes",
        ),
    ],
    ids=["memory", "processor", "file", "file by signal"],
)
def test_a_tool_that_wants_more_than_it_may_is_ended_and_the_limit_is_named(tmp_path, program, bounds, limit):
    with pytest.raises(OutOfResources) as ended:
        run_confined(tool(tmp_path, program, bounds))

    assert limit in str(ended.value)
    assert ended.value.code == "resource_limit"


def test_a_tool_cannot_raise_its_limits(tmp_path):
    program = """
import resource
for each in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE):
    try: resource.setrlimit(each, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError): print("refused")
"""

    assert said(tmp_path, program).split() == ["refused"] * 5
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] == resource.RLIM_INFINITY


def test_a_tool_that_hangs_is_ended_at_its_time(tmp_path):
    program = "import os, signal; print(os.getpid(), flush=True); signal.pause()"

    with pytest.raises(SourceUnavailable, match="not done within 1 s"):
        run_confined(tool(tmp_path, program, replace(BOUNDS, wall_seconds=0.6)))

    assert is_gone(int((tmp_path / "tool.out").read_text()))


@pytest.mark.parametrize("how", ["running", "stopped", "deaf"])
def test_an_unwanted_tool_ends_with_its_whole_group(tmp_path, how):
    program = f"""
import os, signal
if {how!r} == "deaf":
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(each, signal.SIG_IGN)
child = os.fork()
if child: print(os.getpid(), child, flush=True)
if child and {how!r} == "stopped":
    os.kill(child, signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGSTOP)
signal.pause()
"""
    output = tmp_path / "tool.out"

    with pytest.raises(Unwanted):
        run_confined(tool(tmp_path, program), is_unwanted=lambda: len(output.read_text().split()) == 2)

    pids = [int(each) for each in output.read_text().split()]
    until(lambda: all(map(is_gone, pids)))


def test_a_tool_ends_when_the_question_whether_it_is_wanted_fails(tmp_path):
    def broken() -> bool:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        run_confined(tool(tmp_path, "import os, time; print(os.getpid(), flush=True); time.sleep(60)"), is_unwanted=broken)

    assert is_gone(int((tmp_path / "tool.out").read_text()))


def test_a_tool_dies_with_its_killed_owner(tmp_path):
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": os.defpath})
    output = tmp_path / "tool.out"
    until(lambda: output.exists() and bool(output.read_text().strip()))

    owner.send_signal(signal.SIGKILL)
    owner.wait()

    until(lambda: is_gone(int(output.read_text())))


def test_a_tool_is_watched_while_it_runs_and_once_at_its_end(tmp_path):
    seen: list[float] = []

    run_confined(tool(tmp_path, "import time; time.sleep(1.2)"), watch=lambda: seen.append(time.monotonic()))

    assert len(seen) == 2


def test_a_crash_and_a_failure_are_refusals_with_the_last_words(tmp_path):
    crash = "import os, signal, sys; print('bad box', file=sys.stderr, flush=True); os.kill(os.getpid(), signal.SIGSEGV)"

    with pytest.raises(SourceRefused, match=r"crashed on this file \(signal 11\): bad box"):
        run_confined(tool(tmp_path, crash))
    with pytest.raises(SourceRefused, match="tool: moov atom not found"):
        run_confined(tool(tmp_path, "import sys; sys.exit('moov atom not found')"))


def test_a_tool_that_somebody_killed_may_be_tried_again(tmp_path):
    with pytest.raises(SourceUnavailable, match="killed from outside"):
        run_confined(tool(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"))


def test_nothing_of_ours_is_left_in_the_process_table(tmp_path):
    before = {each.pid for each in psutil.Process().children(recursive=True)}

    said(tmp_path, "print(1)")

    assert {each.pid for each in psutil.Process().children(recursive=True)} <= before


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        ("av_interleaved_write_frame(): No space left on device", SourceUnavailable, "disk: no space left"),
        ("[libx264 @ 0x1] malloc of size 123 failed", OutOfResources, "of memory"),
        ("Error opening input: Cannot allocate memory", OutOfResources, "of memory"),
        ("[mov,mp4 @ 0x55f] moov atom not found", SourceRefused, "ffmpeg: [mov,mp4] moov atom not found"),
        ("", SourceRefused, "exit code 1"),
    ],
)
def test_what_ffmpeg_says_becomes_an_error_of_ours(said, kind, sentence):
    error = trouble("ffmpeg", 1, said, BOUNDS)

    assert type(error) is kind
    assert sentence in str(error)


def test_the_last_words_tell_no_path_and_no_address():
    text = "[mov @ 0x55aa] error\n[mov @ 0x55aa] error\nError opening file:/home/somebody/files/ab/clip.mp4"

    assert words(text) == "[mov] error; Error opening clip.mp4"
