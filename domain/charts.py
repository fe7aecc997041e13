"""Charts as Vega-Lite specifications, made from the very rows that they show. Drawing is behind `domain.ports.ChartPainter`."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.engagement import BANDS

VERDICT_COLORS = {"causal-supported": "#1b7837", "associational": "#7570b3", "inconclusive": "#999999", "refuted": "#b35806"}


def band_rows(bands: Sequence[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """Every band in order, fair and naive side by side; an empty band is a row with 0."""
    counts = {band: (fair, naive) for band, fair, naive in bands}
    return [
        {"band": band, "multiple": name, "videos": counts.get(band, (0, 0))[position]}
        for band in BANDS
        for position, name in enumerate(("fair", "naive"))
    ]


def bands_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many videos fall into each band, by the fair multiple and by the naive one."""
    import altair as alt

    chart = (
        alt.Chart(alt.InlineData(values=[dict(row) for row in rows]), title="Videos by virality band")
        .mark_bar()
        .encode(
            x=alt.X("band:N", sort=list(BANDS), title="multiple of what the account's posts reach at that age"),
            xOffset="multiple:N",
            y=alt.Y("videos:Q", title="videos"),
            color=alt.Color("multiple:N", scale=alt.Scale(domain=["fair", "naive"], range=["#1b7837", "#bbbbbb"])),
        )
        .properties(width=420, height=200)
    )
    return dict(chart.to_dict())


def feature_rows(figures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Per feature, by name: of how many videos it could be measured, and of how many not."""
    names = sorted({name for row in figures for name in row})
    measured = {name: sum(row.get(name) is not None for row in figures) for name in names}
    return [{"feature": name, "videos": measured[name], "missing": len(figures) - measured[name]} for name in names]


def features_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of how many videos each feature could be measured."""
    import altair as alt

    chart = (
        alt.Chart(alt.InlineData(values=[dict(row) for row in rows]), title="Features that could be measured")
        .mark_bar(color="#7570b3")
        .encode(x=alt.X("videos:Q", title="videos"), y=alt.Y("feature:N", sort=[row["feature"] for row in rows], title=None))
        .properties(width=420, height=16 * max(1, len(rows)))
    )
    return dict(chart.to_dict())


def effect_rows(figures: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per effect that has an estimate; the ones that cannot be told keep their row, without a point."""
    names = ("feature", "multiple", "multiple_low", "multiple_high", "verdict", "n", "accounts")
    return [{name: figure.get(name) for name in names} for figure in figures]


def effects_chart(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A forest plot: each effect as a multiple of views with its 95 % interval; 1 is no effect."""
    import altair as alt

    order = [row["feature"] for row in rows]
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows]), title="Effects of title features on views")
    color = alt.Color("verdict:N", scale=alt.Scale(domain=list(VERDICT_COLORS), range=list(VERDICT_COLORS.values())))
    across = alt.Scale(type="log", nice=False, padding=20)
    intervals = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("multiple_low:Q", scale=across, title="times the views (95 % interval)"), x2="multiple_high:Q",
        y=alt.Y("feature:N", sort=order, title=None), color=color,
    )  # fmt: skip
    points = base.mark_point(filled=True, size=70).encode(
        x=alt.X("multiple:Q", scale=across), y=alt.Y("feature:N", sort=order), color=color
    )
    none = (
        alt.Chart(alt.InlineData(values=[{"one": 1}])).mark_rule(strokeDash=[4, 4], color="#666666").encode(x=alt.X("one:Q", scale=across))
    )
    return dict((none + intervals + points).properties(width=420, height=30 * max(1, len(rows))).to_dict())
