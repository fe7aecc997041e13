"""What routes of payers have in common: who asks, a place to wait for the provider in, and answers that are told once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from litestar import Response

from api.billing.returns import Returns
from api.idempotency import JSON
from api.places import Places
from api.security import needs
from domain.errors import FieldProblem, Unacceptable
from domain.ports import Shops
from domain.roles import Action
from services.billing.calling import Outcome
from services.billing.deeds import Till
from store.database import Database, Entry
from store.ids import new_id
from store.work import UnitOfWork

Shape = TypeVar("Shape", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Paying:
    """One call of somebody who pays. Every transaction of it asks again who they are."""

    database: Database
    entry: Entry
    shops: Shops
    places: Places
    returns: Returns

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.entry)

    @contextmanager
    def till(self, action: Action = Action.MANAGE_BILLING) -> Iterator[Till]:
        """Raises Refused, and LimitReached where the workspace waits for the outside world often enough."""
        with self.begin() as uow:
            needs(uow, action)
            tenant_id = uow.tenant_id
        with self.places.take(tenant_id):
            yield Till(self, self.shops, datetime.now(UTC))


def operation_named(key: str | None) -> str:
    """What a change is called by: the key of the call, or a made one."""
    if key is not None and not 1 <= len(key) <= 255:
        raise Unacceptable("the Idempotency-Key cannot be accepted", (FieldProblem("Idempotency-Key", "use 1 to 255 characters"),))
    return f"http:{new_id().hex if key is None else key}"


def answered(outcome: Outcome, shape: type[Shape], status_code: int) -> Response[bytes]:
    """The same bytes each time that it is told."""
    headers = {"Cache-Control": "no-store"} | ({"Idempotency-Replayed": "true"} if outcome.is_replay else {})
    body = msgspec.json.encode(msgspec.convert(outcome.answer, shape))
    return Response(body, status_code=status_code, headers=headers, media_type=JSON)
