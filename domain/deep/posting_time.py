"""When posts were made, in their account's time, and how such posts did. Time is not a cause here: who posts when is not random."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from domain.deep.contrasts import Comparison, Contrast
from domain.deep.rows import row, rows, section, standing_out
from domain.deep.scope import UTC_ASSUMED, Scope

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = 24
NO_SLOT = "no slot's interval, widened for looking at all of them, lies above the other posts"


def posting_time(scope: Scope) -> dict[str, Any]:
    """`table`: the slots that were used, hour x weekday. `best`: the slots whose interval, widened for all slots, lies above the others."""
    comparison = Comparison.of(scope.posts, "outcome", by_format=True)
    hour, weekday = scope.posts["hour"].to_numpy(), scope.posts["weekday"].to_numpy()
    by_hour = comparison.presence({f"{each:02}:00": hour == each for each in range(HOURS)})
    by_weekday = comparison.presence({name: weekday == position for position, name in enumerate(WEEKDAYS)})
    slots, table = slots_of(scope, comparison)
    places = [{"weekday": each // HOURS, "hour": each % HOURS} for each in slots]
    best = best_of(table)
    zones = scope.posts["zone"].value_counts().sort_index()
    return section(
        standing_out([*table, *by_hour, *by_weekday], of="slots, hours and weekdays", what="reach") + _assumed(scope),
        n=comparison.n,
        errors=comparison.errors,
        time_zones={str(zone): int(n) for zone, n in zones.items()},
        table=[place | row(each) for place, each in zip(places, table, strict=True)],
        by_hour=rows(by_hour),
        by_weekday=rows(by_weekday),
        best=rows(best),
        best_reason=None if best else NO_SLOT,
    )


def slots_of(scope: Scope, comparison: Comparison) -> tuple[list[int], tuple[Contrast, ...]]:
    """The slots that were used (24 to a weekday), and each against the account's other posts: one family."""
    slot = scope.posts["weekday"].to_numpy() * HOURS + scope.posts["hour"].to_numpy()
    used = sorted(set(slot[comparison.rows].tolist()))
    return used, comparison.presence({_slot(each): slot == each for each in used})


def best_of(slots: Sequence[Contrast]) -> list[Contrast]:
    """Those whose widened interval lies above the others, the best first."""
    return sorted((each for each in slots if each.stands_out and (each.estimate or 0) > 0), key=lambda each: -(each.estimate or 0))


def _slot(slot: int) -> str:
    return f"{WEEKDAYS[slot // HOURS]} {slot % HOURS:02}:00"


def _assumed(scope: Scope) -> str:
    unknown = int(np.sum(scope.posts["zone"] == UTC_ASSUMED))
    return f" The time zone is unknown for {unknown:,} posts: UTC is used for them." if unknown else ""
