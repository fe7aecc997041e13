"""Jobs over HTTP: clips that are rendered together, in the look that is asked for; followed and canceled together."""

from uuid import UUID, uuid4

import pytest

from store.database import Database
from tests.api.clipping import Made, Playing
from tests.api.conftest import Caller, FakeDagster, assert_problem, pointers
from tests.api.following import Following
from tests.api.test_media import send
from tests.conftest import Member
from tests.media import video

LOOK = {
    "aspect": "1:1", "layout": "fit", "overrides": [{"start_seconds": 0, "end_seconds": 3, "layout": "focus", "x": 0.4, "y": 0.5}],
    "player": "reels", "captions": "plain", "accent": "#00FF00", "is_profanity_masked": True, "is_silence_removed": True,
    "are_fillers_removed": True, "margin_seconds": 0.2, "are_long_pauses_kept": True, "hook_text": "What travels", "music_media_id": None,
    "music_db": -20.0, "intro_media_id": None, "outro_media_id": None,
}  # fmt: skip


@pytest.fixture
def job(mine: Caller, candidates: list[Made]) -> Made:
    """A job of one clip that no run has taken up."""
    return dict(mine.post("/clips/jobs", {"candidate_ids": [candidates[0]["candidate_id"]]}).json())


def used(database: Database, member: Member) -> int:
    with database.begin(member.tenant_id) as uow:
        found = uow.connection.exec_driver_sql("select coalesce(sum(used), 0) from usage_counters where meter = 'clips_per_day'")
        return int(found.scalar_one())


# Asking


def test_candidates_parts_and_clips_are_rendered_in_one_job(
    mine: Caller, media: Made, candidates: list[Made], clip: Made, play: Playing, dagster: FakeDagster
) -> None:
    body = {
        "candidate_ids": [candidates[1]["candidate_id"]], "clip_ids": [clip["clip_id"]], "look": {"aspect": "4:5"},
        "parts": [{"media_id": media["media_id"], "start_seconds": 10.5, "end_seconds": 14.0}],
    }  # fmt: skip

    answer = mine.post("/clips/jobs", body)
    play(answer.json())

    there = answer.headers["location"].removeprefix("/api/v1")
    made = {each["clip_id"]: each for each in mine.get(there).json()["clips"]}
    chosen, cut, again = (made[each["clip_id"]] for each in answer.json()["clips"])
    assert (answer.status_code, there) == (202, f"/clips/jobs/{answer.json()['request_id']}")
    assert [(str(each.request_id), each.kind) for each in dagster.launched] == [(answer.json()["request_id"], "clips")]
    assert {(each["width"], each["height"]) for each in made.values()} == {(1080, 1350)}
    assert chosen["state"] == "rendered"
    assert (chosen["candidate_id"], chosen["text"]) == (candidates[1]["candidate_id"], candidates[1]["text"])
    assert (again["start_seconds"], again["end_seconds"]) == (clip["start_seconds"], clip["end_seconds"])
    assert cut["start_seconds"] <= 10.5 < 14.0 <= cut["end_seconds"]
    assert (cut["ranking_score"], cut["reasons"], cut["candidate_id"]) == (None, [], None)
    assert mine.get(f"/clips/candidates/{candidates[1]['candidate_id']}").json()["clips"] == 1


def test_a_look_comes_back_as_it_was_asked_for(mine: Caller, candidates: list[Made]) -> None:
    song = send(mine, video(name=uuid4().hex), "?render=false").json()["media"]["media_id"]
    look = {**LOOK, "music_media_id": song}

    made = mine.post("/clips/jobs", {"candidate_ids": [candidates[0]["candidate_id"]], "look": look}).json()

    assert made["clips"][0]["look"] == look
    assert mine.get(f"/clips/{made['clips'][0]['clip_id']}").json()["look"] == look


def test_an_idempotency_key_makes_one_job_of_two_calls(mine: Caller, member: Member, database: Database, candidates: list[Made]) -> None:
    body, key = {"candidate_ids": [candidates[0]["candidate_id"]]}, {"Idempotency-Key": "once"}

    first, again = (mine.post("/clips/jobs", body, headers=key) for _ in range(2))
    other = mine.post("/clips/jobs", {**body, "look": {"aspect": "1:1"}}, headers=key)

    assert (first.content, again.headers["idempotency-replayed"]) == (again.content, "true")
    assert pointers(assert_problem(other, 422)) == ["Idempotency-Key"]
    assert (len(mine.get("/clips").json()["items"]), used(database, member)) == (1, 1)


def ids(count: int) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


ONE = ids(1) * 2
PART = {"media_id": str(uuid4()), "start_seconds": 1, "end_seconds": 9}


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 422, ["/candidate_ids"]),
        ({"candidate_ids": ids(21)}, 400, ["/candidate_ids"]),
        ({"candidate_ids": ids(11), "clip_ids": ids(10)}, 422, ["/candidate_ids"]),
        ({"candidate_ids": ONE}, 422, ["/candidate_ids/1"]),
        ({"clip_ids": ONE}, 422, ["/clip_ids/1"]),
        ({"candidate_ids": ["best"]}, 400, ["/candidate_ids/0"]),
        ({"parts": [{**PART, "start_seconds": -1}]}, 400, ["/parts/0/start_seconds"]),
        ({"parts": [{**PART, "colour": "red"}]}, 400, ["/parts/0/colour"]),
        ({"colour": "red"}, 400, ["/colour"]),
    ],
)
def test_a_job_that_cannot_be_is_refused_by_field(mine: Caller, body: Made, status: int, named: list[str]) -> None:
    assert pointers(assert_problem(mine.post("/clips/jobs", body), status)) == named


@pytest.mark.parametrize(
    ("look", "status", "named"),
    [
        ({"colour": "red"}, 400, ["/look/colour"]),
        ({"aspect": "16:9"}, 400, ["/look/aspect"]),
        ({"layout": "pip"}, 400, ["/look/layout"]),
        ({"player": "vhs"}, 400, ["/look/player"]),
        ({"captions": "loud"}, 400, ["/look/captions"]),
        ({"accent": "red"}, 400, ["/look/accent"]),
        ({"hook_text": "x" * 81}, 400, ["/look/hook_text"]),
        ({"hook_text": ""}, 400, ["/look/hook_text"]),
        ({"music_db": 3}, 400, ["/look/music_db"]),
        ({"margin_seconds": 0}, 400, ["/look/margin_seconds"]),
        ({"overrides": [{"start_seconds": 0, "end_seconds": 3, "x": 1.2}]}, 400, ["/look/overrides/0/x"]),
        ({"overrides": [{"start_seconds": -1, "end_seconds": 3}]}, 400, ["/look/overrides/0/start_seconds"]),
        ({"overrides": [{"start_seconds": 0, "end_seconds": 3}, {"start_seconds": 3, "end_seconds": 3}]}, 422, ["/look/overrides/1"]),
        ({"music_media_id": str(uuid4()), "outro_media_id": str(uuid4())}, 422, ["/look/music_media_id", "/look/outro_media_id"]),
    ],
)
def test_a_look_that_cannot_be_is_refused_by_field(
    mine: Caller, member: Member, database: Database, candidates: list[Made], look: Made, status: int, named: list[str]
) -> None:
    problem = assert_problem(mine.post("/clips/jobs", {"candidate_ids": [candidates[0]["candidate_id"]], "look": look}), status)

    assert pointers(problem) == named
    assert (mine.get("/clips").json()["items"], used(database, member)) == ([], 0)


def test_a_part_outside_the_video_is_pointed_at_and_nothing_is_counted(
    mine: Caller, member: Member, database: Database, media: Made
) -> None:
    parts = [{"media_id": media["media_id"], "start_seconds": start, "end_seconds": end} for start, end in ((0, 9), (25, 45))]

    assert pointers(assert_problem(mine.post("/clips/jobs", {"parts": parts}), 422)) == ["/parts/1"]
    assert (mine.get("/clips").json()["items"], used(database, member)) == ([], 0)


def test_music_of_another_workspace_does_not_exist(mine: Caller, theirs: Caller, candidates: list[Made]) -> None:
    song = send(theirs, video(name=uuid4().hex), "?render=false").json()["media"]["media_id"]
    body = {"candidate_ids": [candidates[0]["candidate_id"]], "look": {"music_media_id": song}}

    assert pointers(assert_problem(mine.post("/clips/jobs", body), 422)) == ["/look/music_media_id"]


def test_who_may_not_write_asks_for_no_job(
    mine: Caller, theirs: Caller, reader: Caller, nobody: Caller, media: Made, candidates: list[Made], clip: Made
) -> None:
    body = {"candidate_ids": [candidates[0]["candidate_id"]]}
    others = ({"clip_ids": [clip["clip_id"]]}, {"parts": [{**PART, "media_id": media["media_id"]}]})

    assert_problem(nobody.post("/clips/jobs", body), 401)
    assert_problem(reader.post("/clips/jobs", body), 403)
    for each in (body, *others):
        assert_problem(theirs.post("/clips/jobs", each), 404)
    assert_problem(mine.post("/clips/jobs", {"candidate_ids": ids(1)}), 404)
    assert (len(mine.get("/clips").json()["items"]), theirs.get("/clips").json()["items"]) == (1, [])


def test_the_plans_limit_holds_for_the_whole_job(mine: Caller, member: Member, database: Database, media: Made) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql(
            "insert into usage_counters (tenant_id, meter, period_start, used)"
            " select tenant_id, 'clips_per_day', (now() at time zone 'utc')::date, 49 from subscriptions"
        )
    parts = [{"media_id": media["media_id"], "start_seconds": start, "end_seconds": start + 5} for start in (0, 10)]

    problem = assert_problem(mine.post("/clips/jobs", {"parts": parts}), 429, "limit_reached")

    assert (problem["limit"], mine.get("/clips").json()["items"], used(database, member)) == (50, [], 49)


# Following and canceling


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/events"), ("DELETE", "")])
def test_a_job_is_its_workspaces_own(mine: Caller, theirs: Caller, nobody: Caller, job: Made, method: str, path: str) -> None:
    there = f"/clips/jobs/{job['request_id']}{path}"

    assert_problem(nobody.call(method, there), 401)
    assert_problem(theirs.call(method, there), 404)
    assert_problem(mine.call(method, f"/clips/jobs/{uuid4()}{path}"), 404)
    assert_problem(mine.call(method, f"/clips/jobs/best{path}"), 404)
    assert mine.get(f"/clips/jobs/{job['request_id']}").json()["state"] != "canceled"


@pytest.mark.parametrize("path", ["", "/events"])
def test_work_that_is_no_job_is_not_found_as_one(mine: Caller, media: Made, path: str) -> None:
    (suggestion,) = mine.get("/requests?kind=suggest").json()["items"]

    assert_problem(mine.get(f"/clips/jobs/{suggestion['request_id']}{path}"), 404)


def test_a_job_is_followed_to_its_end(mine: Caller, job: Made, play: Playing) -> None:
    following = Following(mine, job["request_id"], below="/clips/jobs")
    first = following.next()

    play(job)

    events = [first, *following.rest()]
    told = mine.get(f"/clips/jobs/{job['request_id']}").json()
    assert [each["event"] for each in events if each and "event" in each][-1] == "succeeded"
    assert (told["state"], told["events"]) == ("succeeded", f"/api/v1/clips/jobs/{job['request_id']}/events")
    assert [each["state"] for each in told["clips"]] == ["rendered"]


def test_a_canceled_job_counts_nothing_and_its_run_is_ended(
    mine: Caller, reader: Caller, member: Member, database: Database, dagster: FakeDagster, job: Made
) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.requests.claim(UUID(job["request_id"]), 1, "the-run")
    before = used(database, member)
    assert_problem(reader.delete(f"/clips/jobs/{job['request_id']}"), 403)

    answer = mine.delete(f"/clips/jobs/{job['request_id']}")

    assert (answer.status_code, dagster.terminated) == (202, ["the-run"])
    assert (before, used(database, member)) == (1, 0)


def test_a_job_that_nobody_has_begun_is_canceled_at_once(mine: Caller, job: Made) -> None:
    told = mine.delete(f"/clips/jobs/{job['request_id']}").json()

    assert (told["state"], [each["state"] for each in told["clips"]]) == ("canceled", ["canceled"])
