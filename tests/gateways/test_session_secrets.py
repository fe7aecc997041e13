"""Refresh tokens, CSRF tokens and marks of devices: nothing that we did not make is taken for ours."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Unauthenticated
from gateways.session_secrets import SessionSecrets

SECRET, SESSION = "k" * 64, UUID(int=10)
OURS = SessionSecrets(SECRET)


@given(st.uuids(), st.integers(0, 2**31 - 1))
def test_a_refresh_token_names_its_session_and_its_place(session_id: UUID, counter: int) -> None:
    token = OURS.refresh_token(session_id, counter)

    assert OURS.read_refresh_token(token) == (session_id, counter)
    assert token == SessionSecrets(SECRET).refresh_token(session_id, counter), "the same on every worker"


@given(st.data())
def test_no_change_to_a_refresh_token_is_accepted(data: st.DataObject) -> None:
    token = OURS.refresh_token(SESSION, 3)
    place = data.draw(st.integers(0, len(token) - 1))
    sign = data.draw(st.characters(codec="ascii").filter(lambda each: each != token[place]))

    with pytest.raises(Unauthenticated):
        OURS.read_refresh_token(token[:place] + sign + token[place + 1 :])


@given(
    st.one_of(st.text(max_size=120), st.binary(max_size=80).map(lambda raw: "whr_" + base64.urlsafe_b64encode(raw).decode().rstrip("=")))
)
def test_nothing_made_up_is_a_refresh_token_or_a_device(words: str) -> None:
    with pytest.raises(Unauthenticated):
        OURS.read_refresh_token(words)
    assert OURS.device_of(words) is None


def test_another_deployments_secrets_are_worth_nothing_here() -> None:
    theirs = SessionSecrets("x" * 64)

    with pytest.raises(Unauthenticated):
        OURS.read_refresh_token(theirs.refresh_token(SESSION, 0))
    assert OURS.device_of(theirs.new_device()) is None
    assert not OURS.is_csrf_token(theirs.csrf_token(b"x"), b"x")


def test_a_csrf_token_is_of_one_session() -> None:
    assert OURS.is_csrf_token(OURS.csrf_token(b"one"), b"one")
    assert not OURS.is_csrf_token(OURS.csrf_token(b"one"), b"two")
    assert not OURS.is_csrf_token("", b"one")


def test_a_device_keeps_its_mark_and_each_is_another() -> None:
    one, two = OURS.new_device(), OURS.new_device()

    assert OURS.device_of(one) == OURS.device_of(one) != OURS.device_of(two)
    assert OURS.device_of(None) is None
