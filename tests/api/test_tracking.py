"""Tracking accounts over HTTP, the sources that read them, and what hubs send."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from domain.errors import SourceRefused
from domain.observations import Platform
from domain.ports import Platforms
from domain.sources import Target
from domain.websub import TOPIC, signature
from gateways.files.store import LocalFiles
from services import tracking
from store.database import Database
from store.ids import new_id
from tests import library
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_parts, pointers
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.platforms import FakeReader

CHANNEL = "UCabcdefghijklmnopqrstuv"
SOME = "01a1fd0e-61c0-7386-b54d-6d325253c7ee"
ANA = {"url": "https://www.youtube.com/@ana.kitchen"}


class Shortener:
    """Follows every short link to the same place."""

    target = "https://www.tiktok.com/@ana.kitchen/video/7301234567890123456"

    def resolve(self, url: str) -> str:
        if url.endswith("/nothing"):
            raise SourceRefused("short link", "there is nothing behind it", category="not_found")
        return self.target


@pytest.fixture(scope="module")
def reading_client(database: Database, urls: Urls, session_dagster: FakeDagster, files: LocalFiles) -> Iterator[TestClient[Litestar]]:
    """The app of a deployment that can read YouTube."""
    platforms = Platforms(
        readers=(FakeReader(),), links=Shortener(), lacking={"brightdata": "WHYRAL_BRIGHTDATA_KEY is not set"}, project=new_id().hex
    )
    parts = make_parts(database, urls.app, session_dagster, files)
    with TestClient(create_app(replace(parts, platforms=platforms))) as running:
        yield running


@pytest.fixture
def mine(reading_client: TestClient[Litestar], database: Database, member: Member, dagster: FakeDagster) -> Caller:
    return Caller(reading_client, make_key(database, member).plain)


@pytest.fixture
def theirs(reading_client: TestClient[Litestar], database: Database, other: Member) -> Caller:
    return Caller(reading_client, make_key(database, other).plain)


def test_a_link_is_tracked_and_its_first_read_is_launched(mine: Caller, dagster: FakeDagster) -> None:
    answer = mine.post("/accounts/track", ANA)

    told = answer.json()
    assert (answer.status_code, told["tracking"]["state"], told["request"]["kind"]) == (202, "pending", "scrape.youtube")
    assert told["tracking"]["what_next"] == "it is read for the first time, with the next run"
    assert answer.headers["location"] == f"/api/v1/requests/{told['request']['request_id']}"
    assert [str(each.request_id) for each in dagster.launched] == [told["request"]["request_id"]]


@pytest.mark.parametrize(
    ("body", "platform", "username"),
    [
        ({"handle": "@ana", "platform": "tiktok"}, "tiktok", "ana"),
        ({"handle": "größe.ana", "platform": "youtube"}, "youtube", "größe.ana"),
        ({"url": "instagram.com/ana.kitchen/"}, "instagram", "ana.kitchen"),
        ({"url": "https://twitter.com/ana/status/123456"}, "x", "ana"),
        ({"url": "https://vm.tiktok.com/ZMabc123/"}, "tiktok", "ana.kitchen"),
    ],
)
def test_accounts_are_named_by_link_or_handle(mine: Caller, body: dict[str, str], platform: str, username: str) -> None:
    tracked = mine.post("/accounts/track", body).json()["tracking"]

    account = mine.get(f"/accounts/{tracked['account_id']}").json()
    assert (tracked["platform"], account["username"], account["is_provisional"]) == (platform, username, True)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/url"),
        ({"url": "https://example.org/@ana"}, "/url"),
        ({"url": "https://www.youtube.com/watch?v=abcdefghijk"}, "/url"),
        ({"url": "https://vm.tiktok.com/nothing"}, "/url"),
        ({"handle": "ana"}, "/platform"),
        ({"handle": "ana", "platform": "myspace"}, "/platform"),
        ({"handle": "a b", "platform": "x"}, "/handle"),
    ],
)
def test_what_names_no_account_is_told_what_would(mine: Caller, body: dict[str, str], pointer: str) -> None:
    assert pointers(assert_problem(mine.post("/accounts/track", body), 422)) == [pointer]


def test_a_malformed_body_and_nobody_track_nothing(mine: Caller, nobody: Caller) -> None:
    assert_problem(mine.post("/accounts/track", {"link": "x"}), 400)
    assert_problem(nobody.post("/accounts/track", ANA), 401)
    assert mine.get("/trackings").json()["items"] == []


def test_the_same_key_tracks_once(mine: Caller, dagster: FakeDagster) -> None:
    first, second = (mine.post("/accounts/track", ANA, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert first.content == second.content
    assert len(dagster.launched) == 1


def test_many_that_are_tracked_at_once_share_a_run(mine: Caller, database: Database, tenant_id: UUID) -> None:
    for name in ("ana", "ben", "cleo"):
        mine.post("/accounts/track", {"handle": name, "platform": "youtube"})

    assert len(mine.get("/requests?kind=scrape.youtube").json()["items"]) == 1


def test_a_plan_without_room_is_told(mine: Caller, database: Database, tenant_id: UUID) -> None:
    mine.post("/accounts/track", ANA)
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("update usage_counters set used = 100 where meter = 'trackings'"))

    problem = assert_problem(mine.post("/accounts/track", {"handle": "ben", "platform": "x"}), 429, "limit_reached")

    assert (problem["limit"], problem["used"]) == (100, 100)


def test_an_account_of_the_library_is_tracked_and_untracked(mine: Caller, theirs: Caller, database: Database, tenant_id: UUID) -> None:
    library.put(database, tenant_id, [library.seen("one", 10, platform=Platform.YOUTUBE)])
    account = library.total(database, tenant_id)["ana"]

    tracked = mine.post(f"/accounts/{account}/track")
    seen = mine.get(f"/accounts/{account}/tracking")

    assert (tracked.status_code, seen.json()["state"], seen.json()["account_id"]) == (202, "pending", str(account))
    for path in (f"/accounts/{account}/tracking", f"/accounts/{SOME}/tracking"):
        assert_problem(theirs.get(path), 404)
    assert_problem(theirs.post(f"/accounts/{account}/track"), 404)
    assert_problem(theirs.delete(f"/accounts/{account}/track"), 404)
    assert mine.delete(f"/accounts/{account}/track").status_code == 204
    assert_problem(mine.get(f"/accounts/{account}/tracking"), 404)
    assert mine.get(f"/accounts/{account}").status_code == 200


def test_a_tracking_is_paused_and_goes_on(mine: Caller, theirs: Caller) -> None:
    account = mine.post("/accounts/track", ANA).json()["tracking"]["account_id"]
    path = f"/accounts/{account}/tracking"

    paused = mine.call("PATCH", path, json={"is_paused": True})

    assert (paused.status_code, paused.json()["state"], paused.json()["next_run_at"]) == (200, "paused", None)
    assert "paused" in paused.json()["what_next"]
    assert [each["account_id"] for each in mine.get("/trackings?state=paused").json()["items"]] == [account]
    assert mine.call("PATCH", path, json={"is_paused": False}).json()["state"] == "pending"
    assert_problem(mine.call("PATCH", path, json={"state": "paused"}), 400)
    assert_problem(mine.call("PATCH", path, json={"is_paused": "yes"}), 400)
    assert_problem(theirs.call("PATCH", path, json={"is_paused": True}), 404)
    assert_problem(mine.call("PATCH", f"/accounts/{SOME}/tracking", json={"is_paused": True}), 404)


def test_a_key_for_reading_may_look_and_not_track(
    reading_client: TestClient[Litestar], database: Database, member: Member, mine: Caller
) -> None:
    reader = Caller(reading_client, make_key(database, member, ("read",)).plain)

    assert_problem(reader.post("/accounts/track", ANA), 403)
    assert reader.get("/trackings").status_code == 200


def test_trackings_are_listed_page_by_page_and_filtered(mine: Caller, theirs: Caller) -> None:
    for name in ("ana", "ben", "cleo"):
        mine.post("/accounts/track", {"handle": name, "platform": "x" if name == "ben" else "tiktok"})

    first = mine.get("/trackings?limit=2").json()
    second = mine.get(f"/trackings?limit=2&cursor={first['next_cursor']}").json()

    assert [each["username"] for each in (*first["items"], *second["items"])] == ["cleo", "ben", "ana"]
    assert [each["username"] for each in mine.get("/trackings?platform=x&state=pending").json()["items"]] == ["ben"]
    assert mine.get("/trackings?state=gone").json()["items"] == theirs.get("/trackings").json()["items"] == []
    assert_problem(mine.get("/trackings?state=happy"), 400)


def test_a_refresh_reads_the_account_where_somebody_can(mine: Caller, database: Database, tenant_id: UUID) -> None:
    library.put(database, tenant_id, [library.seen("one", 10, platform=Platform.YOUTUBE), library.seen("two", 10, account="ben")])
    accounts = library.total(database, tenant_id)
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("update accounts set source = 'import:own'"))

    kinds = {name: mine.post(f"/accounts/{account}/refresh").json()["kind"] for name, account in accounts.items()}
    mine.post(f"/accounts/{accounts['ana']}/track")
    asked = mine.post(f"/accounts/{accounts['ana']}/refresh").json()

    assert kinds == {"ana": "refresh", "ben": "refresh"}
    assert (asked["kind"], asked["params"]) == ("scrape.youtube", {"account_ids": [str(accounts["ana"])]})


def test_sources_say_who_reads_and_what_is_left(mine: Caller, nobody: Caller) -> None:
    told = mine.get("/sources").json()

    sources = {each["source"]: (each["platform"], each["state"], each["reason"]) for each in told["sources"]}
    assert sources["youtube_api"] == ("youtube", "closed", None)
    assert sources["brightdata"] == ("instagram", "not_configured", "WHYRAL_BRIGHTDATA_KEY is not set")
    assert set(sources) == {"youtube_api", "youtube_pages", "tiktok_web", "tiktok_pages", "tiktok_charts", "brightdata", "twitterapi"}
    quotas = {each["bucket"]: each for each in told["quotas"]}
    assert (quotas["youtube_units"]["limit"], quotas["youtube_units"]["used"]) == (10_000, 0)
    assert datetime.fromisoformat(quotas["youtube_search"]["resets_at"]) > datetime.now(UTC)
    assert_problem(nobody.get("/sources"), 401)


@pytest.fixture
def feed(database: Database, tenant_id: UUID) -> tuple[str, str]:
    """A feed that was asked for of a channel that the tenant tracks; token and secret."""
    token, secret, now = new_id().hex, new_id().hex, datetime.now(UTC)
    with database.begin(tenant_id) as uow:
        tracking.track(uow, Target(Platform.YOUTUBE, external_id=CHANNEL), now=now)
        known = uow.pushes.ask(CHANNEL, token=token, secret=secret, now=now, not_since=now + timedelta(seconds=1))
        assert known is not None
        later = "update trackings set next_run_at = now() + interval '5 hours', last_run_at = now() - interval '2 hours'"
        uow.connection.execute(sa.text(later))
    return known


def entry(video: str, updated: str = "2026-11-10T12:00:00+00:00", channel: str = CHANNEL) -> bytes:
    return f"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015"><entry>
      <yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId><title>New</title>
      <published>{updated}</published><updated>{updated}</updated></entry></feed>""".encode()


def video_id() -> str:
    return new_id().hex[-11:]


def push(nobody: Caller, feed: tuple[str, str], body: bytes, *, signed: str | None = None) -> int:
    headers = {"X-Hub-Signature": signed or signature(body, feed[1]), "Content-Type": "application/atom+xml"}
    return nobody.call("POST", f"/webhooks/youtube/{feed[0]}", content=body, headers=headers).status_code


def wait(database: Database, tenant_id: UUID) -> timedelta:
    with database.begin(tenant_id) as uow:
        return uow.connection.execute(sa.text("select next_run_at - now() from trackings")).scalar_one()  # type: ignore[no-any-return]


def test_a_pushed_post_makes_its_account_due_once(nobody: Caller, feed: tuple[str, str], database: Database, tenant_id: UUID) -> None:
    body = entry(video_id())

    assert push(nobody, feed, body) == 204
    assert wait(database, tenant_id) <= timedelta()
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("update trackings set next_run_at = now() + interval '5 hours'"))
    assert push(nobody, feed, body) == 204

    assert wait(database, tenant_id) > timedelta(hours=4)


def test_a_push_does_not_break_the_floor(nobody: Caller, feed: tuple[str, str], database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("update trackings set last_run_at = now() - interval '10 minutes', floor_seconds = 3600"))

    push(nobody, feed, entry(video_id()))

    assert timedelta(minutes=45) < wait(database, tenant_id) < timedelta(minutes=55)


@pytest.mark.parametrize("signed", ["sha1=0000000000000000000000000000000000000000", "nonsense"])
def test_a_push_that_is_not_signed_by_our_hub_changes_nothing(
    nobody: Caller, feed: tuple[str, str], database: Database, tenant_id: UUID, signed: str
) -> None:
    assert push(nobody, feed, entry(video_id()), signed=signed) == 204

    assert wait(database, tenant_id) > timedelta(hours=4)


def test_a_push_of_another_channel_or_to_nowhere_changes_nothing(
    nobody: Caller, feed: tuple[str, str], database: Database, tenant_id: UUID
) -> None:
    assert push(nobody, feed, entry(video_id(), channel="UC" + "z" * 22)) == 204
    assert push(nobody, ("nowhere", feed[1]), entry(video_id())) == 404
    assert push(nobody, feed, b"<feed") == 422

    assert wait(database, tenant_id) > timedelta(hours=4)


def test_a_hub_gets_its_challenge_back_for_what_we_asked_for(
    nobody: Caller, feed: tuple[str, str], database: Database, tenant_id: UUID
) -> None:
    words = {"hub.mode": "subscribe", "hub.topic": TOPIC + CHANNEL, "hub.challenge": "abc123", "hub.lease_seconds": "432000"}

    answer = nobody.get(f"/webhooks/youtube/{feed[0]}", params=words)

    assert (answer.status_code, answer.text) == (200, "abc123")
    assert answer.headers["content-type"].startswith("text/plain")
    with database.begin(tenant_id) as uow:
        found = uow.pushes.find(feed[0])
        assert uow.connection.execute(sa.text("select is_pushed from trackings")).scalar_one() is True
    assert found is not None
    assert found.lease_until is not None
    assert timedelta(days=4.9) < found.lease_until - datetime.now(UTC) < timedelta(days=5.1)
    for odd in ({"hub.topic": TOPIC + "UC" + "z" * 22}, {"hub.mode": "denied"}):
        assert_problem(nobody.get(f"/webhooks/youtube/{feed[0]}", params={**words, **odd}), 404)
    assert_problem(nobody.get("/webhooks/youtube/nowhere", params=words), 404)
