"""Scoring models with their versions, and the measured features that scores are made of. What a score is, is in `domain.planning.scoring`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import NotFound
from store.repository import Repository
from store.tables.planning import scoring_model_versions, scoring_models


@dataclass(frozen=True, slots=True)
class ScoringModel:
    """A model at its newest version."""

    model_id: UUID
    name: str
    version: int
    kind: str
    model: Mapping[str, Any]
    validation: Mapping[str, Any] | None
    is_useful: bool | None
    account_id: UUID | None
    features_version: str
    data_from: datetime | None
    data_to: datetime | None
    created_at: datetime
    version_created_at: datetime


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """What a new version holds."""

    kind: str
    model: Mapping[str, Any]
    features_version: str
    validation: Mapping[str, Any] | None = None
    is_useful: bool | None = None
    account_id: UUID | None = None
    data_from: datetime | None = None
    data_to: datetime | None = None


_NEWEST = """
select m.model_id, m.name, v.version, v.kind, v.model, v.validation, v.is_useful, v.account_id, v.features_version, v.data_from, v.data_to,
  m.created_at, v.created_at as version_created_at
  from scoring_models m join lateral (
    select * from scoring_model_versions v where v.tenant_id = m.tenant_id and v.model_id = m.model_id
       and (cast(:version as integer) is null or v.version = :version) order by v.version desc limit 1) v on true
 where m.tenant_id = :tenant"""


class ScoringModels(Repository):
    """One tenant's models."""

    def add(self, model_id: UUID, name: str, version: ModelVersion, *, user_id: UUID | None) -> ScoringModel:
        self._insert(scoring_models, {"model_id": model_id, "name": name, "created_by": user_id})
        return self.add_version(model_id, 1, version)

    def add_version(self, model_id: UUID, number: int, version: ModelVersion) -> ScoringModel:
        words = {name: getattr(version, name) for name in ModelVersion.__dataclass_fields__}
        self._insert(scoring_model_versions, {"model_id": model_id, "version": number, **words})
        return self.get(model_id)

    def rename(self, model_id: UUID, name: str) -> None:
        self._run("update scoring_models set name = :name where tenant_id = :tenant and model_id = :id", name=name, id=model_id)

    def get(self, model_id: UUID, *, version: int | None = None, lock: bool = False) -> ScoringModel:
        """At its newest version, or at the one that is named."""
        if lock:
            self._run("select from scoring_models where tenant_id = :tenant and model_id = :id for update", id=model_id)
        row = self._run(f"{_NEWEST} and m.model_id = :id", id=model_id, version=version).first()
        if row is None:
            raise NotFound("scoring model", model_id if version is None else f"{model_id}, version {version},")
        return ScoringModel(**row._mapping)

    def page(self, *, limit: int, before: tuple[datetime, UUID] | None = None) -> list[ScoringModel]:
        """Newest first, strictly before the position."""
        after = "" if before is None else " and (m.created_at, m.model_id) < (:at, cast(:id as uuid))"
        words = {} if before is None else {"at": before[0], "id": before[1]}
        rows = self._run(f"{_NEWEST}{after} order by m.created_at desc, m.model_id desc limit :limit", limit=limit, version=None, **words)
        return [ScoringModel(**row._mapping) for row in rows]

    def delete(self, model_id: UUID) -> None:
        """With all of its versions."""
        found = self._run("delete from scoring_models where tenant_id = :tenant and model_id = :id", id=model_id)
        if not found.rowcount:
            raise NotFound("scoring model", model_id)

    def measured(self, video_ids: Sequence[UUID]) -> dict[UUID, tuple[str, Mapping[str, float | None]]]:
        """By video: the version of the rules, and the figures. Videos that were not measured are left out."""
        rows = self._run(
            "select video_id, version, figures from video_features where tenant_id = :tenant and video_id = any(cast(:ids as uuid[]))",
            ids=list(video_ids),
        )
        return {row.video_id: (row.version, row.figures) for row in rows}
