"""Clocks: periods are of UTC in any zone and on any day; clocks of two machines may differ by ten minutes."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from dagster._utils.schedules import schedule_execution_time_iterator
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from definitions import defs
from domain.admin import PlanOverride
from domain.billing.objects import Customer
from domain.billing.standing import LEEWAY, Mirror, standing
from domain.billing.states import SubscriptionState
from domain.errors import LimitReached
from domain.usage import Period, resets_at, utc_day
from sandbox.stripe.periods import period_end
from services.billing.mirroring import refresh
from store.database import Database
from store.ids import new_id
from tests.conftest import Member, make_member, make_urls
from tests.money.lives.provider import Payers
from tests.money.lives.shop import MemoryShop
from tests.money.lives.things import OFFERS, PRICES, Plan
from tests.money.rooms import make_room
from tests.services.billing.payers import STRIPE

SKEW = timedelta(minutes=10)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
# Zones whose time changes at midnight, by half an hour, far from UTC; and days around such changes, leap days, ends of months and years.
ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)
EDGES = [datetime(*day, tzinfo=UTC) for day in (
    (2026, 3, 8), (2026, 3, 29), (2026, 10, 25), (2026, 11, 1), (2018, 11, 4), (2011, 12, 30), (2028, 2, 28), (2028, 2, 29), (2028, 3, 1),
    (2027, 2, 28), (2027, 1, 31), (2026, 12, 31), (2027, 1, 1),
)]  # fmt: skip
moments = st.one_of(
    st.builds(lambda day, off: day + off, st.sampled_from(EDGES), st.timedeltas(-2 * DAY, 2 * DAY)),
    st.datetimes(datetime(2011, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the bounds take no zone
)
# Follows the day of YouTube's quotas; its turns are asked for again every ten minutes.
ELSEWHERE = {"daily_channel_sync"}
skews = st.timedeltas(-SKEW, SKEW)
some = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@given(moments, st.sampled_from(ZONES), st.sampled_from([Period.DAY, Period.MONTH]))
def test_a_moment_counts_for_one_period_of_utc_in_whatever_zone_it_is_told(moment, zone, period):
    day = utc_day(moment.astimezone(ZoneInfo(zone)))
    started = day if period is Period.DAY else day.replace(day=1)
    ends = resets_at(period, started)
    assert ends is not None

    assert day == moment.date()
    assert datetime(started.year, started.month, started.day, tzinfo=UTC) <= moment < ends
    assert utc_day(ends - timedelta(microseconds=1)) < utc_day(ends)
    assert ends - datetime(started.year, started.month, started.day, tzinfo=UTC) == (
        DAY if period is Period.DAY else monthrange(started.year, started.month)[1] * DAY
    )


@given(moments, st.integers(1, 60), st.sampled_from(["month", "year"]))
def test_renewals_of_the_31st_and_of_a_leap_day_come_at_the_months_end_and_never_drift(begun, number, interval):
    begun, end = begun.replace(microsecond=0), begun
    for _ in range(number):
        before, end = end, datetime.fromtimestamp(period_end(int(begun.timestamp()), interval, 1, after=int(end.timestamp())), UTC)
        assert before < end
        assert end.day == min(begun.day, monthrange(end.year, end.month)[1])
    months = (end.year - begun.year) * 12 + end.month - begun.month
    assert (months, end.time()) == (number * (12 if interval == "year" else 1), begun.time())


@given(moments, st.timedeltas(SECOND, 40 * DAY), skews)
def test_what_is_paid_until_a_moment_is_not_taken_before_it_by_a_clock_that_is_fast(begun, left, skew):
    ends = begun + timedelta(days=45)
    plan = Plan("sub", PRICES[0], SubscriptionState.ACTIVE, begun, begun, ends, ends_at=ends)
    known = [Mirror(plan.shown("cus"), begun)]

    assert standing(known, OFFERS, now=ends - left + skew).plan == "starter"
    assert standing(known, OFFERS, now=ends + LEEWAY + SKEW + skew).plan == "free"


@some
@given(moments, st.sampled_from(ZONES))
def test_a_month_that_the_database_sums_is_of_utc_whatever_the_zone_of_its_session(month_place, moment, zone):
    database, member = month_place
    moment = moment.replace(hour=12)
    assume(moment.year > 2011)
    with database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql("select set_config('timezone', %s, true)", (zone,))
        began = moment.replace(day=1)
        days = {began, moment, began - DAY}
        for each in sorted(days):
            uow.ledger.reserve(new_id().hex, new_id().hex, Decimal(1), now=each, expires_at=each + DAY)
        summed = sa.text("select sum(reserved_usd) from ledger_days where tenant_id = :tenant and to_char(day, 'YYYY-MM') = :month")
        held = uow.connection.execute(summed, {"tenant": member.tenant_id, "month": f"{moment:%Y-%m}"}).scalar_one()
        today, _, _ = uow.ledger.costs(now=moment)
        found = uow.connection.exec_driver_sql(
            "select month_usd from app.reserve_usd(%s, 'peek', 'peek', 99999999, %s, now(), '{}', '{\"day\": 1, \"month\": 1}')",
            (member.tenant_id, moment.date()),
        ).scalar_one()
        uow.connection.rollback()
    assert (found, today) == (held, 0)


@pytest.fixture(scope="module")
def month_place(superuser_url):
    urls = make_urls(superuser_url, f"clocks_{new_id().hex}")
    database = Database(urls.app, system_url=urls.system, pool_size=1)
    member = make_member(database)
    make_room(urls, database, member.tenant_id)
    yield database, member
    database.close()


def test_sessions_of_ours_are_in_utc_whatever_the_server_says(database, member):
    with database.begin(member.tenant_id) as uow:
        assert uow.connection.exec_driver_sql("show timezone").scalar_one() == "UTC"


def test_two_machines_whose_clocks_differ_give_each_day_its_limit_and_no_more(database, member):
    midnight, taken = datetime(2028, 2, 29, tzinfo=UTC), dict.fromkeys((-1, 0), 0)
    for step in range(-12, 12):
        for skew in (-SKEW, SKEW):
            now = midnight + step * timedelta(minutes=2) + skew
            try:
                with database.begin(member.tenant_id) as uow:
                    uow.usage.take("imports_per_day", 5, operation=f"{step} {skew}", now=now)
                taken[(now.date() - midnight.date()).days] += 5
            except LimitReached as refused:
                assert refused.resets_at == resets_at(Period.DAY, now.date())  # noqa: PT017 - most are taken

    assert taken == {-1: 50, 0: 50}


@pytest.mark.parametrize("fast", [SKEW, -SKEW])
def test_a_reading_by_a_clock_that_is_wrong_holds_back_none_by_a_right_one(database, member, fast):
    held = Payers(customer_id=f"cus_{new_id().hex}", prefix=new_id().hex)
    work, shops = Direct(database, member), MemoryShop(held).shops()
    with work.begin() as uow:
        uow.billing.keep_customer(Customer(STRIPE, held.customer_id, None, None, str(member.tenant_id)))
    held.buy(PRICES[0], has_trial=False)
    assert refresh(work, shops, STRIPE, now=held.now + fast, cause="test").plan == "starter"

    held.change(held.plans[0], PRICES[2])

    assert refresh(work, shops, STRIPE, now=held.now - fast, cause="test").plan == "growth"


@pytest.mark.parametrize(("minutes", "plan"), [(-1, "free"), (1, "growth")])
def test_an_override_and_a_grace_end_by_the_databases_clock(database, member, minutes, plan):
    """Whoever asks hands in no moment: no process with a wrong clock can prolong one."""
    with database.begin(member.tenant_id) as uow:
        now = uow.connection.exec_driver_sql("select clock_timestamp()").scalar_one()
        ends = now + timedelta(minutes=minutes)
        uow.overrides.put(PlanOverride("plan", "growth", None, None, "test", ends))
        overridden = uow.overrides.plan()[0]
        uow.overrides.drop("plan")
        failed = "update subscriptions set status = 'failed', grace_until = %s where tenant_id = %s"
        uow.connection.exec_driver_sql(failed, (ends, member.tenant_id))
        borne = uow.overrides.plan()[1]

    assert (overridden, borne) == (plan, "active" if minutes > 0 else "failed")


class Direct:
    def __init__(self, database: Database, member: Member) -> None:
        self.begin = lambda: database.begin(member.tenant_id)


def test_what_runs_by_the_clock_runs_once_a_turn_for_three_years():
    """In UTC, which knows no change of time."""
    every = [each for each in defs.get_repository_def().schedule_defs if each.name not in ELSEWHERE]
    assert len(every) > 5
    begun, ended = datetime(2026, 12, 31, tzinfo=UTC), datetime(2029, 12, 31, tzinfo=UTC)
    for each in every:
        assert each.execution_timezone in (None, "UTC"), each.name
        turns = schedule_execution_time_iterator(begun.timestamp(), str(each.cron_schedule), "UTC", True)
        times = list(takewhile(ended.__gt__, turns))
        assert len({after - before for before, after in pairwise(times)}) == 1, each.name
        assert len(times) >= 3 * 365, each.name
