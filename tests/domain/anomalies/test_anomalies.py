"""Daily series that we made: planted spikes, drops and new levels are found as what they are, noise is mostly left alone."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from domain.anomalies import Anomaly, Direction, Kind, Metric, Series, Severity, anomalies, gained

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 150
NEWEST = NOW.date() - timedelta(days=1)


def made(seed: int, *, level: float = 8.0, sd: float = 0.15, persistence: float = 0.3, growth: float = 0.002) -> np.ndarray:
    rng = np.random.default_rng(seed)
    luck = rng.standard_t(4, DAYS) / np.sqrt(2)
    for day in range(1, DAYS):
        luck[day] = persistence * luck[day - 1] + np.sqrt(1 - persistence**2) * luck[day]
    weekend = np.log(0.6) * (np.arange(DAYS) % 7 >= 5)
    return np.asarray(np.exp(level + growth * np.arange(DAYS) + weekend + sd * luck).round())


def day_of(position: int) -> date:
    return NEWEST - timedelta(days=DAYS - 1 - int(position))


def found(values: np.ndarray, metric: Metric = Metric.VIEWS, now: datetime = NOW) -> tuple[Anomaly, ...]:
    known = [None if np.isnan(each) else float(each) for each in values]
    return anomalies(Series(metric, "a", [day_of(each) for each in range(len(values))], known), now=now)


def test_noise_with_weekdays_trend_and_heavy_tails_alarms_less_than_once_in_ninety_days() -> None:
    events = [found(made(seed)) for seed in range(12)]

    assert np.mean([len(each) for each in events]) * 90 / (DAYS - 42) <= 1.0


@pytest.mark.parametrize(("factor", "direction"), [(3.0, Direction.UP), (0.4, Direction.DOWN)])
def test_a_threefold_spike_and_a_drop_by_sixty_per_cent_are_found_on_their_day(factor: float, direction: Direction) -> None:
    hits = []
    for seed in range(12):
        values = made(seed)
        values[110 + seed] *= factor
        hits += [each for each in found(values) if each.day == day_of(110 + seed) and each.direction is direction]

    assert len(hits) >= 11
    assert {each.kind for each in hits} == {Kind.SPIKE}
    assert all((each.observed > each.high) if factor > 1 else (each.observed < each.low) for each in hits)
    assert all(each.low < each.expected < each.high and each.score >= 1 for each in hits)


@pytest.mark.parametrize("factor", [2.2, 0.4])
def test_a_new_level_is_one_event_and_is_told_apart_from_a_spike(factor: float) -> None:
    shifts = []
    for seed in range(8):
        values = made(seed)
        values[110:] *= factor
        after = [each for each in found(values) if each.day >= day_of(108)]
        shifts += [each for each in after if each.kind is Kind.LEVEL_SHIFT and each.day <= day_of(112)]
        assert len(after) <= 3

    assert len(shifts) >= 7


def test_the_newest_day_is_odd_or_a_new_level_only_later_and_keeps_its_key() -> None:
    values = made(3)
    values[-6:] *= 3.0

    first = found(values, now=NOW - timedelta(days=5))[-1]
    later = found(values)[-1]

    assert (first.kind, later.kind) == (Kind.OPEN, Kind.LEVEL_SHIFT)
    assert first.dedupe_key == later.dedupe_key == f"anomaly:views:a:{day_of(DAYS - 6).isoformat()}"


def test_what_was_said_of_a_day_stays_when_days_are_added() -> None:
    told = 0
    for seed in range(15):
        values = made(seed, level=8.0 if seed % 2 else 2.0, growth=0.01 if seed % 3 else -0.01)
        values[90 + seed] *= 3.0
        values[125 + seed % 5 :] *= 2.2
        earlier: set[tuple[date, date, float, float]] | None = None
        for length in (120, 130, 140, 150):
            over = day_of(length - 1) - timedelta(days=5)
            events = {(each.day, each.last_day, each.low, each.high) for each in found(values[:length]) if each.last_day < over}
            assert earlier is None or earlier == {each for each in events if each[1] < over - timedelta(days=10)}
            earlier, told = events, told + len(events)

    assert told >= 60


def test_a_day_that_is_not_over_is_never_judged() -> None:
    values = np.append(made(1), 3.0)  # two views so far today

    assert day_of(DAYS) == NOW.date()
    assert not [each for each in found(values) if each.last_day >= NOW.date()]
    assert found(values) == found(made(1))


def test_revenue_is_judged_when_it_is_reported_in_full_and_days_end_where_the_account_says() -> None:
    values = made(1)
    values[-1] = 0.0

    assert [each.day for each in found(values)][-1:] == [NEWEST]
    assert NEWEST not in [each.day for each in found(values, Metric.REVENUE)]
    assert Series(Metric.VIEWS, "a", (), (), zone="America/Los_Angeles").whole_until(NOW.replace(hour=6)) == NEWEST - timedelta(days=1)


def test_missing_days_stay_missing_and_alarm_nobody() -> None:
    values = made(2)
    before = found(values[:100])
    values[100:] = np.nan

    assert found(values)[: len(before)] == before
    values[[60, 61, 62, 80]] = np.nan
    assert {each.day for each in found(values)}.isdisjoint({day_of(60), day_of(61), day_of(62), day_of(80)})


def test_a_restated_day_counts_as_it_was_told_last_and_raises_nothing_new() -> None:
    values = made(5)
    values[120] *= 4
    days = [day_of(each) for each in range(DAYS)]
    first, restated, mended = (
        anomalies(Series(Metric.VIEWS, "a", [*days, *more], [*values, *told]), now=NOW)
        for more, told in (([], []), ([day_of(120)], [values[120] * 1.1]), ([day_of(120)], [values[120] / 4]))
    )

    assert day_of(120) in {each.day for each in first}
    assert [each.dedupe_key for each in first] == [each.dedupe_key for each in restated]
    assert day_of(120) not in {each.day for each in mended}


def test_followers_that_are_lost_and_days_below_zero_have_their_place() -> None:
    rng = np.random.default_rng(1)
    totals = 50_000 + np.cumsum(rng.normal(20, 15, DAYS + 1)).round()
    totals[121:] -= 900
    days, gains = gained([NEWEST - timedelta(days=DAYS - each) for each in range(DAYS + 1)], totals.tolist())

    events = anomalies(Series(Metric.FOLLOWERS, "a", days, gains), now=NOW)

    lost = [each for each in events if each.observed < -500]
    assert gains[0] is None
    assert [each.direction for each in lost] == [Direction.DOWN]
    assert lost[0].low < 0 < lost[0].expected
    assert lost[0].severity is not Severity.NOTICE
    assert len(events) <= 3


def test_a_gain_over_a_gap_belongs_to_no_day() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4), date(2026, 1, 5)]

    assert gained(days, [10.0, 12.0, 40.0, 41.0])[1] == (None, 2.0, None, 1.0)


@pytest.mark.parametrize("values", [np.zeros(0), np.ones(4), np.full(DAYS, 7.0), np.full(DAYS, np.nan), made(1)[:30]],
                         ids=["none", "four", "constant", "missing", "a month"])  # fmt: skip
def test_nothing_is_claimed_of_too_little(values: np.ndarray) -> None:
    assert found(values) == ()


def test_days_in_any_order_give_the_same() -> None:
    values, order = made(6), np.random.default_rng(1).permutation(DAYS)
    values[100] *= 5
    mixed = Series(Metric.VIEWS, "a", [day_of(each) for each in order], values[order].tolist())

    assert anomalies(mixed, now=NOW) == found(values) != ()


def test_a_rate_of_engagement_is_watched_as_well() -> None:
    rates = made(7) / np.exp(8.0) * 0.04
    rates[130] *= 0.3

    assert (day_of(130), Direction.DOWN) in {(each.day, each.direction) for each in found(rates, Metric.ENGAGEMENT)}
