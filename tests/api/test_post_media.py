"""What is to be seen of a post, over HTTP: its thumbnail and the files of its video. Nobody and another workspace: test_videos."""

from dataclasses import replace
from uuid import UUID

import pytest

from domain.thumbnails import Failure, Measures, Picture
from store.database import Database
from tests.api.clipping import Made, Playing
from tests.api.conftest import Caller
from tests.api.test_media import send
from tests.conftest import Member
from tests.library import NOON, put, seen
from tests.media import video

URL = "https://i.ytimg.com/vi/3xampl3vide/hqdefault.jpg"
PICTURE = Picture("ab" * 32, Measures(480, 360, 0.5, 0.2, 0.3, 1, 0.1))


@pytest.fixture
def post(database: Database, member: Member) -> UUID:
    return shown(database, member, URL)


def shown(database: Database, member: Member, url: str | None) -> UUID:
    found = seen("one", 100, 10)
    assert found.video is not None
    return put(database, member.tenant_id, [replace(found, video=replace(found.video, thumbnail_url=url))])["one"]


def look(database: Database, member: Member, found: Picture | Failure) -> None:
    with database.begin(member.tenant_id) as uow:
        (due,) = uow.thumbnails.due(now=NOON, limit=5)
        uow.thumbnails.put(due, found, now=NOON)


def items(caller: Caller, video_id: UUID) -> list[Made]:
    return list(caller.get(f"/videos/{video_id}/media").json()["items"])


def test_a_thumbnail_is_shown_as_it_was_measured_and_no_copy_is_claimed(
    mine: Caller, database: Database, member: Member, post: UUID
) -> None:
    before = items(mine, post)
    look(database, member, PICTURE)

    after = items(mine, post)

    assert [(each["source_url"], each["sha256"], each["note"]) for each in before] == [(URL, None, "nobody has looked at it yet")]
    assert [(each["kind"], each["sha256"], each["width"], each["height"], each["note"]) for each in after] == [
        ("thumbnail", PICTURE.sha256, 480, 360, None)
    ]
    assert {each["file"] for each in before + after} == {None}


def test_a_thumbnail_that_could_not_be_measured_says_why(mine: Caller, database: Database, member: Member, post: UUID) -> None:
    look(database, member, Failure("thumbnail: its host answered 404", may_pass=False))

    assert [(each["sha256"], each["note"]) for each in items(mine, post)] == [(None, "thumbnail: its host answered 404")]


def test_what_was_measured_of_a_picture_that_was_replaced_is_not_shown(
    mine: Caller, database: Database, member: Member, post: UUID
) -> None:
    look(database, member, PICTURE)
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql("update videos set thumbnail_url = 'https://i.ytimg.com/vi/3xampl3vide/other.jpg'")

    assert [(each["sha256"], each["note"]) for each in items(mine, post)] == [(None, "nobody has looked at it yet")]


def test_a_post_of_which_nothing_is_to_be_seen_has_no_media(mine: Caller, database: Database, member: Member) -> None:
    assert items(mine, shown(database, member, None)) == []


def test_the_files_of_a_posts_video_are_listed_with_what_is_said_in_them(
    mine: Caller, database: Database, member: Member, post: UUID, play: Playing
) -> None:
    first, second = (send(mine, video(name=name), f"?render=false&video_id={post}&min_seconds=5").json()["media"] for name in "ab")
    play(first)
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql("update media set expired_at = '2026-11-20 03:00Z' where media_id = %s", (first["media_id"],))

    _, *files = items(mine, post)

    assert [(each["media_id"], each["kind"], each["origin"]) for each in files] == [
        (each["media_id"], "video", "upload") for each in (second, first)
    ]
    assert [each["file"] for each in files] == [f"/api/v1/media/{second['media_id']}/file", None]
    assert [each["note"] for each in files] == [None, "its bytes went on 2026-11-20"]
    assert [bool(each["transcript"]) for each in files] == [False, True]
    assert mine.get(files[0]["file"].removeprefix("/api/v1")).status_code == 200
