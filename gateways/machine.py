"""What this machine has to offer at a start: ports and room on the disk. Starting anything is in `gateways.processes`."""

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

import psutil

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A loopback port nobody uses now; somebody else may take it before you do, so be ready to ask again."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def kept_port(path: Path) -> int:
    """The port that this file tells of where it is still free, else another that it tells of from now on."""
    words = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    if words.isdecimal() and 0 < int(words) < 65_536 and port_is_free(int(words)):
        return int(words)
    port = free_port()
    path.write_text(f"{port}\n", encoding="utf-8")
    return port


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Without it a port whose last connections are still in TIME_WAIT looks taken right after a stop.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def who_listens(port: int) -> str | None:
    """`name (pid 12)`, or None where nobody listens or the system does not tell us whose it is."""
    pids = listening_pids(port)
    return described(pids[0]) if pids else None


def listening_pids(port: int) -> list[int]:
    """Empty, too, where the system does not tell us whose it is: other users' processes are hidden from a plain user."""
    try:
        sockets = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return []
    return [each.pid for each in sockets if each.status == psutil.CONN_LISTEN and each.laddr.port == port and each.pid]


def is_of_session(pid: int, leaders: Collection[int]) -> bool:
    """Whether a process is one of these, or runs in a session that one of them leads (as our children do)."""
    try:
        return pid in leaders or os.getsid(pid) in leaders
    except ProcessLookupError:
        return False


def described(pid: int) -> str | None:
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.NoSuchProcess:
        return None


def free_bytes(path: Path) -> int:
    """Room on the disk that holds `path`, or that will once it is made."""
    there = next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())
    return shutil.disk_usage(there).free


def folder_clock_ahead_seconds(folder: Path) -> float:
    """How far the clock of the disk that holds `folder` is ahead of ours; another machine's where that is a network disk."""
    before = time.time()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".clock-") as file:
        file.write(b"1")
        file.flush()
        stamped = os.fstat(file.fileno()).st_mtime
    return stamped - (before + time.time()) / 2


def sizes(folder: Path, pattern: str) -> dict[str, int | None]:
    """Of the files in it, by path, each read to its end; None where one cannot be read."""
    return {str(path): _read(path) for path in sorted(folder.glob(pattern))}


def _read(path: Path) -> int | None:
    try:
        return len(path.read_bytes())
    except OSError:
        return None
