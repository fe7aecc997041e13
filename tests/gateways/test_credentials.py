"""Passwords, keys and tokens. Forged tokens at the door are in tests/api/test_identity."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest
from argon2 import extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import SourceUnavailable, Unauthenticated
from domain.passwords import HashingCost
from gateways.credentials import TOKEN_LIFE, Passwords, Tokens, hash_key, looks_like_key, new_key

KEY_ID, USER, TENANT, SESSION = (UUID(int=number) for number in range(7, 11))
SECRET = "k" * 64


def test_a_password_is_verified_by_its_hash_alone() -> None:
    passwords = Passwords()
    known = passwords.hash("correct horse battery")

    assert "correct" not in known
    assert passwords.hash("correct horse battery") != known, "each hash has its own salt"
    assert passwords.verify("correct horse battery", known)
    assert not passwords.verify("correct horse batterx", known)


@pytest.mark.parametrize("known", [None, "", "x", "$argon2id$rubbish"])
def test_nobody_has_a_password(known: str | None) -> None:
    assert not Passwords().verify("x", known)


def test_hashing_costs_what_owasp_asks_for() -> None:
    found = extract_parameters(Passwords().hash("x"))

    assert (found.type.name, found.memory_cost, found.time_cost, found.parallelism) == ("ID", 19 * 1024, 2, 1)


def test_an_unknown_address_costs_as_much_as_a_wrong_password() -> None:
    passwords = Passwords()

    assert extract_parameters(passwords._nobody) == extract_parameters(passwords.hash("x"))


def test_a_hash_of_other_parameters_is_outdated_and_still_good() -> None:
    dearer = Passwords(HashingCost(memory_kib=20 * 1024, passes=3))
    known = Passwords().hash("correct horse battery")

    assert dearer.is_outdated(known)
    assert dearer.verify("correct horse battery", known)
    assert not Passwords().is_outdated(known)


def test_the_same_letters_typed_otherwise_are_the_same_password() -> None:
    known = Passwords().hash("caf\u00e9 au lait noir")

    assert Passwords().verify("cafe\u0301 au lait noir", known)


def test_only_so_many_hash_at_once_and_the_rest_are_told_to_come_back() -> None:
    passwords, done = Passwords(HashingCost(at_once=1), wait_seconds=0.01), threading.Event()
    passwords._threads.submit(done.wait, 10)

    with pytest.raises(SourceUnavailable):
        passwords.verify("x", None)

    done.set()
    assert not passwords.verify("x", None), "what was called off is not in the way"


CROWD = """
import resource, threading
from gateways.credentials import Passwords

passwords = Passwords()
known, before = passwords.hash("x"), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
together = threading.Barrier(24)

def check():
    together.wait()
    for _ in range(2):
        assert passwords.verify("x", known)

threads = [threading.Thread(target=check) for _ in range(24)]
for each in threads: each.start()
for each in threads: each.join()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the most memory of a process is told in other units elsewhere")
def test_memory_is_bounded_by_how_many_hash_and_not_by_how_many_call() -> None:
    done = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, timeout=60, check=True)

    # Four at once take 76 MiB, and leave as much again in pieces at worst. In the callers' threads it was 250 to 320.
    assert float(done.stdout) < 160


def test_a_key_names_its_id_and_is_kept_as_a_hash() -> None:
    made = new_key(KEY_ID)

    assert made.prefix == f"whyral_{KEY_ID.hex}"
    assert made.plain.startswith(f"{made.prefix}_")
    assert len(made.plain.removeprefix(f"{made.prefix}_")) == 43, "256 random bits"
    assert made.key_hash == hash_key(made.plain)
    assert looks_like_key(made.plain)
    assert new_key(KEY_ID).plain != made.plain


@pytest.mark.parametrize("words", ["", "whyral", "xwhyral_1", "Bearer whyral_1", "whyral_" + "x" * 200, "eyJhbGciOiJIUzI1NiJ9.e30.x"])
def test_what_is_no_key_does_not_look_like_one(words: str) -> None:
    assert not looks_like_key(words)


def test_a_token_says_who_and_where() -> None:
    token = Tokens(SECRET).issue(user_id=USER, tenant_id=TENANT, session_id=SESSION, now=datetime.now(UTC))

    claims = Tokens(SECRET).read(token)

    assert (claims.user_id, claims.tenant_id, claims.session_id) == (USER, TENANT, SESSION)


def test_a_token_lives_for_half_an_hour() -> None:
    now = datetime.now(UTC)
    tokens = Tokens(SECRET)
    issued = [
        tokens.issue(user_id=USER, tenant_id=TENANT, session_id=SESSION, now=now - age)
        for age in (TOKEN_LIFE - timedelta(minutes=1), TOKEN_LIFE)
    ]

    assert tokens.read(issued[0]).user_id == USER
    with pytest.raises(Unauthenticated, match="expired"):
        tokens.read(issued[1])
    assert timedelta(minutes=30) == TOKEN_LIFE


def test_each_token_is_its_own() -> None:
    now, tokens = datetime.now(UTC), Tokens(SECRET)

    assert tokens.issue(user_id=USER, tenant_id=TENANT, session_id=SESSION, now=now) != tokens.issue(
        user_id=USER, tenant_id=TENANT, session_id=SESSION, now=now
    )


def test_any_change_to_a_token_makes_it_worthless() -> None:
    tokens = Tokens(SECRET)
    token = tokens.issue(user_id=USER, tenant_id=TENANT, session_id=SESSION, now=datetime.now(UTC))
    head, body, signature = token.split(".")
    mine = jwt.encode({**jwt.decode(token, options={"verify_signature": False}), "tenant": str(UUID(int=1))}, "x" * 64, algorithm="HS256")

    for changed in (f"{head}.{mine.split('.')[1]}.{signature}", f"{head}.{body}.", f"{head}.{body}", mine):
        with pytest.raises(Unauthenticated):
            tokens.read(changed)


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=200))
def test_no_text_that_somebody_makes_up_is_a_token(words: str) -> None:
    with pytest.raises(Unauthenticated):
        Tokens(SECRET).read(words)


def test_a_short_secret_is_no_secret() -> None:
    with pytest.raises(ValueError, match="32"):
        Tokens("k" * 31)
