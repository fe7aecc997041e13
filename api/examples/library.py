"""Examples of collections, comments, hashtags, sounds, activity, series, added links and searches."""

from datetime import date, timedelta

import msgspec

from api.examples.catalogue import ACCOUNT_PAGE, VIDEO_PAGE
from api.examples.shape import ACCOUNT, ACTIVITY, COLLECTION, CURSOR, FIRST_SEEN, NOON, POSTED, SCRAPE, SEARCH, SOUND, USER, VIDEO, Example
from api.figures import MethodOut
from api.library.activity import Action, ActivityIn, ActivityOut, SearchEntryOut
from api.library.collections import CollectionIn, CollectionOut
from api.library.comments import CommentOut, CommentsOut
from api.library.names import HashtagOut, SoundOut
from api.library.scraping import AddedOut, NotAddedOut, ScrapeIn, ScrapeOut
from api.library.searching import ChartedOut, ChartOut, HashtagIn, SearchOut, TermIn
from api.library.series import AccountDayOut, AccountSeriesOut, Available
from api.pages import Page
from domain.observations import Platform

_COLLECTION_IN = CollectionIn(name="Spring campaign", description="What we answer to", color="#10B981", icon="sun")
_COLLECTION = CollectionOut(
    collection_id=COLLECTION, name="Spring campaign", description="What we answer to", color="#10B981", icon="sun", is_default=False,
    videos=12, accounts=3, created_at=FIRST_SEEN, updated_at=NOON,
)  # fmt: skip
_REPLY = CommentOut(
    comment_id="UgzQ1.8a", parent_id="UgzQ1", author_id=None, author_name="slow_train_3f", text="It keeps for three days",
    likes=2, replies=None, known_replies=0, posted_at=POSTED + timedelta(hours=2), seen_from=NOON, seen_at=NOON, source="youtube_api",
)  # fmt: skip
_COMMENT = CommentOut(
    comment_id="UgzQ1", parent_id=None, author_id="UCq1", author_name="early_riser_a2", text="How long does it keep?", likes=14, replies=1,
    known_replies=1, posted_at=POSTED + timedelta(hours=1), seen_from=NOON, seen_at=NOON, source="youtube_api", first_replies=[_REPLY],
)  # fmt: skip
COMMENTS = CommentsOut(items=[_COMMENT], next_cursor=None, has_more=False, comments_read_at=NOON, is_disabled=False, is_whole=True)
_NAMES = MethodOut(id="uses-of-hashtags/1", url="/docs/method#hashtags-and-sounds")
_HASHTAG = HashtagOut(
    n=41, as_of=NOON, newest_observation=NOON, method=_NAMES, platform="tiktok", hashtag="bread", videos=41, accounts=6, views=310_000,
    likes=15_200,
)  # fmt: skip
_SOUND = SoundOut(
    n=9, as_of=NOON, newest_observation=NOON, method=MethodOut(id="uses-of-sounds/1", url="/docs/method#hashtags-and-sounds"),
    sound_id=SOUND,
    platform="tiktok", external_id="6701234567890123456", title="quiet kettle", artist="Nine Lamps", url=None, duration_seconds=31,
    is_original=False, platform_videos=52_000, videos=9, accounts=4, views=88_000, likes=4_100, last_used_at=POSTED,
)  # fmt: skip
_ACTIVITY = ActivityOut(activity_id=ACTIVITY, video_id=VIDEO, user_id=USER, action="viewed", at=NOON)
_SEARCH = SearchEntryOut(
    search_id=SEARCH, user_id=USER, search_type="hashtag", query="bread", platform="tiktok", country=None, source="tiktok_web",
    fetched_at=NOON, results_count=1, results=[VIDEO], created_at=NOON,
)  # fmt: skip
_SERIES = AccountSeriesOut(
    n=1, as_of=NOON, newest_observation=NOON, method=MethodOut(id="account-series/1", url="/docs/method#account-series"),
    account_id=ACCOUNT,
    gains=Available(available=True, reason=None), followers=Available(available=True, reason=None),
    days=[
        AccountDayOut(
            day=date(2026, 11, 10), posts=1, views_gained=4_300, likes_gained=210, comments_gained=12, shares_gained=8, videos_observed=14,
            followers=18_400,
        )
    ],
)  # fmt: skip

_ADDED = AddedOut(
    url="https://www.tiktok.com/@example_kitchen/video/7301234567890123456", platform="tiktok", account_id=ACCOUNT, videos=[VIDEO],
    new_videos=1,
)  # fmt: skip
_NOT_ADDED = NotAddedOut(url="https://vm.tiktok.com/ZM8gone", error="it was deleted, or was never there", category="not_found")
_SCRAPE = ScrapeOut(
    scrape_id=SCRAPE, collection_id=None, saved=[_ADDED], updated=[], errors=[_NOT_ADDED], waiting=[], request=None, created_at=NOON,
    finished_at=NOON + timedelta(seconds=2),
)  # fmt: skip
_FOUND = SearchOut(
    search_id=SEARCH, search_type="hashtag", query="bread", platform="tiktok", country=None, source="tiktok_web", fetched_at=NOON,
    results_count=1, items=VIDEO_PAGE.items,
)  # fmt: skip
_CHART = ChartOut(
    platform="tiktok", country="US", day=date(2026, 11, 10), captured_at=NOON, source="tiktok_web", is_stale=False, available=True,
    reason=None,
    items=[
        ChartedOut(
            rank=1, external_id="6701234567890123456", title="quiet kettle", artist="Nine Lamps", url=None, duration_seconds=31,
            is_original=False, videos=52_000, sample_videos=["7301234567890123456"],
        )
    ],
)  # fmt: skip

EXAMPLES = {
    "POST /scrape/urls": Example(_SCRAPE, ScrapeIn(urls=[_ADDED.url, _NOT_ADDED.url])),
    "GET /scrape/{scrape_id}": Example(_SCRAPE),
    "POST /search/hashtag": Example(_FOUND, HashtagIn(hashtag="bread", platform=Platform.TIKTOK)),
    "POST /search/term": Example(
        msgspec.structs.replace(_FOUND, search_type="term", query="why does bread rise"),
        TermIn(term="why does bread rise", platform=Platform.TIKTOK),
    ),
    "GET /trending/videos": Example(msgspec.structs.replace(_FOUND, search_type="trending_videos", query=None, country="US")),
    "GET /trending/audio": Example(_CHART),
    "POST /videos/{video_id}/comments/refresh": Example(COMMENTS),
    "GET /collections": Example(Page(items=[_COLLECTION], next_cursor=CURSOR, has_more=True)),
    "POST /collections": Example(_COLLECTION, _COLLECTION_IN),
    "GET /collections/{collection_id}": Example(_COLLECTION),
    "PUT /collections/{collection_id}": Example(_COLLECTION, _COLLECTION_IN),
    "GET /collections/{collection_id}/videos": Example(VIDEO_PAGE),
    "POST /collections/{collection_id}/videos/{video_id}": Example(_COLLECTION),
    "GET /collections/{collection_id}/accounts": Example(ACCOUNT_PAGE),
    "POST /collections/{collection_id}/accounts/{account_id}": Example(_COLLECTION),
    "GET /videos/{video_id}/comments": Example(COMMENTS),
    "GET /hashtags": Example(Page(items=[_HASHTAG], next_cursor=CURSOR, has_more=True)),
    "GET /hashtags/{hashtag}/videos": Example(VIDEO_PAGE),
    "GET /sounds": Example(Page(items=[_SOUND], next_cursor=None, has_more=False)),
    "GET /sounds/{sound_id}/videos": Example(VIDEO_PAGE),
    "POST /videos/{video_id}/activity": Example(_ACTIVITY, ActivityIn(action=Action.VIEWED)),
    "GET /activity": Example(Page(items=[_ACTIVITY], next_cursor=None, has_more=False)),
    "GET /search/history": Example(Page(items=[_SEARCH], next_cursor=None, has_more=False)),
    "GET /accounts/{account_id}/series": Example(_SERIES),
}
