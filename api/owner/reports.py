"""Audience, traffic, revenue and retention of an own channel (AUD-03 to AUD-05). A report that cannot be had is an answer, not an error."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.figures import AsOf, asked_moment
from api.owner.params import FirstDay, LastDay, Whole, WindowDays, asked_window
from api.owner.shapes import (
    CpmDayOut,
    CpmOut,
    DemographicsOut,
    MoneyOut,
    PartOut,
    PartsOut,
    RetentionOut,
    RetentionPointOut,
    RevenueAvailabilityOut,
    RevenueDayOut,
    RevenueOut,
    ViewersOut,
    exact,
    framed,
)
from api.security import BEARER, known_caller
from domain.owner_figures import AS_REPORTED, DAYS_ADDED, WEIGHTED
from domain.sources import Report
from services.owner_views import days_of, parts_by_day, whole_parts, why_nothing
from store.database import Database, Entry
from store.owner import Subject

VideoParam = Annotated[UUID, QueryParameter(name="video_id", description="which of the channel's videos")]


class OwnerReportController(Controller):
    """What the owner of a channel is told."""

    path = "/channels/{channel_id:uuid}"
    tags = ["owner data"]
    guards = [known_caller]
    security = BEARER

    @get("/audience/demographics", sync_to_thread=True)
    def demographics(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        days: Whole = WindowDays.MONTH, as_of: AsOf = None,
    ) -> DemographicsOut:  # fmt: skip
        """Signed-in viewers by age group and gender, in percent, over the newest window of that length."""
        moment = asked_moment(as_of)
        with database.begin(entry) as uow:
            found = whole_parts(uow, Subject(channel_id, Report.DEMOGRAPHICS), days=days, as_of=moment)
        items = sorted(map(ViewersOut.of, found.parts), key=lambda each: (each.age_group, each.gender))
        return DemographicsOut(**framed(found.frame, AS_REPORTED, moment), items=items)

    @get("/audience/geography", sync_to_thread=True)
    def geography(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        days: Whole = WindowDays.MONTH, as_of: AsOf = None,
    ) -> PartsOut:  # fmt: skip
        """Countries (ISO 3166) by views, the first 250, over the newest window of that length."""
        moment = asked_moment(as_of)
        with database.begin(entry) as uow:
            found = whole_parts(uow, Subject(channel_id, Report.GEOGRAPHY), days=days, as_of=moment)
        return PartsOut(**framed(found.frame, AS_REPORTED, moment), items=list(map(PartOut.of, found.parts)))

    @get("/audience/devices", sync_to_thread=True)
    def devices(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        first_day: FirstDay = None, last_day: LastDay = None, as_of: AsOf = None,
    ) -> PartsOut:  # fmt: skip
        """Kinds of device by views, added up over the days."""
        return _by_parts(database, entry, Subject(channel_id, Report.DEVICES), (first_day, last_day), as_of)

    @get("/traffic/sources", sync_to_thread=True)
    def sources(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        first_day: FirstDay = None, last_day: LastDay = None, as_of: AsOf = None,
    ) -> PartsOut:  # fmt: skip
        """Where viewers came from, by views, added up over the days."""
        return _by_parts(database, entry, Subject(channel_id, Report.TRAFFIC), (first_day, last_day), as_of)

    @get("/traffic/subscribers", sync_to_thread=True)
    def subscribers(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        first_day: FirstDay = None, last_day: LastDay = None, as_of: AsOf = None,
    ) -> PartsOut:  # fmt: skip
        """Views by whether the viewer had subscribed, added up over the days."""
        return _by_parts(database, entry, Subject(channel_id, Report.SUBSCRIBERS), (first_day, last_day), as_of)

    @get("/traffic/playback-locations", sync_to_thread=True)
    def playback_locations(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        first_day: FirstDay = None, last_day: LastDay = None, as_of: AsOf = None,
    ) -> PartsOut:  # fmt: skip
        """Where the player stood (watch page, embedded ...), by views, added up over the days."""
        return _by_parts(database, entry, Subject(channel_id, Report.PLAYBACK_LOCATIONS), (first_day, last_day), as_of)

    @get("/revenue", sync_to_thread=True)
    def revenue(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        first_day: FirstDay = None, last_day: LastDay = None, as_of: AsOf = None,
    ) -> RevenueOut:  # fmt: skip
        """Estimated revenue by day and over the window, in US dollars."""
        moment, window = asked_moment(as_of), asked_window(first_day, last_day)
        with database.begin(entry) as uow:
            found = days_of(uow, Subject(channel_id, Report.REVENUE), window, as_of=moment)
        total = MoneyOut(**MoneyOut.words(found.totals))
        return RevenueOut(**framed(found.frame, DAYS_ADDED, moment), totals=total, items=list(map(RevenueDayOut.of, found.days)))

    @get(["/revenue/cpm", "/cpm"], sync_to_thread=True)
    def cpm(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        first_day: FirstDay = None, last_day: LastDay = None, as_of: AsOf = None,
    ) -> CpmOut:  # fmt: skip
        """What advertisers paid per thousand ads, and per thousand playbacks with ads; over the window weighed by monetized playbacks."""
        moment, window = asked_moment(as_of), asked_window(first_day, last_day)
        with database.begin(entry) as uow:
            found = days_of(uow, Subject(channel_id, Report.REVENUE), window, as_of=moment)
        return CpmOut(
            **framed(found.frame, WEIGHTED, moment), cpm_usd=exact(found.totals.get("cpm_usd")),
            playback_cpm_usd=exact(found.totals.get("playback_cpm_usd")), items=list(map(CpmDayOut.of, found.days)),
        )  # fmt: skip

    @get("/revenue/availability", sync_to_thread=True)
    def revenue_availability(
        self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> RevenueAvailabilityOut:
        """Whether the channel's revenue can be read, and if not, why."""
        with database.begin(entry) as uow:
            channel, known = uow.channels.get(channel_id), uow.owner.availability(channel_id).get(Report.REVENUE)
            reason = None if known and known.is_available else why_nothing(uow, channel, Subject(channel_id, Report.REVENUE))
        return RevenueAvailabilityOut.of(channel_id, known, reason)

    @get("/retention", sync_to_thread=True)
    def retention(
        self, channel_id: FromPath[UUID], video_id: VideoParam, database: NamedDependency[Database], entry: NamedDependency[Entry],
        as_of: AsOf = None,
    ) -> RetentionOut:  # fmt: skip
        """How long one of the channel's videos is watched: the newest curve, over its life so far."""
        moment = asked_moment(as_of)
        with database.begin(entry) as uow:
            uow.own_channels.mark(channel_id, video_id)
            found = whole_parts(uow, Subject(channel_id, Report.RETENTION, video_id), as_of=moment)
        items = sorted(map(RetentionPointOut.of, found.parts), key=lambda point: point.elapsed_share)
        return RetentionOut(**framed(found.frame, AS_REPORTED, moment), video_id=video_id, items=items)


def _by_parts(
    database: Database, entry: Entry, subject: Subject, days: tuple[date | None, date | None], as_of: datetime | None
) -> PartsOut:
    moment, window = asked_moment(as_of), asked_window(*days)
    with database.begin(entry) as uow:
        found = parts_by_day(uow, subject, window, as_of=moment)
    return PartsOut(**framed(found.frame, DAYS_ADDED, moment), items=list(map(PartOut.of, found.parts)))
