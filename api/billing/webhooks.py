"""What payment providers tell us. Public: a webhook is known by its signature. It is kept as it came, and dealt with after the answer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import anyio.to_thread
import msgspec
from litestar import Controller, Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency

from api.security import PUBLIC
from domain.billing.events import EventKind
from domain.billing.states import Provider
from domain.errors import NotFound
from domain.ports import RunLauncher, Shops
from services.billing.asking import keep, react
from store.database import Database

BODY_BYTES = 1_000_000
Call = Request[Any, Any, Any]
Answer = Response["WebhookOut"]


class WebhookOut(msgspec.Struct, frozen=True, kw_only=True):
    """The event is in the inbox. `is_new`: it was not there before."""

    is_new: bool


class BillingWebhookController(Controller):
    """Webhooks of payment providers. A body whose signature does not hold answers 401, one that is no event 422."""

    path = "/billing/webhooks"
    tags = ["money"]
    security = PUBLIC

    @post("/stripe", status_code=200, request_max_body_size=BODY_BYTES)
    async def receive_stripe_event(
        self, request: Call, database: NamedDependency[Database], shops: NamedDependency[Shops], launcher: NamedDependency[RunLauncher]
    ) -> Answer:
        """Take in an event of Stripe's, signed by `Stripe-Signature`. It is kept as it came, once, and dealt with right afterwards."""
        return await _received(request, database, shops, launcher, Provider.STRIPE)

    @post("/dodo", status_code=200, request_max_body_size=BODY_BYTES)
    async def receive_dodo_event(
        self, request: Call, database: NamedDependency[Database], shops: NamedDependency[Shops], launcher: NamedDependency[RunLauncher]
    ) -> Answer:
        """Take in an event of Dodo Payments', signed as Standard Webhooks says. It is kept as it came, once, and dealt with afterwards."""
        return await _received(request, database, shops, launcher, Provider.DODO)


async def _received(request: Call, database: Database, shops: Shops, launcher: RunLauncher, provider: Provider) -> Answer:
    body, headers = await request.body(), dict(request.headers)
    answer, workspace = await anyio.to_thread.run_sync(_kept, database, shops, provider, body, headers)
    if workspace is not None:
        answer.background = BackgroundTask(react, database, launcher, workspace)
    return answer


def _kept(database: Database, shops: Shops, provider: Provider, body: bytes, headers: Mapping[str, str]) -> tuple[Answer, UUID | None]:
    shop = shops.all.get(provider)
    if shop is None:
        raise NotFound("webhook", provider)
    event = shop.heard(body, headers, now=datetime.now(UTC))
    is_new, workspace = keep(database, event, body)
    # What is never dealt with asks for nothing.
    asks = is_new and event.kind is not EventKind.UNKNOWN
    return Response(WebhookOut(is_new=is_new)), workspace if asks else None
