"""What a registration, a name and a key may be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.identity import EMAIL, check_key, check_registration, check_scopes, is_name, registration_problems

NOW = datetime(2026, 11, 21, tzinfo=UTC)
GOOD = ("ana@example.org", "correct horse battery", (None, "Studio"))


def test_a_good_registration_has_no_problems() -> None:
    assert registration_problems(*GOOD[:2], ("Ana Example", "Studio")) == ()


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(Unacceptable) as refused:
        check_registration("nobody", "short", ("", ""))

    assert [each.pointer for each in refused.value.problems] == ["/email", "/password", "/workspace", "/full_name"]


@pytest.mark.parametrize("email", ["a@b.de", "ana.maria+clips@mail.example.org", "'o@example.org", f"{'x' * 64}@example.org"])
def test_an_address_may_look_so(email: str) -> None:
    assert EMAIL.fullmatch(email)


@pytest.mark.parametrize(
    "email",
    ["", "ana", "ana@", "@example.org", "ana@example", "ana@.org", "ana@example..org", "a na@example.org", "ana@example.org ", "a@b@c.org",
     "ana@example.org,bob@example.org", "<ana@example.org>", "ana@example.org\n", "a\x00b@example.org", "ana@ex\x7fample.org",
     "ána@example.org", "ana@exämple.org", f"{'x' * 65}@example.org"],
)  # fmt: skip
def test_an_address_does_not_look_so(email: str) -> None:
    assert [each.pointer for each in registration_problems(email, *GOOD[1:])] == ["/email"]


def test_an_address_is_as_long_as_mail_allows() -> None:
    longest = f"a@{'.'.join(['x' * 50] * 5)}"[:254]

    assert registration_problems(longest, *GOOD[1:]) == ()
    assert [each.pointer for each in registration_problems(longest + "x", *GOOD[1:])] == ["/email"]


@pytest.mark.parametrize(("length", "is_good"), [(11, False), (12, True), (128, True), (129, False)])
def test_a_password_has_twelve_to_128_characters(length: int, is_good: bool) -> None:
    assert (registration_problems(GOOD[0], ("é" + "wundersam oft " * 10)[:length], GOOD[2]) == ()) is is_good


@pytest.mark.parametrize(
    ("email", "password"),
    [("ana@example.org", "ANA@example.org"), ("ana.maria.lopez@example.org", "ana.maria.lopez"), (GOOD[0], "Password1234")],
)
def test_a_password_cannot_be_guessed_from_the_address(email: str, password: str) -> None:
    assert [each.pointer for each in registration_problems(email, password, GOOD[2], {"password"})] == ["/password"]


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=300))
def test_a_name_is_short_and_printable(words: str) -> None:
    if is_name(words):
        assert 1 <= len(words.strip()) <= 100
        assert "\x00" not in words
        assert "\n" not in words


@pytest.mark.parametrize(
    ("words", "is_good"),
    [("", False), ("  ", False), ("a", True), ("Estudio Ñandú 🎬", True), ("x" * 100, True), ("x" * 101, False), ("a\u202eb", False)],
)
def test_names_by_example(words: str, is_good: bool) -> None:
    assert is_name(words) is is_good


@pytest.mark.parametrize("expires_at", [None, NOW + timedelta(seconds=1)])
def test_a_key_may_end_later_or_never(expires_at: datetime | None) -> None:
    check_key("laptop", expires_at, now=NOW)


def test_a_key_that_ended_already_or_has_no_name_is_unacceptable() -> None:
    with pytest.raises(Unacceptable) as refused:
        check_key(" ", NOW, now=NOW)

    assert [each.pointer for each in refused.value.problems] == ["/name", "/expires_at"]


@pytest.mark.parametrize("scopes", [("read",), ("read", "write")])
def test_known_scopes_are_accepted(scopes: tuple[str, ...]) -> None:
    check_scopes(scopes)


@pytest.mark.parametrize("scopes", [(), ("admin",), ("read", "admin"), ("READ",)])
def test_other_scopes_are_not(scopes: tuple[str, ...]) -> None:
    with pytest.raises(Unacceptable) as refused:
        check_scopes(scopes)

    assert [each.pointer for each in refused.value.problems] == ["/scopes"]
