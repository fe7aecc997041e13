"""Charts of sounds, read for everybody: no tenant asks, pays or is charged. What a tenant may ask about them is in `store.trending`."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import structlog

from domain.errors import FieldProblem, SourceFailed, SourceRefused, Unacceptable
from domain.observations import Platform
from domain.ports import Platforms, ReadsCharts
from domain.sources import Answer, Ask, ChartRead
from domain.trending import Country, is_fresh
from store.database import Database
from store.work import SystemWork

log = structlog.get_logger(name=__name__, category="SCRAPE")
# So many places of a chart are read.
PLACES = 100
# What was asked for longer ago than this is not wanted any more.
WANTED = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class NobodysErrand:
    """Calls for nobody: they are made and logged, and may cost nothing, for there is nobody to charge."""

    now: Callable[[], datetime]
    operations: list[str] = field(default_factory=list)

    def fetch(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        """The answer of `call`. Raises SourceRefused where it would cost something."""
        if ask.bucket is not None and ask.units:
            raise SourceRefused(ask.source, "a chart is read for nobody, so it may cost nothing", category="not_configured")
        self.operations.append(ask.operation)
        answer = call()
        log.info("external call", source=ask.source.value, operation=ask.operation, status=answer.status)
        return replace(answer, fetched_at=answer.fetched_at or self.now())


@dataclass(frozen=True, slots=True)
class ChartRefreshed:
    """What became of a chart: whether it was read now, and which ranks there are."""

    is_read: bool
    captured_at: datetime
    ranks: list[int]


def refresh(
    database: Database, platforms: Platforms, country: Country, day: date, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> ChartRefreshed:
    """Read a country's chart unless that was done within the hour. A day that is over keeps the chart that it had.

    Raises Unacceptable for a day that is over and has none, or is yet to come: a chart is of the moment at which it is read.
    """
    with database.begin_system() as system:
        known = system.trending.captured_at(Platform.TIKTOK, country, day)
    if day != now().date():
        if known is None:
            raise Unacceptable(f"chart of {country} on {day}: charts are of today", (FieldProblem("day", f"choose {now().date()}"),))
        return _refreshed(database, country, day, known, is_read=False)
    if known is not None and is_fresh(known, now()):
        return _refreshed(database, country, day, known, is_read=False)
    read = read_chart(platforms, country, now=now)
    with database.begin_system() as system:
        system.trending.put(read, Platform.TIKTOK, day)
    return _refreshed(database, country, day, read.fetched_at, is_read=True)


def read_chart(platforms: Platforms, country: Country, *, now: Callable[[], datetime]) -> ChartRead:
    """Of the first reader who can. An empty chart is no chart."""
    failed: SourceFailed | None = None
    for reader in platforms.reading(Platform.TIKTOK, ReadsCharts):
        try:
            return reader.chart(country, NobodysErrand(now), limit=PLACES)
        except SourceFailed as error:
            failed = failed or error
    lacking = "; ".join(f"{name}: {why}" for name, why in platforms.lacking.items() if name.startswith("tiktok"))
    raise failed or SourceRefused("tiktok", lacking or "nothing is configured that reads charts of sounds", category="not_configured")


def wanted(system: SystemWork) -> list[tuple[Country, datetime]]:
    """Which countries' charts somebody wants newer than they are, and since when."""
    known = set(Country)
    return [
        (Country(country), asked_at)
        for platform, country, asked_at in system.trending.wanted(since=WANTED)
        if platform == Platform.TIKTOK and country in known
    ]


def _refreshed(database: Database, country: Country, day: date, captured_at: datetime, *, is_read: bool) -> ChartRefreshed:
    with database.begin_system() as system:
        return ChartRefreshed(is_read, captured_at, system.trending.ranks(Platform.TIKTOK, country, day))
