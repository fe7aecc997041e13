"""Metered use: never beyond the plan, once per operation, given back once."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import Conflict, LimitReached, NotFound, PaymentNeeded, Refused
from domain.usage import Taken
from store.database import Database
from store.ids import new_id
from store.unfinished import leave
from store.usage import Usage
from store.work import UnitOfWork
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.store.crowds import at_once

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)


def take(
    database: Database, tenant_id: UUID, operation: str, *, meter: str = "imports_per_day", amount: int = 1, now: datetime = NOON
) -> Taken:
    with database.begin(tenant_id) as uow:
        return uow.usage.take(meter, amount, operation=operation, now=now)


def used(database: Database, tenant_id: UUID) -> int:
    with database.begin(tenant_id) as uow:
        return int(uow.connection.execute(sa.text("select coalesce(sum(used), 0) from usage_counters")).scalar_one())


@pytest.fixture
def plan(urls: Urls, database: Database, tenant_id: UUID) -> str:
    """A plan of the test's own: three a month, two for ever, and one meter without a limit."""
    name, limits = (
        f"plan-{new_id().hex}",
        '{"m": {"limit": 3, "period": "month"}, "t": {"limit": 2, "period": "total"}, "free": {"limit": null, "period": "day"}}',
    )
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text("insert into plans (plan, title, limits) values (:name, 'Test', cast(:limits as jsonb))"),
            {"name": name, "limits": limits},
        )
    change(database, tenant_id, plan=name)
    return name


def change(database: Database, tenant_id: UUID, **values: Any) -> None:
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text(f"update subscriptions set {', '.join(f'{name} = :{name}' for name in values)}"), values)


def test_a_new_workspace_may_import_fifty_files_a_day(database: Database, tenant_id: UUID) -> None:
    taken = take(database, tenant_id, "all", amount=50)

    assert (taken.used, taken.limit, taken.resets_at) == (50, 50, datetime(2026, 2, 11, tzinfo=UTC))
    with pytest.raises(LimitReached) as refusal:
        take(database, tenant_id, "one more")
    assert (refusal.value.limit, refusal.value.used, refusal.value.resets_at) == (50, 50, datetime(2026, 2, 11, tzinfo=UTC))


def test_more_than_the_whole_limit_is_refused_at_once(database: Database, tenant_id: UUID) -> None:
    with pytest.raises(LimitReached) as refusal:
        take(database, tenant_id, "too many", amount=51)

    assert (refusal.value.used, used(database, tenant_id)) == (0, 0)


def test_of_fifty_takers_of_the_last_ten_exactly_ten_win(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "before", amount=40)

    answers = at_once(50, lambda number: take(database, tenant_id, f"operation-{number}"))

    won = [each for each in answers if isinstance(each, Taken)]
    assert (len(won), used(database, tenant_id)) == (10, 50)
    assert sorted(each.used for each in won) == list(range(41, 51))
    assert {type(each) for each in answers} == {Taken, LimitReached}


def test_one_operation_takes_once_whoever_calls_it_at_the_same_time(database: Database, tenant_id: UUID) -> None:
    answers = at_once(10, lambda number: take(database, tenant_id, "same"))

    assert [type(each) for each in answers] == [Taken] * 10
    assert used(database, tenant_id) == 1


def test_a_repeated_operation_is_answered_even_when_the_limit_is_reached(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "first", amount=50)

    again = take(database, tenant_id, "first", amount=50)

    assert (again.used, used(database, tenant_id)) == (50, 50)


@pytest.mark.parametrize("other", [{"amount": 2}, {"meter": "requests_per_day"}])
def test_an_operation_cannot_take_something_else(database: Database, tenant_id: UUID, other: dict[str, Any]) -> None:
    take(database, tenant_id, "first")

    with pytest.raises(Conflict):
        take(database, tenant_id, "first", **other)


def test_a_refused_take_leaves_no_trace_even_where_the_transaction_goes_on(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.usage.take("imports_per_day", 50, operation="all", now=NOON)
        with pytest.raises(LimitReached):
            uow.usage.take("imports_per_day", 1, operation="late", now=NOON)
        uow.usage.give_back("all")

    assert take(database, tenant_id, "late").used == 1


def test_what_is_rolled_back_was_not_taken(database: Database, tenant_id: UUID) -> None:
    with suppress(NotFound), database.begin(tenant_id) as uow:
        uow.usage.take("imports_per_day", 50, operation="all", now=NOON)
        uow.requests.get(new_id())

    assert take(database, tenant_id, "all", amount=50).used == 50


def test_it_is_given_back_once(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "one", amount=7)
    take(database, tenant_id, "two", amount=1)

    def give_back(number: int) -> bool:
        with database.begin(tenant_id) as uow:
            return uow.usage.give_back("one")

    answers = at_once(5, give_back)

    assert sorted(map(str, answers)) == ["False"] * 4 + ["True"]
    assert used(database, tenant_id) == 1


def test_an_operation_that_was_given_back_cannot_take_again(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "one")
    with database.begin(tenant_id) as uow:
        uow.usage.give_back("one")

    with pytest.raises(Conflict):
        take(database, tenant_id, "one")


def test_what_was_given_back_counts_again_once_it_is_delivered_after_all(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "one", amount=7)
    with database.begin(tenant_id) as uow:
        uow.usage.give_back("one")
        again = [uow.usage.deliver("one") for _ in range(2)]
        with pytest.raises(NotFound):
            uow.usage.deliver("never taken")

    assert (again, used(database, tenant_id)) == ([True, False], 7)


def test_what_was_delivered_is_not_given_back(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "one", amount=7)
    with database.begin(tenant_id) as uow:
        told = (uow.usage.deliver("one"), uow.usage.give_back("one"))

    assert (told, used(database, tenant_id)) == ((False, False), 7)


def test_an_unknown_operation_cannot_be_given_back(database: Database, tenant_id: UUID) -> None:
    with pytest.raises(NotFound), database.begin(tenant_id) as uow:
        uow.usage.give_back("never taken")


def test_a_new_day_of_utc_starts_anew(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "tuesday", amount=50)

    # 23:30 on the tenth in New York is the eleventh in UTC.
    evening = datetime(2026, 2, 10, 23, 30, tzinfo=timezone(timedelta(hours=-5)))

    assert take(database, tenant_id, "wednesday", now=evening).used == 1


def test_what_is_given_back_after_midnight_goes_to_the_day_it_came_from(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "tuesday", amount=50)
    take(database, tenant_id, "wednesday", amount=5, now=NOON + timedelta(days=1))

    with database.begin(tenant_id) as uow:
        uow.usage.give_back("tuesday")

    assert take(database, tenant_id, "wednesday 2", now=NOON + timedelta(days=1)).used == 6


@pytest.mark.usefixtures("plan")
def test_a_monthly_limit_resets_on_the_first(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "a", meter="m", amount=3, now=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))

    with pytest.raises(LimitReached) as refusal:
        take(database, tenant_id, "b", meter="m", now=datetime(2026, 12, 1, tzinfo=UTC))

    assert refusal.value.resets_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert take(database, tenant_id, "c", meter="m", now=datetime(2027, 1, 1, tzinfo=UTC)).used == 1


@pytest.mark.usefixtures("plan")
def test_a_total_never_resets(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "a", meter="t", amount=2)

    with pytest.raises(LimitReached) as refusal:
        take(database, tenant_id, "b", meter="t", now=NOON + timedelta(days=4000))

    assert refusal.value.resets_at is None


@pytest.mark.usefixtures("plan")
def test_a_meter_without_a_limit_is_counted_all_the_same(database: Database, tenant_id: UUID) -> None:
    taken = take(database, tenant_id, "a", meter="free", amount=10**9)

    assert (taken.used, taken.limit) == (10**9, None)


def test_a_meter_that_the_plan_lacks_is_refused(database: Database, tenant_id: UUID) -> None:
    with pytest.raises(Refused):
        take(database, tenant_id, "a", meter="uploads")


@pytest.mark.parametrize("status", ["pending", "canceled", "expired"])
def test_a_subscription_that_is_not_live_needs_a_payment(database: Database, tenant_id: UUID, status: str) -> None:
    change(database, tenant_id, status=status)

    with pytest.raises(PaymentNeeded):
        take(database, tenant_id, "a")


@pytest.mark.parametrize("status", ["trial", "canceling"])
def test_a_trial_and_a_canceled_one_until_its_end_are_served(database: Database, tenant_id: UUID, status: str) -> None:
    change(database, tenant_id, status=status)

    assert take(database, tenant_id, "a").used == 1


@pytest.mark.usefixtures("plan")
def test_a_member_and_a_platform_have_their_own_shares(urls: Urls, database: Database, tenant_id: UUID, plan: str) -> None:
    engine = sa.create_engine(urls.owner, poolclass=sa.NullPool)
    rule = '{"s": {"limit": 9, "period": "day", "per_user": 3, "per_platform": 4}}'
    with engine.begin() as connection:
        connection.execute(sa.text("update plans set limits = cast(:rule as jsonb) where plan = :plan"), {"rule": rule, "plan": plan})
    ana, ben = new_id(), new_id()

    def take_for(operation: str, user: UUID, platform: str, amount: int) -> Taken:
        with database.begin(tenant_id) as uow:
            return Usage(uow.connection, tenant_id, user_id=user).take("s", amount, operation=operation, now=NOON, platform=platform)

    take_for("a", ana, "tiktok", 3)
    with pytest.raises(LimitReached, match="s per user") as of_ana:
        take_for("b", ana, "youtube", 1)
    with pytest.raises(LimitReached, match="s per platform") as of_tiktok:
        take_for("c", ben, "tiktok", 2)
    with database.begin(tenant_id) as uow:
        uow.usage.give_back("a")

    assert [(each.value.limit, each.value.used) for each in (of_ana, of_tiktok)] == [(3, 3), (4, 3)]
    assert take_for("d", ana, "tiktok", 3).used == 3


def test_parts_count_once_delivered_also_after_all_was_given_back_and_the_rest_does_not(database: Database, tenant_id: UUID) -> None:
    user, request_id, days = UUID(int=1), new_id(), {"since": NOON.date(), "until": NOON.date()}
    with database.begin(tenant_id) as uow:
        Usage(uow.connection, tenant_id, user_id=user).take("imports_per_day", 5, operation="five", now=NOON)
        uow.usage.leave_to("five", request_id)
        uow.usage.deliver_part("five", 1, part="a")
        assert parts_used(uow) == [(f"user:{user}", 5)]
        leave(uow.connection, tenant_id, request_id)
        leave(uow.connection, tenant_id, request_id)
        assert parts_used(uow) == [(f"user:{user}", 1)]
        uow.usage.deliver_part("five", 2, part="b")
        assert uow.usage.give_back("five") is False
        assert parts_used(uow) == [(f"user:{user}", 3)]
        assert [(each.used, each.operations) for each in uow.usage.history(**days)] == [(3, 1)]
        uow.usage.deliver_part("five", 2, part="c")
        assert uow.usage.give_back("five") is False
        assert (parts_used(uow), uow.figures.counters_off()) == ([(f"user:{user}", 5)], 0)

    assert used(database, tenant_id) == 5


def parts_used(uow: UnitOfWork) -> list[tuple[str, int]]:
    return [(each.part, each.used) for each in uow.usage.parts(now=NOON)]


def test_what_was_given_back_is_taken_anew_under_another_name(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        names = []
        for _ in range(3):
            names.append(uow.usage.anew("one"))
            uow.usage.take("imports_per_day", 1, operation=names[-1], now=NOON)
            uow.usage.give_back(names[-1])
        uow.usage.take("imports_per_day", 1, operation="other", now=NOON)

        assert names == ["one", "one#1", "one#2"]
        assert (uow.usage.anew("one"), uow.usage.anew("other")) == ("one#3", "other")
    assert used(database, tenant_id) == 1


def test_what_is_taken_anew_is_not_given_back_by_another_call_in_between(database: Database, tenant_id: UUID) -> None:
    take(database, tenant_id, "one")

    def give_back() -> None:
        with database.begin(tenant_id) as uow:
            uow.usage.give_back("one")

    other = threading.Thread(target=give_back)
    with database.begin(tenant_id) as uow:
        name = uow.usage.anew("one")
        other.start()
        other.join(0.3)
        uow.usage.take("imports_per_day", 1, operation=name, now=NOON)
    other.join(10)

    assert not other.is_alive()


def test_tenants_do_not_share_meters_or_operations(database: Database, member: Member, other: Member) -> None:
    take(database, member.tenant_id, "same", amount=50)

    assert take(database, other.tenant_id, "same", amount=50).used == 50


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_cannot_be_taken(database: Database, tenant_id: UUID, amount: int) -> None:
    with pytest.raises(ValueError, match="cannot be taken"):
        take(database, tenant_id, "a", amount=amount)


def test_a_moment_without_a_zone_is_refused(database: Database, tenant_id: UUID) -> None:
    with pytest.raises(ValueError, match="time zone"):
        take(database, tenant_id, "a", now=NOON.replace(tzinfo=None))
