"""One good row of each format, and the short way to read rows."""

from collections.abc import Mapping
from datetime import UTC, datetime

from domain.imports.normalise import Normaliser, normaliser
from domain.imports.params import ImportParams
from domain.imports.shapes import TableKind, TableShape
from domain.observations import Observed, Rejected

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SEEN = datetime(2022, 2, 1, tzinfo=UTC)
GIVEN = ImportParams(observed_at=SEEN)
OWNER = ImportParams(observed_at=SEEN, account_title="A channel")
NO_YEAR = ImportParams(year=2017)

TRENDING: Mapping[str, object] = {
    "video_id": "abcdefghij1",
    "trending_date": "17.14.11",
    "title": "A title #one",
    "channel_title": "Channel",
    "category_id": "24",
    "publish_time": "2017-11-13T17:13:01.000Z",
    "tags": 'first|"second tag"',
    "views": "1000",
    "likes": "10",
    "dislikes": "1",
    "comment_count": "5",
    "thumbnail_link": "https://i.ytimg.com/vi/abcdefghij1/default.jpg",
    "comments_disabled": "False",
    "ratings_disabled": "False",
    "video_error_or_removed": "False",
    "description": r"Line one\nLine two by @someone",
}
EARLY: Mapping[str, object] = {
    "video_id": "abcdefghij1",
    "title": "A title",
    "channel_title": "Channel",
    "category_id": "10",
    "tags": "[none]",
    "views": "1000",
    "likes": "10",
    "dislikes": "1",
    "comment_total": "5",
    "thumbnail_link": "https://i.ytimg.com/vi/abcdefghij1/default.jpg",
    "date": "13.09",
}
STUDIO: Mapping[str, object] = {
    "Video": " -bcdefghij1",
    "Video title": "A title",
    "Video publish time": "May 8, 2020",
    "Comments added": "907",
    "Shares": "9583",
    "Dislikes": "942",
    "Likes": "46903",
    "Subscribers lost": "451",
    "Subscribers gained": "46904",
    "RPM (USD)": "6.353",
    "CPM (USD)": "",
    "Average percentage viewed (%)": "36.65",
    "Average view duration": "0:03:09",
    "Views": "1253559",
    "Watch time (hours)": "65850.7042",
    "Subscribers": "-3",
    "Your estimated revenue (USD)": "7959.533",
    "Impressions": "26498799",
    "Impressions click-through rate (%)": "3.14",
}
CHANNEL: Mapping[str, object] = {
    "video_id": "v=abcdefghij1&t=12s",
    "title": "5 THINGS",
    "active_since_days": "730",
    "duration_seconds": "623",
    "total_views": "295614",
}
SCRAPED: Mapping[str, object] = {
    "id": "6907228749016714497",
    "text": "Hello @friend #tag",
    "createTime": 1608214517,
    "authorMeta": {"id": "6825540583826768902", "name": "someone", "nickName": "Some One", "verified": False, "signature": "hi"},
    "musicMeta": {"musicId": "6790057285814061057", "musicName": "Element"},
    "covers": {"default": "https://example.org/c"},
    "webVideoUrl": "https://example.org/v",
    "videoMeta": {"duration": 15},
    "diggCount": 3710,
    "shareCount": 50,
    "playCount": 44800,
    "commentCount": 68,
    "mentions": ["@friend"],
    "hashtags": [{"id": "1", "name": "Tag"}],
}
VIDEO_ROW: Mapping[str, object] = {
    "user_name": "someone",
    "user_id": "107955",
    "video_id": "6994857340839234821",
    "video_desc": "1 guy @friend",
    "video_time": "1628617138",
    "video_length": "34",
    "video_link": "https://example.org",
    "n_likes": "384700",
    "n_shares": "6087",
    "n_comments": "56200",
    "n_plays": "3100000",
}
HASHTAG_ROW: Mapping[str, object] = {
    "author_id": "6832141644758975494",
    "author_uniqueId": "someone",
    "author_nickname": "Some One",
    "author_verification": "True",
    "author_followerCount": "3100000",
    "author_heartCount": "541.2K",
    "video_id": "6839416095586159878",
    "video_desc": "Repost #funny",
    "video_duration": "13",
    "video_stats": "35600000",
    "video_shareCount": "2700000",
    "video_commentCount": "475900",
    "video_playCount": "280900000",
    "music_id": "6839416100652894982",
    "music_title": "original",
}
AUTHOR_ROW: Mapping[str, object] = {"": "0", "Author Unique ID": "someone", "Author Nickname": "Some One", "Verified?": "True"}
YTDLP: Mapping[str, object] = {
    "id": "abcdefghij1",
    "title": "A title",
    "extractor_key": "Youtube",
    "epoch": 1700000000,
    "upload_date": "20231101",
    "view_count": 12,
    "like_count": None,
    "comment_count": 3,
    "channel_id": "UC123",
    "uploader_id": "@handle",
    "channel": "Channel",
    "duration": 61.4,
    "webpage_url": "https://www.youtube.com/shorts/abcdefghij1",
    "categories": ["Music"],
    "tags": ["a", "b"],
}
OWN: Mapping[str, object] = {
    "platform": "tiktok",
    "account_external_id": "42",
    "video_external_id": "43",
    "observed_at": "2024-05-01T12:00:00Z",
    "views": 7,
    "title": "A #title",
    "posted_at": "2024-04-30",
    "owner_metrics": {"watch_hours": "1.5"},
}

STUDIO_DAY: Mapping[str, object] = {
    "Date": "2022-01-20",
    "Views": "1,200",
    "Watch time (hours)": "50.5",
    "Subscribers gained": "12",
    "Impressions click-through rate (%)": "4.2",
    "Your estimated revenue (USD)": "7.953",
    "CPM (EUR)": "6.1",
}
DAYS_OF = ImportParams(observed_at=SEEN, account_external_id="UC123")

ROWS = {
    "trending": (TRENDING, ImportParams()),
    "early": (EARLY, NO_YEAR),
    "studio": (STUDIO, OWNER),
    "studio_day": (STUDIO_DAY, DAYS_OF),
    "channel": (CHANNEL, OWNER),
    "scraped": (SCRAPED, GIVEN),
    "video": (VIDEO_ROW, GIVEN),
    "hashtag": (HASHTAG_ROW, GIVEN),
    "author": (AUTHOR_ROW, GIVEN),
    "ytdlp": (YTDLP, GIVEN),
    "own": (OWN, GIVEN),
}


def shape_of(row: Mapping[str, object], context: Mapping[str, str] | None = None) -> TableShape:
    return TableShape(TableKind.CSV, tuple(row), (row,), context or {})


def reader_for(row: Mapping[str, object], params: ImportParams) -> Normaliser:
    return normaliser(shape_of(row), params, now=NOW)


def read(row: Mapping[str, object], params: ImportParams, **changes: object) -> Observed | Rejected:
    return reader_for(row, params).read(2, {**row, **changes})


def observed(row: Mapping[str, object], params: ImportParams, **changes: object) -> Observed:
    found = read(row, params, **changes)
    assert isinstance(found, Observed), found
    return found


def rejected(row: Mapping[str, object], params: ImportParams, **changes: object) -> Rejected:
    found = read(row, params, **changes)
    assert isinstance(found, Rejected), found
    return found
