"""What callers send about drafts, scoring models and predictions, and what that means. Answers are in `shapes`."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from domain.planning.drafts import Draft

# The database keeps no NUL in a text.
NO_NUL = r"^[^\x00]*$"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=NO_NUL)]
Feature = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=NO_NUL)]


class DraftIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A video to come. `title` is the caption where the platform has no titles; what is left out is not known, and is not guessed."""

    account_id: UUID
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, pattern=NO_NUL)]
    description: Annotated[str, msgspec.Meta(max_length=20_000, pattern=NO_NUL)] | None = None
    hashtags: Annotated[list[Name], msgspec.Meta(max_length=200)] = []
    format: Literal["short", "long", "live"] | None = None
    duration_seconds: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] | None = None
    planned_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    @property
    def draft(self) -> Draft:
        facts = {name: getattr(self, name) for name in ("title", "description", "format", "duration_seconds", "planned_at")}
        return Draft(str(self.account_id), hashtags=tuple(self.hashtags), **facts)


class ModelIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model of your own: points per step of each feature. They are scaled so that their sizes add up to 1."""

    name: Name
    weights: Annotated[dict[Feature, float], msgspec.Meta(min_length=1, max_length=100)]


class ModelChangeIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change. New weights are a new version."""

    name: Name | None = None
    weights: Annotated[dict[Feature, float], msgspec.Meta(min_length=1, max_length=100)] | None = None


class FitIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Fit to posts. `features`: left out, those of the model; `account_id`: left out, all accounts."""

    features: Annotated[list[Feature], msgspec.Meta(min_length=1, max_length=100)] | None = None
    account_id: UUID | None = None


class ScoresIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to score. `version`: left out, the newest one."""

    drafts: Annotated[list[DraftIn], msgspec.Meta(max_length=20)] = []
    video_ids: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None


class PredictedVideoIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The video that the prediction was about."""

    video_id: UUID
