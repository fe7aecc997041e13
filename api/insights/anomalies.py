"""Days unlike an account's own past. Nothing is alerted here; `dedupe_key` is what an alert about an event is raised under."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from api.figures import AsOf, asked_moment
from api.insights.frame import Published, as_kept, frame, raw
from api.insights.outliers import OfAccount
from api.pages import CursorParam, Limit
from api.reading import Reading
from api.security import BEARER, known_caller
from domain.analytics import ANOMALIES_SECTION
from domain.anomalies.series import Direction, Metric, Severity
from services.insights.anomalies import EVENTS, LEAST_DAYS, MOST_ACCOUNTS, TOLD_DAYS, WATCHED

NONE = (
    f"no such event in the last {TOLD_DAYS.days} days: no day was that unlike the past of its account, or the account was not watched, for"
    f" fewer than {LEAST_DAYS} of its days are known, or {MOST_ACCOUNTS} others have more"
)


class AnomalyOut(msgspec.Struct, frozen=True, kw_only=True):
    """One event. Figures are of its first day, in the metric's unit; `low` to `high` is the range outside which a day counts.

    `score`: distance from what was expected, 1 at the edge of the range. `kind`: spike, level shift, or too early to tell.
    """

    metric: str
    account_id: UUID
    day: date
    last_day: date
    expected: float
    low: float
    high: float
    observed: float
    score: float
    direction: str
    kind: str
    severity: str
    method: str
    dedupe_key: str


class AnomaliesOut(Published, frozen=True, kw_only=True):
    """Events of the last 90 days, those that lasted longest into the present first. `n`: days that were read.

    `watched`: how many series, by metric, and how many were too short to judge.
    """

    watched: dict[str, Any] | None
    items: list[AnomalyOut]
    next_cursor: str | None
    has_more: bool


class _Kept(Published, frozen=True, kw_only=True):
    watched: msgspec.Raw | None
    items: list[msgspec.Raw]
    next_cursor: str | None
    has_more: bool


_LISTED = ResponseSpec(AnomaliesOut, generate_examples=False, description="Events as they were published.")
OfMetric = Annotated[Metric | None, QueryParameter(description="only of this metric")]
OfSeverity = Annotated[Severity | None, QueryParameter(description="only of this severity")]
OfDirection = Annotated[Direction | None, QueryParameter(description="only above, or only below what was expected")]


class AnomalyController(Controller):
    """Days unlike others."""

    path = "/insights/anomalies"
    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True, responses={200: _LISTED})
    def anomalies(
        self, reading: NamedDependency[Reading], metric: OfMetric = None, severity: OfSeverity = None, direction: OfDirection = None,
        account_id: OfAccount = None, as_of: AsOf = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Response[bytes]:  # fmt: skip
        """Days of views, reactions, followers and revenue that are unlike the account's own past, with what was to be expected."""
        asked = {"metric": metric, "severity": severity, "direction": direction, "account_id": account_id}
        like, moment = {name: str(each) for name, each in asked.items() if each is not None}, asked_moment(as_of)
        bound = f"anomalies:{sorted(like.items())}:{as_of}"
        after = reading.cursors.read(cursor, bound, tuple[int])[0] if cursor else 0
        with reading.database.begin(reading.entry) as uow:
            uow.accounts.narrowing(account_id)
            found = uow.served.items("anomalies", EVENTS, like=like, limit=limit + 1, after=after, as_of=moment)
            beside = uow.served.sections("anomalies", names=[WATCHED], as_of=moment)
        items = found.items if found else []
        shown, has_more = items[:limit], len(items) > limit
        following = reading.cursors.make((shown[-1][0],), bound) if has_more else None
        told = frame(found.release if found else None, ANOMALIES_SECTION, note=NONE if found and not items else None)
        watched = raw(beside.figures[WATCHED]) if beside else None
        return as_kept(_Kept(**told, watched=watched, items=[raw(text) for _, text in shown], next_cursor=following, has_more=has_more))
