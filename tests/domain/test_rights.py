"""Cells that no spreadsheet takes for a formula, tombstones that say nothing, confirmations that are typed."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.rights import check_confirmation, neutralised, tombstone

TENANT = UUID("01931c00-0000-7000-8000-000000000002")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", "-", "+1+1"])
def test_what_begins_a_formula_is_neutralised(cell: str) -> None:
    assert neutralised(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "a = b", "-12", "-0.5", "+3", "1e-7", "-1.5e+30", "2026-11-20", "{}"])
def test_numbers_and_plain_words_stay(cell: str) -> None:
    assert neutralised(cell) == cell


@given(st.text())
def test_no_cell_begins_a_formula_but_a_number(cell: str) -> None:
    shown = neutralised(cell)

    assert shown[:1] not in "=@\t\r\n" or shown == ""
    assert shown.lstrip("'").endswith(cell.lstrip("'"))


def test_a_tombstone_names_nobody_and_is_always_the_same() -> None:
    assert tombstone(TENANT) == tombstone(TENANT) != tombstone(UUID(int=1))
    assert str(TENANT) not in tombstone(TENANT)


@pytest.mark.parametrize("typed", ["", "example kitchen", "Example", "Example Kitchen!"])
def test_a_confirmation_is_the_name_exactly(typed: str) -> None:
    check_confirmation(" Example Kitchen ", "Example Kitchen")
    with pytest.raises(Unacceptable):
        check_confirmation(typed, "Example Kitchen")
