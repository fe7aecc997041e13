"""Days of a whole channel out of an export of YouTube Studio, kept beside those that YouTube tells us. Reading rows is `domain.imports`."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from domain.analytics import Window
from domain.catalogue import Outcome, RowOutcome
from domain.errors import FieldProblem, NotFound, Unacceptable
from domain.imports.params import ImportParams
from domain.imports.shapes import ImportFormat
from domain.observations import Observed
from domain.owner_reports import METRICS, SPECS, Figure
from domain.sources import Report
from store.owner import Subject
from store.work import UnitOfWork

_REVENUE = frozenset(METRICS[name] for name in SPECS[Report.REVENUE].metrics)


def check_channel(uow: UnitOfWork, found: ImportFormat, params: ImportParams) -> None:
    """Raises Unacceptable where the days are of a channel that the workspace does not have."""
    key = params.account_external_id or ""
    if found is ImportFormat.YOUTUBE_STUDIO_DAYS and uow.channels.holding(key) is None:
        problem = FieldProblem("account_external_id", "give the id (UC...) of a channel that is connected to this workspace")
        raise Unacceptable(f"account_external_id: no channel of this workspace is {key[:60]}", (problem,))


def put_days(uow: UnitOfWork, rows: Sequence[Observed], *, source: str) -> list[RowOutcome]:
    """Keep the days; tell per row whether it told something new. What the export has no column for is not touched."""
    outcomes: list[RowOutcome] = []
    for (key, known_at), group in groupby(rows, key=lambda row: (row.account.external_id or "", row.observed_at)):
        channel = uow.channels.holding(key)
        if channel is None:
            raise NotFound("channel", key)
        days = list(group)
        changed = set(_put(uow, channel.channel_id, days, known_at, source))
        outcomes += [RowOutcome(row.line, Outcome.ACCEPTED if row.day in changed else Outcome.UNCHANGED) for row in days]
    return outcomes


def _put(uow: UnitOfWork, channel_id: UUID, rows: Sequence[Observed], known_at: datetime, source: str) -> Iterator[date]:
    figures = [
        (metric in _REVENUE, Figure(row.day, row.day, row.day, (), metric, value))
        for row in rows for metric, value in row.owner_metrics.items() if row.day is not None
    ]  # fmt: skip
    for report, is_money in ((Report.DAILY, False), (Report.REVENUE, True)):
        wanted = [figure for money, figure in figures if money is is_money]
        if wanted:
            window = Window(min(each.first_day for each in wanted), max(each.last_day for each in wanted))
            yield from uow.owner.put(Subject(channel_id, report), window, wanted, known_at=known_at, source=source, is_whole=False)
