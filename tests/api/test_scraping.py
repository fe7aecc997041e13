"""Adding links, searching and looking at charts over HTTP, with fakes where the platforms would be."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from domain.errors import SourceRefused, SourceUnavailable
from domain.observations import Platform
from domain.ports import Platforms
from domain.sources import ChartedSound, ChartRead, CommentFacts, SoundFacts, SourceName
from gateways.files.store import LocalFiles
from services import adding, library
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_parts, pointers
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.library import NOON, put, seen
from tests.searchable import FakeLinks, FakeSite

ANA, BEN, NOBODY = "7301234567890123401", "7301234567890123402", "7301234567890123409"
GONE, HIDDEN = "7301234567890123403", "7301234567890123404"
TUBE = "abcdefghi_1"
TIKTOK, YOUTUBE = "https://www.tiktok.com/@ana/video/", "https://www.youtube.com/watch?v="


class World:
    """Two platforms, whose readers the worker's app holds; each test makes them anew."""

    def __init__(self) -> None:
        self.tiktok = FakeSite()
        self.youtube = FakeSite(name=SourceName.YOUTUBE_API, platform=Platform.YOUTUBE)
        self.links = FakeLinks()

    def renew(self) -> None:
        for site in (self.tiktok, self.youtube):
            site.accounts, site.calls, site.said, site.fails, site.failing_keys = {}, [], {}, None, {}
        self.links.leads = {}
        self.tiktok.put("ana", ANA, GONE, HIDDEN, gone={GONE: "not_found", HIDDEN: "private"})
        self.tiktok.put("ben", BEN)
        self.tiktok.put("empty")
        self.youtube.put("cleo", TUBE)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def site_client(
    database: Database, urls: Urls, session_dagster: FakeDagster, files: LocalFiles, world: World
) -> Iterator[TestClient[Litestar]]:

    parts = make_parts(database, urls.app, session_dagster, files)
    platforms = Platforms(readers=(world.tiktok, world.youtube), links=world.links)
    own = Database(urls.app, pool_size=10)
    with TestClient(create_app(replace(parts, database=own, platforms=platforms))) as running:
        yield running


@pytest.fixture
def site(world: World, database: Database) -> World:
    """The platforms, asked nothing yet, and no answer of theirs in the cache that all tenants share."""
    world.renew()
    with database.begin_system() as system:
        system.connection.exec_driver_sql("delete from fetch_cache")
    return world


@pytest.fixture
def api(site_client: TestClient[Litestar], database: Database, site: World) -> Callable[[Member], Caller]:
    return lambda who: Caller(site_client, make_key(database, who).plain)


@pytest.fixture
def nobody(site_client: TestClient[Litestar]) -> Caller:
    return Caller(site_client)


@pytest.fixture
def reader(site_client: TestClient[Litestar], database: Database, member: Member, site: World) -> Caller:
    return Caller(site_client, make_key(database, member, ("read",)).plain)


# Links


def test_a_link_is_saved_with_its_account_and_totals_and_known_the_next_time(mine: Caller) -> None:
    first, again = (mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}).json() for _ in range(2))

    (saved,) = first["saved"]
    assert (saved["url"], saved["platform"], saved["new_videos"], len(saved["videos"])) == (TIKTOK + ANA, "tiktok", 1, 1)
    assert (first["updated"], first["errors"], first["waiting"], first["request"]) == ([], [], [], None)
    assert ([each["url"] for each in again["updated"]], again["saved"]) == ([TIKTOK + ANA], [])
    account = mine.get(f"/accounts/{saved['account_id']}").json()
    assert (account["username"], account["totals"]["videos"]) == ("ana", 1)
    assert mine.get(f"/videos/{saved['videos'][0]}").json()["selection"] == "manual"
    assert mine.get("/collections").json()["items"][0]["videos"] == 1


def test_one_bad_link_never_stops_the_rest(mine: Caller, site: World) -> None:
    urls = ["https://example.org/video/1", "https://www.tiktok.com/", TIKTOK + GONE, TIKTOK + HIDDEN, TIKTOK + ANA]

    answer = mine.post("/scrape/urls", json={"urls": urls})

    told = answer.json()
    assert answer.status_code == 200
    assert {each["url"]: each["category"] for each in told["errors"]} == dict(
        zip(urls, ("invalid_url", "invalid_url", "not_found", "private"), strict=False)
    )
    assert all(each["error"] for each in told["errors"])
    assert [each["url"] for each in told["saved"]] == [TIKTOK + ANA]


def test_a_known_video_that_is_gone_is_marked(mine: Caller, site: World) -> None:
    video = mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}).json()["saved"][0]["videos"][0]
    site.tiktok.accounts["UCana"].gone[ANA] = "private"

    told = mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}).json()

    assert [each["category"] for each in told["errors"]] == ["private"]
    shown = mine.get(f"/videos/{video}").json()
    assert (shown["is_removed"], shown["removed_reason"]) == (True, "private")


def test_a_profile_means_its_posts_and_one_without_posts_is_an_account(mine: Caller, site: World) -> None:
    profile, empty = "https://www.tiktok.com/@ana", "https://www.tiktok.com/@empty"

    told = mine.post("/scrape/urls", json={"urls": [profile, empty, "https://www.tiktok.com/@nobody"]}).json()

    found = {each["url"]: len(each["videos"]) for each in told["saved"]}
    assert found == {profile: 1, empty: 0}
    assert [each["category"] for each in told["errors"]] == ["not_found"]
    assert {each["username"] for each in mine.get("/accounts").json()["items"]} == {"ana", "empty"}


def test_a_short_link_is_followed_and_one_that_leads_nowhere_says_so(mine: Caller, site: World) -> None:
    site.links.leads = {"https://vm.tiktok.com/ZM8abc": TIKTOK + ANA, "https://vm.tiktok.com/ZM8bad": "https://example.org/x"}

    told = mine.post(
        "/scrape/urls", json={"urls": ["vm.tiktok.com/ZM8abc", "https://vm.tiktok.com/ZM8bad", "https://vm.tiktok.com/ZM8none"]}
    ).json()

    assert [each["url"] for each in told["saved"]] == ["vm.tiktok.com/ZM8abc"]
    assert [each["category"] for each in told["errors"]] == ["invalid_url", "not_found"]


def test_what_is_added_goes_into_the_collection(mine: Caller, site: World) -> None:
    where = mine.post("/collections", json={"name": "Spring"}).json()["collection_id"]

    mine.post("/scrape/urls", json={"urls": [YOUTUBE + TUBE, "https://www.tiktok.com/@ben"], "collection_id": where})

    shown = mine.get(f"/collections/{where}").json()
    assert (shown["videos"], shown["accounts"]) == (2, 1)
    assert_problem(mine.post("/scrape/urls", json={"urls": [YOUTUBE + TUBE], "collection_id": str(uuid4())}), 404)


def test_more_than_five_links_are_a_runs_work(mine: Caller, theirs: Caller, site: World, dagster: FakeDagster) -> None:
    urls = [f"{TIKTOK}73012345678901234{number}" for number in range(10, 16)]

    answer = mine.post("/scrape/urls", json={"urls": urls}, headers={"Idempotency-Key": "many"})
    again = mine.post("/scrape/urls", json={"urls": urls}, headers={"Idempotency-Key": "many"})

    told = answer.json()
    assert (answer.status_code, told["waiting"], told["request"]["kind"]) == (202, urls, "add_urls")
    assert answer.headers["location"] == f"/api/v1/requests/{told['request']['request_id']}"
    assert [str(each.request_id) for each in dagster.launched] == [told["request"]["request_id"]]
    assert again.content == answer.content
    assert site.tiktok.calls == []
    for name in (told["scrape_id"], told["request"]["request_id"]):
        assert mine.get(f"/scrape/{name}").json()["waiting"] == urls
        assert_problem(theirs.get(f"/scrape/{name}"), 404)


def test_the_same_key_reads_once_and_another_body_is_refused(mine: Caller, site: World) -> None:
    first, second = (mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}, headers={"Idempotency-Key": "one"}) for _ in range(2))
    calls = list(site.tiktok.calls)

    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    assert calls == [f"videos {ANA}"]
    assert_problem(mine.post("/scrape/urls", json={"urls": [TIKTOK + BEN]}, headers={"Idempotency-Key": "one"}), 422)


def test_a_call_that_was_broken_off_goes_on_where_it_was(mine: Caller, database: Database, tenant_id: UUID, site: World) -> None:
    scrape_id, urls = uuid5(tenant_id, "cut"), [TIKTOK + ANA, TIKTOK + BEN]
    with database.begin(tenant_id) as uow:
        adding.take_in(uow, scrape_id, urls, collection_id=None, now=datetime.now(UTC))
    still = mine.post("/scrape/urls", json={"urls": urls}, headers={"Idempotency-Key": "cut"})
    other = mine.post("/scrape/urls", json={"urls": urls[:1]}, headers={"Idempotency-Key": "cut"})
    with database.begin(tenant_id) as uow:
        uow.connection.exec_driver_sql("update scrapes set started_at = now() - interval '3 minutes'")
    tried = mine.post("/scrape/urls?dry_run=true", json={"urls": urls}, headers={"Idempotency-Key": "cut"}).json()
    asked_by_then = list(site.tiktok.calls)

    told = mine.post("/scrape/urls", json={"urls": urls}, headers={"Idempotency-Key": "cut"}).json()

    assert_problem(still, 409)
    assert_problem(other, 422)
    assert (tried["takes"], asked_by_then) == ([], [])
    assert (told["scrape_id"], len(told["saved"])) == (str(scrape_id), 2)
    with database.begin(tenant_id) as uow:
        assert uow.connection.exec_driver_sql("select used from usage_counters where meter = 'urls_per_day'").scalar_one() == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"urls": []}, 400), ({"urls": "x"}, 400), ({"urls": ["x"] * 501}, 400), ({"urls": ["x"], "who": 1}, 400)],
)
def test_a_malformed_call_is_a_problem(mine: Caller, body: dict[str, object], status: int) -> None:
    assert_problem(mine.post("/scrape/urls", json=body), status)


def test_nobody_and_a_key_for_reading_add_nothing(nobody: Caller, reader: Caller, site: World) -> None:
    assert_problem(nobody.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}), 401)
    assert_problem(nobody.get(f"/scrape/{uuid4()}"), 401)
    assert_problem(reader.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}), 403)
    assert site.tiktok.calls == []


def test_the_plans_links_of_a_day_are_a_limit(mine: Caller, database: Database, tenant_id: UUID, site: World) -> None:
    with database.begin(tenant_id) as uow:
        uow.usage.take("urls_per_day", 499, operation="before", now=datetime.now(UTC))

    refused = mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA, TIKTOK + BEN]})

    assert_problem(refused, 429, "limit_reached")
    assert site.tiktok.calls == []
    assert len(mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}).json()["saved"]) == 1


def test_a_platform_that_cannot_be_reached_or_is_not_configured_says_so(mine: Caller, site: World) -> None:
    site.youtube.failing_keys[TUBE] = SourceUnavailable("youtube_api", "secret-word", category="blocked")

    told = mine.post("/scrape/urls", json={"urls": [YOUTUBE + TUBE, "https://x.com/ana/status/12345678", TIKTOK + ANA]}).json()

    assert {each["category"] for each in told["errors"]} == {"blocked", "not_configured"}
    assert "secret-word" not in str(told)
    assert len(told["saved"]) == 1


def used(who: Caller, meter: str) -> int:
    (found,) = [each["used"] for each in who.get("/me/usage").json()["items"] if each["meter"] == meter]
    return int(found)


def test_links_that_no_platform_answered_for_do_not_count(mine: Caller, site: World) -> None:
    site.youtube.failing_keys[TUBE] = SourceRefused("youtube_api", "no", category="blocked")
    gone = TIKTOK + "7399999999999999999"

    told = mine.post("/scrape/urls", json={"urls": [YOUTUBE + TUBE, "https://x.com/ana/status/12345678", gone, TIKTOK + ANA]}).json()
    assert {each["category"] for each in told["errors"]} == {"blocked", "not_configured", "not_found"}
    assert used(mine, "urls_per_day") == 2

    mine.post("/scrape/urls", json={"urls": [YOUTUBE + TUBE]})
    assert used(mine, "urls_per_day") == 2
    site.youtube.failing_keys.clear()
    mine.post("/scrape/urls", json={"urls": [YOUTUBE + TUBE]})
    assert used(mine, "urls_per_day") == 3


def test_a_search_that_was_not_answered_does_not_count_and_its_repetition_does(mine: Caller, site: World) -> None:
    body, headers = {"term": "why does bread rise", "platform": "tiktok"}, {"Idempotency-Key": "s"}
    site.tiktok.failing_keys["why does bread rise"] = SourceRefused("tiktok_web", "no", category="blocked")
    for _ in range(2):
        assert_problem(mine.post("/search/term", json=body, headers=headers), 502)
    assert used(mine, "searches_per_day") == 0

    site.tiktok.failing_keys.clear()
    for _ in range(2):
        assert mine.post("/search/term", json=body, headers=headers).status_code == 200
    assert used(mine, "searches_per_day") == 1


def test_an_answer_that_another_workspaces_call_brought_costs_no_call(mine: Caller, theirs: Caller, site: World) -> None:
    for who in (mine, theirs):
        assert len(who.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}).json()["saved"]) == 1

    assert site.tiktok.calls == [f"videos {ANA}"]


# Searches and trends


def test_a_search_keeps_what_it_finds_and_writes_history(mine: Caller, site: World) -> None:
    answer = mine.post("/search/hashtag", json={"hashtag": "#bread", "platform": "tiktok", "limit": 5})

    told = answer.json()
    assert (answer.status_code, told["query"], told["results_count"], told["source"]) == (200, "bread", 2, "tiktok_web")
    assert sorted(each["external_id"] for each in told["items"]) == [ANA, BEN]
    assert {each["selection"] for each in told["items"]} == {"search"}
    (kept,) = mine.get("/search/history").json()["items"]
    assert (kept["search_id"], kept["search_type"], kept["results"]) == (
        told["search_id"], "hashtag", [each["video_id"] for each in told["items"]],
    )  # fmt: skip


def test_the_same_key_searches_once(mine: Caller, site: World) -> None:
    body = {"term": "why does bread rise", "platform": "tiktok"}
    first, second = (mine.post("/search/term", json=body, headers={"Idempotency-Key": "s"}) for _ in range(2))

    assert first.content == second.content
    assert len(mine.get("/search/history").json()["items"]) == 1
    assert_problem(mine.post("/search/term", json={**body, "term": "else"}, headers={"Idempotency-Key": "s"}), 422)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/search/hashtag", {"platform": "tiktok"}, 400),
        ("/search/hashtag", {"hashtag": " # ", "platform": "tiktok"}, 422),
        ("/search/term", {"term": "x", "platform": "radio"}, 400),
        ("/search/term", {"term": "x", "platform": "tiktok", "limit": 51}, 400),
        ("/search/term", {"term": "x", "platform": "x"}, 502),
    ],
)
def test_a_search_that_cannot_be_made_is_a_problem(mine: Caller, path: str, body: dict[str, object], status: int) -> None:
    assert_problem(mine.post(path, json=body), status)


def test_searches_are_for_callers_who_may_write(nobody: Caller, reader: Caller, theirs: Caller, mine: Caller, site: World) -> None:
    body = {"term": "x", "platform": "tiktok"}
    assert_problem(nobody.post("/search/term", json=body), 401)
    assert_problem(reader.post("/search/term", json=body), 403)
    mine.post("/search/term", json=body)
    assert theirs.get("/search/history").json()["items"] == []
    assert theirs.get("/videos").json()["items"] == []


def test_trending_videos_are_read_once_an_hour(mine: Caller, reader: Caller, nobody: Caller, theirs: Caller, site: World) -> None:
    unread = reader.get("/trending/videos?platform=tiktok&country=DE")
    first = mine.get("/trending/videos?platform=tiktok&country=DE")
    second = reader.get("/trending/videos?platform=tiktok&country=DE&limit=1")

    assert_problem(unread, 403)
    assert_problem(nobody.get("/trending/videos?platform=tiktok"), 401)
    assert_problem(mine.get("/trending/videos?platform=tiktok&country=ZZ"), 400)
    assert (first.json()["results_count"], {each["selection"] for each in first.json()["items"]}) == (2, {"trending"})
    assert (second.json()["search_id"], len(second.json()["items"])) == (first.json()["search_id"], 1)
    assert [each for each in site.tiktok.calls if each.startswith("trending")] == ["trending DE"]
    assert theirs.get("/videos").json()["items"] == []


@pytest.fixture
def charts(fresh_charts: None, database: Database) -> Callable[[str, datetime], None]:
    """`charts("FR", captured_at)`: a chart of two sounds is there."""

    def put(country: str, at: datetime) -> None:
        places = tuple(ChartedSound(rank, SoundFacts(Platform.TIKTOK, f"s{rank}", f"sound {rank}"), ("1",)) for rank in (1, 2))
        with database.begin_system() as system:
            system.trending.put(ChartRead(SourceName.TIKTOK_WEB, at, country, places), Platform.TIKTOK, at.date())

    return put


@pytest.fixture
def fresh_charts(database: Database) -> None:
    """Charts belong to no tenant: tests of one worker share them."""
    with database.begin_system() as system:
        system.connection.exec_driver_sql("delete from trending_sounds")
        system.connection.exec_driver_sql("delete from chart_asks")


def asks(database: Database) -> list[tuple[str, str, datetime]]:
    with database.begin_system() as system:
        return system.trending.wanted(since=timedelta(hours=1))


def test_a_fresh_chart_is_shown_as_it_is(mine: Caller, database: Database, charts: Callable[[str, datetime], None]) -> None:
    charts("FR", datetime.now(UTC) - timedelta(minutes=5))

    told = mine.get("/trending/audio?country=FR").json()

    assert (told["available"], told["is_stale"], [each["rank"] for each in told["items"]]) == (True, False, [1, 2])
    assert (told["items"][0]["external_id"], told["items"][0]["title"]) == ("s1", "sound 1")
    assert asks(database) == []
    assert [each["search_type"] for each in mine.get("/search/history").json()["items"]] == ["trending_audio"]


def test_an_old_chart_is_shown_and_a_newer_one_asked_for_once(
    mine: Caller, theirs: Caller, database: Database, charts: Callable[[str, datetime], None]
) -> None:
    at = datetime.now(UTC) - timedelta(hours=3)
    charts("FR", at)

    told = [who.get("/trending/audio?country=FR").json() for who in (mine, theirs, mine)]

    assert [(each["is_stale"], each["captured_at"][:16]) for each in told] == [(True, f"{at:%Y-%m-%dT%H:%M}")] * 3
    assert [each[:2] for each in asks(database)] == [("tiktok", "FR")]
    assert len(mine.get("/search/history").json()["items"]) == 1


def test_a_chart_that_was_never_read_is_asked_for_and_says_why(
    mine: Caller, nobody: Caller, database: Database, fresh_charts: None
) -> None:
    told, then = (mine.get("/trending/audio?country=JP").json() for _ in range(2))
    past = mine.get("/trending/audio?country=JP&day=2026-01-01").json()

    assert (told["available"], told["items"], "is asked for now" in told["reason"]) == (False, [], True)
    assert (then["available"], "was asked for a moment ago" in then["reason"]) == (False, True)
    assert (past["available"], past["is_stale"], "no chart of that day" in past["reason"]) == (False, False, True)
    assert_problem(mine.get("/trending/audio"), 400)
    assert_problem(nobody.get("/trending/audio?country=JP"), 401)


def test_what_charts_tell_of_a_sound_stands_beside_it(
    mine: Caller, database: Database, tenant_id: UUID, charts: Callable[[str, datetime], None]
) -> None:

    row = seen("one", 5)
    assert row.video is not None
    put(database, tenant_id, [replace(row, video=replace(row.video, sound_id="s2"))])
    with database.begin(tenant_id) as uow:
        library.renew_aggregates(uow, now=NOON)
    charts("US", datetime.now(UTC))

    (sound,) = mine.get("/sounds").json()["items"]

    assert (sound["external_id"], sound["title"]) == ("s2", "sound 2")


# Comments


def test_comments_are_read_kept_and_shown(mine: Caller, site: World) -> None:
    site.tiktok.said = {ANA: (CommentFacts("c1", "nice", None, likes=3), CommentFacts("c2", "yes", None, parent_id="c1"))}
    video = mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}).json()["saved"][0]["videos"][0]

    answer, again = (mine.post(f"/videos/{video}/comments/refresh", headers={"Idempotency-Key": "c"}) for _ in range(2))

    told = answer.json()
    assert (answer.status_code, told["is_whole"], told["comments_read_at"] is not None) == (200, True, True)
    assert [(each["text"], [reply["text"] for reply in each["first_replies"]]) for each in told["items"]] == [("nice", ["yes"])]
    assert again.content == answer.content
    assert len([each for each in site.tiktok.calls if each.startswith("comments")]) == 1


def test_comments_are_not_read_for_others(mine: Caller, theirs: Caller, nobody: Caller, reader: Caller, site: World) -> None:
    video = mine.post("/scrape/urls", json={"urls": [TIKTOK + ANA]}).json()["saved"][0]["videos"][0]
    path = f"/videos/{video}/comments/refresh"

    assert_problem(nobody.post(path), 401)
    assert_problem(theirs.post(path), 404)
    assert_problem(reader.post(path), 403)
    assert pointers(assert_problem(mine.post(f"{path}?most=0"), 400)) == ["most"]
    assert not [each for each in site.tiktok.calls if each.startswith("comments")]
