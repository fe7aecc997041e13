"""Words of strangers (titles, names, messages) on their way out: into a table, a header, a log, they stay words.

1,000 of them, made of what spreadsheets, browsers, terminals and log readers are known to obey.
"""

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator
from itertools import islice, product
from urllib.parse import unquote

import pytest
import structlog

from domain.catalogue import Outcome
from domain.file_names import Disposition, content_disposition
from gateways.files.report import report_writer
from gateways.log_lines import configure_logging
from tests.trust.campaign import seeded, told

STRINGS = 1_000
_FRONT = ("", " ", "\t", "\r", "\n", "\r\n", "\ufeff", "\u00a0", "\u3000", "'", '"', "\0", "\x1b[31m", "\u202e", "\u2028")
_MIDDLE = (
    "=1+1", '=HYPERLINK("http://x.example","y")', "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "＝1+1", "|calc", "%0A=1",
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "[x](javascript:alert(1))", "{{7*7}}", "${jndi:ldap://x}",
    '{"event": "forged", "level": "info"}', "a\nSet-Cookie: a=b", "a\r\nBcc: x@example.org", '"; filename="evil.exe', "../../etc/passwd",
    "a\\..\\b", "%2e%2e%2f", "x" * 300, "é ü 漢字 🎬",
)  # fmt: skip
_END = ("", "\n", "\r\n\r\n<html>", '"', "\0", "\\", ".mp4", "\u202e4pm.exe")
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), also behind what is not seen.
OBEYED = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
UNSEEN = " \t\r\n\0\x1b\u00a0\u3000\ufeff\u202e\u2028"


def attacks(rng: random.Random) -> Iterator[str]:
    every = list(product(_FRONT, _MIDDLE, _END))
    rng.shuffle(every)
    yield from ("".join(each) for each in every)


@pytest.fixture
def strings() -> list[str]:
    found = list(islice(attacks(seeded("strings")), STRINGS))
    told("strings", strings=len(found))
    return found


def test_no_cell_of_a_report_is_obeyed(strings: list[str]):
    file = io.BytesIO()
    with report_writer(file) as writer:
        for line, each in enumerate(strings):
            writer.write(line, Outcome.REJECTED, each, each)

    rows = list(csv.reader(io.StringIO(gzip.decompress(file.getvalue()).decode(), newline="")))[1:]

    assert len(rows) == len(strings)
    cells = [cell for row in rows for cell in row[2:]]
    assert [each for each in cells if each.startswith(("\t", "\r", "\n")) or each.lstrip(UNSEEN).startswith(OBEYED)] == []


@pytest.mark.parametrize("kind", ["attachment", "inline"])
def test_no_file_name_adds_a_header_or_a_path(strings: list[str], kind: Disposition):
    for each in strings:
        header = content_disposition(each, kind)

        assert header.isascii()
        assert header.isprintable()
        assert header.count('"') - header.count('\\"') in (0, 2)
        assert header.startswith(kind)
        assert not set("/\\") & set(unquote(header.rpartition("''")[2]) if "''" in header else header.partition('"')[2].rpartition('"')[0])


def test_no_words_make_another_line_of_the_log(strings: list[str], capfd: pytest.CaptureFixture[str]):
    before = structlog.get_config()
    configure_logging("info")
    for each in strings:
        structlog.get_logger().warning("told", reason=each)
    structlog.configure(**before)

    lines = capfd.readouterr().out.splitlines()
    read = [json.loads(line) for line in lines if line.startswith("{")]
    assert [each["reason"] for each in read if each["message"] == "told"] == strings
    assert [each for each in read if each["message"] != "told"] == []
    assert not [line for line in lines if "\x1b" in line]
