"""Which posts clips became, and how clips that ranked higher did."""

from uuid import UUID, uuid4

import pytest

from store.database import Database
from tests.api.clipping import Made
from tests.api.conftest import Caller, assert_problem, pointers
from tests.conftest import Member
from tests.library import NOON, put, score, seen


@pytest.fixture
def post(database: Database, member: Member) -> UUID:
    """A post of the library."""
    return put(database, member.tenant_id, [seen("one", 100, 10, posted=NOON)])["one"]


def test_a_clip_became_a_post(mine: Caller, clip: Made, post: UUID) -> None:
    for _ in range(2):
        answer = mine.call("PUT", f"/clips/{clip['clip_id']}/post", json={"video_id": str(post)})

    shown = mine.get(f"/clips/{clip['clip_id']}").json()
    assert (answer.status_code, answer.json()) == (200, shown)
    assert (shown["video_id"], shown["published_at"]) == (str(post), "2026-11-10T12:00:00Z")


def test_a_clip_that_was_not_delivered_became_no_post(mine: Caller, candidates: list[Made], post: UUID) -> None:
    (asked,) = mine.post("/clips/jobs", {"candidate_ids": [candidates[0]["candidate_id"]]}).json()["clips"]

    problem = assert_problem(mine.call("PUT", f"/clips/{asked['clip_id']}/post", json={"video_id": str(post)}), 409, "conflict")

    assert "suggested" in problem["detail"]


@pytest.mark.parametrize(("body", "named"), [({}, ["/video_id"]), ({"video_id": "one"}, ["/video_id"]), ({"url": "x"}, ["/url"])])
def test_a_post_that_cannot_be_is_refused_by_field(mine: Caller, clip: Made, body: Made, named: list[str]) -> None:
    assert pointers(assert_problem(mine.call("PUT", f"/clips/{clip['clip_id']}/post", json=body), 400)) == named


def test_who_may_not_write_tells_of_no_post(mine: Caller, theirs: Caller, reader: Caller, nobody: Caller, clip: Made, post: UUID) -> None:
    there, body = f"/clips/{clip['clip_id']}/post", {"video_id": str(post)}

    assert_problem(nobody.call("PUT", there, json=body), 401)
    assert_problem(reader.call("PUT", there, json=body), 403)
    assert_problem(theirs.call("PUT", there, json=body), 404)
    assert_problem(mine.call("PUT", there, json={"video_id": str(uuid4())}), 404)
    assert mine.get(f"/clips/{clip['clip_id']}").json()["video_id"] is None


def test_a_post_of_another_workspace_does_not_exist(mine: Caller, other: Member, database: Database, clip: Made) -> None:
    theirs = put(database, other.tenant_id, [seen("theirs", 100, 10)])["theirs"]

    assert_problem(mine.call("PUT", f"/clips/{clip['clip_id']}/post", json={"video_id": str(theirs)}), 404)


def test_nobody_reads_a_calibration(nobody: Caller) -> None:
    assert_problem(nobody.get("/clips/calibration"), 401)


def test_too_few_clips_are_no_calibration(mine: Caller, theirs: Caller, database: Database, member: Member, clip: Made, post: UUID) -> None:
    score(database, member.tenant_id, {post: {"multiple": 2.0, "peers": 12}})
    mine.call("PUT", f"/clips/{clip['clip_id']}/post", json={"video_id": str(post)})

    told, others = mine.get("/clips/calibration").json(), theirs.get("/clips/calibration").json()

    assert (told["n"], others["n"]) == (1, 0)
    assert told["verdict"].startswith("cannot say yet: 1 ")
    assert (told["correlation"], told["low"], told["high"], told["curve"]) == (None, None, None, [])


def test_many_clips_that_ranked_as_they_did_are_a_calibration(mine: Caller, database: Database, member: Member, clip: Made) -> None:
    names = [f"post{number:02d}" for number in range(24)]
    ids = put(database, member.tenant_id, [seen(name, 100, 10) for name in names])
    score(database, member.tenant_id, {ids[name]: {"multiple": 1.1**at, "peers": 12} for at, name in enumerate(names)})
    with database.begin(member.tenant_id) as uow:
        for at, name in enumerate(names):
            uow.connection.exec_driver_sql(
                "insert into clips (tenant_id, clip_id, media_id, request_id, state, min_seconds, max_seconds, ranking_score, video_id)"
                " select tenant_id, gen_random_uuid(), media_id, request_id, 'failed', 5, 12, %s, %s from clips where clip_id = %s",
                (at / 24, ids[name], clip["clip_id"]),
            )

    told = mine.get("/clips/calibration").json()

    assert (told["n"], told["correlation"]) == (24, pytest.approx(1.0))
    assert told["low"] > 0.5
    assert sum(each["n"] for each in told["curve"]) == 24
    assert [each["mean"] for each in told["curve"]] == sorted(each["mean"] for each in told["curve"])
