"""`Idempotency-Key`: the same call twice is done once, and answered the same."""

from uuid import uuid4

from tests.api.conftest import Caller, FakeDagster, assert_problem

ASKED = {"kind": "insights"}


def test_the_same_call_twice_is_answered_byte_for_byte_and_done_once(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = mine.post("/requests", ASKED, headers=key)

    again = mine.post("/requests", ASKED, headers=key)

    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert len(dagster.launched) == 1
    assert len(mine.get("/requests").json()["items"]) == 1


def test_the_same_key_for_another_body_is_unacceptable(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    mine.post("/requests", ASKED, headers=key)

    for answer in (mine.post("/requests", {"kind": "refresh"}, headers=key), mine.post("/keys", {"name": "k"}, headers=key)):
        assert [each["pointer"] for each in assert_problem(answer, 422)["errors"]] == ["Idempotency-Key"]


def test_the_same_body_in_another_order_is_the_same_call(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    bodies = [b'{"kind": "insights", "params": {}}', b'{"params":{},"kind":"insights"}']

    answers = [mine.call("POST", "/requests", content=body, headers=key) for body in bodies]

    assert answers[0].content == answers[1].content


def test_a_refused_call_keeps_no_answer_under_its_key(mine: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    assert mine.post("/requests", {"kind": "everything"}, headers=key).status_code == 422

    assert mine.post("/requests", ASKED, headers=key).status_code == 202


def test_a_key_of_one_workspace_says_nothing_to_another(mine: Caller, theirs: Caller, dagster: FakeDagster) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    made = [caller.post("/requests", ASKED, headers=key).json()["request_id"] for caller in (mine, theirs)]

    assert made[0] != made[1]


def test_a_key_that_is_too_long_is_unacceptable(mine: Caller, dagster: FakeDagster) -> None:
    assert_problem(mine.post("/requests", ASKED, headers={"Idempotency-Key": "k" * 256}), 422)
    assert dagster.launched == []
