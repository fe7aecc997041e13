"""What clips and fetched videos take of the day's: counted when they are asked for, for good once delivered.

A request that ends without a delivery gives it back by itself (`store.unfinished`); here is what is given back while it goes on.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from domain.errors import NotFound
from domain.requests import Request
from store.work import UnitOfWork


def ask(uow: UnitOfWork, kind: str, clip_ids: Sequence[UUID], *, request_id: UUID, subject: str, params: Mapping[str, object]) -> Request:
    """The request for the run that makes these clips, each of them counted. Raises LimitReached."""
    for clip_id in clip_ids:
        _take(uow, "clips_per_day", operation(clip_id), request_id)
    return uow.requests.ask(request_id=request_id, kind=kind, subject=subject, params=params, user_id=uow.user_id)


def operation(clip_id: UUID) -> str:
    """Under which the day's clip is taken and given back."""
    return f"clip:{clip_id}"


def give_back(uow: UnitOfWork, clip_id: UUID) -> None:
    """Nothing was delivered, so nothing counts. The first clip of a video was not taken from the day's."""
    with suppress(NotFound):
        uow.usage.give_back(operation(clip_id))


def deliver(uow: UnitOfWork, clip_id: UUID) -> None:
    """It is delivered, so it counts, also where an earlier attempt failed and gave it back."""
    with suppress(NotFound):
        uow.usage.deliver(operation(clip_id))


def take_fetch(uow: UnitOfWork, request_id: UUID) -> None:
    """A post's video is to be fetched: one of the day's videos, as if it had been sent. Raises LimitReached."""
    _take(uow, "media_per_day", _fetch(request_id), request_id)


def fetched(uow: UnitOfWork, request_id: UUID) -> None:
    """It is here."""
    with suppress(NotFound):
        uow.usage.deliver(_fetch(request_id))


def not_fetched(uow: UnitOfWork, request_id: UUID) -> None:
    """Somebody sent the video meanwhile, so nothing was fetched."""
    with suppress(NotFound):
        uow.usage.give_back(_fetch(request_id))


def _fetch(request_id: UUID) -> str:
    return f"fetch:{request_id}"


def _take(uow: UnitOfWork, meter: str, operation: str, request_id: UUID) -> None:
    uow.usage.take(meter, 1, operation=operation, now=datetime.now(UTC), request_id=request_id)
