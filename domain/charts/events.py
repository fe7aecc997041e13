"""An event study: how far those who changed something are from those who did not, before and after, with 95 % intervals."""

from collections.abc import Sequence

from domain.charts.look import BLUE, GREY, HEIGHT, INK, VERMILION, WIDTH, Row, Spec, counted, finished, nothing, titled, values

TITLE = "Before and after a change"
COLUMNS = ("period", "estimate", "low", "high", "n")
PHASES = {"before": GREY, "after": BLUE}


def events_chart(rows: Sequence[Row]) -> Spec:
    """Rows: `COLUMNS`; periods counted from the change (0 is the first after it), log points. A row without an estimate is left out."""
    import altair as alt

    known = [row for row in rows if row["estimate"] is not None]
    if not known:
        return nothing(TITLE, "no account changed this while others did not")
    drawn = [
        dict(row) | {"phase": "after" if row["period"] >= 0 else "before"} for row in sorted(known, key=lambda row: int(row["period"]))
    ]
    base = alt.Chart(values(drawn))
    x = alt.X(
        "period:Q", title="periods from the change", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(padding=18, nice=False)
    )
    colour = alt.Color("phase:N", title=None, scale=alt.Scale(domain=list(PHASES), range=list(PHASES.values())))
    shape = alt.Shape("phase:N", title=None, scale=alt.Scale(domain=list(PHASES), range=["square", "circle"]))
    y = alt.Y("estimate:Q", title="log points against the others")
    layers = [
        alt.Chart(values([{"at": 0}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(y="at:Q"),
        alt.Chart(values([{"at": -0.5}])).mark_rule(color=VERMILION, strokeWidth=1.5).encode(x="at:Q"),
        base.transform_filter("datum.low !== null && datum.high !== null").mark_rule(strokeWidth=2).encode(
            x=x, y=alt.Y("low:Q", title="log points against the others"), y2="high:Q", color=colour),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=colour, shape=shape),
        base.transform_calculate(label="datum.n === null ? '' : 'n ' + format(datum.n, ',')").mark_text(
            fontSize=9, color="#555555").encode(x=x, y=alt.value(HEIGHT - 6), text="label:N"),
    ]  # fmt: skip
    about = f"{counted(len(drawn), 'period')}; 95 % intervals; red line: the change; what differs before it is no consequence of it"
    return finished(alt.layer(*layers).properties(width=WIDTH + 60, height=HEIGHT, title=titled(TITLE, about)))
