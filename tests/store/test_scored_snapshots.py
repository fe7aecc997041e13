"""What the scorer reads: rows in the order of its columns, with what is known of bought views at their end."""

from datetime import timedelta

import sqlalchemy as sa

from domain.scores.forecasting import forecast_table
from domain.scores.frames import COLUMNS
from domain.scores.publishing import score_table
from store.database import Database
from tests.conftest import Member
from tests.library import NOON, put, seen


def test_bought_views_reach_the_scorer_and_what_is_unknown_leaves_the_row_as_it_was(database: Database, member: Member) -> None:
    days = [NOON - timedelta(days=back) for back in (2, 1, 0)]
    ids = put(database, member.tenant_id, [seen(name, 100 + n, at=at) for name in ("a", "b", "c") for n, at in enumerate(days)])
    with database.begin(member.tenant_id) as uow:
        for name, is_promoted in (("b", True), ("c", False)):
            uow.connection.execute(sa.text("update videos set is_promoted = :p where video_id = :v"), {"p": is_promoted, "v": ids[name]})
        rows = uow.insights.snapshots(as_of=NOON)

    ends = {name: {row[len(COLUMNS) :] for row in rows if row[0] == str(video_id)} for name, video_id in ids.items()}
    assert ends == {"a": {()}, "b": {(True,)}, "c": {(False,)}}
    assert {row["video_id"]: row["is_promoted"] for row in score_table(rows, now=NOON).rows} == {
        str(video_id): name == "b" for name, video_id in ids.items()
    }
    assert all(row["reason"] is not None for row in forecast_table(rows, now=NOON).rows)
