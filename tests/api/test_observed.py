"""Around every call: its id, the time it took, what is counted, what need not be sent again."""

import json
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog
from litestar.concurrency import sync_to_thread
from litestar.testing import TestClient
from prometheus_client import REGISTRY

from api.observed import Observed
from tests.api.conftest import Caller, FakeDagster


def counted(method: str, endpoint: str, status: int) -> float:
    labels = {"method": method, "endpoint": endpoint, "status": str(status)}
    return REGISTRY.get_sample_value("http_requests_total", labels) or 0.0


def timed(method: str, endpoint: str) -> float:
    return REGISTRY.get_sample_value("http_request_duration_seconds_count", {"method": method, "endpoint": endpoint}) or 0.0


def test_a_sane_request_id_is_taken_over(nobody: Caller) -> None:
    assert nobody.get("/health", headers={"X-Request-ID": "trace-0001.a_B"}).headers["x-request-id"] == "trace-0001.a_B"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space 1", "new%0aline-11", "semi;colon-11", ""])
def test_any_other_is_replaced_by_one_of_ours(nobody: Caller, given: str) -> None:
    answered = nobody.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"]

    assert answered != given
    assert str(UUID(answered)) == answered


@pytest.mark.parametrize("path", ["/health", "/me", "/nope", "/auth/google/callback"])
def test_no_browser_guesses_what_an_answer_is(nobody: Caller, path: str) -> None:
    assert nobody.get(path).headers.get_list("x-content-type-options") == ["nosniff"]


@pytest.mark.parametrize("path", ["/health", "/me", "/nope"])
def test_every_answer_says_how_long_it_took(nobody: Caller, path: str) -> None:
    answer = nobody.get(path)

    assert float(answer.headers["x-process-time"]) >= 0
    assert len(answer.headers.get_list("x-request-id")) == 1


def test_an_answer_that_did_not_change_is_not_sent_again(mine: Caller) -> None:
    first = mine.get("/me")

    again = mine.get("/me", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-type" not in again.headers


@pytest.mark.parametrize("shape", ["W/{}", '"other", {}', "*"])
def test_the_ways_to_ask_whether_it_changed(mine: Caller, shape: str) -> None:
    etag = mine.get("/me").headers["etag"]

    assert mine.get("/me", headers={"If-None-Match": shape.format(etag)}).status_code == 304


def test_an_answer_that_changed_is_sent_whole_with_another_etag(mine: Caller, dagster: FakeDagster) -> None:
    before = mine.get("/requests")
    mine.post("/requests", {"kind": "insights"})

    after = mine.get("/requests", headers={"If-None-Match": before.headers["etag"]})

    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    assert len(after.json()["items"]) == 1


def test_two_callers_never_share_a_cached_answer(mine: Caller, theirs: Caller) -> None:
    answer = mine.get("/me")

    assert answer.headers["cache-control"] == "private, no-cache"
    assert {word.strip() for word in answer.headers["vary"].split(",")} >= {"authorization", "x-api-key", "cookie"}
    assert theirs.get("/me", headers={"If-None-Match": answer.headers["etag"]}).status_code == 200


def test_errors_and_writes_have_no_etag(mine: Caller, nobody: Caller, dagster: FakeDagster) -> None:
    for answer in (nobody.get("/me"), mine.get(f"/requests/{uuid4()}"), mine.post("/requests", {"kind": "insights"})):
        assert "etag" not in answer.headers


def test_calls_are_counted_by_route_template_and_by_what_they_became(mine: Caller, nobody: Caller) -> None:
    template = "/api/v1/requests/{request_id}"
    before = counted("GET", template, 404), counted("GET", template, 401), timed("GET", template)

    mine.get(f"/requests/{uuid4()}")
    mine.get(f"/requests/{uuid4()}")
    nobody.get(f"/requests/{uuid4()}")

    assert (counted("GET", template, 404), counted("GET", template, 401)) == (before[0] + 2, before[1] + 1)
    assert timed("GET", template) == before[2] + 3


def test_what_is_not_sent_again_is_counted_as_such(mine: Caller) -> None:
    before = counted("GET", "/api/v1/me", 304)

    mine.get("/me", headers={"If-None-Match": mine.get("/me").headers["etag"]})

    assert counted("GET", "/api/v1/me", 304) == before + 1


def test_unknown_paths_share_one_counter(nobody: Caller) -> None:
    before = counted("GET", "unknown", 404)

    nobody.get(f"/{uuid4()}")
    nobody.get(f"/{uuid4()}")

    assert counted("GET", "unknown", 404) == before + 2


def test_a_call_held_back_is_counted_as_429(nobody: Caller, superuser: psycopg.Connection[tuple[object, ...]]) -> None:
    superuser.execute("delete from rate_limits")
    before = counted("POST", "/api/v1/auth/login", 429)

    for _ in range(6):
        nobody.post("/auth/login", {"email": "counted@example.org", "password": "a wrong password"})

    assert counted("POST", "/api/v1/auth/login", 429) == before + 1


def test_a_bug_is_counted_as_500(mine: Caller, dagster: FakeDagster) -> None:
    dagster.health = None  # type: ignore[assignment]  # a part that breaks its contract is a bug
    before = counted("GET", "/api/v1/health/detailed", 500)

    assert mine.get("/health/detailed").status_code == 500

    assert counted("GET", "/api/v1/health/detailed", 500) == before + 1


def test_what_a_call_asks_for_remembers_the_call(mine: Caller, dagster: FakeDagster, superuser: psycopg.Connection[Any]) -> None:
    answer = mine.post("/requests", {"kind": "insights"}, headers={"X-Request-ID": "trace-of-one-call"})

    (launched,) = dagster.launched
    kept = superuser.execute("select call_id from requests where request_id = %s", (answer.json()["request_id"],)).fetchall()
    assert launched.tags["whyral/call_id"] == "trace-of-one-call"
    assert kept == [("trace-of-one-call",)]


def test_an_audit_entry_remembers_its_call(mine: Caller, superuser: psycopg.Connection[Any]) -> None:
    key_id = mine.post("/keys", {"name": "k"}).json()["key_id"]
    mine.delete(f"/keys/{key_id}", headers={"X-Request-ID": "trace-of-an-act"})

    assert superuser.execute("select request_id from audit_log where subject = %s and action like %s", (key_id, "%revoked")).fetchall() == [
        ("trace-of-an-act",)
    ]


def test_whatever_is_logged_within_a_call_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    async def logging(scope: Any, receive: Any, send: Any) -> None:
        await sync_to_thread(structlog.get_logger().warning, "deep inside")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    TestClient(Observed(logging)).get("/", headers={"X-Request-ID": "trace-of-a-log"})

    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines() if "deep inside" in each]
    assert line["request_id"] == "trace-of-a-log"
    structlog.get_logger().warning("afterwards")
    assert "trace-of-a-log" not in capsys.readouterr().out
