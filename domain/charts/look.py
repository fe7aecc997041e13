"""What all charts share: colours that differ for colour-blind eyes, sizes, titles, and what stands where there is nothing to show.

Colours: Okabe & Ito 2008, "Color Universal Design"; a verdict has a shape as well, so no colour carries anything alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]
Spec: TypeAlias = dict[str, Any]

BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, INK, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#222222", "#8C8C8C",
)  # fmt: skip
# Verdict: colour, shape. What the evidence carries farthest comes first.
VERDICTS: Mapping[str, tuple[str, str]] = {
    "experimental": (INK, "diamond"),
    "experimental (self-reported)": (SKY, "diamond"),
    "causal-supported": (BLUE, "circle"),
    "associational": (ORANGE, "square"),
    "inconclusive": (GREY, "cross"),
    "refuted": (VERMILION, "triangle-down"),
}
# With labels and legend this stays below 640 pixels.
WIDTH, HEIGHT = 420, 260
FONT = "sans-serif"


def values(rows: Sequence[Row]) -> Any:
    import altair as alt

    return alt.InlineData(values=[dict(row) for row in rows])


def titled(title: str, subtitle: str) -> Any:
    """What the chart shows; below it units, n and the interval's level."""
    import altair as alt

    return alt.TitleParams(title, subtitle=wrapped(subtitle), anchor="start", fontSize=14, subtitleFontSize=11, subtitleColor="#555555")


def finished(chart: Any) -> Spec:
    """The specification, with one look: quiet axes, letters large enough at 640 pixels."""
    looked = (
        chart.configure(font=FONT, background="white", padding=10)
        .configure_axis(labelFontSize=11, titleFontSize=11, titleFontWeight="normal", gridColor="#EEEEEE", domainColor="#999999")
        .configure_legend(labelFontSize=11, titleFontSize=11, symbolSize=80, orient="bottom", columns=3, labelLimit=220)
        .configure_view(stroke=None)
    )
    return dict(looked.to_dict())


def nothing(title: str, why: str) -> Spec:
    """In the place of a chart that has no rows."""
    import altair as alt

    text = (
        alt.Chart(alt.InlineData(values=[{"text": f"nothing to show yet: {why}"}]))
        .mark_text(fontSize=13, color="#555555", limit=WIDTH + 100)
        .encode(text="text:N")
        .properties(width=WIDTH, height=80, title=titled(title, ""))
    )
    return finished(text)


def wrapped(text: str, width: int = 84) -> list[str]:
    """Lines of about so many letters, cut between words."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def counted(n: int, singular: str, plural: str | None = None) -> str:
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"
