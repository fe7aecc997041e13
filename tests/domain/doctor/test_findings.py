"""What a finding is, and what all of them come to."""

import pytest

from domain.doctor.findings import Finding, Level, exit_code, fail, ok, warn, without


def test_what_is_not_ok_says_what_to_do() -> None:
    for level in (Level.WARN, Level.FAIL):
        with pytest.raises(ValueError, match="disk: advice"):
            Finding("disk", level, "full")
    with pytest.raises(ValueError, match="disk: advice"):
        Finding("disk", Level.OK, "room", "make room")


def test_only_a_failure_makes_the_exit_code() -> None:
    assert exit_code([ok("a", "."), warn("b", ".", "do")]) == 0
    assert exit_code([ok("a", "."), fail("b", ".", "do")]) == 1


def test_no_secret_is_left_in_a_line() -> None:
    told = without(["s3cret", ""], fail("database", "s3cret@db: refused", "ask s3cret"))

    assert told == fail("database", "**********@db: refused", "ask **********")
