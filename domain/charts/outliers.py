"""Outliers: each video's multiple by its age, with whiskers for its 95 % interval."""

import math
from collections.abc import Sequence

from domain.charts.look import BLUE, GREY, HEIGHT, INK, WIDTH, Row, Spec, counted, finished, nothing, titled, values

TITLE = "What took off: views against the account's usual at that age"
COLUMNS = ("age_days", "multiple", "low", "high", "is_outlier", "title")
# More points than that are a cloud; the highest multiples are kept.
MOST = 400
LABELLED = 5
LEAST_AGE = 0.04
# Log units that a name takes on axes of usual length.
NAME_HEIGHT, NAME_LENGTH = 0.25, 3.0


def outliers_chart(rows: Sequence[Row]) -> Spec:
    """Rows: `COLUMNS`; ages in days, figures as multiples. Rows without a multiple or an age are left out and counted."""
    import altair as alt

    known = [row for row in rows if row["multiple"] and row["age_days"] is not None and row["low"] and row["high"]]
    if not known:
        return nothing(TITLE, "no video can be compared with others of its account yet")
    shown = sorted(known, key=lambda row: -float(row["multiple"]))[:MOST]
    drawn = [dict(row) | {"age": max(float(row["age_days"]), LEAST_AGE), "kind": _kind(row)} for row in shown]
    hits = _apart([row for row in drawn if row["is_outlier"]])
    axis = alt.Axis(format="~g", tickCount=6)
    x = alt.X("age:Q", scale=alt.Scale(type="log", nice=False, padding=12), title="age in days (log scale)", axis=axis)
    y = alt.Scale(type="log", nice=False, padding=10)
    scale = alt.Scale(domain=["outlier", "not an outlier"], range=[BLUE, GREY])
    colour = alt.Color("kind:N", title=None, scale=scale)
    shape = alt.Shape("kind:N", title=None, scale=alt.Scale(domain=["outlier", "not an outlier"], range=["diamond", "circle"]))
    base = alt.Chart(values(drawn))
    multiple = alt.Y("multiple:Q", scale=y, title="times the usual (log scale)", axis=axis)
    layers = [
        alt.Chart(values([{"at": 1}, {"at": 3}])).mark_rule(strokeDash=[4, 4], color=INK, opacity=0.6).encode(y=alt.Y("at:Q", scale=y)),
        base.mark_rule(opacity=0.45).encode(x=x, y=alt.Y("low:Q", scale=y), y2="high:Q", color=colour),
        base.mark_point(filled=True, size=45, opacity=0.9).encode(x=x, y=multiple, color=colour, shape=shape),
        alt.Chart(values([dict(row) | {"short": _short(str(row["title"] or ""))} for row in hits]))
        .mark_text(align="right", dx=-7, dy=-7, fontSize=10, color=INK)
        .encode(x=x, y=alt.Y("multiple:Q", scale=y), text="short:N"),
    ]
    left_out = f"; {len(rows) - len(known):,} without a score are left out" if len(known) < len(rows) else ""
    cut = f" of {len(known):,} (the highest)" if len(shown) < len(known) else ""
    about = f"{counted(len(shown), 'video')}{cut}; whiskers: 95 % interval; dashed: 1 is usual, 3 is the line of an outlier{left_out}"
    return finished(alt.layer(*layers).properties(width=WIDTH + 60, height=HEIGHT + 40, title=titled(TITLE, about)))


def _apart(hits: Sequence[Row]) -> list[Row]:
    """The first few whose names do not lie on each other: apart by a tenth in height, or by a name's length in age (log scales)."""
    kept: list[Row] = []
    for row in hits:
        if all(
            abs(math.log(row["multiple"] / other["multiple"])) > NAME_HEIGHT or abs(math.log(row["age"] / other["age"])) > NAME_LENGTH
            for other in kept
        ):
            kept.append(row)
    return kept[:LABELLED]


def _kind(row: Row) -> str:
    return "outlier" if row["is_outlier"] else "not an outlier"


def _short(title: str, letters: int = 26) -> str:
    return title if len(title) <= letters else title[: letters - 1].rstrip() + "…"
