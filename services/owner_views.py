"""What an owner is shown of a channel: reports over a window, as of a moment, or why there is nothing. Formulas: `domain.owner_figures`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.analytics import Window
from domain.channels import Channel, ChannelStatus
from domain.owner_figures import DayFigures, Slice, change, is_comparable, newest, slices, totals
from domain.owner_reports import LAG_DAYS, Unavailable
from domain.owner_sync import newest_day
from domain.sources import Report
from services.owner_reports import as_days, by_day
from store.owner import WHOLE, KnownFigure, Subject
from store.work import UnitOfWork

# How far back the newest day is looked for.
_LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every view says of itself. `reason` is None where there are figures; `known_at`: when the newest of them was learned."""

    channel_id: UUID
    window: Window | None
    reason: Unavailable | None
    n: int
    known_at: datetime | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Days:
    """A report by day: its days, and what they come to."""

    frame: Frame
    days: Sequence[DayFigures]
    totals: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Parts:
    """A report by parts over a window."""

    frame: Frame
    parts: Sequence[Slice]


@dataclass(frozen=True, slots=True)
class OwnOverview:
    """A window against the one before it. `change` is empty where one of them lacks days."""

    frame: Frame
    days: Sequence[DayFigures]
    totals: dict[str, Decimal]
    preceding: dict[str, Decimal]
    change: dict[str, float | None] = field(default_factory=dict)


def days_of(uow: UnitOfWork, subject: Subject, window: Window, *, as_of: datetime | None = None) -> Days:
    """A report without further dimensions. Raises NotFound for a channel that is not there."""
    channel = uow.channels.get(subject.channel_id)
    figures = uow.owner.days(subject, window, as_of=as_of)
    found, known_at = as_days(figures), newest(each.known_at for each in figures)
    return Days(_frame(uow, channel, subject, window, len(found), known_at), found, totals(found))


def parts_by_day(uow: UnitOfWork, subject: Subject, window: Window, *, as_of: datetime | None = None) -> Parts:
    """A report by day and one more dimension, added up over the window's days."""
    channel = uow.channels.get(subject.channel_id)
    sums = uow.owner.sums(subject, window, as_of=as_of)
    parts: dict[tuple[str, ...], dict[str, Decimal]] = {}
    for each in sums:
        parts.setdefault(each.dimensions, {})[each.metric] = each.value
    days = max((each.days for each in sums), default=0)
    return Parts(_frame(uow, channel, subject, window, days, newest(each.known_at for each in sums)), slices(parts))


def whole_parts(uow: UnitOfWork, subject: Subject, *, days: int | None = None, as_of: datetime | None = None) -> Parts:
    """A report that covers a whole window: the newest one of that length."""
    channel = uow.channels.get(subject.channel_id)
    window = uow.owner.last_window(subject, days=days, as_of=as_of)
    figures = uow.owner.whole(subject, window, as_of=as_of) if window else []
    parts = _parts(figures)
    return Parts(_frame(uow, channel, subject, window, len(parts), newest(each.known_at for each in figures)), slices(parts))


def _parts(figures: Sequence[KnownFigure]) -> dict[tuple[str, ...], dict[str, Decimal]]:
    parts: dict[tuple[str, ...], dict[str, Decimal]] = {}
    for each in figures:
        parts.setdefault(each.dimensions, {})[each.metric] = each.value
    return parts


def own_overview(uow: UnitOfWork, channel_id: UUID, *, days: int, now: datetime, as_of: datetime | None = None) -> OwnOverview:
    """The last days that have figures, against as many before them."""
    subject = Subject(channel_id, Report.DAILY)
    channel = uow.channels.get(channel_id)
    last = uow.owner.newest_day(subject, since=newest_day(as_of or now) - _LOOK_BACK, as_of=as_of)
    window = window_until(last or newest_day(as_of or now) - timedelta(days=LAG_DAYS - 1), days)
    figures = uow.owner.days(subject, window, as_of=as_of)
    here, before = as_days(figures), by_day(uow, subject, window.preceding(), as_of=as_of)
    frame = _frame(uow, channel, subject, window, len(here), newest(each.known_at for each in figures))
    compared = change(totals(here), totals(before)) if is_comparable(here, before, window) else {}
    return OwnOverview(frame, here, totals(here), totals(before), compared)


def window_until(last: date, days: int) -> Window:
    return Window(last - timedelta(days=days - 1), last)


def _frame(uow: UnitOfWork, channel: Channel, subject: Subject, window: Window | None, n: int, known_at: datetime | None) -> Frame:
    known = uow.owner.availability(channel.channel_id, subject.video_id).get(subject.report)
    reason = None if n else why_nothing(uow, channel, subject)
    return Frame(channel.channel_id, window, reason, n, known_at, known.read_at if known else None)


def why_nothing(uow: UnitOfWork, channel: Channel, subject: Subject) -> Unavailable:
    """Why a report has no figures: of the channel first, then of what was asked for."""
    if channel.status is ChannelStatus.NEEDS_REAUTH:
        return Unavailable.NEEDS_REAUTH
    if channel.external_id is None or channel.status in (ChannelStatus.PENDING_OAUTH, ChannelStatus.ARCHIVED):
        return Unavailable.NOT_CONNECTED
    known = uow.owner.availability(channel.channel_id, subject.video_id).get(subject.report)
    if known is None and subject.video_id != WHOLE:
        # A video's reports are read behind those of its channel.
        known = uow.owner.availability(channel.channel_id).get(Report.DAILY)
    if known is None:
        return Unavailable.NOT_SYNCED
    return Unavailable(known.reason) if known.reason else Unavailable.NO_DATA_YET
