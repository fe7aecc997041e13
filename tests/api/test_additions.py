"""Music, intros and outros over HTTP: taken in without a run, named in looks, and no source of clips."""

from uuid import uuid4

import pytest

from store.database import Database
from tests.api.clipping import Made
from tests.api.conftest import Caller, FakeDagster, assert_problem, pointers
from tests.api.test_media import send, send_form, used
from tests.api.test_transcripts import SCRIPT
from tests.conftest import Member
from tests.media import FakeMedia, song, video, vtt


def added(caller: Caller, content: bytes) -> Made:
    answer = send(caller, content, "?purpose=addition")
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["media"])


@pytest.fixture
def music(mine: Caller) -> Made:
    return added(mine, song(name=uuid4().hex))


def test_an_addition_is_kept_listed_counted_and_starts_no_run(
    mine: Caller, theirs: Caller, member: Member, database: Database, dagster: FakeDagster
) -> None:
    content = song(seconds=1.0, name=uuid4().hex)

    answer = send(mine, content, "?purpose=addition&file_name=bed.mp3", **{"Idempotency-Key": "once"})
    again = send(mine, content, "?purpose=addition&file_name=bed.mp3", **{"Idempotency-Key": "once"})

    media = answer.json()["media"]
    assert (answer.status_code, answer.headers["location"], answer.json()["clip"]) == (201, f"/api/v1/media/{media['media_id']}", None)
    assert (media["purpose"], media["request_id"], media["container"], media["video"]) == ("addition", None, "mp3", [])
    assert (again.content, dagster.launched, used(database, member.tenant_id)) == (answer.content, [], 1)
    assert mine.get("/media").json()["items"] == [media]
    assert mine.get("/requests").json()["items"] == []
    file = mine.get(f"/media/{media['media_id']}/file")
    assert (file.content, file.headers["content-type"]) == (content, "audio/mpeg")
    assert_problem(theirs.get(f"/media/{media['media_id']}"), 404)
    assert mine.delete(f"/media/{media['media_id']}").status_code == 204


def test_a_sound_is_no_source(mine: Caller, member: Member, database: Database) -> None:
    assert mine.get("/media").json()["items"] == []
    assert pointers(assert_problem(send(mine, b"no sound at all", "?purpose=addition"), 422)) == ["file"]
    assert pointers(assert_problem(send(mine, song(), "?purpose=bed"), 400)) == ["purpose"]
    assert used(database, member.tenant_id) == 0


def test_an_addition_takes_nothing_that_is_a_sources_own(mine: Caller, member: Member, database: Database) -> None:
    query = f"?purpose=addition&min_seconds=3&max_seconds=9&language=en&video_id={uuid4()}"

    asked, beside = send(mine, song(), query), send_form(mine, "?purpose=addition", file=("a.mp3", song()), captions=("a.vtt", vtt()))

    assert pointers(assert_problem(asked, 422)) == ["min_seconds", "max_seconds", "language", "video_id"]
    assert pointers(assert_problem(beside, 422)) == ["captions"]
    assert used(database, member.tenant_id) == 0


def test_who_may_not_write_adds_nothing(reader: Caller, nobody: Caller) -> None:
    assert_problem(send(reader, song(), "?purpose=addition"), 403)
    assert_problem(send(nobody, song(), "?purpose=addition"), 401)


def test_no_clip_is_made_of_an_addition(mine: Caller, music: Made, member: Member, database: Database) -> None:
    media_id = music["media_id"]
    part = {"media_id": media_id, "start_seconds": 1, "end_seconds": 9}

    told = [
        assert_problem(mine.post("/clips", {"media_id": media_id}), 422),
        assert_problem(mine.post("/clips/suggest", {"media_id": media_id}), 422),
        assert_problem(mine.call("PUT", f"/media/{media_id}/script", json={"text": SCRIPT}), 422),
        assert_problem(mine.post("/clips/jobs", {"parts": [part]}), 422),
    ]

    assert [pointers(each) for each in told] == [["/media_id"], ["/media_id"], ["/media_id"], ["/parts/0/media_id"]]
    assert all("purpose=source" in each["errors"][0]["detail"] for each in told)
    assert "addition" in mine.get(f"/clips/candidates?media_id={media_id}").json()["reason"]
    assert not mine.get(f"/media/{media_id}").json()["has_script"]
    assert (mine.get("/requests").json()["items"], used(database, member.tenant_id)) == ([], 1)


def test_an_addition_is_music_or_a_film_by_what_it_holds(mine: Caller, candidates: list[Made], music: Made) -> None:
    silent, long, short = (added(mine, video(name=uuid4().hex, tracks=(), **more)) for more in (
        {"has_sound": False}, {"seconds": 31.0}, {"seconds": 2.0}))  # fmt: skip
    body = {"candidate_ids": [candidates[0]["candidate_id"]]}

    def look(**named: Made) -> Made:
        return {**body, "look": {f"{name}_media_id": each["media_id"] for name, each in named.items()}}

    wrong = assert_problem(mine.post("/clips/jobs", look(music=silent, intro=music, outro=long)), 422)
    right = mine.post("/clips/jobs", look(music=music, intro=short, outro=silent))

    assert {each["pointer"]: each["detail"] for each in wrong["errors"]} == {
        "/look/music_media_id": "it has no sound: name a file with sound",
        "/look/intro_media_id": "it has no moving picture: name a video",
        "/look/outro_media_id": "it has 31.0 s: name a video of 30 s or less",
    }
    assert right.status_code == 202


# Previews in a look


def test_a_preview_shows_the_look_that_is_asked_for(mine: Caller, reader: Caller, candidates: list[Made], music: Made) -> None:
    best = candidates[0]
    there = f"/clips/candidates/{best['candidate_id']}/preview"
    override = {"start_seconds": best["start_seconds"], "end_seconds": best["end_seconds"], "layout": "fit"}
    look = {"aspect": "1:1", "hook_text": "What travels", "overrides": [override], "music_media_id": music["media_id"]}

    film = mine.post(there, {"look": look})

    assert (film.status_code, film.headers["content-type"]) == (200, "video/mp4")
    assert film.content == f"a film of {best['seconds']:.1f} s, 1080 x 1080, hook What travels, with music".encode()
    assert reader.post(there, {"look": {}}).status_code == 200
    assert mine.get("/clips").json()["items"] == []


def test_a_preview_of_what_it_cannot_show_says_which_field(
    mine: Caller, theirs: Caller, nobody: Caller, candidates: list[Made], music: Made
) -> None:
    best = candidates[0]
    there = f"/clips/candidates/{best['candidate_id']}/preview"
    outside = {"start_seconds": best["end_seconds"] + 1, "end_seconds": best["end_seconds"] + 2}

    refused = mine.post(there, {"look": {"overrides": [outside], "intro_media_id": music["media_id"], "music_media_id": str(uuid4())}})
    drawn = mine.post(there, {"look": {"hook_text": FakeMedia.TOO_LONG}})

    told = assert_problem(refused, 422, "unacceptable")
    assert pointers(told) == ["/look/music_media_id", "/look/intro_media_id", "/look/overrides/0"]
    assert "outside of this candidate" in told["errors"][-1]["detail"]
    assert pointers(assert_problem(drawn, 422)) == ["/look/hook_text"]
    assert pointers(assert_problem(mine.post(there, {"look": {"aspect": "16:9"}}), 400)) == ["/look/aspect"]
    assert_problem(nobody.post(there, {"look": {}}), 401)
    assert_problem(theirs.post(there, {"look": {}}), 404)
