"""Reading tracked accounts: what is kept, what each tracking says afterwards, and what a killed run leaves to the next one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import quota
from domain.errors import FailureCategory, LimitReached, NotFound, SourceRefused, SourceUnavailable, Unwanted
from domain.observations import Platform
from domain.ports import Platforms
from domain.requests import SCRAPES, Request, State
from domain.sources import Bucket, SourceName, Target
from domain.tracking import HOUR, Tracking, TrackingState
from domain.tracking_words import EMPTY
from services import tracking
from services.scraping import refresh
from services.settling import Tally
from store.database import Database
from store.ids import new_id
from tests.conftest import make_member
from tests.platforms import NOON, FakePush, FakeReader, Hands, switched_off
from tests.services.alone import Alone


@dataclass
class World:
    """A tenant, its database, a platform with its reader."""

    database: Database
    tenant_id: UUID
    clock: Hands
    reader: FakeReader
    platforms: Platforms

    def track(self, *names: str) -> list[UUID]:
        with self.database.begin(self.tenant_id) as uow:
            found = [tracking.track(uow, Target(self.reader.platform, username=name), now=self.clock()) for name in names]
        return [each.account_id for each in found]

    def work(self) -> Alone:
        return Alone(self.database, self.ask())

    def ask(self) -> Request:
        kind = SCRAPES[self.reader.platform]
        with self.database.begin(self.tenant_id) as uow:
            return uow.requests.ask(request_id=new_id(), kind=kind, subject=kind, params={}, user_id=None)

    def run(self, work: Alone | None = None, *, accounts: list[UUID] | None = None) -> Tally:
        return refresh(
            work or self.work(), self.platforms, self.reader.platform, account_ids=accounts, now=self.clock, pause=lambda _: None
        )

    def tracking(self, name: str) -> Tracking:
        with self.database.begin(self.tenant_id) as uow:
            (account_id,) = uow.connection.execute(sa.text("select account_id from accounts where username = :n"), {"n": name}).scalars()
            return uow.trackings.get(account_id)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        with self.database.begin(self.tenant_id) as uow:
            return [tuple(row) for row in uow.connection.execute(sa.text(statement))]

    def wait_until_due(self, name: str) -> None:
        self.clock.now = self.tracking(name).next_run_at or self.clock.now


@pytest.fixture
def world(shared: Database) -> World:
    clock = Hands()
    reader = FakeReader(clock=clock)
    return World(shared, make_member(shared).tenant_id, clock, reader, Platforms(readers=(reader,), project=new_id().hex))


SNAPSHOTS = "select count(*) from video_snapshots"
SELECTED = "select distinct selection from videos"


def test_a_tracked_account_is_read_kept_and_due_again(world: World) -> None:
    world.reader.add("ana", 4)
    world.track("ana")

    tally = world.run()

    found = world.tracking("ana")
    assert (tally.outcomes, tally.posts, tally.new) == ({"ok": 1}, 4, 4)
    assert (found.state, found.last_ok_at, found.source, found.watermark) == ("live", NOON, "youtube_api", NOON - timedelta(days=1))
    assert found.complete_since == NOON - timedelta(days=4)
    assert found.next_run_at is not None
    assert found.next_run_at >= NOON + HOUR
    assert world.rows(SNAPSHOTS) == [(4,)]
    assert world.rows(SELECTED) == [("census",)]
    assert world.rows("select videos, views > 0 from account_totals") == [(4, True)]


def test_a_handle_becomes_the_account_behind_it_and_keeps_its_tracking(world: World) -> None:
    world.reader.add("ana")
    (before,) = world.track("ana")

    world.run()

    assert world.tracking("ana").account_id == before
    assert world.rows("select external_id, is_provisional from accounts") == [("UCana", False)]


def test_a_handle_of_an_account_that_is_known_by_its_id_moves_its_tracking_there(world: World) -> None:
    world.reader.add("ana")
    with world.database.begin(world.tenant_id) as uow:
        real = tracking.track(uow, Target(Platform.YOUTUBE, external_id="UCana"), now=NOON).account_id
        tracking.untrack(uow, real)
    (provisional,) = world.track("ana")

    world.run()

    assert provisional != real
    assert world.tracking("ana").account_id == real
    assert world.rows("select count(*) from trackings") == [(1,)]


def test_a_handle_in_any_script_is_read(world: World) -> None:
    world.reader.add("ana·größe")
    world.track("ana·größe")

    assert world.run().outcomes == {"ok": 1}


def test_followers_that_come_and_go_by_the_thousand_are_taken_as_they_are(world: World) -> None:
    account = world.reader.add("ana", followers=50_000)
    world.track("ana")
    world.run()
    account.followers = 20_000
    world.wait_until_due("ana")

    assert world.run().outcomes == {"ok": 1}

    assert world.rows("select followers from accounts") == [(20_000,)]


@pytest.mark.parametrize("has_been_read", [True, False])
def test_an_empty_answer_is_no_answer(world: World, has_been_read: bool) -> None:
    account = world.reader.add("ana", declared=3)
    world.track("ana")
    if has_been_read:
        world.run()
        world.wait_until_due("ana")
    before = world.rows(SNAPSHOTS)
    account.is_mute = True

    tally = world.run()

    assert (tally.outcomes, world.rows(SNAPSHOTS)) == ({"empty": 1}, before)
    assert (world.tracking("ana").state, world.tracking("ana").error_words) == ("stale", EMPTY)


def test_an_account_that_never_posted_is_live(world: World) -> None:
    world.reader.add("ana", 0)
    world.track("ana")

    world.run()

    assert (world.tracking("ana").state, world.tracking("ana").watermark) == ("live", None)


@pytest.mark.parametrize("category", FailureCategory)
def test_every_failure_is_told_and_holds_up_no_other(world: World, category: FailureCategory) -> None:
    world.reader.add("ana")
    world.reader.add("ben")
    world.track("ana", "ben")
    world.reader.failing_keys = {"name:ana": SourceUnavailable("youtube_api", "secret words", category=category)}

    tally = world.run()

    stops = category in {"quota", "not_configured"}
    found = world.tracking("ana")
    assert tally.outcomes["ok"] == 1 or category == "quota"
    assert found.error_category is (category if category != "quota" else FailureCategory.QUOTA)
    assert found.state in ({"pending"} if stops else {"stale", "failing"})
    assert "secret words" not in (found.error_words or "")
    assert found.next_run_at is not None
    assert found.next_run_at >= NOON + HOUR
    assert found.next_reason == "retry"


def test_a_mistake_of_ours_fails_the_run_but_keeps_the_others(world: World) -> None:
    world.reader.add("ana")
    world.reader.add("ben")
    world.track("ana", "ben")
    world.reader.failing_keys = {"name:ana": KeyError("stats")}

    with pytest.raises(KeyError):
        world.run()

    assert (world.tracking("ana").state, world.tracking("ben").state) == ("stale", "live")
    assert world.rows("select count(*) from account_totals") == [(1,)]


@pytest.mark.parametrize("words", ["nul \0", "half \ud83d"])
def test_an_account_whose_words_cannot_be_stored_fails_alone(world: World, words: str) -> None:
    world.reader.add("ana")
    world.reader.add("ben")
    world.reader.titles = {"ana-1": words}
    world.track("ana", "ben")

    tally = world.run()

    assert tally.outcomes == {"ok": 1, "parse_error": 1}


def test_who_is_not_there_three_times_is_gone_and_may_be_tracked_again(world: World) -> None:
    world.track("ghost")
    for _ in range(3):
        world.run()
        if world.tracking("ghost").next_run_at:
            world.wait_until_due("ghost")

    assert (world.tracking("ghost").state, world.tracking("ghost").next_run_at) == ("gone", None)
    world.track("ghost")
    assert (world.tracking("ghost").state, world.tracking("ghost").next_run_at) == ("pending", world.clock())


def test_a_quota_that_is_used_up_postpones_the_rest(world: World) -> None:
    names = [f"n{number}" for number in range(60)]
    for name in names:
        world.reader.add(name)
    world.track(*names)
    with world.database.begin(world.tenant_id) as uow:
        day = (world.platforms.project, Bucket.YOUTUBE_UNITS.value, quota.resets_at(NOON))
        uow.quotas.take(day, most=10_000, left=0.0, platform="youtube", units=9_990, block=1)

    tally = world.run()

    states = {row[0]: row[1] for row in world.rows("select state, count(*) from trackings group by state")}
    assert tally.stopped is not None
    assert tally.stopped[0] == "quota"
    assert tally.outcomes["ok"] <= 5
    assert states == {"live": tally.outcomes["ok"], "pending": 60 - tally.outcomes["ok"]}
    assert world.rows(f"select count(*) from trackings where next_run_at < '{NOON + HOUR}'") == [(0,)]


def test_a_platform_that_is_not_configured_is_told_on_every_tracking(world: World) -> None:
    world.track("ana", "ben")
    world.platforms = Platforms()

    tally = world.run()

    assert tally.stopped is not None
    assert [world.tracking(name).error_category for name in ("ana", "ben")] == ["not_configured"] * 2


def takes_money(world: World) -> FakeReader:
    """The world reads Instagram from now on, from somebody who is paid for every record."""
    paid = FakeReader(
        name=SourceName.BRIGHTDATA, platform=Platform.INSTAGRAM, bucket=Bucket.BRIGHTDATA_RECORDS, units=3, is_durable=True,
        clock=world.clock,
    )  # fmt: skip
    world.reader, world.platforms = paid, Platforms(readers=(paid,), project=new_id().hex)
    return paid


@dataclass
class Killed(Exception):
    """The process ended here."""


@pytest.fixture
def slow(world: World) -> World:
    """A platform of which two accounts are read at a time."""
    reader = FakeReader(name=SourceName.TIKTOK_PAGES, platform=Platform.TIKTOK, bucket=None, units=0, clock=world.clock)
    return replace(world, reader=reader, platforms=Platforms(readers=(reader,), project=new_id().hex))


def test_a_run_that_was_killed_goes_on_where_it_was(slow: World) -> None:
    world = slow
    names = [f"n{number:02}" for number in range(30)]
    for name in names:
        world.reader.add(name, 1)
    world.track(*names)
    work = world.work()

    def kill(share: float, note: str) -> None:
        if share >= 0.4:
            raise Killed

    work.report = kill  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.run(work)
    finished = world.rows("select count(*) from trackings where state = 'live'")[0][0]
    read_before = [call for call in world.reader.calls if call.startswith("account")]

    world.run(Alone(world.database, work.request))

    read = [call for call in world.reader.calls if call.startswith("account")]
    again = set(read_before) & set(read[len(read_before) :])
    assert 12 <= int(str(finished)) < 30
    assert world.rows("select count(*) from trackings where state = 'live'") == [(30,)]
    assert len(again) <= 30 - int(str(finished))
    assert world.rows(SNAPSHOTS) == [(30,)]


def test_a_run_that_was_killed_pays_for_nothing_twice(world: World) -> None:
    paid = takes_money(world)
    names = [f"n{number:02}" for number in range(12)]
    for name in names:
        paid.add(name, 1)
    world.track(*names)
    work = world.work()
    reached: list[str] = []

    def settle_never(months: set[str]) -> None:
        reached.append("written")
        raise Killed

    work.ensure_months = settle_never  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.run(work)

    world.run(Alone(world.database, work.request))

    assert reached == ["written"]
    assert len(paid.calls) == len(set(paid.calls)) == 24
    assert world.rows("select sum(spent_usd) = 24 * 3 * 0.0015, sum(reserved_usd) from ledger_days") == [(True, 0)]
    assert world.rows("select distinct state from reservations") == [("committed",)]


def test_what_an_earlier_run_paid_for_in_vain_the_next_one_uses(world: World) -> None:
    paid = takes_money(world)
    account = paid.add("ana", 1)
    world.track("ana")
    paid.failing_keys = {key: SourceUnavailable("brightdata", "not ready", category="unknown") for key in account.posts}
    world.run()
    paid.failing_keys = {}
    world.wait_until_due("ana")
    world.run()
    world.wait_until_due("ana")
    world.run()

    assert [call.split()[0] for call in paid.calls] == ["account", "videos", "videos", "account", "videos"]


def test_a_run_that_nobody_wants_any_more_stops(slow: World) -> None:
    world = slow
    names = [f"n{number:02}" for number in range(40)]
    for name in names:
        world.reader.add(name, 1)
    world.track(*names)
    work = world.work()

    def cancel(share: float, note: str) -> None:
        if share >= 0.2:
            raise Unwanted("the work was canceled")

    work.report = cancel  # type: ignore[method-assign]

    with pytest.raises(Unwanted):
        world.run(work)

    assert 8 <= int(str(world.rows("select count(*) from trackings where state = 'live'")[0][0])) < 40


def test_what_one_request_reads_another_does_not(world: World) -> None:
    world.reader.add("ana")
    (account_id,) = world.track("ana")
    with world.database.begin(world.tenant_id) as uow:
        uow.trackings.begin_due("youtube", now=NOON, until=NOON + HOUR, request_id=new_id(), limit=5)

    assert world.run().total == 1
    assert world.run(accounts=[account_id]).done == 0
    assert world.reader.calls == []
    world.clock.advance(hours=2)
    assert world.run().done == 1


def test_named_accounts_are_read_whether_due_or_not_and_tracked_or_not(world: World) -> None:
    for name in ("ana", "ben", "cleo"):
        world.reader.add(name)
    accounts = world.track("ana", "ben")
    world.run()
    with world.database.begin(world.tenant_id) as uow:
        tracking.untrack(uow, accounts[1])
    world.clock.advance(minutes=30)

    assert world.run(accounts=accounts).done == 2
    assert world.rows("select count(*) from trackings") == [(1,)]
    assert world.run(accounts=[new_id()]).done == 0


def test_young_posts_are_seen_again_and_old_ones_are_asked_for_by_name(world: World) -> None:
    account = world.reader.add("ana", 0)
    account.posts = {f"p{number:03}": NOON - timedelta(hours=2 * number + 1) for number in range(70)}
    world.track("ana")
    world.run()
    account.gone = {"p069": "private"}
    for _ in range(6):
        world.wait_until_due("ana")
        world.clock.advance(days=2)
        world.run()

    counted = "select v.external_id, count(*) from video_snapshots s join videos v using (tenant_id, video_id) group by 1"
    seen = {str(row[0]): int(str(row[1])) for row in world.rows(counted)}
    assert seen["p069"] == 1
    assert min(seen[f"p{number:03}"] for number in range(10)) >= 3
    assert world.rows("select external_id from videos where is_removed") == [("p069",)]
    assert world.rows("select videos from account_totals") == [(69,)]


def test_an_old_post_that_cannot_be_read_hastens_no_read(world: World) -> None:
    account = world.reader.add("ana", 0)
    account.posts = {f"p{number:03}": NOON - timedelta(days=number + 1) for number in range(70)}
    world.track("ana")
    world.run()
    world.reader.failing_keys = {f"p{number:03}": SourceUnavailable("youtube_api", category="api_error") for number in range(50, 70)}

    for _ in range(3):
        world.clock.advance(days=8)
        world.rows(f"update trackings set next_run_at = '{world.clock()}' returning state")
        world.run()

    read = world.tracking("ana")
    assert read.state == "live"
    assert read.next_run_at is not None
    assert read.next_run_at > world.clock() + timedelta(hours=1)


def test_new_posts_and_figures_ask_for_insights_once_an_hour(world: World) -> None:
    world.reader.add("ana")
    world.track("ana")
    world.run()
    world.clock.advance(days=2)
    world.run()

    asked = world.rows("select count(*) from requests where kind = 'insights'")

    assert asked == [(1,)]


def test_rows_of_the_api_may_be_kept_for_thirty_days_after_they_were_fetched(world: World) -> None:
    world.reader.add("ana", 2)
    world.track("ana")
    world.run()
    first = world.rows("select distinct expires_at from videos union select expires_at from accounts")
    world.wait_until_due("ana")
    world.clock.advance(days=2)
    world.run()

    assert first == [(NOON + timedelta(days=30),)]
    assert world.rows("select distinct expires_at from videos union select expires_at from accounts") == [
        (world.clock() + timedelta(days=30),)
    ]


def test_with_the_amendment_nothing_expires(world: World) -> None:
    world.reader.add("ana", 2)
    world.track("ana")
    world.platforms = replace(world.platforms, is_amended=True)
    world.run()

    assert world.rows("select distinct expires_at from videos union select expires_at from video_snapshots") == [(None,)]


def test_feeds_are_asked_for_once_and_again_before_they_end(world: World) -> None:
    hub = FakePush()
    world.platforms = replace(world.platforms, push=hub, callback_url="https://example.org/")
    world.reader.add("ana")
    world.track("ana")

    world.run()
    world.clock.advance(minutes=5)
    world.run(accounts=[world.tracking("ana").account_id])
    (_, first, secret) = hub.asked[0]
    with world.database.begin_anonymous() as uow:
        uow.pushes.confirm(first.rpartition("/")[2], world.clock() + timedelta(days=10))
    for days in (2, 6):
        world.clock.advance(days=days)
        world.run(accounts=[world.tracking("ana").account_id])

    assert first.startswith("https://example.org/api/v1/webhooks/youtube/")
    assert hub.asked == [("UCana", first, secret)] * 2
    assert world.tracking("ana").is_pushed


def test_who_comes_later_is_pushed_to_as_the_first_was(world: World) -> None:
    world.reader.add("ana")
    (account,) = world.track("ana")
    with world.database.begin_anonymous() as uow:
        uow.pushes.ask("UCana", token="t", secret="s", now=NOON, not_since=NOON)
        uow.pushes.confirm("t", NOON + timedelta(days=1))
    with world.database.begin(world.tenant_id) as uow:
        uow.connection.exec_driver_sql("update trackings set is_pushed = false")  # as of one that was made after it was confirmed

    world.run(accounts=[account])

    assert world.tracking("ana").is_pushed


def test_a_lease_that_has_run_out_is_no_push_any_more(world: World) -> None:
    world.reader.add("ana")
    (account,) = world.track("ana")
    world.run()
    with world.database.begin(world.tenant_id) as uow:
        uow.pushes.ask("UCana", token="t", secret="s", now=NOON, not_since=NOON)
        uow.pushes.confirm("t", NOON + timedelta(days=1))
    told = [world.tracking("ana").is_pushed]
    for hours in (12, 24):
        world.clock.advance(hours=hours)
        world.run(accounts=[account])
        told.append(world.tracking("ana").is_pushed)

    assert told == [True, True, False]


def _tiktok(database: Database) -> World:
    """Three accounts under names of their own, so that no world finds the answers of another."""
    clock, prefix = Hands(), new_id().hex[-8:]
    reader = FakeReader(name=SourceName.TIKTOK_PAGES, platform=Platform.TIKTOK, bucket=None, units=0, clock=clock)
    world = World(database, make_member(database).tenant_id, clock, reader, Platforms(readers=(reader,), project=prefix))
    world.track(*(reader.add(f"{prefix}.{number}").username for number in range(3)))
    return world


FAULTS = ("network", "rate_limit", "blocked", "api_error", "parse_error", "unknown", "private", "not_found")


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 14), st.sampled_from(FAULTS)), max_size=10))
def test_once_faults_are_over_everything_is_as_if_there_had_been_none(shared: Database, faults: list[tuple[int, str]]) -> None:
    calm, stormy = (_tiktok(shared) for _ in range(2))
    stormy.reader.broken = {place: SourceUnavailable("tiktok_pages", category=word) for place, word in faults}
    for world in (calm, stormy):
        for _ in range(2):
            world.run()
            world.clock.advance(days=8)
        world.reader.broken = {}
        for _ in range(2):  # while one thread tries out a source that had rested, the other's account is put off
            world.rows(f"update trackings set next_run_at = '{world.clock()}' returning state")
            world.run()

    assert calm.rows(_KEPT) == stormy.rows(_KEPT)
    assert stormy.rows("select distinct state from trackings") == [("live",)]
    assert stormy.rows("select count(*), count(distinct external_id) from videos") == [(9, 9)]


_KEPT = (
    "select a.followers, substring(v.external_id from 10), v.views, v.observed_at, v.selection, t.videos, t.views from videos v"
    " join accounts a using (tenant_id, account_id) join account_totals t using (tenant_id, account_id) order by 2"
)


def test_a_hub_that_is_away_fails_nothing(world: World) -> None:
    hub = FakePush(away=SourceUnavailable("websub", category="network"))
    world.platforms = replace(world.platforms, push=hub, callback_url="https://example.org")
    world.reader.add("ana")
    world.track("ana")

    assert world.run().outcomes == {"ok": 1}


def test_tracking_twice_is_tracking_once_and_untracking_gives_the_place_back(world: World) -> None:
    taken = "select used from usage_counters where meter = 'trackings'"
    first, second = world.track("ana", "ANA")
    before = world.rows(taken)
    with world.database.begin(world.tenant_id) as uow:
        tracking.untrack(uow, first)
    with pytest.raises(NotFound), world.database.begin(world.tenant_id) as uow:
        tracking.untrack(uow, first)

    assert (first, before, world.rows(taken)) == (second, [(1,)], [(0,)])


def test_a_plan_has_so_many_places(world: World) -> None:
    world.track("ana")
    world.rows("update usage_counters set used = 100 where meter = 'trackings' returning used")

    with pytest.raises(LimitReached):
        world.track("one_more")


Due = Callable[[int], list[Request]]


def test_due_work_becomes_requests_fair_between_workspaces_and_never_twice(world: World) -> None:
    theirs = World(world.database, make_member(world.database).tenant_id, world.clock, FakeReader(), Platforms())
    many = FakeReader(platform=Platform.TIKTOK)
    world.track("ana")
    replace(world, reader=many).track("ana")
    world.clock.advance(minutes=1)
    theirs.track("ben")

    def due(limit: int) -> list[Request]:
        with world.database.begin_system() as system:
            return tracking.due(system, now=world.clock(), limit=limit)

    first, second, third = due(2), due(2), due(4)

    assert {each.tenant_id for each in first} == {world.tenant_id, theirs.tenant_id}
    assert second == []
    assert [(each.tenant_id, each.kind, each.state) for each in third] == [(world.tenant_id, "scrape.youtube", State.PENDING)]


def test_refused_words_of_sources_stay_in_the_log(world: World) -> None:
    world.reader.add("ana")
    world.track("ana")
    with switched_off(world.reader, SourceRefused("youtube_api", "key AIza is wrong", category="api_error")):
        world.run()

    assert "AIza" not in str(world.rows("select * from trackings")) + str(world.rows("select * from external_calls"))
    assert world.tracking("ana").state is TrackingState.STALE


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_given_up_or_paused_while_it_is_read_stays_so(world: World, fails: bool) -> None:
    for name in ("ana", "ben", "cleo"):
        world.reader.add(name)
    ana, ben, _ = world.track("ana", "ben", "cleo")
    world.reader.fails = SourceUnavailable("youtube_api", "gone away", category="network") if fails else None

    def change_of_mind(_: str) -> None:
        world.reader.on_call = lambda _: None
        with world.database.begin(world.tenant_id) as uow:
            tracking.untrack(uow, ana)
            tracking.set_paused(uow, ben, True, now=NOON)

    world.reader.on_call = change_of_mind
    world.run()

    assert world.rows("select a.username, t.state, t.next_run_at is null from trackings t join accounts a using (tenant_id, account_id)"
                      " order by 1") == [("ben", "paused", True), ("cleo", "stale" if fails else "live", False)]  # fmt: skip
    assert world.rows("select used from usage_counters where meter = 'trackings'") == [(2,)]


def test_a_paused_account_is_read_only_when_somebody_asks_and_goes_on_knowing_what_it_knew(world: World) -> None:
    world.reader.add("ana")
    (ana,) = world.track("ana")
    world.run()

    def set_paused(is_paused: bool) -> Tracking:
        with world.database.begin(world.tenant_id) as uow:
            return tracking.set_paused(uow, ana, is_paused, now=world.clock())

    live = world.tracking("ana")
    assert (set_paused(False), set_paused(True).state, set_paused(True).next_run_at) == (live, "paused", None)
    world.clock.advance(days=9)
    assert world.run().done == 0
    assert world.run(accounts=[ana]).done == 1
    assert world.tracking("ana").state is TrackingState.PAUSED
    going_on = set_paused(False)

    assert (going_on.state, going_on.next_run_at, going_on.next_reason) == ("stale", world.clock(), "asked")
    assert going_on.complete_since == live.complete_since
    assert world.run().done == 1
    assert (world.tracking("ana").state, world.rows("select used from usage_counters where meter = 'trackings'")) == ("live", [(1,)])
