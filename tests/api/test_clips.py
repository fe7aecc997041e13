"""Clips over HTTP: asked for, listed, followed, downloaded, deleted. Their run is played by hand; the real graph is in tests/assets."""

from uuid import uuid4

import pytest

from gateways.files.store import LocalFiles
from tests.api.clipping import Made, Playing
from tests.api.conftest import Caller, assert_problem, pointers
from tests.api.following import Following
from tests.api.test_media import kept
from tests.conftest import Member
from tests.media import sha256


def test_a_clip_is_followed_from_asked_to_rendered(mine: Caller, taken_in: Made, play: Playing) -> None:
    there = f"/clips/{taken_in['clip']['clip_id']}"
    before = mine.get(there).json()

    play(taken_in["clip"])

    after = mine.get(there).json()
    assert (before["state"], before["file"], before["text"]) == ("asked", None, None)
    assert (after["state"], after["width"], after["height"], after["loudness_lufs"]) == ("rendered", 1080, 1920, -14.2)
    assert after["seconds"] == pytest.approx(after["end_seconds"] - after["start_seconds"])
    assert after["text"].startswith("Why do some videos")
    assert {"whole_sentences", "length", "opens_by_itself"} <= {each["name"] for each in after["reasons"]}
    assert after["method"] == {"id": "clip-ranking/2", "url": "/docs/method#clips"}
    words = mine.get(f"/media/{after['media_id']}").json()["transcript"]
    assert words == {"source": "track", "language": "eng", "cues": 5, "sentences": 5, "words": 42, "model": None, "error_rate": None}


def test_the_clip_and_its_captions_are_downloaded(mine: Caller, taken_in: Made, play: Playing) -> None:
    play(taken_in["clip"])
    clip = mine.get(f"/clips/{taken_in['clip']['clip_id']}").json()

    whole = mine.get(clip["file"].removeprefix("/api/v1"))
    part = mine.get(clip["file"].removeprefix("/api/v1"), headers={"Range": "bytes=0-9"})
    captions = mine.get(clip["captions"].removeprefix("/api/v1"))

    assert (whole.status_code, whole.headers["content-type"], len(whole.content)) == (200, "video/mp4", clip["size_bytes"])
    assert whole.headers["etag"] == f'"{sha256(whole.content)}"'
    assert (part.status_code, part.content) == (206, whole.content[:10])
    assert captions.headers["content-type"].startswith("text/vtt")
    assert captions.text.startswith("WEBVTT\n\n00:00:00.350 --> ")


def test_what_is_not_made_yet_is_not_found(mine: Caller, taken_in: Made) -> None:
    there = f"/clips/{taken_in['clip']['clip_id']}"

    assert_problem(mine.get(f"{there}/file"), 404)
    assert_problem(mine.get(f"{there}/captions.vtt"), 404)


def test_another_clip_with_bounds_of_its_own_is_asked_for(mine: Caller, taken_in: Made) -> None:
    body = {"media_id": taken_in["media"]["media_id"], "min_seconds": 5, "max_seconds": 12}

    answer = mine.post("/clips", body, headers={"Idempotency-Key": "once"})
    again = mine.post("/clips", body, headers={"Idempotency-Key": "once"})

    clip = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/requests/{clip['request_id']}")
    assert (clip["state"], clip["min_seconds"], clip["max_seconds"]) == ("asked", 5, 12)
    assert again.content == answer.content
    assert [each["request_id"] for each in mine.get("/requests?kind=clip").json()["items"]] == [clip["request_id"]]


def test_a_second_clip_of_other_bounds_leaves_the_first_alone(mine: Caller, taken_in: Made, play: Playing) -> None:
    play(taken_in["clip"])
    other = mine.post("/clips", {"media_id": taken_in["media"]["media_id"], "min_seconds": 5, "max_seconds": 12}).json()

    play(other)

    found = {each["clip_id"]: each for each in mine.get(f"/clips?media_id={other['media_id']}").json()["items"]}
    assert set(found) == {taken_in["clip"]["clip_id"], other["clip_id"]}
    assert 5 <= found[other["clip_id"]]["seconds"] <= 12 < 15 <= found[taken_in["clip"]["clip_id"]]["seconds"]


@pytest.mark.parametrize(
    ("bounds", "status", "named"),
    [
        ({"min_seconds": 1}, 422, ["min_seconds"]),
        ({"min_seconds": 40}, 422, ["min_seconds"]),
        ({"max_seconds": "long"}, 400, ["/max_seconds"]),
        ({"colour": "red"}, 400, ["/colour"]),
    ],
)
def test_a_clip_that_cannot_be_is_refused_by_field(mine: Caller, taken_in: Made, bounds: Made, status: int, named: list[str]) -> None:
    problem = assert_problem(mine.post("/clips", {"media_id": taken_in["media"]["media_id"], **bounds}), status)

    assert pointers(problem) == named


def test_who_may_not_write_asks_for_no_clip(mine: Caller, theirs: Caller, reader: Caller, nobody: Caller, taken_in: Made) -> None:
    body = {"media_id": taken_in["media"]["media_id"]}

    assert_problem(nobody.post("/clips", body), 401)
    assert_problem(reader.post("/clips", body), 403)
    assert_problem(theirs.post("/clips", body), 404)
    assert_problem(mine.post("/clips", {"media_id": str(uuid4())}), 404)
    assert len(mine.get("/clips").json()["items"]) == 1


def test_clips_are_listed_newest_first_page_by_page(mine: Caller, taken_in: Made) -> None:
    body = {"media_id": taken_in["media"]["media_id"]}
    made = [taken_in["clip"]["clip_id"], *(mine.post("/clips", body).json()["clip_id"] for _ in range(2))]

    first = mine.get("/clips?limit=2").json()
    second = mine.get(f"/clips?limit=2&cursor={first['next_cursor']}").json()

    assert [each["clip_id"] for each in first["items"] + second["items"]] == made[::-1]
    assert_problem(mine.get(f"/clips?limit=2&state=rendered&cursor={first['next_cursor']}"), 422)
    assert_problem(mine.get("/clips?state=lost"), 400)


@pytest.mark.parametrize("path", ["/clips", "/clips/{id}", "/clips/{id}/file", "/clips/{id}/captions.vtt", "/clips/{id}/events"])
def test_nobody_reads_clips(nobody: Caller, path: str) -> None:
    assert_problem(nobody.get(path.format(id=uuid4())), 401)


@pytest.mark.parametrize("path", ["", "/file", "/captions.vtt", "/events"])
def test_another_workspaces_clip_does_not_exist(mine: Caller, theirs: Caller, taken_in: Made, play: Playing, path: str) -> None:
    play(taken_in["clip"])
    mine.delete(f"/requests/{taken_in['clip']['request_id']}")  # so that its events end
    there = f"/clips/{taken_in['clip']['clip_id']}{path}"

    assert mine.get(there).status_code == 200
    assert_problem(theirs.get(there), 404)
    assert theirs.get("/clips").json()["items"] == []


def test_the_events_of_a_clip_are_those_of_its_request(mine: Caller, taken_in: Made) -> None:
    clip = taken_in["clip"]
    following = Following(mine, clip["clip_id"], below="/clips")
    first = following.next()
    mine.delete(f"/requests/{clip['request_id']}")

    rest = following.rest()

    assert first is not None
    assert [first["event"], *(each["event"] for each in rest if "event" in each)][-1] == "canceled"
    assert mine.get(f"/clips/{clip['clip_id']}").json()["state"] == "canceled"


def test_deleting_a_clip_takes_its_bytes_and_leaves_the_video(
    mine: Caller, member: Member, files: LocalFiles, taken_in: Made, play: Playing
) -> None:
    play(taken_in["clip"])
    with_clip = kept(files, member)

    answer = mine.delete(f"/clips/{taken_in['clip']['clip_id']}")

    assert (answer.status_code, len(with_clip), kept(files, member)) == (204, 3, {taken_in["media"]["sha256"]})
    assert_problem(mine.get(f"/clips/{taken_in['clip']['clip_id']}"), 404)


def test_deleting_a_clip_that_is_not_made_yet_cancels_its_work(mine: Caller, taken_in: Made) -> None:
    mine.delete(f"/clips/{taken_in['clip']['clip_id']}")

    assert mine.get(f"/requests/{taken_in['clip']['request_id']}").json()["state"] == "canceled"


def test_who_may_not_write_deletes_no_clip(mine: Caller, theirs: Caller, reader: Caller, nobody: Caller, taken_in: Made) -> None:
    there = f"/clips/{taken_in['clip']['clip_id']}"

    assert_problem(nobody.delete(there), 401)
    assert_problem(reader.delete(there), 403)
    assert_problem(theirs.delete(there), 404)
    assert mine.get(there).status_code == 200
