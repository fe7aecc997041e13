"""Which dates count as a change, whatever the outcome did."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from domain.effects.changes.detecting import asked, switches, with_switches, wording
from domain.features.catalogue import CATALOGUE
from domain.features.feature import Feature, FeatureKind, Group, Known
from tests.domain.effects.changes.worlds import FEATURES


def found(*accounts: list[int]) -> tuple[list[int], list[bool]]:
    unit = np.concatenate([np.full(len(has), number) for number, has in enumerate(accounts)])
    switched = switches(unit, np.concatenate([np.array(has, dtype=float) for has in accounts]), len(accounts))
    return switched.first.tolist(), switched.is_never.tolist()


def test_an_account_that_begins_and_goes_on_has_changed_at_its_first_such_post() -> None:
    assert found([0] * 12 + [1] * 12) == ([12], [False])


def test_a_stray_post_before_and_some_without_after_do_not_hide_a_change() -> None:
    before, after = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [1, 1, 0, 1, 1, 0, 1, 1, 1, 0]

    assert found(before + after)[0] == [12]


@pytest.mark.parametrize(
    "has",
    [[0] * 7 + [1] * 20, [0] * 20 + [1] * 7, [0] * 12 + [1] * 8 + [0] * 12, [0, 0, 1] * 8, [1] * 24, [0] * 12 + [1, 0] * 8],
    ids=["too few before", "too few after", "fell back", "now and then", "always", "half of the posts after"],
)
def test_what_does_not_last_from_hardly_ever_to_mostly_is_no_change(has: list[int]) -> None:
    assert found(has)[0] == [-1]


def test_accounts_are_told_apart_and_those_that_never_did_it_are_known() -> None:
    first, is_never = found([0] * 10 + [1] * 10, [0] * 20, [0, 1] * 10, [0] * 5)

    assert first == [10, -1, -1, -1]
    assert is_never == [False, True, False, False]


def test_format_and_cadence_are_read_off_the_posts_and_missing_stays_missing() -> None:
    posted = pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-09", "2026-01-01"], utc=True)
    posts = pd.DataFrame({"account_unit": ["a", "a", "a", "b"], "posted_at": posted, "format": ["short", None, "long", "short"]})

    read = with_switches(posts)

    assert read["mostly_shorts"].fillna(-1).tolist() == [1, -1, 0, 1]
    assert read["posts_daily"].fillna(-1).tolist() == [-1, 1, 0, -1]


def test_only_what_a_creator_controls_beforehand_and_is_there_or_not_is_asked() -> None:
    amount = Feature("amount", FeatureKind.AMOUNT, "words", 1.0, "one more word")
    later = Feature("later", FeatureKind.PRESENCE, "share", 1.0, "a row in the comments", Group.CONTROVERSY, known=Known.AFTER)

    names = [each.name for each in asked([FEATURES[0], amount, later])]

    assert names[0] == FEATURES[0].name
    assert {"amount", "later"}.isdisjoint(names)
    assert "mostly_shorts" in names


@pytest.mark.parametrize(
    ("contrast", "words"),
    [
        ("thing 0, compared with none", "use thing 0 in most posts"),
        ("posted on Saturday or Sunday, compared with the other days", "post most videos on Saturday or Sunday"),
        ("Ada named in the post, compared with posts that do not name Ada", "name Ada in most posts"),
        ("about 'bread', compared with all others", "post mostly videos about 'bread'"),
    ],
)
def test_a_change_is_told_as_what_the_account_began_to_do(contrast: str, words: str) -> None:
    assert wording(replace(FEATURES[0], contrast=contrast)) == f"since the account began to {words}"


def test_what_looks_back_at_the_accounts_own_posts_is_no_dated_change() -> None:
    names = {each.name for each in asked(CATALOGUE)}

    assert {"has_usual_hashtag", "is_reused_sound", "gap_hours_log"}.isdisjoint(names)
    assert {"has_trending_sound", "is_question", "posts_daily"} <= names
