"""Candidates over HTTP: asked for, listed, looked at before anything is rendered; and the heat-map that may come along."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from litestar.testing import TestClient

from api.app import create_app
from domain.platforms.ytdlp import Fetched, HeatMark
from domain.ports import Platforms
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.clipping import Made, Playing
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_parts, pointers
from tests.api.test_media import send
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.library import put, seen
from tests.media import JPEG, video

MARKS = (HeatMark(0.0, 10.0, 0.2), HeatMark(10.0, 15.0, 0.4), HeatMark(15.0, 30.0, 1.0))
HEAT = [{"start_seconds": each.start_seconds, "end_seconds": each.end_seconds, "value": each.intensity_share} for each in MARKS]
PARTS = ("", "/pieces", "/picture", "/preview")
READS = ("/clips/candidates?media_id={media}", *(f"/clips/candidates/{{candidate}}{part}" for part in PARTS))


@pytest.fixture
def post(database: Database, member: Member) -> str:
    """A post of the library, whose video nobody sent."""
    found = seen("one", 100, 10)
    assert found.video is not None
    shown = replace(found, video=replace(found.video, url="https://www.tiktok.com/@ana/video/1"))
    return str(put(database, member.tenant_id, [shown])["one"])


def heat_of(database: Database, member: Member, media_id: str) -> Any:
    with database.begin(member.tenant_id) as uow:
        return uow.media.get(UUID(media_id)).heat


def reason(candidate: Made, name: str) -> float:
    return next(float(each["value"]) for each in candidate["reasons"] if each["name"] == name)


# Asking


def test_the_best_parts_are_found_and_listed_best_first(mine: Caller, media: Made, play: Playing, dagster: FakeDagster) -> None:
    asked = mine.post("/clips/suggest", {"media_id": media["media_id"], "min_seconds": 4, "max_seconds": 8, "count": 2})
    play(asked.json())

    told = mine.get(asked.json()["candidates"].removeprefix("/api/v1")).json()
    assert (asked.status_code, asked.headers["location"]) == (202, f"/api/v1/requests/{asked.json()['request_id']}")
    assert [(str(each.request_id), each.kind) for each in dagster.launched][-1] == (asked.json()["request_id"], "suggest")
    assert ([each["rank"] for each in told["items"]], told["reason"]) == ([1, 2], None)
    assert all(4 <= each["seconds"] <= 8 and each["request_id"] == asked.json()["request_id"] for each in told["items"])
    assert mine.get("/clips").json()["items"] == []


def test_an_idempotency_key_makes_one_suggestion_of_two_calls(mine: Caller, media: Made) -> None:
    body, key = {"media_id": media["media_id"], "heat": HEAT}, {"Idempotency-Key": "once"}

    first, again = (mine.post("/clips/suggest", body, headers=key) for _ in range(2))
    other = mine.post("/clips/suggest", {**body, "heat": HEAT[:1]}, headers=key)

    assert (first.content, again.headers["idempotency-replayed"]) == (again.content, "true")
    assert pointers(assert_problem(other, 422)) == ["Idempotency-Key"]
    assert len(mine.get("/requests?kind=suggest").json()["items"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({}, 422, ["/media_id"]),
        ({"media_id": str(uuid4()), "video_id": str(uuid4())}, 422, ["/media_id"]),
        ({"media_id": "talk"}, 400, ["/media_id"]),
        ({"media_id": str(uuid4()), "count": 21}, 400, ["/count"]),
        ({"media_id": str(uuid4()), "count": 0}, 400, ["/count"]),
        ({"media_id": str(uuid4()), "min_seconds": 1}, 422, ["min_seconds"]),
        ({"media_id": str(uuid4()), "colour": "red"}, 400, ["/colour"]),
        ({"media_id": str(uuid4()), "heat": [{**HEAT[0], "value": 1.1}]}, 400, ["/heat/0/value"]),
        ({"media_id": str(uuid4()), "heat": [{**HEAT[0], "start_seconds": -1}]}, 400, ["/heat/0/start_seconds"]),
        ({"media_id": str(uuid4()), "heat": [{"start_seconds": 1, "end_seconds": 2}]}, 400, ["/heat/0/value"]),
        ({"media_id": str(uuid4()), "heat": [HEAT[0], {**HEAT[1], "end_seconds": 10.0}]}, 422, ["/heat/1"]),
        ({"media_id": str(uuid4()), "heat": HEAT[:1] * 201}, 400, ["/heat"]),
        ({"media_id": str(uuid4()), "heat": [{**HEAT[0], "colour": "red"}]}, 400, ["/heat/0/colour"]),
    ],
)
def test_a_suggestion_that_cannot_be_is_refused_by_field(mine: Caller, body: Made, status: int, named: list[str]) -> None:
    assert pointers(assert_problem(mine.post("/clips/suggest", body), status)) == named


def test_who_may_not_write_asks_for_no_suggestion(mine: Caller, theirs: Caller, reader: Caller, nobody: Caller, media: Made) -> None:
    body = {"media_id": media["media_id"], "heat": HEAT}

    assert_problem(nobody.post("/clips/suggest", body), 401)
    assert_problem(reader.post("/clips/suggest", body), 403)
    assert_problem(theirs.post("/clips/suggest", body), 404)
    assert_problem(mine.post("/clips/suggest", {"media_id": str(uuid4())}), 404)
    assert not mine.get(f"/media/{media['media_id']}").json()["has_heat"]


def test_a_video_whose_bytes_are_gone_is_gone(mine: Caller, member: Member, database: Database, media: Made) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql("update media set expired_at = '2026-11-20 03:00Z'")

    assert "2026-11-20" in assert_problem(mine.post("/clips/suggest", {"media_id": media["media_id"]}), 410, "gone")["detail"]


# Posts


def test_a_post_whose_file_is_not_here_is_a_conflict_that_says_what_to_do(mine: Caller, theirs: Caller, post: str) -> None:
    problem = assert_problem(mine.post("/clips/suggest", {"video_id": post}), 409, "conflict")

    assert f"POST /media?video_id={post}" in problem["detail"]
    assert "downloads of public videos are off" in problem["detail"]
    assert_problem(theirs.post("/clips/suggest", {"video_id": post}), 404)
    assert mine.get("/requests?kind=suggest").json()["items"] == []


def test_a_post_whose_file_was_sent_is_suggested_of_that_file(mine: Caller, post: str) -> None:
    sent = send(mine, video(name=uuid4().hex), f"?render=false&video_id={post}").json()["media"]

    asked = mine.post("/clips/suggest", {"video_id": post}).json()

    assert (asked["media_id"], asked["video_id"]) == (sent["media_id"], post)


class FakeDownloads:
    """Stands at the port `FetchesMedia`. `heat`: what the post's page shows."""

    def __init__(self, heat: tuple[HeatMark, ...] | None = None) -> None:
        self.heat = heat

    def fetch(self, url: str, *, folder: Any, **_: object) -> Any:
        path = folder / "fetched"
        path.write_bytes(video(name=url))
        return Fetched(path, self.heat)


def test_where_downloads_are_allowed_a_post_is_fetched_with_the_heat_that_was_told(
    database: Database, urls: Urls, mine: Caller, member: Member, dagster: FakeDagster, files: LocalFiles, play: Playing, post: str
) -> None:
    fetches, body = Platforms(media=FakeDownloads()), {"video_id": post, "heat": HEAT, "min_seconds": 5, "max_seconds": 12}
    client = TestClient(create_app(replace(make_parts(database, urls.app, dagster, files), platforms=fetches)))

    asked = Caller(client, mine.credential).post("/clips/suggest", body)
    replace(play, platforms=fetches)(asked.json())

    (sent,) = mine.get("/media").json()["items"]
    assert (asked.status_code, asked.json()["media_id"], asked.json()["candidates"]) == (202, None, None)
    assert (sent["video_id"], sent["origin"], sent["has_heat"]) == (post, "download", True)
    assert heat_of(database, member, sent["media_id"]) == MARKS
    assert mine.get(f"/clips/candidates?media_id={sent['media_id']}").json()["items"]


def test_the_heat_map_of_a_fetched_post_is_kept_and_what_the_workspace_tells_goes_before_it(
    database: Database, urls: Urls, mine: Caller, dagster: FakeDagster, files: LocalFiles, play: Playing, post: str
) -> None:
    fetches = Platforms(media=FakeDownloads(MARKS))
    client = TestClient(create_app(replace(make_parts(database, urls.app, dagster, files), platforms=fetches)))
    otherwise = [{**each, "value": value} for each, value in zip(HEAT, (1.0, 0.9, 0.1), strict=True)]
    bodies: list[Made] = [{}, {"heat": otherwise}, {"heat": []}]
    told = []

    for more in bodies:
        body = {"video_id": post, "min_seconds": 5, "max_seconds": 12, **more}
        replace(play, platforms=fetches)(Caller(client, mine.credential).post("/clips/suggest", body).json())
        (sent,) = mine.get("/media").json()["items"]
        found = mine.get(f"/clips/candidates?media_id={sent['media_id']}").json()["items"]
        hottest = max(found, key=lambda each: reason(each, "most_replayed"))
        told.append((sent["has_heat"], sent["heat_from"], hottest["start_seconds"] > 10))

    assert told == [(True, "platform", True), (True, "workspace", False), (True, "platform", True)]


@pytest.mark.parametrize(("heat", "why"), [((), "the platform shows no heat-map"), (None, "no heat-map of this video is known")])
def test_a_fetched_post_without_a_heat_map_has_none_and_says_why(
    database: Database, urls: Urls, mine: Caller, dagster: FakeDagster, files: LocalFiles, play: Playing, post: str, heat: Any, why: str
) -> None:
    fetches = Platforms(media=FakeDownloads(heat))
    client = TestClient(create_app(replace(make_parts(database, urls.app, dagster, files), platforms=fetches)))
    asked = Caller(client, mine.credential).post("/clips/suggest", {"video_id": post, "min_seconds": 5, "max_seconds": 12})

    replace(play, platforms=fetches)(asked.json())

    (sent,) = mine.get("/media").json()["items"]
    found = mine.get(f"/clips/candidates?media_id={sent['media_id']}").json()["items"]
    assert (sent["has_heat"], sent["heat_from"]) == (False, None)
    assert {why in each["absent"]["most_replayed"] for each in found} == {True}


# Heat


def test_a_heat_map_is_kept_with_the_video_and_ranks_its_parts(
    mine: Caller, member: Member, database: Database, media: Made, candidates: list[Made], play: Playing
) -> None:
    asked = mine.post("/clips/suggest", {"media_id": media["media_id"], "min_seconds": 5, "max_seconds": 12, "heat": HEAT}).json()
    play(asked)
    later = mine.post("/clips/suggest", {"media_id": media["media_id"], "min_seconds": 5, "max_seconds": 12}).json()
    play(later)

    told = mine.get(f"/clips/candidates?media_id={media['media_id']}").json()["items"]
    measured = {each["start_seconds"]: {reason["name"]: reason["value"] for reason in each["reasons"]} for each in told}
    assert all("most_replayed" in each["absent"] for each in candidates)
    assert told[0]["request_id"] == later["request_id"]
    assert all(reasons["most_replayed"] == pytest.approx(1.0) for start, reasons in measured.items() if start >= 15)
    assert heat_of(database, member, media["media_id"]) == MARKS


def test_an_empty_heat_map_takes_the_one_before_back(mine: Caller, member: Member, database: Database, media: Made) -> None:
    told = []
    for heat in (HEAT, []):
        mine.post("/clips/suggest", {"media_id": media["media_id"], "heat": heat})
        told.append(mine.get(f"/media/{media['media_id']}").json()["has_heat"])

    assert told == [True, False]
    assert heat_of(database, member, media["media_id"]) is None


# Reading


@pytest.mark.parametrize("path", READS)
def test_nobody_reads_candidates(nobody: Caller, path: str) -> None:
    assert_problem(nobody.get(path.format(media=uuid4(), candidate=uuid4())), 401)


@pytest.mark.parametrize("path", READS)
def test_another_workspaces_candidates_do_not_exist(mine: Caller, theirs: Caller, media: Made, candidates: list[Made], path: str) -> None:
    there = path.format(media=media["media_id"], candidate=candidates[0]["candidate_id"])

    assert mine.get(there).status_code == 200
    assert_problem(theirs.get(there), 404, "not_found")


def test_candidates_are_those_of_a_video_that_is_named(mine: Caller) -> None:
    assert "media_id" in assert_problem(mine.get("/clips/candidates"), 400)["detail"]
    assert pointers(assert_problem(mine.get("/clips/candidates?media_id=talk"), 400)) == ["media_id"]
    assert_problem(mine.get("/clips/candidates/talk"), 404)
    assert_problem(mine.get(f"/clips/candidates/{uuid4()}/preview"), 404)


def test_a_video_without_candidates_says_why(mine: Caller) -> None:
    sent = send(mine, video(name=uuid4().hex), "?render=false").json()["media"]

    told = mine.get(f"/clips/candidates?media_id={sent['media_id']}").json()

    assert (told["items"], told["reason"]) == (
        [], "nobody has looked for candidates yet, or that failed: ask with POST /clips/suggest"
    )  # fmt: skip


def test_a_candidate_shows_its_reasons_its_layout_a_frame_and_a_film(mine: Caller, candidates: list[Made]) -> None:
    best = candidates[0]
    there = f"/clips/candidates/{best['candidate_id']}"

    pieces, picture, film = (mine.get(f"{there}/{part}") for part in ("pieces", "picture", "preview"))

    assert mine.get(there).json() == best
    assert {"whole_sentences", "length"} <= {each["name"] for each in best["reasons"]}
    assert all(best["absent"].values())
    items = pieces.json()["items"]
    assert (items[0]["start_seconds"], items[-1]["end_seconds"]) == (best["start_seconds"], best["end_seconds"])
    assert (picture.headers["content-type"], picture.content) == ("image/jpeg", JPEG)
    assert (film.headers["content-type"], film.content) == ("video/mp4", f"a film of {best['seconds']:.1f} s".encode())
    assert film.headers["cache-control"].startswith("private")
    assert [each["kind"] for each in mine.get("/requests").json()["items"]] == ["suggest"]
