"""What a call may be before anybody reads it, and the headers that every answer has."""

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.testing import TestClient

from api.bounds import DEPTH, HEADER_BYTES, HEADERS, URL_BYTES, Bounded, is_too_deep
from api.cross_origin import CrossOrigin, checked
from api.door import Door
from api.uploads import parts_of
from domain.errors import Unacceptable
from store.database import Database
from tests.api.conftest import PLENTY, Caller, assert_problem
from tests.api.test_limited import door_of
from tests.api.test_uploads import END, FORM, part

FRONT = "https://front.example.org"


@pytest.fixture
def known(app: Litestar, database: Database) -> TestClient[Any]:
    """An API that knows its hosts and one front end."""
    return TestClient(door_of(app, database, Door(PLENTY, ("api.example.org", "*.whyral.example"), (FRONT,))))


def test_an_address_that_is_too_long_is_414(nobody: Caller) -> None:
    assert nobody.get(f"/openapi.json?{'x' * (URL_BYTES - 100)}").status_code == 200
    assert_problem(nobody.get(f"/openapi.json?{'x' * URL_BYTES}"), 414, "url_too_long")


def test_too_many_headers_or_too_long_ones_are_431(nobody: Caller) -> None:
    assert_problem(nobody.get("/openapi.json", headers={f"X-{number}": "a" for number in range(HEADERS)}), 431, "headers_too_large")
    assert_problem(nobody.get("/openapi.json", headers={"Cookie": "a" * HEADER_BYTES}), 431, "headers_too_large")


@pytest.mark.parametrize(
    "host", ["api.example.org", "API.example.org:8000", "api.example.org.", "a.whyral.example", "a.b.whyral.example:443"]
)
def test_a_host_that_is_ours_is_served(known: TestClient[Any], host: str) -> None:
    assert known.get("/docs/errors", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "whyral.example", "evilwhyral.example", "api.example.org.evil.example", "api.example.org@evil", "", "127.0.0.1"],
)
def test_a_host_that_is_not_ours_is_421(known: TestClient[Any], host: str) -> None:
    assert_problem(known.get("/docs/errors", headers={"Host": host}), 421, "unknown_host")


def test_probes_may_ask_by_number(known: TestClient[Any]) -> None:
    assert known.get("/health/live", headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_two_hosts_are_none(known: TestClient[Any]) -> None:
    answer = known.get("/docs/errors", headers=[("Host", "api.example.org"), ("Host", "evil.example")])

    assert_problem(answer, 421, "unknown_host")


@pytest.mark.parametrize(
    "origin", ["*", "https://*.example.org", "null", "example.org", "https://example.org/", "HTTPS://example.org", "ftp://a"]
)
def test_an_origin_that_would_let_everybody_in_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ValueError, match="WHYRAL_CORS_ORIGINS"):
        checked([FRONT, origin])


def test_a_preflight_of_a_known_origin_is_answered(known: TestClient[Any]) -> None:
    asked = {
        "Origin": FRONT,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
        "Host": "api.example.org",
    }
    answer = known.options("/api/v1/requests", headers=asked)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == FRONT
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "Authorization" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://front.example.org.evil.example", "http://front.example.org", "null", "*"]
)
def test_another_origin_is_allowed_nothing(known: TestClient[Any], origin: str) -> None:
    words = {"Origin": origin, "Host": "api.example.org"}
    answers = [
        known.get("/api/v1/me", headers=words),
        known.options("/api/v1/me", headers={**words, "Access-Control-Request-Method": "GET"}),
    ]

    for answer in answers:
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "origin" in answer.headers["vary"]


def test_a_front_end_can_read_refusals_too(known: TestClient[Any]) -> None:
    answer = known.get(f"/api/v1/me?{'x' * URL_BYTES}", headers={"Origin": FRONT, "Host": "api.example.org"})

    assert_problem(answer, 414)
    assert answer.headers["access-control-allow-origin"] == FRONT


@pytest.mark.parametrize("path", ["/me", "/nope", "/openapi.json", "/health/live"])
def test_every_answer_keeps_browsers_from_doing_more(nobody: Caller, path: str) -> None:
    headers = nobody.get(path).headers

    assert headers.get_list("x-content-type-options") == ["nosniff"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    policy = headers.get_list("content-security-policy")[0]
    assert policy.startswith("default-src 'none'")
    assert {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert "strict-transport-security" not in headers


def test_pages_have_one_policy_of_their_own(nobody: Caller) -> None:
    (policy,) = nobody.client.get("/docs/errors").headers.get_list("content-security-policy")

    assert policy.startswith("default-src 'self'")
    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))


def test_an_https_address_is_promised_for_a_year(nobody: Caller) -> None:
    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    answer = TestClient(CrossOrigin(nothing, is_https=True)).get("/")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def nested(levels: int) -> Any:
    found: Any = 1
    for level in range(levels):
        found = [found] if level % 2 else {"a": found}
    return found


def test_a_body_that_nests_too_deeply_is_malformed(mine: Caller) -> None:
    problem = assert_problem(mine.post("/requests", {"kind": "insights", "params": {"a": nested(DEPTH + 1)}}), 400, "malformed")

    assert "64 levels" in problem["detail"]


@settings(max_examples=40)
@given(
    st.recursive(st.none() | st.text('[]{}"\\a'), lambda inner: st.lists(inner) | st.dictionaries(st.text('[]{}"\\'), inner), max_leaves=40)
)
def test_what_is_not_deep_is_never_called_deep(value: Any) -> None:
    def depth(each: Any) -> int:
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    body = json.dumps([value, ["["] * 100]).encode()
    assert not is_too_deep(body, max(2, depth(value) + 1))


@pytest.mark.parametrize("levels", [65, 100, 900])
def test_what_is_deeper_is_found(levels: int) -> None:
    assert is_too_deep(json.dumps(nested(levels)).encode())
    assert not is_too_deep(json.dumps([nested(60)] * 100).encode())


@pytest.mark.parametrize(
    "body", [b'"\\"' * 300_000, b'"' + b'\\"' * 450_000, b"[]" * 500_000, b"[" * 1_000_000, b"[{" * 500_000 + b"}]" * 500_000]
)
def test_no_body_takes_long_to_be_measured(body: bytes) -> None:
    began = time.process_time()
    is_too_deep(b"[" * 65 + body)

    assert time.process_time() - began < 2


def told(wrapper_seconds: float, pieces: list[tuple[bytes, float]], body_seconds: float) -> list[Any]:
    """What a route that reads its whole body came to, with pieces that come after so many seconds."""
    seen: list[Any] = []

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive()).get("more_body"):
            seen.append(message["body"])
        seen.append(message["body"])

    async def play() -> None:
        queue = iter(pieces)

        async def receive() -> Any:
            body, wait = next(queue)
            await asyncio.sleep(wait)
            return {"type": "http.request", "body": body, "more_body": body != b"."}

        headers = [(b"host", b"a"), (b"content-length", b"9")]
        scope: Any = {"type": "http", "path": "/", "raw_path": b"/", "query_string": b"", "headers": headers, "method": "POST"}
        bounded: Any = Bounded(reading, ("a",), body_seconds=body_seconds)
        await asyncio.wait_for(bounded(scope, receive, None), wrapper_seconds)

    asyncio.run(play())
    return seen


def test_a_body_that_stands_still_is_too_slow() -> None:
    with pytest.raises(HTTPException) as caught:
        told(5, [(b"a", 0), (b"b", 60)], 0.05)
    assert caught.value.status_code == 408


def test_a_body_that_goes_on_gets_the_time_for_its_size() -> None:
    assert told(5, [(b"a" * 2_000, 0), (b"b", 0.2), (b".", 0)], 0.05) == [b"a" * 2_000, b"b", b"."]


def test_a_form_of_many_parts_is_refused_at_the_second() -> None:
    async def read() -> None:
        async def sent() -> Any:
            yield b"".join(part(b"x") for _ in range(1_000)) + END

        _, pieces = parts_of(FORM, sent())
        async for _ in pieces:
            pass

    with pytest.raises(Unacceptable):
        asyncio.run(read())
