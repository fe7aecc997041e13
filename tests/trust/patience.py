"""Asking again until it works, within bounds, for what another process of the test decides."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
SECONDS = 30.0


def patiently(ask: Callable[[], Found], *busy: type[Exception]) -> Found:
    """The first answer that is not `busy`. Raises the last `busy` after 30 seconds."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return ask()
        except busy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
