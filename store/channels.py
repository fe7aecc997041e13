"""Channels as stored, and how many of them a member may own. States are in `domain.channels`, grants in `store.connections`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.channels import HAS_PLACE, Channel, ChannelStatus
from domain.errors import Conflict, NotFound, NotInPlan, PaymentNeeded
from domain.observations import Platform
from store.repository import Repository
from store.tables.channels import channels

_C = channels.c
_SHOWN = tuple(_C[name] for name in Channel.__dataclass_fields__)
_PAID = ("active", "trial", "canceling")


class Channels(Repository):
    """One tenant's channels."""

    def add(self, *, channel_id: UUID, user_id: UUID, words: Mapping[str, object]) -> Channel:
        self._insert(channels, {"channel_id": channel_id, "user_id": user_id, "platform": Platform.YOUTUBE, **words})
        return self.get(channel_id)

    def get(self, channel_id: UUID, *, lock: bool = False) -> Channel:
        found = self._found(_C.channel_id == channel_id, lock=lock)
        if not found:
            raise NotFound("channel", channel_id)
        return found[0]

    def page(
        self, *, limit: int, before: tuple[datetime, UUID] | None = None, status: ChannelStatus | None = None, niche: str | None = None
    ) -> Sequence[Channel]:
        """Newest first, strictly before the given position; archived ones only where they are asked for."""
        where = [_C.status == status if status else _C.status != ChannelStatus.ARCHIVED]
        if niche is not None:
            where.append(_C.niche == niche)
        if before is not None:
            where.append(sa.tuple_(_C.created_at, _C.channel_id) < sa.tuple_(*map(sa.literal, before)))
        return self._found(*where, limit=limit)

    def holding(self, external_id: str) -> Channel | None:
        """The channel that stands for this one of YouTube, if there is one. Nobody else becomes it until this transaction ends."""
        self._run(
            "select pg_advisory_xact_lock(hashtextextended('channel:' || cast(:tenant as text) || :external, 0))", external=external_id
        )
        return next(iter(self._found(_C.platform == Platform.YOUTUBE, _C.external_id == external_id)), None)

    def set(self, channel_id: UUID, words: Mapping[str, object]) -> Channel:
        """Only the columns given change. When it was archived is kept with its status."""
        if "status" in words:
            is_archived = words["status"] == ChannelStatus.ARCHIVED
            words = {**words, "archived_at": sa.func.clock_timestamp() if is_archived else None}
        change = channels.update().where(_C.tenant_id == self._tenant_id, _C.channel_id == channel_id)
        if self._run(change.values(updated_at=sa.func.clock_timestamp(), **words)).rowcount == 0:
            raise NotFound("channel", channel_id)
        return self.get(channel_id)

    def room_of(self, user_id: UUID) -> tuple[int, int | None]:
        """How many channels a member owns, and how many the plan allows; None: no limit.

        Until this transaction ends nobody else counts in this workspace, so that two cannot take the last place.
        """
        self._run("select pg_advisory_xact_lock(hashtextextended('channels:' || cast(:tenant as text), 0))")
        row = self._run(
            "select l.status, l.limits -> 'channels' as rule,"
            " (select count(*) from channels c where c.tenant_id = :tenant and c.user_id = :user and c.status = any(:placed)) as owned"
            " from app.limits_of(:tenant) l",
            user=user_id, placed=[str(each) for each in HAS_PLACE],
        ).one()  # fmt: skip
        if row.rule is None:
            raise NotInPlan("channels")
        if row.status not in _PAID:
            raise PaymentNeeded("channels: the subscription of this workspace is not active")
        return row.owned, row.rule["limit"]

    def role_of(self, user_id: UUID) -> str | None:
        """A member's role; None for who is no member."""
        found = "select role from memberships where tenant_id = :tenant and user_id = :user"
        return self._run(found, user=user_id).scalar_one_or_none()

    def account_of(self, external_id: str) -> UUID:
        """The account in the catalogue that this channel of YouTube is."""
        found = "select account_id from accounts where tenant_id = :tenant and platform = 'youtube' and external_id = :external"
        account_id: UUID | None = self._run(found, external=external_id).scalar_one_or_none()
        if account_id is None:
            raise Conflict(f"channel {external_id} is not in the catalogue yet")
        return account_id

    def _found(self, *where: sa.ColumnElement[bool], limit: int | None = None, lock: bool = False) -> Sequence[Channel]:
        found = sa.select(*_SHOWN).where(_C.tenant_id == self._tenant_id, *where)
        found = found.order_by(_C.created_at.desc(), _C.channel_id.desc()).limit(limit)
        return [_channel(row) for row in self._run(found.with_for_update() if lock else found)]


def _channel(row: sa.Row[Any]) -> Channel:
    words = dict(row._mapping)
    return Channel(**{**words, "status": ChannelStatus(words["status"])})
