"""Drafts and predictions: what a draft is held against, writing predictions down, tying them to videos, scoring them.

What is computed is in `domain.planning`; the plans themselves are a release: see `services.insights.plans`.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.errors import Conflict, FieldProblem, Unacceptable
from services.work import Work
from store.planning import Due, StoredPrediction
from store.releases import Head
from store.work import UnitOfWork

if TYPE_CHECKING:
    from domain.planning.basis import Basis
    from domain.planning.drafts import Draft

# A prediction whose video is not named for so long after it was due counts as abandoned: it could have been left out for what came of it.
ABANDONED_AFTER = timedelta(days=30)


def basis_for(uow: UnitOfWork, account_id: UUID) -> "tuple[Basis, Head | None]":
    """What drafts of the account are held against: of the newest plans, else nothing but its platform. Raises NotFound."""
    from domain.planning.basis import RECENT, Basis, read

    account = uow.accounts.get(account_id)
    found = uow.releases.finding("next", "basis", account_id)
    if found is not None and found.figures is not None:
        return read(found.value, uow.planning.recent_posts(account_id, limit=RECENT)), found.release
    return Basis(str(account_id), account.platform, None, None, {}, {}, ()), found.release if found else None


def checked(uow: UnitOfWork, draft: "Draft") -> tuple[dict[str, Any], Head | None]:
    """All that can be said of a draft."""
    from domain.planning.drafts import check

    basis, release = basis_for(uow, UUID(draft.account_id))
    return check(draft, basis), release


def values_of(uow: UnitOfWork, drafts: "Sequence[Draft]") -> list[dict[str, float | None]]:
    """The measured features of each draft. Raises NotFound."""
    from domain.planning.drafts import measured

    bases = {each: basis_for(uow, UUID(each))[0] for each in {draft.account_id for draft in drafts}}
    return [measured(draft, bases[draft.account_id]) for draft in drafts]


def write_down(uow: UnitOfWork, draft: "Draft", *, prediction_id: UUID, now: datetime) -> StoredPrediction:
    """Keep what is predicted now. Raises Unacceptable for a video that should be out already, Conflict where nothing can be predicted."""
    if draft.planned_at is not None and draft.planned_at <= now:
        raise Unacceptable("it is too late for a prediction", (FieldProblem("/planned_at", "choose a moment to come"),))
    found, release = checked(uow, draft)
    if release is None or all(each["median"] is None for each in found["predictions"]):
        reason = found["predictions"][0]["reason"]
        raise Conflict(f"prediction: nothing can be predicted yet ({reason})")
    facts = asdict(draft) | {"planned_at": draft.planned_at.isoformat() if draft.planned_at else None, "hashtags": list(draft.hashtags)}
    kept = {name: found[name] for name in ("predictions", "changes", "features", "format", "is_format_assumed")}
    return uow.planning.add(
        {"prediction_id": prediction_id, "account_id": UUID(draft.account_id), "draft": facts, "figures": kept, "method": release.method,
         "release_id": release.release_id, "made_at": now, "created_by": uow.user_id}
    )  # fmt: skip


def attach(uow: UnitOfWork, prediction_id: UUID, video_id: UUID) -> StoredPrediction:
    """Say which video came of it, once. Raises Conflict for a video that was out before, or where another one is named already."""
    uow.planning.lock(prediction_id)
    prediction, video = uow.planning.get(prediction_id), uow.planning.video(video_id)
    if prediction.video_id == video_id:
        return prediction
    if prediction.video_id is not None:
        raise Conflict(f"prediction {prediction_id} is of video {prediction.video_id}; that cannot be changed")
    if video.account_id != prediction.account_id:
        raise Unacceptable("the video is not of that account", (FieldProblem("/video_id", "name a video of the account"),))
    if video.earliest is None:
        raise Unacceptable("the video's publish time is unknown", (FieldProblem("/video_id", "name a video whose publish time is known"),))
    if video.earliest <= prediction.made_at:
        raise Conflict(f"prediction {prediction_id} was written down when video {video_id} may have been out already")
    uow.planning.attach(prediction_id, video_id)
    return uow.planning.get(prediction_id)


def score_due(work: Work, *, now: datetime) -> int:
    """Score every prediction whose video has been seen at the age that was predicted. How many scores were added."""
    from domain.planning.predicting import HORIZONS

    with work.begin() as uow:
        waiting = uow.planning.due(before=now - timedelta(days=min(HORIZONS.values())), horizons=len(HORIZONS))
        return sum(_score(uow, each, now) for each in waiting)


def _score(uow: UnitOfWork, each: Due, now: datetime) -> int:
    from domain.figures import plain
    from domain.planning.calibration import due, scored, views_at
    from domain.planning.predicting import HORIZONS

    day = timedelta(days=1)
    history = [((moment - each.posted_at) / day, views) for moment, views in uow.planning.history(each.video_id) if moment <= now]
    made = {prediction["horizon"]: prediction for prediction in each.figures["predictions"]}
    added = 0
    for horizon in due((now - each.posted_at) / day, each.scored):
        views = views_at(history, HORIZONS[horizon])
        if views is not None and horizon in made:
            uow.planning.put_score(each.prediction_id, plain(asdict(scored(made[horizon], views))), now=now)
            added += 1
    return added


def calibrations(uow: UnitOfWork, account_id: UUID | None, *, now: datetime) -> tuple[dict[str, Any], dict[str, int]]:
    """Calibration by horizon, and how many predictions were made, tied to videos, and abandoned."""
    from domain.figures import plain
    from domain.planning.calibration import calibration
    from domain.planning.predicting import HORIZONS

    found = uow.planning.scored(account_id=uow.accounts.narrowing(account_id))
    made = {}
    for horizon in HORIZONS:
        mine = [each for each in found if each["horizon"] == horizon]
        made[horizon] = calibration(*([each[name] for each in mine] for name in ("position", "is_hit", "pinball")))
    return dict(plain(made)), dict(uow.planning.counts(before=now - ABANDONED_AFTER, account_id=account_id))
