"""Asking for work, finding it again, canceling and retrying it. Following it live is in `test_live`."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.errors import SourceRefused, SourceUnavailable
from domain.requests import Claimed, State
from services import requests
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.conftest import Member

ASKED = {"kind": "insights"}


def ask(caller: Caller) -> dict[str, Any]:
    answer = caller.post("/requests", ASKED)
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    return made


def run(database: Database, member: Member, made: dict[str, Any]) -> str:
    """Play the run that claims a request; returns its run id."""
    run_id = uuid4().hex
    with database.begin(member.tenant_id) as uow:
        assert uow.requests.claim(UUID(made["request_id"]), made["attempt"], run_id) is Claimed.YES
    return run_id


def fail(database: Database, member: Member, made: dict[str, Any]) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.requests.end(UUID(made["request_id"]), State.FAILED, {"code": "bug", "detail": "x", "is_retryable": False})


# Asking


def test_asking_is_accepted_and_says_where_to_follow(mine: Caller, dagster: FakeDagster) -> None:
    answer = mine.post("/requests", ASKED)

    assert answer.status_code == 202
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/requests/{made['request_id']}"
    assert mine.client.get(answer.headers["location"], headers={"X-API-Key": str(mine.credential)}).status_code == 200
    assert [str(request.request_id) for request in dagster.launched] == [made["request_id"]]
    assert mine.get(f"/requests/{made['request_id']}").json()["state"] == "launched"


@pytest.mark.parametrize("trouble", [SourceUnavailable("dagster"), SourceRefused("dagster")])
def test_asking_is_accepted_while_dagster_is_away_and_waits_for_the_sensor(
    mine: Caller, dagster: FakeDagster, trouble: SourceUnavailable | SourceRefused
) -> None:
    dagster.away = trouble

    made = ask(mine)

    assert mine.get(f"/requests/{made['request_id']}").json()["state"] == "pending"


def test_a_second_request_waits_while_the_first_holds_the_claim(mine: Caller, dagster: FakeDagster) -> None:
    ask(mine)

    second = ask(mine)

    assert len(dagster.launched) == 1
    assert mine.get(f"/requests/{second['request_id']}").json()["state"] == "pending"


def test_requests_need_somebody(nobody: Caller) -> None:
    some = f"/requests/{uuid4()}"
    answers = [nobody.post("/requests", ASKED), nobody.get("/requests"), nobody.get(some), nobody.delete(some)]
    answers += [nobody.post(f"{some}/retry"), nobody.get(f"{some}/events")]

    for answer in answers:
        assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"kind": "everything"}, 422, "/kind"),
        ({"kind": "import", "params": {"import_id": "x"}}, 422, "/kind"),
        ({"kind": "manual"}, 422, "/kind"),
        ({"kind": "insights", "params": {"colour": "red"}}, 422, "/params/colour"),
        ({"kind": 5}, 400, "/kind"),
        ({"params": {}}, 400, "/kind"),
        ({"kind": "insights", "params": []}, 400, "/params"),
    ],
)
def test_a_request_of_bad_shape_is_refused_by_field(
    mine: Caller, dagster: FakeDagster, body: dict[str, Any], status: int, pointer: str
) -> None:
    problem = assert_problem(mine.post("/requests", body), status)

    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert dagster.launched == []
    assert mine.get("/requests").json()["items"] == []


def test_text_that_no_database_keeps_is_unacceptable_and_no_bug(mine: Caller, dagster: FakeDagster) -> None:
    assert_problem(mine.post("/requests", {"kind": "insights", "params": {"as_of": "\x00"}}), 422, "unacceptable")


# Finding


def test_another_workspaces_request_is_not_there(mine: Caller, theirs: Caller, dagster: FakeDagster) -> None:
    made = ask(mine)
    path = f"/requests/{made['request_id']}"

    for answer in (
        theirs.get(path),
        theirs.delete(path),
        theirs.post(f"{path}/retry"),
        theirs.get(f"{path}/events"),
        theirs.get(f"{path}/timeline"),
    ):
        assert_problem(answer, 404, "not_found")
    assert theirs.get("/requests").json()["items"] == []
    assert mine.get(path).json()["state"] == "launched"


def test_an_id_of_bad_shape_is_not_found(mine: Caller) -> None:
    assert_problem(mine.get("/requests/5"), 404)


def test_the_list_is_newest_first_and_pages_without_gaps_while_more_come_in(mine: Caller, dagster: FakeDagster) -> None:
    made = [ask(mine)["request_id"] for _ in range(5)]

    first = mine.get("/requests?limit=2").json()
    ask(mine)
    second = mine.get("/requests", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = mine.get("/requests", params={"limit": 2, "cursor": second["next_cursor"]}).json()

    seen = [each["request_id"] for page in (first, second, third) for each in page["items"]]
    assert seen == made[::-1]
    assert (first["has_more"], third["has_more"], third["next_cursor"]) == (True, False, None)


def test_the_list_can_be_cut_down_by_state_and_kind(mine: Caller, dagster: FakeDagster) -> None:
    launched, waiting = ask(mine), mine.post("/requests", {"kind": "refresh"}).json()

    by_state = mine.get("/requests?state=pending").json()["items"]
    by_kind = mine.get("/requests?kind=insights").json()["items"]

    assert [each["request_id"] for each in by_state] == [waiting["request_id"]]
    assert [each["request_id"] for each in by_kind] == [launched["request_id"]]


@pytest.mark.parametrize(
    ("query", "pointer"), [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("state=done", "state")]
)
def test_a_list_parameter_of_bad_shape_is_400_by_its_name(mine: Caller, query: str, pointer: str) -> None:
    problem = assert_problem(mine.get(f"/requests?{query}"), 400, "malformed")

    assert [each["pointer"] for each in problem["errors"]] == [pointer]


def test_a_cursor_that_is_not_ours_or_of_another_list_is_unacceptable(mine: Caller, dagster: FakeDagster) -> None:
    for _ in range(3):
        ask(mine)
    cursor = mine.get("/requests?limit=1").json()["next_cursor"]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")

    for params in ({"cursor": changed}, {"cursor": "x"}, {"cursor": "é"}, {"cursor": ""}, {"cursor": cursor, "kind": "insights"}):
        answer = mine.get("/requests", params=params)
        if params["cursor"]:
            assert [each["pointer"] for each in assert_problem(answer, 422)["errors"]] == ["cursor"]
        else:
            assert answer.status_code == 200, "an empty cursor is none"


# Canceling and retrying


def test_a_waiting_request_is_canceled_at_once(mine: Caller, dagster: FakeDagster) -> None:
    dagster.away = SourceUnavailable("dagster")
    made = ask(mine)

    answer = mine.delete(f"/requests/{made['request_id']}")

    assert (answer.status_code, answer.json()["state"]) == (202, "canceled")
    assert_problem(mine.delete(f"/requests/{made['request_id']}"), 409, "conflict")


def test_canceling_a_running_request_tells_its_run(mine: Caller, dagster: FakeDagster, database: Database, member: Member) -> None:
    made = ask(mine)
    run_id = run(database, member, made)

    answer = mine.delete(f"/requests/{made['request_id']}")

    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    assert dagster.terminated == [run_id]
    with database.begin(member.tenant_id) as uow:
        assert uow.requests.renew(UUID(made["request_id"]), 1, run_id), "the run sees the wish at its next write"


def test_canceling_works_while_dagster_is_away(mine: Caller, dagster: FakeDagster, database: Database, member: Member) -> None:
    made = ask(mine)
    run_id = run(database, member, made)
    dagster.away = SourceUnavailable("dagster")

    assert mine.delete(f"/requests/{made['request_id']}").status_code == 202

    with database.begin(member.tenant_id) as uow:
        assert uow.requests.renew(UUID(made["request_id"]), 1, run_id)


def test_a_failed_request_gets_one_more_attempt(mine: Caller, dagster: FakeDagster, database: Database, member: Member) -> None:
    made = ask(mine)
    run(database, member, made)
    fail(database, member, made)

    tried = mine.post(f"/requests/{made['request_id']}/retry?dry_run=true").json()
    assert [(each["meter"], each["amount"]) for each in tried["takes"]] == [("requests_per_day", 1)]

    answer = mine.post(f"/requests/{made['request_id']}/retry")

    assert (answer.status_code, answer.json()["attempt"], answer.json()["error"]) == (202, 2, None)
    assert answer.headers["location"] == f"/api/v1/requests/{made['request_id']}"
    assert [request.attempt for request in dagster.launched] == [1, 2]


def test_its_timeline_has_every_attempt_and_error_of_before(
    mine: Caller, nobody: Caller, dagster: FakeDagster, database: Database, member: Member
) -> None:
    made = ask(mine)
    run(database, member, made)
    fail(database, member, made)
    path = f"/requests/{made['request_id']}"
    mine.post(f"{path}/retry")

    told = mine.get(f"{path}/timeline").json()["items"]

    assert [each["id"] for each in told] == sorted(each["id"] for each in told)
    assert [(each["attempt"], each["state"]) for each in told if each["state"] in ("running", "failed")] == [(1, "running"), (1, "failed")]
    assert [each["error"]["code"] for each in told if each["error"]] == ["bug"]
    assert (told[-1]["attempt"], told[-1]["error"]) == (2, None)
    assert_problem(nobody.get(f"{path}/timeline"), 401)
    assert_problem(mine.get(f"/requests/{uuid4()}/timeline"), 404)


def test_a_request_that_did_not_fail_is_not_retried(mine: Caller, dagster: FakeDagster) -> None:
    assert_problem(mine.post(f"/requests/{ask(mine)['request_id']}/retry"), 409, "conflict")


def test_what_is_not_there_cannot_be_canceled_or_retried(mine: Caller) -> None:
    for answer in (mine.delete(f"/requests/{uuid4()}"), mine.post(f"/requests/{uuid4()}/retry"), mine.get(f"/requests/{uuid4()}")):
        assert_problem(answer, 404, "not_found")


def test_a_reader_neither_cancels_nor_retries(mine: Caller, reader: Caller, dagster: FakeDagster) -> None:
    path = f"/requests/{ask(mine)['request_id']}"

    for answer in (reader.delete(path), reader.post(f"{path}/retry")):
        assert_problem(answer, 403, "refused")
    assert reader.get(path).json()["state"] == "launched"


def test_a_poke_that_fails_after_the_commit_fails_nobody(database: Database, member: Member, dagster: FakeDagster) -> None:
    with database.begin(member.tenant_id) as uow:
        made = requests.ask(uow, "insights", {})
    away = Database("postgresql+psycopg://nobody:x@127.0.0.1:1/none")

    requests.poke(away, dagster, made)

    assert dagster.launched == []
    away.close()
