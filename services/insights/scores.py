"""Scores of every video with a snapshot, with the outcome that effects use. How they are made is in `domain.scores`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from services.insights.kind import Given, Inputs, Issue, Kept, Made, Reading, ReleaseKind, Section
from store.insights import COUNTS, OUTLIERS, SCORE_COLUMNS, SHOWN_SCORE
from store.work import UnitOfWork

# So many outliers stay with their release, for who asks what they were then.
MOST_KEPT = 1_000


def read_facts(uow: UnitOfWork, reading: Reading) -> Inputs:
    """Facts of videos, which may be mended later. They hold no text and no counter: their time is that of the videos."""
    from domain.packed import columns_of

    facts = uow.posts.facts(as_of=reading.as_of)
    return Inputs({"videos": columns_of(facts)}, len(facts))


def read_snapshots(uow: UnitOfWork, kept: Kept, reading: Reading) -> Sequence[Any]:
    """The snapshots of those videos."""
    videos = set(kept["videos"].get("video_id", ()))
    found = uow.posts.snapshots(as_of=reading.as_of, recorded_by=reading.read_at)
    return [each for each in found if each[0] in videos]


def snapshots_of(given: Given) -> list[tuple[Any, ...]]:
    """What was read, as `domain.scores.publishing.frame_of` takes it."""
    from domain.packed import moment_of, rows_of
    from domain.scores.frames import COLUMNS, PROMOTED

    facts = {fact["video_id"]: {**fact, "posted_at": moment_of(fact["posted_at"])} for fact in rows_of(given.kept["videos"])}
    observed = ({**facts[video], "observed_at": at, "views": views} for video, at, views in given.more)
    return [tuple(each[name] for name in (*COLUMNS, PROMOTED)) for each in observed]


def _make(given: Given) -> Made:
    from domain.scores.publishing import score_table

    table = score_table(snapshots_of(given), now=given.terms.as_of)
    scored = [(row["video_id"], *(row[name] for name in SCORE_COLUMNS)) for row in table.rows]
    newest = {video: views for video, _, views in given.more}
    sections = (Section(COUNTS, _counts(table.rows)), Section(OUTLIERS, _outliers(table.rows, newest)))
    return Made(table.method, scored, sections, learned={"curves": table.curves})


def _counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many videos are outliers, are not, or have no score, by the reason."""
    found = Counter(row["reason"] or ("outlier" if row["is_outlier"] else "usual") for row in rows)
    return dict(sorted(found.items()))


def _outliers(rows: Sequence[Mapping[str, Any]], newest: Mapping[str, int]) -> list[dict[str, Any]]:
    """The largest, as they were then: the table of scores holds the newest release only."""
    found = sorted((row for row in rows if row["is_outlier"]), key=lambda row: (-row["multiple"], row["video_id"]))[:MOST_KEPT]
    return [{"video_id": row["video_id"], "views": newest[row["video_id"]], **{name: row[name] for name in SHOWN_SCORE}} for row in found]


def _write(uow: UnitOfWork, issue: Issue) -> None:
    uow.insights.put_scores(issue.release_id, issue.made.rows, as_of=issue.terms.as_of)


SCORES = ReleaseKind("scores", read_facts, _make, _write, read_snapshots)
