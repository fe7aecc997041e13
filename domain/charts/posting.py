"""A heat map of posting times: hour x weekday in the account's time, n in each cell, a frame where a slot clearly differs."""

import math
from collections.abc import Sequence

from domain.charts.look import INK, Row, Spec, counted, finished, nothing, titled, values

TITLE = "How posts did by the hour they were posted"
COLUMNS = ("weekday", "hour", "n", "multiple", "stands_out")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# Log points at which the colour is full: half or double.
FULL = math.log(2)
# Vermilion to blue through white: told apart with any colour vision.
LADDER = ["#B34700", "#EDB48C", "#FFFFFF", "#8FBFDD", "#005A8E"]


def posting_chart(rows: Sequence[Row]) -> Spec:
    """Rows: `COLUMNS`, as the `table` of a deep analysis; weekday 0 is Monday. A cell without a figure is too few posts."""
    import altair as alt

    n = sum(int(row["n"]) for row in rows)
    if not n:
        return nothing(TITLE, "no post whose hour and reach are known")
    drawn = [_cell(row) for row in rows if row["n"]]
    base = alt.Chart(values(drawn)).encode(
        x=alt.X("hour:O", title="hour of the day, in the account's time zone", sort=list(range(24)), axis=alt.Axis(labelAngle=0),
                scale=alt.Scale(domain=list(range(24)))),
        y=alt.Y("day:O", title=None, sort=list(DAYS), scale=alt.Scale(domain=list(DAYS))),
    )  # fmt: skip
    scale = alt.Scale(domain=[-FULL, -FULL / 2, 0, FULL / 2, FULL], range=LADDER, clamp=True, interpolate="rgb")
    legend = alt.Legend(
        title="times the account's other posts", values=[-FULL, 0, FULL], orient="bottom", gradientLength=200, direction="horizontal",
        labelExpr="datum.value < 0 ? 'half' : datum.value > 0 ? 'double' : 'same'",
    )  # fmt: skip
    layers = [
        base.transform_filter("datum.log === null").mark_rect(fill="#F4F4F4", stroke="white"),
        base.transform_filter("datum.log !== null")
        .mark_rect(stroke="#DDDDDD")
        .encode(color=alt.Color("log:Q", scale=scale, legend=legend)),
        base.transform_filter("datum.stands_out").mark_rect(fill=None, stroke=INK, strokeWidth=2.5),
        base.mark_text(fontSize=9).encode(text="n:Q", color=alt.condition("abs(datum.log) > 0.55", alt.value("white"), alt.value(INK))),
    ]
    clear = sum(bool(row["stands_out"]) for row in drawn)
    about = (
        f"{counted(n, 'post')}; number in a cell: posts; grey: too few to compare; "
        f"framed: clearly different after looking at all ({counted(clear, 'slot')}). Descriptive: not what an hour is worth."
    )
    return finished(alt.layer(*layers).properties(width=24 * 22, height=7 * 26, title=titled(TITLE, about)))


def _cell(row: Row) -> dict[str, object]:
    multiple = row["multiple"]
    return {
        "day": DAYS[int(row["weekday"])],
        "hour": int(row["hour"]),
        "n": int(row["n"]),
        "log": None if multiple is None else math.log(multiple),
        "stands_out": bool(row["stands_out"]),
    }
