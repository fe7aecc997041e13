"""Owner figures: restated days add, a moment's view stays, and one tenant's are nobody else's."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.analytics import Window
from domain.observations import Observed, Platform, Visibility
from domain.owner_reports import Figure, figures_of
from domain.sources import Report, ReportRow
from store.database import Database
from store.ids import new_id
from store.own_channels import STATS_KEPT
from store.owner import WHOLE, Subject
from tests.conftest import Member
from tests.library import put as put_videos
from tests.library import seen

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 10)
WINDOW = Window(FIRST, LAST)


@pytest.fixture
def daily() -> Subject:
    return Subject(new_id(), Report.DAILY)


def views(by_day: Mapping[int, int | str], *, dimensions: tuple[str, ...] = ()) -> list[Figure]:
    return [
        Figure(date(2026, 11, day), date(2026, 11, day), date(2026, 11, day), dimensions, "views", Decimal(value))
        for day, value in by_day.items()
    ]


def put(
    database: Database, tenant_id: UUID, subject: Subject, figures: Sequence[Figure], *, at: datetime = NOON, read: Window = WINDOW
) -> int:
    with database.begin(tenant_id) as uow:
        return len(uow.owner.put(subject, read, figures, known_at=at, source="test"))


def days(database: Database, tenant_id: UUID, subject: Subject, *, as_of: datetime | None = None) -> dict[int, Decimal]:
    with database.begin(tenant_id) as uow:
        return {each.day.day: each.value for each in uow.owner.days(subject, WINDOW, as_of=as_of) if each.day}


def rows(database: Database, tenant_id: UUID, subject: Subject) -> int:
    with database.begin(tenant_id) as uow:
        return int(
            uow.connection.exec_driver_sql("select count(*) from owner_reports where channel_id = %s", (subject.channel_id,)).scalar_one()
        )


def test_a_restated_day_is_a_new_row_and_the_old_figure_stays_for_its_time(database: Database, tenant_id: UUID, daily: Subject) -> None:
    put(database, tenant_id, daily, views({1: 100, 2: 50}))

    changed = put(database, tenant_id, daily, views({1: 100, 2: 61}), at=NOON + DAY)

    assert (changed, rows(database, tenant_id, daily)) == (1, 3)
    assert days(database, tenant_id, daily) == {1: 100, 2: 61}
    assert days(database, tenant_id, daily, as_of=NOON) == {1: 100, 2: 50}
    assert days(database, tenant_id, daily, as_of=NOON - DAY) == {}


def test_the_same_answer_again_adds_nothing(database: Database, tenant_id: UUID, daily: Subject) -> None:
    figures = views({1: "0.3333333333", 2: 50})
    put(database, tenant_id, daily, figures)

    assert put(database, tenant_id, daily, figures, at=NOON + DAY) == 0
    assert days(database, tenant_id, daily) == {1: Decimal("0.333333"), 2: 50}


def test_what_a_newer_answer_no_longer_lists_has_no_value_any_more(database: Database, tenant_id: UUID, daily: Subject) -> None:
    put(database, tenant_id, daily, views({1: 100, 2: 50}))

    put(database, tenant_id, daily, views({2: 50}), at=NOON + DAY)

    assert days(database, tenant_id, daily) == {2: 50}
    assert days(database, tenant_id, daily, as_of=NOON) == {1: 100, 2: 50}
    put(database, tenant_id, daily, views({1: 99, 2: 50}), at=NOON + 2 * DAY)
    assert days(database, tenant_id, daily) == {1: 99, 2: 50}


def test_an_answer_about_other_days_takes_nothing_away(database: Database, tenant_id: UUID, daily: Subject) -> None:
    put(database, tenant_id, daily, views({1: 100, 2: 50}))

    put(database, tenant_id, daily, views({3: 7}), at=NOON + DAY, read=Window(date(2026, 11, 3), date(2026, 11, 3)))

    assert days(database, tenant_id, daily) == {1: 100, 2: 50, 3: 7}


def test_an_empty_answer_is_not_zero(database: Database, tenant_id: UUID, daily: Subject) -> None:
    put(database, tenant_id, daily, views({1: 100}))

    assert put(database, tenant_id, daily, [], at=NOON + DAY) == 0
    assert days(database, tenant_id, daily) == {1: 100}


def test_a_late_answer_does_not_replace_a_newer_one(database: Database, tenant_id: UUID, daily: Subject) -> None:
    put(database, tenant_id, daily, views({1: 120}), at=NOON + DAY)

    put(database, tenant_id, daily, views({1: 100}))

    assert days(database, tenant_id, daily) == {1: 120}
    assert days(database, tenant_id, daily, as_of=NOON) == {1: 100}


def test_windows_of_other_lengths_do_not_disturb_each_other(database: Database, tenant_id: UUID) -> None:
    subject = Subject(new_id(), Report.DEMOGRAPHICS)
    short, long = Window(LAST - 4 * DAY, LAST), WINDOW
    for window, percent in ((short, 60), (long, 40)):
        figure = Figure(window.first_day, window.last_day, None, ("age18-24", "female"), "viewer_percent", Decimal(percent))
        put(database, tenant_id, subject, [figure], read=window, at=NOON + DAY if window is long else NOON)

    with database.begin(tenant_id) as uow:
        found = {each.days: uow.owner.whole(subject, each)[0].value for each in (short, long)}
        read, newest = uow.owner.windows_read(subject), uow.owner.last_window(subject, days=5)

    assert found == {5: 60, 10: 40}
    assert (read, newest) == ({5: LAST, 10: LAST}, short)


def test_sums_are_per_dimension_over_the_days_that_have_it(database: Database, tenant_id: UUID) -> None:
    subject = Subject(new_id(), Report.DEVICES)
    put(database, tenant_id, subject, [*views({1: 10, 2: 5}, dimensions=("MOBILE",)), *views({1: 3}, dimensions=("TV",))])

    with database.begin(tenant_id) as uow:
        found = {each.dimensions: (each.value, each.days) for each in uow.owner.sums(subject, WINDOW)}

    assert found == {("MOBILE",): (Decimal(15), 2), ("TV",): (Decimal(3), 1)}


def test_another_workspace_and_another_channel_see_nothing(database: Database, tenant_id: UUID, other: Member, daily: Subject) -> None:
    put(database, tenant_id, daily, views({1: 100}))

    assert days(database, other.tenant_id, daily) == {}
    assert days(database, tenant_id, Subject(new_id(), Report.DAILY)) == {}


def test_figures_are_never_updated(database: Database, tenant_id: UUID, daily: Subject) -> None:
    put(database, tenant_id, daily, views({1: 100}))

    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), database.begin(tenant_id) as uow:
        uow.connection.exec_driver_sql("update owner_reports set value = 1")


def test_availability_keeps_what_is_covered(database: Database, tenant_id: UUID, daily: Subject) -> None:
    with database.begin(tenant_id) as uow:
        uow.owner.put_availability(daily, reason=None, covered=WINDOW, read_at=NOON)
        uow.owner.put_availability(daily, reason="no_scope", read_at=NOON + DAY)
        known = uow.owner.availability(daily.channel_id)[Report.DAILY]
        covered = uow.owner.coverage(daily.channel_id, Report.DAILY)[WHOLE]

    assert (known.is_available, known.reason, known.read_at) == (False, "no_scope", NOON + DAY)
    assert (covered.window, covered.read_at) == (WINDOW, NOON + DAY)


def test_rows_become_figures_under_our_names() -> None:
    metrics = {"views": Decimal(7), "estimatedMinutesWatched": Decimal(21), "somethingNew": Decimal(1)}

    by_day = list(figures_of(Report.DEVICES, (ReportRow("2026-11-02", ("TV",), metrics),), FIRST, LAST))
    whole = list(figures_of(Report.GEOGRAPHY, (ReportRow(None, ("DE",), metrics),), FIRST, LAST))

    second = date(2026, 11, 2)
    assert [(each.first_day, each.day, each.dimensions, each.metric, each.value) for each in by_day] == [
        (second, second, ("TV",), "views", Decimal(7)), (second, second, ("TV",), "watch_minutes", Decimal(21)),
    ]  # fmt: skip
    assert {(each.first_day, each.last_day, each.day) for each in whole} == {(FIRST, LAST, None)}


# The channel's own posts


def test_a_listing_goes_on_where_it_was_stopped_and_marks_what_is_gone(database: Database, tenant_id: UUID) -> None:
    channel_id, videos = new_id(), put_videos(database, tenant_id, _posts("one", "two", "three"))
    with database.begin(tenant_id) as uow:
        own = uow.own_channels
        own.begin(channel_id, new_id(), now=NOON)
        own.begin_listing(channel_id, now=NOON, is_full=True)
        own.keep_page(channel_id, {"one": Visibility.PUBLIC, "two": Visibility.PRIVATE, "three": None}, next_page="p2", listed_at=NOON)
        stopped = own.sync(channel_id)
        own.end_listing(channel_id, now=NOON)
        own.begin_listing(channel_id, now=NOON + DAY, is_full=True)
        own.keep_page(channel_id, {"one": Visibility.UNLISTED, "two": None}, next_page=None, listed_at=NOON + DAY)

        gone = own.mark_gone(channel_id, began_at=NOON + DAY, now=NOON + DAY)
        marks = own.marks(channel_id, list(videos.values()))
        there = own.videos(channel_id, since=NOON - 99 * DAY, limit=9)

    assert stopped is not None
    assert (stopped.next_page, stopped.posts_listed, stopped.listing_began_at) == ("p2", 3, NOON)
    assert gone == ["three"]
    assert {name: (marks[key].visibility, marks[key].gone_at) for name, key in videos.items()} == {
        "one": (Visibility.UNLISTED, None), "two": (Visibility.PRIVATE, None), "three": (None, NOON + DAY),
    }  # fmt: skip
    assert {each.external_id for each in there} == {"one", "two"}


def test_a_glance_is_five_minutes_old_at_most_and_made_anew_after_a_sync(database: Database, tenant_id: UUID) -> None:
    channel_id = new_id()
    put_videos(database, tenant_id, _posts("one"))
    with database.begin(tenant_id) as uow:
        own = uow.own_channels
        own.begin(channel_id, new_id(), now=NOON)
        empty = own.stats(channel_id, None, now=NOON)
        own.keep_page(channel_id, {"one": Visibility.PUBLIC}, next_page=None, listed_at=NOON)
        kept = own.stats(channel_id, None, now=NOON + STATS_KEPT / 2)
        later = own.stats(channel_id, None, now=NOON + STATS_KEPT)
        own.keep_page(channel_id, {"one": Visibility.PUBLIC}, next_page=None, listed_at=NOON)
        own.finish(channel_id, now=NOON)
        after = own.stats(channel_id, None, now=NOON + STATS_KEPT)

    assert (empty, kept) == (kept, empty)
    assert (empty.videos, empty.views) == (0, None)
    assert (later.videos, later.views) == (1, 10)
    assert after == later


def _posts(*names: str) -> list[Observed]:
    return [seen(name, 10, platform=Platform.YOUTUBE) for name in names]
