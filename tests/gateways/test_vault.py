"""The vault: opens what it sealed, in its own context and with the keys that it holds, and nothing else."""

import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Unacceptable
from gateways.vault import SealedVault, keys_of, new_keys

OLD, NEW = (f"{name}:{base64.b64encode(bytes([number]) * 32).decode()}" for number, name in enumerate(("old", "new")))
MINE, THEIRS = b"connection:mine:refresh_token", b"connection:theirs:refresh_token"


@given(plain=st.binary(max_size=3000), context=st.binary(max_size=100))
def test_what_was_sealed_is_opened_in_its_context(plain: bytes, context: bytes) -> None:
    vault = SealedVault.of(OLD)

    assert vault.open(vault.seal(plain, context=context), context=context) == plain


def test_the_secret_does_not_show_and_no_two_seals_are_the_same() -> None:
    vault = SealedVault.of(OLD)

    sealed = {vault.seal(b"1//the-refresh-token", context=MINE) for _ in range(20)}

    assert len(sealed) == 20
    assert not [each for each in sealed if b"refresh" in each]


def test_a_secret_that_was_moved_elsewhere_cannot_be_opened() -> None:
    vault = SealedVault.of(OLD)

    with pytest.raises(Unacceptable, match="belongs to something else"):
        vault.open(vault.seal(b"secret", context=THEIRS), context=MINE)


def test_any_bit_that_was_changed_is_noticed() -> None:
    vault = SealedVault.of(OLD)
    sealed = vault.seal(b"secret", context=MINE)

    for place, bit in itertools.product(range(len(sealed)), (1, 128)):
        changed = bytearray(sealed)
        changed[place] ^= bit
        with pytest.raises(Unacceptable):
            vault.open(bytes(changed), context=MINE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01\x03old", b"\x02\x03old" + b"x" * 200, b"plain text that was never sealed"])
def test_what_is_no_seal_is_refused(sealed: bytes) -> None:
    with pytest.raises(Unacceptable, match="no shape"):
        SealedVault.of(OLD).open(sealed, context=MINE)


def test_the_first_key_seals_and_all_open() -> None:
    before, both = SealedVault.of(OLD), SealedVault.of(f"{NEW},{OLD}")
    sealed = before.seal(b"secret", context=MINE)

    again = both.seal(both.open(sealed, context=MINE), context=MINE)

    assert (both.is_current(sealed), both.is_current(again)) == (False, True)
    assert SealedVault.of(NEW).open(again, context=MINE) == b"secret"
    with pytest.raises(Unacceptable, match="'new'"):
        before.open(again, context=MINE)


def test_another_key_of_the_same_id_opens_nothing() -> None:
    sealed = SealedVault.of(OLD).seal(b"secret", context=MINE)

    with pytest.raises(Unacceptable):
        SealedVault.of(NEW.replace("new", "old")).open(sealed, context=MINE)


@pytest.mark.parametrize("words", ["", " , ", "one", "one:", "one:c2hvcnQ=", "o ne:" + OLD[4:], f"{OLD},{OLD}", "one:!!!!", ":" + OLD[4:]])
def test_keys_that_cannot_be_are_refused_without_being_quoted(words: str) -> None:
    with pytest.raises(ValueError, match="WHYRAL_TOKEN_KEYS") as refused:
        SealedVault.of(words)

    assert "c2hvcnQ" not in str(refused.value)


def test_a_fresh_key_is_one() -> None:
    made = new_keys("first")

    assert [(name, len(key)) for name, key in keys_of(made).items()] == [("first", 32)]
    assert made.partition(":")[2] not in repr(SealedVault.of(made))
