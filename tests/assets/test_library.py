"""Added links, what expires, and charts of sounds, as Dagster runs them; the platforms are fakes at their ports."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

import definitions
from assets.partitions import TENANTS
from assets.trending import COUNTRY, DAY, place_of
from domain.errors import SourceUnavailable
from domain.observations import Platform
from domain.ports import Platforms
from domain.requests import Request, State
from domain.retention import BytesKept
from domain.sources import SourceName
from domain.trending import Country
from jobs.library import daily_charts, daily_tidying
from sensors.charts import wanted_charts
from services import adding
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id
from tests.assets.conftest import Graph
from tests.library import seen
from tests.media import video as talk
from tests.searchable import FakeLinks, FakeSite

IDS = [f"73012345678901234{number}" for number in range(10, 18)]
TIKTOK = "https://www.tiktok.com/@ana/video/"
TODAY = datetime.now(UTC)
DAYS = timedelta(days=1)


@pytest.fixture
def tiktok(database: Database) -> FakeSite:
    """Ana's posts, one of them gone; nothing of it in the cache that all tenants share."""
    with database.begin_system() as system:
        system.connection.exec_driver_sql("delete from fetch_cache")
    site = FakeSite()
    site.put("ana", *IDS, gone={IDS[7]: "not_found"})
    return site


@pytest.fixture
def sited(graph: Graph, tiktok: FakeSite) -> Graph:
    return replace(graph, platforms=Platforms(readers=(tiktok,), links=FakeLinks()))


def ask(graph: Graph, urls: list[str]) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        scrape_id = new_id()
        adding.take_in(uow, scrape_id, urls, collection_id=None, now=TODAY)
        return adding.ask(uow, scrape_id)


def outcomes(graph: Graph, request: Request) -> list[str]:
    with graph.database.begin(graph.tenant_id) as uow:
        return [each.outcome for each in uow.scrapes.urls(uow.scrapes.get(request.request_id).scrape_id)]


def test_a_run_adds_every_link_and_says_what_became_of_each(sited: Graph) -> None:
    request = ask(sited, [TIKTOK + each for each in IDS] + ["https://example.org/nothing"])

    run = sited.run("add_urls", request)

    with sited.database.begin(sited.tenant_id) as uow:
        now, found = uow.requests.get(request.request_id), uow.accounts.page(sort="views", is_descending=True, limit=5)
        scrape = uow.scrapes.get(request.request_id)
    (made,) = run.asset_materializations_for_node("core_library__added")
    assert (now.state, now.progress) == (State.SUCCEEDED, 1.0)
    assert outcomes(sited, request) == ["saved"] * 7 + ["failed"] * 2
    assert scrape.finished_at is not None
    assert [(each.username, each.totals.videos if each.totals else None) for each in found] == [("ana", 7)]
    assert made.metadata["dagster/row_count"].value == 9
    assert all(check.passed for check in run.get_asset_check_evaluations())


def test_a_run_that_was_killed_half_way_goes_on_and_repeats_no_call(sited: Graph, tiktok: FakeSite) -> None:
    request = ask(sited, [TIKTOK + each for each in IDS[:6]])
    tiktok.failing_keys[IDS[3]] = KeyError("a mistake of ours")
    first = sited.run("add_urls", request, raise_on_error=False)
    before, done = list(tiktok.calls), {url for url, outcome in zip(IDS, outcomes(sited, request), strict=False) if outcome == "saved"}
    del tiktok.failing_keys[IDS[3]]
    with sited.database.begin(sited.tenant_id) as uow:
        again = uow.requests.retry(request.request_id)

    sited.run("add_urls", again)

    assert not first.success
    assert outcomes(sited, request) == ["saved"] * 6
    assert [call for call in tiktok.calls if before.count(call) and call.split()[1] in done] == [
        call for call in before if call.split()[1] in done
    ]


def test_links_that_a_run_did_not_come_to_do_not_count_until_it_is_tried_again(sited: Graph, tiktok: FakeSite) -> None:
    def used() -> int:
        with sited.database.begin(sited.tenant_id) as uow:
            assert uow.figures.counters_off() == 0
            return next(each.used for each in uow.usage.meters(now=datetime.now(UTC)) if each.meter == "urls_per_day")

    request = ask(sited, [TIKTOK + each for each in IDS[:6]])
    assert used() == 6
    tiktok.failing_keys[IDS[3]] = KeyError("a mistake of ours")
    sited.run("add_urls", request, raise_on_error=False)
    assert used() == outcomes(sited, request).count("saved") < 6

    del tiktok.failing_keys[IDS[3]]
    with sited.database.begin(sited.tenant_id) as uow:
        again = uow.requests.retry(request.request_id)
    sited.run("add_urls", again)

    assert (outcomes(sited, request), used()) == (["saved"] * 6, 6)


def test_a_platform_that_takes_us_for_a_robot_is_told_and_the_run_succeeds(sited: Graph, tiktok: FakeSite) -> None:
    request = ask(sited, [TIKTOK + IDS[0]])
    tiktok.failing_keys[IDS[0]] = SourceUnavailable("tiktok_web", "captcha", category="blocked")

    sited.run("add_urls", request)

    with sited.database.begin(sited.tenant_id) as uow:
        (url,) = uow.scrapes.urls(uow.scrapes.get(request.request_id).scrape_id)
    assert (url.outcome, url.category) == ("failed", "blocked")


def test_the_clock_reads_again_what_expires_soon_and_deletes_what_has_expired(sited: Graph) -> None:
    site = FakeSite(name=SourceName.YOUTUBE_API, platform=Platform.YOUTUBE)
    site.put("cleo", "soon0000001", "soon0000002", gone={"soon0000002": "private"})
    graph = replace(sited, platforms=Platforms(readers=(site,)))
    soon, over = TODAY + 2 * DAYS, TODAY - 2 * DAYS
    for video, until in (("soon0000001", soon), ("soon0000002", soon), ("over0000001", over)):
        where = Platform.X if until is over else Platform.YOUTUBE  # nobody is configured who reads X
        row = seen(video, 5, platform=where, at=TODAY - 28 * DAYS, posted=TODAY - 40 * DAYS, title=video)
        row = replace(row, account=replace(row.account, external_id="UCcleo", username="cleo"))
        with graph.database.begin(graph.tenant_id) as uow:
            uow.catalogue.put([row], Origin("youtube_api", "manual", expires_at=until))

    run = graph.run("tidy_library")

    with graph.database.begin(graph.tenant_id) as uow:
        found = {each.external_id: each for each in uow.videos.page(sort="views", is_descending=True, limit=10)}
        kept = uow.connection.exec_driver_sql("select expires_at from videos where external_id = 'soon0000001'").scalar_one()
        told = uow.connection.exec_driver_sql("select refreshed, removed, deleted, trouble from retention_reports").one()
    (made,) = run.asset_materializations_for_node("out_retention__report")
    assert set(found) == {"soon0000001", "soon0000002"}
    assert kept > TODAY + 25 * DAYS
    assert (found["soon0000002"].is_removed, found["soon0000002"].removed_reason) == (True, "private")
    assert (told.removed, told.deleted["videos"], [each["platform"] for each in told.trouble]) == (1, 1, ["x"])
    assert told.refreshed >= 1
    assert made.metadata["deleted"].value["videos"] == 1
    assert all(check.passed for check in run.get_asset_check_evaluations())


def test_a_platform_that_is_away_is_named_and_nothing_is_deleted_early(sited: Graph) -> None:
    site = FakeSite(name=SourceName.YOUTUBE_API, platform=Platform.YOUTUBE, fails=SourceUnavailable("youtube_api", category="blocked"))
    graph = replace(sited, platforms=Platforms(readers=(site,)))
    row = seen("soon0000001", 5, platform=Platform.YOUTUBE, at=TODAY - 28 * DAYS, posted=TODAY - 40 * DAYS)
    with graph.database.begin(graph.tenant_id) as uow:
        uow.catalogue.put([row], Origin("youtube_api", "manual", expires_at=TODAY + 2 * DAYS))

    run = graph.run("tidy_library")

    (made,) = run.asset_materializations_for_node("out_retention__report")
    assert set(made.metadata["trouble"].value) == {"youtube"}
    with graph.database.begin(graph.tenant_id) as uow:
        assert len(uow.videos.page(sort="views", is_descending=True, limit=10)) == 1


# Charts


@pytest.fixture
def charts(sited: Graph) -> Graph:
    """No chart is there; they belong to no tenant, so tests of one worker share them."""
    with sited.database.begin_system() as system:
        system.connection.exec_driver_sql("delete from trending_sounds")
        system.connection.exec_driver_sql("delete from chart_asks")
    return sited


def read(graph: Graph, country: str = "FR", day: date | None = None) -> Any:
    key = dg.MultiPartitionKey({DAY: (day or TODAY.date()).isoformat(), COUNTRY: country})
    job = graph.defs.resolve_job_def("read_charts")
    return job.execute_in_process(instance=graph.instance, partition_key=key, raise_on_error=False)


def kept(graph: Graph, country: str = "FR") -> list[str]:
    with graph.database.begin(graph.tenant_id) as uow:
        chart = uow.trending.chart(Platform.TIKTOK, country, None)
    return [each.sound.external_id for each in chart.sounds] if chart else []


def test_a_chart_is_read_once_an_hour_and_the_newer_one_stays(charts: Graph, tiktok: FakeSite) -> None:
    tiktok.charted = ["s1", "s2", "s3"]
    first = read(charts)
    tiktok.charted = ["s9"]
    second = read(charts)
    with charts.database.begin_system() as system:
        system.connection.exec_driver_sql("update trending_sounds set captured_at = captured_at - interval '2 hours'")

    third = read(charts)

    assert (first.success, second.success, third.success) == (True, True, True)
    assert [call for call in tiktok.calls if call.startswith("chart")] == ["chart FR", "chart FR"]
    assert kept(charts) == ["s9"]
    assert all(check.passed for check in third.get_asset_check_evaluations())


def test_an_older_reading_that_comes_late_changes_nothing(charts: Graph, tiktok: FakeSite) -> None:
    tiktok.charted = ["new"]
    read(charts)
    with charts.database.begin_system() as system:
        old = replace(tiktok.chart("FR", _Straight(), limit=5), fetched_at=TODAY - 3 * DAYS / 24, sounds=())
        assert not system.trending.put(old, Platform.TIKTOK, TODAY.date())

    assert kept(charts) == ["new"]


class _Straight:
    def fetch(self, ask: Any, call: Any) -> Any:
        return call()


def test_a_chart_that_cannot_be_read_fails_and_the_one_before_stays(charts: Graph, tiktok: FakeSite) -> None:
    tiktok.charted = ["s1"]
    read(charts)
    with charts.database.begin_system() as system:
        system.connection.exec_driver_sql("update trending_sounds set captured_at = captured_at - interval '2 hours'")
    tiktok.charted = []

    run = read(charts)

    assert not run.success
    assert kept(charts) == ["s1"]


def test_a_day_that_is_over_keeps_its_chart_and_one_without_is_refused(charts: Graph, tiktok: FakeSite) -> None:
    tiktok.charted = ["s1"]
    yesterday = TODAY.date() - DAYS

    assert not read(charts, day=yesterday).success
    with charts.database.begin_system() as system:
        chart = replace(tiktok.chart("FR", _Straight(), limit=5), fetched_at=TODAY - DAYS)
        system.trending.put(chart, Platform.TIKTOK, yesterday)
    assert read(charts, day=yesterday).success


def test_ranks_with_a_gap_fail_their_check(charts: Graph, tiktok: FakeSite) -> None:
    tiktok.charted = ["s1", "s2"]
    read(charts)
    with charts.database.begin_system() as system:
        system.connection.exec_driver_sql("update trending_sounds set rank = 5 where rank = 2")

    (check,) = read(charts).get_asset_check_evaluations()

    assert not check.passed


def looked(graph: Graph) -> list[dg.RunRequest]:
    """What the sensor wants to run, now."""
    found = wanted_charts(dg.build_sensor_context(resources={"database": graph.database}))
    assert isinstance(found, Iterator)
    return [each for each in found if isinstance(each, dg.RunRequest)]


def test_what_somebody_asked_for_is_read_once_for_the_asking(charts: Graph, tiktok: FakeSite) -> None:
    with charts.database.begin(charts.tenant_id) as uow:
        assert [uow.trending.ask_for(Platform.TIKTOK, "BR") for _ in range(2)] == [True, False]

    first, second = (looked(charts) for _ in range(2))
    tiktok.charted = ["s1"]
    read(charts, "BR")

    assert [each.run_key for each in first] == [each.run_key for each in second]
    assert [place_of(str(each.partition_key)) for each in first] == [(Country.BR, TODAY.date())]
    assert looked(charts) == []


def test_what_was_asked_for_and_did_not_come_is_asked_for_again_after_five_minutes(charts: Graph, tiktok: FakeSite) -> None:
    def ask(minutes: int) -> bool:
        with charts.database.begin_system() as system:
            system.connection.exec_driver_sql(f"update chart_asks set asked_at = clock_timestamp() - interval '{minutes} minutes'")
        with charts.database.begin(charts.tenant_id) as uow:
            return uow.trending.ask_for(Platform.TIKTOK, "BR")

    first = ask(0)
    unread = [ask(4), ask(6)]
    tiktok.charted = ["s1"]
    read(charts, "BR")
    after = [ask(6), ask(61)]

    # Read a moment ago, it is newer than an asking of six minutes.
    assert (first, unread, after) == (True, [False, True], [False, True])


def test_what_somebody_asked_for_is_looked_for_each_time_that_dagster_looks() -> None:
    assert wanted_charts.minimum_interval_seconds == 1


def test_every_country_has_its_chart_read_once_a_day() -> None:
    moment = datetime(2026, 11, 20, 5, 30, tzinfo=UTC)
    context = dg.build_schedule_context(scheduled_execution_time=moment, repository_def=definitions.defs.get_repository_def())

    runs = daily_charts.evaluate_tick(context).run_requests or []

    assert {place_of(str(run.partition_key)) for run in runs} == {(country, moment.date()) for country in Country}


def test_every_tenants_library_is_tidied_once_a_day(tmp_path: Path) -> None:
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        instance.add_dynamic_partitions(TENANTS, ["one"])
        context = dg.build_schedule_context(
            instance=instance, repository_def=definitions.defs.get_repository_def(),
            scheduled_execution_time=datetime(2026, 11, 20, 2, 45, tzinfo=UTC),
        )  # fmt: skip

        runs = daily_tidying.evaluate_tick(context).run_requests or []

    assert [(run.partition_key, run.run_key) for run in runs] == [("one", "2026-11-20:one")]


def test_the_nightly_run_lets_bytes_go_whose_days_are_over(graph: Graph) -> None:
    found, request = graph.take_in_video(talk(name="of last month"))
    with graph.database.begin(graph.tenant_id) as uow:
        uow.requests.cancel(request.request_id)
        uow.connection.exec_driver_sql("update media set used_at = now() - interval '30 days'")

    run = graph.run("tidy_library")

    (made,) = run.asset_materializations_for_node("out_retention__files")
    assert (made.metadata["videos"].value, made.metadata["deleted"].value, made.metadata["dagster/row_count"].value) == (1, 1, 0)
    assert not graph.files.path(found.file_key).exists()
    assert all(check.passed for check in run.get_asset_check_evaluations())


def test_days_of_the_deployments_own_count(graph: Graph) -> None:
    found, request = graph.take_in_video(talk(name="of last month"))
    with graph.database.begin(graph.tenant_id) as uow:
        uow.requests.cancel(request.request_id)
        uow.connection.exec_driver_sql("update media set used_at = now() - interval '30 days'")
    patient = definitions.build_defs({**graph.resources, "bytes_kept": BytesKept(video=60 * DAYS)})

    patient.resolve_job_def("tidy_library").execute_in_process(instance=graph.instance, partition_key=str(graph.tenant_id))

    assert graph.files.path(found.file_key).exists()
