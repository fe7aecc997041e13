"""What next over HTTP: plans with what carries them, drafts, scoring models, predictions; who may, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.planning.drafts import Draft
from services import planning
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, assert_problem, pointers
from tests.conftest import Member
from tests.planned import NOW, id_of, plan_all, post_later
from tests.published import bring, posts

PLANS = ("patterns", "blueprint", "quick-wins", "suggestions")
READS = tuple(f"/insights/{name}" for name in (*PLANS, "scoring-models", "predictions", "predictions/calibration"))
MODELS, PREDICTIONS = "/insights/scoring-models", "/insights/predictions"
MODEL = {"name": "Mine", "weights": {"is_question": 3, "title_chars": -1}}


@pytest.fixture
def ana(database: Database, member: Member) -> UUID:
    """An account of `member` whose plans are published."""
    plan_all(database, member.tenant_id)
    return id_of(database, member.tenant_id, "ana")


@pytest.fixture
def model(mine: Caller) -> str:
    answer = mine.post(MODELS, json=MODEL)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["model_id"])


def draft(account_id: object, **more: Any) -> dict[str, Any]:
    return {"account_id": str(account_id), "title": "Bread again?", **more}


# Who may


@pytest.mark.parametrize("path", READS)
def test_nobody_reads_plans(nobody: Caller, path: str) -> None:
    assert_problem(nobody.get(path), 401)


def test_only_who_may_write_changes_anything_and_only_of_their_own(
    nobody: Caller, reader: Caller, theirs: Caller, mine: Caller, model: str, database: Database, member: Member, ana: UUID
) -> None:
    made = _written(database, member.tenant_id, ana)
    writes = [
        ("POST", MODELS, MODEL), ("PATCH", f"{MODELS}/{model}", {"name": "x"}), ("DELETE", f"{MODELS}/{model}", None),
        ("POST", f"{MODELS}/{model}/fit", {}), ("POST", PREDICTIONS, draft(ana)),
        ("POST", f"{PREDICTIONS}/{made}/video", {"video_id": str(uuid4())}),
    ]  # fmt: skip
    for method, path, body in writes:
        assert_problem(nobody.call(method, path, json=body), 401)
        assert_problem(reader.call(method, path, json=body), 403)
        if path != MODELS:
            assert_problem(theirs.call(method, path, json=body), 404)
    assert mine.get(f"{MODELS}/{model}").json()["name"] == "Mine"


def test_another_workspace_sees_none_of_it(theirs: Caller, model: str, ana: UUID, database: Database, member: Member) -> None:
    made = _written(database, member.tenant_id, ana)

    for path in (*(f"/insights/{name}?account_id={ana}" for name in PLANS), f"{PREDICTIONS}/calibration?account_id={ana}"):
        assert_problem(theirs.get(path), 404)
    for path in (f"{MODELS}/{model}", f"{PREDICTIONS}/{made}"):
        assert_problem(theirs.get(path), 404)
    assert_problem(theirs.post("/insights/drafts", json=draft(ana)), 404)
    assert_problem(theirs.post(f"{MODELS}/{model}/scores", json={}), 404)
    assert theirs.get(MODELS).json()["items"] == theirs.get(PREDICTIONS).json()["items"] == []


# Plans


@pytest.mark.parametrize("name", PLANS)
def test_before_the_first_release_plans_say_so(mine: Caller, name: str) -> None:
    found = mine.get(f"/insights/{name}").json()

    assert (found["section"], found["release_id"], found["n"]) == (None, None, 0)
    assert found["note"].startswith("nothing is planned yet")


@pytest.mark.parametrize("query", ["account_id=x", "as_of=yesterday"])
@pytest.mark.parametrize("name", PLANS)
def test_a_query_of_the_wrong_shape_is_a_problem(mine: Caller, name: str, query: str) -> None:
    assert_problem(mine.get(f"/insights/{name}?{query}"), 400)


def test_plans_come_with_their_release_and_every_item_with_what_carries_it(mine: Caller, ana: UUID) -> None:
    answers = {name: mine.get(f"/insights/{name}?account_id={ana}").json() for name in PLANS}
    everybody = mine.get("/insights/patterns").json()

    assert len({each["release_id"] for each in answers.values()}) == 1
    assert all(each["method"]["url"] == "/docs/method#what-next" for each in answers.values())
    do = answers["blueprint"]["section"]["do"]
    assert [each["feature"] for each in do] == ["is_morning", "is_question"]
    assert answers["quick-wins"]["section"]["items"][0]["expected"]["from"] > 0
    assert everybody["section"]["outliers"] >= 10
    together = mine.get("/insights/blueprint").json()
    assert together["n"] >= answers["blueprint"]["n"] > 0
    assert mine.get(f"/insights/blueprint?account_id={ana}&as_of=2026-01-01T00:00:00Z").json()["section"] is None


def test_an_account_that_came_later_is_not_planned_for_yet(mine: Caller, ana: UUID, database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts("carl", count=2))
    carl = id_of(database, member.tenant_id, "carl")

    found = mine.get(f"/insights/blueprint?account_id={carl}").json()

    assert found["section"] is None
    assert found["note"].startswith("nothing is planned for this account")
    assert found["stale"] is True


def test_the_experiment_of_an_association_can_be_planned_as_it_stands(mine: Caller, ana: UUID) -> None:
    (to_test,) = mine.get(f"/insights/blueprint?account_id={ana}").json()["section"]["test"]

    shown = mine.post("/insights/experiments/design", json=to_test["experiment"]["body"])

    assert shown.status_code == 200, shown.text
    assert shown.json()["mde_lift"] == pytest.approx(to_test["experiment"]["mde_lift"], rel=1e-6)


# Drafts


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "/title"),
        ({"title": "a\0b"}, "/title"),
        ({"format": "reel"}, "/format"),
        ({"duration_seconds": 0}, "/duration_seconds"),
        ({"planned_at": "2026-11-30T10:00:00"}, "/planned_at"),
        ({"views": 5}, "/views"),
    ],
)
def test_a_malformed_draft_is_a_problem(nobody: Caller, mine: Caller, change: dict[str, Any], field: str) -> None:
    for path in ("/insights/drafts", PREDICTIONS):
        assert_problem(nobody.post(path, json=draft(uuid4())), 401)
        assert pointers(assert_problem(mine.post(path, json=draft(uuid4(), **change)), 400)) == [field]


def test_a_draft_is_checked_against_its_accounts_own_posts(reader: Caller, ana: UUID) -> None:
    planned = (NOW + timedelta(days=1)).isoformat()
    answer = reader.post("/insights/drafts", json=draft(ana, hashtags=["bread"], title="x" * 2_300 + "?", planned_at=planned))

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["features"]["is_question"] == found["features"]["has_usual_hashtag"] == 1
    assert [each["feature"] for each in found["applies"]] == ["is_question"]
    assert [each["feature"] for each in found["could_apply"]] == ["is_morning"]
    assert [each["horizon"] for each in found["predictions"] if each["median"]] == ["fully grown", "7d", "30d"]
    assert [(each["field"], each["source"]) for each in found["advice"]] == [("title", "documented")]
    assert found["is_format_assumed"]


def test_a_draft_of_an_account_without_plans_is_measured_and_not_predicted(mine: Caller, database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts("carl", count=2))

    found = mine.post("/insights/drafts", json=draft(id_of(database, member.tenant_id, "carl"))).json()

    assert found["features"]["is_question"] == 1
    assert {each["median"] for each in found["predictions"]} == {None}
    assert all(each["reason"] for each in found["predictions"])


# Scoring models


def test_a_model_is_made_listed_changed_and_deleted(mine: Caller, model: str) -> None:
    first = mine.get(f"{MODELS}/{model}").json()
    changed = mine.call("PATCH", f"{MODELS}/{model}", json={"name": "Other", "weights": {"has_number": 2}}).json()

    assert {each["feature"]: each["weight"] for each in first["weights"]} == {"is_question": 0.75, "title_chars": -0.25}
    assert (changed["name"], changed["version"], changed["weights"][0]["weight"]) == ("Other", 2, 1.0)
    assert [each["model_id"] for each in mine.get(MODELS).json()["items"]] == [model]
    assert mine.delete(f"{MODELS}/{model}").status_code == 204
    assert_problem(mine.get(f"{MODELS}/{model}"), 404)


@pytest.mark.parametrize(
    ("weights", "pointer"),
    [({"is_wonderful": 1}, "/weights/is_wonderful"), ({"is_contested": 1}, "/weights/is_contested"), ({"is_question": 0}, "/weights")],
)
def test_weights_that_cannot_be_used_are_named(mine: Caller, weights: dict[str, float], pointer: str) -> None:
    assert pointers(assert_problem(mine.post(MODELS, json={"name": "Mine", "weights": weights}), 422)) == [pointer]


@pytest.mark.parametrize("body", [{"name": "", "weights": {"is_question": 1}}, {"name": "x", "weights": {}}, {"name": "x"}])
def test_a_malformed_model_is_a_problem(mine: Caller, body: dict[str, Any]) -> None:
    assert_problem(mine.post(MODELS, json=body), 400)


def test_scores_show_what_each_feature_brought(mine: Caller, model: str, ana: UUID, database: Database, member: Member) -> None:
    video = id_of(database, member.tenant_id, "ana-1", of="video")
    body = {"drafts": [draft(ana)], "video_ids": [str(video), str(uuid4())]}

    found = mine.post(f"{MODELS}/{model}/scores", json=body).json()["items"]

    assert found[0]["score"] == pytest.approx(0.75 - 0.25 * len("Bread again?") / 10)
    assert found[0]["score"] == pytest.approx(sum(each["points"] for each in found[0]["contributions"]))
    assert (found[1]["video_id"], found[2]["score"], found[2]["reason"]) == (str(video), None, "no such video was measured")
    assert_problem(mine.post(f"{MODELS}/{model}/scores", json={"version": 9}), 404)


def test_a_fit_is_a_version_of_its_own_and_the_same_call_makes_one(mine: Caller, model: str, ana: UUID) -> None:
    key = {"Idempotency-Key": "fit-1"}
    first, again = (mine.call("POST", f"{MODELS}/{model}/fit", json={}, headers=key) for _ in range(2))

    assert first.status_code == 201, first.text
    assert first.json() == again.json()
    assert (first.json()["version"], first.json()["kind"]) == (2, "fitted")
    assert first.json()["validation"]["n"] < first.json()["validation"]["n_fitted"]
    assert mine.post(f"{MODELS}/{model}/scores", json={"version": 1}).json()["version"] == 1


def test_a_fit_without_posts_or_with_features_of_afterwards_is_refused(mine: Caller, model: str) -> None:
    assert pointers(assert_problem(mine.post(f"{MODELS}/{model}/fit", json={"features": ["is_contested"]}), 422)) == [
        "/features/is_contested"
    ]
    assert_problem(mine.post(f"{MODELS}/{model}/fit", json={}), 409)


# Predictions


def _written(database: Database, tenant_id: UUID, account_id: UUID) -> UUID:
    """As if it had been written down at NOW."""
    with database.begin(tenant_id) as uow:
        return planning.write_down(uow, Draft(str(account_id), "New?"), prediction_id=new_id(), now=NOW).prediction_id


def test_a_prediction_is_written_down_and_read_again(mine: Caller, ana: UUID) -> None:
    planned = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    answer = mine.post(PREDICTIONS, json=draft(ana, planned_at=planned))

    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert mine.get(answer.headers["location"].removeprefix("/api/v1")).json() == made
    assert mine.get(f"{PREDICTIONS}?account_id={ana}").json()["items"] == [made]
    assert made["predictions"][1]["low"] < made["predictions"][1]["median"] < made["predictions"][1]["high"]
    assert pointers(assert_problem(mine.post(PREDICTIONS, json=draft(ana, planned_at="2026-01-01T00:00:00Z")), 422)) == ["/planned_at"]


def test_a_video_is_named_once_and_only_one_that_came_later(mine: Caller, ana: UUID, database: Database, member: Member) -> None:
    made = _written(database, member.tenant_id, ana)
    before = id_of(database, member.tenant_id, "ana-1", of="video")
    after = post_later(database, member.tenant_id, days=1, ages=(1,))

    assert_problem(mine.post(f"{PREDICTIONS}/{made}/video", json={"video_id": str(before)}), 409)
    assert_problem(mine.post(f"{PREDICTIONS}/{made}/video", json={"video_id": "x"}), 400)
    assert mine.post(f"{PREDICTIONS}/{made}/video", json={"video_id": str(after)}).json()["video_id"] == str(after)


def test_where_nothing_can_be_predicted_nothing_is_written_down(mine: Caller, database: Database, member: Member) -> None:
    bring(database, member.tenant_id, posts("carl", count=2))
    carl = id_of(database, member.tenant_id, "carl")

    assert_problem(mine.post(PREDICTIONS, json=draft(carl)), 409)
    assert mine.get(PREDICTIONS).json()["items"] == []


def test_calibration_is_withheld_under_twenty(mine: Caller) -> None:
    found = mine.get(f"{PREDICTIONS}/calibration").json()

    assert (found["made"], found["attached"], found["horizons"]["7d"]["n"]) == (0, 0, 0)
    assert found["horizons"]["7d"]["reason"] == "0 predictions are scored; calibration is shown from 20 on, about 20 more"
    assert_problem(mine.get(f"{PREDICTIONS}/calibration?account_id={uuid4()}"), 404)
