"""Every asset says what it is, and every one of its checks can fail: broken on purpose, the check sees it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import psycopg
import pytest
from dagster import AssetKey, AssetSpec

import definitions
from domain.observations import Platform
from services.insights.anomalies import ANOMALIES
from services.insights.deep import DEEP
from services.insights.features import FEATURES
from services.insights.forecasts import FORECASTS
from services.insights.plans import PLANS
from services.insights.releases import publish
from store.ids import new_id
from store.releases import EffectRow
from store.tables import metadata
from tests.assets.conftest import Graph, ndjson
from tests.conftest import TestUrls
from tests.library import put, score, seen
from tests.media import video, vtt
from tests.published import work_of
from tests.services import chain
from tests.services.alone import Alone

NOW, DAY = datetime.now(UTC), timedelta(days=1)
YESTERDAY = (NOW - DAY).isoformat()
ROW = {"video_external_id": "v1", "title": "One", "posted_at": "2026-11-01T00:00:00Z", "observed_at": YESTERDAY, "views": 10}
TABLES = {
    "raw_media__files": "media", "core_media__transcripts": "transcripts", "core_media__analyses": "media_analyses",
    "core_clips__candidates": "clip_candidates", "out_clips__renders": "clips", "out_clips__checked": "clips",
    "raw_imports__files": "imports",
    "core_catalogue__accounts": "accounts", "core_catalogue__videos": "videos",
    "core_catalogue__video_texts": "video_texts", "core_catalogue__snapshots": "video_snapshots",
    "core_accounts__totals": "account_totals", "core_accounts__days": "account_days",
    **{f"core_tracking__{platform.value}": "trackings" for platform in Platform},
    "core_channels__videos": "channel_videos", "core_owner__reports": "owner_reports", "core_channels__comments": "video_comments",
    "core_library__hashtags": "hashtags", "core_library__sounds": "sounds", "core_library__added": "scraped_urls",
    "out_retention__report": "retention_reports", "out_retention__files": "leaving_files",
    "out_tenant__exports": "exports", "core_tenant__erasures": "tombstones", "raw_tiktok__trending_sounds": "trending_sounds",
    "raw_billing__events": "billing_events", "core_billing__mirrors": "billing_subscriptions",
    "out_logs__kept": "access_log", "out_audit__heads": "audit_exports",
    "core_thumbnails__videos": "video_thumbnails",
    "core_features__videos": "video_features", "out_scores__videos": "scores", "out_insights__effects": "effects",
    "out_forecasts__videos": "forecasts", "out_insights__deep": "findings", "out_insights__anomalies": "findings",
    "out_insights__next": "findings",
}  # fmt: skip


def _superuser(urls: TestUrls) -> str:
    return urls.superuser.replace("postgresql+psycopg://", "postgresql://")


def specs() -> list[AssetSpec]:
    return list(definitions.defs.resolve_all_asset_specs())


def checks() -> set[tuple[str, str]]:
    """(asset, check) of every check there is."""
    keys = definitions.defs.resolve_asset_graph().asset_check_keys
    return {(key.asset_key.to_user_string(), key.name) for key in keys}


# What an asset says of itself


def test_the_assets_are_the_ones_we_know() -> None:
    assert {spec.key.to_user_string() for spec in specs()} == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_an_asset_has_owner_group_kinds_and_says_what_one_row_is(name: str) -> None:
    (spec,) = [each for each in specs() if each.key == AssetKey(name)]

    assert spec.owners
    assert spec.group_name != "default"
    assert spec.kinds
    assert (spec.description or "").startswith("One row per ")
    assert {"layer", "pii"} <= set(spec.tags)
    assert spec.tags["layer"] == name.partition("_")[0]


@pytest.mark.parametrize(("name", "table"), TABLES.items())
def test_an_asset_shows_the_columns_of_its_table(name: str, table: str, urls: TestUrls) -> None:
    (spec,) = [each for each in specs() if each.key == AssetKey(name)]
    with psycopg.connect(_superuser(urls)) as connection:
        found = connection.execute(
            "select column_name, is_nullable = 'YES' from information_schema.columns where table_schema = 'public' and table_name = %s",
            (table,),
        ).fetchall()

    shown = spec.metadata["dagster/column_schema"]
    assert {(column.name, column.constraints.nullable) for column in shown.columns} == set(found)
    assert [column.type for column in shown.columns] == [str(column.type).lower() for column in metadata.tables[table].columns]


def test_what_is_made_of_the_catalogue_comes_from_whatever_fills_it() -> None:
    graph = definitions.defs.resolve_asset_graph()
    filling = {AssetKey("core_catalogue__videos"), AssetKey("core_channels__videos"), AssetKey("core_library__added")}
    filling |= {AssetKey(f"core_tracking__{platform.value}") for platform in Platform}

    lacking = {
        name: filling - graph.get(AssetKey(name)).parent_keys
        for name in ("core_accounts__totals", "core_accounts__days", "core_library__hashtags", "core_library__sounds")
    }

    assert not any(lacking.values()), lacking


def test_a_check_that_is_run_without_a_partition_says_what_to_do(graph: Graph) -> None:
    (key,) = [each for each in graph.defs.resolve_asset_graph().asset_check_keys if each.name == "totals_add_up"]
    job = dg.define_asset_job("only_a_check", selection=dg.AssetSelection.checks(key))
    defs = dg.Definitions(assets=graph.defs.assets, asset_checks=graph.defs.asset_checks, jobs=[job], resources=graph.resources)

    run = defs.resolve_job_def("only_a_check").execute_in_process(instance=graph.instance, raise_on_error=False)

    (failed,) = [event for event in run.all_events if event.is_step_failure]
    assert "choose one and materialize its asset" in str(failed.step_failure_data.error)


@pytest.mark.parametrize("name", TABLES)
def test_an_asset_has_a_check(name: str) -> None:
    assert name in {asset for asset, _ in checks()}


# Seen to fail in tests/assets/test_owner.py.
OWNER_CHECKS = (
    "comments_are_of_the_past",
    "own_posts_are_listed",
    "owner_days_are_fresh",
    "demographics_add_up",
    "revenue_is_not_negative",
)

# Checks that fail


@pytest.fixture
def stored(graph: Graph) -> Graph:
    """Two posts with a history, an account with totals and days, a score, nothing wrong."""
    rows = [seen("v1", 10, at=NOW - 2 * DAY, title="One"), seen("v1", 20, at=NOW - DAY, title="One"), seen("v2", 5, at=NOW, title="Two")]
    ids = put(graph.database, graph.tenant_id, rows)
    with graph.database.begin(graph.tenant_id) as uow:
        uow.aggregates.put_totals(now=NOW)
        uow.aggregates.put_days(now=NOW)
        uow.aggregates.put_hashtags(now=NOW)
        uow.aggregates.put_sounds(now=NOW)
        scrape_id = new_id()
        uow.scrapes.add(scrape_id, ["https://example.org"], collection_id=None, user_id=None)
    work = work_of(graph.database, graph.tenant_id)
    publish(work, FEATURES, as_of=datetime.now(UTC))
    publish(work, PLANS, as_of=datetime.now(UTC))
    publish(work, FORECASTS, as_of=datetime.now(UTC))
    score(graph.database, graph.tenant_id, {ids["v1"]: _FAIR}, at=NOW)
    _effect(graph, _HONEST)
    chain.make(Alone(graph.database, graph.take_in_video(video())[1]), graph.tools, graph.files)
    return graph


_FAIR: dict[str, object] = {"multiple": 2.0, "low": 1.0, "high": 3.0, "peers": 9, "p_outlier": 0.1, "is_outlier": False}
_HONEST = {"feature": "has_number", "verdict": "associational", "estimate": 0.1, "low": 0.0, "high": 0.2, "n": 9, "q": 0.01, "gates": []}


def _effect(graph: Graph, figures: dict[str, Any]) -> None:
    with graph.database.begin(graph.tenant_id) as uow:
        release_id = new_id()
        uow.releases.publish(
            {"release_id": release_id, "kind": "effects", "method": "m", "code_version": "t", "params": {}, "seed": 1, "inputs_hash": "i",
             "outputs_hash": "o", "inputs_count": 9, "as_of": NOW}
        )  # fmt: skip
        uow.releases.put_effects(release_id, [EffectRow(figures["feature"], figures["verdict"], figures)])


def evaluated(graph: Graph, name: str) -> bool:
    """Only this check, as Dagster runs it."""
    (key,) = [each for each in graph.defs.resolve_asset_graph().asset_check_keys if each.name == name]
    job = dg.define_asset_job("only_a_check", selection=dg.AssetSelection.checks(key))
    defs = dg.Definitions(
        assets=graph.defs.assets, asset_checks=graph.defs.asset_checks, jobs=[job],
        resources=graph.resources,
    )  # fmt: skip
    run = defs.resolve_job_def("only_a_check").execute_in_process(
        instance=graph.instance, tags={"dagster/partition": str(graph.tenant_id)}, raise_on_error=False
    )
    (found,) = run.get_asset_check_evaluations()
    return bool(found.passed)


def run_sql(graph: Graph, statement: str) -> None:
    with graph.database.begin(graph.tenant_id) as uow:
        changed = uow.connection.exec_driver_sql(statement)
        assert changed.rowcount > 0, "nothing was broken"


# check -> what breaks it
BREAKS = {
    "suggestions_are_carried": "insert into findings (tenant_id, release_id, scope, section, figures) select tenant_id, release_id,"
    ' gen_random_uuid(), section, jsonb_set(figures::jsonb, \'{items}\', \'[{"text": "Numbers", "sentence": "Numbers",'
    ' "effect_ids": ["00000000-0000-0000-0000-000000000000"]}]\')::json from findings where section = \'quick_wins\'',
    "no_future_dates": "update videos set posted_at = now() + interval '3 days' where external_id = 'v1'",
    "views_do_not_fall": "insert into video_snapshots (tenant_id, video_id, observed_at, observed_error_seconds, views, source)"
    " select tenant_id, video_id, now(), 0, 1, 'test' from videos where external_id = 'v1'",
    "videos_are_fresh": "update videos set observed_at = now() - interval '4 days'",
    "handles_are_unique": "insert into accounts (tenant_id, account_id, platform, identity, external_id, username, is_provisional, source,"
    " first_seen_at, last_seen_at)"
    " select tenant_id, gen_random_uuid(), platform, 'twin', 'twin', upper(username), false, 'test', now(), now() from accounts",
    "titles_have_history": "delete from video_texts",
    "totals_add_up": "update account_totals set views = views + 1",
    "days_add_up": "delete from account_days where posts > 0",
    "hashtags_add_up": "update videos set hashtags = '{bread}' where external_id = 'v1'",
    "sounds_add_up": "update videos set sound_id = 's1' where external_id = 'v1'",
    "added_links_say_why": "update scrapes set finished_at = now()",
    "no_bytes_are_overdue": "insert into leaving_files (tenant_id, file_key, sha256, marked_at)"
    " select tenant_id, file_key, sha256, now() - interval '2 days' from media",
    "nothing_is_overdue": "update videos set expires_at = now() - interval '2 days'",
    "thumbnails_are_plausible": "insert into video_thumbnails (tenant_id, video_id, picture, method, sha256, width, height, brightness,"
    " contrast, colourfulness, faces, text_share, measured_at, tried_at)"
    " select tenant_id, video_id, 'p', 'm', 'h', 320, 180, 1.5, 0.5, 0.5, 0, 0.1, now(), now() from videos limit 1",
    "features_are_complete": "update video_features set figures = figures - 'has_emoji'",
    "scores_are_consistent": "update scores set high = 1.5",
    "forecasts_are_consistent": "update forecasts set reason = null, predicted = null",
    "transcripts_fit_their_media": "update media set duration_seconds = 20",
    "candidates_are_whole_sentences": "update clips set start_seconds = start_seconds + 1",
    "looks_fit_their_media": "update media set duration_seconds = 20",
    "renders_are_as_promised": "update clips set width = 1920",
    "deliveries_passed_their_checks": "update clips set findings = '[]'",
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_check_passes_what_is_well_and_fails_what_is_broken(stored: Graph, name: str) -> None:
    before = evaluated(stored, name)
    run_sql(stored, BREAKS[name])

    assert (before, evaluated(stored, name)) == (True, False)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "causal-supported", "gates": [{"name": "census", "passed": True}]},
        {"estimate": 0.5},
        {"n": 0},
        {"n": 10},
        {"q": None},
        {"low": None, "high": None},
        {"verdict": "inconclusive", "reason": None},
        {"verdict": "experimental", "design": "within-account"},
    ],
)
def test_an_effect_that_claims_too_much_fails_its_check(stored: Graph, change: dict[str, Any]) -> None:
    before = evaluated(stored, "effects_are_honest")
    _effect(stored, {**_HONEST, **change})

    assert (before, evaluated(stored, "effects_are_honest")) == (True, False)


@pytest.mark.parametrize(
    "change", ["delete from video_features", "update video_features set version = 'older rules'", "delete from findings"]
)
def test_features_that_are_not_whole_fail_their_check(stored: Graph, change: str) -> None:
    before = evaluated(stored, "features_are_complete")
    run_sql(stored, change)

    assert (before, evaluated(stored, "features_are_complete")) == (True, False)


@pytest.mark.parametrize(("name", "section", "figures"), [
    ("descriptions_have_intervals", "titles", '{"name": "a", "difference": 0.1, "low": null, "high": 0.2, "n": 9}'),
    ("descriptions_have_intervals", "growth", '{"name": "a", "difference": null, "reason": null}'),
    ("anomalies_are_outside", "events",
     '[{"dedupe_key": "a", "low": 1, "high": 3, "observed": 2, "day": "2026-11-01", "last_day": "2026-11-01"}]'),
])  # fmt: skip
def test_figures_without_what_they_stand_on_fail_their_check(graph: Graph, name: str, section: str, figures: str) -> None:
    work = work_of(graph.database, graph.tenant_id)
    for kind in (FEATURES, DEEP, ANOMALIES):
        publish(work, kind, as_of=datetime.now(UTC))
    before = evaluated(graph, name)
    gone = f"delete from findings where section = '{section}' returning tenant_id, release_id, scope, section"
    columns = "tenant_id, release_id, scope, section, figures"
    run_sql(graph, f"with gone as ({gone}) insert into findings ({columns}) select gone.*, '{figures}'::json from gone")

    assert (before, evaluated(graph, name)) == (True, False)


def test_a_raw_file_that_is_gone_fails_its_check(graph: Graph) -> None:
    found, _ = graph.take_in(ndjson(ROW))
    before = evaluated(graph, "raw_files_are_kept")
    graph.files.delete(found.file_key)

    assert (before, evaluated(graph, "raw_files_are_kept")) == (True, False)


@pytest.mark.parametrize("key", ["file_key", "captions_key"])
def test_a_video_or_captions_that_are_gone_fail_their_check(graph: Graph, key: str) -> None:
    media, _ = graph.take_in_video(video(tracks=()), captions=vtt())
    before = evaluated(graph, "media_bytes_are_kept")
    graph.files.delete(getattr(media, key))

    assert (before, evaluated(graph, "media_bytes_are_kept")) == (True, False)


def test_a_clip_that_cannot_be_opened_fails_its_check(stored: Graph) -> None:
    with stored.database.begin(stored.tenant_id) as uow:
        (clip,) = uow.clips.page(limit=1)
    stored.files.delete(clip.file_key or "")

    assert not evaluated(stored, "renders_are_as_promised")


@pytest.fixture
def without_walls(urls: TestUrls) -> Iterator[None]:
    """The database's own wall against negative counts, taken down for a moment."""
    wall = "ck_video_snapshots_views_not_negative"
    with psycopg.connect(_superuser(urls), autocommit=True) as connection:
        connection.execute(f"alter table video_snapshots drop constraint {wall}")
        yield
        connection.execute("delete from video_snapshots where views < 0")
        connection.execute(f"alter table video_snapshots add constraint {wall} check (views >= 0)")


NEGATIVE = "update video_snapshots set views = -1"


def test_the_database_itself_refuses_negative_counts(urls: TestUrls, stored: Graph) -> None:
    with psycopg.connect(_superuser(urls)) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(f"{NEGATIVE} where tenant_id = %s", (stored.tenant_id,))


def test_behind_that_wall_stands_a_check(urls: TestUrls, stored: Graph, without_walls: None) -> None:
    """A table that an operator restored, or loaded, without its constraints."""
    before = evaluated(stored, "no_negative_counts")
    with psycopg.connect(_superuser(urls), autocommit=True) as connection:
        connection.execute(f"{NEGATIVE} where tenant_id = %s", (stored.tenant_id,))

    assert (before, evaluated(stored, "no_negative_counts")) == (True, False)


def test_every_check_was_seen_to_fail() -> None:
    elsewhere = {
        "effects_are_honest", "descriptions_have_intervals", "anomalies_are_outside",
        "raw_files_are_kept", "no_negative_counts", "media_bytes_are_kept", "charts_are_whole", *OWNER_CHECKS,
        "the_newest_export_is_there", "no_erasure_is_overdue",
        "logs_are_in_time", "audit_chains_hold", "no_event_was_given_up", "mirrors_equal_the_provider",
    }  # fmt: skip
    elsewhere |= {f"accounts_on_{platform.value}_are_read" for platform in Platform}

    assert {name for _, name in checks()} == set(BREAKS) | elsewhere


def test_a_failing_blocking_check_stops_what_stands_on_it(graph: Graph) -> None:
    _, request = graph.take_in(ndjson(ROW))
    graph.run("import_file", request)
    run_sql(graph, BREAKS["no_future_dates"])
    _, second = graph.take_in(ndjson({**ROW, "video_external_id": "v2"}))

    run = graph.run("import_file", second, raise_on_error=False)

    assert not run.success
    assert run.get_asset_materialization_events()
    assert not run.asset_materializations_for_node("core_accounts__totals")
