"""One run of a tool on a file that nobody vouches for: within limits, without a network, and ended in time.

Which tool and with which arguments is not known here: ffmpeg's are in `runner`, the prober's in `probe`.
"""

import os
import resource
import select
import signal
import sys
import sysconfig
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from domain.errors import Unwanted
from gateways.media.troubles import Bounds, trouble, wall_time_up
from gateways.processes import Child, Program, run, start, stop

_ASK_SECONDS = 1.0
_OPEN_FILES = 64
_TAIL_BYTES = 16_384
# Nothing of our own environment: it holds passwords. The C library reserves 64 MB of address space per thread unless it is told not to.
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
_NO_CORE = {resource.RLIMIT_CORE: 0}
_TRUE = (sys.executable, "-I", "-c", "import av")
# Python with its packages, among them ffmpeg; the libraries of the system.
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom", "/dev/null")
_PYTHON = (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), str(Path(__file__).parent))
_NEEDED = tuple(map(Path, dict.fromkeys((*_PYTHON, *_SYSTEM))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A command, and what it may spend. It runs in `folder`, writes nowhere else and sees `reads` besides the system's libraries."""

    name: str
    command: tuple[str, ...]
    folder: Path
    bounds: Bounds
    environment: tuple[tuple[str, str], ...] = ()
    reads: tuple[Path, ...] = ()


def never() -> bool:
    return False


def nothing() -> None:
    return


def ignore(share: float) -> None:
    del share


def python(
    program: Path,
    *words: str,
    folder: Path,
    bounds: Bounds,
    name: str = "",
    reads: tuple[Path, ...] = (),
    environment: tuple[tuple[str, str], ...] = (),
) -> Tool:
    """A program of ours that is run by path: it sees its own file and `reads`, by absolute paths, and imports nothing by our names."""
    return Tool(
        name=name or program.stem,
        command=(sys.executable, "-I", str(program), *words),
        folder=folder,
        bounds=bounds,
        environment=environment,
        reads=(program, *(each.absolute() for each in reads)),
    )


def run_confined(tool: Tool, *, is_unwanted: Callable[[], bool] = never, watch: Callable[[], None] = nothing) -> Path:
    """Run it to its end; what it said on stdout. `watch` and `is_unwanted` are called about once a second.

    Raises Unwanted, SourceUnavailable (time up, disk full), OutOfResources, or SourceRefused with the tool's last words.
    """
    output, log = _said(tool)
    output.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    child = start(_program(tool), tool.folder, output=output)
    try:
        _wait(child, tool.bounds, is_unwanted, watch)
    finally:
        # The kernel kills at the limit of processor time without saying so.
        spent = sum(psutil.Process(child.pid).cpu_times()[:2])
        # SIGKILL at once: nothing that an unfinished run made is kept, and a stopped process hears nothing else.
        code = stop(child, grace_seconds=0, first=signal.SIGKILL)
    if code != 0:
        raise trouble(tool.name, code, last_words(tool), tool.bounds, spent_seconds=spent)
    watch()
    return output


def last_words(tool: Tool) -> str:
    """The end of what it said on stderr."""
    return tail_of(_said(tool)[1], _TAIL_BYTES).decode("utf-8", "replace")


def tail_of(path: Path, most_bytes: int) -> bytes:
    """The end of a file that may still grow."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - most_bytes))
        return file.read()


def _said(tool: Tool) -> tuple[Path, Path]:
    """Where its stdout goes, and its stderr."""
    return tool.folder / f"{tool.name}.out", tool.folder / f"{tool.name}.log"


@cache
def can_leave_network() -> bool:
    """Whether the system lets us. Some containers do not; then Landlock and the tools' own whitelist of protocols are what is left."""
    return _works(Program(name="true", command=_TRUE, environment=_ENVIRONMENT, folder=Path("/"), has_network=False))


@cache
def can_hide_files() -> bool:
    """Whether the kernel has Landlock, and our list of what programs need is right for this machine."""
    return _works(Program(name="true", command=_TRUE, environment=_ENVIRONMENT, folder=Path("/"), limits=_NO_CORE, reads=_NEEDED))


def _works(program: Program) -> bool:
    return run(program, timeout_seconds=10).returncode == 0


def _program(tool: Tool) -> Program:
    bounds = tool.bounds
    return Program(
        name=tool.name,
        command=tool.command,
        environment={**_ENVIRONMENT, "HOME": str(tool.folder), "TMPDIR": str(tool.folder), **dict(tool.environment)},
        folder=tool.folder,
        death_signal=signal.SIGKILL,
        limits={
            **_NO_CORE,
            resource.RLIMIT_AS: bounds.memory_bytes,
            resource.RLIMIT_CPU: bounds.cpu_seconds,
            resource.RLIMIT_FSIZE: bounds.file_bytes,
            resource.RLIMIT_NOFILE: _OPEN_FILES,
        },
        has_network=not can_leave_network(),
        reads=(*_NEEDED, *tool.reads) if can_hide_files() else (),
        writes=(tool.folder,) if can_hide_files() else (),
    )


def _wait(child: Child, bounds: Bounds, is_unwanted: Callable[[], bool], watch: Callable[[], None]) -> None:
    """Until it ends. The kernel wakes us when it ends; until then we ask once a second whether it is still wanted."""
    deadline = time.monotonic() + bounds.wall_seconds
    descriptor = os.pidfd_open(child.pid)
    try:
        end = select.poll()
        end.register(descriptor, select.POLLIN)
        while not end.poll(1000 * max(0.0, min(_ASK_SECONDS, deadline - time.monotonic()))):
            if is_unwanted():
                raise Unwanted(f"{child.name}: nobody wants the result any more")
            if time.monotonic() >= deadline:
                raise wall_time_up(child.name, bounds)
            watch()
    finally:
        os.close(descriptor)
