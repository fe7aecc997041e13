"""A token that is refused while it is used: renewed once, and what it says of the grant is noticed at once."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.connections import ConnectionStatus
from domain.errors import SourceRefused, SourceUnavailable
from domain.ports import Platforms
from services.owner_opening import opened
from services.owner_posts import list_posts
from services.owner_sync import each, wanted
from tests.owner import FakeOwnData, ask_sync, own_post
from tests.services.alone import Alone
from tests.services.owners import Owner

NOW = datetime.now(UTC)


@dataclass
class Forgetful(FakeOwnData):
    """Takes a token for so many calls; then only another one."""

    lasts: int = 1
    tokens: tuple[str, ...] = ()

    def own_page(self, grant: Any, errand: Any, *, page: str | None = None) -> Any:
        self.tokens += (grant.access_token,)
        if self.tokens.count(grant.access_token) > self.lasts:
            raise SourceRefused("youtube_api", "Invalid Credentials (authError)", category="invalid_grant")
        return super().own_page(grant, errand, page=page)


def sync(owner: Owner, own: FakeOwnData, channel_id: UUID) -> int:
    with owner.begin() as uow:
        channel = uow.channels.get(channel_id)
    own.external_id = channel.external_id or ""
    work = Alone(owner.database, ask_sync(owner.database, channel, owner.member.tenant_id))
    platforms: Platforms = replace(owner.platforms, own_data=own)
    with opened(work, platforms, now=NOW) as reading:
        found = each(work, wanted(work), lambda one: list_posts(work, reading(one), now=NOW), now=NOW)
    return sum(listing.posts for listing in found)


def status(owner: Owner, channel_id: UUID) -> tuple[str, str, int]:
    with owner.begin() as uow:
        connection = uow.connections.of_channel(channel_id)
        alerts = [alert for alert in uow.trust.alerts() if alert.kind == "needs_reauth"]
        assert connection is not None
        return connection.status, uow.channels.get(channel_id).status, len(alerts)


def test_a_long_sync_outlives_its_token(owner: Owner) -> None:
    channel_id = owner.connect().channel.channel_id
    own = Forgetful([own_post(number, at=NOW) for number in range(120)])

    assert sync(owner, own, channel_id) == 120

    assert (len(set(own.tokens)), owner.google.provider.asked.count("refresh_token")) == (3, 2)
    assert status(owner, channel_id) == ("live", "active", 0)


def test_a_grant_that_was_taken_back_is_noticed_at_the_first_refusal(owner: Owner) -> None:
    channel_id = owner.connect().channel.channel_id
    owner.google.provider.live.clear()

    with pytest.raises(SourceRefused, match="connect it again"):
        sync(owner, Forgetful([own_post(0, at=NOW)], lasts=0), channel_id)

    assert status(owner, channel_id) == (ConnectionStatus.NEEDS_REAUTH, "needs_reauth", 1)


def test_a_new_token_that_is_refused_as_well_ends_the_sync_and_not_the_grant(owner: Owner) -> None:
    channel_id = owner.connect().channel.channel_id
    own = Forgetful([own_post(0, at=NOW)], lasts=0)

    with pytest.raises(SourceRefused, match="Invalid Credentials"):
        sync(owner, own, channel_id)

    assert (len(own.tokens), status(owner, channel_id)) == (2, ("live", "active", 0))


def test_while_the_provider_is_away_a_refused_token_is_not_used_again(owner: Owner) -> None:
    channel_id = owner.connect().channel.channel_id
    own = Forgetful([own_post(0, at=NOW)], lasts=0)
    owner.google.provider.is_away = True

    with pytest.raises(SourceUnavailable):
        sync(owner, own, channel_id)

    assert (len(own.tokens), status(owner, channel_id)) == (1, ("live", "active", 0))
