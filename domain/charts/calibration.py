"""A calibration curve: how often what was foretold with a chance came true, against that chance."""

from collections.abc import Sequence

from domain.charts.look import BLUE, HEIGHT, INK, Row, Spec, counted, finished, nothing, titled, values

TITLE = "Were the chances right?"
COLUMNS = ("foretold", "came_true", "low", "high", "n")


def calibration_chart(rows: Sequence[Row]) -> Spec:
    """Rows: `COLUMNS`, one per bin; shares from 0 to 1, `low` and `high` the 95 % interval of what came true."""
    import altair as alt

    known = [row for row in rows if row["n"]]
    if not known:
        return nothing(TITLE, "no forecast has come due")
    unit = alt.Scale(domain=[0, 1])
    percent = alt.Axis(format=".0%")
    base = alt.Chart(values([dict(row) | {"label": f"n {int(row['n']):,}"} for row in known]))
    x = alt.X("foretold:Q", scale=unit, axis=percent, title="foretold chance")
    layers = [
        alt.Chart(values([{"a": 0}, {"a": 1}])).mark_line(color=INK, strokeDash=[4, 4]).encode(x=alt.X("a:Q", scale=unit), y="a:Q"),
        base.mark_rule(color=BLUE, strokeWidth=2).encode(
            x=x, y=alt.Y("low:Q", scale=unit, axis=percent, title="share that came true"), y2="high:Q"
        ),
        base.mark_point(color=BLUE, filled=True, size=70, opacity=1).encode(x=x, y="came_true:Q"),
        base.mark_text(fontSize=9, align="left", dx=7, dy=9, color="#555555").encode(x=x, y="came_true:Q", text="label:N"),
    ]
    about = f"{counted(sum(int(row['n']) for row in known), 'forecast')}; 95 % intervals; on the dashed line chances are right"
    return finished(alt.layer(*layers).properties(width=HEIGHT + 80, height=HEIGHT + 80, title=titled(TITLE, about)))
