"""The sandbox's Analytics: figures that follow from the world, late and restated, for those who may see them."""

from datetime import date, timedelta

import pytest

from domain.owner_reports import SPECS
from domain.platforms.youtube_reports import read_report
from domain.sources import Report
from sandbox.google.figures import midnight
from sandbox.google.project import is_monetised
from tests.sandbox.google.place import ANALYTICS, EPOCH, MONETARY, READ, Place

FIRST, LAST = date(2026, 10, 20), date(2026, 11, 9)


def ask(place: Place, token: str, report: Report, *, first: date = FIRST, last: date = LAST, **more: str):
    spec = SPECS[report]
    words = {
        "ids": "channel==MINE",
        "startDate": first,
        "endDate": last,
        "dimensions": ",".join(spec.dimensions),
        "metrics": ",".join(spec.metrics),
    }
    words |= {"sort": spec.sort} if spec.sort else {}
    return place.get("/v2/reports", token, **(words | more))


def rows(place: Place, token: str, report: Report, **more):
    answer = ask(place, token, report, **more)
    assert answer.status_code == 200, answer.text
    return read_report(answer.json(), SPECS[report])


def reason(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


@pytest.fixture
def token(place: Place) -> str:
    return place.connect(place.channels[0])["access_token"]


@pytest.mark.parametrize("report", list(Report))
def test_every_report_that_we_ask_for_is_one(place: Place, token, report):
    video = place.public(place.channels[0])[3].native_id

    found = rows(place, token, report, **({"filters": f"video=={video}"} if SPECS[report].needs_video else {}))

    assert found
    assert all(set(row.metrics) == set(SPECS[report].metrics) for row in found)
    assert all(len(row.dimensions) == len(SPECS[report].dimensions) - SPECS[report].is_by_day for row in found)


@pytest.mark.parametrize(
    "words",
    [
        {"dimensions": "day,country"},
        {"dimensions": "day", "metrics": "viewerPercentage"},
        {"dimensions": "deviceType", "metrics": "likes"},
        {"dimensions": "elapsedVideoTimeRatio", "metrics": "audienceWatchRatio"},
        {"filters": "colour==red"},
    ],
)
def test_a_report_that_is_none_is_refused(place: Place, token, words):
    assert reason(ask(place, token, Report.DAILY, **words)) == (400, "badRequest")


def test_the_days_sum_up_to_the_counters_of_the_posts(place: Place, token):
    creator = place.channels[0]
    post = next(each for each in place.public(creator) if each.posted_at > midnight(FIRST))

    found = rows(place, token, Report.DAILY, last=date(2026, 11, 6), filters=f"video=={post.native_id}")

    whole = place.world.seen(post, at=midnight(date(2026, 11, 7)))
    assert sum(row.metrics["views"] for row in found) == whole.views
    assert sum(row.metrics["likes"] for row in found) == whole.likes


def test_the_newest_days_are_missing_then_partial_then_final(place: Place, token):
    day = date(2026, 11, 7)  # ended at 08:00 UTC on the 8th

    def views() -> int | None:
        fresh = place.connect(place.channels[0])["access_token"]
        found = rows(place, fresh, Report.DAILY, first=day, last=day)
        return int(found[0].metrics["views"]) if found else None

    place.clock.advance(midnight(date(2026, 11, 8)) + timedelta(hours=47) - EPOCH)
    early = views()
    place.clock.advance(timedelta(hours=2))
    partial = views()
    place.clock.advance(timedelta(hours=24))
    final = views()
    place.clock.advance(timedelta(days=20))

    assert early is None
    assert partial is not None
    assert final is not None
    assert 0 < partial < final
    assert views() == final


@pytest.mark.parametrize("report", [Report.DEVICES, Report.TRAFFIC, Report.SUBSCRIBERS, Report.PLAYBACK_LOCATIONS])
def test_the_groups_of_a_day_sum_up_to_the_day(place: Place, token, report):
    whole = {row.day: row.metrics["views"] for row in rows(place, token, Report.DAILY)}
    parts: dict[str | None, int] = {}
    for row in rows(place, token, report):
        parts[row.day] = parts.get(row.day, 0) + int(row.metrics["views"])

    assert parts == {day: views for day, views in whole.items() if views}


def test_countries_come_by_their_views_and_sum_up_to_the_window(place: Place, token):
    found = [row.metrics["views"] for row in rows(place, token, Report.GEOGRAPHY)]

    assert found == sorted(found, reverse=True)
    assert sum(found) == sum(row.metrics["views"] for row in rows(place, token, Report.DAILY))


def test_a_report_needs_its_scope_and_the_monetary_one_gives_the_others_too(place: Place):
    creator = place.channels[0]
    plain, money = place.connect(creator, (READ,))["access_token"], place.connect(creator, (MONETARY,))["access_token"]
    some = place.connect(creator, (READ, ANALYTICS))["access_token"]

    assert reason(ask(place, plain, Report.DAILY)) == (403, "insufficientPermissions")
    assert reason(ask(place, some, Report.REVENUE)) == (403, "insufficientPermissions")
    assert ask(place, money, Report.DAILY).status_code == 200


def test_revenue_of_a_channel_outside_the_partner_program_is_forbidden(place: Place):
    outside = next(creator for creator in place.channels if not is_monetised(creator))

    assert reason(ask(place, place.connect(outside)["access_token"], Report.REVENUE)) == (403, "forbidden")
    assert ask(place, place.connect(outside)["access_token"], Report.DAILY).status_code == 200


def test_nobody_sees_the_figures_of_another_channel(place: Place, token):
    other = place.channels[1].native_id

    assert reason(ask(place, token, Report.DAILY, ids=f"channel=={other}")) == (403, "forbidden")
    assert ask(place, "ya29.guess", Report.DAILY).status_code == 401
    assert place.get("/v2/reports", ids="channel==MINE").status_code == 403
