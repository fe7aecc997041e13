"""What the workspace may use, has used, and used on which day. The plans themselves are in `api.plans`."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.owner.shapes import exact
from api.security import BEARER, known_caller
from domain.usage import DayUse, MeterUse, PartUse, utc_day
from store.database import Database, Entry

Days = Annotated[int, QueryParameter(ge=1, le=366, description="how many UTC days back, today among them")]


class PartOut(msgspec.Struct, frozen=True, kw_only=True):
    """What one member (`user:<id>`) or one platform (`platform:<name>`) used of it."""

    part: str
    used: int


class MeterOut(msgspec.Struct, frozen=True, kw_only=True):
    """A meter in the period that is running. `remaining` is null without a limit; `upgrade` names the next plan that has more."""

    meter: str
    period: str
    limit: int | None
    used: int
    remaining: int | None
    resets_at: datetime | None
    upgrade: str | None
    parts: list[PartOut]

    @classmethod
    def of(cls, found: MeterUse, parts: list[PartUse]) -> "MeterOut":
        remaining = None if found.limit is None else max(0, found.limit - found.used)
        return cls(
            meter=found.meter, period=found.period, limit=found.limit, used=found.used, remaining=remaining, resets_at=found.resets_at,
            upgrade=found.upgrade, parts=[PartOut(part=each.part, used=each.used) for each in parts if each.meter == found.meter],
        )  # fmt: skip


class UsageOut(msgspec.Struct, frozen=True, kw_only=True):
    """All meters of the plan as of one moment. Periods are of UTC."""

    as_of: datetime
    plan: str
    status: str
    items: list[MeterOut]


class MeterLimitOut(msgspec.Struct, frozen=True, kw_only=True):
    """A meter's limits, overrides counted."""

    meter: str
    period: str
    limit: int | None
    per_user: int | None
    per_platform: int | None
    upgrade: str | None

    @classmethod
    def of(cls, found: MeterUse) -> "MeterLimitOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class LimitsOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the plan allows. `day_usd`, `month_usd`: what paid calls to the outside may cost, in US dollars, as text."""

    plan: str
    status: str
    day_usd: str
    month_usd: str
    items: list[MeterLimitOut]


class DayUseOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken of a meter on a UTC day and not given back; `platform` is null where it was for none."""

    day: date
    meter: str
    platform: str | None
    used: int
    operations: int

    @classmethod
    def of(cls, found: DayUse) -> "DayUseOut":
        return cls(**{name: getattr(found, name) for name in cls.__struct_fields__})


class HistoryOut(msgspec.Struct, frozen=True, kw_only=True):
    """Newest day first; days without use are left out."""

    since: date
    until: date
    items: list[DayUseOut]


class UsageController(Controller):
    """Usage and limits."""

    path = "/me/usage"
    tags = ["money"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def usage(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> UsageOut:
        """What the workspace used of each meter in the period that is running, and who and which platform took it."""
        now = datetime.now(UTC)
        with database.begin(entry) as uow:
            (plan, status), meters, parts = uow.plans.current(), uow.usage.meters(now=now), uow.usage.parts(now=now)
        return UsageOut(as_of=now, plan=plan, status=status, items=[MeterOut.of(each, parts) for each in meters])

    @get("/limits", sync_to_thread=True)
    def limits(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> LimitsOut:
        """What the plan allows, with what was set apart for this workspace."""
        with database.begin(entry) as uow:
            (plan, status), meters, (day, month) = uow.plans.current(), uow.usage.meters(now=datetime.now(UTC)), uow.costs.caps()
        items = [MeterLimitOut.of(each) for each in meters]
        return LimitsOut(plan=plan, status=status, day_usd=exact(day) or "", month_usd=exact(month) or "", items=items)

    @get("/history", sync_to_thread=True)
    def history(self, database: NamedDependency[Database], entry: NamedDependency[Entry], days: Days = 30) -> HistoryOut:
        """What was taken on each day, by meter and platform."""
        until = utc_day(datetime.now(UTC))
        since = until - timedelta(days=days - 1)
        with database.begin(entry) as uow:
            items = [DayUseOut.of(each) for each in uow.usage.history(since=since, until=until)]
        return HistoryOut(since=since, until=until, items=items)
