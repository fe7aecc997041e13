"""What a deep analysis says of a family of posts."""

from domain.deep.contrasts import Contrast
from domain.deep.rows import standing_out
from domain.deep.scope import scope_of
from domain.deep.titles import titles
from tests.domain.deep.worlds import NOW, Channel, rows_of, tables

CLEAR = Contrast("is_question", 45, 1, estimate=0.003, low=0.001, high=0.005, stands_out=True)
NONE = Contrast("has_emoji", 30, 1, estimate=0.0, low=-0.1, high=0.1)


def test_one_differs_and_two_differ_in_per_cent_and_in_plain_words() -> None:
    words = {"is_question": "a question mark in the title"}

    one = standing_out([CLEAR, NONE], of="patterns", what="reach", words=words)
    two = standing_out([CLEAR, CLEAR], of="patterns", what="reach", words=words)

    assert one.startswith("Of 2 patterns with enough posts, 1 differs clearly in reach")
    assert "a question mark in the title: 0.3 % above the others (95 % interval +0.1 % to +0.5 %, n = 45)" in one
    assert ", 2 differ clearly" in two


def test_titles_are_told_without_words_for_machines() -> None:
    posts, table = tables(rows_of(Channel(posts=400, luck=0.2, momentum=0.0), 3))
    asks = table.frame["is_question"].reindex(posts["video_id"]).to_numpy()

    told = titles(scope_of(posts.assign(outcome=posts["outcome"] + 0.8 * asks), table, account_id="a0", now=NOW))

    assert "a question mark in the title: " in told["sentence"]
    assert "_" not in told["sentence"]
