"""Every error is a problem (RFC 9457), whoever found it, and tells nothing about our insides."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from litestar import Controller, get
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import FromPath
from litestar.testing import TestClient, create_test_client
from obstore.exceptions import GenericError, PermissionDeniedError

from api.app import create_app
from api.errors import CODES_OF, HANDLERS, STATUS
from api.observed import Observed
from api.problems import CODES
from domain import errors
from domain.errors import FieldProblem, LimitReached, Unacceptable, WhyralError
from gateways.files.object_errors import told
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_parts

AWAY = "postgresql+psycopg://nobody:secret-word@127.0.0.1:1/none"
ASK = "/requests"


def leaves() -> list[type[WhyralError]]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, WhyralError)]
    # Nobody is answered with Unwanted: it ends the run that it is raised in.
    return [kind for kind in kinds if kind not in (WhyralError, errors.SourceFailed, errors.Unwanted)]


def raised(kind: type[WhyralError]) -> WhyralError:
    made: dict[type[WhyralError], WhyralError] = {
        errors.NotFound: errors.NotFound("clip", 5),
        LimitReached: LimitReached("clips", 3, 3, datetime.now(UTC) + timedelta(minutes=5)),
        Unacceptable: Unacceptable("the clip cannot be accepted", (FieldProblem("/seconds", "use 1 to 60"),)),
        errors.SourceUnavailable: errors.SourceUnavailable("tiktok", "password=secret-word"),
        errors.SourceRefused: errors.SourceRefused("tiktok", "it said no"),
    }
    return made.get(kind) or kind("the clip says no")


REFUSALS = {
    "keys": PermissionDeniedError("<Code>AccessDenied</Code>"),
    "bucket": FileNotFoundError("<Code>NoSuchBucket</Code>"),
    "region": GenericError("status code: 400 <Code>AuthorizationHeaderMalformed</Code>"),
    "away": GenericError("status code: 500 at http://the-bucket.example.org"),
}


class Thrower(Controller):
    """Raises what its path says."""

    @get("/whyral/{name:str}", sync_to_thread=False)
    def whyral(self, name: FromPath[str]) -> str:
        raise raised(getattr(errors, name))

    @get("/bug", sync_to_thread=False)
    def bug(self) -> str:
        raise RuntimeError("secret-word in /some/machine/path")

    @get("/files/{token:str}", sync_to_thread=False)
    def file(self, token: FromPath[str]) -> str:
        raise RuntimeError("the disk is upside down")

    @get("/bucket/{kind:str}", sync_to_thread=False)
    def bucket(self, kind: FromPath[str]) -> str:
        with told("the-bucket", "the-key"):
            raise REFUSALS[kind]

    @get("/inside/{status:int}", sync_to_thread=False)
    def inside(self, status: FromPath[int]) -> str:
        raise HTTPException(status_code=status, detail="the secret-word of our insides")

    @get("/odd", sync_to_thread=False)
    def odd(self) -> str:
        raise ValidationException("odd", extra={"not": "a list"})


@pytest.fixture(scope="module")
def thrower() -> Iterator[TestClient[Any]]:
    with create_test_client(Thrower, exception_handlers=HANDLERS, raise_server_exceptions=False) as client:
        client.app.asgi_handler = Observed(client.app.asgi_handler)
        yield client


@pytest.fixture(scope="module")
def without_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """The API while its database is away."""
    database = Database(AWAY)
    app = create_app(make_parts(database, AWAY, FakeDagster(), LocalFiles(tmp_path_factory.mktemp("none"))))
    yield Caller(TestClient(app), f"whyral_{uuid4().hex}_secret")
    database.close()


@pytest.mark.parametrize("kind", leaves())
def test_each_error_of_ours_has_a_status_and_its_own_code(thrower: TestClient[Any], kind: type[WhyralError]) -> None:
    answer = thrower.get(f"/whyral/{kind.__name__}")

    status = next(status for parent, status in STATUS.items() if issubclass(kind, parent))
    problem = assert_problem(answer, status, kind.code)
    assert CODES[kind.code][0] == status
    assert problem["type"] == f"/docs/errors#{kind.code}"


def test_a_limit_says_when_it_resets(thrower: TestClient[Any]) -> None:
    answer = thrower.get("/whyral/LimitReached")

    problem = assert_problem(answer, 429)
    assert (problem["limit"], problem["used"]) == (3, 3)
    assert 290 <= int(answer.headers["retry-after"]) <= 300


def test_an_unavailable_source_says_when_to_come_back_but_not_what_it_said(thrower: TestClient[Any]) -> None:
    answer = thrower.get("/whyral/SourceUnavailable")

    assert_problem(answer, 503)
    assert answer.headers["retry-after"] == "5"
    assert "secret-word" not in answer.text


@pytest.mark.parametrize(("kind", "status"), [("keys", 502), ("bucket", 502), ("region", 502), ("away", 503)])
def test_a_refusing_bucket_is_named_to_operators_only(
    thrower: TestClient[Any], capsys: pytest.CaptureFixture[str], kind: str, status: int
) -> None:
    answer = thrower.get(f"/bucket/{kind}")

    problem = assert_problem(answer, status)
    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines() if problem["request_id"] in each]
    assert not [word for word in ("the-bucket", "the-key", "WHYRAL_", "AccessDenied", "http") if word in problem["detail"]]
    assert "the-bucket" in line["reason"]


def test_the_log_of_a_bug_names_the_route_and_not_a_token_that_still_works(
    thrower: TestClient[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert_problem(thrower.get("/files/a-live-token"), 500, "bug")

    out = capsys.readouterr().out
    (line,) = [json.loads(line) for line in out.splitlines() if '"bug"' in line]
    assert line["endpoint"] == "/files/{token}"
    assert "a-live-token" not in out


def test_a_bug_shows_nothing_of_our_insides(thrower: TestClient[Any]) -> None:
    answer = thrower.get("/bug")

    problem = assert_problem(answer, 500, "bug")
    assert not [word for word in ("secret-word", "RuntimeError", "Traceback", "path/") if word in answer.text]
    assert problem["request_id"]


def test_a_bugs_log_line_is_found_by_the_request_id_and_holds_no_credential(
    thrower: TestClient[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    problem = thrower.get("/bug", headers={"Authorization": "Bearer whyral_1_the-secret"}).json()

    (line,) = [line for line in capsys.readouterr().out.splitlines() if '"bug"' in line]
    told = json.loads(line)
    assert (told["message"], told["level"], told["request_id"]) == ("bug", "error", problem["request_id"])
    assert "RuntimeError" in told["exception"]
    assert "the-secret" not in line


def test_a_validation_error_without_a_list_of_fields_is_a_problem_all_the_same(thrower: TestClient[Any]) -> None:
    assert_problem(thrower.get("/odd"), 400, "malformed")


@pytest.mark.parametrize(
    "path", ["/nope", "/api/v1/nope", "/api/v1/requests/x/y/z", "/docs/nope", "/static/nope.js", "/static/../app.py", "/%2e%2e/etc"]
)
def test_an_unknown_path_is_not_found(nobody: Caller, path: str) -> None:
    assert_problem(nobody.client.get(path), 404, "not_found")


def test_a_wrong_method_is_told_the_right_ones(nobody: Caller) -> None:
    answer = nobody.call("PUT", "/me")

    assert_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


def test_a_body_that_is_too_large_is_413(mine: Caller) -> None:
    assert_problem(mine.post(ASK, {"kind": "x" * 1_000_001}), 413, "too_large")


def test_a_body_that_says_nothing_of_its_length_is_too_large_too(mine: Caller) -> None:
    pieces = (b"x" * 100_000 for _ in range(11))

    assert_problem(mine.call("POST", ASK, content=pieces, headers={"Content-Type": "application/json"}), 413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "rubbish"]
)
def test_a_body_of_another_media_type_is_415(mine: Caller, kind: str) -> None:
    answer = mine.call("POST", ASK, content=b'{"kind":"insights"}', headers={"Content-Type": kind})

    assert_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"])
def test_json_by_any_name_is_read(mine: Caller, dagster: FakeDagster, kind: str) -> None:
    assert mine.call("POST", ASK, content=b'{"kind":"insights"}', headers={"Content-Type": kind}).status_code == 202


@pytest.mark.parametrize(
    "body", [b"{", b"", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b'{"kind":"\\ud800"}', b"[" * 100_000, b'{"kind":1e999}']
)
def test_a_body_that_cannot_be_read_is_malformed(mine: Caller, body: bytes) -> None:
    assert_problem(mine.call("POST", ASK, content=body, headers={"Content-Type": "application/json"}), 400, "malformed")


def test_a_missing_field_is_pointed_at(mine: Caller) -> None:
    problem = assert_problem(mine.post("/keys", {"scopes": ["read", 5], "name": "k"}), 400)

    assert [each["pointer"] for each in problem["errors"]] == ["/scopes/1"]


def test_without_its_database_the_api_says_try_again(without_database: Caller) -> None:
    calls = [without_database.get("/me"), without_database.get("/requests"), without_database.post(ASK, {"kind": "insights"})]
    calls.append(without_database.post("/auth/login", {"email": "a@example.org", "password": "p"}))

    for answer in calls:
        assert_problem(answer, 503, "source_unavailable")
        assert answer.headers["retry-after"] == "5"
        assert not [word for word in ("secret-word", "127.0.0.1", "port", "psycopg") if word in answer.text]


def test_without_its_database_the_api_lives_but_is_not_ready(without_database: Caller) -> None:
    assert without_database.get("/health/live").status_code == 200
    answer = without_database.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "unhealthy"})


def test_every_code_that_can_be_answered_is_on_the_page_of_codes(nobody: Caller) -> None:
    page = nobody.client.get("/docs/errors").text

    assert {kind.code for kind in leaves()} < set(CODES)
    assert [code for code in CODES if f'id="{code}"' not in page] == []


@pytest.mark.parametrize("status", [500, 501])
def test_what_the_framework_says_of_our_insides_is_not_told(thrower: TestClient[Any], status: int) -> None:
    answer = thrower.get(f"/inside/{status}")

    assert_problem(answer, 500, "bug")
    assert "secret-word" not in answer.text


# What no call of one line shows is shown by the tests of what answers it: test_downloads (416), test_limited (429), test_bounds.
_ELSEWHERE = {"range_not_satisfiable", "rate_limited", "unknown_host", "too_slow"}


def test_every_code_of_the_docs_is_one_that_is_answered_and_no_other_is(thrower: TestClient[Any], nobody: Caller, mine: Caller) -> None:
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "errors.md").read_text(encoding="utf-8")
    answers = [
        *(nobody.get("/nope"), nobody.get("/me"), nobody.call("PUT", "/me"), mine.post("/keys", {}), mine.get(f"/me?{'x' * 9_000}")),
        mine.call("POST", ASK, content=b"x", headers={"Content-Type": "text/plain"}),
        *(mine.post(ASK, {"kind": "x" * 1_000_001}), mine.get("/me", headers={"X-Long": "x" * 20_000}), thrower.get("/bug")),
        *(thrower.get(f"/whyral/{kind.__name__}") for kind in leaves()),
    ]
    codes = {each.json()["code"] for each in answers}

    assert [each.json()["status"] for each in answers if each.json()["status"] != CODES[each.json()["code"]][0]] == []
    assert set(re.findall(r"^## (\w+)$", reference, re.MULTILINE)) == set(CODES)
    assert codes == set(CODES) - _ELSEWHERE
    assert set(CODES_OF.values()) < set(CODES)
