"""An own channel to sync: what its owner would be told, made up by rule, at the port `ReadsOwnData`; and the channel's row."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.analytics import Window
from domain.channels import Channel, ChannelStatus
from domain.errors import SourceFailed
from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts, Visibility
from domain.owner_reports import ANALYTICS, LAG_DAYS, MONETARY, READONLY, SPECS
from domain.owner_sync import newest_day
from domain.ports import Errand
from domain.requests import Request
from domain.sources import AccountRead, Answer, Ask, Grant, PostsRead, Report, ReportAsk, ReportRead, ReportRow, SourceName
from services.owner_sync import OwnReading
from store.database import Database
from store.ids import new_id
from store.owner import WHOLE, Subject
from tests.conftest import Member
from tests.gateways.errand import StraightErrand

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EXTERNAL = "UCsynthetic0000000000001"
EVERYTHING = frozenset({READONLY, ANALYTICS, MONETARY})
PAGE = 50
NAMES = {
    Report.DEMOGRAPHICS: (("age18-24", "female"), ("age18-24", "male"), ("age25-34", "female")),
    Report.GEOGRAPHY: (("DE",), ("US",)),
    Report.DEVICES: (("MOBILE",), ("TV",)),
    Report.TRAFFIC: (("YT_SEARCH",), ("SUBSCRIBER",)),
    Report.SUBSCRIBERS: (("SUBSCRIBED",), ("UNSUBSCRIBED",)),
    Report.PLAYBACK_LOCATIONS: (("WATCH",), ("EMBEDDED",)),
    Report.RETENTION: tuple((f"{step / 100:.2f}",) for step in range(1, 101, 33)),
}


def own_post(
    number: int, *, posted: datetime | None = None, visibility: Visibility = Visibility.PUBLIC, views: int = 100, at: datetime = NOON
) -> Observed:
    """A post of the channel; the higher the number the older it is."""
    facts = VideoFacts(
        f"own{number:08d}",
        title=f"Post {number}",
        posted_at=posted or NOON - (number + 1) * DAY,
        duration_seconds=60,
        visibility=visibility,
    )
    account = AccountFacts(Platform.YOUTUBE, external_id=EXTERNAL, title="Example Kitchen")
    return Observed(number + 1, account, at, video=facts, counters=Counters(views=views, likes=views // 10, comments=views // 50))


@dataclass
class FakeOwnData:
    """Stands at `ReadsOwnData`. `views_of(day)` is what every report adds up to; days that are not there yet have no row."""

    posts: Sequence[Observed] = ()
    now: datetime = NOON
    restated: int = 0
    is_monetised: bool = True
    declared: int | None = None
    trouble: dict[str, SourceFailed] = field(default_factory=dict)
    asked: list[ReportAsk] = field(default_factory=list)
    pages: list[str | None] = field(default_factory=list)
    external_id: str = EXTERNAL

    def own_channel(self, grant: Grant, errand: Errand) -> AccountRead:
        self._ask(errand, "channels.list", "channel")
        declared = self.declared if self.declared is not None else len(self.posts)
        facts = AccountFacts(
            Platform.YOUTUBE, external_id=self.external_id, title="Example Kitchen", followers=1_000, declared_videos=declared
        )
        return AccountRead(SourceName.YOUTUBE_API, self.now, facts, ())

    def own_posts(self, grant: Grant, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        return replace(self.own_channel(grant, errand), posts=tuple(self.posts[:posts]))

    def own_page(self, grant: Grant, errand: Errand, *, page: str | None = None) -> PostsRead:
        self._ask(errand, "playlistItems.list", f"page:{page}")
        self.pages.append(page)
        first = int(page or 0)
        posts = self.posts[first : first + PAGE]
        shown = tuple(replace(post, observed_at=self.now, account=replace(post.account, external_id=self.external_id)) for post in posts)
        more = str(first + PAGE) if first + PAGE < len(self.posts) else None
        return PostsRead(SourceName.YOUTUBE_API, self.now, shown, next_page=more)

    def report(self, grant: Grant, ask: ReportAsk, errand: Errand) -> ReportRead:
        self._ask(errand, "reports.query", f"{ask.report}:{ask.first}:{ask.last}:{ask.video_id}")
        self.asked.append(ask)
        if ask.report is Report.REVENUE and not self.is_monetised:
            return ReportRead(ask.report, self.now, (), unavailable="not_monetised")
        return ReportRead(ask.report, self.now, tuple(self._rows(ask)))

    def _rows(self, ask: ReportAsk) -> Sequence[ReportRow]:
        spec, names = SPECS[ask.report], NAMES.get(ask.report, ((),))
        if not spec.is_by_day:
            return [ReportRow(None, name, {metric: self._value(metric, ask.last, len(names)) for metric in spec.metrics}) for name in names]
        known = newest_day(self.now) - (LAG_DAYS - 1) * DAY
        days = [ask.first + number * DAY for number in range((min(ask.last, known) - ask.first).days + 1)]
        return [
            ReportRow(day.isoformat(), name, {metric: self._value(metric, day, len(names)) for metric in spec.metrics})
            for day in days for name in names
        ]  # fmt: skip

    def _value(self, metric: str, day: date, parts: int) -> Decimal:
        """Views of a day are 100 times its number in the month, and grow by `restated` where the day is of the last week."""
        late = self.restated if newest_day(self.now) - day < 9 * DAY else 0
        if metric == "viewerPercentage":
            return Decimal(100) / parts
        return Decimal(day.day * 100 + late) / parts

    def _ask(self, errand: Errand, operation: str, key: str) -> None:
        def call() -> Answer:
            if operation in self.trouble:
                raise self.trouble[operation]
            return Answer({})

        errand.fetch(Ask(SourceName.YOUTUBE_API, operation, key, is_public=False, is_kept=False), call)


def add_channel(database: Database, member: Member, *, external_id: str | None = EXTERNAL, status: str = "active") -> Channel:
    """A channel of the member, connected as far as its row can tell."""
    with database.begin(member.tenant_id) as uow:
        words: dict[str, object] = {"name": "Example Kitchen", "niche": "Cooking", "external_id": external_id, "status": status}
        return uow.channels.add(channel_id=new_id(), user_id=member.user_id, words=words)


def read_the_past(database: Database, channel: Channel, tenant_id: UUID, *, now: datetime, days: int = 20) -> None:
    """All but the last days are read already: a sync is short. How the past is filled up is tried elsewhere."""
    newest = newest_day(now)
    covered = Window(newest - 400 * DAY, newest - days * DAY)
    with database.begin(tenant_id) as uow:
        for report in (each for each in Report if SPECS[each].is_by_day):
            if WHOLE not in uow.owner.coverage(channel.channel_id, report):
                uow.owner.put_availability(Subject(channel.channel_id, report), reason=None, covered=covered, read_at=now - DAY)


def reading_of(channel: Channel, own: FakeOwnData, *, scopes: frozenset[str] = EVERYTHING, errand: Errand | None = None) -> OwnReading:
    return OwnReading(channel, Grant("connection", "a token", scopes), own, errand or StraightErrand())


def ask_sync(database: Database, channel: Channel, tenant_id: UUID) -> Request:
    with database.begin(tenant_id) as uow:
        params: dict[str, object] = {"channel_id": str(channel.channel_id)}
        return uow.requests.ask(request_id=new_id(), kind="sync", subject=f"sync:{channel.channel_id}", params=params, user_id=None)


__all__ = ["ChannelStatus", "FakeOwnData", "add_channel", "ask_sync", "own_post", "reading_of"]
