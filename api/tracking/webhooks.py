"""What hubs send us (WebSub): their questions and their pushes. Public: an address is known by its token, a push by its signature."""

from datetime import UTC, datetime
from typing import Annotated, Any

import anyio.to_thread
from litestar import Controller, MediaType, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter

from api.security import PUBLIC
from domain.websub import FEED_BYTES
from services import pushes
from store.database import Database

Mode = Annotated[str, QueryParameter(name="hub.mode", max_length=20)]
Topic = Annotated[str, QueryParameter(name="hub.topic", max_length=300)]
Challenge = Annotated[str, QueryParameter(name="hub.challenge", max_length=1000)]
LeaseSeconds = Annotated[int | None, QueryParameter(name="hub.lease_seconds", ge=0, le=31_536_000)]
Signature = Annotated[str | None, HeaderParameter(name="X-Hub-Signature", description="HMAC of the body with the feed's secret")]


class PushController(Controller):
    """Pushed feeds of new YouTube videos."""

    path = "/webhooks/youtube"
    tags = ["tracking"]
    security = PUBLIC

    @get("/{token:str}", sync_to_thread=True, media_type=MediaType.TEXT)
    def confirm_feed(
        self, token: FromPath[str], database: NamedDependency[Database], mode: Mode, topic: Topic, challenge: Challenge,
        lease_seconds: LeaseSeconds = None,
    ) -> str:  # fmt: skip
        """Answer a hub that asks whether we want a feed: the challenge where we do, 404 where we do not."""
        with database.begin_anonymous() as uow:
            pushes.challenge(uow, token, mode=mode, topic=topic, lease_seconds=lease_seconds, now=datetime.now(UTC))
        return challenge

    @post("/{token:str}", status_code=204, request_max_body_size=FEED_BYTES)
    async def receive_feed(
        self, request: Request[Any, Any, Any], token: FromPath[str], database: NamedDependency[Database], signature: Signature = None
    ) -> None:
        """Take in what a hub pushes: whoever tracks the channel reads it now. What is not signed with our secret is ignored."""
        body = await request.body()
        await anyio.to_thread.run_sync(_receive, database, token, body, signature)


def _receive(database: Database, token: str, body: bytes, signature: str | None) -> None:
    with database.begin_anonymous() as uow:
        pushes.receive(uow, token, body, signature=signature, now=datetime.now(UTC))
