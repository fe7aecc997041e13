"""Channels: made, listed, changed, archived, handed over. Their grants are in `api.channels.grants`."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.channels.shapes import ChannelChange, ChannelIn, ChannelOut, TransferIn
from api.idempotency import IdempotencyKey, once
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.security import BEARER, known_caller, needs, needs_write
from domain.channels import ChannelStatus
from domain.roles import Action
from services import channels
from store.database import Database, Entry

StatusParam = Annotated[ChannelStatus | None, QueryParameter(name="status", description="only in this state; else all but archived ones")]
NicheParam = Annotated[str | None, QueryParameter(description="only of this niche", max_length=100)]


class ChannelController(Controller):
    """Channels of the workspace."""

    path = "/channels"
    tags = ["channels"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=201)
    def make_channel(
        self, data: JSONBody[ChannelIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Make a channel, to be connected afterwards. 403 where you own as many as the plan allows each member."""
        with database.begin(entry) as uow:
            needs_write(uow)

            def effect() -> tuple[ChannelOut, int, dict[str, str]]:
                made = channels.make(uow, {name: getattr(data, name) for name in data.__struct_fields__})
                return ChannelOut.of(made), 201, {"Location": f"/api/v1/channels/{made.channel_id}"}

            return once(uow, idempotency_key, route="POST /channels", body=data, effect=effect)

    @get("/", sync_to_thread=True)
    def list_channels(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        wanted: StatusParam = None, niche: NicheParam = None, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[ChannelOut]:  # fmt: skip
        """List channels, newest first."""
        scope = f"channels:{wanted}:{niche}"
        before = cursors.read(cursor, scope, tuple[datetime, UUID]) if cursor else None
        with database.begin(entry) as uow:
            found = uow.channels.page(limit=limit + 1, before=before, status=wanted, niche=niche)
        return page(
            found, limit, shape=ChannelOut.of, position=lambda each: (each.created_at, each.channel_id), cursors=cursors, scope=scope
        )

    @get("/{channel_id:uuid}", sync_to_thread=True)
    def get_channel(self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> ChannelOut:
        """One channel."""
        with database.begin(entry) as uow:
            return ChannelOut.of(uow.channels.get(channel_id))

    @patch("/{channel_id:uuid}", sync_to_thread=True)
    def change_channel(
        self, channel_id: FromPath[UUID], data: JSONBody[ChannelChange], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> ChannelOut:
        """Change the fields that are sent. Pause with `status: paused`, restore an archived one with `status: pending_oauth`."""
        with database.begin(entry) as uow:
            needs_write(uow)
            return ChannelOut.of(channels.change(uow, channel_id, data.given))

    @delete("/{channel_id:uuid}", sync_to_thread=True, status_code=204)
    def archive_channel(self, channel_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Archive a channel: out of the lists, its history stays. 409 while it is connected: disconnect it first."""
        with database.begin(entry) as uow:
            needs_write(uow)
            channels.archive(uow, channel_id)

    @post("/{channel_id:uuid}/transfer", sync_to_thread=True, status_code=200)
    def transfer_channel(
        self, channel_id: FromPath[UUID], data: JSONBody[TransferIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Hand a channel over to another member, who needs room for it. For owners and admins of the workspace."""
        with database.begin(entry) as uow:
            needs(uow, Action.MANAGE_CHANNELS)

            def effect() -> tuple[ChannelOut, int, dict[str, str]]:
                return ChannelOut.of(channels.transfer(uow, channel_id, data.user_id)), 200, {}

            return once(uow, idempotency_key, route=f"POST /channels/{channel_id}/transfer", body=data, effect=effect)
