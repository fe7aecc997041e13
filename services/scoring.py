"""Scoring models: given, fitted, used. What a score is made of is in `domain.planning.scoring`, fitting in `domain.planning.fitting`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import FieldProblem, Unacceptable
from domain.features.feature import Feature
from domain.planning.scoring import Scored, check_features, given_model, model_of, score
from services.insights.kind import Reading
from services.insights.posts import DEFINITIONS, read_features, read_posts
from store.scoring_models import ModelVersion, ScoringModel
from store.work import UnitOfWork

SEED = 20260101


@dataclass(frozen=True, slots=True)
class ScoredVideo:
    """A video with its score."""

    video_id: UUID
    scored: Scored


def known_features(uow: UnitOfWork) -> tuple[tuple[Feature, ...], str]:
    """Every feature that there is, those of this tenant's topics and people among them, and the version of their rules."""
    from domain.features.catalogue import CATALOGUE
    from domain.features.table import FEATURES_VERSION
    from domain.packed import features_defined

    found = uow.releases.finding("features", DEFINITIONS)
    own = features_defined(found.value or ()) if found else ()
    named = {feature.name: feature for feature in (*CATALOGUE, *own)}
    return tuple(named.values()), found.release.method if found else FEATURES_VERSION


def given(uow: UnitOfWork, weights: Mapping[str, float]) -> ModelVersion:
    """Raises Unacceptable, naming every weight at fault."""
    from domain.figures import plain

    features, version = known_features(uow)
    return ModelVersion("given", plain(asdict(given_model(weights, features))), version)


def fitted(uow: UnitOfWork, names: Sequence[str] | None, account_id: UUID | None, *, now: datetime) -> ModelVersion:
    """Fit to what is known now. Raises Unacceptable where the posts do not carry a model, saying how many more it takes."""
    from domain.deep.scope import scope_of
    from domain.figures import plain
    from domain.packed import columns_of, posts_of, table_of
    from domain.planning.fitting import fit

    features, _ = known_features(uow)
    if names is not None:
        check_features(names, features, where="/features")
    rows, _ = read_posts(uow, Reading(now, now))
    posts = posts_of(columns_of([_as_packed(row) for row in rows]))
    table = table_of(read_features(uow), posts["video_id"].tolist())
    scope = scope_of(posts, table, account_id=str(account_id) if account_id else None, now=now)
    chosen = list(names) if names is not None else [each.name for each in table.features if each.is_hypothesis and each.is_controllable]
    made = fit(scope.posts, [name for name in chosen if name in scope.posts.columns], seed=SEED)
    if made.model is None or made.validation is None:
        raise Unacceptable(f"no model can be fitted: {made.reason}", (FieldProblem("/features", made.reason or "choose others"),))
    shown = {**asdict(made.validation), "is_useful": made.validation.is_useful, "sentence": made.validation.sentence}
    validation = plain({**shown, "baseline": "the account's usual level", "n_fitted": made.n, "penalty": made.penalty, "seed": SEED})
    window = [datetime.fromisoformat(moment) if moment else None for moment in (made.data_from, made.data_to)]
    return ModelVersion("fitted", plain(asdict(made.model)), table.version, validation, made.validation.is_useful, account_id, *window)


def _as_packed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Moments as packing would write them."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def score_videos(uow: UnitOfWork, model: ScoringModel, video_ids: Sequence[UUID]) -> list[ScoredVideo]:
    """In the order that was asked for. A video that was not measured by the model's rules has no score, and the reason."""
    measured = uow.scoring_models.measured(video_ids)
    return [ScoredVideo(each, _scored(model, measured.get(each))) for each in video_ids]


def _scored(model: ScoringModel, found: tuple[str, Mapping[str, float | None]] | None) -> Scored:
    if found is None:
        return Scored(None, (), (), "no such video was measured")
    version, values = found
    if version != model.features_version:
        return Scored(None, (), (), f"measured by {version}, the model is of {model.features_version}")
    return score(model_of(model.model), values)
