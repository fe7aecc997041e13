"""YouTube Analytics API v2: which reports there are, who may see them, and their tables."""

from collections.abc import Mapping
from datetime import date, datetime

from sandbox.google import figures
from sandbox.google.grants import Consent, Grants
from sandbox.google.project import is_monetised
from sandbox.google.tables import Asking, table
from sandbox.google.wording import Refusal, no_key, no_scope, wrong_token
from sandbox.serving import Answered, Asked
from sandbox.world import Clock, Creator, World

PATH = "/v2/reports"
READ = "https://www.googleapis.com/auth/yt-analytics.readonly"
READ_MONEY = "https://www.googleapis.com/auth/yt-analytics-monetary.readonly"
# After "Channel reports" of the documentation, the sandbox's own copy: dimensions that must be there, those that may be, the metrics.
_WATCH = {"views", "engagedViews", "estimatedMinutesWatched", "averageViewDuration", "averageViewPercentage"}
_ACTIVITY = _WATCH | {"likes", "dislikes", "comments", "shares", "subscribersGained", "subscribersLost"}
MONEY = {
    "estimatedRevenue", "estimatedAdRevenue", "grossRevenue", "estimatedRedPartnerRevenue", "monetizedPlaybacks", "playbackBasedCpm",
    "adImpressions", "cpm",
}  # fmt: skip
_PLACE = {"views", "engagedViews", "estimatedMinutesWatched", "averageViewDuration"}
REPORTS: tuple[tuple[set[str], set[str], set[str]], ...] = (
    ({"day"}, set(), _ACTIVITY | MONEY),
    ({"country"}, set(), _ACTIVITY | MONEY),
    ({"subscribedStatus"}, {"day"}, _WATCH),
    ({"deviceType"}, {"day"}, _PLACE),
    ({"insightTrafficSourceType"}, {"day"}, _PLACE),
    ({"insightPlaybackLocationType"}, {"day"}, _PLACE),
    ({"ageGroup", "gender"}, set(), {"viewerPercentage"}),
    ({"elapsedVideoTimeRatio"}, set(), {"audienceWatchRatio", "relativeRetentionPerformance"}),
)


class Analytics:
    """Owners only; a report's day is Pacific time."""

    hosts = ("youtubeanalytics.googleapis.com",)
    paths = (PATH,)

    def __init__(self, world: World, clock: Clock, grants: Grants) -> None:
        self._world, self._clock, self._grants = world, clock, grants

    def answer(self, asked: Asked) -> Answered | None:
        if asked.path != PATH or asked.method != "GET":
            return None
        try:
            return Answered.of_json(self._report(asked))
        except Refusal as refusal:
            return refusal.answer

    def _report(self, asked: Asked) -> dict[str, object]:
        who, query = self._who(asked), asked.query
        metrics, dimensions = query.get("metrics", "").split(","), [name for name in query.get("dimensions", "").split(",") if name]
        creator = self._owned(who, query)
        is_money = not MONEY.isdisjoint(metrics)
        if READ_MONEY not in who.scopes and (is_money or READ not in who.scopes):
            raise no_scope()
        if is_money and not is_monetised(creator):
            raise Refusal(403, "forbidden", "Forbidden")
        first, last = _day(query, "startDate"), _day(query, "endDate")
        if first > last:
            raise Refusal(400, "invalid", "The startDate lies behind the endDate.")
        _demand_report(dimensions, metrics)
        video_id = _video(query, needed="elapsedVideoTimeRatio" in dimensions)
        asking = Asking(creator, video_id, dimensions, metrics, query.get("sort"), _most(query))
        now: datetime = self._clock.now()
        return table(self._world, asking, figures.days(self._world, creator, video_id, first, last, now))

    def _who(self, asked: Asked) -> Consent:
        bearer = asked.headers.get("authorization", "")
        if not bearer:
            raise no_key()
        held = self._grants.holder(bearer.removeprefix("Bearer "))
        if held is None:
            raise wrong_token()
        return held

    def _owned(self, who: Consent, query: Mapping[str, str]) -> Creator:
        kind, _, word = query.get("ids", "").partition("==")
        if kind != "channel" or not word:
            raise Refusal(400, "required", "Required parameter: ids")
        if word not in ("MINE", who.channel_id):
            raise Refusal(403, "forbidden", "Forbidden")
        creator = self._world.creator("youtube", who.channel_id)
        if creator is None:
            raise Refusal(403, "forbidden", "Forbidden")
        return creator


def _demand_report(dimensions: list[str], metrics: list[str]) -> None:
    for must, may, figures_of in REPORTS:
        if must <= set(dimensions) <= must | may and set(metrics) <= figures_of:
            return
    raise Refusal(400, "badRequest", "The query is not supported. Check the documentation for supported queries.")


def _day(query: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        raise Refusal(400, "required" if name not in query else "invalid", f"Invalid value for {name}") from None


def _video(query: Mapping[str, str], *, needed: bool) -> str | None:
    filters = dict(each.partition("==")[::2] for each in query.get("filters", "").split(";") if each)
    if filters.keys() - {"video"} or (needed and "video" not in filters):
        raise Refusal(400, "badRequest", "The query is not supported. Check the documentation for supported queries.")
    return filters.get("video")


def _most(query: Mapping[str, str]) -> int | None:
    words = query.get("maxResults")
    if words is not None and not words.isdigit():
        raise Refusal(400, "invalid", "Invalid value for maxResults")
    return int(words) if words else None
