"""Every figure links to how it was made; the link leads somewhere."""

import re

import pytest

from api.docs import METHOD
from api.media.shapes import METHOD_URL
from domain import analytics
from domain.analytics import EFFECTS_SECTION, EXPERIMENTS_SECTION, PLANNING_SECTION, SCORES_SECTION, Method
from tests.api.conftest import Caller

SECTIONS = {SCORES_SECTION, EFFECTS_SECTION, EXPERIMENTS_SECTION, PLANNING_SECTION, METHOD_URL.rpartition("#")[2]} | {
    each.section for each in vars(analytics).values() if isinstance(each, Method)
}


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_a_methods_link_leads_to_its_section(nobody: Caller, section: str) -> None:
    page = nobody.client.get("/docs/method")

    assert page.status_code == 200
    assert section in set(re.findall(r'<h\d id="([^"]+)"', page.text))


def test_every_link_within_the_page_leads_to_a_heading_that_is_there_once(nobody: Caller) -> None:
    headings = re.findall(r'<h\d id="([^"]+)"', nobody.client.get("/docs/method").text)
    links = re.findall(r"\]\(#([^)]+)\)", METHOD[0].read_text(encoding="utf-8"))

    assert len(links) > len(SECTIONS)
    assert len(headings) == len(set(headings))
    assert set(links) - set(headings) == set()


def test_every_section_begins_with_plain_sentences_and_is_named_at_the_top() -> None:
    top, *sections = re.split(r"^## ", METHOD[0].read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert [name for name, _, text in (each.partition("\n") for each in sections) if not text.lstrip().startswith("In short: ")] == []
    assert re.findall(r"^\| \[([^]]+)\]\(#", top, flags=re.MULTILINE) == [each.partition("\n")[0] for each in sections]
