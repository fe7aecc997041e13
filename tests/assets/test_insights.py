"""Published figures: charts equal their tables, releases can be made again, selected data never carry causal words."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.charts import feature_rows, leading
from domain.effects.questions.telling import SECTIONS
from domain.entities import EntityKind, asked_entity
from domain.imports.params import ImportParams
from domain.requests import State
from sandbox.around import NAMED, PEOPLE
from sandbox.demo import write_demo
from services import entities, requests
from services.insights.plans import uncarried
from services.insights.releases import replay
from tests.assets.conftest import Graph

CHECKS = ("features_are_complete", "scores_are_consistent", "effects_are_honest")
KINDS = ("features", "scores", "forecasts", "effects", "next", "deep", "anomalies")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def published(graph: Graph, tmp_path: Path) -> Graph:
    """The demo world, through the whole graph."""
    world = write_demo(tmp_path / "demo", now=NOW, seed=3)
    with graph.database.begin(graph.tenant_id) as uow:
        for each in NAMED:
            entities.add(uow, asked_entity(each.name, EntityKind(each.kind), []))
    _, request = graph.take_in(gzip.decompress(world.observations.read_bytes()), ImportParams(is_complete=True))
    assert graph.run("import_file", request).success
    return graph


def test_published_figures_are_what_they_say(published: Graph) -> None:
    """One world, several claims: it takes seconds to make."""
    a_release_made_again_gives_the_same_bytes(published)
    what_was_planted_is_found_and_what_was_not_is_not(published)
    what_was_planted_is_advised_and_what_was_not_is_to_be_tested_at_most(published)
    charts_show_the_tables_they_are_drawn_from(published)


def a_release_made_again_gives_the_same_bytes(published: Graph) -> None:
    with published.database.begin(published.tenant_id) as uow:
        releases = [uow.releases.latest(kind) for kind in KINDS]
        again = [replay(uow, release) for release in releases if release]

    assert [each.is_same for each in again] == [True] * len(KINDS)
    assert [each.outputs_hash for each in again] == [release.outputs_hash for release in releases if release]


def charts_show_the_tables_they_are_drawn_from(published: Graph) -> None:
    with published.database.begin(published.tenant_id) as uow:
        request = requests.ask(uow, "causal", {})
    run = published.run("causal_analysis", request)

    assert [event.asset_key.to_user_string() for event in run.get_asset_materialization_events()] == [
        "core_features__videos", "out_scores__videos", "out_insights__effects",
    ]  # fmt: skip
    assert {check.check_name: check.passed for check in run.get_asset_check_evaluations()} == dict.fromkeys(CHECKS, True)
    features = run.asset_materializations_for_node("core_features__videos")[0].metadata
    scores = run.asset_materializations_for_node("out_scores__videos")[0].metadata
    effects = run.asset_materializations_for_node("out_insights__effects")[0].metadata
    with published.database.begin(published.tenant_id) as uow:
        bands = {(band, name): count for band, fair, naive in uow.insights.bands() for name, count in (("fair", fair), ("naive", naive))}
        release = uow.releases.latest("effects")
        assert release is not None
        figures = uow.releases.effects(release.release_id)
        measured = [figures for _, figures, _ in uow.features.all()]
        ended = uow.requests.get(request.request_id)
    assert ended.state is State.SUCCEEDED
    assert features["chart_rows"].value == feature_rows(measured)
    assert (features["dagster/row_count"].value, features["inputs"].value) == (1600, 1600)
    drawn = {(row["band"], row["multiple"]): row["videos"] for row in scores["chart_rows"].value if row["videos"]}
    assert drawn == {key: count for key, count in bands.items() if count}
    assert {row["feature"]: row["multiple"] for row in effects["chart_rows"].value} == {
        each["feature"]: each["multiple"] for each in leading(figures)
    }
    assert (effects["dagster/row_count"].value, len(effects["chart_rows"].value)) == (len(figures), len(leading(figures)))
    assert scores["dagster/row_count"].value == 1600


def what_was_planted_is_found_and_what_was_not_is_not(published: Graph) -> None:
    with published.database.begin(published.tenant_id) as uow:
        release = uow.releases.latest("effects")
        assert release is not None
        found = {each["key"]: each for each in uow.releases.effects(release.release_id)}
        sections = {name: uow.releases.finding("effects", name) for name in SECTIONS}

    assert all(section is not None and section.value is not None for section in sections.values())
    planted = {
        "reach/feature/is_question": 0.35,
        "reach/feature/has_number": 0.30,
        "reach/person/person:mira-ostrander": PEOPLE["Mira Ostrander"],
    }
    assert {name for name, each in found.items() if each["verdict"] == "causal-supported"} == set(planted)
    # One interval in twenty misses its truth; three standard errors, one in four hundred.
    assert {name for name, truth in planted.items() if abs(found[name]["estimate"] - truth) > 3 * found[name]["se"]} == set()


def what_was_planted_is_advised_and_what_was_not_is_to_be_tested_at_most(published: Graph) -> None:
    with published.database.begin(published.tenant_id) as uow:
        blueprint, patterns = (uow.releases.finding("next", name) for name in ("blueprint", "patterns"))
        wrong = uncarried(uow)

    assert blueprint is not None
    assert patterns is not None
    assert {each["feature"] for each in (*blueprint.value["do"], *blueprint.value["avoid"])} == {
        "is_question",
        "has_number",
        "person:mira-ostrander",
    }
    shared = {each["feature"]: each for each in patterns.value["items"]}
    assert {each["effect"]["verdict"] for name, each in shared.items() if name in ("is_question", "has_number")} == {"causal-supported"}
    assert wrong == []
