"""The packaged plans: read from `plans.toml`, loaded into the table `plans` whenever the schema is brought to head, and read from there."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from domain.plans import Limit, Plan, PlanPrice
from domain.usage import Period
from store.repository import Repository

FILE = Path(__file__).with_name("plans.toml")
# An older process that starts late changes nothing.
_LOAD = """
insert into plans as p (plan, title, limits, clip_watermark, position, version, is_public, features, prices, day_usd, month_usd)
values (:plan, :title, cast(:limits as jsonb), :watermark, :position, :version, true, cast(:features as jsonb), cast(:prices as jsonb),
  :day_usd, :month_usd)
on conflict (plan) do update set title = excluded.title, limits = excluded.limits, clip_watermark = excluded.clip_watermark,
  position = excluded.position, version = excluded.version, is_public = true, features = excluded.features, prices = excluded.prices,
  day_usd = excluded.day_usd, month_usd = excluded.month_usd
where p.version < excluded.version"""
_COLUMNS = "plan, title, features, limits, prices, day_usd, month_usd, clip_watermark"


@dataclass(frozen=True, slots=True)
class Packaged:
    """The file: plans from the smallest to the largest."""

    version: int
    plans: tuple[Plan, ...]


def packaged() -> Packaged:
    """Raises msgspec.ValidationError where the file says something that a plan cannot be."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Packaged)


def load(connection: sa.Connection, offered: Packaged | None = None) -> int:
    """Bring the table to the version of what is offered (the file's). Returns how many plans changed; none where the table is as new."""
    found = offered or packaged()
    return sum(
        connection.execute(sa.text(_LOAD), {
            "plan": each.plan, "title": each.title, "watermark": each.clip_watermark, "position": position, "version": found.version,
            "limits": _json({meter: _rule(limit) for meter, limit in each.limits.items()}), "features": _json(each.features),
            "prices": _json(each.prices), "day_usd": each.day_usd, "month_usd": each.month_usd,
        }).rowcount
        for position, each in enumerate(found.plans, start=1)
    )  # fmt: skip


def set_deployment_caps(connection: sa.Connection, day_usd: Decimal, month_usd: Decimal) -> None:
    """What outside calls of all workspaces together may cost."""
    change = sa.text("update deployment_caps set cap_usd = :cap where period = :period and cap_usd <> :cap")
    connection.execute(change, [{"period": Period.DAY, "cap": day_usd}, {"period": Period.MONTH, "cap": month_usd}])


class Plans(Repository):
    """The plans that are offered."""

    def offered(self) -> list[Plan]:
        """From the smallest to the largest."""
        rows = self._run(f"select {_COLUMNS} from plans where is_public order by position, plan")
        return [_plan(row._mapping) for row in rows]

    def current(self) -> tuple[str, str]:
        """The workspace's plan as of now, overrides counted, and the state of its subscription."""
        row = self._run("select plan, status from app.limits_of(:tenant)").one()
        return row.plan, row.status


def _plan(row: Any) -> Plan:
    limits = {meter: msgspec.convert(rule, Limit) for meter, rule in row["limits"].items()}
    return Plan(**{
        **row, "features": tuple(row["features"]), "limits": limits, "prices": msgspec.convert(row["prices"], tuple[PlanPrice, ...]),
    })  # fmt: skip


def _rule(limit: Limit) -> dict[str, Any]:
    """As the meters' function reads it; what is not said is left out."""
    said = msgspec.to_builtins(limit)
    return {name: value for name, value in said.items() if value is not None or name in ("limit", "period")}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
