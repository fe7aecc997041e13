"""Cursors: signed, bound to their list; a page shows what it was asked for and knows of one more."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages import Cursors, page
from domain.errors import Unacceptable

CURSORS = Cursors("k" * 32)
POSITION = (datetime(2026, 11, 21, tzinfo=UTC), UUID(int=5))
KINDS = tuple[datetime, UUID]


def test_a_cursor_comes_back_as_the_position_it_was_made_of() -> None:
    assert CURSORS.read(CURSORS.make(POSITION, "videos"), "videos", KINDS) == POSITION


def test_an_unknown_position_survives_too() -> None:
    assert CURSORS.read(CURSORS.make((None, "é"), "videos"), "videos", tuple[float | None, str]) == (None, "é")


def test_a_cursor_of_another_list_deployment_or_shape_is_refused() -> None:
    cursor = CURSORS.make(POSITION, "videos")

    for reader, scope, kinds in ((CURSORS, "accounts", KINDS), (Cursors("j" * 32), "videos", KINDS), (CURSORS, "videos", tuple[int, int])):
        with pytest.raises(Unacceptable) as refused:
            reader.read(cursor, scope, kinds)
        assert refused.value.problems[0].pointer == "cursor"


@settings(deadline=None)  # the machine may be busy
@given(where=st.integers(0, 200), bit=st.integers(0, 7))
def test_a_cursor_with_any_bit_changed_is_refused_or_the_same(where: int, bit: int) -> None:
    cursor = CURSORS.make(POSITION, "videos")
    changed = bytearray(cursor.encode())
    changed[where % len(changed)] ^= 1 << bit

    try:
        read = CURSORS.read(changed.decode("latin-1"), "videos", KINDS)
    except Unacceptable:
        return
    # base64 ignores the bits behind the end, and nothing else.
    assert (read, where % len(changed)) == (POSITION, len(changed) - 1)


@settings(deadline=None)  # the machine may be busy
@given(st.text(max_size=80))
def test_no_text_that_somebody_makes_up_is_a_cursor(words: str) -> None:
    with pytest.raises(Unacceptable):
        CURSORS.read(words, "videos", KINDS)


@pytest.mark.parametrize(("found", "shown", "has_more"), [(0, 0, False), (2, 2, False), (3, 2, True)])
def test_a_page_shows_at_most_its_limit_and_tells_of_more(found: int, shown: int, has_more: bool) -> None:
    rows = [uuid4() for _ in range(found)]

    made = page(rows, 2, shape=str, position=lambda row: (row,), cursors=CURSORS, scope="rows")

    assert (len(made.items), made.has_more, made.next_cursor is not None) == (shown, has_more, has_more)
    if made.next_cursor:
        assert CURSORS.read(made.next_cursor, "rows", tuple[UUID]) == (rows[1],)
