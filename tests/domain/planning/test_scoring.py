"""Scoring models: what they refuse, what a score is made of, and that a fitted one is judged only by what came later."""

import numpy as np
import pandas as pd
import pytest

from domain.errors import Unacceptable
from domain.features.catalogue import CATALOGUE
from domain.planning.fitting import fit
from domain.planning.scoring import check_features, given_model, score
from tests.domain.planning.worlds import measured, posts

NAMES = ("is_question", "has_number", "is_evening", "is_weekend", "title_chars")


def joined(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.join(measured(frame).frame, on="video_id")


def test_weights_are_scaled_and_a_score_is_the_sum_of_what_is_shown() -> None:
    model = given_model({"is_question": 3.0, "title_chars": -1.0}, CATALOGUE)

    found = score(model, {"is_question": 1.0, "title_chars": 40.0})

    assert {each.feature: each.points for each in found.contributions} == {"is_question": 0.75, "title_chars": -1.0}
    assert found.score == pytest.approx(-0.25)


def test_a_missing_feature_leaves_the_score_missing() -> None:
    model = given_model({"is_question": 3.0, "has_trending_sound": 1.0}, CATALOGUE)

    found = score(model, {"is_question": 1.0, "has_trending_sound": None})

    assert (found.score, found.missing, found.reason) == (None, ("has_trending_sound",), "not known: has_trending_sound")


@pytest.mark.parametrize(
    ("weights", "pointer"),
    [
        ({"is_wonderful": 1.0}, "/weights/is_wonderful"),
        ({"comments_per_like": 1.0}, "/weights/comments_per_like"),
        ({"is_question": float("nan")}, "/weights/is_question"),
        ({"is_question": 0.0}, "/weights"),
        ({}, "/weights"),
    ],
)
def test_weights_that_cannot_be_used_are_named(weights: dict[str, float], pointer: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        given_model(weights, CATALOGUE)

    assert [each.pointer for each in refused.value.problems] == [pointer]


def test_a_feature_known_only_afterwards_is_refused() -> None:
    with pytest.raises(Unacceptable, match="cannot use") as refused:
        check_features(["is_contested"], CATALOGUE, where="/features")

    assert "only after publication" in refused.value.problems[0].detail


def test_a_model_of_what_matters_beats_the_usual_level_out_of_time() -> None:
    fitted = fit(joined(posts(accounts=3, count=120, question=1.0)), NAMES, seed=1)

    assert fitted.model is not None
    assert fitted.validation is not None
    assert fitted.validation.is_useful
    assert fitted.validation.r2.value == pytest.approx(0.4, abs=0.15)
    assert fitted.validation.spearman.low > 0.3
    (question,) = [each for each in fitted.model.weights if each.feature == "is_question"]
    assert question.weight / question.scale == pytest.approx(1.0, abs=0.25)


def test_where_nothing_matters_few_models_are_called_useful() -> None:
    found = [fit(joined(posts(accounts=2, count=60, seed=seed)), NAMES, seed=1).validation for seed in range(8)]

    assert all(found)
    assert sum(each.is_useful for each in found if each) == 0
    assert "does not beat the account's usual level" in found[0].sentence if found[0] else False


def test_what_came_later_decides_and_not_what_was_learned() -> None:
    """Asking helps in the first half and harms in the second: a fit of everything would look fine."""
    frame = joined(posts(accounts=3, count=120, sd=0.3))
    half = frame["posted_at"] > frame["posted_at"].median()
    turned = frame.assign(outcome=frame["outcome"] + np.where(half, -1.0, 1.0) * (frame["is_question"] - frame["is_question"].mean()))

    fitted = fit(turned, NAMES, seed=1)

    assert fitted.validation is not None
    assert not fitted.validation.is_useful


def test_too_few_posts_and_constant_outcomes_give_a_reason() -> None:
    few = fit(joined(posts(accounts=1, count=40)), NAMES, seed=1)
    flat = fit(joined(posts(accounts=1, count=120, sd=0.0)), NAMES, seed=1)

    assert (few.model, few.reason, few.posts_needed) == (None, "35 usable posts; about 45 more are needed", 45)
    assert (flat.model, flat.reason) == (None, "all posts did the same")


def test_the_same_posts_in_any_order_give_the_same_model() -> None:
    frame = joined(posts(accounts=2, count=60, question=0.5))

    assert fit(frame, NAMES, seed=1) == fit(frame.sample(frac=1, random_state=2), NAMES, seed=1)
