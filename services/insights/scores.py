"""Scores of every video with a snapshot, with the outcome that effects use. How they are made is in `domain.scores`."""

from collections.abc import Sequence
from typing import Any

from services.insights.kind import Given, Inputs, Issue, Kept, Made, Reading, ReleaseKind
from store.insights import SCORE_COLUMNS
from store.work import UnitOfWork


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    """Facts of videos, which may be mended later. They hold no text and no counter: their time is that of the videos."""
    from domain.packed import columns_of

    facts = uow.posts.facts(as_of=reading.as_of)
    return Inputs({"videos": columns_of(facts)}, len(facts))


def _reread(uow: UnitOfWork, kept: Kept, reading: Reading) -> Sequence[Any]:
    """The snapshots of those videos."""
    videos = set(kept["videos"].get("video_id", ()))
    found = uow.posts.snapshots(as_of=reading.as_of, recorded_by=reading.read_at)
    return [each for each in found if each[0] in videos]


def _make(given: Given) -> Made:
    from domain.packed import moment_of, rows_of
    from domain.scores.frames import COLUMNS, PROMOTED
    from domain.scores.publishing import score_table

    facts = {fact["video_id"]: {**fact, "posted_at": moment_of(fact["posted_at"])} for fact in rows_of(given.kept["videos"])}
    observed = ({**facts[video], "observed_at": at, "views": views} for video, at, views in given.more)
    table = score_table([tuple(each[name] for name in (*COLUMNS, PROMOTED)) for each in observed], now=given.terms.as_of)
    scored = [(row["video_id"], *(row[name] for name in SCORE_COLUMNS)) for row in table.rows]
    return Made(table.method, scored, learned={"curves": table.curves})


def _write(uow: UnitOfWork, issue: Issue) -> None:
    uow.insights.put_scores(issue.release_id, issue.made.rows, as_of=issue.terms.as_of)


SCORES = ReleaseKind("scores", _read, _make, _write, _reread)
