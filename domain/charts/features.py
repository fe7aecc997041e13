"""Of how many videos each feature could be measured."""

from collections.abc import Sequence
from typing import Any

from domain.charts.look import BLUE, WIDTH, Row, Spec, counted, finished, nothing, titled, values

TITLE = "Features that could be measured"
COLUMNS = ("feature", "videos", "missing")


def feature_rows(figures: Sequence[Row]) -> list[dict[str, Any]]:
    """Per feature, by name: of how many videos it could be measured, and of how many not."""
    names = sorted({name for row in figures for name in row})
    measured = {name: sum(row.get(name) is not None for row in figures) for name in names}
    return [{"feature": name, "videos": measured[name], "missing": len(figures) - measured[name]} for name in names]


def features_chart(rows: Sequence[Row]) -> Spec:
    """Bars of `feature_rows`."""
    import altair as alt

    if not rows:
        return nothing(TITLE, "no video was measured")
    videos = max(row["videos"] + row["missing"] for row in rows)
    bars = alt.Chart(values(rows), title=titled(TITLE, f"of {counted(videos, 'video')}")).encode(
        x=alt.X("videos:Q", title="videos", axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("feature:N", sort=[row["feature"] for row in rows], title=None),
    )
    return finished(bars.mark_bar(color=BLUE).properties(width=WIDTH, height=16 * len(rows)))
