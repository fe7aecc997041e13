"""What the warm process holds before it is forked, and who may serve a home: each a process of its own."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gateways.owner_lock import OwnerLock

ROOT = Path(__file__).parents[2]
FORKED = ["--socket", "s", "--limit", "1", "--definitions", str(ROOT / "definitions.py")]
SERVED = ["--port", "1", "--definitions", str(ROOT / "definitions.py")]


def python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_our_definitions_load_nothing_numeric_and_start_no_thread() -> None:
    said = python(
        "-c",
        "import definitions; from resources.fork_server import PRELOADED, complaint; list(map(__import__, PRELOADED)); print(complaint())",
    )

    assert said.stdout == "None\n", said.stderr


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("import numpy", "numpy was loaded at import"),
        ("import threading, time; threading.Thread(target=time.sleep, args=(9,), daemon=True).start()", "2 are there"),
    ],
)
def test_what_makes_it_unfit_to_be_forked_is_named(code: str, complaint: str) -> None:
    said = python("-c", f"{code}\nfrom resources.fork_server import complaint; print(complaint())")

    assert complaint in said.stdout


@pytest.mark.parametrize(
    ("program", "words", "who"), [("fork_server", FORKED, "another fork server"), ("code_server", SERVED, "another one")]
)
def test_a_second_one_for_the_same_home_is_refused(tmp_path: Path, program: str, words: list[str], who: str) -> None:
    held = OwnerLock.take(tmp_path / "lock")
    assert held is not None

    said = python("-m", f"resources.{program}", "--lock", str(tmp_path / "lock"), *words)

    held.release()
    assert said.returncode == 1
    assert who in said.stderr
    assert "stop it first" in said.stderr


def test_a_code_server_does_not_share_a_port(tmp_path: Path) -> None:
    with socket.socket() as old:
        old.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        old.bind(("127.0.0.1", 0))
        old.listen()
        port = old.getsockname()[1]
        said = python("-m", "resources.code_server", "--lock", str(tmp_path / "lock"), "--port", str(port), *SERVED[2:])

    assert said.returncode == 1
    assert f"port {port} is in use" in said.stderr
