"""Charts as answers: SVG, PNG, or the Vega-Lite specification. What is drawn is in `domain.charts`, who draws is a port.

A picture is drawn once for its rows and kept in memory while there is room; who has it already is told so before anything is drawn.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response

from domain.ports import ChartPainter

Spec = Mapping[str, Any]
KEPT_BYTES = 16_000_000
TYPES = {"svg": "image/svg+xml", "png": "image/png", "json": "application/vnd.vegalite.v5+json"}
# A picture runs nothing and loads nothing, wherever it is opened.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which picture: its name, the hash of the rows that it shows, its form. The same rows give the same picture, whoever asks."""

    name: str
    rows: str
    form: str

    @classmethod
    def of(cls, name: str, rows: Sequence[Mapping[str, Any]], form: str) -> "Wanted":
        return cls(name, hashlib.blake2b(msgspec.json.encode(rows), digest_size=16).hexdigest(), form)

    @property
    def tag(self) -> str:
        return f'"{self.rows}-{self.name}-{self.form}"'


class Pictures:
    """Draws, and keeps what was drawn, the least asked-for going first."""

    def __init__(self, painter: ChartPainter, *, most_bytes: int = KEPT_BYTES) -> None:
        self._painter, self._most_bytes, self._lock = painter, most_bytes, threading.Lock()
        self._kept: OrderedDict[Wanted, bytes] = OrderedDict()

    def get(self, wanted: Wanted, spec: Callable[[], Spec]) -> bytes:
        with self._lock:
            if wanted in self._kept:
                self._kept.move_to_end(wanted)
                return self._kept[wanted]
        drawn = self._drawn(wanted.form, spec())
        with self._lock:
            self._kept[wanted] = drawn
            while sum(map(len, self._kept.values())) > self._most_bytes:
                self._kept.popitem(last=False)
        return drawn

    def _drawn(self, form: str, spec: Spec) -> bytes:
        if form == "json":
            return msgspec.json.encode(spec)
        return self._painter.png(spec) if form == "png" else self._painter.svg(spec).encode()


def form_of(request: Request[Any, Any, Any]) -> str:
    """By the end of the path, which is one of `TYPES`."""
    return str(request.url.path.rpartition(".")[2])


def shown(request: Request[Any, Any, Any], pictures: Pictures, wanted: Wanted, spec: Callable[[], Spec]) -> Response[bytes]:
    """The picture, or 304 where the caller has it."""
    headers = {
        "ETag": wanted.tag, "Cache-Control": "private, no-cache", "Vary": "authorization, x-api-key, cookie",
        "Content-Security-Policy": POLICY, "Content-Disposition": f'inline; filename="{wanted.name}.{wanted.form}"',
    }  # fmt: skip
    known = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    if {wanted.tag, "*"} & set(known):
        return Response(b"", status_code=304, headers=headers, media_type=TYPES[wanted.form])
    return Response(pictures.get(wanted, spec), headers=headers, media_type=TYPES[wanted.form])
