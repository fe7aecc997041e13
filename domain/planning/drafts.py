"""A video before it is out: its features, the views it may have, which effects speak of it, what its texts break or leave out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.features.catalogue import CATALOGUE
from domain.features.feature import Known
from domain.features.vocabulary import Vocabulary
from domain.figures import plain
from domain.planning.basis import UNKNOWN_FORMAT, Basis
from domain.planning.evidence import Evidence, settled
from domain.planning.items import item
from domain.planning.levels import Usual
from domain.planning.limits import Texts, advice_on
from domain.planning.predicting import FULLY_GROWN, HORIZONS, Growth, Prediction, changes, predict
from domain.posts import posts_frame

DRAFT = "draft"
_KNOWN = frozenset(feature.name for feature in CATALOGUE if feature.known is Known.BEFORE)
_NOT_NOW = "not measured of drafts: topics, people and brands, sounds' charts, thumbnails"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a video to come. `description` None: not told; `format` None: the account's main one is assumed."""

    account_id: str
    title: str
    description: str | None = None
    hashtags: tuple[str, ...] = ()
    format: str | None = None
    duration_seconds: float | None = None
    planned_at: datetime | None = None


def measured(draft: Draft, basis: Basis) -> dict[str, float | None]:
    """Features that are known before publication; None where the draft does not tell. Measured by the rules of published posts."""
    from domain.features.table import feature_table

    same = {"account_id": draft.account_id, "platform": basis.platform, "time_zone": basis.time_zone, "selection": "manual"}
    facts = {name: getattr(draft, name) for name in ("title", "description", "format", "duration_seconds")}
    row = {**same, **facts, "video_id": DRAFT, "hashtags": tuple(tag.lower().lstrip("#") for tag in draft.hashtags)}
    earlier = [{**same, **each} for each in basis.recent]
    table = feature_table(posts_frame([*earlier, {**row, "posted_at": draft.planned_at}]), Vocabulary())
    values = zip(map(str, table.frame.columns), table.frame.to_numpy()[table.frame.index == DRAFT][0].tolist(), strict=True)
    return {name: value if value == value else None for name, value in values if name in _KNOWN}


def check(draft: Draft, basis: Basis) -> dict[str, Any]:
    """All that can be said of a draft, as JSON values. Topics, people and pictures are not measured of drafts."""
    values = measured(draft, basis)
    form = draft.format or basis.main
    made = changes(settled(each for each in basis.evidence if each.is_causal), values, basis.means, basis.ranges)
    standing = basis.standing()
    spoken = [(each, item(each, standing)) for each in settled(basis.evidence)]
    texts = Texts(basis.platform, draft.title, draft.description, draft.hashtags, form, draft.duration_seconds)
    answer = {
        "features": {name: value for name, value in values.items() if value is not None},
        "missing": sorted(name for name, value in values.items() if value is None), "missing_note": _NOT_NOW,
        "format": form, "is_format_assumed": draft.format is None,
        "predictions": [asdict(each) for each in predictions(draft, basis, values)],
        "changes": [asdict(each) for each in made],
        "applies": [found for each, found in spoken if each.is_causal and _is_followed(each, values)],
        "could_apply": [found for each, found in spoken if each.is_causal and not _is_followed(each, values)],
        "worth_testing": [found for each, found in spoken if not each.is_causal],
        "advice": [asdict(each) for each in advice_on(texts)],
    }  # fmt: skip
    return dict(plain(answer))


def predictions(draft: Draft, basis: Basis, values: Mapping[str, float | None]) -> list[Prediction]:
    """Fully grown, and at 7 and 30 days."""
    usual, growth = basis.formats.get(draft.format or basis.main or UNKNOWN_FORMAT, (None, {}))
    usual = usual or Usual(0, reason=f"no {draft.format or 'such'} post of this account is known")
    made = changes(settled(each for each in basis.evidence if each.is_causal), values, basis.means, basis.ranges)
    unknown = Growth(reason="nothing says yet how such posts grow")
    known = {FULLY_GROWN: Growth(0.0), **{horizon: growth.get(horizon, unknown) for horizon in HORIZONS}}
    return [predict(usual, made, each, horizon) for horizon, each in known.items()]


def _is_followed(each: Evidence, values: Mapping[str, float | None]) -> bool:
    """Whether the draft shows what is to do, or lacks what is to avoid; of amounts it cannot be said."""
    value = values.get(each.feature)
    return each.is_presence and value is not None and (value > 0) == ((each.estimate or 0.0) > 0)
