"""Every figure links to how it was made; the link leads somewhere."""

import re

import pytest

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
