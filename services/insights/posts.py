"""What several kinds of releases read alike: the rows of the frame of posts, and what was measured last. Packing is in `domain.packed`."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import Conflict
from services.insights.kind import Reading
from store.work import UnitOfWork

# The section of a release of features that says what each feature is.
DEFINITIONS = "definitions"
DIGITS = 10


def read_posts(uow: UnitOfWork, reading: Reading) -> tuple[list[dict[str, Any]], datetime | None]:
    """Rows as `domain.posts.COLUMNS`, and until when they may be kept (None: for good).

    A moment of publication that cannot be (`domain.posts.known_moment`) is missing, for whoever computes from these rows.
    """
    found = uow.posts.frame(as_of=reading.as_of, recorded_by=reading.read_at)
    until = min((row["expires_at"] for row in found if row["expires_at"] is not None), default=None)
    return [_post(row, reading.as_of) for row in found], until


def read_features(uow: UnitOfWork) -> dict[str, Any]:
    """What was measured last, packed, and by which release. Raises Conflict where nothing was."""
    from domain.packed import features_of

    release, found = uow.releases.latest("features"), uow.releases.finding("features", DEFINITIONS)
    if release is None or found is None:
        raise Conflict("features: nothing was measured yet; make core_features__videos first")
    packed = features_of(uow.features.all(), found.value or [], release.method)
    return {**packed, "release_id": str(release.release_id)}


def _post(row: Mapping[str, Any], as_of: datetime) -> dict[str, Any]:
    from domain.posts import known_moment

    facts = {name: value for name, value in row.items() if name not in ("reacted", "watched_share", "expires_at")}
    hashtags = sorted({tag.lower().lstrip("#") for tag in row["hashtags"]})
    posted_at = known_moment(row["posted_at"], as_of=as_of)
    return {
        **facts, "posted_at": posted_at, "hashtags": hashtags, "engagement": _log(row["reacted"]), "retention": _log(row["watched_share"])
    }  # fmt: skip


def _log(share: float | None) -> float | None:
    """Nobody who reacted has no log: it is missing, and no small number."""
    return float(f"{math.log(share):.{DIGITS}g}") if share else None
