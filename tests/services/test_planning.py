"""Plans of a tenant's own posts: the same bytes again, nothing of a prediction changes, each is scored once, models are of later posts."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from domain.errors import Conflict, NotFound, Unacceptable
from domain.planning.drafts import Draft
from services import planning, scoring
from services.insights.plans import PLANS, uncarried
from services.insights.releases import publish
from store.database import Database
from store.ids import new_id
from store.planning import StoredPrediction
from store.releases import EVERYBODY
from tests.planned import NOW, id_of, plan_all, post_later, posts
from tests.published import DAY, again, bring, work_of


@pytest.fixture
def ana(database: Database, tenant_id: UUID) -> UUID:
    """An account whose plans are published."""
    plan_all(database, tenant_id)
    return id_of(database, tenant_id, "ana")


def written(database: Database, tenant_id: UUID, account_id: UUID, *, days: float = 0.0) -> StoredPrediction:
    with database.begin(tenant_id) as uow:
        return planning.write_down(uow, Draft(str(account_id), "New?"), prediction_id=new_id(), now=NOW + days * DAY)


def attached(database: Database, tenant_id: UUID, prediction: StoredPrediction, video_id: UUID) -> StoredPrediction:
    with database.begin(tenant_id) as uow:
        return planning.attach(uow, prediction.prediction_id, video_id)


# Plans


def test_plans_are_made_again_to_the_byte_after_everything_has_changed(database: Database, tenant_id: UUID) -> None:
    made = plan_all(database, tenant_id)["next"]

    bring(database, tenant_id, posts("carl", count=8))
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("update videos set format = 'long', hashtags = '{}'"))
        uow.connection.execute(sa.text("delete from scores"))

    found = again(database, tenant_id, made)
    assert (found.is_same, found.outputs_hash) == (True, made.outputs_hash)


def test_plans_are_of_all_accounts_and_of_each_and_are_carried(database: Database, tenant_id: UUID, ana: UUID) -> None:
    with database.begin(tenant_id) as uow:
        sections = {
            (name, scope): uow.releases.finding("next", name, scope)
            for name in ("patterns", "blueprint", "quick_wins", "suggestions") for scope in (EVERYBODY, ana)
        }  # fmt: skip
        wrong = uncarried(uow)

    assert all(found is not None and found.figures is not None for found in sections.values())
    assert wrong == []
    patterns = sections["patterns", EVERYBODY]
    assert patterns is not None
    assert patterns.value["outliers"] >= 10
    assert patterns.value["items"]


def test_a_suggestion_whose_effect_is_of_no_newer_release_is_seen(database: Database, tenant_id: UUID, ana: UUID) -> None:
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("delete from effects"))

        assert any("effects that are not there" in problem for problem in uncarried(uow) or [])


def test_without_effects_and_scores_plans_say_what_is_missing(database: Database, tenant_id: UUID) -> None:
    from services.insights.features import FEATURES

    bring(database, tenant_id, posts("ana", count=1))
    work = work_of(database, tenant_id)
    publish(work, FEATURES, as_of=NOW)
    publish(work, PLANS, as_of=NOW)

    with database.begin(tenant_id) as uow:
        found = uow.releases.finding("next", "blueprint", id_of(database, tenant_id, "ana"))
        assert uncarried(uow) == []
    assert found is not None
    assert found.value["usual"]["reason"] == "0 posts whose reach is known; about 5 more are needed"


# Predictions


def test_a_prediction_is_kept_as_it_was_and_the_database_refuses_to_change_it(database: Database, tenant_id: UUID, ana: UUID) -> None:
    made = written(database, tenant_id, ana)

    assert {each["horizon"]: each["median"] is not None for each in made.figures["predictions"]} == {
        "fully grown": True,
        "7d": True,
        "30d": True,
    }
    with pytest.raises(ProgrammingError, match="permission denied"), database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("update predictions set figures = '{}'"))


def test_a_video_that_was_out_before_is_no_prediction(database: Database, tenant_id: UUID, ana: UUID) -> None:
    made = written(database, tenant_id, ana)
    before = post_later(database, tenant_id, days=-0.1, ages=(1,), name="before")
    others = id_of(database, tenant_id, "ben-0", of="video")

    with pytest.raises(Conflict, match="may have been out already"):
        attached(database, tenant_id, made, before)
    with pytest.raises(Unacceptable, match="not of that account"):
        attached(database, tenant_id, made, others)
    with pytest.raises(NotFound):
        attached(database, tenant_id, made, new_id())


def test_a_prediction_is_tied_to_one_video_once(database: Database, tenant_id: UUID, ana: UUID) -> None:
    made = written(database, tenant_id, ana)
    first, second = (post_later(database, tenant_id, days=1, ages=(1,), name=name) for name in ("one", "two"))

    once = attached(database, tenant_id, made, first)

    assert attached(database, tenant_id, made, first) == once
    with pytest.raises(Conflict, match="cannot be changed"):
        attached(database, tenant_id, made, second)


def test_a_prediction_is_scored_when_its_video_is_old_enough_and_once(database: Database, tenant_id: UUID, ana: UUID) -> None:
    made = written(database, tenant_id, ana)
    video = post_later(database, tenant_id, days=1, ages=(1, 6, 8, 29, 31))
    attached(database, tenant_id, made, video)
    work = work_of(database, tenant_id)

    added = [planning.score_due(work, now=NOW + days * DAY) for days in (7, 9.5, 9.5, 40, 50)]

    with database.begin(tenant_id) as uow:
        scores = {each["horizon"]: each for each in uow.planning.get(made.prediction_id).scores}
        horizons, counts = planning.calibrations(uow, None, now=NOW + 50 * DAY)
    assert added == [0, 1, 0, 1, 0]
    assert scores["7d"]["views"] == pytest.approx(5000 * 7 / 31, rel=0.01)
    assert set(scores) == {"7d", "30d"}
    assert all(0 < each["position"] < 1 for each in scores.values())
    assert (horizons["7d"]["n"], counts) == (1, {"made": 1, "attached": 1, "abandoned": 0})


def test_of_several_predictions_of_a_video_the_first_counts_and_a_forgotten_one_is_told(
    database: Database, tenant_id: UUID, ana: UUID
) -> None:
    video = post_later(database, tenant_id, days=1, ages=(1, 7, 31))
    for days in (0.0, 0.5):
        attached(database, tenant_id, written(database, tenant_id, ana, days=days), video)
    written(database, tenant_id, ana)
    planning.score_due(work_of(database, tenant_id), now=NOW + 40 * DAY)

    with database.begin(tenant_id) as uow:
        horizons, counts = planning.calibrations(uow, ana, now=NOW + 40 * DAY)

    assert horizons["7d"]["n"] == 1
    assert counts == {"made": 3, "attached": 2, "abandoned": 1}


def test_nothing_is_predicted_of_an_account_without_plans(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts("ana", count=2))
    account_id = id_of(database, tenant_id, "ana")

    with pytest.raises(Conflict, match="nothing can be predicted yet"):
        written(database, tenant_id, account_id)
    late = Draft(str(account_id), "New?", planned_at=NOW - timedelta(hours=1))
    with database.begin(tenant_id) as uow, pytest.raises(Unacceptable, match="too late"):
        planning.write_down(uow, late, prediction_id=new_id(), now=NOW)


# Scoring models


def test_a_model_is_fitted_to_the_tenants_posts_and_judged_on_later_ones(database: Database, tenant_id: UUID, ana: UUID) -> None:
    with database.begin(tenant_id) as uow:
        found = scoring.fitted(uow, ["is_question", "title_chars"], None, now=NOW)

        with pytest.raises(Unacceptable, match=r"about \d+ more are needed"):
            scoring.fitted(uow, ["is_question"], ana, now=NOW)

    assert found.validation is not None
    assert (found.kind, found.features_version, found.is_useful) == ("fitted", "features-1", found.validation["is_useful"])
    assert found.validation["n"] < found.validation["n_fitted"] <= 90
    assert {"r2", "spearman", "sentence", "baseline"} <= set(found.validation)


def test_videos_are_scored_by_the_rules_that_measured_them(database: Database, tenant_id: UUID, ana: UUID) -> None:
    asked, video = new_id(), id_of(database, tenant_id, "ana-1", of="video")
    with database.begin(tenant_id) as uow:
        uow.scoring_models.add(asked, "mine", scoring.given(uow, {"is_question": 1.0}), user_id=None)
        model = uow.scoring_models.get(asked)
        found = [each.scored for each in scoring.score_videos(uow, model, [video, new_id()])]
        older = scoring.score_videos(uow, replace(model, features_version="features-0"), [video])

    assert [each.score for each in found] == [1.0, None]
    assert found[1].reason == "no such video was measured"
    assert older[0].scored.reason == "measured by features-1, the model is of features-0"
