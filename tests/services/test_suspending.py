"""The operator suspends a channel, and lets it go on where its grant stands by then."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.channels import ChannelStatus
from domain.errors import Conflict, NotFound
from services import disconnecting, syncs
from services.suspending import lift, suspend
from store.ids import new_id
from tests.services.owners import Owner

NOW = datetime.now(UTC)


@pytest.fixture
def channel_id(owner: Owner) -> UUID:
    return owner.connect().channel.channel_id


def test_a_suspended_channel_is_not_read_until_that_is_lifted(owner: Owner, channel_id: UUID) -> None:
    assert suspend(owner.database, channel_id).status is ChannelStatus.SUSPENDED

    with pytest.raises(Conflict, match="suspended"), owner.begin() as uow:
        syncs.ask(uow, channel_id)
    with pytest.raises(Conflict, match="cannot be connected"):
        owner.connect(channel_id)

    assert lift(owner.database, channel_id).status is ChannelStatus.ACTIVE


def test_it_comes_back_to_where_its_grant_stands(owner: Owner, channel_id: UUID) -> None:
    suspend(owner.database, channel_id)
    with owner.begin() as uow:
        uow.connection.execute(sa.text("update connections set status = 'needs_reauth'"))
    assert lift(owner.database, channel_id).status is ChannelStatus.NEEDS_REAUTH

    suspend(owner.database, channel_id)
    with owner.begin() as uow:
        disconnecting.disconnect(uow, channel_id)

    with pytest.raises(Conflict, match="not suspended"):
        lift(owner.database, channel_id)
    with owner.begin() as uow:
        assert uow.channels.get(channel_id).status is ChannelStatus.PENDING_OAUTH


def test_what_cannot_be_suspended_says_why(owner: Owner) -> None:
    with pytest.raises(NotFound):
        suspend(owner.database, new_id())
    with pytest.raises(Conflict, match="nothing to suspend"):
        suspend(owner.database, owner.make())
