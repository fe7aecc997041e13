"""Live reads find a limited number of places, whatever happens to them; all other calls are answered meanwhile."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from api.places import CONSENTS, QUICK_THREADS, Places
from domain.errors import LimitReached, SourceRefused, SourceUnavailable
from domain.observations import Platform
from domain.ports import Errand, Platforms
from domain.sources import PostsRead, SourceName
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_parts
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.owner import add_channel
from tests.published import bring, posts, publish_all
from tests.searchable import FakeLinks, FakeSite

ANA, BEN = uuid4(), uuid4()
LINK = "https://www.tiktok.com/@ana/video/7301234567890123401"
SHORT = "https://vm.tiktok.com/ZMabcdef1"


def test_a_workspace_gets_its_share_and_no_more() -> None:
    places = Places(most=3, of_workspace=2)

    with places.take(ANA), places.take(ANA):
        with pytest.raises(LimitReached) as refused:
            places.take(ANA)
        with places.take(BEN):
            assert places.find(ANA) is None

    assert (refused.value.limit, refused.value.resets_at is not None) == (2, True)
    assert [places.taken(each) for each in (ANA, BEN)] == [0, 0]


def test_nobody_gets_a_place_that_is_not_there() -> None:
    places = Places(most=1, of_workspace=1)

    with places.take(ANA), pytest.raises(SourceUnavailable):
        places.take(BEN)

    with places.take(BEN):
        assert places.taken(BEN) == 1


def test_a_place_is_free_again_after_a_failure() -> None:
    places = Places(most=1, of_workspace=1)

    with pytest.raises(ZeroDivisionError), places.take(ANA):
        1 / 0  # noqa: B018

    assert places.taken(ANA) == 0


def test_a_place_is_held_until_the_last_reading_that_outlives_its_call_has_ended() -> None:
    places, late, later = Places(most=1, of_workspace=1), Future[None](), Future[None]()

    with places.take(ANA) as place:
        place.until(late)
        place.until(later)
    held = [places.taken(ANA)]
    late.set_result(None)
    held.append(places.taken(ANA))
    later.cancel()

    assert (held, places.taken(ANA)) == ([1, 1], 0)


@pytest.fixture(scope="module")
def module_places() -> Places:
    return Places(most=3, of_workspace=2)


@pytest.fixture(scope="module")
def module_sites() -> tuple[FakeSite, FakeSite]:
    return FakeSite(), FakeSite(name=SourceName.YOUTUBE_API, platform=Platform.YOUTUBE)


@pytest.fixture(scope="module")
def few_places(
    database: Database,
    urls: Urls,
    session_dagster: FakeDagster,
    files: LocalFiles,
    module_places: Places,
    module_sites: tuple[FakeSite, ...],
) -> Iterator[TestClient[Litestar]]:
    parts = make_parts(database, urls.app, session_dagster, files)
    platforms = Platforms(readers=module_sites, links=FakeLinks())
    with TestClient(create_app(replace(parts, platforms=platforms, places=module_places))) as running:
        yield running


@pytest.fixture
def sites(module_sites: tuple[FakeSite, FakeSite], database: Database) -> tuple[FakeSite, FakeSite]:
    for site in module_sites:
        site.accounts, site.calls, site.said = {}, [], {}
        site.put("ana", "7301234567890123401")
    with database.begin_system() as system:
        system.connection.exec_driver_sql("delete from fetch_cache")
    return module_sites


@pytest.fixture
def crowded(few_places: TestClient[Litestar], database: Database, member: Member, sites: tuple[FakeSite, FakeSite]) -> Caller:
    return Caller(few_places, make_key(database, member).plain)


@contextmanager
def full(places: Places, *owners: UUID) -> Iterator[None]:
    """Somebody else's reads go on."""
    with ExitStack() as held:
        for owner in owners:
            held.enter_context(places.take(owner))
        yield


def used(database: Database, member: Member, meter: str) -> int:
    statement = f"select coalesce(sum(used), 0) from usage_counters where meter = '{meter}'"
    with database.begin(member.tenant_id) as uow:
        return int(uow.connection.exec_driver_sql(statement).scalar_one())


def test_making_a_release_or_a_model_takes_a_place(crowded: Caller, module_places: Places, database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts(count=3))
    release = publish_all(database, member.tenant_id)["scores"].release_id
    model = crowded.post("/insights/scoring-models", json={"name": "Mine", "weights": {"is_question": 3}}).json()["model_id"]
    again, fit = f"/insights/releases/{release}/replay", f"/insights/scoring-models/{model}/fit"

    scores, drafts = f"/insights/scoring-models/{model}/scores", [{"account_id": str(member.tenant_id), "title": "Bread"}]

    with full(module_places, member.tenant_id, member.tenant_id):
        for answer in (crowded.post(again), crowded.get(again), crowded.post(fit, json={}), crowded.post(scores, json={"drafts": drafts})):
            assert_problem(answer, 429, "limit_reached")
        assert crowded.post(scores, json={}).status_code == 200

    assert crowded.post(again).json()["is_same"] is True
    assert_problem(crowded.post(fit, json={}), 422)
    assert module_places.taken(member.tenant_id) == 0


def test_a_look_and_a_calibration_take_a_place(crowded: Caller, module_places: Places, member: Member) -> None:
    entity = crowded.post("/insights/entities", json={"name": "Ana", "kind": "person"}).json()["entity_id"]
    reads = (f"/insights/entities/{entity}/videos", "/insights/experiments/calibration")

    with full(module_places, member.tenant_id, member.tenant_id):
        for path in reads:
            assert_problem(crowded.get(path), 429, "limit_reached")

    assert [crowded.get(path).status_code for path in reads] == [200, 200]
    assert module_places.taken(member.tenant_id) == 0


SEARCHES, LINKS = "searches_per_day", "urls_per_day"
READS: list[tuple[str, Callable[[Caller, UUID], httpx.Response], str | None]] = [
    ("search", lambda who, _: who.post("/search/term", json={"term": "bread", "platform": "tiktok"}), SEARCHES),
    ("trending", lambda who, _: who.get("/trending/videos?platform=tiktok"), SEARCHES),
    ("live search", lambda who, _: who.get("/youtube/search?q=bread"), SEARCHES),
    ("live list", lambda who, channel: who.get(f"/youtube/videos?channel_id={channel}"), LINKS),
    ("live video", lambda who, _: who.get("/youtube/videos/abcdefghi_1"), LINKS),
    ("ownership", lambda who, _: who.get("/youtube/videos/abcdefghi_1/ownership"), LINKS),
    ("short link", lambda who, _: who.post("/accounts/track", json={"url": SHORT}), None),
]


@pytest.mark.parametrize(("ask", "meter"), [each[1:] for each in READS], ids=[each[0] for each in READS])
def test_a_read_that_finds_no_place_is_told_to_come_back_and_counts_nothing(
    crowded: Caller, database: Database, member: Member, module_places: Places, sites: tuple[FakeSite, FakeSite],
    ask: Callable[[Caller, UUID], httpx.Response], meter: str | None,
) -> None:  # fmt: skip
    channel = add_channel(database, member).channel_id

    with full(module_places, member.tenant_id, member.tenant_id):
        share, quick = ask(crowded, channel), crowded.get("/accounts")
    with full(module_places, CONSENTS, CONSENTS, uuid4()):
        crowd = ask(crowded, channel)

    assert (assert_problem(share, 429, "limit_reached")["limit"], quick.status_code) == (2, 200)
    assert_problem(crowd, 503, "source_unavailable")
    assert [each.headers["Retry-After"] for each in (share, crowd)] == ["5", "5"]
    assert [site.calls for site in sites] == [[], []]
    assert meter is None or used(database, member, meter) == 0


def test_links_that_find_no_place_are_a_runs_work(
    crowded: Caller, member: Member, module_places: Places, sites: tuple[FakeSite, FakeSite]
) -> None:
    with full(module_places, member.tenant_id, member.tenant_id):
        waits = crowded.post("/scrape/urls", json={"urls": [LINK]}, headers={"Idempotency-Key": "once"})
    again = crowded.post("/scrape/urls", json={"urls": [LINK]}, headers={"Idempotency-Key": "once"})

    assert (waits.status_code, waits.json()["waiting"], waits.json()["request"]["kind"]) == (202, [LINK], "add_urls")
    assert (again.content, again.headers["Idempotency-Replayed"], sites[0].calls) == (waits.content, "true", [])


def test_a_consent_that_finds_no_place_is_not_used_up(crowded: Caller, module_places: Places) -> None:
    with full(module_places, CONSENTS, CONSENTS):
        refused = crowded.get("/auth/google/callback?state=unknown&code=4/x")

    assert_problem(refused, 429, "limit_reached")


def test_places_are_left_when_the_answer_is_out(crowded: Caller, member: Member, module_places: Places) -> None:
    for number in range(3):
        assert crowded.get(f"/youtube/videos/abcdefghi_{number}").status_code == 404
        assert crowded.post("/scrape/urls", json={"urls": [LINK]}).status_code == 200

    assert module_places.taken(member.tenant_id) == 0


@dataclass
class SlowSite(FakeSite):
    """A platform that answers nothing until it is told to go on."""

    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go_on: threading.Event = field(default_factory=threading.Event)

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        self.begun.release()
        self.go_on.wait(30)
        return super().posts(keys, errand)


def test_quick_calls_are_answered_while_every_place_is_taken(
    database: Database, urls: Urls, member: Member, files: LocalFiles, sites: tuple[FakeSite, FakeSite]
) -> None:
    most = QUICK_THREADS + 1  # more than the loop would have by itself
    slow = SlowSite(name=SourceName.YOUTUBE_API, platform=Platform.YOUTUBE)
    parts = make_parts(database, urls.app, FakeDagster(), files)
    app = create_app(replace(parts, platforms=Platforms(readers=(slow,)), places=Places(most, most)))
    with TestClient(app) as client, ThreadPoolExecutor(most) as callers:
        who = Caller(client, make_key(database, member).plain)
        reads = [callers.submit(who.get, f"/youtube/videos/abcde{number:06}") for number in range(most)]
        try:
            for _ in reads:
                assert slow.begun.acquire(timeout=30)
            quick = who.get("/accounts")
            still_reading = [not each.done() for each in reads]
        finally:
            slow.go_on.set()

        assert (quick.status_code, all(still_reading)) == (200, True)
        assert {each.result().status_code for each in reads} == {404}


# What the plan counts


def test_a_live_read_counts_once_an_hour(crowded: Caller, database: Database, member: Member) -> None:
    for route in ("/youtube/videos/abcdefghi_1", "/youtube/videos/abcdefghi_1/ownership", "/youtube/videos/abcdefghi_2"):
        crowded.get(route)
    for words in ("bread", "bread", "water"):
        crowded.get(f"/youtube/search?q={words}")

    assert (used(database, member, LINKS), used(database, member, SEARCHES)) == (2, 2)


def test_live_reads_end_with_the_plans_day(crowded: Caller, database: Database, member: Member, sites: tuple[FakeSite, FakeSite]) -> None:
    with database.begin(member.tenant_id) as uow:
        asked = "select (limits -> 'searches_per_day' ->> 'limit')::int from plans where plan = 'free'"
        limit = uow.connection.exec_driver_sql(asked).scalar_one()
    assert crowded.get("/youtube/search?q=bread").status_code == 200
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql(f"update usage_counters set used = {limit} where meter = 'searches_per_day'")
    calls = len(sites[1].calls)

    problem = assert_problem(crowded.get("/youtube/search?q=water"), 429, "limit_reached")

    assert (problem["limit"], len(sites[1].calls)) == (limit, calls)


def test_calls_that_share_a_key_and_nothing_else_are_counted_each(
    crowded: Caller, database: Database, member: Member, sites: tuple[FakeSite, FakeSite]
) -> None:
    headers, sites[0].fails = {"Idempotency-Key": "shared"}, SourceRefused("tiktok", category="private")

    def search(words: str) -> int:
        return crowded.post("/search/term", json={"term": words, "platform": "tiktok"}, headers=headers).status_code

    try:
        answers = [search("bread"), search("water"), search("water")]
    finally:
        sites[0].fails = None

    assert (answers, used(database, member, SEARCHES)) == ([502, 502, 502], 2)
