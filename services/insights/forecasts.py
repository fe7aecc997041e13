"""Views that videos will have, with intervals. How they are made is in `domain.scores.forecasting`; its inputs are those of scores."""

from services.insights.kind import Given, Issue, Made, ReleaseKind
from services.insights.scores import read_facts, read_snapshots, snapshots_of
from store.forecasts import FORECAST_COLUMNS
from store.work import UnitOfWork


def _make(given: Given) -> Made:
    from domain.scores.forecasting import forecast_table

    table = forecast_table(snapshots_of(given), now=given.terms.as_of)
    # Where no count is known nothing can be foretold, and there is no row.
    rows = [(row["video_id"], *(row[name] for name in FORECAST_COLUMNS)) for row in table.rows if row["views"] is not None]
    return Made(table.method, rows)


def _write(uow: UnitOfWork, issue: Issue) -> None:
    uow.forecasts.put(issue.release_id, issue.made.rows)


FORECASTS = ReleaseKind("forecasts", read_facts, _make, _write, read_snapshots)
