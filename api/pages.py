"""Cursor pages: `{items, next_cursor, has_more}`. A cursor is opaque, signed, and bound to its route and filters."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from domain.errors import FieldProblem, Unacceptable

T = TypeVar("T")
S = TypeVar("S")
Limit = Annotated[int, QueryParameter(ge=1, le=100, description="how many items at most")]
CursorParam = Annotated[str | None, QueryParameter(description="`next_cursor` of the page before")]


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page. Follow `next_cursor` while `has_more`."""

    items: list[T]
    next_cursor: str | None
    has_more: bool


class Cursors:
    """Signs positions, so that nobody makes one up."""

    def __init__(self, secret_key: str) -> None:
        self._key = hashlib.sha256(b"cursor:" + secret_key.encode()).digest()

    def make(self, position: Sequence[Any], scope: str) -> str:
        body = msgspec.json.encode(list(position))
        return base64.urlsafe_b64encode(self._sign(body, scope) + body).decode().rstrip("=")

    def read(self, cursor: str, scope: str, kinds: Any) -> Any:
        """The position, decoded as `kinds` (a tuple type). Raises Unacceptable for one that is not ours, or of another list."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            if not hmac.compare_digest(raw[:16], self._sign(raw[16:], scope)):
                raise ValueError("signature")
            return msgspec.json.decode(raw[16:], type=kinds)
        except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
            problem = FieldProblem("cursor", "use the next_cursor of a page with the same filters, or leave it out")
            raise Unacceptable("the cursor cannot be accepted", (problem,)) from error

    def _sign(self, body: bytes, scope: str) -> bytes:
        return hmac.new(self._key, scope.encode() + b"\0" + body, hashlib.sha256).digest()[:16]


def page(
    found: Sequence[S], limit: int, *, shape: Callable[[S], T], position: Callable[[S], Sequence[Any]], cursors: Cursors, scope: str
) -> Page[T]:
    """A page out of `limit + 1` found rows: the extra one only says that there is more."""
    shown, has_more = found[:limit], len(found) > limit
    return Page(
        items=[shape(each) for each in shown], has_more=has_more, next_cursor=cursors.make(position(shown[-1]), scope) if has_more else None
    )
