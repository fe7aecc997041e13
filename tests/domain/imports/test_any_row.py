"""Whatever stands in a row, reading it gives an observation or a rejection, and nothing is raised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.csv_cells import LEADS, guard_cell
from domain.observations import Observed, Rejected
from tests.domain.imports.rows import ROWS, reader_for

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(
        [
            "-1",
            "1e999",
            "=HYPERLINK(1)",
            "\x00",
            "\ud800",
            "541.2K",
            "9" * 5000,
            "{'a':",
            "17.99.99",
            "0",
            "NaN",
            "2017-11-13T17:13:01+99:99",
        ]
    )
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=5
)


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=25, deadline=None)
@given(changes=st.data())
def test_no_row_makes_a_reader_raise(name, changes):
    row, params = ROWS[name]
    wrong = changes.draw(st.dictionaries(st.sampled_from(sorted(row)), values, max_size=4))

    assert isinstance(reader_for(row, params).read(2, {**row, **wrong}), Observed | Rejected)


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=10, deadline=None)
@given(record=st.dictionaries(st.text(max_size=8), values, max_size=4))
def test_a_row_of_something_else_is_rejected(name, record):
    row, params = ROWS[name]

    assert isinstance(reader_for(row, params).read(2, record), Rejected)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=20))
def test_no_guarded_cell_begins_a_formula(written):
    assert not guard_cell(written).startswith(LEADS)
