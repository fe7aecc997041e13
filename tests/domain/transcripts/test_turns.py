"""Who speaks, where captions say so; and no guess where they do not."""

import pytest

from domain.transcripts import Source, Turn, transcribe
from tests.domain.transcripts.talking import of_cues, voiced

Cues = list[tuple[float, float, str]]


def turns(*cues: tuple[float, float, str]) -> list[tuple[float, float, int, str | None]]:
    return [(each.start_seconds, each.end_seconds, each.speaker, each.label) for each in of_cues(*cues).turns]


def test_voices_of_the_file_are_turns_until_the_next_one() -> None:
    cues = [voiced(0, 2, ("Hello", "Ana")), voiced(2, 4, ("there.", None)), voiced(4, 6, ("Hi.", "Ben")), voiced(6, 8, ("So.", "Ana"))]

    made = transcribe(cues, source=Source.UPLOAD, language="en", duration_seconds=None)

    assert made.turns == (
        Turn(start_seconds=0, end_seconds=4, speaker=0, label="Ana"),
        Turn(start_seconds=4, end_seconds=6, speaker=1, label="Ben"),
        Turn(start_seconds=6, end_seconds=8, speaker=0, label="Ana"),
    )
    assert [each.text for each in made.sentences] == ["Hello there.", "Hi.", "So."]


def test_two_voices_in_one_cue_are_two_turns() -> None:
    made = transcribe([voiced(0, 4, ("Yes?", "Ana"), ("No.", "Ben"))], source=Source.UPLOAD, language="en", duration_seconds=None)

    assert [(each.speaker, each.label) for each in made.turns] == [(0, "Ana"), (1, "Ben")]


def test_a_sign_of_change_says_that_and_not_who() -> None:
    found = turns((0, 2, "Before any mark."), (2, 4, ">> Hello."), (4, 6, "And more."), (6, 8, ">> Hi. >>> Now the news."))

    assert [(speaker, label) for _, _, speaker, label in found] == [(0, None), (1, None), (2, None)]
    assert [start for start, *_ in found] == [2, 6, pytest.approx(6.42, abs=0.1)]
    assert [each.text for each in of_cues((0, 2, ">> Hello."), (2, 4, ">>Hi.")).sentences] == ["Hello.", "Hi."]


def test_names_before_lines_are_speakers_and_no_words() -> None:
    cues: Cues = [(0, 2, "ANNA: Where is it?"), (2, 4, "BEN: Here."), (4, 6, "Under the tree."), (6, 8, "ANNA: I see.")]

    assert turns(*cues) == [(0, 2, 0, "ANNA"), (2, 6, 1, "BEN"), (6, 8, 0, "ANNA")]
    assert [each.text for each in of_cues(*cues).sentences] == ["Where is it?", "Here.", "Under the tree.", "I see."]


def test_a_name_after_a_sign_of_change_is_a_name() -> None:
    assert turns((0, 2, ">> ANNA: Where?"), (2, 4, ">> BEN: Here.")) == [(0, 2, 0, "ANNA"), (2, 4, 1, "BEN")]


def test_names_in_small_letters_are_believed_where_they_come_again() -> None:
    talk: Cues = [(0, 2, "Anna: Where?"), (2, 4, "Ben: Here."), (4, 6, "Anna: Ah."), (6, 8, "Ben: Yes.")]

    assert [label for *_, label in turns(*talk)] == ["Anna", "Ben", "Anna", "Ben"]
    assert turns(*talk[:2]) == []


@pytest.mark.parametrize(
    "cues",
    [
        [(0, 2, "WARNING: it is hot."), (2, 4, "NOTE: it stays hot.")],
        [(0, 2, "Remember: never do it."), (2, 4, "Remember: never.")],
        [(0, 2, "STOP: do not go."), (2, 4, "We go.")],
        [(0, 2, "At 10:30 we met."), (2, 4, "At 11:30 we left.")],
        [(0, 2, "- and then he left"), (2, 4, "the house.")],
        [(0, 2, "Nothing is marked."), (2, 4, "Not here.")],
    ],
    ids=["notes", "one head", "one name", "times of day", "one dash", "nothing"],
)
def test_where_nobody_is_told_apart_there_are_no_turns(cues: Cues) -> None:
    assert turns(*cues) == []
    assert sum(len(each.text.split()) for each in of_cues(*cues).sentences) == sum(len(text.split()) for *_, text in cues)


def test_dashes_of_dialogue_are_turns_for_as_long_as_their_caption() -> None:
    found = turns((0, 4, "- Are you there?\n- I am here."), (4, 6, "And who says this?"))

    assert [(speaker, label) for _, _, speaker, label in found] == [(0, None), (1, None)]
    assert found[-1][1] == 4
    assert [each.text for each in of_cues((0, 4, "- Are you there?\n– I am here.")).sentences] == ["Are you there?", "I am here."]
