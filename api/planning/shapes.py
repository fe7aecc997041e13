"""What plans, drafts, scoring models and predictions look like over HTTP. Bodies are in `bodies`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from api.figures import Computed, MethodOut
from domain.analytics import PLANNING_SECTION, Method
from domain.planning.evidence import METHOD_VERSION
from domain.planning.scoring import Scored
from store.planning import StoredPrediction
from store.releases import Finding, Head
from store.scoring_models import ScoringModel

NONE_YET = "nothing is planned yet: import videos, or ask for a request of kind insights"
NOT_PLANNED = "nothing is planned for this account: plans are made of own accounts and of the 200 with the most posts"


class PlanOut(Computed, frozen=True, kw_only=True):
    """A section of the newest plans, of all accounts or of one; null where `note` says why. `stale`: videos were seen since.

    `n` is the posts it stands on. Items name the effects that carry them (`effect_ids`), with estimate, interval and verdict.
    """

    release_id: UUID | None
    computed_at: datetime | None
    stale: bool
    account_id: UUID | None
    section: dict[str, Any] | None
    note: str | None

    @classmethod
    def of(cls, found: Finding | None, account_id: UUID | None) -> "PlanOut":
        head, section = (found.release, found.value) if found else (None, None)
        note = NONE_YET if head is None else NOT_PLANNED if section is None else None
        return cls(
            **framed(head), n=section["n"] if section else 0, release_id=head.release_id if head else None,
            computed_at=head.created_at if head else None, stale=head.is_stale if head else False, account_id=account_id,
            section=section, note=note,
        )  # fmt: skip


class PredictedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Views at a horizon (fully grown, 7d, 30d): `low` to `high` hold them with the chance `level`; null where `reason` says why."""

    horizon: str
    median: float | None
    low: float | None
    high: float | None
    level: float
    reason: str | None


class DraftOut(Computed, frozen=True, kw_only=True):
    """All that can be said of a draft. `changes`: what supported effects change against the account's usual posts, log points.

    `applies` and `could_apply` are supported effects; `worth_testing` are associations with the experiment that would settle them.
    `advice` names its source: `documented` (a platform's rule) or `seen` (no fixed number), each with its address.
    """

    release_id: UUID | None
    account_id: UUID
    format: str | None
    is_format_assumed: bool
    features: dict[str, float]
    missing: list[str]
    missing_note: str
    predictions: list[PredictedOut]
    changes: list[dict[str, Any]]
    applies: list[dict[str, Any]]
    could_apply: list[dict[str, Any]]
    worth_testing: list[dict[str, Any]]
    advice: list[dict[str, Any]]

    @classmethod
    def of(cls, account_id: UUID, found: Mapping[str, Any], head: Head | None) -> "DraftOut":
        frame = framed(head) | {"n": head.inputs_count if head else 0, "release_id": head.release_id if head else None}
        return msgspec.convert({**found, **frame, "account_id": account_id}, cls)


class ModelOut(msgspec.Struct, frozen=True, kw_only=True):
    """A scoring model at its newest version. A contribution is weight x (value - centre) / scale.

    `validation` (fitted): on posts that came later than those it was fitted to, against "as usual for the account"; never in sample.
    """

    model_id: UUID
    name: str
    version: int
    kind: str
    weights: list[dict[str, Any]]
    intercept: float
    is_useful: bool | None
    validation: dict[str, Any] | None
    account_id: UUID | None
    features_version: str
    data_from: datetime | None
    data_to: datetime | None
    created_at: datetime
    version_created_at: datetime

    @classmethod
    def of(cls, found: ScoringModel) -> "ModelOut":
        words = {name: getattr(found, name) for name in cls.__struct_fields__ if name not in ("weights", "intercept")}
        return cls(**words, weights=list(found.model["weights"]), intercept=found.model["intercept"])


class ScoredOut(msgspec.Struct, frozen=True, kw_only=True):
    """One score: the sum of its contributions, or null with the reason. `draft` is the place in the list that was sent."""

    draft: int | None
    video_id: UUID | None
    score: float | None
    reason: str | None
    missing: list[str]
    contributions: list[dict[str, Any]]

    @classmethod
    def of(cls, found: Scored, *, draft: int | None = None, video_id: UUID | None = None) -> "ScoredOut":
        each = [msgspec.to_builtins(one) for one in found.contributions]
        return cls(draft=draft, video_id=video_id, score=found.score, reason=found.reason, missing=list(found.missing), contributions=each)


class ScoresOut(msgspec.Struct, frozen=True, kw_only=True):
    """Scores in the order that was asked for, drafts first. `is_useful` false: the model did not beat the account's usual level."""

    model_id: UUID
    version: int
    is_useful: bool | None
    method: MethodOut
    items: list[ScoredOut]


class PredictionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction as it was written down; nothing of it changes. `scores`: what came, where the video has been seen at that age.

    `position` is the probability that was given to fewer views; `pinball` the mean loss of the three quantiles, log points.
    """

    prediction_id: UUID
    account_id: UUID
    draft: dict[str, Any]
    predictions: list[PredictedOut]
    changes: list[dict[str, Any]]
    method: MethodOut
    release_id: UUID
    made_at: datetime
    video_id: UUID | None
    attached_at: datetime | None
    scores: list[dict[str, Any]]

    @classmethod
    def of(cls, found: StoredPrediction) -> "PredictionOut":
        borrowed = ("draft", "predictions", "changes", "method", "scores")
        words = {name: getattr(found, name) for name in cls.__struct_fields__ if name not in borrowed}
        predicted = [msgspec.convert(each, PredictedOut) for each in found.figures["predictions"]]
        return cls(
            **words, draft=dict(found.draft), predictions=predicted, changes=list(found.figures["changes"]),
            method=MethodOut.of(Method(found.method, PLANNING_SECTION)), scores=[dict(each) for each in found.scores],
        )  # fmt: skip


class PredictionCalibrationOut(msgspec.Struct, frozen=True, kw_only=True):
    """How predictions did, by horizon: hits of the 80 % interval, the curve of quantiles, positions by tenths; null figures under 20.

    `abandoned`: predictions that a month after their time still name no video. Of several predictions of one video the first counts.
    """

    method: MethodOut
    account_id: UUID | None
    made: int
    attached: int
    abandoned: int
    horizons: dict[str, Any]

    @classmethod
    def of(cls, horizons: Mapping[str, Any], counts: Mapping[str, int], account_id: UUID | None) -> "PredictionCalibrationOut":
        return cls(method=METHOD, account_id=account_id, horizons=dict(horizons), **counts)


METHOD = MethodOut.of(Method(METHOD_VERSION, PLANNING_SECTION))


def framed(head: Head | None) -> dict[str, Any]:
    """The envelope, without n."""
    method = MethodOut.of(Method(head.method if head else "not-published-yet", PLANNING_SECTION))
    return {"as_of": head.as_of if head else None, "newest_observation": head.newest_observation if head else None, "method": method}
