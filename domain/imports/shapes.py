"""What a table looks like, and which format that is. Recognised by columns, never by a file name; rows are read elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from domain.errors import FieldProblem, Unacceptable

NO_CONTEXT: Mapping[str, str] = MappingProxyType({})


class TableKind(StrEnum):
    """How the rows are written down."""

    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"
    PARQUET = "parquet"
    FILES = "files"


class ImportFormat(StrEnum):
    """Which source wrote the table."""

    YOUTUBE_TRENDING = "youtube_trending"
    YOUTUBE_TRENDING_EARLY = "youtube_trending_early"
    YOUTUBE_STUDIO = "youtube_studio"
    YOUTUBE_STUDIO_DAYS = "youtube_studio_days"
    YOUTUBE_CHANNEL = "youtube_channel"
    TIKTOK_SCRAPER = "tiktok_scraper"
    TIKTOK_VIDEOS = "tiktok_videos"
    TIKTOK_HASHTAG = "tiktok_hashtag"
    TIKTOK_AUTHORS = "tiktok_authors"
    YTDLP = "ytdlp"
    WHYRAL = "whyral"


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table before its rows are read. `sample`: its first rows; `context`: plain values that stand beside the rows (JSON only)."""

    kind: TableKind
    columns: tuple[str, ...]
    sample: tuple[Mapping[str, object], ...] = ()
    context: Mapping[str, str] = field(default_factory=lambda: NO_CONTEXT)


# The columns without which a format cannot be read; more may be there. The first format that fits wins.
MARKS: tuple[tuple[ImportFormat, frozenset[str]], ...] = (
    (ImportFormat.YOUTUBE_TRENDING, frozenset({"video_id", "trending_date", "title", "channel_title", "publish_time", "views"})),
    (ImportFormat.YOUTUBE_TRENDING_EARLY, frozenset({"video_id", "title", "channel_title", "views", "comment_total", "date"})),
    (ImportFormat.YOUTUBE_CHANNEL, frozenset({"video_id", "title", "active_since_days", "duration_seconds", "total_views"})),
    (ImportFormat.YOUTUBE_STUDIO, frozenset({"Video", "Video title", "Video publish time", "Views"})),
    (ImportFormat.YOUTUBE_STUDIO, frozenset({"Content", "Video title", "Video publish time", "Views"})),
    (ImportFormat.YOUTUBE_STUDIO_DAYS, frozenset({"Date", "Views"})),
    (ImportFormat.TIKTOK_SCRAPER, frozenset({"id", "authorMeta", "createTime", "playCount", "diggCount"})),
    (ImportFormat.TIKTOK_VIDEOS, frozenset({"user_name", "user_id", "video_id", "video_time", "n_plays"})),
    (ImportFormat.TIKTOK_HASHTAG, frozenset({"author_id", "author_uniqueId", "video_id", "video_stats", "video_playCount"})),
    (ImportFormat.TIKTOK_AUTHORS, frozenset({"Author Unique ID", "Author Nickname"})),
    (ImportFormat.WHYRAL, frozenset({"platform", "video_external_id"})),
    (ImportFormat.WHYRAL, frozenset({"platform", "account_external_id"})),
    (ImportFormat.WHYRAL, frozenset({"platform", "account_username"})),
    (ImportFormat.WHYRAL, frozenset({"platform", "account_title"})),
    (ImportFormat.YTDLP, frozenset({"id", "extractor_key"})),
    (ImportFormat.YTDLP, frozenset({"id", "extractor"})),
)

# Recognised, and refused with the sentence that says why.
REFUSED: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"Comments", "Comment_ID", "VidId"}),
        "this is a file of comments; Whyral imports videos and accounts, so export the table of videos from YouTube Studio instead",
    ),
    *(
        (
            frozenset({"Date", key, "Video title"}),
            "this is the chart's data, by video and day; export the table, by content or by date, from YouTube Studio instead",
        )
        for key in ("Content", "Video")
    ),
)


def recognise(shape: TableShape) -> ImportFormat:
    columns = frozenset(shape.columns)
    for marks, sentence in REFUSED:
        if marks <= columns:
            raise refusal(sentence)
    for known, marks in MARKS:
        if marks <= columns:
            return known
    seen = ", ".join(repr(name[:40]) for name in shape.columns[:12])
    raise refusal(f"its columns are not those of a format we read: {seen or 'there are none'}")


def refusal(sentence: str, pointer: str = "file") -> Unacceptable:
    """The whole file, or a parameter, cannot be accepted."""
    return Unacceptable(f"{pointer}: {sentence}", (FieldProblem(pointer, sentence),))
