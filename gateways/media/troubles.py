"""Why a confined tool failed, as an error of ours. What it may spend is said here too, for half of the reasons are limits."""

import re
import signal
from dataclasses import dataclass

from domain.errors import OutOfResources, SourceFailed, SourceRefused, SourceUnavailable
from domain.media import MediaLimits

_NO_ROOM = re.compile(r"No space left on device|Disk quota exceeded")
_TOO_LARGE = re.compile(r"File too large")
_NO_MEMORY = re.compile(r"Cannot allocate memory|MemoryError|bad_alloc|malloc of size|[Oo]ut of memory|Resource temporarily unavailable")
# Where a tool is told how it was addressed: `[mov,mp4 @ 0x55d0c0]`.
_ADDRESS = re.compile(r" @ 0x[0-9a-f]+")
_WORDS = 400
_CPU_SLACK_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one run may spend: address space, processor and wall time, and the size of any file it writes."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    file_bytes: int

    @classmethod
    def of(cls, limits: MediaLimits, *, file_bytes: int) -> "Bounds":
        return cls(
            memory_bytes=limits.memory_bytes, cpu_seconds=limits.cpu_seconds, wall_seconds=limits.wall_seconds, file_bytes=file_bytes
        )


def trouble(tool: str, exit_code: int, said: str, bounds: Bounds, *, spent_seconds: float = 0.0) -> SourceFailed:
    """The error for an exit code (negative: the signal), the last words on stderr and the processor time that was spent."""
    if spent_seconds > bounds.cpu_seconds - _CPU_SLACK_SECONDS:
        return OutOfResources(tool, f"it would take more than {bounds.cpu_seconds:,} s of processor time")
    if exit_code == -signal.SIGXFSZ or _TOO_LARGE.search(said):
        return too_large(tool, bounds)
    if _NO_ROOM.search(said):
        return SourceUnavailable("disk", "no space left for the work; free some and try again")
    if _NO_MEMORY.search(said):
        return OutOfResources(tool, f"it would take more than {bounds.memory_bytes:,} bytes of memory")
    if exit_code == -signal.SIGKILL:
        return SourceUnavailable(tool, "it was killed from outside; the machine may be out of memory")
    if exit_code < 0:
        return SourceRefused(tool, f"it crashed on this file (signal {-exit_code}): {words(said)}".rstrip(": "))
    return SourceRefused(tool, words(said) or f"it failed with exit code {exit_code}")


def too_large(tool: str, bounds: Bounds) -> OutOfResources:
    return OutOfResources(tool, f"its result would be larger than {bounds.file_bytes:,} bytes")


def wall_time_up(tool: str, bounds: Bounds) -> SourceUnavailable:
    """Trying again may help: the machine may have been busy."""
    return SourceUnavailable(tool, f"not done within {bounds.wall_seconds:,.0f} s")


def words(said: str) -> str:
    """The last words in one line, without addresses and paths."""
    lines = [re.sub(r"file:\S*/", "", _ADDRESS.sub("", line)).strip() for line in said.splitlines()]
    return "; ".join(dict.fromkeys(line for line in lines if line))[-_WORDS:]
