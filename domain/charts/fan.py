"""A growth fan: the views that a video has had, and those it is expected to have, with the 80 % band."""

from collections.abc import Sequence

from domain.charts.look import BLUE, HEIGHT, INK, WIDTH, Row, Spec, counted, finished, nothing, titled, values

TITLE = "Views so far, and as expected"
COLUMNS = ("age_days", "views", "predicted", "low", "high")


def fan_chart(rows: Sequence[Row]) -> Spec:
    """Rows: `COLUMNS`; a row has views (seen) or predicted, low and high (the 80 % interval at that age)."""
    import altair as alt

    seen = sorted((row for row in rows if row.get("views") is not None), key=lambda row: float(row["age_days"]))
    ahead = sorted(
        (row for row in rows if None not in (row.get("predicted"), row.get("low"), row.get("high"))), key=lambda row: float(row["age_days"])
    )
    if not seen:
        return nothing(TITLE, "no view count was seen")
    # The fan opens at what was seen last.
    opening = {"age_days": seen[-1]["age_days"], **dict.fromkeys(("predicted", "low", "high"), seen[-1]["views"])}
    fan = [opening, *(dict(row) for row in ahead)] if ahead else []
    x = alt.X("age_days:Q", title="days since it was posted", scale=alt.Scale(zero=True))
    thousands = alt.Axis(format="~s")
    layers = [
        alt.Chart(values(seen)).mark_line(color=INK, point=alt.OverlayMarkDef(color=INK, size=30)).encode(
            x=x, y=alt.Y("views:Q", title="views", axis=thousands)
        )
    ]  # fmt: skip
    if ahead:
        base = alt.Chart(values(fan))
        ends = alt.Chart(values([dict(row) | {"label": label} for row, label in zip(ahead, _labels(ahead), strict=True)]))
        layers = [
            base.mark_area(opacity=0.25, color=BLUE).encode(x=x, y=alt.Y("low:Q", axis=thousands, title="views"), y2="high:Q"),
            base.mark_line(color=BLUE, strokeDash=[6, 3]).encode(x=x, y="predicted:Q"),
            ends.mark_point(color=BLUE, filled=True, size=50, shape="diamond", opacity=1).encode(x=x, y="predicted:Q"),
            ends.mark_text(color=BLUE, dy=-12, align="right", dx=4, fontSize=10).encode(x=x, y="predicted:Q", text="label:N"),
            *layers,
        ]
    told = "dashed: expected, with the band that holds 4 of 5 such videos" if ahead else "nothing can be foretold yet"
    about = f"{counted(len(seen), 'count', 'counts')} of this video; {told}"
    return finished(alt.layer(*layers).properties(width=WIDTH + 80, height=HEIGHT, title=titled(TITLE, about)))


def _labels(ahead: Sequence[Row]) -> list[str]:
    """From the last point back, those that have room; a label takes a third of the picture's width."""
    ends, kept, labels = [float(row["age_days"]) for row in ahead], float("inf"), list[str]()
    for row, end in zip(reversed(ahead), reversed(ends), strict=True):
        has_room = kept - end >= ends[-1] / 3
        labels.append(_label(row) if has_room else "")
        kept = end if has_room else kept
    return labels[::-1]


def _label(row: Row) -> str:
    return f"{short(float(row['predicted']))} ({short(float(row['low']))}-{short(float(row['high']))})"


def short(number: float) -> str:
    """Two digits and a letter for thousands and millions."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= unit:
            return f"{number / unit:.3g}{letter}"
    return f"{number:.3g}"
