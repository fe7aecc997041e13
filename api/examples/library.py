"""Examples of collections, comments, hashtags, sounds, activity and series."""

from datetime import date, timedelta

from api.examples.catalogue import ACCOUNT_PAGE, VIDEO_PAGE
from api.examples.shape import ACCOUNT, ACTIVITY, COLLECTION, CURSOR, FIRST_SEEN, NOON, POSTED, SEARCH, SOUND, USER, VIDEO, Example
from api.figures import MethodOut
from api.library.activity import Action, ActivityIn, ActivityOut, SearchEntryOut
from api.library.collections import CollectionIn, CollectionOut
from api.library.comments import CommentOut, CommentsOut
from api.library.names import HashtagOut, SoundOut
from api.library.series import AccountDayOut, AccountSeriesOut, Available
from api.pages import Page

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

EXAMPLES = {
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
