"""How many videos fall into each virality band, by the fair multiple and by the naive one."""

from collections.abc import Sequence
from typing import Any

from domain.charts.look import BLUE, GREY, HEIGHT, WIDTH, Row, Spec, counted, finished, nothing, titled, values
from domain.engagement import BANDS

TITLE = "Videos by virality band"
COLUMNS = ("band", "multiple", "videos")


def band_rows(bands: Sequence[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """Every band in order, fair and naive side by side; an empty band is a row with 0."""
    counts = {band: (fair, naive) for band, fair, naive in bands}
    return [
        {"band": band, "multiple": name, "videos": counts.get(band, (0, 0))[position]}
        for band in BANDS
        for position, name in enumerate(("fair", "naive"))
    ]


def bands_chart(rows: Sequence[Row]) -> Spec:
    """Bars of `band_rows`."""
    import altair as alt

    n = {name: sum(row["videos"] for row in rows if row["multiple"] == name) for name in ("fair", "naive")}
    if not sum(n.values()):
        return nothing(TITLE, "no video has a multiple")
    about = f"{counted(n['fair'], 'video')} with a fair multiple, {n['naive']:,} with a naive one; a band holds its lower edge"
    bars = alt.Chart(values(rows), title=titled(TITLE, about)).encode(
        x=alt.X("band:N", sort=list(BANDS), title="multiple of what the account's posts reach at that age", axis=alt.Axis(labelAngle=0)),
        xOffset="multiple:N",
        y=alt.Y("videos:Q", title="videos", axis=alt.Axis(tickMinStep=1)),
    )
    colour = alt.Color("multiple:N", scale=alt.Scale(domain=["fair", "naive"], range=[BLUE, GREY]), title="multiple")
    labels = bars.mark_text(dy=-6, fontSize=10).encode(text="videos:Q")
    return finished((bars.mark_bar().encode(color=colour) + labels).properties(width=WIDTH, height=HEIGHT))
