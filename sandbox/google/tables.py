"""The tables of Analytics reports: columns, rows, order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.google import figures
from sandbox.google.figures import Day
from sandbox.world import Creator, World

TEXT = {"day", "country", "deviceType", "insightTrafficSourceType", "subscribedStatus", "insightPlaybackLocationType", "ageGroup", "gender"}
WHOLE = {
    "views", "engagedViews", "estimatedMinutesWatched", "averageViewDuration", "likes", "dislikes", "comments", "shares",
    "subscribersGained", "subscribersLost", "monetizedPlaybacks", "adImpressions",
}  # fmt: skip
Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Asking:
    """A report that is known and allowed."""

    creator: Creator
    video_id: str | None
    dimensions: Sequence[str]
    metrics: Sequence[str]
    sort: str | None
    most: int | None


def table(world: World, asking: Asking, days: Sequence[Day]) -> dict[str, object]:
    rows = list(_rows(world, asking, days))
    for name in reversed([each for each in (asking.sort or "").split(",") if each]):
        rows.sort(key=lambda row: row[name.lstrip("-")], reverse=name.startswith("-"))  # type: ignore[arg-type, return-value]
    names = (*asking.dimensions, *asking.metrics)
    said: dict[str, object] = {"kind": "youtubeAnalytics#resultTable", "columnHeaders": [_header(name, asking) for name in names]}
    return said | {"rows": [[row[name] for name in names] for row in rows[: asking.most]]}


def _header(name: str, asking: Asking) -> dict[str, str]:
    kind = "STRING" if name in TEXT else "INTEGER" if name in WHOLE else "FLOAT"
    return {"name": name, "columnType": "DIMENSION" if name in asking.dimensions else "METRIC", "dataType": kind}


def _rows(world: World, asking: Asking, days: Sequence[Day]) -> Iterator[Row]:
    dimensions = set(asking.dimensions)
    if dimensions == {"day"}:
        yield from (_activity(day, asking.creator) for day in days)
    elif dimensions == {"ageGroup", "gender"}:
        shares = figures.people(asking.creator, asking.video_id) if any(day.views for day in days) else {}
        yield from ({"ageGroup": age, "gender": gender, "viewerPercentage": part} for (age, gender), part in shares.items())
    elif dimensions == {"elapsedVideoTimeRatio"}:
        yield from _retention(world, asking, days)
    else:
        yield from _split(asking, days)


def _activity(day: Day, creator: Creator) -> Row:
    return _watched(day.views, day.watched_seconds, day.watched_percent) | {
        "day": day.day.isoformat(),
        "likes": day.likes,
        "dislikes": 0,
        "comments": day.comments,
        "shares": day.shares,
        "subscribersGained": day.gained,
        "subscribersLost": day.lost,
        **figures.money(day.views, creator, day.day),
    }


def _watched(views: int, seconds: float, percent: float) -> Row:
    return {
        "views": views,
        "engagedViews": int(views * 0.8),
        "estimatedMinutesWatched": int(seconds / 60),
        "averageViewDuration": int(seconds / views) if views else 0,
        "averageViewPercentage": round(percent / views, 2) if views else 0.0,
    }


def _split(asking: Asking, days: Sequence[Day]) -> Iterator[Row]:
    """Per day where the day is asked for too, else over all of them; groups without a view have no row."""
    dimension = next(name for name in asking.dimensions if name != "day")
    is_by_day = "day" in asking.dimensions
    for group in [[day] for day in days] if is_by_day else [list(days)]:
        views = sum(day.views for day in group)
        seconds, percent = sum(day.watched_seconds for day in group), sum(day.watched_percent for day in group)
        key = (asking.video_id or asking.creator.native_id, group[0].day if is_by_day else "all")
        for name, part in figures.split(views, dimension, *key).items():
            if part:
                told: Row = {"day": group[0].day.isoformat(), dimension: name} if is_by_day else {dimension: name}
                yield told | _watched(part, seconds * part / views, percent * part / views) | _country(name, part, views, group, asking)


def _country(name: str, part: int, views: int, group: Sequence[Day], asking: Asking) -> Row:
    """What only the report by country has besides."""
    if "country" not in asking.dimensions or not name:
        return {}
    names = ("likes", "comments", "shares", "gained", "lost")
    summed: Row = {each: sum(int(getattr(day, each)) for day in group) * part // views for each in names}
    words = {"gained": "subscribersGained", "lost": "subscribersLost"}
    return {words.get(each, each): amount for each, amount in summed.items()} | figures.money(part, asking.creator, group[0].day)


def _retention(world: World, asking: Asking, days: Sequence[Day]) -> Iterator[Row]:
    """Nothing where nobody has watched in that time."""
    post = world.post("youtube", asking.video_id or "")
    if post is None or post.creator != asking.creator or not any(day.views for day in days):
        return
    for place, there, relative in figures.retention(post):
        yield {"elapsedVideoTimeRatio": place, "audienceWatchRatio": there, "relativeRetentionPerformance": relative}
