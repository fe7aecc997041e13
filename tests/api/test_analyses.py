"""Forecasts, effects one by one, deep and causal analyses, anomalies and charts over HTTP; and the names that stand for others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import pytest
import sqlalchemy as sa

from api.aliases import target_of
from api.insights.analyses import AnalysisOut
from api.insights.anomalies import AnomaliesOut
from api.insights.effects import EffectsOut
from services.insights.anomalies import ANOMALIES
from services.insights.deep import DEEP, SECTIONS
from services.insights.effects import EFFECTS
from services.insights.features import FEATURES
from services.insights.forecasts import FORECASTS
from services.insights.scores import SCORES
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.conftest import Member, make_member
from tests.library import NOON
from tests.published import DAY, bring, posts, publish_all
from tests.services.test_analyses import days_of

UNKNOWN = "01931c00-0000-7000-8000-00000000dead"
READS = (
    "/insights/outliers", "/insights/effects", "/insights/gates", "/insights/deep", "/insights/deep/cached", "/insights/causal",
    "/insights/causal/cached", "/insights/advanced", "/insights/anomalies",
)  # fmt: skip
ONE_OF = (f"/insights/effects/{UNKNOWN}", f"/videos/{UNKNOWN}/forecast", f"/videos/{UNKNOWN}/forecast/chart.svg")
CHARTS = ("/insights/effects", "/insights/outliers", "/insights/deep/posting-time", "/insights/changes")


@dataclass(frozen=True)
class World:
    """A tenant with everything published: one account with enough posts, one without."""

    member: Member
    video_id: UUID
    ana: UUID
    ben: UUID


@pytest.fixture(scope="module")
def world(database: Database) -> World:
    member = make_member(database)
    days_of(database, member.tenant_id, spike=9)
    bring(database, member.tenant_id, posts("ana", count=24) + posts("ben", count=6))
    publish_all(database, member.tenant_id, kinds=(FEATURES, SCORES, FORECASTS, EFFECTS, DEEP, ANOMALIES))
    with database.begin(member.tenant_id) as uow:
        rows = uow.connection.execute(sa.text("select account_id, min(video_id::text)::uuid from videos group by 1 order by count(*) desc"))
        (ana, video_id), (ben, _) = rows.all()
    return World(member, video_id, ana, ben)


@pytest.fixture
def reader_of(world: World, api: Callable[[Member], Caller]) -> Caller:
    return api(world.member)


@pytest.mark.parametrize("path", [*READS, *ONE_OF, *(f"{each}/chart.png" for each in CHARTS)])
def test_nobody_reads(nobody: Caller, path: str) -> None:
    assert_problem(nobody.get(path), 401)


@pytest.mark.parametrize("path", READS)
def test_every_read_says_n_age_method_and_release(reader_of: Caller, path: str) -> None:
    answer = reader_of.get(path)

    told = answer.json()
    assert answer.status_code == 200, answer.text
    assert {"n", "as_of", "newest_observation", "release_id", "computed_at", "stale", "note"} <= told.keys()
    assert told["method"]["url"].startswith("/docs/method#")
    assert (told["release_id"] is not None, told["stale"]) == (True, False)
    assert reader_of.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_an_account_that_is_not_there_or_is_anothers_is_not_found_by_any_route(reader_of: Caller, theirs: Caller, world: World) -> None:
    paths = theirs.get("/openapi.json").json()["paths"]
    asked = [
        path.removeprefix("/api/v1").replace("{video_id}", str(world.video_id)) for path, operations in paths.items()
        if "/insights/" in path and any(each["name"] == "account_id" for each in operations.get("get", {}).get("parameters", ()))
    ]  # fmt: skip

    assert {"/insights/outliers", "/insights/causal/cached", "/insights/effects/chart.png", "/insights/predictions"} <= set(asked)
    for path in asked:
        assert_problem(reader_of.get(f"{path}?account_id={UNKNOWN}"), 404)
        assert_problem(theirs.get(f"{path}?account_id={world.ana}"), 404)
        assert reader_of.get(f"{path}?account_id={world.ana}").status_code == 200, path


@pytest.mark.parametrize(("path", "why"), [("outliers", "without_score"), ("anomalies", "fewer than 42 of its days")])
def test_an_account_without_outliers_or_anomalies_is_told_why(reader_of: Caller, world: World, path: str, why: str) -> None:
    alone = reader_of.get(f"/insights/{path}?account_id={world.ben}").json()

    assert (alone["items"], alone["release_id"] is not None) == ([], True)
    assert why in alone["note"]


@pytest.mark.parametrize("path", READS)
def test_before_the_first_release_there_is_an_empty_answer(mine: Caller, path: str) -> None:
    told = mine.get(path).json()

    assert (told["release_id"], told["computed_at"], told["n"], told["stale"]) == (None, None, 0, False)
    assert "nothing is published yet" in told["note"]


@pytest.mark.parametrize("path", READS)
def test_as_of_a_moment_before_the_first_release_there_is_none(reader_of: Caller, path: str) -> None:
    assert reader_of.get(f"{path}?as_of=2021-01-01T00:00:00Z").json()["release_id"] is None
    assert reader_of.get(f"{path}?as_of=2098-01-01T00:00:00Z").json()["release_id"] is not None
    assert_problem(reader_of.get(f"{path}?as_of=2021-01-01T00:00:00"), 422)


def test_what_is_kept_has_the_shape_that_is_documented(reader_of: Caller) -> None:
    shapes: dict[str, Any] = {
        "/insights/effects": EffectsOut, "/insights/deep": AnalysisOut, "/insights/causal": AnalysisOut,
        "/insights/anomalies": AnomaliesOut,
    }  # fmt: skip

    for path, shape in shapes.items():
        decoded = msgspec.json.decode(reader_of.get(path).content, type=shape)
        assert decoded.release_id is not None


def test_effects_come_page_by_page_and_filtered(reader_of: Caller, world: World) -> None:
    first = reader_of.get("/insights/effects?limit=2").json()
    second = reader_of.get(f"/insights/effects?limit=100&cursor={first['next_cursor']}").json()
    keys = [each["key"] for each in first["items"] + second["items"]]
    reach = reader_of.get("/insights/effects?limit=100&outcome=reach&kind=feature&verdict=inconclusive&topic=title").json()["items"]

    assert (keys == sorted(set(keys)), len(first["items"]), second["has_more"]) == (True, 2, False)
    assert {(each["outcome"], each["kind"], each["verdict"], each["group"]) for each in reach} <= {
        ("reach", "feature", "inconclusive", "title")
    }
    alone = reader_of.get(f"/insights/effects?account_id={world.ben}").json()
    assert (alone["items"], "leave account_id out" in alone["note"], first["note"]) == ([], True, None)
    assert_problem(reader_of.get(f"/insights/effects?topic=title&cursor={first['next_cursor']}"), 422)
    assert_problem(reader_of.get("/insights/effects?verdict=proven"), 400)


@pytest.mark.parametrize("path", ["/insights/causal", "/insights/causal/cached", "/insights/advanced"])
def test_an_account_without_sections_of_its_own_is_told_where_they_are(reader_of: Caller, world: World, path: str) -> None:
    alone, everybody = reader_of.get(f"{path}?account_id={world.ben}").json(), reader_of.get(path).json()

    assert (alone["sections"], "leave account_id out" in alone["note"], everybody["note"]) == ({}, True, None)


def test_one_effect_says_what_it_stands_on(reader_of: Caller, theirs: Caller, world: World) -> None:
    listed = reader_of.get("/insights/effects?limit=1").json()["items"][0]

    found = reader_of.get(f"/insights/effects/{listed['effect_id']}").json()

    assert found["effect"]["key"] == listed["key"]
    assert {"clusters", "per_cent", "window", "placebo", "method"} <= found.keys()
    assert {"estimand", "mde", "robustness_value", "gates", "assumptions", "parts", "sentence", "q"} <= found["effect"].keys()
    assert_problem(reader_of.get(f"/insights/effects/{UNKNOWN}"), 404)
    assert_problem(reader_of.get(f"/insights/effects/{listed['effect_id']}?as_of=2021-01-01T00:00:00Z"), 404)
    assert_problem(theirs.get(f"/insights/effects/{listed['effect_id']}"), 404)


def test_the_gates_count_every_effect_of_the_release(reader_of: Caller) -> None:
    effects = reader_of.get("/insights/effects?limit=100").json()["items"]

    gates = reader_of.get("/insights/gates").json()

    assert (gates["hypotheses"], sum(gates["verdicts"].values())) == (len(effects), len(effects))
    judged = [gate for each in effects for gate in each["gates"]]
    assert sum(each["asked"] for each in gates["items"]) == len(judged)
    assert sum(each["passed"] for each in gates["items"]) == sum(gate["passed"] for gate in judged)


def test_a_deep_analysis_is_read_whole_by_section_and_by_account(reader_of: Caller, world: World) -> None:
    whole = reader_of.get("/insights/deep/cached").json()
    one = reader_of.get(f"/insights/deep?section=growth&account_id={world.ana}").json()
    none = reader_of.get(f"/insights/deep?account_id={world.ben}").json()

    assert set(whole["sections"]) == {*SECTIONS, "about", "accounts"}
    assert (whole["n"], whole["missing"], whole["account_id"]) == (30, [], None)
    assert (set(one["sections"]), one["n"], one["account_id"]) == ({"growth", "about"}, 24, str(world.ana))
    assert (none["sections"], none["n"], none["missing"]) == ({}, 0, list(SECTIONS))
    assert "no analysis of its own" in none["note"]
    assert_problem(reader_of.get("/insights/deep?section=luck"), 400)


def test_what_a_release_does_not_have_is_named(reader_of: Caller) -> None:
    told = reader_of.get("/insights/advanced").json()

    assert set(told["sections"]) | set(told["missing"]) >= {"combinations", "controversy"}
    assert set(told["sections"]) & set(told["missing"]) == set()


def test_newer_videos_make_what_is_published_stale(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts("ana", count=2))
    publish_all(database, member.tenant_id, kinds=(FEATURES, SCORES, DEEP))
    before = mine.get("/insights/deep/cached").json()["stale"]
    bring(database, member.tenant_id, posts("new", count=1), origin=None)
    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text("update videos set observed_at = now()"))

    assert (before, mine.get("/insights/deep/cached").json()["stale"]) == (False, True)


def test_a_forecast_has_its_horizons(reader_of: Caller, theirs: Caller, world: World) -> None:
    path = f"/videos/{world.video_id}/forecast"

    told = reader_of.get(path).json()

    assert {each["horizon"] for each in told["items"]} <= {"1d", "3d", "7d", "30d"}
    assert all((each["predicted"] is None) == (each["reason"] is not None) and each["level"] == 0.8 for each in told["items"])
    assert_problem(theirs.get(path), 404)
    assert_problem(reader_of.get("/videos/x/forecast"), 404)
    assert_problem(reader_of.get(f"{path}?as_of=2006-01-01T00:00:00Z"), 404)


def test_anomalies_are_filtered_and_paged(reader_of: Caller, theirs: Caller, world: World) -> None:
    told = reader_of.get("/insights/anomalies").json()

    day = (NOON - 9 * DAY).date().isoformat()
    assert [(each["metric"], each["day"], each["direction"]) for each in told["items"]] == [("views", day, "up")]
    assert (told["watched"]["series"]["views"], told["note"]) == (1, None)
    assert reader_of.get(f"/insights/anomalies?account_id={world.ana}&metric=views").json()["items"] == told["items"]
    assert reader_of.get("/insights/anomalies?direction=down").json()["items"] == []
    assert theirs.get("/insights/anomalies").json()["items"] == []
    assert_problem(reader_of.get("/insights/anomalies?metric=luck"), 400)


@pytest.mark.parametrize(("name", "kind"), [("deep", "deep"), ("causal", "causal"), ("advanced", "causal")])
def test_an_analysis_is_asked_for_followed_and_canceled(mine: Caller, dagster: FakeDagster, name: str, kind: str) -> None:
    answer = mine.post(f"/insights/{name}")
    again = mine.post(f"/analysis/{name}/jobs", headers={"Idempotency-Key": f"k-{name}"})
    once_more = mine.post(f"/analysis/{name}/jobs", headers={"Idempotency-Key": f"k-{name}"})
    request_id = answer.json()["request_id"]

    assert (answer.status_code, answer.json()["kind"], answer.headers["location"]) == (202, kind, f"/api/v1/requests/{request_id}")
    assert dagster.launched[0].kind == kind
    assert again.json()["request_id"] == once_more.json()["request_id"] != request_id
    assert mine.get(f"/analysis/{name}/jobs/{request_id}").json()["request_id"] == request_id
    assert mine.delete(f"/analysis/{name}/jobs/{request_id}").status_code == 202


def test_who_may_only_read_asks_for_nothing(reader: Caller, nobody: Caller, theirs: Caller, mine: Caller) -> None:
    request_id = mine.post("/insights/deep").json()["request_id"]

    assert_problem(reader.post("/insights/deep"), 403)
    assert_problem(nobody.post("/insights/causal"), 401)
    assert_problem(theirs.get(f"/analysis/deep/jobs/{request_id}"), 404)


def test_other_names_lead_to_the_same_answers(reader_of: Caller) -> None:
    for name in ("deep/cached", "causal/cached", "deep", "advanced"):
        assert reader_of.get(f"/analysis/{name}").content == reader_of.get(f"/insights/{name}").content
    assert_problem(reader_of.get("/analysis/unheard"), 404)


def test_the_table_of_names() -> None:
    told = {
        "deep": "/insights/deep", "jobs/1": "/requests/1", "causal/jobs/1": "/requests/1", "advanced/jobs": "/insights/advanced",
        "patterns": "/insights/patterns", "optimizer/quick-wins": "/insights/quick-wins", "optimizer/next-videos": "/insights/suggestions",
        "scoring-models/7/score": "/insights/scoring-models/7/scores", "scoring-models": "/insights/scoring-models",
    }  # fmt: skip

    assert {name: target_of(f"/api/v1/analysis/{name}") for name in told} == {name: f"/api/v1{path}" for name, path in told.items()}
    assert target_of("/api/v1/analyses") is None


@pytest.mark.parametrize("path", CHARTS)
def test_a_chart_comes_in_three_forms_and_once(reader_of: Caller, path: str) -> None:
    svg, png, spec = (reader_of.get(f"{path}/chart.{form}") for form in ("svg", "png", "json"))

    assert svg.text.startswith("<svg")
    assert png.content.startswith(b"\x89PNG")
    assert spec.json()["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert [each.headers["content-type"].partition(";")[0] for each in (svg, png, spec)] == [
        "image/svg+xml", "image/png", "application/vnd.vegalite.v5+json",
    ]  # fmt: skip
    assert svg.headers["content-disposition"].startswith("inline")
    assert "sandbox" in svg.headers["content-security-policy"]
    known = reader_of.get(f"{path}/chart.svg", headers={"If-None-Match": svg.headers["etag"]})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", svg.headers["etag"])


def test_an_empty_chart_is_a_picture_that_says_so(mine: Caller) -> None:
    assert "no effect was asked about" in mine.get("/insights/effects/chart.svg").text.replace("\xa0", " ")


def test_the_fan_of_a_video_is_its_tenants_alone(reader_of: Caller, theirs: Caller, world: World) -> None:
    path = f"/videos/{world.video_id}/forecast/chart.svg"

    assert reader_of.get(path).text.startswith("<svg")
    assert_problem(theirs.get(path), 404)
    assert_problem(reader_of.get(f"/videos/{world.video_id}/forecast/chart.gif"), 404)


def test_what_were_outliers_then_stays_with_their_release(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts("ana", count=12))
    publish_all(database, member.tenant_id, kinds=(SCORES,))
    figures = {"video_id": "", "views": 7, "multiple": 9.0, "low": 4.0, "high": 20.0, "shrunk_multiple": 8.0, "p_outlier": 0.9, "peers": 9,
               "age_days": 2.0, "virality_band": "[5,10)", "naive_multiple": 3.0, "naive_band": "[1,5)"}  # fmt: skip
    with database.begin(member.tenant_id) as uow:
        video_id = uow.connection.execute(sa.text("select video_id from videos limit 1")).scalar_one()
        release = uow.releases.latest("scores")
        assert release is not None
        uow.connection.execute(sa.text("delete from findings where section = 'outliers'"))
        uow.releases.put_findings(release.release_id, [("outliers", UUID(int=0), [figures | {"video_id": str(video_id)}])])
    publish_all(database, member.tenant_id, day=1, kinds=(SCORES,))

    then = mine.get("/insights/outliers", params={"as_of": release.created_at.isoformat()}).json()
    now = mine.get("/insights/outliers").json()

    assert [(each["video_id"], each["views"], each["forecasts"]) for each in then["items"]] == [(str(video_id), 7, None)]
    assert (then["release_id"], now["release_id"] == then["release_id"]) == (str(release.release_id), False)


def test_an_event_study_is_drawn_as_it_was_published(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts("ana", count=2))
    publish_all(database, member.tenant_id, kinds=(FEATURES, SCORES, EFFECTS))
    study = [
        {"key": key, "event_time_weeks": week, "estimate": 0.1 * week, "low": -0.2, "high": 0.9, "accounts": 7}
        for key in ("first", "second") for week in (-2, 0, 2)
    ]  # fmt: skip
    with database.begin(member.tenant_id) as uow:
        release = uow.releases.latest("effects")
        assert release is not None
        uow.connection.execute(sa.text("delete from findings where section = 'event_study'"))
        uow.releases.put_findings(release.release_id, [("event_study", UUID(int=0), study)])

    first, second = (mine.get(f"/insights/changes/chart.json{query}").text for query in ("", "?key=second"))

    assert '"period":-2' in first.replace(" ", "")
    assert first == second
    assert "no account changed this" in mine.get("/insights/changes/chart.json?key=unheard").text
