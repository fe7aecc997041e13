"""The experiment that would settle an association: a plan that could be registered as it stands, and what it could see.

What is decided before publication is drawn between two versions of the next posts (`choice`); a title or thumbnail of a video that is out
can take turns by days (`switchback`). Planning itself is in `domain.experiments`.
"""

import math
from typing import Any

from domain.effects.verdicts import Outcome
from domain.errors import Unacceptable
from domain.experiments.asked import Asked, planned
from domain.experiments.plan import MOST_SLOTS, Arm, ExperimentKind, Metric
from domain.experiments.power import slots_needed
from domain.features.feature import subject_of
from domain.planning.evidence import Evidence

ROUTE = "POST /insights/experiments"
# A lift of less than this is nothing that anybody would test for.
LEAST_LIFT = 0.01
LONGEST_NAME = 200
_SWITCHED = frozenset({"title", "thumbnail"})
# Steadier or wilder posts than these are no reason for another plan.
LEAST_NOISE, MOST_NOISE = 0.05, 5.0


def settling(each: Evidence, *, post_spread: float | None) -> dict[str, Any]:
    """`body`: what to send; `mde_lift` what it could see; or the `reason` why no experiment of two years could settle it.

    `post_spread`: log-sd of the account's posts, for a choice; assumed where it is unknown.
    """
    if each.outcome != Outcome.REACH or each.estimate is None:
        return {"route": ROUTE, "body": None, "reason": "own experiments compare views; this is about something else"}
    kind = ExperimentKind.SWITCHBACK if each.group in _SWITCHED else ExperimentKind.CHOICE
    # Two versions: without, and with; where fewer views go with it, leaving it out is what is tested.
    lift = max(LEAST_LIFT, math.floor(1000 * min(math.expm1(abs(each.estimate)), 10.0)) / 1000)
    return _found(each, kind, lift, post_spread if kind is ExperimentKind.CHOICE else None)


def _found(each: Evidence, kind: ExperimentKind, lift: float, post_spread: float | None) -> dict[str, Any]:
    noise = None if post_spread is None else round(min(max(post_spread, LEAST_NOISE), MOST_NOISE), 3)
    asked = Asked(
        kind, f"{subject_of(each.contrast)}?"[:LONGEST_NAME], Metric.VIEWS, _arms(each), MOST_SLOTS, lift, seed=0, day_noise=noise
    )
    unit = "posts" if kind is ExperimentKind.CHOICE else "days"
    try:
        longest, _ = planned(asked)
    except Unacceptable:
        return {"route": ROUTE, "body": None, "reason": f"not even {MOST_SLOTS} {unit} could show a difference of {lift:.0%}"}
    slots = slots_needed(longest) or MOST_SLOTS
    _, strength = planned(_of_length(asked, slots))
    body = {
        "kind": kind.value, "name": asked.name, "metric": asked.metric.value, "arms": [{"name": arm.name} for arm in asked.arms],
        "lift": lift, unit: slots, "varies": each.group,
    }  # fmt: skip
    body |= {} if noise is None else {"day_noise": noise}
    return {
        "route": ROUTE,
        "body": body,
        "lift": lift,
        "mde_lift": strength.mde_lift,
        unit: slots,
        "assumptions": list(strength.assumptions),
    }


def _of_length(asked: Asked, slots: int) -> Asked:
    return Asked(
        asked.kind, asked.name, asked.metric, asked.arms, slots, asked.lift, asked.seed, day_noise=asked.day_noise, varies=asked.varies
    )


def _arms(each: Evidence) -> tuple[Arm, ...]:
    names = ("without", "with") if each.is_presence else ("as usual", "changed")
    return tuple(Arm(name) for name in (names if (each.estimate or 0) > 0 else names[::-1]))
