"""A forest plot: each effect as a multiple of the outcome with its 95 % interval, its verdict by colour and shape, and its n."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from domain.charts.look import INK, VERDICTS, Row, Spec, finished, nothing, titled, values, wrapped

TITLE = "Effects of choices, with 95 % intervals"
COLUMNS = ("feature", "contrast", "outcome", "multiple", "multiple_low", "multiple_high", "verdict", "n", "accounts")
# The axis never reaches farther than this, or its inverse; an interval that does ends in an arrow.
WIDEST = 50.0
# More rows than this nobody reads on one picture.
MOST_SHOWN = 40
KINDS = ("feature", "person", "experiment")
# Labels on the left and counts on the right need room.
WIDTH = 340
# Pixels of a label; letters of one of its two lines.
LABEL, LETTERS = 205, 36


def effect_rows(figures: Sequence[Row]) -> list[dict[str, Any]]:
    """One row per effect that has an estimate; the ones that cannot be told keep their row, without a point."""
    return [{name: figure.get(name) for name in COLUMNS} for figure in figures]


def leading(figures: Sequence[Row], most: int = MOST_SHOWN, *, outcome: str = "reach", scope: str | None = None) -> list[Row]:
    """What one picture of a release shows, those that say most first: choices, people and experiments, about one outcome, of all accounts
    (or of one): estimates of several outcomes or accounts in one row could not be told apart.
    """
    mine = [
        each
        for each in figures
        if (each.get("scope"), each.get("outcome", "reach")) == (scope, outcome) and each.get("kind", "feature") in KINDS
    ]
    order = {verdict: place for place, verdict in enumerate(VERDICTS)}
    return sorted(mine, key=lambda each: (order.get(each["verdict"], len(order)), -(each.get("multiple") or 0.0), each["feature"]))[:most]


def effects_chart(rows: Sequence[Row]) -> Spec:
    """Rows as `effect_rows` gives them, in their order; 1 is no effect. An interval without a bound ends in an arrow."""
    import altair as alt

    if not rows:
        return nothing(TITLE, "no effect was asked about")
    drawn, ends = _drawn(rows)
    order = [row["label"] for row in drawn]
    across = alt.Scale(type="log", nice=False, domain=list(ends))
    ticks = alt.Axis(format="~g", values=_ticks(*ends))
    x = alt.X("from:Q", scale=across, axis=ticks, title="times the outcome of others of the account (log scale; 1: no difference)")
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=LABEL, labelExpr="split(datum.label, '\\n')", labelLineHeight=11))
    present = [name for name in VERDICTS if any(row["verdict"] == name for row in rows)] or list(VERDICTS)
    colour = alt.Color("verdict:N", title="verdict", scale=alt.Scale(domain=present, range=[VERDICTS[name][0] for name in present]))
    shape = alt.Shape("verdict:N", title="verdict", scale=alt.Scale(domain=present, range=[VERDICTS[name][1] for name in present]))
    base = alt.Chart(values(drawn))
    told = base.transform_filter("datum.multiple !== null")
    layers = [
        alt.Chart(values([{"one": 1}])).mark_rule(strokeDash=[4, 4], color=INK).encode(x=alt.X("one:Q", scale=across)),
        told.mark_rule(strokeWidth=2).encode(x=x, x2="to:Q", y=y, color=colour),
        *_arrows(told, across, y, colour),
        told.mark_point(filled=True, size=110, opacity=1).encode(x=alt.X("multiple:Q", scale=across), y=y, color=colour, shape=shape),
        base.transform_filter("datum.multiple === null")
        .mark_text(fontSize=10, color="#555555")
        .encode(x=alt.X("middle:Q", scale=across), y=y, text=alt.value("cannot say yet")),
        base.mark_text(align="left", fontSize=10, color="#555555").encode(x=alt.value(WIDTH + 6), y=y, text="counts:N"),
    ]
    asked = f"{', '.join(_outcomes(rows))}: {len(rows)} questions"
    about = f"{asked}; right: posts / accounts; an arrow: no bound on that side, or one beyond the axis"
    return finished(alt.layer(*layers).properties(width=WIDTH, height=30 * len(rows), title=titled(TITLE, about)))


def _arrows(told: Any, across: Any, y: Any, colour: Any) -> list[Any]:
    import altair as alt

    return [
        told.transform_filter(f"datum.open_{side}").mark_point(filled=True, shape=shape, size=60, opacity=1).encode(
            x=alt.X(f"{end}:Q", scale=across), y=y, color=colour
        )
        for side, shape, end in (("low", "triangle-left", "from"), ("high", "triangle-right", "to"))
    ]  # fmt: skip


def _drawn(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], tuple[float, float]]:
    """Rows with the ends of what is drawn, and the ends of the axis. An open side runs to the axis's end."""
    seen = [row[name] for row in rows for name in ("multiple", "multiple_low", "multiple_high") if row[name] is not None and row[name] > 0]
    least, most = max(min([1.0, *seen]), 1 / WIDEST), min(max([1.0, *seen]), WIDEST)
    room = max((most / least) ** 0.06, 1.05)
    ends = least / room, most * room
    taken = Counter(map(_asked, rows))
    return [_row(row, ends, _asked(row) if taken[_asked(row)] == 1 else str(row["feature"])) for row in rows], ends


def _outcomes(rows: Sequence[Row]) -> list[str]:
    return sorted({str(row.get("outcome") or "reach") for row in rows})


def _asked(row: Row) -> str:
    """The question in words, without what it is compared with; two rows of one name would be drawn over each other."""
    return str(row.get("contrast") or row["feature"]).partition(", compared with")[0]


def _row(row: Row, ends: tuple[float, float], label: str) -> dict[str, Any]:
    low, high = row["multiple_low"], row["multiple_high"]
    is_open_low, is_open_high = low is None or low < ends[0], high is None or high > ends[1]
    return dict(row) | {
        "label": "\n".join(wrapped(label, LETTERS)[:2]),
        "from": ends[0] if is_open_low else low,
        "to": ends[1] if is_open_high else high,
        "open_low": is_open_low,
        "open_high": is_open_high,
        "middle": math.sqrt(ends[0] * ends[1]),
        "counts": f"{row['n'] or 0:,} / {row['accounts'] or 0:,}",
    }


def _ticks(low: float, high: float) -> list[float]:
    steps = [0.02, 0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0]
    inside = [step for step in steps if low <= step <= high]
    return inside if len(inside) <= 9 else [step for step in inside if step not in (0.67, 0.8, 1.25, 1.5, 0.33, 3.0)]
