"""What a delivered clip shows over HTTP, and what one that a check blocked does."""

from typing import Any
from uuid import uuid4

import pytest

from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.clipping import Made
from tests.api.conftest import Caller, assert_problem
from tests.api.test_clip_jobs import used
from tests.api.test_media import kept
from tests.conftest import Member


def test_a_blocked_clip_is_not_delivered_and_says_why(mine: Caller, member: Member, database: Database, blocked: Made) -> None:
    there = f"/clips/{blocked['clip_id']}"

    problems = [assert_problem(mine.get(f"{there}/{name}"), 409, "conflict") for name in ("file", "link")]

    failed = {each["name"]: each for each in blocked["checks"] if not each["is_passed"]}
    assert (blocked["state"], blocked["file"], blocked["thumbnail"], set(failed)) == ("blocked", None, None, {"black"})
    assert all(failed["black"]["detail"] in each["detail"] for each in problems)
    assert failed["black"]["at_seconds"] is not None
    assert mine.get(failed["black"]["picture"].removeprefix("/api/v1")).headers["content-type"] == "image/jpeg"
    assert used(database, member) == 0
    assert_problem(mine.get(f"{there}/thumbnail"), 404)
    assert mine.get("/clips?state=blocked").json()["items"][0]["clip_id"] == blocked["clip_id"]


@pytest.mark.parametrize("path", ["/thumbnail", "/checks/black/picture", "/captions.srt", "/captions.vtt"])
def test_what_a_clip_shows_is_its_workspaces_own(
    mine: Caller, theirs: Caller, nobody: Caller, clip: Made, blocked: Made, path: str
) -> None:
    there = f"/clips/{(blocked if 'checks' in path else clip)['clip_id']}{path}"

    assert mine.get(there).status_code == 200
    assert_problem(nobody.get(there), 401)
    assert_problem(theirs.get(there), 404)
    assert_problem(mine.get(f"/clips/{uuid4()}{path}"), 404)
    assert_problem(mine.get(f"/clips/best{path}"), 404)


def test_only_a_check_that_is_about_a_moment_has_a_picture(mine: Caller, clip: Made) -> None:
    checks: list[Any] = clip["checks"]

    assert {each["name"] for each in checks} >= {"decodable", "duration", "loudness"}
    assert all(each["is_passed"] for each in checks)
    assert_problem(mine.get(f"/clips/{clip['clip_id']}/checks/loudness/picture"), 404)
    assert_problem(mine.get(f"/clips/{clip['clip_id']}/checks/colour/picture"), 404)


def test_a_clip_has_a_thumbnail_and_its_captions_as_files(mine: Caller, member: Member, files: LocalFiles, clip: Made) -> None:
    picture = mine.get(clip["thumbnail"].removeprefix("/api/v1"))
    captions = mine.get(f"/clips/{clip['clip_id']}/captions.srt")

    assert (picture.headers["content-type"], picture.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert picture.headers["etag"].strip('"') in kept(files, member)
    assert mine.get(clip["thumbnail"].removeprefix("/api/v1"), headers={"If-None-Match": picture.headers["etag"]}).status_code == 304
    assert captions.headers["content-type"].startswith("application/x-subrip")
    assert captions.text.startswith("1\n00:00:0")


def test_a_thumbnail_that_is_not_kept_any_longer_is_gone(mine: Caller, member: Member, database: Database, clip: Made) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql("update clips set thumbnail_expired_at = '2026-11-20 03:00Z'")

    assert "2026-11-20" in assert_problem(mine.get(f"/clips/{clip['clip_id']}/thumbnail"), 410, "gone")["detail"]
    assert mine.get(f"/clips/{clip['clip_id']}").json()["thumbnail"] is None
