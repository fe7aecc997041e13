"""What paid calls to the outside have cost the workspace, and may cost: US dollars as text, as the ledger has them. Days are of UTC."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.owner.shapes import exact
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller
from domain.costs import Cost, CostRow, CostsAsked, Forecast, Summary
from domain.money import DECIMALS as PLACES
from domain.usage import utc_day
from store.database import Database, Entry

By = Annotated[Literal["service", "day", "subject", "production", "request", "user"], QueryParameter(description="what to sum by")]
Named = Annotated[str | None, QueryParameter(max_length=300, description="only of these")]
OfRequest = Annotated[UUID | None, QueryParameter(description="only what this request spent")]
PlaceKind = tuple[date, datetime, str]
Days = Annotated[int, QueryParameter(ge=1, le=366, description="how many UTC days back, today among them")]


class ForecastOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the month comes to if its other days cost what the last seven did on average; `n_days`: how many of these cost something.

    `cap_on` is the day on which the month's cap would be reached; null: not in this month.
    """

    n_days: int
    daily_usd: str
    month_usd: str
    month_cap_usd: str
    cap_on: date | None

    @classmethod
    def of(cls, found: Forecast) -> "ForecastOut":
        return cls(
            n_days=found.n_days, daily_usd=_usd(found.daily_usd), month_usd=_usd(found.month_usd), month_cap_usd=_usd(found.month_cap_usd),
            cap_on=found.cap_on,
        )  # fmt: skip


class CostSummaryOut(msgspec.Struct, frozen=True, kw_only=True):
    """The UTC day so far: what was spent and what is held. `remaining_usd` is of the day's cap or of the month's, whichever ends first.

    `videos_remaining`: how many productions of a video that still pays for, each at `production_usd`: the mean of the last seven days',
    or 2.00 as long as there was none.
    """

    day: date
    total_usd: str
    day_cap_usd: str
    month_usd: str
    month_cap_usd: str
    remaining_usd: str
    by_service: dict[str, str]
    production_usd: str
    videos_remaining: int
    forecast: ForecastOut

    @classmethod
    def of(cls, found: Summary, ahead: Forecast) -> "CostSummaryOut":
        return cls(
            day=found.day, total_usd=_usd(found.usd), day_cap_usd=_usd(found.day_cap_usd), month_usd=_usd(found.month_usd),
            month_cap_usd=_usd(found.month_cap_usd), remaining_usd=_usd(found.remaining_usd),
            by_service={name: _usd(usd) for name, usd in found.by_service.items()}, production_usd=_usd(found.production_usd),
            videos_remaining=found.productions_remaining, forecast=ForecastOut.of(ahead),
        )  # fmt: skip


class CostRowOut(msgspec.Struct, frozen=True, kw_only=True):
    """Operations with a name in common. `unknown`: how many of them ended without a known price; they count in full until it is known."""

    name: str
    operations: int
    total_usd: str
    mean_usd: str
    max_usd: str
    unknown: int

    @classmethod
    def of(cls, row: CostRow) -> "CostRowOut":
        mean = row.usd / row.operations
        return cls(
            name=row.name, operations=row.operations, total_usd=_usd(row.usd), mean_usd=_usd(mean), max_usd=_usd(row.max_usd),
            unknown=row.unknown,
        )  # fmt: skip


class BreakdownOut(msgspec.Struct, frozen=True, kw_only=True):
    """All days, the newest first; else the 100 dearest."""

    by: str
    since: date
    until: date
    items: list[CostRowOut]


class CostOut(msgspec.Struct, frozen=True, kw_only=True):
    """A paid call, or some that were made as one. `cost_usd`: what it cost; all of `reserved_usd` as long as that is not known.

    `state`: `reserved` (going on), `committed`, `unknown` (it broke off). `subject` and `production`: what it was for.
    """

    operation: str
    service: str | None
    state: str
    cost_usd: str
    reserved_usd: str
    day: date
    created_at: datetime
    ended_at: datetime | None
    subject: str
    production: str | None
    request_id: UUID | None
    user_id: UUID | None

    @classmethod
    def of(cls, found: Cost) -> "CostOut":
        facts = {name: getattr(found, name) for name in cls.__struct_fields__}
        return cls(**{**facts, "cost_usd": _usd(found.cost_usd), "reserved_usd": _usd(found.reserved_usd)})


class CostController(Controller):
    """Costs."""

    path = "/costs"
    tags = ["money"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_costs(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        service: Named = None, subject: Named = None, production: Named = None, request_id: OfRequest = None, days: Days = 30,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[CostOut]:  # fmt: skip
        """List paid calls, newest first: what each was for, and what it cost. What was released cost nothing, and is left out."""
        scope = f"costs:{service}:{subject}:{production}:{request_id}:{days}"
        after = cursors.read(cursor, scope, PlaceKind) if cursor else None
        since = utc_day(datetime.now(UTC)) - timedelta(days=days - 1)
        wanted = CostsAsked(since, service, subject, production, request_id)
        with database.begin(entry) as uow:
            found = uow.costs.listed(wanted, limit=limit + 1, after=after)
        return page(
            found, limit, shape=CostOut.of, position=lambda each: (each.day, each.created_at, each.operation), cursors=cursors, scope=scope
        )

    @get("/summary", sync_to_thread=True)
    def summary(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> CostSummaryOut:
        """What today has cost, what is left of the caps, and what the month may come to."""
        now = datetime.now(UTC)
        with database.begin(entry) as uow:
            return CostSummaryOut.of(uow.costs.summary(now=now), uow.costs.forecast(now=now))

    @get("/breakdown", sync_to_thread=True)
    def breakdown(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], by: By = "service", days: Days = 7
    ) -> BreakdownOut:
        """Costs by provider, day, subject, production, request or member."""
        until = utc_day(datetime.now(UTC))
        since = until - timedelta(days=days - 1)
        with database.begin(entry) as uow:
            items = [CostRowOut.of(each) for each in uow.costs.breakdown(by, since=since, until=until)]
        return BreakdownOut(by=by, since=since, until=until, items=items)


def _usd(amount: Decimal) -> str:
    return exact(amount, places=PLACES) or ""
