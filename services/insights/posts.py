"""The frame of posts and the table of features as they are packed with a release, and out of it again."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.insights.kind import Reading
from services.insights.packing import columns, moment, rows
from store.work import UnitOfWork

if TYPE_CHECKING:
    import pandas as pd

    from domain.features.table import FeatureTable

# The section of a release of features that says what each feature is.
DEFINITIONS = "definitions"
DIGITS = 10


def read_posts(uow: UnitOfWork, reading: Reading) -> tuple[list[dict[str, Any]], datetime | None]:
    """Rows as `domain.posts.COLUMNS`, and until when they may be kept (None: for good)."""
    found = uow.posts.frame(as_of=reading.as_of, recorded_by=reading.read_at)
    until = min((row["expires_at"] for row in found if row["expires_at"] is not None), default=None)
    return [_post(row) for row in found], until


def _post(row: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in row.items() if name not in ("reacted", "watched_share", "expires_at")}
    hashtags = sorted({tag.lower().lstrip("#") for tag in row["hashtags"]})
    return {**facts, "hashtags": hashtags, "engagement": _log(row["reacted"]), "retention": _log(row["watched_share"])}


def _log(share: float | None) -> float | None:
    """Nobody who reacted has no log: it is missing, and no small number."""
    return float(f"{math.log(share):.{DIGITS}g}") if share else None


def posts_of(table: Mapping[str, Sequence[Any]]) -> "pd.DataFrame":
    """The frame of packed posts."""
    from domain.posts import posts_frame

    return posts_frame({**row, "posted_at": moment(row["posted_at"])} for row in rows(table))


def packed_features(uow: UnitOfWork) -> dict[str, Any]:
    """What was measured last, by column, with what each feature is. Empty where nothing was."""
    release = uow.releases.latest("features")
    found = uow.releases.finding("features", DEFINITIONS)
    if release is None or found is None or found.figures is None:
        return {"release_id": None, "version": "none", "definitions": [], "video_id": [], "figures": {}, "words": {}}
    measured = uow.features.all()
    return {
        "release_id": str(release.release_id), "version": release.method, "definitions": found.value,
        "video_id": [video for video, _, _ in measured],
        "figures": columns([figures for _, figures, _ in measured]), "words": columns([words for _, _, words in measured]),
    }  # fmt: skip


def features_of(packed: Mapping[str, Any], videos: Sequence[str]) -> "FeatureTable":
    """The table of features of these videos, in their order; one that was not measured has missing features."""
    import pandas as pd

    from domain.features.feature import Feature, FeatureKind, Group, Known
    from domain.features.table import FeatureTable

    kinds = {"kind": FeatureKind, "group": Group, "known": Known}
    features = tuple(Feature(**{**each, **{name: kind(each[name]) for name, kind in kinds.items()}}) for each in packed["definitions"])
    index = pd.Series(packed["video_id"], name="video_id", dtype="object")
    frame = pd.DataFrame(packed["figures"], index=index, columns=[each.name for each in features], dtype="float64")
    words = pd.DataFrame(packed["words"], index=index, dtype=object)
    order = pd.Index(pd.Series(list(videos), name="video_id", dtype="object"))
    return FeatureTable(frame.reindex(order), features, words.reindex(order), packed["version"])
