"""Predictions: written down before a video is out, tied to it afterwards, held against what came."""

from datetime import UTC, datetime
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Limit, Page, page
from api.planning.bodies import DraftIn, PredictedVideoIn
from api.planning.plans import OfAccount
from api.planning.shapes import PredictionCalibrationOut, PredictionOut
from api.reading import Reading
from api.security import BEARER, known_caller, needs_write
from services import planning
from store.database import Database, Entry
from store.ids import new_id


class PredictionController(Controller):
    """Predictions."""

    path = "/insights/predictions"
    tags = ["planning"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_predictions(
        self, reading: NamedDependency[Reading], account_id: OfAccount = None, cursor: CursorParam = None, limit: Limit = 20
    ) -> Page[PredictionOut]:
        """List predictions, newest first."""
        scope = f"predictions:{account_id}"
        before = reading.cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with reading.database.begin(reading.entry) as uow:
            uow.accounts.narrowing(account_id)
            found = uow.planning.page(limit=limit + 1, before=before, account_id=account_id)
        return page(
            found, limit, shape=PredictionOut.of, cursors=reading.cursors, scope=scope,
            position=lambda each: (each.made_at, each.prediction_id),
        )  # fmt: skip

    @post("/", sync_to_thread=True, status_code=201)
    def add_prediction(
        self, data: JSONBody[DraftIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Write down what a draft's views are predicted to be; it is never changed. 409 where nothing can be predicted yet."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[PredictionOut, int, dict[str, str]]:
                made = planning.write_down(uow, data.draft, prediction_id=new_id(), now=datetime.now(UTC))
                return PredictionOut.of(made), 201, {"Location": f"/api/v1/insights/predictions/{made.prediction_id}"}

            return once(uow, idempotency_key, route="POST /insights/predictions", body=data, effect=effect)

    @get("/calibration", sync_to_thread=True)
    def calibration(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], account_id: OfAccount = None
    ) -> PredictionCalibrationOut:
        """How far predictions can be trusted: hits of their intervals, and how often each quantile held. Nothing under 20."""
        with database.begin(entry) as uow:
            return PredictionCalibrationOut.of(*planning.calibrations(uow, account_id, now=datetime.now(UTC)), account_id)

    @get("/{prediction_id:uuid}", sync_to_thread=True)
    def get_prediction(
        self, prediction_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> PredictionOut:
        """One prediction, with what came of it."""
        with database.begin(entry) as uow:
            return PredictionOut.of(uow.planning.get(prediction_id))

    @post("/{prediction_id:uuid}/video", sync_to_thread=True, status_code=200)
    def attach_video(
        self,
        prediction_id: FromPath[UUID],
        data: JSONBody[PredictedVideoIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
    ) -> PredictionOut:
        """Say which video came of it, once. 409 where that was out when the prediction was written down."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return PredictionOut.of(planning.attach(uow, prediction_id, data.video_id))
