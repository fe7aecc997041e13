"""`dry_run=true` on every costly route: the call is checked and counted as a real one and then undone; the answer is what it would take."""

import re
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.openapi.spec import OpenAPI, OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import MEDIA_TYPE, problem_of
from api.owner.shapes import exact
from domain.estimates import Estimate, estimated
from domain.usage import utc_day
from store.trying import Tried, trying

_BASE = "/api/v1"
# Every operation that takes from a meter (tests/api/test_estimates.py).
COSTLY = frozenset({
    *(("POST", path) for path in (
        "/requests", "/requests/{request_id}/retry", "/imports", "/media", "/clips", "/clips/suggest", "/clips/jobs", "/insights/deep",
        "/insights/causal", "/insights/advanced", "/accounts/{account_id}/refresh",
        "/videos/{video_id}/comments/refresh", "/scrape/urls", "/search/hashtag", "/search/term", "/accounts/track",
        "/accounts/{account_id}/track", "/me/data-export", "/channels/{channel_id}/sync", "/channels/{channel_id}/videos/sync",
    )),
    *(("GET", path) for path in (
        "/youtube/search", "/youtube/videos", "/youtube/videos/{video_id}", "/youtube/videos/{video_id}/ownership", "/trending/videos",
    )),
})  # fmt: skip
_PATTERNS = tuple((method, re.compile(_BASE + re.sub(r"\{\w+\}", "[^/]+", path) + "/?")) for method, path in sorted(COSTLY))
_WRITES = {"POST", "PUT", "PATCH", "DELETE"}
NAME = "dry_run"
_YES, _NO = ("true", "1"), ("false", "0")
_LETTERS = re.compile("[^a-z]")


class EstimatedTakeOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the call would take of one meter; `used` counts it already."""

    meter: str
    amount: int
    used: int
    limit: int | None
    resets_at: datetime | None


class EstimateOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the call would take, undone. `most_usd`: what paid calls cost at most, as text; null where that depends on what is found."""

    dry_run: bool
    takes: list[EstimatedTakeOut]
    most_usd: str | None

    @classmethod
    def of(cls, found: Estimate) -> "EstimateOut":
        names = EstimatedTakeOut.__struct_fields__
        takes = [EstimatedTakeOut(**{name: getattr(each, name) for name in names}) for each in found.taken]
        return cls(dry_run=True, takes=takes, most_usd=exact(found.most_usd))


def of_tried(_: Request[Any, Any, Any], tried: Tried) -> Response[EstimateOut]:
    return Response(EstimateOut.of(estimated(tried.taken, on=utc_day(datetime.now(UTC)))), status_code=200)


def is_costly(method: str, path: str) -> bool:
    return any(method == known and pattern.fullmatch(path) for known, pattern in _PATTERNS)


class Estimating:
    """ASGI wrapper: inside a dry run nothing is committed, and a call that would take nothing says so. Other writes are refused.

    What is neither a yes nor a no is refused too: whoever tries something out must not be charged for a spelling.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope)
        if scope["type"] != ScopeType.HTTP or asked in _NO:
            await self._app(scope, receive, send)
        elif asked not in _YES:
            await _answer(send, 400, problem_of(scope, 400, "malformed", f"{NAME}: say `true` or `false`"), MEDIA_TYPE)
        elif is_costly(scope["method"], scope["path"]):
            with trying():
                await self._app(scope, receive, _Told(send))
        elif scope["method"] in _WRITES:
            detail = f"{NAME}: this operation takes nothing of the plan and cannot be tried out"
            await _answer(send, 422, problem_of(scope, 422, "unacceptable", detail), MEDIA_TYPE)
        else:
            await self._app(scope, receive, send)


def _asked(scope: Any) -> str:
    """What it says of a dry run; `false` where it says nothing, and nothing known where it says several things or spells it otherwise."""
    query = cast(bytes, scope.get("query_string", b"")).decode("latin-1")
    if not query:
        return "false"
    said = {name: values for name, values in parse_qs(query, keep_blank_values=True).items() if _LETTERS.sub("", name.lower()) == "dryrun"}
    words = {each.lower() if name == NAME else "" for name, values in said.items() for each in values} or {"false"}
    return words.pop() if len(words) == 1 else ""


class _Told:
    """Lets problems and estimates pass. Any other answer is of what was undone: told instead is what it took, which is nothing."""

    def __init__(self, send: Send) -> None:
        self._send, self._start = send, cast(Message | None, None)
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body" or self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        start, self._start = self._start, None
        if start["status"] < 400 and b'"dry_run":true' not in self._body[:20]:  # type: ignore[typeddict-item]
            await _answer(self._send, 200, EstimateOut(dry_run=True, takes=[], most_usd="0.00"), "application/json")
            return
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body, "more_body": False})


async def _answer(send: Send, status: int, shape: msgspec.Struct, media_type: str) -> None:
    body = msgspec.json.encode(shape)
    headers = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


_EXAMPLE = EstimateOut(
    dry_run=True, most_usd="0.0015",
    takes=[EstimatedTakeOut(meter="urls_per_day", amount=1, used=1, limit=500, resets_at=datetime(2026, 11, 27, tzinfo=UTC))],
)  # fmt: skip


def document_dry_runs(document: OpenAPI) -> None:
    """Tell of the parameter where it can be asked, and of the shape that it is answered with."""
    components = document.components
    shapes = msgspec.json.schema_components([EstimateOut], ref_template="#/components/schemas/{name}")[1]
    components.schemas = {**(components.schemas or {}), **cast(dict[str, Schema], shapes)}
    for method, path in COSTLY:
        operation: Operation | None = getattr((document.paths or {})[_BASE + path], method.lower())
        if operation is not None:
            words = "true: checked as a real call and undone; 200 with an `EstimateOut`"
            asked = Parameter(name=NAME, param_in="query", description=words, schema=Schema(type=OpenAPIType.BOOLEAN), required=False)
            operation.parameters = [*(operation.parameters or []), asked]
            _document_answer(operation)


def _document_answer(operation: Operation) -> None:
    """200 is the estimate; where it also is the real call's answer, one of the two."""
    estimate = Reference(ref="#/components/schemas/EstimateOut")
    known = (operation.responses or {}).get("200")
    if isinstance(known, OpenAPIResponse) and known.content:
        for media in known.content.values():
            media.schema = Schema(one_of=[media.schema, estimate]) if media.schema else estimate
        return
    content = {"application/json": OpenAPIMediaType(schema=estimate, example=msgspec.to_builtins(_EXAMPLE))}
    operation.responses = {"200": OpenAPIResponse(description="What the call would take", content=content), **(operation.responses or {})}
