"""Files about one YouTube channel: the export of YouTube Studio, and a channel's list of videos. Whose they are is a parameter."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from domain.imports import moments
from domain.imports.moments import Moment
from domain.imports.reading import Reading, Record, RowReader, frozen, read_counters
from domain.imports.values import Unreadable, count, figure, shown, text
from domain.imports.words import hashtags, mentions
from domain.imports.youtube import WATCH, video_id
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts

COUNTERS = {"Views": "views", "Likes": "likes", "Dislikes": "dislikes", "Comments added": "comments", "Shares": "shares"}
# Figures only the owner sees. `Subscribers` is gained minus lost and may be negative.
METRICS = {
    "Impressions": "impressions",
    "Impressions click-through rate (%)": "impressions_click_through_percent",
    "Watch time (hours)": "watch_hours",
    "Average percentage viewed (%)": "average_percentage_viewed",
    "Subscribers": "subscribers_net",
    "Subscribers gained": "subscribers_gained",
    "Subscribers lost": "subscribers_lost",
    "Engaged views": "engaged_views",
}
MONEY = {"RPM": "rpm", "CPM": "cpm", "Your estimated revenue": "estimated_revenue", "Estimated revenue": "estimated_revenue"}
VIEW_DURATION = "Average view duration"
PERIOD_NOTE = "Studio counts within the period chosen at export, which the file does not state; the figures are read as of the whole life"
_MONEY = re.compile(r"(?P<name>.+) \((?P<currency>[A-Z]{3})\)\Z")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})\Z", re.ASCII)


def studio_reader(reading: Reading) -> RowReader:
    account = _account(reading)
    metrics = _metric_columns(reading.columns)
    counters = {name: column for column, name in COUNTERS.items() if column in reading.columns}

    def read(line: int, record: Record) -> Observed:
        missing: dict[str, str] = {}
        found = read_counters(record, counters, missing)
        video = _studio_video(record, missing)
        private = _metrics(record, metrics, missing)
        reading.notes[PERIOD_NOTE] += 1
        return Observed(line, account, reading.observed_at, 0, video, found, private, frozen(missing))

    return read


def _studio_video(record: Record, missing: dict[str, str]) -> VideoFacts:
    key = "Video" if "Video" in record else "Content"
    written = str(record.get(key) or "").strip()
    if written.lower() == "total":
        raise Unreadable("the Total row adds up the other rows and is never counted", key)
    title = text(record.get("Video title"), "Video title")
    posted = _posted(record, missing)
    external_id = video_id(written, key)
    return VideoFacts(
        external_id=external_id,
        title=title,
        url=WATCH + external_id,
        posted_at=posted.at if posted else None,
        posted_error_seconds=posted.error_seconds if posted else 0,
        duration_seconds=count(record.get("Duration"), "Duration"),
        hashtags=hashtags(title),
        mentions=mentions(title),
    )


def _posted(record: Record, missing: dict[str, str]) -> Moment | None:
    if not record.get("Video publish time"):
        missing["posted_at"] = "Video publish time is empty in the source"
        return None
    return moments.english(record["Video publish time"], "Video publish time")


def _metric_columns(columns: tuple[str, ...]) -> dict[str, str]:
    """Which column is which metric; an amount of money carries its currency in its name."""
    found = {column: METRICS[column] for column in columns if column in METRICS}
    for column in columns:
        amount = _MONEY.match(column)
        if amount and amount["name"] in MONEY:
            found[column] = f"{MONEY[amount['name']]}_{amount['currency'].lower()}"
    return found


def _metrics(record: Record, columns: Mapping[str, str], missing: dict[str, str]) -> Mapping[str, Decimal]:
    found: dict[str, Decimal] = {}
    for column, metric in columns.items():
        value = figure(record.get(column), column)
        if value is None:
            missing[metric] = f"{column} is empty in the source"
        else:
            found[metric] = value
    if record.get(VIEW_DURATION):
        found["average_view_seconds"] = Decimal(_clock(record[VIEW_DURATION]))
    return MappingProxyType(found)


# By day the table has more of the owner's figures than by video, and its counters are those of the day.
DAY_METRICS = {
    "Views": "views",
    "Likes": "likes",
    "Comments added": "comments",
    "Shares": "shares",
    "Subscribers gained": "subscribers_gained",
    "Subscribers lost": "subscribers_lost",
    "Average percentage viewed (%)": "average_percentage_viewed",
    "Impressions": "impressions",
    "Impressions click-through rate (%)": "impressions_click_through_percent",
    "Monetized playbacks (estimated)": "monetized_playbacks",
}
DAY_MONEY = {"Your estimated revenue": "estimated_revenue", "Estimated revenue": "estimated_revenue", "CPM": "cpm",
             "Playback-based CPM": "playback_cpm"}  # fmt: skip
WATCH_HOURS = "Watch time (hours)"
FOREIGN_MONEY_NOTE = "amounts in another currency than US dollars are left out: they are not added to those that YouTube tells us"


def days_reader(reading: Reading) -> RowReader:
    """The table of Studio by date: one row per day of the whole channel."""
    account = _account(reading)
    metrics, has_foreign = _day_columns(reading.columns)

    def read(line: int, record: Record) -> Observed:
        written = str(record.get("Date") or "").strip()
        if written.lower() == "total":
            raise Unreadable("the Total row adds up the other rows and is never counted", "Date")
        missing: dict[str, str] = {}
        found = dict(_metrics(record, metrics, missing))
        hours = figure(record.get(WATCH_HOURS), WATCH_HOURS)
        if hours is not None:
            found["watch_minutes"] = hours * 60
        reading.notes[FOREIGN_MONEY_NOTE] += 1 if has_foreign else 0
        day = moments.iso(written, "Date").at.date()
        return Observed(line, account, reading.observed_at, 0, owner_metrics=MappingProxyType(found), missing=frozen(missing), day=day)

    return read


def _day_columns(columns: tuple[str, ...]) -> tuple[dict[str, str], bool]:
    """Which column is which metric, and whether some amounts are in another currency."""
    found = {column: DAY_METRICS[column] for column in columns if column in DAY_METRICS}
    amounts = {column: amount for column in columns if (amount := _MONEY.match(column)) and amount["name"] in DAY_MONEY}
    found |= {column: f"{DAY_MONEY[amount['name']]}_usd" for column, amount in amounts.items() if amount["currency"] == "USD"}
    return found, any(amount["currency"] != "USD" for amount in amounts.values())


def _clock(value: object) -> int:
    """`0:03:25` in seconds."""
    found = _CLOCK.match(str(value)[:20].strip())
    if not found:
        raise Unreadable(f"{VIEW_DURATION} is {shown(value)}, not a duration such as 0:03:25", VIEW_DURATION)
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])


def channel_reader(reading: Reading) -> RowReader:
    """`active_since_days` is rounded to whole years for older videos, so it gives no publish date."""
    account = _account(reading)
    missing = frozen({"posted_at": "the file gives only an age in days, rounded to whole years for older videos"})

    def read(line: int, record: Record) -> Observed:
        # The column was cut out of addresses: `v=` before the id, sometimes `&t=12s` behind it.
        external_id = video_id(str(record.get("video_id")).partition("&")[0], "video_id")
        title = text(record.get("title"), "title")
        video = VideoFacts(
            external_id=external_id,
            title=title,
            url=WATCH + external_id,
            duration_seconds=count(record.get("duration_seconds"), "duration_seconds"),
            hashtags=hashtags(title),
            mentions=mentions(title),
        )
        counters = Counters(views=count(record.get("total_views"), "total_views"))
        return Observed(line, account, reading.observed_at, 0, video, counters, missing=missing)

    return read


def _account(reading: Reading) -> AccountFacts:
    return AccountFacts(Platform.YOUTUBE, external_id=reading.params.account_external_id, title=reading.params.account_title)
