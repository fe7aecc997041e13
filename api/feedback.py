"""Telling us something. The inbox is in `api.admin.inbox`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.idempotency import IdempotencyKey, once
from api.security import BEARER, known_caller
from services.feedback import tell
from store.database import Database, Entry


class FeedbackIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What you want to tell. `category` is a word of yours, such as `bug` or `wish`."""

    category: str
    message: str
    rating: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None


class ReceivedOut(msgspec.Struct, frozen=True, kw_only=True):
    """It has arrived."""

    feedback_id: UUID
    created_at: datetime


class FeedbackController(Controller):
    """Feedback."""

    path = "/feedback"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=201)
    def give(
        self,
        data: JSONBody[FeedbackIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:
        """Tell whoever runs this deployment something; every member may, 20 times a day and workspace."""
        with database.begin(entry) as uow:

            def effect() -> tuple[ReceivedOut, int, dict[str, str]]:
                words = {"category": data.category, "message": data.message}
                feedback_id, at = tell(uow, **words, rating=data.rating, now=datetime.now(UTC))
                return ReceivedOut(feedback_id=feedback_id, created_at=at), 201, {}

            return once(uow, idempotency_key, route="POST /feedback", body=data, effect=effect)
