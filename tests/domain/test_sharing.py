"""Sharing a quota: never more than there is, everybody's share while the day is young, nothing left lying at its end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import quota
from domain.sharing import claim, free, granted, left_of_day

USES = st.lists(st.integers(0, 60), min_size=1, max_size=6)


def test_alone_everything_is_free() -> None:
    assert free(100, spent=30, others=[], tenants=1, left=1.0) == 70


def test_the_share_of_others_is_kept_and_released_as_the_day_passes() -> None:
    assert [free(100, spent=0, others=[], tenants=4, left=left) for left in (1.0, 0.5, 0.0)] == [25, 64, 100]


def test_more_tenants_than_units_are_served_as_they_come() -> None:
    assert free(100, spent=10, others=[1] * 10, tenants=2_000, left=1.0) == 90


def test_a_block_is_granted_where_there_is_room_and_nothing_where_it_would_not_do() -> None:
    assert [granted(3, 50, available) for available in (100, 10, 3, 2)] == [50, 10, 3, 0]


@given(USES, st.integers(1, 10), st.floats(0, 1), st.integers(0, 300))
def test_who_waits_never_loses_what_is_left_of_its_share(uses: list[int], idle: int, left: float, limit: int) -> None:
    """Whatever the others take by the rules, each of the rest still finds its claim."""
    tenants, spent, used = len(uses) + idle, 0, [0] * len(uses)
    for number, wish in enumerate(uses):
        others = used[:number] + used[number + 1 :]
        room = free(limit, spent=spent, others=others, tenants=tenants, left=left)
        used[number] = min(wish, room)
        spent += used[number]

    rest = free(limit, spent=spent, others=used, tenants=tenants, left=left)

    assert spent <= limit
    assert rest >= claim(limit, tenants, left)


def test_the_day_is_as_long_as_in_los_angeles() -> None:
    spring, autumn = datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)

    assert [quota.resets_at(day) - day for day in (spring, autumn)] == [timedelta(hours=23), timedelta(hours=25)]
    assert left_of_day(autumn, quota.resets_at(autumn)) == 1.0
    assert left_of_day(quota.resets_at(autumn), quota.resets_at(autumn)) == 0.0
