"""Scoring models: made, changed, fitted, used."""

from contextlib import nullcontext
from datetime import UTC, datetime
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody

from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Limit, Page, page
from api.places import Places
from api.planning.bodies import FitIn, ModelChangeIn, ModelIn, ScoresIn
from api.planning.shapes import METHOD, ModelOut, ScoredOut, ScoresOut
from api.reading import Reading
from api.security import BEARER, known_caller, needs_write
from domain.planning.scoring import model_of, score
from services import planning, scoring
from store.database import Database, Entry
from store.ids import new_id
from store.scoring_models import ScoringModel
from store.work import UnitOfWork

_FITTED = ResponseSpec(ModelOut, generate_examples=False, description="The new version, with its validation out of time.")


class ScoringModelController(Controller):
    """Scoring models."""

    path = "/insights/scoring-models"
    tags = ["planning"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_models(self, reading: NamedDependency[Reading], cursor: CursorParam = None, limit: Limit = 20) -> Page[ModelOut]:
        """List scoring models, newest first."""
        before = reading.cursors.read(cursor, "scoring-models", tuple[datetime, UUID]) if cursor else None
        with reading.database.begin(reading.entry) as uow:
            found = uow.scoring_models.page(limit=limit + 1, before=before)
        return page(
            found, limit, shape=ModelOut.of, cursors=reading.cursors, scope="scoring-models",
            position=lambda each: (each.created_at, each.model_id),
        )  # fmt: skip

    @post("/", sync_to_thread=True, status_code=201)
    def add_model(
        self, data: JSONBody[ModelIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Make a model of weights. 422 for a feature that does not exist, or that is known only after publication."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[ModelOut, int, dict[str, str]]:
                made = uow.scoring_models.add(new_id(), data.name, scoring.given(uow, data.weights), user_id=uow.user_id)
                return ModelOut.of(made), 201, {"Location": f"/api/v1/insights/scoring-models/{made.model_id}"}

            return once(uow, idempotency_key, route="POST /insights/scoring-models", body=data, effect=effect)

    @get("/{model_id:uuid}", sync_to_thread=True)
    def get_model(self, model_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ModelOut:
        """One model at its newest version."""
        with database.begin(entry) as uow:
            return ModelOut.of(uow.scoring_models.get(model_id))

    @patch("/{model_id:uuid}", sync_to_thread=True)
    def change_model(
        self, model_id: FromPath[UUID], data: JSONBody[ModelChangeIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ModelOut:
        """Rename it, or give it other weights: those are a new version."""
        with database.begin(entry) as uow:
            needs_write(uow)
            found = uow.scoring_models.get(model_id, lock=True)
            if data.name is not None:
                uow.scoring_models.rename(model_id, data.name)
            if data.weights is not None:
                uow.scoring_models.add_version(model_id, found.version + 1, scoring.given(uow, data.weights))
            return ModelOut.of(uow.scoring_models.get(model_id))

    @delete("/{model_id:uuid}", sync_to_thread=True)
    def delete_model(self, model_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Delete a model with all of its versions."""
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.scoring_models.delete(model_id)

    @post("/{model_id:uuid}/fit", sync_to_thread=True, status_code=201, responses={201: _FITTED})
    def fit_model(
        self, model_id: FromPath[UUID], data: JSONBody[FitIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        places: NamedDependency[Places], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Fit its weights to posts, as a new version, judged on later posts only. 422 where the posts do not carry a model."""
        with database.begin(entry) as uow:
            needs_write(uow)
            found = uow.scoring_models.get(model_id, lock=True)

            def effect() -> tuple[ModelOut, int, dict[str, str]]:
                with places.take(uow.tenant_id):
                    return ModelOut.of(_fitted(uow, found, data)), 201, {"Location": f"/api/v1/insights/scoring-models/{model_id}"}

            return once(uow, idempotency_key, route=f"POST /insights/scoring-models/{model_id}/fit", body=data, effect=effect)

    @post("/{model_id:uuid}/scores", sync_to_thread=True, status_code=200)
    def score(
        self, model_id: FromPath[UUID], data: JSONBody[ScoresIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        places: NamedDependency[Places],
    ) -> ScoresOut:  # fmt: skip
        """Score drafts or videos, showing what each feature brought. Where one is missing so is the score, with the reason."""
        with database.begin(entry) as uow:
            model = uow.scoring_models.get(model_id, version=data.version)
            with places.take(uow.tenant_id) if data.drafts else nullcontext():  # measuring twenty of them takes a second
                measured = planning.values_of(uow, [each.draft for each in data.drafts])
            drafts = [ScoredOut.of(score(model_of(model.model), each), draft=n) for n, each in enumerate(measured)]
            videos = [ScoredOut.of(each.scored, video_id=each.video_id) for each in scoring.score_videos(uow, model, data.video_ids)]
        return ScoresOut(model_id=model_id, version=model.version, is_useful=model.is_useful, method=METHOD, items=drafts + videos)


def _fitted(uow: UnitOfWork, model: ScoringModel, data: FitIn) -> ScoringModel:
    uow.accounts.narrowing(data.account_id)
    names = data.features or [each.feature for each in model_of(model.model).weights]
    return uow.scoring_models.add_version(
        model.model_id, model.version + 1, scoring.fitted(uow, names, data.account_id, now=datetime.now(UTC))
    )
