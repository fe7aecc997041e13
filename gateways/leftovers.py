"""What a killed run left: records of its children, and how the next run ends them. Starting them is in `gateways.processes`."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

TOKEN_VARIABLE = "WHYRAL_LEASH"  # noqa: S105 (the variable's name, not a secret)
SUFFIX = ".child.json"
_CLOCK_SLACK_SECONDS = 1.0  # start times are computed from the clock, which may be set meanwhile


@dataclass(frozen=True, slots=True)
class Record:
    """What proves later that a process is ours: its number, when it began, and a token that only its environment holds.

    It counts only in the folder it was written for: a copy of that folder must not end the original's processes.
    """

    pid: int
    started: float
    token: str = field(repr=False)
    death_signal: int
    command: tuple[str, ...]
    folder: str

    def write(self, path: Path) -> None:
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)), encoding="utf-8")
        fresh.replace(path)


def end_leftovers(folder: Path, *, grace_seconds: float) -> tuple[int, ...]:
    """End what a killed run left; the ended pids.

    Only for whoever holds the folder's lock (`gateways.owner_lock`): a living owner's children are recorded there, too.
    """
    ended: list[int] = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        record = _read_record(path)
        left = list(_ours(record)) if record else []
        _end(left, signal.Signals(record.death_signal) if record else signal.SIGTERM, grace_seconds)
        ended += [each.pid for each in left]
        path.unlink(missing_ok=True)
    return tuple(ended)


def recorded(folder: Path) -> dict[str, Record]:
    """What a living owner says it has started, by name."""
    found = {path.name.removesuffix(SUFFIX): _read_record(path) for path in folder.glob(f"*{SUFFIX}")}
    return {name: record for name, record in found.items() if record is not None and _may_be_ours(record)}


def _read_record(path: Path) -> Record | None:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        record = Record(**{**fields, "command": tuple(fields["command"])})
    except (ValueError, TypeError, KeyError):
        return None
    return record if Path(record.folder) == path.parent.resolve() else None


def _ours(record: Record) -> Iterator[psutil.Process]:
    """The recorded process and what it started, as far as they are provably ours: start time, session and token."""
    if not _may_be_ours(record):
        return
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == record.pid and process.environ().get(TOKEN_VARIABLE) == record.token:
                yield process
        except (psutil.Error, ProcessLookupError, PermissionError):
            continue


def _may_be_ours(record: Record) -> bool:
    """Not where the number has gone to another process; where the process ended, what it started may still live."""
    try:
        started: float = psutil.Process(record.pid).create_time()
    except psutil.NoSuchProcess:
        return True
    return abs(started - record.started) < _CLOCK_SLACK_SECONDS


def _end(processes: list[psutil.Process], first: signal.Signals, grace_seconds: float) -> None:
    _, stubborn = psutil.wait_procs([each for each in processes if _signaled(each, first)], timeout=grace_seconds)
    psutil.wait_procs([each for each in stubborn if _signaled(each, signal.SIGKILL)], timeout=grace_seconds)


def _signaled(process: psutil.Process, number: signal.Signals) -> bool:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return False
    return True
