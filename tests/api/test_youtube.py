"""YouTube read live over HTTP, with a fake at the readers' port."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from domain.errors import LimitReached, SourceRefused
from domain.observations import Observed, Platform
from domain.ports import Errand, Platforms
from domain.sources import AccountRead, Answer, Ask, PostsRead, SearchKind, SourceName, Target
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_parts, pointers
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.owner import EXTERNAL, add_channel, own_post

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINE, FOREIGN = "own00000001", "own00000009"
ROUTES = ("/youtube/videos?channel_id={channel}", "/youtube/search?q=bread", f"/youtube/videos/{MINE}", f"/youtube/videos/{MINE}/ownership")


@dataclass
class FakeYouTube:
    """Reads accounts and posts, and searches: three posts of the own channel, one of somebody else."""

    name: SourceName = SourceName.YOUTUBE_API
    platform: Platform = Platform.YOUTUBE
    calls: int = 0
    trouble: Exception | None = None

    @property
    def all_posts(self) -> list[Observed]:
        foreign = own_post(9)
        return [
            *(own_post(number) for number in range(3)),
            replace(foreign, account=replace(foreign.account, external_id="UCsomebodyelse")),
        ]

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        self._call(errand, target.key)
        return AccountRead(self.name, NOON, self.all_posts[0].account, tuple(self.all_posts[: min(posts, 3)]))

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        self._call(errand, ",".join(keys))
        found = tuple(post for post in self.all_posts if post.video and post.video.external_id in keys)
        return PostsRead(self.name, NOON, found, gone={} if found else dict.fromkeys(keys, "not_found"))

    def search(self, kind: SearchKind, words: str, errand: Errand, *, limit: int) -> PostsRead:
        self._call(errand, f"{kind}:{words}:{limit}")
        return PostsRead(self.name, NOON, tuple(self.all_posts[:limit]))

    def _call(self, errand: Errand, key: str) -> None:
        def call() -> Answer:
            self.calls += 1
            if self.trouble is not None:
                raise self.trouble
            return Answer({}, fetched_at=NOON)

        errand.fetch(Ask(self.name, "fake", key, is_public=False, is_kept=False), call)


@pytest.fixture(scope="module")
def module_youtube() -> FakeYouTube:
    return FakeYouTube()


@pytest.fixture
def youtube(module_youtube: FakeYouTube) -> FakeYouTube:
    module_youtube.calls, module_youtube.trouble = 0, None
    return module_youtube


@pytest.fixture(scope="module")
def module_client(database: Database, urls: Urls, module_youtube: FakeYouTube, files: LocalFiles) -> TestClient[Litestar]:
    """An API that reads this YouTube."""
    parts = make_parts(database, urls.app, FakeDagster(), files)
    return TestClient(create_app(replace(parts, platforms=Platforms(readers=(module_youtube,)))))


@pytest.fixture
def door(module_client: TestClient[Litestar], youtube: FakeYouTube, database: Database, member: Member) -> Caller:
    return Caller(module_client, make_key(database, member).plain)


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_asks_youtube(nobody: Caller, youtube: FakeYouTube, route: str) -> None:
    assert_problem(nobody.get(route.format(channel=EXTERNAL)), 401)
    assert youtube.calls == 0


def test_another_workspaces_channel_is_not_there(door: Caller, database: Database, other: Member) -> None:
    theirs = add_channel(database, other)

    assert_problem(door.get(f"/youtube/videos?channel_id={theirs.channel_id}"), 404)
    assert door.get(f"/youtube/videos/{MINE}/ownership").json() == {"owned": False, "channel_id": None}


@pytest.mark.parametrize(
    ("route", "status", "named"),
    [
        ("/youtube/videos", 400, "channel_id"), ("/youtube/videos?channel_id=x", 400, "channel_id"), ("/youtube/search", 400, "q"),
        ("/youtube/search?q=", 400, "q"), ("/youtube/search?q=%20", 422, "q"), ("/youtube/search?q=bread&limit=51", 400, "limit"),
        ("/youtube/videos/short", 422, "video_id"), ("/youtube/videos/short/ownership", 422, "video_id"),
    ],
)  # fmt: skip
def test_a_malformed_call_costs_no_call(door: Caller, youtube: FakeYouTube, route: str, status: int, named: str) -> None:
    problem = assert_problem(door.get(route), status)

    assert named in problem["detail"] or pointers(problem) == [named]
    assert youtube.calls == 0


def test_a_channels_videos_are_listed_up_to_the_cap(door: Caller, database: Database, member: Member) -> None:
    channel = add_channel(database, member)

    found = door.get(f"/youtube/videos?channel_id={channel.channel_id}&limit=2").json()
    beyond = door.get(f"/youtube/videos?channel_id={channel.channel_id}&limit=201")

    assert [each["external_id"] for each in found["items"]] == ["own00000000", MINE]
    assert (found["source"], found["fetched_at"], found["items"][0]["views"]) == ("youtube_api", "2026-11-20T12:00:00Z", 100)
    assert_problem(beyond, 400)


def test_a_channel_without_its_youtube_cannot_be_listed(door: Caller, database: Database, member: Member, youtube: FakeYouTube) -> None:
    channel = add_channel(database, member, external_id=None, status="pending_oauth")

    assert_problem(door.get(f"/youtube/videos?channel_id={channel.channel_id}"), 409)
    assert youtube.calls == 0


def test_search_and_one_video_are_shown_as_youtube_has_them(door: Caller, database: Database, member: Member) -> None:
    found, one = door.get("/youtube/search?q=bread&limit=1").json(), door.get(f"/youtube/videos/{FOREIGN}").json()

    assert [each["external_id"] for each in found["items"]] == ["own00000000"]
    assert (one["external_id"], one["account_external_id"]) == (FOREIGN, "UCsomebodyelse")
    assert_problem(door.get("/youtube/videos/notthere000"), 404)
    with database.begin(member.tenant_id) as uow:
        assert uow.videos.page(sort="views", is_descending=True, limit=9) == [], "nothing is kept"


def test_ownership_is_told_by_the_channels_of_the_workspace(door: Caller, database: Database, member: Member) -> None:
    channel = add_channel(database, member)

    assert door.get(f"/youtube/videos/{MINE}/ownership").json() == {"owned": True, "channel_id": str(channel.channel_id)}
    assert door.get(f"/youtube/videos/{FOREIGN}/ownership").json() == {"owned": False, "channel_id": None}
    assert_problem(door.get("/youtube/videos/notthere000/ownership"), 404)


def test_a_quota_that_is_used_up_says_when_it_comes_back(door: Caller, youtube: FakeYouTube) -> None:
    comes_back = datetime.now(UTC) + timedelta(hours=3)
    youtube.trouble = LimitReached("youtube_search", 100, 100, comes_back)

    problem = assert_problem(door.get("/youtube/search?q=bread"), 429, "limit_reached")

    assert datetime.fromisoformat(problem["resets_at"]) == comes_back


def test_a_read_that_youtube_did_not_answer_does_not_count(door: Caller, youtube: FakeYouTube, database: Database, member: Member) -> None:
    def used() -> int:
        with database.begin(member.tenant_id) as uow:
            return next(each.used for each in uow.usage.meters(now=datetime.now(UTC)) if each.meter == "urls_per_day")

    youtube.trouble = SourceRefused("youtube_api", "no", category="blocked")
    for _ in range(2):
        assert_problem(door.get(f"/youtube/videos/{MINE}"), 502)
    assert used() == 0

    youtube.trouble = None
    for _ in range(2):
        assert door.get(f"/youtube/videos/{MINE}").status_code == 200
    assert_problem(door.get("/youtube/videos/notthere000"), 404)
    assert used() == 2  # that it is not there is an answer
