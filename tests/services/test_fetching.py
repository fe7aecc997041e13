"""Fetching: who is asked, what it costs whom, what is asked again and what is not. On a real database, with fakes at the ports."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain import prices, quota
from domain.errors import FailureCategory, LimitReached, SourceFailed, SourceRefused, SourceUnavailable
from domain.health import OPENS_AFTER
from domain.observations import Platform
from domain.ports import Platforms
from domain.sources import Answer, Ask, Bucket, SearchKind, SourceName, Target
from services.fetching import Fetching
from services.records import LOOKED_UP, Resting
from store.database import Database
from store.fetches import KeptAnswer, mark, packed
from store.ids import new_id
from store.work import UnitOfWork
from tests.conftest import make_member
from tests.platforms import NOON, FakeReader, Hands, switched_off
from tests.store.crowds import at_once

ANA = Target(Platform.YOUTUBE, username="ana")
MAX_AGE = timedelta(minutes=10)


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def reader(clock: Hands) -> FakeReader:
    made = FakeReader(clock=clock)
    made.add("ana")
    return made


@pytest.fixture
def project() -> str:
    """Quotas are a project's: each test has its own."""
    return new_id().hex


Make = Callable[..., Fetching]


@pytest.fixture
def fetching(shared: Database, reader: FakeReader, clock: Hands, project: str) -> Make:
    """`fetching(tenant_id)`: that tenant's way to the platforms, in a database of the test's own."""

    def make(tenant_id: UUID, *readers: FakeReader, request_id: UUID | None = None, max_age: timedelta = MAX_AGE) -> Fetching:
        platforms = Platforms(readers=readers or (reader,), project=project, lacking={"brightdata": "WHYRAL_BRIGHTDATA_KEY is not set"})
        return Fetching(
            lambda: shared.begin(tenant_id), platforms, tenant_id=tenant_id, max_age=max_age, request_id=request_id, now=clock,
            pause=lambda _: None,
        )  # fmt: skip

    return make


@pytest.fixture
def ana(shared: Database) -> UUID:
    return make_member(shared).tenant_id


@pytest.fixture
def ben(shared: Database) -> UUID:
    return make_member(shared).tenant_id


def read(fetching: Fetching, target: Target = ANA) -> datetime:
    with closing(fetching):
        return fetching.account(target, posts=50).fetched_at


def one(database: Database, tenant_id: UUID, statement: str) -> tuple[object, ...]:
    with database.begin(tenant_id) as uow:
        return tuple(uow.connection.execute(sa.text(statement)).one())


def used(database: Database, tenant_id: UUID) -> int:
    return int(str(one(database, tenant_id, "select coalesce(sum(used), 0) from quota_uses")[0]))


def spent(database: Database) -> int:
    """What the project has used, all tenants together."""
    with database.begin_system() as system:
        return int(system.connection.execute(sa.text("select coalesce(sum(used), 0) from quota_days")).scalar_one())


def test_a_second_tenant_shares_the_answer_and_is_charged_like_the_first(
    shared: Database, fetching: Make, reader: FakeReader, ana: UUID, ben: UUID
) -> None:
    read(fetching(ana))
    calls = list(reader.calls)
    read(fetching(ben))
    read(fetching(ben))

    assert reader.calls == calls
    assert (used(shared, ana), used(shared, ben), spent(shared)) == (2, 2, 2)


def test_others_are_told_the_window_only_and_never_a_moment_before_their_own(fetching: Make, clock: Hands, ana: UUID, ben: UUID) -> None:
    clock.advance(minutes=3)
    mine = read(fetching(ana))
    clock.advance(minutes=1)
    soon = read(fetching(ben))
    clock.advance(minutes=8)
    later = read(fetching(ben))

    assert (mine, soon, later) == (NOON + timedelta(minutes=3), NOON + timedelta(minutes=4), NOON + timedelta(minutes=10))
    assert read(fetching(ana)) == mine


def test_a_run_that_asks_much_knows_by_heart_what_others_have_asked(
    shared: Database, fetching: Make, reader: FakeReader, project: str, clock: Hands, ana: UUID, ben: UUID
) -> None:
    names = [f"ana{number}" for number in range(3 * LOOKED_UP)]
    for name in names:
        reader.add(name)
    read(fetching(ana), Target(Platform.YOUTUBE, username=names[-1]))
    opened: list[int] = []

    def begin() -> AbstractContextManager[UnitOfWork]:
        opened.append(1)
        return shared.begin(ben)

    platforms = Platforms(readers=(reader,), project=project)
    with closing(Fetching(begin, platforms, tenant_id=ben, max_age=MAX_AGE, now=clock, pause=lambda _: None)) as many:
        for name in names:
            many.account(Target(Platform.YOUTUBE, username=name), posts=50)

    # Of six dozen questions the first few were looked up, and that which somebody had asked; each of those was asked once in all.
    assert len(opened) < 2 * LOOKED_UP
    assert sorted(reader.calls) == sorted(set(reader.calls))


def test_what_was_just_flushed_is_found_again(fetching: Make, reader: FakeReader, ana: UUID) -> None:
    names = [f"ana{number}" for number in range(2 * LOOKED_UP)]
    for name in names:
        reader.add(name)

    with closing(fetching(ana)) as many:
        for _ in range(2):
            for name in names:
                many.account(Target(Platform.YOUTUBE, username=name), posts=50)
            many.flush()

    assert sorted(reader.calls) == sorted(set(reader.calls))


@pytest.mark.parametrize("key", ["id:UC1", "name:zoë", "a\nb", "日本語 🍞"])
def test_the_database_marks_a_question_as_we_do(shared: Database, ana: UUID, key: str) -> None:
    ask = Ask(SourceName.YOUTUBE_API, "channels.list", key)
    kept = KeptAnswer(new_id(), ask, Answer({}), NOON, NOON + timedelta(hours=1), packed({}))

    with shared.begin(ana) as uow:
        uow.fetches.put([kept], request_id=None)
        marks = uow.fetches.fresh(SourceName.YOUTUBE_API, oldest=NOON, now=NOON)

    assert marks is not None
    assert mark(ask) in marks


def test_an_old_answer_is_fetched_anew(fetching: Make, reader: FakeReader, clock: Hands, ana: UUID) -> None:
    read(fetching(ana))
    clock.advance(minutes=11)

    assert read(fetching(ana)) == clock()
    assert len(reader.calls) == 4


def test_what_a_grant_fetched_is_nobody_elses(fetching: Make, ana: UUID, ben: UUID) -> None:
    asked: list[int] = []

    def call() -> Answer:
        asked.append(1)
        return Answer({"private": True})

    for tenant_id in (ana, ben):
        with closing(fetching(tenant_id)) as mine:
            mine.errand(SourceName.YOUTUBE_API).fetch(Ask(SourceName.YOUTUBE_API, "report", "me", is_public=False), call)

    assert len(asked) == 2


def test_every_call_is_logged_without_what_was_asked(shared: Database, fetching: Make, ana: UUID) -> None:
    request_id = new_id()
    read(fetching(ana, request_id=request_id))
    read(fetching(ana))

    with shared.begin(ana) as uow:
        rows = uow.connection.execute(
            sa.text("select operation, outcome, status, bucket, units, request_id from external_calls order by call_id")
        ).all()
    assert [row[:5] for row in rows] == [
        ("account", "ok", 200, "youtube_units", 1), ("videos", "ok", 200, "youtube_units", 1),
        ("account", "cached", 200, "youtube_units", 1), ("videos", "cached", 200, "youtube_units", 1),
    ]  # fmt: skip
    assert {row.request_id for row in rows} == {request_id, None}


def test_a_quota_is_exact_whoever_asks_at_the_same_moment(shared: Database, fetching: Make, ana: UUID, ben: UUID) -> None:
    limit = quota.LIMITS[Bucket.YOUTUBE_SEARCH]

    def search(number: int) -> int:
        done = 0
        with closing(fetching((ana, ben)[number % 2])) as mine:
            for turn in range(20):
                ask = Ask(SourceName.YOUTUBE_API, "search", f"{number}:{turn}", Bucket.YOUTUBE_SEARCH, 1)
                try:
                    mine.errand(SourceName.YOUTUBE_API).fetch(ask, lambda: Answer({}))
                except LimitReached:
                    break
                done += 1
        return done

    answers = [each for each in at_once(8, search) if isinstance(each, int)]

    assert (len(answers), sum(answers), spent(shared)) == (8, limit, limit)
    assert used(shared, ana) + used(shared, ben) == limit


def test_a_tenant_that_comes_late_finds_its_share(shared: Database, fetching: Make, clock: Hands, ana: UUID, ben: UUID) -> None:
    clock.now = quota.resets_at(NOON) - timedelta(hours=23)  # the day has just begun

    def search(tenant_id: UUID, times: int) -> int:
        with closing(fetching(tenant_id)) as mine:
            for turn in range(times):
                ask = Ask(SourceName.YOUTUBE_API, "search", f"{tenant_id}{times}{turn}", Bucket.YOUTUBE_SEARCH, 1)
                try:
                    mine.errand(SourceName.YOUTUBE_API).fetch(ask, lambda: Answer({}))
                except LimitReached:
                    return turn
        return times

    known = search(ben, 1)
    greedy, late = search(ana, 200), search(ben, 200)

    assert known == 1
    assert (greedy, late) == (53, 46)  # of 100: half each, less what the first hour has released


def test_what_a_run_did_not_need_is_given_back_and_what_a_killed_one_took_is_not(
    shared: Database, fetching: Make, reader: FakeReader, ana: UUID
) -> None:
    killed = fetching(ana)
    killed.account(ANA, posts=50)
    taken = spent(shared)

    read(fetching(ana, max_age=timedelta()))

    assert (taken, spent(shared)) == (50, 52)


@pytest.mark.parametrize("night", [datetime(2026, 11, 1, 6, 59, tzinfo=UTC), datetime(2026, 3, 8, 7, 59, tzinfo=UTC)])
def test_a_new_day_of_the_quota_begins_at_midnight_in_los_angeles(
    shared: Database, fetching: Make, reader: FakeReader, clock: Hands, ana: UUID, night: datetime
) -> None:
    clock.now = night
    reader.accounts["UCana"].posts = {}
    mine = fetching(ana, max_age=timedelta())
    mine.account(ANA, posts=50)
    clock.advance(minutes=2)
    mine.account(ANA, posts=50)
    mine.close()

    with shared.begin(ana) as uow:
        days = uow.connection.execute(sa.text("select resets_at, used from quota_uses order by resets_at")).all()
    assert [tuple(day) for day in days] == [(quota.resets_at(night), 1), (quota.resets_at(clock()), 1)]
    assert days[1].resets_at - days[0].resets_at in (timedelta(hours=25), timedelta(hours=23))


def test_what_google_says_is_used_up_is_believed_until_the_day_is_over(
    shared: Database, fetching: Make, reader: FakeReader, clock: Hands, ana: UUID
) -> None:
    with switched_off(reader, SourceUnavailable("youtube_api", category="quota")), pytest.raises(LimitReached) as reached:
        read(fetching(ana))
    calls = len(reader.calls)
    with pytest.raises(LimitReached):
        read(fetching(ana))

    assert (len(reader.calls), reached.value.resets_at) == (calls, quota.resets_at(NOON))
    clock.now = quota.resets_at(NOON)
    assert read(fetching(ana)) == clock()


def paid(reader: FakeReader) -> FakeReader:
    """The same world, behind a provider that takes money for every record."""
    return FakeReader(
        name=SourceName.BRIGHTDATA, platform=Platform.INSTAGRAM, bucket=Bucket.BRIGHTDATA_RECORDS, units=10, is_durable=True,
        clock=reader.clock, accounts=reader.accounts,
    )  # fmt: skip


INSTAGRAM = Target(Platform.INSTAGRAM, username="ana")


def money(database: Database, tenant_id: UUID) -> Decimal:
    return Decimal(str(one(database, tenant_id, "select coalesce(sum(spent_usd), 0) from ledger_days")[0]))


def test_a_paid_answer_is_committed_before_it_is_used(
    shared: Database, fetching: Make, reader: FakeReader, clock: Hands, ana: UUID
) -> None:
    source, request_id = paid(reader), new_id()
    price = prices.cost_usd(Bucket.BRIGHTDATA_RECORDS, 10, on=date(2026, 6, 1))

    fetching(ana, source, request_id=request_id).account(INSTAGRAM, posts=50)  # and the run is killed before it can write anything
    clock.advance(hours=3)
    again = fetching(ana, source, request_id=request_id)
    read(again, INSTAGRAM)

    assert price is not None
    assert (len(source.calls), money(shared, ana)) == (2, 2 * price)
    assert again.records.told() == {}


def test_each_workspace_pays_once_for_an_answer(shared: Database, fetching: Make, reader: FakeReader, ana: UUID, ben: UUID) -> None:
    source = paid(reader)
    for tenant_id in (ana, ben, ben):
        read(fetching(tenant_id, source), INSTAGRAM)

    assert len(source.calls) == 2
    assert money(shared, ana) == money(shared, ben) == Decimal("0.03")


def test_what_was_ordered_is_fetched_and_paid_though_another_sum_would_be_held_for_it_by_now(
    shared: Database, fetching: Make, clock: Hands, ana: UUID
) -> None:
    errand, bill = fetching(ana).errand(SourceName.BRIGHTDATA), new_id().hex
    asks = [
        Ask(SourceName.BRIGHTDATA, f"posts.{each}", bill, Bucket.BRIGHTDATA_RECORDS, most, is_durable=True, bill=bill)
        for each, most in (("trigger", 20), ("snapshot", 30))
    ]
    errand.fetch(asks[0], lambda: Answer({"snapshot_id": "s"}, units=0, is_order=True))
    record_usd = prices.unit_usd(Bucket.BRIGHTDATA_RECORDS, on=clock().date())
    clock.advance(hours=24)

    errand.fetch(asks[1], lambda: Answer([{"id": 1}] * 10, units=10))

    assert money(shared, ana) == 10 * record_usd


def test_an_order_of_another_workspace_is_fetched_and_paid_after_it_was_refused_once(
    shared: Database, fetching: Make, clock: Hands, ana: UUID
) -> None:
    """It is known by the bill of who ordered, which this workspace held and let go."""
    errand, bill = fetching(ana).errand(SourceName.BRIGHTDATA), new_id().hex
    ask = Ask(SourceName.BRIGHTDATA, "posts.snapshot", bill, Bucket.BRIGHTDATA_RECORDS, 20, is_durable=True, bill=bill)
    record_usd = prices.unit_usd(Bucket.BRIGHTDATA_RECORDS, on=clock().date())

    def refused() -> Answer:
        raise SourceRefused("brightdata", "too many calls", category="rate_limit")

    for _ in range(2):
        with pytest.raises(SourceRefused):
            errand.fetch(ask, refused)
    errand.fetch(ask, lambda: Answer([{"id": 1}] * 10, units=10))

    assert money(shared, ana) == 10 * record_usd


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SourceRefused("brightdata", category="api_error"), "released"),
        (SourceUnavailable("brightdata", category="rate_limit"), "released"),
        (SourceUnavailable("brightdata", category="blocked"), "unknown"),
    ],
)
def test_a_paid_call_that_failed_costs_nothing_only_where_that_is_certain(
    shared: Database, fetching: Make, reader: FakeReader, ana: UUID, error: SourceFailed, state: str
) -> None:
    source = paid(reader)
    with switched_off(source, error), pytest.raises(SourceFailed):
        read(fetching(ana, source), INSTAGRAM)

    assert set(one(shared, ana, "select string_agg(distinct state, ','), min(state) from reservations")) == {state}


def test_the_ledgers_cap_stops_a_call_before_it_is_made(shared: Database, fetching: Make, reader: FakeReader, ana: UUID) -> None:
    source = paid(reader)
    with shared.begin(ana) as uow:
        uow.connection.execute(sa.text("insert into ledger_caps values (:t, 'day', 0.01)"), {"t": ana})

    with pytest.raises(LimitReached):
        read(fetching(ana, source), INSTAGRAM)

    assert source.calls == []
    told = one(shared, ana, "select string_agg(severity || ' ' || title, '; ') from alerts where kind = 'spending'")
    assert told == ("critical Spending has reached its cap: paid calls wait for the next day",)


@pytest.mark.parametrize("category", FailureCategory)
def test_another_reader_stands_in_where_that_may_help(
    fetching: Make, reader: FakeReader, clock: Hands, ana: UUID, category: FailureCategory
) -> None:
    second = FakeReader(name=SourceName.YOUTUBE_PAGES, bucket=None, units=0, clock=clock, accounts=reader.accounts)
    helps = category in {"blocked", "network", "not_configured"}

    with switched_off(reader, SourceUnavailable("youtube_api", category=category)), closing(fetching(ana, reader, second)) as mine:
        if helps:
            assert mine.account(ANA, posts=50).source is SourceName.YOUTUBE_PAGES
        else:
            with pytest.raises((SourceUnavailable, LimitReached)):
                mine.account(ANA, posts=50)

    assert bool(second.calls) is helps
    assert len(reader.calls) == (3 if category in {"network", "rate_limit", "api_error"} else 1)


def test_what_nobody_can_read_says_whether_the_operator_can_help(fetching: Make, ana: UUID) -> None:
    with closing(fetching(ana)) as mine:
        for platform, words in (
            (Platform.YOUTUBE, "youtube: searches are not read there"),
            (Platform.INSTAGRAM, "instagram: brightdata: WHYRAL_BRIGHTDATA_KEY is not set"),
            (Platform.X, "x: nothing is configured"),
        ):
            with pytest.raises(SourceRefused, match=words) as told:
                mine.search(platform, SearchKind.TERM, "tea", limit=5)
            assert told.value.category is FailureCategory.NOT_CONFIGURED


def test_a_try_that_passes_needs_no_second_call_for_what_it_has(fetching: Make, reader: FakeReader, ana: UUID) -> None:
    reader.failing_keys = {",".join(reader.accounts["UCana"].posts): SourceUnavailable("youtube_api", category="network")}
    reader.on_call = lambda called: reader.failing_keys.clear() if len(reader.calls) == 3 else None

    read(fetching(ana))

    assert [call.split()[0] for call in reader.calls] == ["account", "videos", "videos"]


def test_a_breaker_opens_and_one_try_closes_it(shared: Database, fetching: Make, reader: FakeReader, clock: Hands, ana: UUID) -> None:
    error = SourceUnavailable("youtube_api", category="blocked")
    with switched_off(reader, error):
        for _ in range(OPENS_AFTER):
            with pytest.raises(SourceUnavailable):
                read(fetching(ana))
        calls = len(reader.calls)
        with pytest.raises(Resting) as rests:
            read(fetching(ana))

    assert len(reader.calls) == calls
    assert rests.value.retry_after_seconds == 60
    clock.advance(minutes=2)
    read(fetching(ana))
    with shared.begin(ana) as uow:
        known = uow.sources.all()["youtube_api"]
    assert (known.state(clock()), known.consecutive_failures) == ("closed", 0)
    assert 0.7 < known.score < 0.9


def test_a_private_account_says_nothing_about_the_source(shared: Database, fetching: Make, reader: FakeReader, ana: UUID) -> None:
    for _ in range(OPENS_AFTER + 2):
        with switched_off(reader, SourceRefused("youtube_api", category="private")), pytest.raises(SourceRefused):
            read(fetching(ana))

    assert read(fetching(ana))


def test_a_platform_that_nobody_reads_says_what_the_operator_has_to_do(fetching: Make, ana: UUID) -> None:
    with pytest.raises(SourceRefused, match="brightdata: WHYRAL_BRIGHTDATA_KEY is not set") as refused:
        read(fetching(ana), INSTAGRAM)

    assert refused.value.category is FailureCategory.NOT_CONFIGURED


def test_an_answer_that_could_not_be_read_is_not_kept(fetching: Make, ana: UUID, ben: UUID, clock: Hands) -> None:
    class Odd(FakeReader):
        def account(self, *words: object, **more: object) -> object:  # type: ignore[override]
            super().account(*words, **more)  # type: ignore[arg-type]
            raise SourceUnavailable("youtube_api", "not JSON", category="parse_error")

    odd = Odd(clock=clock)
    odd.add("ana")
    with pytest.raises(SourceUnavailable):
        read(fetching(ana, odd))
    sane = FakeReader(clock=clock, accounts=odd.accounts)

    read(fetching(ben, sane))

    assert len(sane.calls) == 2


def test_two_threads_of_a_tenant_are_charged_once(shared: Database, fetching: Make, ana: UUID, ben: UUID) -> None:
    read(fetching(ana))

    at_once(6, lambda _: read(fetching(ben)))

    assert used(shared, ben) == 2


def test_the_rules_of_sharing_are_those_of_the_database(shared: Database) -> None:
    from domain.sharing import free

    tenants = [make_member(shared).tenant_id for _ in range(5)]
    uses = [0, 7, 30, 12, 55]
    day = ("p", "b", NOON)
    for tenant_id, count in zip(tenants, uses, strict=True):
        if count:
            with shared.begin(tenant_id) as uow:
                uow.quotas.take(day, most=10_000, left=0.0, platform="x", units=count, block=1)

    for limit in (104, 150, 1_000, 3):
        for left in (0.0, 0.25, 0.6, 1.0):
            for number, tenant_id in enumerate(tenants):
                with shared.begin(tenant_id) as uow:
                    mine, available = uow.quotas.seen(day, most=limit, left=left, platform="x")
                others = [count for other, count in enumerate(uses) if other != number and count]
                known = len(others) + 1
                assert (mine, available) == (uses[number], free(limit, spent=sum(uses), others=others, tenants=known, left=left))
