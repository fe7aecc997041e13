"""Looking at many things at once, where any of them may hang or break. What is looked at is not known here."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import psutil

from domain.doctor.findings import Finding, fail, warn
from domain.errors import WhyralError


@dataclass(frozen=True, slots=True)
class Check:
    """A look at one thing, and the name it goes by where the look itself fails."""

    name: str
    look: Callable[[], Iterable[Finding]]


def ask(checks: Sequence[Check], *, seconds: float) -> list[Finding]:
    """All at once, told in their order, within `seconds` whatever happens: what hangs or breaks costs its own line only."""
    deadline = time.monotonic() + seconds
    asked = [_Asked(each) for each in checks]
    for each in asked:
        each.start()
    return [finding for each in asked for finding in each.told(deadline - time.monotonic())]


class _Asked(threading.Thread):
    """A check on its way. A daemon thread: the command ends although something hangs in it."""

    def __init__(self, check: Check) -> None:
        super().__init__(name=check.name, daemon=True)
        self._check = check
        self._found: list[Finding] | None = None

    def run(self) -> None:
        try:
            self._found = list(self._check.look())
        except (WhyralError, OSError, psutil.Error) as error:
            self._found = [warn(self.name, f"could not be looked at: {error}", "put that right and look again")]

    def told(self, seconds: float) -> list[Finding]:
        self.join(max(0.0, seconds))
        if self._found is not None:
            return self._found
        if self.is_alive():
            return [fail(self.name, "gave no answer in time", "see what the machine waits for: a disk, a network, another process")]
        return [fail(self.name, "broke while it was looked at", "report it with the trace on stderr")]
