"""The Creative Center's chart of sounds, asked by plain HTTP: its places, and what it says where it shows none."""

from collections.abc import Iterator

import pytest

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from gateways.bounded_http import BoundedHttp, Limits, Route
from gateways.tiktok.charts import PATH, URL, TikTokCharts
from sandbox.faults import Fault
from tests.gateways.errand import StraightErrand

WHERE = r"^ads\.tiktok\.com"


@pytest.fixture
def charts(loop) -> Iterator[TikTokCharts]:
    http = BoundedHttp("TikTok", Route(URL, proxy=loop.net.proxy, ca_file=loop.net.ca), Limits(tries=1, read_seconds=10))
    yield TikTokCharts(http)
    http.close()


def test_a_chart_has_its_places_in_order_over_several_pages(charts, loop):
    errand = StraightErrand()

    read = charts.chart("us", errand, limit=30)

    expected = loop.world.chart("US", at=loop.clock.now())[:30]
    assert [place.sound.external_id for place in read.sounds] == [sound.sound_id for sound in expected]
    assert [place.rank for place in read.sounds] == list(range(1, 31))
    assert (read.country, [ask.key for ask in errand.asked]) == ("US", ["US:1", "US:2"])
    assert read.sounds[0].sound.title == expected[0].title
    assert loop.refused == []


def test_a_country_without_a_chart_is_refused(charts):
    with pytest.raises(SourceRefused) as caught:
        charts.chart("XX", StraightErrand(), limit=5)

    assert caught.value.category == "not_found"


@pytest.mark.parametrize(
    ("body", "kind", "category"),
    [
        ('{"code": 40101, "msg": "no permission"}', SourceUnavailable, "blocked"),
        ('{"code": 0, "msg": "deprecated", "data": {}}', SourceRefused, "api_error"),
        ('{"code": 0, "data": {"sound_list": [{"clip_id": "x", "rank": 1}]}}', SourceUnavailable, "parse_error"),
        ('{"code": 4711}', SourceUnavailable, "parse_error"),
        ("[]", SourceUnavailable, "parse_error"),
    ],
)
def test_a_chart_that_is_not_shown_says_why(charts, loop, body, kind, category):
    loop.desk.faults.add(Fault(WHERE, "empty", body=body))

    with pytest.raises(SourceFailed) as caught:
        charts.chart("US", StraightErrand(), limit=5)

    assert (type(caught.value), caught.value.category) == (kind, category)


@pytest.mark.parametrize(
    ("kind", "category"), [("429", "rate_limit"), ("html", "parse_error"), ("reset", "network"), ("gzip_bomb", "parse_error")]
)
def test_a_failure_has_its_name_and_passes(charts, loop, kind, category):
    loop.desk.faults.add(Fault(WHERE, kind))

    with pytest.raises(SourceUnavailable) as caught:
        charts.chart("US", StraightErrand(), limit=5)

    assert caught.value.category == category
    assert len(charts.chart("US", StraightErrand(), limit=5).sounds) == 5


def test_it_asks_where_the_sandbox_answers():
    from sandbox.tiktok.charts import HOST
    from sandbox.tiktok.charts import PATH as ANSWERED

    assert (f"https://{HOST}", ANSWERED) == (URL, PATH)
