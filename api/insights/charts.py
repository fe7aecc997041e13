"""Pictures of what is published, each as SVG, PNG or Vega-Lite. Rows are made in `services.insights.charts`, drawn by `api.pictures`."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import anyio.to_thread
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.figures import AsOf, asked_moment
from api.insights.effects import OfOutcome
from api.insights.outliers import OfAccount
from api.pictures import TYPES, Pictures, Wanted, form_of, shown
from api.reading import Reading
from api.security import BEARER, known_caller
from domain.charts import CHARTS
from services.insights.charts import Rows, effect_rows, event_rows, fan_rows, outlier_rows, posting_rows

Asking = Request[Any, Any, Any]
OfEffect = Annotated[str | None, QueryParameter(name="key", max_length=300, description="the `key` of the effect; left out: the first")]


def forms(path: str) -> list[str]:
    """The paths of a chart, one per form."""
    return [f"{path}/chart.{form}" for form in TYPES]


class ChartController(Controller):
    """Charts, with n and units on them; an empty one says why."""

    tags = ["insights"]
    guards = [known_caller]
    security = BEARER

    @get(forms("/insights/effects"))
    async def effects_chart(
        self, request: Asking, reading: NamedDependency[Reading], pictures: NamedDependency[Pictures], outcome: OfOutcome = None,
        account_id: OfAccount = None, as_of: AsOf = None,
    ) -> Response[bytes]:  # fmt: skip
        """A forest plot: effects on one outcome (left out: reach) of all accounts or one, with 95 % intervals and n; 40 at most."""
        narrowed = {"outcome": outcome.value if outcome else None, "account_id": account_id}
        return await _shown(request, reading, pictures, "effects", as_of, narrowed, effect_rows)

    @get(forms("/insights/outliers"))
    async def outliers_chart(
        self, request: Asking, reading: NamedDependency[Reading], pictures: NamedDependency[Pictures], account_id: OfAccount = None,
        as_of: AsOf = None,
    ) -> Response[bytes]:  # fmt: skip
        """A scatter of multiples by age with 95 % whiskers: the largest 400, outliers marked."""
        return await _shown(request, reading, pictures, "outliers", as_of, {"account_id": account_id}, outlier_rows)

    @get(forms("/insights/deep/posting-time"))
    async def posting_time_chart(
        self, request: Asking, reading: NamedDependency[Reading], pictures: NamedDependency[Pictures], account_id: OfAccount = None,
        as_of: AsOf = None,
    ) -> Response[bytes]:  # fmt: skip
        """A heat map of posting times: hour by weekday in the account's time, n in each cell. It describes, and claims nothing."""
        return await _shown(request, reading, pictures, "posting-time", as_of, {"account_id": account_id}, posting_rows)

    @get(forms("/insights/changes"))
    async def changes_chart(
        self, request: Asking, reading: NamedDependency[Reading], pictures: NamedDependency[Pictures], key: OfEffect = None,
        as_of: AsOf = None,
    ) -> Response[bytes]:  # fmt: skip
        """An event study: those who changed something against those who did not, weeks before and after, with 95 % intervals."""
        return await _shown(request, reading, pictures, "event-study", as_of, {"key": key}, event_rows)

    @get(forms("/videos/{video_id:uuid}/forecast"))
    async def forecast_chart(
        self, video_id: FromPath[UUID], request: Asking, reading: NamedDependency[Reading], pictures: NamedDependency[Pictures],
        as_of: AsOf = None,
    ) -> Response[bytes]:  # fmt: skip
        """A growth fan: the views that a video has had, and those it is expected to have, with the 80 % band."""
        return await _shown(request, reading, pictures, "growth-fan", as_of, {"video_id": video_id}, fan_rows)


async def _shown(
    request: Asking, reading: Reading, pictures: Pictures, chart: str, as_of: datetime | None, narrowed: dict[str, Any],
    rows: Callable[..., Rows],
) -> Response[bytes]:  # fmt: skip
    """In a thread. Litestar wraps a plain handler once for each of its paths, which is once too often: so these are not plain."""
    moment = asked_moment(as_of)

    def answered() -> Response[bytes]:
        with reading.database.begin(reading.entry) as uow:
            uow.accounts.narrowing(narrowed.get("account_id"))
            found = rows(uow, as_of=moment, **narrowed)
        return shown(request, pictures, Wanted.of(chart, found, form_of(request)), lambda: CHARTS[chart].draw(found))

    return await anyio.to_thread.run_sync(answered)
