"""The reports of an own channel and of its young videos, chunk by chunk. A report that cannot be had stops no other, and why is kept.

Every chunk is kept with its watermark in one transaction, so that a run that is stopped goes on where it was. Nothing is fetched inside.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain import owner_sync as planned
from domain.analytics import Window
from domain.errors import SourceRefused
from domain.observations import Observed, Selection, VideoFacts
from domain.owner_figures import DayFigures, lifetime
from domain.owner_reports import SPECS, Unavailable, figures_of, is_covered
from domain.owner_sync import CHANNEL_REPORTS, OwnVideo
from domain.sources import Report, ReportAsk, ReportRead
from services.keeping import keep
from services.owner_sync import SOURCE, OwnReading
from services.tracking import ask_insights
from services.work import Work
from store.owner import WHOLE, KnownFigure, Subject
from store.work import UnitOfWork


@dataclass(slots=True)
class Tally:
    """What the reports came to, so far. `unavailable`: reports that cannot be had."""

    calls: int = 0
    figures: int = 0
    unavailable: int = 0
    videos: int = 0


def read_reports(work: Work, reading: OwnReading, *, now: datetime) -> Tally:
    """Read every report of the channel, then those of its young videos."""
    reports = _Reports(work, reading, now, Tally())
    for number, report in enumerate(CHANNEL_REPORTS):
        reports.read(report)
        work.report((number + 1) / (len(CHANNEL_REPORTS) + 1), f"{report} of {reading.channel.name}")
    with work.begin() as uow:
        since = now - timedelta(days=planned.VIDEO_DAYS)
        videos = uow.own_channels.videos(reading.channel_id, since=since, limit=planned.MOST_VIDEOS)
    reports.read_videos(planned.young_videos(videos, now))
    reports.read_retentions(videos)
    with work.begin() as uow:
        uow.own_channels.finish(reading.channel_id, now=now)
        ask_insights(uow, now=now, subject="sync")
    return reports.tally


def by_day(uow: UnitOfWork, subject: Subject, window: Window, *, as_of: datetime | None = None) -> list[DayFigures]:
    """A report that has no other dimension, day by day."""
    return as_days(uow.owner.days(subject, window, as_of=as_of))


def as_days(figures: Iterable[KnownFigure]) -> list[DayFigures]:
    """Figures by day, in order, as one line per day."""
    found: dict[date, dict[str, Decimal]] = {}
    for each in figures:
        found.setdefault(each.first_day, {})[each.metric] = each.value
    return [DayFigures(day, figures) for day, figures in found.items()]


@dataclass(frozen=True, slots=True)
class _Reports:
    """Reads the reports of one channel."""

    work: Work
    reading: OwnReading
    now: datetime
    tally: Tally

    def read(self, report: Report) -> None:
        subject = Subject(self.reading.channel_id, report)
        if not self._may(report):
            self._note(subject, Unavailable.NO_SCOPE, None, self.now)
        elif SPECS[report].is_by_day:
            self._read_days(subject)
        else:
            self._read_windows(subject)

    def _may(self, report: Report) -> bool:
        return is_covered(SPECS[report], self.reading.grant.scopes)

    def _read_windows(self, subject: Subject) -> None:
        with self.work.begin() as uow:
            windows = planned.whole_windows(uow.owner.windows_read(subject), planned.newest_day(self.now))
        for window in windows:
            if not self._read_window(subject, window, covered=window):
                return

    def _read_days(self, subject: Subject, video: OwnVideo | None = None) -> None:
        floor = planned.day_of(video.posted_at) if video is not None and video.posted_at is not None else None
        with self.work.begin() as uow:
            known = uow.owner.coverage(subject.channel_id, subject.report).get(subject.video_id)
        covered = known.window if known else None
        for window in planned.day_windows(covered, planned.newest_day(self.now), floor=floor):
            covered = planned.widened(covered, window)
            if not self._read_window(subject, window, covered=covered, video=video):
                return

    def _read_window(self, subject: Subject, window: Window, *, covered: Window, video: OwnVideo | None = None) -> bool:
        """Ask for one window and keep the answer with its watermark. False: the report cannot be had, and why was noted."""
        key = video.external_id if video else None
        ask = ReportAsk(subject.report, self.reading.external_id, window.first_day, window.last_day, key)
        self.tally.calls += 1
        try:
            read = self.reading.own.report(self.reading.grant, ask, self.reading.errand)
        except SourceRefused as error:
            if error.category == "invalid_grant":
                raise
            reason = Unavailable.NO_SCOPE if error.category == "no_scope" else Unavailable.REFUSED
            self._note(subject, reason, str(error), self.now)
            return False
        if read.unavailable is not None:
            self._note(subject, _reason(read.unavailable), read.unavailable, read.fetched_at)
            return False
        self._keep(subject, window, read, covered)
        return True

    def _keep(self, subject: Subject, window: Window, read: ReportRead, covered: Window) -> None:
        figures = figures_of(subject.report, read.rows, window.first_day, window.last_day)
        with self.work.begin() as uow:
            uow.owner.put_availability(subject, reason=None, covered=covered, read_at=read.fetched_at)
            put = uow.owner.put(subject, window, figures, known_at=read.fetched_at, source=SOURCE)
        self.tally.figures += len(put)

    def _note(self, subject: Subject, reason: Unavailable, detail: str | None, at: datetime) -> None:
        self.tally.unavailable += 1
        with self.work.begin() as uow:
            uow.owner.put_availability(subject, reason=reason, detail=detail, read_at=at)

    def read_videos(self, videos: Sequence[OwnVideo]) -> None:
        """Daily figures of each video, and what they come to over its life."""
        lives = [self._life(video) for video in videos] if self._may(Report.DAILY) else []
        self.tally.videos += len(lives)
        told = [replace(life, line=line) for line, life in enumerate(lives, 1) if life.owner_metrics]
        with self.work.begin() as uow:
            keep(uow, told, source=SOURCE, selection=Selection.CENSUS)

    def _life(self, video: OwnVideo) -> Observed:
        subject = Subject(self.reading.channel_id, Report.DAILY, video.video_id)
        self._read_days(subject, video)
        life = Window(planned.day_of(video.posted_at or self.now), planned.newest_day(self.now))
        with self.work.begin() as uow:
            metrics = lifetime(by_day(uow, subject, life))
        facts = VideoFacts(video.external_id, is_removed=not video.is_public)
        return Observed(1, self.reading.account, self.now, video=facts, owner_metrics=metrics)

    def read_retentions(self, videos: Sequence[OwnVideo]) -> None:
        """Curves of retention, each over its video's whole life so far."""
        with self.work.begin() as uow:
            known = uow.owner.coverage(self.reading.channel_id, Report.RETENTION)
        read = {video_id: each.read_at for video_id, each in known.items() if video_id != WHOLE}
        for video in planned.to_retain(videos, read, self.now) if self._may(Report.RETENTION) else []:
            life = Window(planned.day_of(video.posted_at or self.now), planned.newest_day(self.now))
            self._read_window(Subject(self.reading.channel_id, Report.RETENTION, video.video_id), life, covered=life, video=video)


def _reason(word: str) -> Unavailable:
    return Unavailable(word) if word in set(Unavailable) else Unavailable.REFUSED
