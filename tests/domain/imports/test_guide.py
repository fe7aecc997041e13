"""The guide says what the code does: its example is read, and it names every field, format and parameter."""

import json
import re
from pathlib import Path

import pytest

from domain.imports.own import FIELDS
from domain.imports.params import ImportParams
from domain.imports.shapes import ImportFormat
from domain.observations import Observed
from tests.domain.imports.rows import reader_for

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "import.md").read_text(encoding="utf-8")
EXAMPLE = [json.loads(line) for line in re.findall(r"^\{.*\}$", GUIDE, re.MULTILINE)]


@pytest.mark.parametrize("record", EXAMPLE)
def test_the_example_is_read(record):
    assert isinstance(reader_for(record, ImportParams()).read(1, record), Observed)


def test_the_example_shows_a_video_and_an_account_alone():
    assert ["video_external_id" in record for record in EXAMPLE] == [True, False]


def test_every_field_format_and_parameter_is_described():
    names = FIELDS | set(ImportFormat) | set(ImportParams.__dataclass_fields__)

    assert [name for name in sorted(names) if f"`{name}`" not in GUIDE] == []
