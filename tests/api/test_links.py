"""Links that need no credential: who gets one, for how long it works, and what ends it."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar.testing import TestClient

from api.app import create_app
from api.media.links import Links, Promise
from domain.errors import NotFound
from gateways.files.objects import Bucket, ObjectFiles
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.clipping import Made, Playing
from tests.api.conftest import SECRET, Caller, FakeDagster, assert_problem, make_parts
from tests.api.test_media import send
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.media import video

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = f"018f3b5e-0000-7000-8000-000000000001/ab/{'ab' * 32}"


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(LocalFiles(tmp_path), SECRET, "http://127.0.0.1:8000")


@pytest.fixture
def clip(taken_in: Made, play: Playing) -> Made:
    """A rendered clip."""
    play(taken_in["clip"])
    return dict(taken_in["clip"])


def path_of(url: str) -> str:
    """Below /api/v1."""
    return urlsplit(url).path.removeprefix("/api/v1")


# A link is asked for


@pytest.mark.parametrize("kind", ["clips", "media"])
class TestAsking:
    """Both kinds of link."""

    @pytest.fixture
    def there(self, kind: str, clip: Made) -> str:
        return f"/{kind}/{clip['clip_id'] if kind == 'clips' else clip['media_id']}"

    def test_nobody_gets_none(self, nobody: Caller, there: str) -> None:
        assert_problem(nobody.get(f"{there}/link"), 401)

    def test_another_workspaces_file_does_not_exist(self, theirs: Caller, there: str) -> None:
        assert_problem(theirs.get(f"{there}/link"), 404, "not_found")

    @pytest.mark.parametrize("seconds", ["59", "604801", "soon", "-1"])
    def test_none_is_for_less_than_a_minute_or_more_than_a_week(self, mine: Caller, there: str, seconds: str) -> None:
        assert_problem(mine.get(f"{there}/link?expires_in={seconds}"), 400, "malformed")

    def test_whoever_has_it_gets_the_same_bytes_without_a_credential(self, mine: Caller, nobody: Caller, there: str) -> None:
        answer = mine.get(f"{there}/link")
        link = answer.json()
        fetched = nobody.get(path_of(link["url"]))

        assert (answer.status_code, answer.headers.get_list("cache-control")) == (200, ["private, no-store"])
        assert timedelta(minutes=59) < datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC) <= timedelta(hours=1)
        assert (fetched.status_code, fetched.content) == (200, mine.get(f"{there}/file").content)
        assert fetched.headers["cache-control"] == "private, no-store"
        assert fetched.headers["x-content-type-options"] == "nosniff"
        assert fetched.headers["content-type"] == "video/mp4"
        assert fetched.headers["content-disposition"].startswith("inline; ")

    def test_a_range_of_it_can_be_fetched_and_its_head(self, mine: Caller, nobody: Caller, there: str) -> None:
        path = path_of(mine.get(f"{there}/link?expires_in=60").json()["url"])
        whole, part, head = nobody.get(path), nobody.get(path, headers={"Range": "bytes=2-5"}), nobody.call("HEAD", path)

        assert (part.status_code, part.content) == (206, whole.content[2:6])
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))

    def test_a_deleted_row_ends_it_at_once(self, mine: Caller, nobody: Caller, there: str) -> None:
        path = path_of(mine.get(f"{there}/link").json()["url"])
        before = nobody.get(path).status_code

        mine.delete(there)

        problem = assert_problem(nobody.get(path), 404, "not_found")
        assert (before, problem["detail"]) == (200, "file of this link was not found")

    @pytest.mark.parametrize("step", ["suspended", "being erased"])
    def test_it_goes_with_its_workspace(
        self, mine: Caller, nobody: Caller, member: Member, superuser: psycopg.Connection[Any], there: str, step: str
    ) -> None:
        path = path_of(mine.get(f"{there}/link").json()["url"])
        before = nobody.get(path).status_code
        superuser.execute(
            "update tenants set suspended_at = now() where tenant_id = %s"
            if step == "suspended"
            else "insert into deletions (tenant_id, asked_at, due_at, not_before, started_at) values (%s, now(), now(), now(), now())",
            (member.tenant_id,),
        )

        told = [assert_problem(nobody.get(each), 404, "not_found")["detail"] for each in (path, "/files/x")]

        assert (before, told[0], nobody.call("HEAD", path).status_code) == (200, told[1], 404)

    def test_a_row_that_names_a_neighbours_file_gives_nothing(
        self, mine: Caller, other: Member, files: LocalFiles, superuser: psycopg.Connection[Any], there: str, kind: str
    ) -> None:
        """However it came there: the folder is a wall of its own."""
        theirs = files.put(other.tenant_id, [b"not yours"], limit_bytes=100).key
        superuser.execute(f"update {kind} set file_key = %s where {kind.rstrip('s')}_id = %s", (theirs, there.rpartition("/")[2]))

        for name in ("file", "link"):
            assert_problem(mine.get(f"{there}/{name}"), 404, "not_found")

    def test_bytes_that_are_not_kept_any_longer_are_gone_with_hash_and_date(
        self, mine: Caller, member: Member, database: Database, there: str, kind: str
    ) -> None:
        with database.begin(member.tenant_id) as uow:
            uow.connection.exec_driver_sql(f"update {kind} set expired_at = '2026-11-20 03:00Z'")

        told = [assert_problem(mine.get(f"{there}/{name}"), 410, "gone")["detail"] for name in ("file", "link")]
        shown = mine.get(there).json()

        assert told[0] == told[1]
        assert "sha256" in told[0]
        assert "2026-11-20" in told[0]
        assert (shown["file"], shown["expired_at"]) == (None, "2026-11-20T03:00:00Z")


def test_a_clip_that_is_not_rendered_has_no_link(mine: Caller, taken_in: Made) -> None:
    assert_problem(mine.get(f"/clips/{taken_in['clip']['clip_id']}/link"), 404)


# Tokens


def test_a_token_is_read_as_it_was_promised_until_its_time_is_up(links: Links) -> None:
    promise = Promise(KEY, "Můj klip.mp4", "video/mp4", int(NOON.timestamp()) + 60)
    token = links.token(promise)

    assert links.read(token, NOON + timedelta(seconds=59)) == promise
    with pytest.raises(NotFound):
        links.read(token, NOON + timedelta(seconds=60))


def broken(token: str) -> Iterator[str]:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for at in (0, 31, 32, 60, len(raw) - 1):
        yield base64.urlsafe_b64encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]).decode().rstrip("=")
    yield from (token[:-1], token + "A", token + "=", token[:20] + "!" + token[20:], "A", "AA", "x" * 5000, "ž" * 8, token.swapcase())


def test_a_token_of_which_anything_was_changed_is_none(links: Links) -> None:
    token = links.token(Promise(KEY, "clip.mp4", "video/mp4", int(NOON.timestamp()) + 60))

    for each in broken(token):
        with pytest.raises(NotFound):
            links.read(each, NOON)


def test_the_secret_of_another_deployment_or_purpose_signs_none_of_ours(links: Links) -> None:
    promise = Promise(KEY, "clip.mp4", "video/mp4", int(NOON.timestamp()) + 60)

    with pytest.raises(NotFound):
        links.read(replace(links, secret_key=SECRET + "!").token(promise), NOON)
    assert SECRET not in repr(links)


@pytest.mark.parametrize("token", ["x", "A" * 64, "%00", "0123456789abcdef" * 2])
def test_what_is_no_token_is_not_found(nobody: Caller, token: str) -> None:
    assert_problem(nobody.get(f"/files/{token}"), 404, "not_found")


def test_a_token_for_a_file_that_never_was_is_not_found_in_the_same_words(nobody: Caller, links: Links) -> None:
    token = links.token(Promise(KEY, "clip.mp4", "video/mp4", int(datetime.now(UTC).timestamp()) + 60))

    assert assert_problem(nobody.get(f"/files/{token}"), 404)["detail"] == assert_problem(nobody.get("/files/x"), 404)["detail"]


# A store that presigns


def test_a_bucket_gives_its_own_address(
    database: Database, urls: Urls, mine: Caller, dagster: FakeDagster, files: LocalFiles, tmp_path: Path
) -> None:
    """No server is asked: presigning is arithmetic."""
    bucket = Bucket(name="media", prefix="kept", endpoint="http://127.0.0.1:9", access_key="the-id", secret_key="the secret")
    media = send(mine, video(name=uuid4().hex), "?file_name=My%20talk.mp4").json()["media"]
    parts = replace(make_parts(database, urls.app, dagster, files), files=ObjectFiles(bucket, tmp_path))
    client = TestClient(create_app(parts))

    url = Caller(client, mine.credential).get(f"/media/{media['media_id']}/link?expires_in=600").json()["url"]

    words = parse_qs(urlsplit(url).query)
    assert urlsplit(url).netloc == "127.0.0.1:9"
    assert urlsplit(url).path.endswith(f"/{media['sha256']}")
    assert (words["X-Amz-Expires"], words["response-content-type"]) == (["600"], ["video/mp4"])
    assert words["response-content-disposition"] == ['inline; filename="My talk.mp4"']
    assert UUID(urlsplit(url).path.split("/")[3])
