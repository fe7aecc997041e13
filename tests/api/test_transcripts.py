"""What is said in a video over HTTP: read, exported, and replaced by a script."""

from uuid import uuid4

import pytest

from store.database import Database
from tests.api.clipping import Made, Playing
from tests.api.conftest import Caller, FakeDagster, assert_problem, pointers
from tests.api.test_media import send
from tests.conftest import Member
from tests.media import video

FILES = {
    ".vtt": ("text/vtt", "WEBVTT\n\n00:00:00.500 --> "),
    ".srt": ("application/x-subrip", "1\n00:00:00,500 --> "),
    ".txt": ("text/plain", "Why do some videos travel further than others?"),
}
SCRIPT = "We looked at forty channels. Questions help, and so do numbers. Brackets change nothing. Ask one thing, and answer it well."


@pytest.mark.parametrize("path", ["", *FILES])
def test_the_words_of_a_video_are_its_workspaces_own(mine: Caller, theirs: Caller, nobody: Caller, media: Made, path: str) -> None:
    there = f"/media/{media['media_id']}/transcript{path}"

    assert mine.get(there).status_code == 200
    assert_problem(nobody.get(there), 401)
    assert_problem(theirs.get(there), 404)
    assert_problem(mine.get(f"/media/talk/transcript{path}"), 404)


@pytest.mark.parametrize("path", ["", *FILES])
def test_words_that_no_run_has_read_are_not_found(mine: Caller, path: str) -> None:
    sent = send(mine, video(name=uuid4().hex), "?render=false").json()["media"]

    assert_problem(mine.get(f"/media/{sent['media_id']}/transcript{path}"), 404)


def test_the_words_are_told_by_sentences_with_statistics(mine: Caller, media: Made) -> None:
    told = mine.get(f"/media/{media['media_id']}/transcript").json()

    assert (told["source"], told["language"], told["model"], told["error_rate"]) == ("track", "eng", None, None)
    assert [each["text"] for each in told["sentences"]][:1] == ["Why do some videos travel further than others?"]
    assert all(each["start_seconds"] < each["end_seconds"] for each in told["sentences"])
    assert told["statistics"]["words"] == mine.get(f"/media/{media['media_id']}").json()["transcript"]["words"] == 42


@pytest.mark.parametrize("path", FILES)
def test_the_words_come_as_a_file(mine: Caller, media: Made, path: str) -> None:
    answer = mine.get(f"/media/{media['media_id']}/transcript{path}")

    kind, begin = FILES[path]
    assert answer.headers["content-type"].startswith(kind)
    assert answer.text.startswith(begin)


def test_words_are_not_markup_in_a_file(mine: Caller, play: Playing) -> None:
    said = "Is 1 < 2 & 3 --> 4? " * 8
    sent = send(mine, video(tracks=(), said=said, name=uuid4().hex, seconds=60), "?render=false").json()["media"]
    play(sent)

    told = mine.get(f"/media/{sent['media_id']}/transcript.vtt").text

    assert "1 &lt; 2" in told
    assert all("--&gt;" in line or line[:2] == "00" for line in told.splitlines() if "--" in line)


# Scripts


def test_a_script_is_aligned_and_candidates_are_found_anew(
    mine: Caller, media: Made, candidates: list[Made], play: Playing, dagster: FakeDagster
) -> None:
    answer = mine.call("PUT", f"/media/{media['media_id']}/script", json={"text": f"{SCRIPT} {SCRIPT}", "language": "en"})
    between = mine.get(f"/media/{media['media_id']}/transcript").status_code
    play(answer.json())

    told = mine.get(f"/media/{media['media_id']}/transcript").json()
    found = mine.get(f"/clips/candidates?media_id={media['media_id']}").json()["items"]
    assert (answer.status_code, between, [each.kind for each in dagster.launched]) == (202, 404, ["suggest"])
    assert (told["source"], told["language"], told["sentences"][0]["text"]) == ("script", "en", "We looked at forty channels.")
    assert mine.get(f"/media/{media['media_id']}").json()["has_script"]
    assert all(each["request_id"] == answer.json()["request_id"] for each in found)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["/text"]),
        ({"text": ""}, ["/text"]),
        ({"text": "x" * 500_001}, ["/text"]),
        ({"text": SCRIPT, "language": "English"}, ["/language"]),
        ({"text": SCRIPT, "colour": "red"}, ["/colour"]),
    ],
    ids=["none", "empty", "long", "language", "unknown"],
)
def test_a_script_that_cannot_be_is_refused_by_field(mine: Caller, media: Made, body: Made, named: list[str]) -> None:
    assert pointers(assert_problem(mine.call("PUT", f"/media/{media['media_id']}/script", json=body), 400)) == named


def test_who_may_not_write_gives_no_script(mine: Caller, theirs: Caller, reader: Caller, nobody: Caller, media: Made) -> None:
    there, body = f"/media/{media['media_id']}/script", {"text": SCRIPT}

    assert_problem(nobody.call("PUT", there, json=body), 401)
    assert_problem(reader.call("PUT", there, json=body), 403)
    assert_problem(theirs.call("PUT", there, json=body), 404)
    assert mine.get(f"/media/{media['media_id']}/transcript").json()["source"] == "track"


def test_a_script_for_bytes_that_are_gone_is_not_kept(mine: Caller, member: Member, database: Database, media: Made) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql("update media set expired_at = '2026-11-20 03:00Z'")

    assert_problem(mine.call("PUT", f"/media/{media['media_id']}/script", json={"text": SCRIPT}), 410, "gone")

    assert not mine.get(f"/media/{media['media_id']}").json()["has_script"]
    assert mine.get(f"/media/{media['media_id']}/transcript").status_code == 200


def test_a_script_is_ranked_within_the_bounds_that_were_last_asked_for(mine: Caller, media: Made) -> None:
    """`media` was sent for clips of 5 to 12 s."""
    there, body = f"/media/{media['media_id']}/script", {"text": SCRIPT}

    plain, named = (
        mine.call("PUT", there, json=body),
        mine.call("PUT", there, json={**body, "min_seconds": 4, "max_seconds": 8, "count": 2}),
    )

    asked = [mine.get(f"/requests/{each.json()['request_id']}").json()["params"] for each in (plain, named)]
    assert [(each["min_seconds"], each["max_seconds"], each.get("count")) for each in asked] == [(5, 12, None), (4, 8, 2)]


def test_a_short_video_that_was_sent_for_a_clip_takes_a_script_without_bounds(mine: Caller) -> None:
    sent = send(mine, video(seconds=10.0, name=uuid4().hex), "?min_seconds=4&max_seconds=9").json()["media"]

    answer = mine.call("PUT", f"/media/{sent['media_id']}/script", json={"text": SCRIPT})

    asked = mine.get(f"/requests/{answer.json()['request_id']}").json()["params"]
    assert (answer.status_code, asked["min_seconds"], asked["max_seconds"]) == (202, 4, 9)


def test_bounds_of_a_script_that_cannot_be_are_refused_and_the_script_is_not_kept(mine: Caller, media: Made) -> None:
    there = f"/media/{media['media_id']}/script"

    assert pointers(assert_problem(mine.call("PUT", there, json={"text": SCRIPT, "min_seconds": 1}), 422)) == ["min_seconds"]
    assert not mine.get(f"/media/{media['media_id']}").json()["has_script"]
