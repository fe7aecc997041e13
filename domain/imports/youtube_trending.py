"""YouTube trending lists, one row per video and day: the shape of November 2017 and the earlier one without year and publish time."""

from domain.imports import moments
from domain.imports.moments import Moment, YearlessDays
from domain.imports.reading import Reading, Record, RowReader, frozen, read_counters
from domain.imports.shapes import ImportFormat
from domain.imports.values import Unreadable, flag, text
from domain.imports.words import hashtags, mentions
from domain.imports.youtube import CATEGORIES, WATCH, id_in_thumbnail, video_id
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts

COLUMNS = {"views": "views", "likes": "likes", "dislikes": "dislikes", "comments": "comment_count"}
EARLY_COLUMNS = COLUMNS | {"comments": "comment_total"}
NO_PUBLISH_TIME = "this list has no publish time"


def trending_reader(found: ImportFormat, reading: Reading) -> RowReader:
    """The day of the list is the time of observation: midnight UTC, give or take a day."""
    if found is ImportFormat.YOUTUBE_TRENDING:
        return lambda line, record: _later(line, record, reading)
    days = YearlessDays(reading.params.year or 0)
    return lambda line, record: _early(line, record, reading, days)


def _later(line: int, record: Record, reading: Reading) -> Observed:
    missing: dict[str, str] = {}
    seen = moments.year_day_month(record.get("trending_date"), "trending_date")
    counters = _without_disabled(record, read_counters(record, COLUMNS, missing), missing)
    posted = None
    if record.get("publish_time"):
        posted = moments.iso(record["publish_time"], "publish_time")
    else:
        missing["posted_at"] = "publish_time is empty in the source"
    return _observed(line, record, _video(record, reading, posted), counters, seen, missing)


def _early(line: int, record: Record, reading: Reading, days: YearlessDays) -> Observed:
    before = days.zeros_restored
    seen = days.read(record.get("date"), "date")
    if days.zeros_restored > before:
        reading.notes["dates that had lost the zero of October (20.1 is 20.10, by the order of the list)"] += 1
    missing = {"posted_at": NO_PUBLISH_TIME}
    return _observed(line, record, _video(record, reading, None), read_counters(record, EARLY_COLUMNS, missing), seen, missing)


def _video(record: Record, reading: Reading, posted: Moment | None) -> VideoFacts:
    title = text(record.get("title"), "title")
    description = _description(record.get("description"))
    category = text(record.get("category_id"), "category_id")
    external_id = _external_id(record, reading)
    return VideoFacts(
        external_id=external_id,
        title=title,
        description=description,
        url=WATCH + external_id,
        thumbnail_url=text(record.get("thumbnail_link"), "thumbnail_link"),
        posted_at=posted.at if posted else None,
        posted_error_seconds=posted.error_seconds if posted else 0,
        category=CATEGORIES.get(category, category) if category else None,
        tags=_tags(record.get("tags")),
        hashtags=hashtags(title, description),
        mentions=mentions(title, description),
        is_removed=flag(record.get("video_error_or_removed"), "video_error_or_removed") or False,
    )


def _external_id(record: Record, reading: Reading) -> str:
    """A spreadsheet takes an id that begins with `-` for a formula and writes `#NAME?`; the thumbnail's address still carries the id."""
    written = record.get("video_id")
    if isinstance(written, str) and written.startswith("#"):
        kept = id_in_thumbnail(record.get("thumbnail_link"))
        if kept is None:
            raise Unreadable(f"video_id is {written[:12]!r}, a spreadsheet's error, and no thumbnail address carries the id", "video_id")
        reading.notes["ids that a spreadsheet had destroyed (#NAME?), read from the thumbnail's address"] += 1
        return kept
    return video_id(written, "video_id")


def _description(value: object) -> str | None:
    """The lists write a line break as the two characters backslash and n."""
    if isinstance(value, str) and "\\" in value:
        value = value.replace("\\r", "").replace("\\n", "\n")
    return text(value, "description")


def _tags(value: object) -> tuple[str, ...]:
    """`one|"two words"`; `[none]` says that there are none."""
    written = text(value, "tags")
    if written is None or written == "[none]":
        return ()
    tags = dict.fromkeys([tag.strip('" ') for tag in written.split("|")])
    tags.pop("", None)
    return tuple(tags)


def _without_disabled(record: Record, counters: Counters, missing: dict[str, str]) -> Counters:
    """The lists write 0 where the owner has hidden a counter: that is not a count."""
    hidden: dict[str, int | None] = {}
    if flag(record.get("ratings_disabled"), "ratings_disabled"):
        hidden |= {"likes": None, "dislikes": None}
    if flag(record.get("comments_disabled"), "comments_disabled"):
        hidden |= {"comments": None}
    if not hidden:
        return counters
    missing |= dict.fromkeys(hidden, "hidden by the owner")
    kept = {name: getattr(counters, name) for name in COLUMNS}
    return Counters(**(kept | hidden))


def _observed(line: int, record: Record, video: VideoFacts, counters: Counters, seen: Moment, missing: dict[str, str]) -> Observed:
    account = AccountFacts(Platform.YOUTUBE, title=text(record.get("channel_title"), "channel_title"))
    return Observed(line, account, seen.at, seen.error_seconds, video, counters, missing=frozen(missing))
