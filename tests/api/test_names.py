"""Hashtags, sounds, comments, series and search history over HTTP."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.observations import Platform
from domain.sources import CommentFacts, CommentsRead, SourceName
from services import library
from store.database import Database
from store.ids import new_id
from store.names import OFTEN
from tests.api.conftest import Caller, assert_problem
from tests.library import NOON, put, seen

SOUND = "the sound of these tests"
SOMEBODY = UUID(int=7)  # nobody's; the same in every process of the test run

DAY = timedelta(days=1)


@pytest.fixture
def videos(database: Database, tenant_id: UUID) -> dict[str, UUID]:
    """Two accounts whose posts share a hashtag and a sound, whose name no other test uses: what a sound is, all workspaces share."""
    rows = [
        seen("one", 100, 10, hashtags=("Bread", "oven")),
        seen("two", 300, 20, hashtags=("bread",)),
        seen("three", 50, 5, account="ben", hashtags=("rye",)),
    ]
    sounded = [replace(row, video=replace(row.video, sound_id=SOUND, sound_title="quiet kettle")) for row in rows[:2] if row.video]
    found = put(database, tenant_id, [*sounded, rows[2]])
    renew(database, tenant_id)
    return found


def renew(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        library.renew_aggregates(uow, now=NOON)


def test_nobody_and_another_workspace_see_none_of_it(nobody: Caller, theirs: Caller, mine: Caller, videos: dict[str, UUID]) -> None:
    sound = mine.get("/sounds").json()["items"][0]["sound_id"]
    video = videos["one"]
    account = mine.get(f"/videos/{video}").json()["account_id"]
    lists = ("/hashtags", "/sounds", "/search/history")
    single = (f"/sounds/{sound}/videos", "/hashtags/bread/videos", f"/videos/{video}/comments", f"/accounts/{account}/series")

    for path in (*lists, *single):
        assert_problem(nobody.get(path), 401)
    assert [theirs.get(path).json()["items"] for path in lists] == [[], [], []]
    for path in single:
        assert_problem(theirs.get(path), 404)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/hashtags?sort=luck", 400), ("/hashtags?cursor=x", 422), ("/hashtags?q=%00", 422), ("/sounds?limit=0", 400),
        (f"/sounds/{SOMEBODY}/videos", 404), ("/hashtags/nobody/videos", 404), ("/search/history?search_type=luck", 400),
        (f"/videos/{SOMEBODY}/comments", 404), (f"/accounts/{SOMEBODY}/series?days=0", 400),
    ],
)  # fmt: skip
def test_a_malformed_call_is_a_problem(mine: Caller, path: str, status: int) -> None:
    assert_problem(mine.get(path), status)


def test_hashtags_come_with_what_they_come_to(mine: Caller, videos: dict[str, UUID]) -> None:
    first, *others = mine.get("/hashtags").json()["items"]

    assert (first["hashtag"], first["platform"], first["n"], first["videos"], first["accounts"], first["views"], first["likes"]) == (
        "bread", "tiktok", 2, 2, 1, 400, 30,
    )  # fmt: skip
    assert [each["hashtag"] for each in others] == ["oven", "rye"]
    assert first["method"]["url"] == "/docs/method#hashtags-and-sounds"
    assert [each["hashtag"] for each in mine.get("/hashtags?q=O").json()["items"]] == ["oven"]
    assert mine.get("/hashtags?platform=youtube").json()["items"] == []
    page = mine.get("/hashtags?limit=1").json()
    assert mine.get(f"/hashtags?limit=1&cursor={page['next_cursor']}").json()["items"][0]["hashtag"] == "oven"


def test_the_videos_of_a_hashtag_are_found_whatever_the_case_and_before_it_is_counted(
    mine: Caller, database: Database, tenant_id: UUID, videos: dict[str, UUID]
) -> None:
    put(database, tenant_id, [seen("four", 70, account="cleo", hashtags=("BREAD", "new"))])

    assert [each["external_id"] for each in mine.get("/hashtags/Bread/videos").json()["items"]] == ["two", "one", "four"]
    assert [each["external_id"] for each in mine.get("/hashtags/new/videos").json()["items"]] == ["four"]
    assert [each["external_id"] for each in mine.get("/hashtags/bread/videos?sort=views&order=asc&limit=1").json()["items"]] == ["four"]


def test_a_hashtag_that_is_everywhere_is_found_just_the_same(mine: Caller, database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [seen(f"v{number}", number, hashtags=("Bread",)) for number in range(OFTEN)])
    few = mine.get("/hashtags/bread/videos?limit=2").json()
    renew(database, tenant_id)

    many = mine.get(f"/hashtags/bread/videos?limit=2&cursor={few['next_cursor']}").json()

    found = [each["external_id"] for each in (*few["items"], *many["items"])]
    assert found == [f"v{OFTEN - number}" for number in range(1, 5)]


def test_a_sound_comes_with_its_videos(mine: Caller, videos: dict[str, UUID]) -> None:
    (sound,) = mine.get("/sounds").json()["items"]

    assert (sound["external_id"], sound["title"], sound["videos"], sound["views"], sound["artist"]) == (SOUND, "quiet kettle", 2, 400, None)
    found = mine.get(f"/sounds/{sound['sound_id']}/videos").json()["items"]
    assert [each["external_id"] for each in found] == ["two", "one"]
    assert mine.get("/sounds?q=QUIET").json()["items"] == [sound]


def put_comments(database: Database, tenant_id: UUID, video_id: UUID, *comments: CommentFacts, at: datetime = NOON) -> None:
    with database.begin(tenant_id) as uow:
        uow.comments.put(video_id, CommentsRead(SourceName.YOUTUBE_API, at, comments, is_whole=True), expires_at=None)


def test_comments_are_threads_with_their_first_replies(mine: Caller, database: Database, tenant_id: UUID, videos: dict[str, UUID]) -> None:
    video = videos["one"]
    unread = mine.get(f"/videos/{video}/comments").json()
    threads = [CommentFacts(f"c{number}", f"thread {number}", NOON - number * DAY, likes=number) for number in range(3)]
    replies = [CommentFacts(f"c1.{number}", f"reply {number}", NOON + number * DAY, parent_id="c1") for number in range(5)]
    put_comments(database, tenant_id, video, *threads, *replies)

    listed = mine.get(f"/videos/{video}/comments").json()
    liked = mine.get(f"/videos/{video}/comments?sort=likes&limit=1").json()
    then = mine.get(f"/videos/{video}/comments?sort=likes&limit=1&cursor={liked['next_cursor']}").json()

    assert (unread["items"], unread["comments_read_at"]) == ([], None)
    assert (listed["comments_read_at"], listed["is_whole"], listed["is_disabled"]) == ("2026-11-10T12:00:00Z", True, False)
    assert [each["comment_id"] for each in listed["items"]] == ["c0", "c1", "c2"]
    assert [each["comment_id"] for each in listed["items"][1]["first_replies"]] == ["c1.0", "c1.1", "c1.2"]
    assert listed["items"][1]["known_replies"] == 5
    assert ([each["comment_id"] for each in liked["items"]], [each["comment_id"] for each in then["items"]]) == (["c2"], ["c1"])


def test_the_replies_of_a_thread_come_page_by_page(mine: Caller, database: Database, tenant_id: UUID, videos: dict[str, UUID]) -> None:
    video = videos["one"]
    dated = [CommentFacts(f"r{number}", "x", NOON + number * DAY, parent_id="c1") for number in range(3)]
    put_comments(database, tenant_id, video, CommentFacts("c1", "x", NOON), *dated, CommentFacts("r9", "x", None, parent_id="c1"))

    found, cursor = [], ""
    for _ in range(4):
        answer = mine.get(f"/videos/{video}/comments?parent_id=c1&limit=1{cursor}").json()
        found += [each["comment_id"] for each in answer["items"]]
        cursor = f"&cursor={answer['next_cursor']}"

    assert (found, answer["has_more"]) == (["r0", "r1", "r2", "r9"], False)


def test_a_newer_reading_of_a_comment_wins_and_an_older_one_changes_nothing(
    mine: Caller, database: Database, tenant_id: UUID, videos: dict[str, UUID]
) -> None:
    video = videos["one"]
    put_comments(database, tenant_id, video, CommentFacts("c1", "second", NOON, likes=9), at=NOON + DAY)
    put_comments(database, tenant_id, video, CommentFacts("c1", "first", NOON, likes=1), at=NOON)
    put_comments(database, tenant_id, video, CommentFacts("c1", "third", NOON), at=NOON + 2 * DAY)

    (comment,) = mine.get(f"/videos/{video}/comments").json()["items"]

    assert (comment["text"], comment["likes"], comment["seen_at"]) == ("third", 9, "2026-11-12T12:00:00Z")


def test_a_series_has_every_day_and_says_why_it_cannot_be_drawn(mine: Caller, database: Database, tenant_id: UUID) -> None:
    today = datetime.now(UTC)
    row = seen("one", 100, posted=today - 2 * DAY, at=today - DAY)
    put(database, tenant_id, [row])
    account = mine.get("/accounts").json()["items"][0]["account_id"]
    bare = mine.get(f"/accounts/{account}/series?days=7").json()
    renew(database, tenant_id)
    once = mine.get(f"/accounts/{account}/series?days=7").json()

    grown = replace(seen("one", 160, posted=today - 2 * DAY, at=today), account=replace(row.account, followers=12))
    put(database, tenant_id, [grown])
    renew(database, tenant_id)
    series = mine.get(f"/accounts/{account}/series?days=7").json()

    assert (bare["gains"]["available"], "not made yet" in bare["gains"]["reason"]) == (False, True)
    assert (once["gains"]["available"], "two moments" in once["gains"]["reason"], once["followers"]["available"]) == (False, True, False)
    assert series["gains"] == series["followers"] == {"available": True, "reason": None}
    assert [day["day"] for day in series["days"]] == [f"{today - back * DAY:%Y-%m-%d}" for back in range(6, -1, -1)]
    assert [day["views_gained"] for day in series["days"]] == [0, 0, 0, 0, 0, 0, 60]
    assert [day["posts"] for day in series["days"]] == [0, 0, 0, 0, 1, 0, 0]
    assert [day["followers"] for day in series["days"]] == [None] * 6 + [12]


def test_searches_are_listed_newest_first(mine: Caller, database: Database, tenant_id: UUID, videos: dict[str, UUID]) -> None:
    for search_type, query in (("hashtag", "bread"), ("term", "why does bread rise")):
        with database.begin(tenant_id) as uow:
            uow.searches.add({"search_id": new_id(), "search_type": search_type, "query": query, "platform": "tiktok",
                              "results_count": 1, "results": [videos["one"]], "fetched_at": NOON})  # fmt: skip

    listed = mine.get("/search/history").json()["items"]

    assert [each["query"] for each in listed] == ["why does bread rise", "bread"]
    assert (listed[0]["results"], listed[0]["results_count"]) == ([str(videos["one"])], 1)
    assert [each["query"] for each in mine.get("/search/history?search_type=hashtag").json()["items"]] == ["bread"]


def test_removed_videos_are_shown_as_such_and_can_be_filtered(
    mine: Caller, database: Database, tenant_id: UUID, videos: dict[str, UUID]
) -> None:
    with database.begin(tenant_id) as uow:
        uow.removals.mark(Platform.TIKTOK, {"one": "private"}, now=NOON + DAY)

    one = mine.get(f"/videos/{videos['one']}").json()

    assert (one["is_removed"], one["removed_since"], one["removed_reason"], one["views"]) == (True, "2026-11-11T12:00:00Z", "private", 100)
    assert [each["external_id"] for each in mine.get("/videos?is_removed=true").json()["items"]] == ["one"]
    assert [each["external_id"] for each in mine.get("/videos?is_removed=false").json()["items"]] == ["two", "three"]


def test_stats_count_what_people_made(mine: Caller, database: Database, tenant_id: UUID, videos: dict[str, UUID]) -> None:
    mine.post("/collections", json={"name": "Spring"})
    put_comments(database, tenant_id, videos["one"], CommentFacts("c1", "x", NOON))

    stats = mine.get("/stats").json()

    assert (stats["collections"], stats["comments_kept"], stats["removed"], stats["hashtags"], stats["sounds"]) == (2, 1, 0, 3, 1)
    assert stats["last_scraped_at"] == "2026-11-10T12:00:00Z"
