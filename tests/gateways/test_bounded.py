"""Many looks at once: what hangs or breaks costs its own line only."""

import threading
from collections.abc import Iterator

import pytest

from domain.doctor.findings import Finding, Level, ok
from domain.errors import SourceUnavailable
from gateways.bounded import Check, ask


def well() -> Iterator[Finding]:
    yield ok("well", "it is")


def away() -> Iterator[Finding]:
    raise SourceUnavailable("disk", "it is away")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_hangs_or_breaks_stops_no_other() -> None:
    never = threading.Event()
    checks = {"hangs": lambda: [never.wait() and ok("hangs", "no")], "away": away, "broken": lambda: [1 // 0], "well": well}

    found = ask([Check(name, look) for name, look in checks.items()], seconds=1.0)  # type: ignore[arg-type]  # some are broken on purpose

    never.set()
    assert [(each.check, each.level, each.found) for each in found] == [
        ("hangs", Level.FAIL, "gave no answer in time"),
        ("away", Level.WARN, "could not be looked at: disk: it is away"),
        ("broken", Level.FAIL, "broke while it was looked at"),
        ("well", Level.OK, "it is"),
    ]
