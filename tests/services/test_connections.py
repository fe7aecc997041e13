"""Live tokens: refreshed by one at a time, written ahead, never lost in silence; a dead grant is told of once and left alone."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from domain.channels import ChannelStatus
from domain.connections import Connection, ConnectionStatus
from domain.errors import FailureCategory, NotFound, SourceRefused, SourceUnavailable
from domain.ports import Platforms
from domain.sources import Grant, Tokens
from gateways.vault import SealedVault, new_keys
from services import channels
from services.connections import access
from services.sealing import Resealed, reseal
from store.database import Database
from store.trust import Alert
from tests.conftest import Member, make_member
from tests.conftest import TestUrls as Urls
from tests.consent import KEYS, LittleClient, World
from tests.services.owners import Owner
from tests.store.crowds import at_once

ROOT = Path(__file__).parents[2]


class Died(BaseException):
    """The process was killed here."""


@dataclass(frozen=True)
class Dying(LittleClient):
    """The same client, in a process that dies once: before the provider is asked, or after it answered."""

    is_asked: bool = True

    def refresh(self, refresh_token: str) -> Tokens:
        if self.is_asked:
            super().refresh(refresh_token)
        raise Died


@pytest.fixture
def channel_id(owner: Owner) -> UUID:
    """A connected channel whose token has run out."""
    done = owner.connect()
    token_runs_out(owner)
    return done.channel.channel_id


def token_runs_out(owner: Owner, *, seconds_left: float = -60) -> None:
    with owner.begin() as uow:
        uow.connection.execute(
            sa.text("update connections set expires_at = :at"), {"at": datetime.now(UTC) + timedelta(seconds=seconds_left)}
        )


def lease_runs_out(owner: Owner) -> None:
    with owner.begin() as uow:
        uow.connection.execute(sa.text("update connections set refreshing_until = clock_timestamp() - interval '1 second'"))


def get(owner: Owner, channel_id: UUID, platforms: Platforms | None = None) -> Grant:
    return access(owner.begin, platforms or owner.platforms, channel_id, now=datetime.now(UTC), sleep=lambda _: None)


def connection_of(owner: Owner, channel_id: UUID) -> Connection:
    with owner.begin() as uow:
        found = uow.connections.of_channel(channel_id)
    assert found is not None
    return found


def alerts_of(owner: Owner) -> list[Alert]:
    with owner.begin() as uow:
        return [each for each in uow.trust.alerts() if each.kind == "needs_reauth" and each.resolved_at is None]


def refreshes(owner: Owner) -> int:
    return owner.google.provider.asked.count("refresh_token")


def test_a_token_that_is_good_is_handed_out_as_it_is(owner: Owner) -> None:
    done = owner.connect()

    first, second = (get(owner, done.channel.channel_id) for _ in range(2))

    assert (first, refreshes(owner)) == (second, 0)
    assert "access-" not in repr(first)


@pytest.mark.parametrize(("seconds_left", "times"), [(310, 0), (290, 1), (-3600, 1)])
def test_a_token_is_refreshed_when_under_five_minutes_remain(owner: Owner, channel_id: UUID, seconds_left: float, times: int) -> None:
    token_runs_out(owner, seconds_left=seconds_left)

    get(owner, channel_id)

    assert refreshes(owner) == times


@pytest.mark.parametrize("is_rotating", [False, True])
def test_the_token_that_comes_with_an_answer_is_the_one_used_next(owner: Owner, channel_id: UUID, is_rotating: bool) -> None:
    owner.google.provider.is_rotating = is_rotating

    tokens = []
    for _ in range(3):
        tokens.append(get(owner, channel_id).access_token)
        token_runs_out(owner)

    assert (len(set(tokens)), refreshes(owner), connection_of(owner, channel_id).generation) == (3, 3, 4)


@pytest.mark.parametrize("is_rotating", [False, True])
def test_many_at_once_ask_the_provider_once(owner: Owner, channel_id: UUID, is_rotating: bool) -> None:
    owner.google.provider.is_rotating, owner.google.provider.pause_seconds = is_rotating, 0.1

    answers = at_once(8, lambda _: access(owner.begin, owner.platforms, channel_id, now=datetime.now(UTC)))

    assert (len({repr(each) for each in answers}), {type(each) for each in answers}, refreshes(owner)) == (1, {Grant}, 1)


def test_processes_of_their_own_ask_the_provider_once(owner: Owner, channel_id: UUID, urls: Urls) -> None:
    owner.google.provider.is_rotating, owner.google.provider.pause_seconds = True, 0.2
    words = [sys.executable, "-m", "tests.services.refresher", urls.app, owner.google.url, str(owner.member.tenant_id), str(channel_id)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    workers = [subprocess.Popen(words, **pipes) for _ in range(2)]

    assert [worker.stdout.readline() for worker in workers if worker.stdout] == ["ready\n"] * 2
    told = [worker.communicate("go\n", timeout=30)[0] for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0]
    assert (len(set(told)), refreshes(owner)) == (1, 1)
    assert connection_of(owner, channel_id).status is ConnectionStatus.LIVE


def test_while_another_asks_a_token_that_still_lives_is_used(owner: Owner, channel_id: UUID) -> None:
    token_runs_out(owner, seconds_left=120)
    with owner.begin() as uow:
        assert uow.connections.begin_refresh(connection_of(owner, channel_id), uuid4())

    assert get(owner, channel_id).access_token.startswith("access-")
    assert refreshes(owner) == 0


def test_nobody_waits_for_another_for_ever(owner: Owner, channel_id: UUID) -> None:
    with owner.begin() as uow:
        uow.connections.begin_refresh(connection_of(owner, channel_id), uuid4())
        uow.connection.execute(sa.text("update connections set refreshing_until = clock_timestamp() + interval '1 hour'"))

    with pytest.raises(SourceUnavailable, match="another process"):
        get(owner, channel_id)


def test_that_the_provider_is_asked_is_written_down_before(owner: Owner, channel_id: UUID) -> None:
    seen: list[Connection] = []

    class Looking(LittleClient):
        def refresh(self, refresh_token: str) -> Tokens:
            seen.append(connection_of(owner, channel_id))
            return super().refresh(refresh_token)

    get(owner, channel_id, replace(owner.platforms, google=Looking(owner.google.url)))

    assert seen[0].refresh_asked_at is not None
    assert connection_of(owner, channel_id).refresh_asked_at is None


@pytest.mark.parametrize("is_asked", [False, True])
@pytest.mark.parametrize("is_rotating", [False, True])
def test_a_crash_around_the_answer_is_recovered_from_or_told_of(owner: Owner, channel_id: UUID, is_asked: bool, is_rotating: bool) -> None:
    owner.google.provider.is_rotating = is_rotating
    with pytest.raises(Died):
        get(owner, channel_id, replace(owner.platforms, google=Dying(owner.google.url, is_asked)))
    lease_runs_out(owner)

    if is_asked and is_rotating:  # Google replaced the token in the answer that was lost
        with pytest.raises(SourceRefused):
            get(owner, channel_id)
        assert connection_of(owner, channel_id).status is ConnectionStatus.NEEDS_REAUTH
        assert [each.details["was_interrupted"] for each in alerts_of(owner)] == [True]
        assert "interrupted" in str(alerts_of(owner)[0].details["detail"])
    else:
        assert get(owner, channel_id).access_token.startswith("access-")
        assert alerts_of(owner) == []


def test_a_crash_before_the_answer_was_committed_uses_none_of_it(owner: Owner, channel_id: UUID) -> None:
    begun: list[int] = []

    def begin() -> Any:
        begun.append(1)
        if len(begun) == 2:  # the transaction that would keep the answer
            raise Died
        return owner.begin()

    with pytest.raises(Died):
        access(begin, owner.platforms, channel_id, now=datetime.now(UTC))

    before = connection_of(owner, channel_id)
    lease_runs_out(owner)
    assert (before.generation, before.refresh_asked_at is not None) == (1, True)
    assert get(owner, channel_id).access_token.startswith("access-")


def test_an_answer_that_came_late_is_kept_though_the_grant_was_given_up(owner: Owner, channel_id: UUID) -> None:
    owner.google.provider.is_rotating = True

    class Slow(LittleClient):
        def refresh(self, refresh_token: str) -> Tokens:
            tokens = super().refresh(refresh_token)
            lease_runs_out(owner)
            with pytest.raises(SourceRefused):  # another process takes over, and is told that the old token is dead
                get(owner, channel_id)
            assert connection_of(owner, channel_id).status is ConnectionStatus.NEEDS_REAUTH
            return tokens

    grant = get(owner, channel_id, replace(owner.platforms, google=Slow(owner.google.url)))

    with owner.begin() as uow:
        channel = uow.channels.get(channel_id)
    assert (channel.status, alerts_of(owner)) == (ChannelStatus.ACTIVE, [])
    assert get(owner, channel_id) == grant


def test_an_answer_that_came_after_anothers_gives_way_to_it(owner: Owner, channel_id: UUID) -> None:
    other: list[Grant] = []

    class Slow(LittleClient):
        def refresh(self, refresh_token: str) -> Tokens:
            tokens = super().refresh(refresh_token)
            if not other:
                lease_runs_out(owner)
                other.append(get(owner, channel_id))
            return tokens

    assert get(owner, channel_id, replace(owner.platforms, google=Slow(owner.google.url))) == other[0]
    assert connection_of(owner, channel_id).generation == 2


def test_a_dead_grant_is_told_of_once_and_asked_for_no_more(owner: Owner, channel_id: UUID) -> None:
    owner.google.provider.live.clear()

    for _ in range(5):
        with pytest.raises(SourceRefused) as refused:
            get(owner, channel_id)
        assert refused.value.category is FailureCategory.INVALID_GRANT

    with owner.begin() as uow:
        channel = uow.channels.get(channel_id)
    assert (channel.status, refreshes(owner), len(alerts_of(owner))) == (ChannelStatus.NEEDS_REAUTH, 1, 1)
    assert alerts_of(owner)[0].details["was_interrupted"] is False


def test_many_who_meet_a_dead_grant_at_once_tell_of_it_once(owner: Owner, channel_id: UUID) -> None:
    owner.google.provider.live.clear()
    owner.google.provider.pause_seconds = 0.05

    answers = at_once(6, lambda _: access(owner.begin, owner.platforms, channel_id, now=datetime.now(UTC)))

    assert ({type(each) for each in answers}, refreshes(owner), len(alerts_of(owner))) == ({SourceRefused}, 1, 1)


def test_connecting_again_ends_the_alert_and_works(owner: Owner, channel_id: UUID) -> None:
    owner.google.provider.live.clear()
    with pytest.raises(SourceRefused):
        get(owner, channel_id)

    again = owner.connect(channel_id)

    assert (again.channel.status, alerts_of(owner)) == (ChannelStatus.ACTIVE, [])
    assert get(owner, channel_id).access_token.startswith("access-")


def test_a_provider_that_is_away_leaves_the_grant_alone(owner: Owner, channel_id: UUID) -> None:
    owner.google.provider.is_away = True
    with pytest.raises(SourceUnavailable):
        get(owner, channel_id)
    waiting = connection_of(owner, channel_id)
    owner.google.provider.is_away = False

    grant = get(owner, channel_id)

    assert (waiting.status, waiting.refreshing_until, waiting.refresh_asked_at is not None) == (ConnectionStatus.LIVE, None, True)
    assert grant.access_token.startswith("access-")


def test_while_the_provider_is_away_a_token_that_still_lives_is_used(owner: Owner, channel_id: UUID) -> None:
    token_runs_out(owner, seconds_left=200)
    owner.google.provider.is_away = True

    assert get(owner, channel_id).access_token.startswith("access-")


def test_another_refusal_than_a_dead_grant_does_not_give_it_up(owner: Owner, channel_id: UUID) -> None:
    class Misconfigured(LittleClient):
        def refresh(self, refresh_token: str) -> Tokens:
            raise SourceRefused("google", "invalid_client", category="not_configured")

    with pytest.raises(SourceRefused, match="invalid_client"):
        get(owner, channel_id, replace(owner.platforms, google=Misconfigured(owner.google.url)))

    kept = connection_of(owner, channel_id)
    assert (kept.status, kept.refresh_asked_at) == (ConnectionStatus.LIVE, None)


def test_a_grant_that_is_lost_for_a_paused_channel_needs_consent_too(owner: Owner, channel_id: UUID) -> None:
    with owner.begin() as uow:
        channels.change(uow, channel_id, {"status": "paused"})
    owner.google.provider.live.clear()

    with pytest.raises(SourceRefused):
        get(owner, channel_id)

    with owner.begin() as uow:
        assert uow.channels.get(channel_id).status is ChannelStatus.NEEDS_REAUTH


def test_another_workspace_has_no_access(owner: Owner, owner_of: Callable[[Member], Owner], other: Member, channel_id: UUID) -> None:
    with pytest.raises(NotFound):
        get(owner_of(other), channel_id)


def test_without_keys_or_client_nothing_is_read(owner: Owner, channel_id: UUID) -> None:
    with pytest.raises(SourceRefused, match="not configured") as refused:
        get(owner, channel_id, Platforms())

    assert refused.value.category is FailureCategory.NOT_CONFIGURED


def everything_of(urls: Urls) -> bytes:
    """Every row of every table, as a dump would hold it."""
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://")) as past:
        tables = past.execute(
            "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        parts = []
        for (name,) in tables:
            with past.cursor().copy(sql.SQL("copy {} to stdout").format(sql.SQL(name))) as rows:
                parts += [bytes(each) for each in rows]
    return b"".join(parts)


def test_no_token_is_in_the_database_in_clear(owner: Owner, channel_id: UUID, urls: Urls) -> None:
    owner.ask(owner.make(), with_revenue=True)
    owner.google.provider.live.clear()
    with pytest.raises(SourceRefused):
        get(owner, channel_id)
    told = everything_of(urls)
    spellings = [spelt for token in owner.google.provider.issued for spelt in (token.encode(), token.encode().hex().encode())]
    assert len(spellings) > 4
    assert [each for each in spellings if each in told] == []
    assert str(channel_id).encode() in told


def test_keys_are_rotated_while_everything_goes_on(fresh: Database, google: World) -> None:
    owners = [Owner(fresh, google, make_member(fresh)) for _ in range(3)]
    connected = [owner.connect().channel.channel_id for owner in owners]
    newer = new_keys("newer")
    both, new_only = (SealedVault.of(words) for words in (f"{newer},{KEYS}", newer))

    first = reseal(fresh, both, page=2)
    token_runs_out(owners[0])
    renewed = get(owners[0], connected[0], replace(google.platforms, vault=both))
    second = reseal(fresh, both, page=2)

    assert (first, second) == (Resealed(resealed=3), Resealed(current=3))
    assert get(owners[0], connected[0], replace(google.platforms, vault=new_only)) == renewed
    for owner, channel_id in zip(owners, connected, strict=True):
        assert get(owner, channel_id, replace(google.platforms, vault=new_only)).access_token.startswith("access-")


def test_a_grant_whose_key_is_gone_is_counted_and_left_alone(fresh: Database, google: World) -> None:
    owner = Owner(fresh, google, make_member(fresh))
    channel_id = owner.connect().channel.channel_id

    assert reseal(fresh, SealedVault.of(new_keys("other"))) == Resealed(unreadable=1)
    assert get(owner, channel_id).access_token.startswith("access-")
