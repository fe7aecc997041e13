"""What was counted of one arm on one day (or of one post): checking, and reading it from rows of a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.errors import FieldProblem, Unacceptable
from domain.experiments.plan import ExperimentKind, Metric, Plan
from domain.experiments.schedule import Slot
from domain.imports.values import Unreadable, count, text

COLUMNS = ("impressions", "clicks", "views", "watch_seconds")
NEEDED: Mapping[Metric, tuple[str, ...]] = {
    Metric.CLICK_RATE: ("impressions", "clicks"),
    Metric.VIEWS: ("views",),
    Metric.WATCH_SECONDS: ("views", "watch_seconds"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """One arm in one slot. What was not counted is None."""

    arm: str
    slot: int
    impressions: int | None = None
    clicks: int | None = None
    views: int | None = None
    watch_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A count as somebody tells it: of a day, or of a post by its name."""

    arm: str
    when: date | str
    figures: Mapping[str, int | None]


def placed(plan: Plan, slots: Sequence[Slot], told: Sequence[Told], units: Mapping[str, int], *, today: date) -> list[Count]:
    """Counts in their slots. Units: slot by the name of a post. Raises Unacceptable, naming every row at fault and why."""
    days = {slot.day: slot.slot for slot in slots if slot.day is not None}
    found: list[Count] = []
    problems: list[FieldProblem] = []
    for number, each in enumerate(told):
        slot = units.get(each.when) if isinstance(each.when, str) else days.get(each.when)
        wrong = _wrong(plan, slots, each, slot, today=today)
        if wrong or slot is None:
            problems.append(FieldProblem(f"/counts/{number}", wrong or "no such day"))
        else:
            found.append(Count(each.arm, slot, **each.figures))
    problems += _twice(found)
    if problems:
        raise Unacceptable("the counts cannot be accepted: nothing was kept", tuple(problems[:50]))
    return found


def _wrong(plan: Plan, slots: Sequence[Slot], told: Told, slot: int | None, *, today: date) -> str | None:
    if told.arm not in {arm.name for arm in plan.arms}:
        return "there is no such arm in the plan"
    if slot is None:
        is_choice = plan.kind is ExperimentKind.CHOICE
        return "no arm was drawn for this post: ask for its assignment first" if is_choice else "the day is not one of the plan's"
    if isinstance(told.when, date) and told.when > today:
        return "the day has not come yet"
    if slots[slot].arm not in (None, told.arm):
        return f"the plan shows arm {slots[slot].arm!r} there: counts of another arm were not drawn by chance"
    return _impossible(plan, told.figures)


def _impossible(plan: Plan, figures: Mapping[str, int | None]) -> str | None:
    lacking = [name for name in NEEDED[plan.metric] if figures.get(name) is None]
    if lacking:
        return f"{' and '.join(lacking)} must be counted for {plan.metric}"
    if (figures.get("clicks") or 0) > (figures.get("impressions") or figures.get("clicks") or 0):
        return "more clicks than impressions"
    return None


def _twice(counts: Iterable[Count]) -> Iterator[FieldProblem]:
    seen: set[tuple[str, int]] = set()
    for number, each in enumerate(counts):
        if (each.arm, each.slot) in seen:
            yield FieldProblem(f"/counts/{number}", "this arm and day are there twice in one call")
        seen.add((each.arm, each.slot))


def told_of(row: Mapping[str, object], plan: Plan) -> Told:
    """A row of a table with the columns `arm`, `day` (`post` for a choice), and any of `COLUMNS`. Raises Unreadable."""
    where = "post" if plan.kind is ExperimentKind.CHOICE else "day"
    arm, when = text(row.get("arm"), "arm"), text(_written(row.get(where)), where)
    if arm is None or when is None:
        raise Unreadable(f"arm and {where} are needed in every row")
    figures = {name: count(row.get(name), name) for name in COLUMNS if name in row}
    return Told(arm, when if plan.kind is ExperimentKind.CHOICE else _day(when), figures)


def _written(value: object) -> object:
    return value.isoformat()[:10] if isinstance(value, date) else value


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise Unreadable(f"day is {value[:40]!r}, not a date such as 2026-11-01", "day") from None
