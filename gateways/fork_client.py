"""Asking the fork server of `gateways.forking`: one line of JSON there, one line back."""

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.errors import SourceUnavailable

_WORD_BYTES = 65_536


class ForkClient:
    """Questions to one fork server. Raises SourceUnavailable where it does not answer in time."""

    def __init__(self, path: Path, *, timeout_seconds: float = 5) -> None:
        self._path, self._timeout_seconds = path, timeout_seconds

    def launch(self, key: str) -> Mapping[str, Any]:
        """`ok`, with its state; else the reason."""
        return self._ask({"ask": "launch", "key": key})

    def reserve(self, key: str) -> bool:
        """Whether there is a place right now; it is kept for some seconds."""
        return bool(self._ask({"ask": "reserve", "key": key})["ok"])

    def end(self, key: str, *, at_once: bool = False) -> bool:
        """Whether it was live. At once: SIGKILL to its whole group; else SIGTERM first."""
        return bool(self._ask({"ask": "end", "key": key, "at_once": at_once})["ok"])

    def state(self, key: str) -> Mapping[str, Any]:
        """`live`, `waiting`, `ended` with its exit code, or `unknown`."""
        return self._ask({"ask": "state", "key": key})

    def health(self) -> Mapping[str, Any]:
        """How many are live and waiting, the limit, the server's threads and pid."""
        return self._ask({"ask": "health"})

    def _ask(self, words: Mapping[str, object]) -> Mapping[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX) as asking:
                asking.settimeout(self._timeout_seconds)
                asking.connect(str(self._path))
                asking.sendall(json.dumps(words).encode() + b"\n")
                said = _line(asking)
            answer: Mapping[str, Any] = json.loads(said)
        except (OSError, ValueError) as error:
            raise SourceUnavailable("launcher", f"the fork server at {self._path} does not answer: {error}") from error
        return answer


def _line(asking: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"\n") and len(said) < _WORD_BYTES:
        came = asking.recv(_WORD_BYTES)
        if not came:
            break
        said += came
    return said
