"""What a grant allows, when it is refreshed, and when a first reading is asked for again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.connections import (
    Connection,
    ConnectionStatus,
    Onboard,
    Reading,
    checked_return,
    features_of,
    is_fresh,
    next_refresh,
    onboarding,
    onboarding_pause,
    revocation_pause,
    scopes_asked,
)
from domain.errors import Unacceptable
from domain.owner_reports import ANALYTICS, MONETARY, READONLY
from domain.requests import State

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
ID = UUID(int=1)


def connection(**more: Any) -> Connection:
    words: dict[str, Any] = {
        "status": ConnectionStatus.LIVE, "asked_scopes": (READONLY, ANALYTICS), "scopes": (READONLY,), "expires_at": NOW, "generation": 1,
        "refresh_asked_at": None, "refreshing_until": None, "error": None, "refreshed_at": None, "revoked_at": None, "delete_after": None,
        "tokens_deleted_at": None, **more,
    }  # fmt: skip
    return Connection(
        tenant_id=ID, connection_id=ID, channel_id=ID, user_id=ID, provider="google", external_id="UC1", created_at=NOW, **words
    )


def test_revenue_is_asked_for_only_where_it_is_wanted() -> None:
    assert scopes_asked(with_revenue=False) == (READONLY, ANALYTICS)
    assert scopes_asked(with_revenue=True) == (READONLY, ANALYTICS, MONETARY)


@pytest.mark.parametrize(
    ("found", "on", "why"),
    [
        (connection(), {"channel"}, {"analytics": "not granted", "revenue": "not asked for"}),
        (connection(scopes=(READONLY, ANALYTICS, MONETARY)), {"channel", "analytics", "revenue"}, {}),
        (connection(status=ConnectionStatus.NEEDS_REAUTH), set(), {"channel": "connect again"}),
        (connection(status=ConnectionStatus.REVOKING), set(), {"channel": "not connected"}),
        (None, set(), {"channel": "not connected"}),
    ],
)
def test_a_feature_that_is_off_says_why(found: Connection | None, on: set[str], why: dict[str, str]) -> None:
    told = {each.name: each for each in features_of(found)}

    assert {name for name, each in told.items() if each.is_on} == on
    assert [name for name, words in why.items() if words not in (told[name].reason or "")] == []
    assert {each.name for each in told.values() if each.reason is None} == on


def test_a_token_is_fresh_while_more_than_five_minutes_remain() -> None:
    left = (None, timedelta(), timedelta(minutes=5), timedelta(minutes=5, seconds=1))

    assert [is_fresh(NOW + each if each is not None else None, now=NOW) for each in left] == [False, False, False, True]
    assert next_refresh(connection()) == NOW - timedelta(minutes=5)
    assert next_refresh(connection(status=ConnectionStatus.NEEDS_REAUTH)) is None


def test_a_path_of_our_own_is_a_way_back() -> None:
    for path in (None, "/", "/channels?connected=1#top", "/channels?next=//here"):
        assert checked_return(path) == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "channels", "https://evil.example", "javascript:alert(1)", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/.//evil.example", "/..//evil.example", "/a//evil.example", "/\t/evil.example", "/a\r\nSet-Cookie: x=1", "/\u2215x"),
        "/" + "a" * 500,
    ],
)
def test_no_way_back_leads_elsewhere(path: str) -> None:
    with pytest.raises(Unacceptable):
        checked_return(path)


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (None, Onboard.ASK),
        *((Reading(state, 1, None), Onboard.WAIT) for state in (State.PENDING, State.LAUNCHED, State.RUNNING)),
        (Reading(State.SUCCEEDED, 1, NOW), Onboard.NOTHING),
        (Reading(State.CANCELED, 1, NOW), Onboard.NOTHING),
        (Reading(State.FAILED, 3, NOW - timedelta(minutes=4)), Onboard.WAIT),
        (Reading(State.FAILED, 3, NOW - timedelta(minutes=5)), Onboard.AGAIN),
        (Reading(State.FAILED, 4, NOW - timedelta(minutes=14)), Onboard.WAIT),
        (Reading(State.FAILED, 4, NOW - timedelta(minutes=15)), Onboard.AGAIN),
        (Reading(State.SKIPPED, 1, NOW - timedelta(hours=1)), Onboard.AGAIN),
    ],
)
def test_a_first_reading_is_asked_for_once_and_again_where_it_failed(asked: Reading | None, what: Onboard) -> None:
    assert onboarding(asked, now=NOW) is what


@pytest.mark.parametrize(("pause", "longest"), [(onboarding_pause, timedelta(days=1)), (revocation_pause, timedelta(hours=6))])
def test_pauses_grow_and_end(pause: Any, longest: timedelta) -> None:
    pauses = [pause(number) for number in range(1, 200)]

    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta()
    assert pauses[-1] == longest
