"""Channels connected through the real client of Google's OAuth and of YouTube, as `gateways.platforms` puts them together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest

from domain.connections import ConnectionStatus, features_of
from domain.errors import Conflict, FailureCategory, Refused, SourceRefused, Unacceptable
from domain.owner_reports import ANALYTICS, MONETARY, READONLY
from domain.ports import Platforms
from domain.sources import Grant
from gateways.google_oauth import GoogleOAuth
from gateways.platforms import PlatformOptions, platforms
from gateways.youtube import YouTubeOwner
from sandbox.google import CLIENT_ID, CLIENT_SECRET, Google
from sandbox.serving import Desk, Server, running
from sandbox.world import Clock, Creator, World, make_world
from services import connecting, disconnecting
from services.connecting import Connected
from services.connections import access
from services.consents import CameBack
from store.database import Database
from tests.conftest import Member
from tests.consent import KEYS, PLAIN
from tests.services.owners import BROWSER, Owner

LATER = timedelta(hours=2)


@dataclass(frozen=True)
class Consenting:
    """A member whose browser meets the sandbox's consent page."""

    owner: Owner
    sandbox: Google
    creator: Creator

    def connect(self, channel_id: UUID | None = None, *, decision: str = "allow_all", scopes: tuple[str, ...] = ()) -> Connected:
        url = self.owner.ask(channel_id or self.owner.make(), with_revenue=True)
        form = {"decision": decision, "scope": list(scopes), "channel": self.creator.native_id}
        words = httpx.URL(httpx.post(url, data=form, **PLAIN).headers["location"]).params
        came = CameBack(words.get("state"), words.get("code"), words.get("error"))
        return connecting.finish(self.owner.database, self.owner.platforms, came, BROWSER)

    def token(self, done: Connected, *, later: timedelta = timedelta()) -> Grant:
        return access(self.owner.begin, self.owner.platforms, done.channel.channel_id, now=datetime.now(UTC) + later)


@pytest.fixture(scope="module")
def configured() -> Iterator[tuple[Server, World, Platforms]]:
    """A server for the sandbox, its world, and the platforms as they are configured for it."""
    world = make_world(seed=11, epoch=datetime.now(UTC), accounts=8, posts=3)
    with running(Desk((), Clock())) as server:
        options = PlatformOptions(google_client_id=CLIENT_ID, google_client_secret=CLIENT_SECRET, google_url=server.url, token_keys=KEYS)
        made = platforms(options)
        assert isinstance(made.google, GoogleOAuth)
        assert isinstance(made.own_data, YouTubeOwner)
        yield server, world, made
        made.google.wire.close()
        made.own_data.google.wire.close()


@pytest.fixture
def person(configured: tuple[Server, World, Platforms], database: Database, member: Member) -> Consenting:
    """Nothing was granted before: what was stays granted with what is granted later."""
    server, world, made = configured
    google = Google(world, Clock())
    server.desk = Desk(google.services, Clock())
    creator = next(each for each in world.creators if each.platform == "youtube")
    return Consenting(Owner(database, SimpleNamespace(platforms=made), member), google, creator)  # type: ignore[arg-type]


def test_a_channel_is_connected_and_its_token_renewed(person: Consenting) -> None:
    done = person.connect()

    now, later = person.token(done), person.token(done, later=LATER)

    assert (done.channel.external_id, done.channel.handle) == (person.creator.native_id, person.creator.username)
    assert set(done.connection.scopes) == {READONLY, ANALYTICS, MONETARY}
    assert (now.access_token != later.access_token, later.scopes) == (True, now.scopes)


def test_a_consent_with_fewer_scopes_is_taken_as_it_is(person: Consenting) -> None:
    done = person.connect(decision="allow", scopes=(READONLY,))

    assert {each.name for each in features_of(done.connection) if each.is_on} == {"channel"}


def test_without_leave_to_view_the_account_nothing_is_connected(person: Consenting) -> None:
    with pytest.raises(Unacceptable, match="which channel"):
        person.connect(decision="allow", scopes=(ANALYTICS,))


def test_a_declined_consent_is_refused(person: Consenting) -> None:
    with pytest.raises(Refused, match="access_denied"):
        person.connect(decision="deny")


def test_a_grant_that_its_owner_took_back_needs_consent_and_gets_it(person: Consenting) -> None:
    done = person.connect()
    with person.owner.begin() as uow:
        kept = uow.connections.tokens(done.connection.connection_id).refresh_token
    assert person.owner.platforms.vault is not None
    assert kept is not None
    refresh_token = person.owner.platforms.vault.open(kept, context=done.connection.name.context("refresh_token")).decode()
    person.sandbox.grants.revoke(refresh_token)

    for _ in range(2):
        with pytest.raises(SourceRefused) as refused:
            person.token(done, later=LATER)
        assert refused.value.category is FailureCategory.INVALID_GRANT

    again = person.connect(done.channel.channel_id)
    assert person.token(again, later=LATER).access_token


def test_disconnecting_ends_the_grant_at_google(person: Consenting) -> None:
    done = person.connect()
    token = person.token(done)
    with person.owner.begin() as uow:
        disconnecting.disconnect(uow, done.channel.channel_id)

    ended = disconnecting.revoke(person.owner.begin, person.owner.platforms, done.connection.connection_id)

    assert (ended.status, ended.error, person.sandbox.grants.holder(token.access_token)) == (ConnectionStatus.REVOKED, None, None)
    with pytest.raises(Conflict):
        person.token(done)
