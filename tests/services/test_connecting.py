"""Consents: finished once, by the browser that began them, for the channel that they are of."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from domain.channels import ChannelStatus
from domain.connections import ConnectionStatus, features_of
from domain.errors import Conflict, Gone, NotFound, Refused, SourceRefused, SourceUnavailable, Unacceptable, Unauthenticated
from domain.owner_reports import ANALYTICS, MONETARY, READONLY
from services import channels, connecting, disconnecting
from services.connections import access
from services.consents import Browser, CameBack
from store.database import Database, MemberEntry
from tests.conftest import Member
from tests.conftest import TestUrls as Urls
from tests.services.owners import BROWSER, CALLBACK, Owner
from tests.store.crowds import at_once

NOW = datetime.now(UTC)


def test_a_consent_makes_the_connection_live_and_asks_for_the_first_reading(owner: Owner) -> None:
    done = owner.connect()

    assert (done.channel.status, done.connection.status) == (ChannelStatus.ACTIVE, ConnectionStatus.LIVE)
    assert (done.channel.external_id, done.channel.handle) == (owner.google.channel.facts.external_id, "example")
    assert done.connection.scopes == tuple(sorted((READONLY, ANALYTICS)))
    assert (done.request.kind, done.request.subject) == ("sync", f"onboard:{done.connection.connection_id}")
    assert done.request.params == {"channel_id": str(done.channel.channel_id)}
    assert access(owner.begin, owner.platforms, done.channel.channel_id, now=NOW).access_token.startswith("access-")
    assert done.channel.account_id is not None
    with owner.begin() as uow:
        assert uow.accounts.get(done.channel.account_id).external_id == done.channel.external_id


def test_what_was_not_asked_for_and_what_was_not_granted_is_off_and_says_why(owner: Owner) -> None:
    owner.google.provider.unticked = frozenset({ANALYTICS})

    some = {each.name: each for each in features_of(owner.connect().connection)}

    assert {name: each.is_on for name, each in some.items()} == {"channel": True, "analytics": False, "revenue": False}
    assert "not granted" in (some["analytics"].reason or "")
    assert "not asked for" in (some["revenue"].reason or "")


def test_more_is_granted_by_another_consent_which_takes_the_place_of_the_first(owner: Owner) -> None:
    first = owner.connect()

    second = owner.connect(first.channel.channel_id, with_revenue=True)

    with owner.begin() as uow:
        ended = uow.connections.get(first.connection.connection_id)
        tokens = uow.connections.tokens(first.connection.connection_id)
    assert MONETARY in second.connection.scopes
    assert (ended.status, tokens.access_token, tokens.refresh_token) == (ConnectionStatus.REVOKED, None, None)
    assert first.request.request_id != second.request.request_id
    assert "revoke" not in owner.google.provider.asked


def test_where_no_refresh_token_comes_the_one_before_goes_on(owner: Owner) -> None:
    first = owner.connect()
    owner.google.provider.gives_refresh_token = False

    second = owner.connect(first.channel.channel_id)

    later = NOW + timedelta(hours=2)
    assert access(owner.begin, owner.platforms, second.channel.channel_id, now=later).scopes == frozenset(second.connection.scopes)


def test_without_lasting_access_nothing_is_connected(owner: Owner) -> None:
    owner.google.provider.gives_refresh_token = False

    with pytest.raises(Unacceptable, match="no lasting access"):
        owner.connect()


def test_a_state_is_good_once_however_many_come_at_once(owner: Owner) -> None:
    channel_id = owner.make()
    came = owner.come_back(channel_id)

    answers = at_once(6, lambda _: connecting.finish(owner.database, owner.platforms, came, BROWSER))

    assert sorted(type(each).__name__ for each in answers) == ["Conflict"] * 5 + ["Connected"]
    assert owner.google.provider.asked.count("authorization_code") == 1


@pytest.mark.parametrize("secret", [None, "another browser's secret, long enough"])
def test_another_browser_finishes_nothing_and_spoils_nothing(owner: Owner, secret: str | None) -> None:
    came = owner.come_back(owner.make())

    with pytest.raises(Refused, match="another browser"):
        connecting.finish(owner.database, owner.platforms, came, Browser(secret, CALLBACK))

    assert connecting.finish(owner.database, owner.platforms, came, BROWSER).channel.status is ChannelStatus.ACTIVE


def test_a_consent_that_took_too_long_is_gone(owner: Owner, urls: Urls) -> None:
    came = owner.come_back(owner.make())
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as past:
        past.execute("update oauth_states set expires_at = now() - interval '1 second' where tenant_id = %s", (owner.member.tenant_id,))

    with pytest.raises(Gone, match="ten minutes"):
        connecting.finish(owner.database, owner.platforms, came, BROWSER)


@pytest.mark.parametrize("state", [None, "", "never made"])
def test_a_state_that_we_never_made_is_refused(owner: Owner, state: str | None) -> None:
    with pytest.raises(Unacceptable, match="state"):
        connecting.finish(owner.database, owner.platforms, CameBack(state, "code"), BROWSER)


def test_a_declined_consent_connects_nothing_and_its_state_is_used_up(owner: Owner) -> None:
    channel_id = owner.make()
    owner.google.provider.denies = True
    came = owner.come_back(channel_id)

    with pytest.raises(Refused, match="access_denied"):
        connecting.finish(owner.database, owner.platforms, came, BROWSER)

    with pytest.raises(Conflict, match="already"):
        connecting.finish(owner.database, owner.platforms, came, BROWSER)
    with owner.begin() as uow:
        assert uow.channels.get(channel_id).status is ChannelStatus.PENDING_OAUTH
        assert uow.connections.of_channel(channel_id) is None


def test_a_code_of_another_consent_is_not_accepted(owner: Owner) -> None:
    stolen, mine = owner.come_back(owner.make()), owner.come_back(owner.make())

    with pytest.raises(Unacceptable, match="code"):
        connecting.finish(owner.database, owner.platforms, replace(mine, code=stolen.code), BROWSER)


def test_a_code_is_good_once(owner: Owner) -> None:
    first = owner.come_back(owner.make())
    connecting.finish(owner.database, owner.platforms, first, BROWSER)
    again = owner.come_back(owner.make())

    with pytest.raises(Unacceptable, match="code"):
        connecting.finish(owner.database, owner.platforms, replace(again, code=first.code), BROWSER)


def test_without_leave_to_view_the_account_nothing_is_kept(owner: Owner) -> None:
    owner.google.provider.unticked = frozenset({READONLY})

    with pytest.raises(Unacceptable, match="which channel"):
        owner.connect()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (SourceRefused("google", "no channel", category="not_found"), Unacceptable),
        (SourceRefused("google", "quota", category="quota"), SourceRefused),
        (SourceUnavailable("google", "away"), SourceUnavailable),
    ],
)
def test_a_channel_that_cannot_be_read_is_not_connected(owner: Owner, error: SourceRefused, raised: type[Exception]) -> None:
    channel_id = owner.make()
    owner.google.channel.error = error

    with pytest.raises(raised):
        owner.connect(channel_id)

    with owner.begin() as uow:
        assert uow.connections.of_channel(channel_id) is None


def test_a_provider_that_is_away_can_be_asked_again_from_the_start(owner: Owner) -> None:
    channel_id = owner.make()
    came = owner.come_back(channel_id)
    owner.google.provider.is_away = True
    with pytest.raises(SourceUnavailable):
        connecting.finish(owner.database, owner.platforms, came, BROWSER)
    owner.google.provider.is_away = False

    assert owner.connect(channel_id).connection.status is ConnectionStatus.LIVE


def test_a_channel_stays_the_one_of_youtube_that_it_was(owner: Owner) -> None:
    first = owner.connect()
    was = owner.google.channel.facts
    owner.google.channel.facts = replace(was, external_id="UC" + "z" * 22, title="Quite another")

    with pytest.raises(Conflict, match="stands for example, and this consent was for Quite another"):
        owner.connect(first.channel.channel_id)

    with owner.begin() as uow:
        now = uow.connections.of_channel(first.channel.channel_id)
    assert now is not None
    assert now.connection_id == first.connection.connection_id


def test_two_channels_of_a_workspace_are_not_the_same_one_of_youtube(owner: Owner) -> None:
    first = owner.connect()

    with pytest.raises(Conflict, match=str(first.channel.channel_id)):
        owner.connect()


def test_two_workspaces_may_both_be_granted_a_channel(owner: Owner, owner_of: Callable[[Member], Owner], other: Member) -> None:
    mine, theirs = owner.connect(), owner_of(other).connect()

    assert mine.channel.external_id == theirs.channel.external_id


def test_two_consents_for_one_youtube_channel_at_once_connect_one_of_them(owner: Owner) -> None:
    came = [owner.come_back(owner.make()) for _ in range(4)]

    answers = at_once(4, lambda number: connecting.finish(owner.database, owner.platforms, came[number], BROWSER))

    assert sorted(type(each).__name__ for each in answers) == ["Conflict"] * 3 + ["Connected"]


def test_whoever_left_the_workspace_meanwhile_connects_nothing(owner: Owner, urls: Urls) -> None:
    came = owner.come_back(owner.make())
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as past:
        past.execute("update users set is_active = false where user_id = %s", (owner.member.user_id,))

    with pytest.raises(Unauthenticated):
        connecting.finish(owner.database, owner.platforms, came, BROWSER)


def test_a_viewer_connects_nothing(owner: Owner) -> None:
    came = owner.come_back(owner.make())
    with owner.begin() as uow:
        uow.connection.execute(sa.text("update memberships set role = 'viewer'"))

    with pytest.raises(Refused, match="viewer"):
        connecting.finish(owner.database, owner.platforms, came, BROWSER)


def test_another_workspaces_channel_cannot_be_begun(owner: Owner, owner_of: Callable[[Member], Owner], other: Member) -> None:
    with pytest.raises(NotFound):
        owner_of(other).ask(owner.make())
    with pytest.raises(NotFound):
        owner.ask(uuid4())


def test_an_archived_channel_is_not_connected(owner: Owner) -> None:
    channel_id = owner.make()
    with owner.begin() as uow:
        channels.archive(uow, channel_id)

    with pytest.raises(Conflict, match="archived"):
        owner.ask(channel_id)


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "/a b", "/a\nb", "x", "/é", "/" + "x" * 500]
)
def test_a_consent_leads_back_to_our_own_origin_only(owner: Owner, path: str) -> None:
    channel_id = owner.make()

    with (
        pytest.raises(Unacceptable, match="return"),
        owner.database.begin(MemberEntry(owner.member.tenant_id, owner.member.user_id)) as uow,
    ):
        connecting.begin(uow, owner.platforms, channel_id, BROWSER, with_revenue=False, return_to=path)


def test_a_paused_channel_stays_paused_when_it_is_connected_again(owner: Owner) -> None:
    first = owner.connect()
    with owner.begin() as uow:
        channels.change(uow, first.channel.channel_id, {"status": "paused"})

    assert owner.connect(first.channel.channel_id).channel.status is ChannelStatus.PAUSED


def test_disconnecting_tells_the_provider_and_keeps_the_history(owner: Owner) -> None:
    done = owner.connect()
    with owner.begin() as uow:
        begun = disconnecting.disconnect(uow, done.channel.channel_id)

    ended = disconnecting.revoke(owner.begin, owner.platforms, begun.connection_id)

    assert begun.delete_after is not None
    assert begun.revoked_at is not None
    assert (begun.status, begun.delete_after - begun.revoked_at) == (ConnectionStatus.REVOKING, timedelta(days=7))
    assert (ended.status, ended.tokens_deleted_at is not None, owner.google.provider.live) == (ConnectionStatus.REVOKED, True, {})
    with owner.begin() as uow:
        channel = uow.channels.get(done.channel.channel_id)
    assert (channel.status, channel.external_id) == (ChannelStatus.PENDING_OAUTH, done.channel.external_id)
    with pytest.raises(Conflict, match="not connected"):
        access(owner.begin, owner.platforms, channel.channel_id, now=NOW)


def test_a_provider_that_is_away_is_told_later(owner: Owner, fresh: Database) -> None:
    done = owner.connect()
    owner.google.provider.is_away = True
    with owner.begin() as uow:
        begun = disconnecting.disconnect(uow, done.channel.channel_id)
    assert disconnecting.revoke(owner.begin, owner.platforms, begun.connection_id).status is ConnectionStatus.REVOKING
    owner.google.provider.is_away = False

    ended = disconnecting.revoke(owner.begin, owner.platforms, begun.connection_id)

    assert (ended.status, owner.google.provider.live) == (ConnectionStatus.REVOKED, {})


def test_where_nobody_can_ask_the_provider_the_grant_waits(owner: Owner) -> None:
    done = owner.connect()
    with owner.begin() as uow:
        begun = disconnecting.disconnect(uow, done.channel.channel_id)

    waiting = disconnecting.revoke(owner.begin, replace(owner.platforms, google=None), begun.connection_id)
    ended = disconnecting.revoke(owner.begin, owner.platforms, begun.connection_id)

    assert (waiting.status, waiting.tokens_deleted_at) == (ConnectionStatus.REVOKING, None)
    assert (ended.status, owner.google.provider.live) == (ConnectionStatus.REVOKED, {})


def test_a_grant_that_the_provider_does_not_know_any_more_is_over_as_well(owner: Owner) -> None:
    done = owner.connect()
    owner.google.provider.live.clear()
    with owner.begin() as uow:
        begun = disconnecting.disconnect(uow, done.channel.channel_id)

    ended = disconnecting.revoke(owner.begin, owner.platforms, begun.connection_id)

    assert (ended.status, (ended.error or {})["code"]) == (ConnectionStatus.REVOKED, "source_refused")


def test_connecting_again_calls_a_pending_revocation_off(owner: Owner) -> None:
    done = owner.connect()
    owner.google.provider.is_away = True
    with owner.begin() as uow:
        begun = disconnecting.disconnect(uow, done.channel.channel_id)
    disconnecting.revoke(owner.begin, owner.platforms, begun.connection_id)
    owner.google.provider.is_away = False

    owner.connect(done.channel.channel_id)

    assert disconnecting.revoke(owner.begin, owner.platforms, begun.connection_id).status is ConnectionStatus.REVOKED
    assert "revoke" not in owner.google.provider.asked
    assert access(partial(owner.database.begin, owner.member.tenant_id), owner.platforms, done.channel.channel_id, now=NOW)


def test_a_connected_channel_is_followed_as_an_account(owner: Owner) -> None:
    done = owner.connect()

    assert done.channel.account_id is not None
    with owner.begin() as uow:
        assert uow.trackings.get(done.channel.account_id).platform == "youtube"


def test_without_room_to_follow_it_a_channel_is_connected_all_the_same(owner: Owner) -> None:
    with owner.begin() as uow:
        limit = uow.connection.execute(
            sa.text("select (limits -> 'trackings' ->> 'limit')::int from plans where plan = 'free'")
        ).scalar_one()
        uow.usage.take("trackings", limit, operation="everything", now=NOW)

    done = owner.connect()

    assert done.channel.account_id is not None
    with owner.begin() as uow:
        assert uow.trackings.find(done.channel.account_id) is None
    assert done.connection.status is ConnectionStatus.LIVE


def test_the_look_at_the_channel_is_logged_and_paid_like_any_call(owner: Owner) -> None:
    owner.connect()

    with owner.begin() as uow:
        logged = uow.connection.execute(sa.text("select operation, outcome from external_calls")).all()
    assert [tuple(each) for each in logged] == [("channels.list", "ok")]
