"""Time-based codes against the vectors of RFC 6238, and the window in which they are taken."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.second_factor import recovery_word, shown_recovery_code
from gateways.totp import Totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert Totp().step_of(SECRET, code, now=datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.mark.parametrize(("off", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off(off: int, is_taken: bool) -> None:
    now = datetime.fromtimestamp(1111111111, UTC) + timedelta(seconds=30 * off)

    assert (Totp().step_of(SECRET, "050471", now=now) is not None) is is_taken


@pytest.mark.parametrize("code", ["", "05047", "0504711", "٠٥٠٤٧١", "050471\n", " 050471", "abcdef"])
def test_what_is_not_six_digits_is_no_code(code: str) -> None:
    assert Totp().step_of(SECRET, code, now=datetime.fromtimestamp(1111111111, UTC)) is None


def test_secrets_are_160_bits_and_differ() -> None:
    made = {Totp().new_secret() for _ in range(50)}

    assert (len(made), {len(each) for each in made}) == (50, {20})


def test_a_recovery_code_is_known_however_it_is_written() -> None:
    word = "abcdefgh23456789"

    assert shown_recovery_code(word) == "abcd-efgh-2345-6789"
    assert {recovery_word(each) for each in (word, "ABCD EFGH 2345 6789", "abcd-efgh-2345-6789")} == {word}
    assert [recovery_word(each) for each in ("123456", "abcd", "il01il01il01il01", word + "a")] == [None] * 4
