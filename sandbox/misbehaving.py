"""How each fault looks on the wire: refusals, pages where JSON was due, damaged answers, and connections that stall or break.

Which faults there are and when they are due is in `sandbox.faults`. A captcha and a used-up quota look as that path's provider words them.
"""

import json
import os
import select
import socket
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.faults import BOMB_BYTES, STATUS, Fault

if TYPE_CHECKING:
    from sandbox.serving import Answered, Asked, Handler

# Where an answer says how to go on, and where a question takes it.
_NEXT = ("nextPageToken", "next_cursor", "nextCursor", "cursor", "max_cursor")
_GIVEN = ("pageToken", "cursor", "max_cursor")
_MORE = ("has_next_page", "hasMore", "has_more")
_DRIPS = 20
# Longer ones are ids.
_COUNTER_DIGITS = 12
_PAGE = "<!doctype html><html><head><title>Please wait</title></head><body><h1>Please wait ...</h1></body></html>"
_PUZZLE = "<!doctype html><html><head><title>Verify</title></head><body><div id='captcha-verify'>Drag the puzzle piece</div></body></html>"

# (beginning of the path, status, body): the first that fits. None: a page.
Worded = tuple[tuple[str, int, dict[str, Any] | None], ...]
_CAPTCHAS: Worded = (
    ("/youtubei/", 200, {"playabilityStatus": {"status": "LOGIN_REQUIRED", "reason": "Sign in to confirm you’re not a bot"}}),
    (
        "/api/",
        200,
        {"code": "10000", "from": "", "type": "verify", "version": "", "region": "us", "subtype": "slide", "detail": ""},
    ),
    ("/", 200, None),
)
_QUOTAS: Worded = (
    ("/twitter/", 402, {"error": "Unauthorized", "message": "Credits is not enough.Please recharge"}),
    ("/datasets/", 402, {"error": "Account is suspended: insufficient balance"}),
    (
        "/",
        403,
        {
            "error": {
                "code": 403,
                "message": "The request cannot be completed because you have exceeded your quota.",
                "errors": [{"message": "quota exceeded", "domain": "youtube.quota", "reason": "quotaExceeded"}],
            }
        },
    ),
)


def perform(fault: Fault, handler: "Handler") -> None:
    """What an early fault does in place of an answer."""
    from sandbox.serving import Answered

    if fault.kind in STATUS:
        _refuse(fault, handler)
    elif fault.kind == "timeout":
        _stall(handler, fault.seconds)
    elif fault.kind == "reset":
        _reset(handler)
    elif fault.kind in ("captcha", "quota"):
        _give_worded(_CAPTCHAS if fault.kind == "captcha" else _QUOTAS, fault, handler)
    elif fault.kind == "html":
        handler.give(Answered.of_html(fault.body or _PAGE))
    elif fault.kind == "empty":
        handler.give(Answered(body=(fault.body or "").encode(), headers={"Content-Type": "application/json"}))
    else:
        handler.give(Answered(body=bomb(BOMB_BYTES), headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}))


def spoil(fault: Fault, answer: "Answered", asked: "Asked") -> "Answered | Spoiled":
    """What a late fault makes of an answer."""
    if fault.kind == "types":
        return _reworded(answer, _other_types)
    if fault.kind == "same_cursor":
        return _reworded(answer, lambda words: _same_cursor(words, asked.query))
    return Spoiled(fault, answer)


@dataclass(frozen=True, slots=True)
class Spoiled:
    """An answer that is right, and damaged on its way."""

    fault: Fault
    answer: "Answered"

    def perform(self, handler: "Handler") -> None:
        body, handler.close_connection = self.answer.body, True
        if self.fault.kind == "cut_chunk":
            self._begin(handler, {"Transfer-Encoding": "chunked"})
            handler.wfile.write(f"{len(body):x}\r\n".encode() + body[: len(body) // 2])
            return
        # Said, for the other side would send its next question on a line that is about to end.
        self._begin(handler, {"Content-Length": str(len(body)), "Connection": "close"})
        if self.fault.kind == "cut":
            handler.wfile.write(body[: len(body) // 2])
        else:
            self._drip(handler)

    def _begin(self, handler: "Handler", headers: Mapping[str, str]) -> None:
        handler.send_response(self.answer.status)
        kept = {name: word for name, word in self.answer.headers.items() if name != "Content-Length"}
        for name, word in {**kept, **headers}.items():
            handler.send_header(name, word)
        handler.end_headers()

    def _drip(self, handler: "Handler") -> None:
        """The whole answer, a little at a time."""
        body, size = self.answer.body, max(1, -(-len(self.answer.body) // _DRIPS))
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        for piece in pieces:
            if _stall(handler, self.fault.seconds / len(pieces)):
                return
            handler.wfile.write(piece)


@lru_cache(maxsize=2)
def bomb(size: int) -> bytes:
    """Gzip of so many blanks: valid JSON once the last two letters are read, and a thousandth of its size."""
    block = b" " * 1_000_000
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    parts = [packer.compress(block) for _ in range(size // len(block))]
    return b"".join([*parts, packer.compress(b"{}"), packer.flush()])


def _refuse(fault: Fault, handler: "Handler") -> None:
    from sandbox.serving import Answered

    status = STATUS[fault.kind]
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    reason = {429: "rateLimitExceeded", 401: "authError", 403: "forbidden"}.get(status, "backendError")
    words = {"error": {"code": status, "message": f"the sandbox answers {status}", "errors": [{"reason": reason}]}}
    body = (fault.body or json.dumps(words)).encode()
    handler.give(Answered(status, body, {"Content-Type": "application/json", **headers}))


def _give_worded(table: Worded, fault: Fault, handler: "Handler") -> None:
    from sandbox.serving import Answered

    path = urlsplit(handler.path).path
    status, words = next((status, words) for start, status, words in table if path.startswith(start))
    body = fault.body if fault.body is not None else (json.dumps(words, ensure_ascii=False) if words is not None else _PUZZLE)
    kind = "text/html; charset=utf-8" if words is None else "application/json"
    handler.give(Answered(status, body.encode(), {"Content-Type": kind}))


def _stall(handler: "Handler", seconds: float) -> bool:
    """Wait, as long as the other side does: whether it went away."""
    handler.close_connection = True
    return bool(select.select([handler.connection], [], [], seconds)[0])


def _reset(handler: "Handler") -> None:
    """Cut the line without a word: the other side reads ECONNRESET."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Files made of the socket keep it open after a mere close().
    os.close(handler.connection.detach())


def _reworded(answer: "Answered", change: Callable[[Any], Any]) -> "Answered":
    """The answer with its JSON changed; what is no JSON stays."""
    try:
        words = json.loads(answer.body)
    except ValueError:
        return answer
    return replace(answer, body=json.dumps(change(words), ensure_ascii=False).encode())


def _other_types(words: Any, place: int = 0) -> Any:
    """Every number becomes text or nothing, by turns; Google's counters are numbers that are written as text."""
    if isinstance(words, dict):
        return {name: _other_types(word, number) for number, (name, word) in enumerate(words.items())}
    if isinstance(words, list):
        return [_other_types(word, number) for number, word in enumerate(words)]
    is_counter = isinstance(words, str) and words.isdecimal() and len(words) <= _COUNTER_DIGITS
    if is_counter or (isinstance(words, int | float) and not isinstance(words, bool)):
        return None if place % 2 else "many"
    return words


def _same_cursor(words: Any, query: Mapping[str, str]) -> Any:
    """The answer points back at itself and claims that there is more; a first page without any cursor is left alone."""
    given = next((query[name] for name in _GIVEN if name in query), None)
    if given is None or not isinstance(words, dict):
        return words
    names = [*(name for name in _NEXT if name in words), *(["nextPageToken"] if "pageToken" in query else [])]
    same = {name: int(given) if isinstance(words.get(name), int) and given.isdigit() else given for name in names}
    return {**words, **same, **{name: True for name in _MORE if name in words}}
