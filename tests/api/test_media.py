"""Videos over HTTP: who may send one, what is refused at once, what is kept, and what deleting takes along."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.requests import State
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import MEDIA_LIMIT_BYTES, Caller, FakeDagster, assert_problem, pointers
from tests.conftest import Member
from tests.library import put, seen
from tests.media import sha256, video, vtt

LONGEST_CAPTIONS = 5_000_000


@pytest.fixture
def talk() -> bytes:
    """A video of the test's own: no other test stands on its bytes."""
    return video(name=uuid4().hex)


def send(caller: Caller, content: bytes, query: str = "", **headers: str) -> Any:
    return caller.call("POST", f"/media{query}", content=content, headers={"Content-Type": "video/mp4", **headers})


def send_form(caller: Caller, query: str = "", **parts: Any) -> Any:
    return caller.call("POST", f"/media{query}", files=parts)


def kept(files: LocalFiles, member: Member) -> set[str]:
    return {path.name for path in (files._root / str(member.tenant_id)).rglob("*") if path.is_file()}


def used(database: Database, tenant_id: UUID) -> int:
    with database.begin(tenant_id) as uow:
        return int(uow.connection.exec_driver_sql("select coalesce(sum(used), 0) from usage_counters").scalar_one())


# What comes in


def test_a_video_is_taken_in_and_the_run_of_its_first_clip_is_launched(
    mine: Caller, member: Member, files: LocalFiles, dagster: FakeDagster, talk: bytes
) -> None:
    answer = send(mine, talk, "?file_name=talk.mp4&min_seconds=10")

    media, clip = answer.json()["media"], answer.json()["clip"]
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/api/v1/requests/{media['request_id']}"
    assert (media["file_name"], media["sha256"], media["size_bytes"]) == ("talk.mp4", sha256(talk), len(talk))
    assert (media["duration_seconds"], media["subtitles"][0]["language"], media["transcript"]) == (30.0, "eng", None)
    assert (clip["state"], clip["media_id"], clip["min_seconds"], clip["max_seconds"]) == ("asked", media["media_id"], 10, 60)
    assert kept(files, member) == {sha256(talk)}
    assert [(str(each.request_id), each.kind) for each in dagster.launched] == [(clip["request_id"], "media")]


def test_captions_come_in_the_same_form_in_whatever_order(mine: Caller, member: Member, files: LocalFiles) -> None:
    silent = video(tracks=(), name=uuid4().hex)

    made = send_form(mine, "?language=en", captions=("talk.vtt", vtt()), file=("talk.mp4", silent))

    assert made.status_code == 202, made.text
    assert (made.json()["media"]["has_captions"], made.json()["media"]["file_name"]) == (True, "talk.mp4")
    assert kept(files, member) == {sha256(silent), sha256(vtt())}


def test_a_video_without_captions_is_taken_in_to_be_listened_to(mine: Caller) -> None:
    made = send(mine, video(tracks=(), name=uuid4().hex))

    assert (made.status_code, made.json()["media"]["has_captions"]) == (202, False)


def test_a_video_that_shall_not_be_rendered_yet_has_no_clip(mine: Caller, dagster: FakeDagster, talk: bytes) -> None:
    made = send(mine, talk, "?render=false").json()

    assert (made["clip"], mine.get("/clips").json()["items"]) == (None, [])
    assert [(str(each.request_id), each.kind) for each in dagster.launched] == [(made["media"]["request_id"], "suggest")]


def test_a_video_is_that_of_a_post_of_the_workspace(mine: Caller, theirs: Caller, database: Database, member: Member, talk: bytes) -> None:
    post = put(database, member.tenant_id, [seen("one", 100, 10)])["one"]

    assert send(mine, talk, f"?video_id={post}").json()["media"]["video_id"] == str(post)
    assert_problem(send(theirs, talk, f"?video_id={post}"), 404)
    assert_problem(send(mine, talk, f"?video_id={uuid4()}"), 404)
    assert pointers(assert_problem(send(mine, talk, "?video_id=one"), 400)) == ["video_id"]
    assert pointers(assert_problem(send(mine, talk, "?render=perhaps"), 400)) == ["render"]


def test_an_idempotency_key_makes_one_of_two_calls(mine: Caller, dagster: FakeDagster, talk: bytes) -> None:
    first, again = (send(mine, talk, **{"Idempotency-Key": "once"}) for _ in range(2))

    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(dagster.launched) == len(mine.get("/media").json()["items"]) == 1


def test_an_idempotency_key_with_other_bounds_is_refused_and_the_video_stays(
    mine: Caller, member: Member, files: LocalFiles, talk: bytes
) -> None:
    send(mine, talk, **{"Idempotency-Key": "once"})

    assert_problem(send(mine, talk, "?min_seconds=5", **{"Idempotency-Key": "once"}), 422)

    assert kept(files, member) == {sha256(talk)}


def test_a_repeated_call_for_a_video_that_was_deleted_keeps_nothing(mine: Caller, member: Member, files: LocalFiles, talk: bytes) -> None:
    first = send(mine, talk, **{"Idempotency-Key": "once"})
    mine.delete(f"/media/{first.json()['media']['media_id']}")

    again = send(mine, talk, **{"Idempotency-Key": "once"})

    assert (again.content, kept(files, member)) == (first.content, set())


# What does not


def test_nobody_sends_a_video(nobody: Caller, talk: bytes) -> None:
    assert_problem(send(nobody, talk), 401)


def test_a_key_that_may_only_read_sends_none(reader: Caller, member: Member, files: LocalFiles, talk: bytes) -> None:
    assert_problem(send(reader, talk), 403, "refused")

    assert kept(files, member) == set()


@pytest.mark.parametrize(
    ("content", "query", "named"),
    [
        (b"no video", "", ["file"]),
        (video(seconds=13.06), "", ["min_seconds"]),
        (video(tracks=(), has_sound=False), "", ["captions"]),
        (video(codec="dvd_subtitle", has_sound=False), "", ["captions"]),
    ],
)
def test_what_no_clip_can_be_made_of_is_refused_at_once_and_not_kept(
    mine: Caller, member: Member, database: Database, files: LocalFiles, content: bytes, query: str, named: list[str]
) -> None:
    problem = assert_problem(send(mine, content, query), 422, "unacceptable")

    assert pointers(problem) == named
    assert named != ["captions"] or "WebVTT, SubRip, ASS, YouTube's json3" in problem["errors"][0]["detail"]
    assert (kept(files, member), used(database, member.tenant_id)) == (set(), 0)


def test_bounds_are_checked_before_the_file_is_read(mine: Caller, member: Member, files: LocalFiles, talk: bytes) -> None:
    problem = assert_problem(send(mine, talk, "?min_seconds=1&max_seconds=900"), 422)

    assert pointers(problem) == ["min_seconds", "max_seconds"]
    assert kept(files, member) == set()


def test_a_parameter_of_another_shape_is_malformed(mine: Caller, talk: bytes) -> None:
    assert pointers(assert_problem(send(mine, talk, "?min_seconds=soon"), 400)) == ["min_seconds"]
    assert pointers(assert_problem(send(mine, talk, "?language=not%20a%20tag"), 400)) == ["language"]


def test_captions_that_are_none_are_refused_and_nothing_is_kept(mine: Caller, member: Member, files: LocalFiles, talk: bytes) -> None:
    problem = assert_problem(send_form(mine, file=("a.mp4", talk), captions=("a.vtt", b"no captions")), 422)

    assert pointers(problem) == ["captions"]
    assert all(name in problem["errors"][0]["detail"] for name in ("WebVTT", "SubRip", "ASS", "json3"))
    assert kept(files, member) == set()


def test_too_large_is_too_large_and_leaves_nothing(mine: Caller, member: Member, files: LocalFiles, talk: bytes) -> None:
    video_too_large = send(mine, b"x" * (MEDIA_LIMIT_BYTES + 1))
    captions_too_large = send_form(mine, file=("a.mp4", talk), captions=("a.vtt", b"x" * (LONGEST_CAPTIONS + 1)))

    assert f"{MEDIA_LIMIT_BYTES:,}" in assert_problem(video_too_large, 413, "too_large")["detail"]
    assert f"{LONGEST_CAPTIONS:,}" in assert_problem(captions_too_large, 413, "too_large")["detail"]
    assert kept(files, member) == set()


def test_a_form_with_anything_else_is_refused(mine: Caller, talk: bytes) -> None:
    answer = send_form(mine, file=("a.mp4", talk), poster=("a.jpg", b"x"))

    assert "at most one of captions" in assert_problem(answer, 422)["detail"]


def test_the_plans_limit_is_a_limit(mine: Caller, member: Member, database: Database, files: LocalFiles, talk: bytes) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql(
            "insert into usage_counters (tenant_id, meter, period_start, used)"
            " select tenant_id, 'media_per_day', (now() at time zone 'utc')::date, 20 from subscriptions"
        )

    problem = assert_problem(send(mine, talk), 429, "limit_reached")

    assert (problem["limit"], problem["used"]) == (20, 20)
    assert kept(files, member) == set()


def test_a_refused_import_of_the_same_bytes_takes_nothing_away(mine: Caller, member: Member, files: LocalFiles, talk: bytes) -> None:
    send(mine, talk)

    assert_problem(mine.call("POST", "/imports", content=talk, headers={"Content-Type": "application/octet-stream"}), 422)

    assert kept(files, member) == {sha256(talk)}


# What is there


def test_videos_are_listed_newest_first_page_by_page(mine: Caller) -> None:
    made = [send(mine, video(name=uuid4().hex)).json()["media"]["media_id"] for _ in range(3)]

    first = mine.get("/media?limit=2").json()
    second = mine.get(f"/media?limit=2&cursor={first['next_cursor']}").json()

    assert [each["media_id"] for each in first["items"] + second["items"]] == made[::-1]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert_problem(mine.get("/media?cursor=made-up"), 422)


def test_the_video_comes_back_as_it_was_sent_whole_or_in_part(mine: Caller, talk: bytes) -> None:
    made = send(mine, talk, "?file_name=My talk.mp4").json()["media"]

    whole, part = (mine.get(f"/media/{made['media_id']}/file", headers=headers) for headers in ({}, {"Range": "bytes=5-14"}))

    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, talk, "video/mp4")
    assert whole.headers["content-disposition"] == 'attachment; filename="My talk.mp4"'
    assert (part.status_code, part.content) == (206, talk[5:15])


@pytest.mark.parametrize("path", ["/media", "/media/{id}", "/media/{id}/file"])
def test_nobody_reads_videos(nobody: Caller, path: str) -> None:
    assert_problem(nobody.get(path.format(id=uuid4())), 401)


@pytest.mark.parametrize("path", ["/media/{id}", "/media/{id}/file"])
def test_another_workspaces_video_does_not_exist(mine: Caller, theirs: Caller, talk: bytes, path: str) -> None:
    there = path.format(id=send(mine, talk).json()["media"]["media_id"])

    assert mine.get(there).status_code == 200
    assert_problem(theirs.get(there), 404)
    assert theirs.get("/media").json()["items"] == []
    assert_problem(mine.get(there.replace("/media/", "/media/x")), 404)


# Deleting


def test_deleting_a_video_takes_its_words_clips_and_bytes_along(
    mine: Caller, member: Member, database: Database, files: LocalFiles, dagster: FakeDagster
) -> None:
    talk = video(name=uuid4().hex)
    made = send_form(mine, file=("a.mp4", talk), captions=("a.vtt", vtt())).json()
    with database.begin(member.tenant_id) as uow:
        uow.requests.claim(UUID(made["clip"]["request_id"]), 1, "the-run")

    answer = mine.delete(f"/media/{made['media']['media_id']}")

    assert answer.status_code == 204
    assert kept(files, member) == set()
    assert_problem(mine.get(f"/media/{made['media']['media_id']}"), 404)
    assert_problem(mine.get(f"/clips/{made['clip']['clip_id']}"), 404)
    assert dagster.terminated == ["the-run"]
    with database.begin(member.tenant_id) as uow:
        request = uow.requests.get(UUID(made["clip"]["request_id"]))
    assert (request.state, request.is_cancel_requested) == (State.RUNNING, True)


def test_bytes_that_something_else_stands_on_are_kept(mine: Caller, member: Member, files: LocalFiles, talk: bytes) -> None:
    first, second = (send(mine, talk).json()["media"]["media_id"] for _ in range(2))

    mine.delete(f"/media/{first}")
    with_one = kept(files, member)
    mine.delete(f"/media/{second}")

    assert (with_one, kept(files, member)) == ({sha256(talk)}, set())


def test_who_may_not_write_deletes_nothing(mine: Caller, theirs: Caller, reader: Caller, nobody: Caller, talk: bytes) -> None:
    there = f"/media/{send(mine, talk).json()['media']['media_id']}"

    assert_problem(nobody.delete(there), 401)
    assert_problem(reader.delete(there), 403)
    assert_problem(theirs.delete(there), 404)
    assert mine.get(there).status_code == 200
