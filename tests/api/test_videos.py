"""Videos over HTTP: whose they are, in which order, as of when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.figures import Computed
from api.videos.shapes import ScoreOut, VideoOut
from domain.engagement import engagement_rate, engagement_score
from domain.observations import Platform
from store.database import Database
from store.videos import ListedVideo, VideoScore
from tests.api.conftest import Caller, assert_problem
from tests.conftest import Member, make_member
from tests.library import NOON, put, score, seen

DAY = timedelta(days=1)
ROUTES = ("/videos", "/videos/{video}", "/videos/{video}/snapshots")


def names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["external_id"] for item in answer.json()["items"]]


def pages(caller: Caller, query: str, *, between: Callable[[], None] = lambda: None) -> list[str]:
    """Everything that paging shows; `between` happens after each page."""
    found, cursor = [], ""
    while True:
        answer = caller.get(f"/videos?{query}{cursor}")
        found += names(answer)
        if not answer.json()["has_more"]:
            return found
        cursor = f"&cursor={answer.json()['next_cursor']}"
        between()


@pytest.fixture
def library(database: Database, tenant_id: UUID) -> dict[str, UUID]:
    """Four videos of two accounts; one of them with nothing known but its name."""
    ids = put(
        database,
        tenant_id,
        [
            seen("one", 100, 10, comments=5, shares=5, title="Bread at home", seconds=20),
            seen("two", 300, 3, comments=2, shares=1, title="Cheese", posted=NOON - 9 * DAY),
            seen("three", 200, 20, account="ben", platform=Platform.YOUTUBE, comments=0, description="bread again", posted=NOON - 5 * DAY),
            seen("bare", posted=None),
        ],
    )
    score(database, tenant_id, {
        ids["one"]: {"multiple": 4.0, "low": 3.1, "high": 5.2, "peers": 12, "is_outlier": True, "virality_band": "[1,5)",
                     "naive_multiple": 0.5, "naive_band": "<1"},
        ids["two"]: {"multiple": 0.8, "peers": 12, "virality_band": "<1"},
        ids["three"]: {"reason": "too few peers", "peers": 1, "naive_multiple": 2.0, "naive_band": "[1,5)"},
    })  # fmt: skip
    return ids


@pytest.mark.parametrize("route", [*ROUTES, "/videos/{video}/media"])
def test_nobody_sees_nothing(nobody: Caller, library: dict[str, UUID], route: str) -> None:
    assert_problem(nobody.get(route.format(video=library["one"])), 401)


def test_another_workspace_does_not_have_the_video(theirs: Caller, library: dict[str, UUID]) -> None:
    assert names(theirs.get("/videos")) == []
    assert names(theirs.get("/videos?q=bread")) == []
    assert_problem(theirs.get(f"/videos/{library['one']}"), 404)
    assert_problem(theirs.get(f"/videos/{library['one']}/snapshots"), 404)
    assert_problem(theirs.get(f"/videos/{library['one']}/media"), 404)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 400), ("limit=101", 400), ("sort=luck", 400), ("order=up", 400), ("platform=radio", 400), ("account_id=x", 400),
        ("posted_from=yesterday", 400), ("min_views=-1", 400), ("min_views=9223372036854775808", 400), ("selection=chosen", 400),
        ("cursor=made-up", 422), ("q=%00", 422), (f"q={'x' * 201}", 400),
    ],
)  # fmt: skip
def test_a_malformed_list_call_is_a_problem(mine: Caller, query: str, status: int) -> None:
    assert_problem(mine.get(f"/videos?{query}"), status)


@pytest.mark.parametrize(
    ("as_of", "status"), [("now", 400), ("2026-11-01T00:00:00", 422), ("1999-01-01T00:00:00Z", 422), ("9999-12-31T23:59:59Z", 422)]
)
def test_a_moment_that_could_be_misread_is_refused(mine: Caller, library: dict[str, UUID], as_of: str, status: int) -> None:
    for route in ROUTES[1:]:
        assert_problem(mine.get(f"{route.format(video=library['one'])}?as_of={as_of}"), status)


def test_what_is_no_id_is_not_found(mine: Caller) -> None:
    assert_problem(mine.get("/videos/nope"), 404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["two", "three", "one", "bare"]),
        ("order=asc", ["one", "three", "two", "bare"]),
        ("sort=posted_at", ["one", "three", "two", "bare"]),
        ("sort=posted_at&order=asc", ["two", "three", "one", "bare"]),
        ("platform=youtube", ["three"]),
        ("posted_from=2026-11-05", ["three", "one"]),
        ("posted_from=2026-11-05&posted_to=2026-11-05", ["three"]),
        ("posted_to=9999-12-31&min_views=150", ["two", "three"]),
        ("selection=census", []),
        ("q=bread", ["three", "one"]),
        ("q=bread -again", ["one"]),
        ('q="at home"', ["one"]),
        ("q=%20", ["two", "three", "one", "bare"]),
        ("q=' or 1=1 --", []),
    ],
)
def test_filters_and_orders(mine: Caller, library: dict[str, UUID], query: str, found: list[str]) -> None:
    assert names(mine.get(f"/videos?{query}")) == found


def test_the_score_order_puts_those_without_one_last(mine: Caller, library: dict[str, UUID]) -> None:
    down, up = names(mine.get("/videos?sort=score")), names(mine.get("/videos?sort=score&order=asc"))

    assert (down[:2], set(down[2:])) == (["one", "two"], {"three", "bare"})
    assert (up[:2], set(up[2:])) == (["two", "one"], {"three", "bare"})


@pytest.mark.parametrize("sort", ["views", "posted_at", "score"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_of_one_are_the_whole_list(mine: Caller, library: dict[str, UUID], sort: str, order: str) -> None:
    query = f"sort={sort}&order={order}"

    assert pages(mine, f"{query}&limit=1") == names(mine.get(f"/videos?{query}"))


def test_a_cursor_of_other_filters_is_refused(mine: Caller, library: dict[str, UUID]) -> None:
    cursor = mine.get("/videos?limit=1").json()["next_cursor"]

    assert_problem(mine.get(f"/videos?limit=1&platform=tiktok&cursor={cursor}"), 422)
    assert_problem(mine.get(f"/videos?limit=1&order=asc&cursor={cursor}"), 422)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stored=st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=25),
    late=st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=8),
    limit=st.integers(1, 7),
    order=st.sampled_from(["asc", "desc"]),
)
def test_paging_while_rows_come_in_repeats_none_and_loses_none(
    database: Database, api: Callable[[Member], Caller], stored: list[int | None], late: list[int | None], limit: int, order: str
) -> None:
    member = make_member(database)
    put(database, member.tenant_id, [seen(f"v{number}", views) for number, views in enumerate(stored)])
    coming = [seen(f"late{number}", views) for number, views in enumerate(late)]

    def one_more_comes_in() -> None:
        if coming:
            put(database, member.tenant_id, [coming.pop()])

    found = pages(api(member), f"order={order}&limit={limit}", between=one_more_comes_in)

    assert len(found) == len(set(found))
    assert {f"v{number}" for number in range(len(stored))} <= set(found)


def test_shapes_built_by_position_have_the_order_of_the_rows() -> None:
    facts, figures = VideoOut.__struct_fields__, ScoreOut.__struct_fields__[len(Computed.__struct_fields__) :]

    assert facts == (*ListedVideo._fields[:-1], "engagement", "score")
    assert figures == VideoScore._fields[: len(figures)]


def test_a_list_shows_each_fact_under_its_own_name(mine: Caller, library: dict[str, UUID]) -> None:
    (listed,) = [each for each in mine.get("/videos").json()["items"] if each["video_id"] == str(library["one"])]
    alone = mine.get(f"/videos/{library['one']}").json()

    assert listed == {name: alone[name] for name in listed}
    assert (listed["views"], listed["likes"], listed["comments"], listed["shares"]) == (100, 10, 5, 5)


def test_a_video_carries_its_score_and_engagement_with_n_as_of_and_method(mine: Caller, library: dict[str, UUID]) -> None:
    video = mine.get(f"/videos/{library['one']}").json()

    shown = {name: video["score"][name] for name in ("multiple", "low", "high", "peers", "n", "is_outlier", "naive_multiple")}
    assert shown == {"multiple": 4.0, "low": 3.1, "high": 5.2, "peers": 12, "n": 12, "is_outlier": True, "naive_multiple": 0.5}
    assert video["score"]["method"] == {"id": "fair/1", "url": "/docs/method#scores"}
    assert video["score"]["as_of"] == "2026-11-10T12:00:00Z"
    assert video["engagement"]["rate"] == engagement_rate(100, 10, 5, 5) == 0.2
    assert video["engagement"]["score"] == engagement_score(100, 10, 5, 5)
    assert (video["engagement"]["n"], video["engagement"]["as_of"]) == (1, "2026-11-10T12:00:00Z")


def test_a_video_without_a_score_says_why(mine: Caller, library: dict[str, UUID]) -> None:
    three, bare = mine.get(f"/videos/{library['three']}").json(), mine.get(f"/videos/{library['bare']}").json()

    assert (three["score"]["multiple"], three["score"]["reason"]) == (None, "too few peers")
    assert bare["score"] is None
    assert (bare["views"], bare["posted_at"], bare["engagement"]["rate"]) == (None, None, None)


def test_youtube_has_no_shares_so_none_are_missing(mine: Caller, library: dict[str, UUID]) -> None:
    assert mine.get(f"/videos/{library['three']}").json()["engagement"]["rate"] == 0.1


@pytest.fixture
def history(database: Database, tenant_id: UUID) -> UUID:
    """One video, seen three times; the second source was silent about likes, and a new title came with the third."""
    rows = [
        seen("one", 100, 10, at=NOON, title="First", description="old"),
        seen("one", 150, None, at=NOON + DAY, title="First", description="old"),
        seen("one", 400, 40, at=NOON + 2 * DAY, title="Second", description="new"),
    ]
    ids = put(database, tenant_id, rows)
    score(database, tenant_id, {ids["one"]: {"multiple": 2.0, "peers": 9}}, at=NOON + 2 * DAY)
    return ids["one"]


def known(caller: Caller, video_id: UUID, moment: str) -> tuple[Any, ...]:
    video = caller.get(f"/videos/{video_id}{moment}").json()
    return video["views"], video["likes"], video["title"], video["description"], video["score"] and video["score"]["multiple"]


def test_as_of_shows_counters_texts_and_score_as_they_were_known(mine: Caller, history: UUID) -> None:
    assert known(mine, history, "?as_of=2026-11-10T12:00:00Z") == (100, 10, "First", "old", None)
    assert known(mine, history, "?as_of=2026-11-12T11:59:59Z") == (150, 10, "First", "old", None)
    assert known(mine, history, "?as_of=2026-11-12T12:00:00Z") == (400, 40, "Second", "new", 2.0) == known(mine, history, "")


def test_before_a_video_was_first_seen_it_was_not_there(mine: Caller, history: UUID) -> None:
    assert_problem(mine.get(f"/videos/{history}?as_of=2026-11-10T11:59:59Z"), 404)


def test_as_of_takes_any_offset(mine: Caller, history: UUID) -> None:
    assert known(mine, history, "?as_of=2026-11-11T14:00:00%2B02:00")[0] == 150


def test_snapshots_come_newest_first_page_by_page_up_to_as_of(mine: Caller, history: UUID) -> None:
    first = mine.get(f"/videos/{history}/snapshots?limit=2").json()
    second = mine.get(f"/videos/{history}/snapshots?limit=2&cursor={first['next_cursor']}").json()
    then = mine.get(f"/videos/{history}/snapshots?as_of=2026-11-11T12:00:00Z").json()

    assert [each["views"] for each in first["items"] + second["items"]] == [400, 150, 100]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert [each["likes"] for each in then["items"]] == [None, 10]


def test_a_workspace_without_videos_has_an_empty_list(mine: Caller) -> None:
    assert mine.get("/videos").json() == {"items": [], "next_cursor": None, "has_more": False}
