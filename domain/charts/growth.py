"""Growth as a deep analysis tells it: reach of each post over time, with the changes of level."""

from collections.abc import Sequence

from domain.charts.look import BLUE, GREY, HEIGHT, VERMILION, WIDTH, Row, Spec, counted, finished, nothing, titled, values

TITLE = "Reach per post over time"
COLUMNS = ("posted_at", "reach", "is_change")
MOST = 1_000
# Of the posts, the share that the middle line looks at.
SMOOTH = 0.15


def growth_chart(rows: Sequence[Row]) -> Spec:
    """Rows: `COLUMNS`; a post has `reach` (views as if fully grown), a change of level has `is_change` and no reach."""
    import altair as alt

    posts = sorted((row for row in rows if row.get("reach")), key=lambda row: str(row["posted_at"]))
    changes = [row for row in rows if row.get("is_change")]
    if not posts:
        return nothing(TITLE, "no post whose reach is known")
    middle = _middle(posts)
    x = alt.X("posted_at:T", title="posted", axis=alt.Axis(format="%b %Y", tickCount=6, labelOverlap=True))
    y = alt.Y(
        "reach:Q", scale=alt.Scale(type="log", nice=False, padding=10), title="views as if fully grown (log scale)",
        axis=alt.Axis(format="~s", tickCount=6),
    )  # fmt: skip
    layers = [
        alt.Chart(values(posts[-MOST:])).mark_point(filled=True, size=18, color=GREY, opacity=0.6).encode(x=x, y=y),
        alt.Chart(values(middle)).mark_line(color=BLUE, strokeWidth=2).encode(x=x, y=y),
        *([alt.Chart(values(changes)).mark_rule(color=VERMILION, strokeDash=[6, 3], strokeWidth=2).encode(x=x)] if changes else []),
    ]
    about = (
        f"{counted(len(posts), 'post')}; line: the middle of neighbouring posts; red, dashed: {counted(len(changes), 'change')} of level"
    )
    return finished(alt.layer(*layers).properties(width=WIDTH + 100, height=HEIGHT, title=titled(TITLE, about)))


def _middle(posts: Sequence[Row]) -> list[dict[str, object]]:
    half = max(2, round(len(posts) * SMOOTH / 2))
    windows = ((row, sorted(float(each["reach"]) for each in posts[max(0, at - half) : at + half + 1])) for at, row in enumerate(posts))
    return [{"posted_at": row["posted_at"], "reach": reaches[len(reaches) // 2]} for row, reaches in windows]
