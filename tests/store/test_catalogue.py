"""Bulk writing: what every row comes to, whatever came before it, in whatever order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import Outcome, RowOutcome
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id
from tests.conftest import Member, make_member
from tests.store.crowds import at_once

NOON = datetime(2026, 2, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MANUAL = Origin(source="test", selection="manual")
REAL = AccountFacts(Platform.YOUTUBE, external_id="UC1", title="The Kitchen")
BY_TITLE = AccountFacts(Platform.YOUTUBE, title="The  KITCHEN ")

Rows = list[tuple[Any, ...]]


def seen(
    line: int = 1, video: str | None = "v1", *, at: datetime = NOON, account: AccountFacts = REAL, views: int | None = 10, **facts: Any
) -> Observed:
    """One row; counters and facts of the post by their names."""
    counters = {name: facts.pop(name) for name in tuple(facts) if name in Counters.__dataclass_fields__}
    outer = {name: facts.pop(name) for name in ("owner_metrics", "missing") if name in facts}
    post = VideoFacts(video, **({"title": "A title"} | facts)) if video else None
    return Observed(line, account, at, 0, post, Counters(views=views, **counters), **outer)


def put(database: Database, tenant_id: UUID, *batch: Observed, origin: Origin = MANUAL) -> list[RowOutcome]:
    with database.begin(tenant_id) as uow:
        return uow.catalogue.put(batch, origin)


def came_to(outcomes: Sequence[RowOutcome]) -> list[str]:
    return [each.outcome.value for each in outcomes]


def read(database: Database, tenant_id: UUID, columns: str, table: str, order: str = "1") -> Rows:
    with database.begin(tenant_id) as uow:
        return [tuple(row) for row in uow.connection.execute(sa.text(f"select {columns} from {table} order by {order}"))]


def everything(database: Database, tenant_id: UUID) -> dict[str, Rows]:
    tables = ("accounts", "videos", "video_texts", "video_snapshots", "owner_metrics")
    return {table: read(database, tenant_id, f"to_jsonb({table}) - 'updated_at'", table) for table in tables}


def test_a_row_is_accepted_then_unchanged_then_updated(database: Database, tenant_id: UUID) -> None:
    outcomes = [
        *put(database, tenant_id, seen()),
        *put(database, tenant_id, seen()),
        *put(database, tenant_id, seen(title="Another title")),
        *put(database, tenant_id, seen(title="Another title", at=NOON + DAY, views=11)),
    ]

    assert came_to(outcomes) == ["accepted", "unchanged", "updated", "accepted"]
    assert outcomes[0] == RowOutcome(1, Outcome.ACCEPTED, "v1", None)


def test_an_empty_batch_is_nothing(database: Database, tenant_id: UUID) -> None:
    assert put(database, tenant_id) == []


def test_the_same_batch_twice_changes_nothing(database: Database, tenant_id: UUID) -> None:
    other = AccountFacts(Platform.TIKTOK, username="kitchen", followers=5)
    batch = [
        seen(1, likes=3, tags=("a", "b"), posted_at=NOON - DAY, posted_error_seconds=60),
        seen(2, at=NOON + DAY, views=20, title="New title"),
        seen(3, "v2", account=BY_TITLE, missing={"posted_at": "no such column"}),
        seen(4, "v3", account=other, owner_metrics={"watch_hours": Decimal("1.5")}),
        seen(5, None, account=replace(other, external_id="77", username="kitchen")),
        seen(6, "v4", views=None),
    ]
    put(database, tenant_id, *batch)
    before = everything(database, tenant_id)

    outcomes = put(database, tenant_id, *batch)

    assert came_to(outcomes) == ["unchanged"] * 6
    assert everything(database, tenant_id) == before


def test_a_line_that_repeats_another_is_unchanged(database: Database, tenant_id: UUID) -> None:
    assert came_to(put(database, tenant_id, seen(1), seen(2))) == ["accepted", "unchanged"]


def test_a_snapshot_is_kept_only_when_a_counter_changed(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, *(seen(day, at=NOON + day * DAY, views=views) for day, views in enumerate([10, 10, 12, 12, 12, 13])))
    put(database, tenant_id, seen(at=NOON + 6 * DAY, views=13), seen(2, at=NOON + 7 * DAY, views=14))

    kept = read(database, tenant_id, "views, observed_at", "video_snapshots", "observed_at")

    assert kept == [(10, NOON), (12, NOON + 2 * DAY), (13, NOON + 5 * DAY), (14, NOON + 7 * DAY)]


def test_a_source_that_is_silent_takes_nothing_away(database: Database, tenant_id: UUID) -> None:
    stated: dict[str, Any] = {
        "description": "Words",
        "duration_seconds": 60,
        "tags": ("a",),
        "posted_at": NOON - DAY,
        "likes": 5,
        "category": "Food",
    }
    put(database, tenant_id, seen(account=replace(REAL, followers=9), **stated))

    put(database, tenant_id, seen(at=NOON + DAY, views=11, title=None, missing={"posted_at": "no such column", "shares": "no such column"}))

    columns = "title, description, duration_seconds, tags, posted_at, likes, category, views, missing"
    kept = read(database, tenant_id, columns, "videos")
    assert kept == [("A title", "Words", 60, ["a"], NOON - DAY, 5, "Food", 11, {"shares": "no such column"})]
    assert read(database, tenant_id, "followers, title", "accounts") == [(9, "The Kitchen")]


def test_a_silent_row_takes_nothing_away_within_its_own_batch_either(database: Database, tenant_id: UUID) -> None:
    put(
        database,
        tenant_id,
        seen(1, description="Words", tags=("a",), account=replace(REAL, followers=9)),
        seen(2, at=NOON + DAY, views=None),
    )

    assert read(database, tenant_id, "description, tags, views, observed_at", "videos") == [("Words", ["a"], 10, NOON + DAY)]
    assert read(database, tenant_id, "followers", "accounts") == [(9,)]


def test_silence_is_neither_a_change_of_counters_nor_of_texts(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(likes=5, description="Words"))

    outcomes = put(database, tenant_id, seen(at=NOON + DAY, likes=None, description=None))

    assert came_to(outcomes) == ["updated"]
    assert read(database, tenant_id, "count(*)", "video_snapshots") == read(database, tenant_id, "count(*)", "video_texts") == [(1,)]


def test_an_older_word_fills_gaps_and_replaces_nothing(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(views=20, title="New", description=None, account=replace(REAL, title="New Kitchen")))

    put(
        database,
        tenant_id,
        seen(at=NOON - DAY, views=10, title="Old", description="Old words", account=replace(REAL, title="Old", followers=3)),
    )

    assert read(database, tenant_id, "title, description, views, observed_at, first_seen_at", "videos") == [
        ("New", "Old words", 20, NOON, NOON - DAY)
    ]
    assert read(database, tenant_id, "title, followers, first_seen_at, last_seen_at", "accounts") == [("New Kitchen", 3, NOON - DAY, NOON)]


def test_a_publish_time_is_replaced_only_by_one_as_exact(database: Database, tenant_id: UUID) -> None:
    exact, coarse = NOON - 2 * DAY, datetime(2026, 2, 8, tzinfo=UTC)
    put(database, tenant_id, seen(1, posted_at=exact), seen(2, "v2", posted_at=coarse, posted_error_seconds=86_400))

    put(
        database, tenant_id,
        seen(1, at=NOON + DAY, posted_at=coarse, posted_error_seconds=86_400), seen(2, "v2", at=NOON - DAY, posted_at=exact),
    )  # fmt: skip

    assert read(database, tenant_id, "posted_at, posted_error_seconds", "videos", "external_id") == [(exact, 0), (exact, 0)]


def test_texts_have_a_history(database: Database, tenant_id: UUID) -> None:
    titles = ["A title", "A title", "B", "A title"]
    put(database, tenant_id, *(seen(day, at=NOON + day * DAY, title=title) for day, title in enumerate(titles)))

    put(database, tenant_id, seen(at=NOON + 4 * DAY), seen(2, at=NOON + 5 * DAY, thumbnail_url="https://example.org/1.jpg"))

    history = read(database, tenant_id, "title, thumbnail_hash is not null, seen_from", "video_texts", "seen_from")
    assert history == [
        ("A title", False, NOON), ("B", False, NOON + 2 * DAY), ("A title", False, NOON + 3 * DAY), ("A title", True, NOON + 5 * DAY),
    ]  # fmt: skip


def test_two_values_for_one_moment_are_told_and_the_first_stands(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(views=10))
    before = everything(database, tenant_id)

    outcomes = put(
        database, tenant_id, seen(views=99, title="Wrong", account=replace(REAL, title="Wrong"), owner_metrics={"m": Decimal(1)})
    )

    assert [(each.outcome.value, each.video, each.reason) for each in outcomes] == [
        ("rejected", "v1", "another value is stored for the same moment")
    ]
    assert everything(database, tenant_id) == before


def test_two_values_for_one_moment_in_one_batch_are_told_too(database: Database, tenant_id: UUID) -> None:
    outcomes = put(database, tenant_id, seen(1, views=10), seen(2, views=99), seen(3, views=10))

    assert came_to(outcomes) == ["accepted", "rejected", "unchanged"]
    assert read(database, tenant_id, "views", "videos") == read(database, tenant_id, "views", "video_snapshots") == [(10,)]


def test_a_row_without_a_counter_contradicts_nobody(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(likes=5))

    assert came_to(put(database, tenant_id, seen(views=None, category="Food"))) == ["updated"]
    assert came_to(put(database, tenant_id, seen(likes=None, category="Food"))) == ["unchanged"]


def test_a_provisional_account_becomes_the_real_one_when_its_id_arrives(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(1, account=BY_TITLE))
    provisional = read(database, tenant_id, "account_id, is_provisional, external_id", "accounts")

    put(database, tenant_id, seen(1, "v2", account=REAL))

    merged = read(database, tenant_id, "account_id, is_provisional, external_id", "accounts")
    assert (provisional[0][1:], merged) == ((True, None), [(provisional[0][0], False, "UC1")])


def test_it_is_not_made_again_by_a_later_row_that_knows_only_the_title(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(1, account=BY_TITLE))
    put(database, tenant_id, seen(1, "v2", account=REAL))

    put(database, tenant_id, seen(1, "v3", account=BY_TITLE), seen(2, at=NOON + DAY, account=BY_TITLE))

    assert read(database, tenant_id, "external_id", "accounts") == [("UC1",)]
    assert read(database, tenant_id, "count(distinct account_id), count(*)", "videos") == [(1, 3)]


def test_a_title_and_its_id_in_one_batch_are_one_account(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(1, "v1", account=BY_TITLE), seen(2, "v2", account=REAL))

    assert read(database, tenant_id, "external_id, is_provisional", "accounts") == [("UC1", False)]


def test_a_provisional_account_goes_to_the_real_one_that_is_there_already(database: Database, tenant_id: UUID) -> None:
    renamed = replace(REAL, title="Renamed")
    put(database, tenant_id, seen(1, "v1", account=renamed), seen(2, "v2", account=BY_TITLE))

    put(database, tenant_id, seen(1, "v3", at=NOON + DAY, account=REAL))

    assert read(database, tenant_id, "external_id", "accounts") == [("UC1",)]
    assert read(database, tenant_id, "count(distinct account_id), count(*)", "videos") == [(1, 3)]


def test_a_handle_and_a_title_of_one_account_are_merged_into_it(database: Database, tenant_id: UUID) -> None:
    by_name = AccountFacts(Platform.YOUTUBE, username="kitchen")
    put(database, tenant_id, seen(1, "v1", account=by_name), seen(2, "v2", account=BY_TITLE))

    put(database, tenant_id, seen(1, "v3", account=replace(REAL, username="Kitchen")))

    assert read(database, tenant_id, "external_id, username", "accounts") == [("UC1", "Kitchen")]


def test_a_video_tells_whose_provisional_account_it_was(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(1, "v1", account=BY_TITLE), seen(2, "v2", account=BY_TITLE))

    put(database, tenant_id, seen(1, "v1", at=NOON + DAY, account=replace(REAL, title="Renamed")))

    assert read(database, tenant_id, "external_id, title", "accounts") == [("UC1", "Renamed")]


def test_of_two_accounts_with_one_title_nobody_guesses(database: Database, tenant_id: UUID) -> None:
    second = replace(REAL, external_id="UC2")
    put(database, tenant_id, seen(1, "v1"), seen(2, "v2", account=second))

    put(database, tenant_id, seen(1, "v3", account=BY_TITLE))
    put(database, tenant_id, seen(1, "v4"), seen(2, "v5", account=second))

    owners = "videos v join accounts a using (tenant_id, account_id)"
    assert read(database, tenant_id, "v.external_id, a.external_id, a.is_provisional", owners) == [
        ("v1", "UC1", False), ("v2", "UC2", False), ("v3", None, True), ("v4", "UC1", False), ("v5", "UC2", False),
    ]  # fmt: skip
    put(database, tenant_id, seen(1, "v3", at=NOON + DAY, account=second))
    assert read(database, tenant_id, "v.external_id, a.external_id", f"{owners} where v.external_id = 'v3'") == [("v3", "UC2")]


def test_a_row_that_knows_only_a_title_finds_the_account_by_its_video(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen())

    put(database, tenant_id, seen(at=NOON + DAY, account=replace(BY_TITLE, title="Renamed")))

    assert read(database, tenant_id, "external_id, title", "accounts") == [("UC1", "Renamed")]


def test_one_title_on_two_platforms_is_two_accounts(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(1, account=BY_TITLE), seen(2, account=replace(BY_TITLE, platform=Platform.TIKTOK)))

    put(database, tenant_id, seen(1, "v2"))

    assert read(database, tenant_id, "platform, external_id", "accounts") == [("tiktok", None), ("youtube", "UC1")]


def test_a_video_does_not_change_hands(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen())
    before = everything(database, tenant_id)

    outcomes = put(database, tenant_id, seen(at=NOON + DAY, views=99, account=replace(REAL, external_id="UC2", title="Other")))

    assert [(each.outcome.value, each.reason) for each in outcomes] == [("rejected", "the video is known as another account's")]
    assert everything(database, tenant_id) == before


def test_nor_does_it_within_one_batch(database: Database, tenant_id: UUID) -> None:
    other = replace(REAL, external_id="UC2", title="Other")

    outcomes = put(database, tenant_id, seen(1), seen(2, at=NOON + DAY, account=other, views=99), seen(3, "v2", account=other))

    assert came_to(outcomes) == ["accepted", "rejected", "accepted"]
    assert read(database, tenant_id, "external_id, views", "videos") == [("v1", 10), ("v2", 10)]


def test_restated_figures_of_the_owner_are_added(database: Database, tenant_id: UUID) -> None:
    hours = [Decimal("1.5"), Decimal("1.5"), Decimal("2.25"), Decimal("1.5")]
    outcomes = [
        put(database, tenant_id, seen(at=NOON + day * DAY, owner_metrics={"watch_hours": value})) for day, value in enumerate(hours)
    ]

    kept = read(database, tenant_id, "value, known_at", "owner_metrics", "known_at")

    assert kept == [(Decimal("1.5"), NOON), (Decimal("2.25"), NOON + 2 * DAY), (Decimal("1.5"), NOON + 3 * DAY)]
    assert came_to([each[0] for each in outcomes])[0] == "accepted"


def test_a_figure_beyond_what_is_kept_is_not_restated_for_ever(database: Database, tenant_id: UUID) -> None:
    third = {"watch_hours": Decimal(1) / 3}
    put(database, tenant_id, seen(owner_metrics=third))

    put(database, tenant_id, seen(at=NOON + DAY, owner_metrics=third))

    assert read(database, tenant_id, "value", "owner_metrics") == [(Decimal("0.333333"),)]


def test_a_row_of_the_owner_alone_is_an_update(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen())

    outcomes = put(database, tenant_id, seen(owner_metrics={"watch_hours": Decimal(2)}))

    assert came_to(outcomes) == ["updated"]


def test_a_row_of_an_account_alone_is_told_as_well(database: Database, tenant_id: UUID) -> None:
    outcomes = [
        *put(database, tenant_id, seen(video=None, views=None)),
        *put(database, tenant_id, seen(video=None, views=None)),
        *put(database, tenant_id, seen(video=None, views=None, account=replace(REAL, followers=10))),
    ]

    assert came_to(outcomes) == ["accepted", "unchanged", "updated"]
    assert outcomes[0].video is None


def test_a_retry_of_the_same_import_counts_its_rows_as_accepted(database: Database, tenant_id: UUID) -> None:
    batch, mine = [seen(1), seen(2, "v2")], replace(MANUAL, import_id=new_id())
    put(database, tenant_id, *batch, origin=mine)

    again = put(database, tenant_id, *batch, origin=mine)
    others = put(database, tenant_id, *batch, origin=replace(MANUAL, import_id=new_id()))

    assert (came_to(again), came_to(others)) == (["accepted"] * 2, ["unchanged"] * 2)
    assert read(database, tenant_id, "count(*)", "video_snapshots") == [(2,)]


def test_a_census_is_not_undone_by_a_trending_list(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, seen(), origin=replace(MANUAL, selection="trending"))
    put(database, tenant_id, seen(at=NOON - DAY), origin=replace(MANUAL, selection="census"))
    put(database, tenant_id, seen(at=NOON + DAY), origin=replace(MANUAL, selection="trending"))

    assert read(database, tenant_id, "selection", "videos") == [("census",)]


def test_snapshots_stand_in_the_partition_of_their_month(fresh: Database) -> None:
    tenant_id = make_member(fresh).tenant_id
    fresh.ensure_months(["2026-02", "2026-03", "2026-02"])

    put(
        fresh,
        tenant_id,
        seen(1),
        seen(2, at=datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC), views=11),
        seen(3, at=datetime(2019, 1, 1, tzinfo=UTC), views=1),
    )

    months = read(fresh, tenant_id, "tableoid::regclass::text, views", "video_snapshots")
    assert months == [("video_snapshots_202602", 10), ("video_snapshots_202603", 11), ("video_snapshots_default", 1)]


def test_a_month_whose_rows_stand_in_the_default_partition_stays_there(fresh: Database) -> None:
    tenant_id = make_member(fresh).tenant_id
    put(fresh, tenant_id, seen(1))

    fresh.ensure_months(["2026-02"])
    put(fresh, tenant_id, seen(2, at=NOON + DAY, views=11))

    assert read(fresh, tenant_id, "distinct tableoid::regclass::text", "video_snapshots") == [("video_snapshots_default",)]


def test_two_tenants_have_their_own_rows_of_one_video(database: Database, member: Member, other: Member) -> None:
    put(database, member.tenant_id, seen())

    assert came_to(put(database, other.tenant_id, seen(views=99, account=replace(REAL, external_id="UC2")))) == ["accepted"]
    assert read(database, member.tenant_id, "views", "videos") == [(10,)]


def test_two_batches_of_a_workspace_at_once_make_each_video_once(database: Database, tenant_id: UUID) -> None:
    batches = [[seen(line, f"v{line}", at=NOON + number * DAY, views=line + number) for line in range(1, 30)] for number in range(4)]

    answers = at_once(4, lambda number: put(database, tenant_id, *batches[number]))

    assert [came_to(answer) for answer in answers if not isinstance(answer, Exception)] == [["accepted"] * 29] * 4
    assert read(database, tenant_id, "count(*), sum(views)", "videos") == [(29, sum(range(1, 30)) + 29 * 3)]
    assert read(database, tenant_id, "count(*)", "video_snapshots") == [(29 * 4,)]


def test_restated_figures_in_one_batch_are_one_and_the_first_stands(database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, *(seen(line, owner_metrics={"watch_hours": Decimal(line)}) for line in range(1, 9)))

    assert read(database, tenant_id, "value", "owner_metrics") == [(Decimal(1),)]


words = st.tuples(st.integers(0, 2), st.integers(0, 5), st.sampled_from([None, "x", "y"]), st.sampled_from([(), ("t",)]), st.booleans())


def told(line: int, word: tuple[int, int, str | None, tuple[str, ...], bool]) -> Observed:
    """A row that is silent about some of its facts."""
    video, day, text, tags, is_liked = word
    description, posted_at = (f"on day {day}" if text else None), (NOON - DAY if text == "x" else None)
    likes = day if is_liked else None
    return seen(
        line, f"v{video}", at=NOON + day * DAY, views=100 + day, likes=likes, description=description, tags=tags, posted_at=posted_at
    )  # fmt: skip


def put_by(database: Database, size: int, batch: Sequence[Observed]) -> UUID:
    tenant_id = make_member(database).tenant_id
    for start in range(0, len(batch), size):
        put(database, tenant_id, *batch[start : start + size])
    return tenant_id


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(words, min_size=1, max_size=8), size=st.integers(1, 8))
def test_how_a_file_is_cut_into_batches_does_not_matter(database: Database, rows: list[Any], size: int) -> None:
    by_time = sorted((told(line, word) for line, word in enumerate(rows)), key=lambda each: each.observed_at)

    whole, parts, backwards = put_by(database, 8, by_time), put_by(database, size, by_time), put_by(database, size, by_time[::-1])

    facts = "external_id, views, likes, description, tags, posted_at, first_seen_at, observed_at, missing"
    assert read(database, parts, facts, "videos") == read(database, whole, facts, "videos")
    stated = "external_id, views, posted_at, first_seen_at, observed_at"
    assert read(database, backwards, stated, "videos") == read(database, whole, stated, "videos")
