"""What candidates are ranked by: each signal finds what was put there, and one that cannot be had is absent, never zero."""

from dataclasses import replace
from typing import Any

import pytest

from bench.harness.labelled import HOOKED, PLAIN, Told, measured
from domain.clips.analysis import MediaAnalysis
from domain.clips.asked import Wanted
from domain.clips.heard import bursts
from domain.clips.judging import CANNOT_SAY, QUESTIONS
from domain.clips.runs import Reason, Run
from domain.clips.said import has_number, hooks_of
from domain.clips.signals import SIGNALS, Signals, score_of
from domain.clips.source import RetentionPoint, Source
from domain.clips.topics import Topics
from domain.effects.verdicts import Design, Effect, Verdict
from domain.errors import SourceRefused
from domain.platforms.ytdlp import HeatMark
from domain.transcripts import Sentence, Word

TEXTS = ("Why does it float?", "The wood is dry.", "It is light.", "Nobody knew 9 of them.")
SOURCE = Source(
    sentences=tuple(Sentence(10.0 * at, 10.0 * at + 9, text, is_complete=True) for at, text in enumerate(TEXTS)),
    duration_seconds=40, language="en",
)  # fmt: skip


def told(source: Source, at: int = 0, last: int | None = None) -> tuple[dict[str, Reason], dict[str, str]]:
    last = at if last is None else last
    signals = Signals(source, Wanted.of(), Topics(len(source.sentences)))
    reasons, absent = signals.of(Run(at, last, source.sentences[at].start_seconds, source.sentences[last].end_seconds))
    return {each.name: each for each in reasons}, {each.name: each.reason for each in (*signals.absent, *absent)}


def effect(feature: str, estimate: float | None, verdict: Verdict) -> Effect:
    return Effect(
        feature=feature, contrast="", estimand="", verdict=verdict, design=Design.WITHIN_ACCOUNT, n=9, accounts=2, treated=4, control=5,
        estimate=estimate,
    )  # fmt: skip


def known(**words: Any) -> Source:
    return replace(SOURCE, **words)


LABELLED = measured()


@pytest.mark.parametrize("found", LABELLED, ids=lambda told: told.name)
def test_a_signal_finds_what_was_put_there(found: Told) -> None:
    assert found.precision >= 0.8
    assert found.recall >= 0.8


def test_every_signal_that_says_whether_something_is_there_was_labelled() -> None:
    """The others are amounts, by rules of their own, or nothing but the sum of such ones."""
    amounts = {"whole_sentences", "opens_by_itself", "words_per_second", "longest_pause", "associated_here"}

    assert {each.name for each in SIGNALS} - amounts == {each.name.split()[0] for each in LABELLED}


def test_what_cannot_be_had_is_absent_with_its_reason_and_counts_for_nothing() -> None:
    reasons, absent = told(known(language=None, sentences=tuple(replace(each, text=each.text.strip("?.")) for each in SOURCE.sentences)))

    missing = "opens_by_itself question laughter loud_bursts speaker_turns most_replayed retention face cuts motion proven_here judged"
    assert {*missing.split(), "associated_here"} == set(absent)
    assert all(absent.values())
    assert reasons.keys().isdisjoint(absent)
    assert {each.name for each in SIGNALS} <= reasons.keys() | absent.keys()


def test_a_signal_that_comes_to_be_known_moves_the_score_only_by_its_own_share() -> None:
    before = told(SOURCE)[0]
    after, _ = told(known(retention=(RetentionPoint(0.5, score_of(tuple(before.values()))), RetentionPoint(1, 0.1))))

    assert after["retention"].share == score_of(tuple(before.values()))
    assert score_of(tuple(after.values())) == score_of(tuple(before.values()))


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [
        (known(analysis=MediaAnalysis(width=1, height=1, seconds=40)), "loud_bursts", "no sound"),
        (known(analysis=MediaAnalysis(width=1, height=1, seconds=40, has_faces_known=False)), "face", "not looked for"),
        (known(analysis=MediaAnalysis(width=1, height=1, seconds=40)), "face", "no picture"),
        (known(heat=None), "most_replayed", "no heat-map of this video is known"),
        (known(heat=()), "most_replayed", "the platform shows no heat-map"),
        (known(heat=(HeatMark(0, 20, 0.5), HeatMark(20, 40, 0.5))), "most_replayed", "flat"),
        (known(heat=(HeatMark(20, 30, 0.5), HeatMark(30, 40, 0.9))), "most_replayed", "does not cover"),
        (known(retention=(RetentionPoint(1, 0.5),)), "retention", "no retention report"),
        (known(effects=(effect("is_question", 0.2, Verdict.INCONCLUSIVE),)), "proven_here", "no effect here carries"),
        (known(effects=(effect("is_night", 0.2, Verdict.EXPERIMENTAL),)), "proven_here", "of nothing that an opening can have"),
        (known(effects=(effect("is_question", None, Verdict.EXPERIMENTAL),)), "proven_here", "of nothing"),
        (known(answers={}), "judged", "not asked"),
        (known(answers={(0, 0): {"opening": CANNOT_SAY}}), "judged", "could not say"),
    ],
)
def test_each_absence_says_why(source: Source, name: str, reason: str) -> None:
    assert reason in told(source)[1][name]


# What is said


def test_a_hook_counts_in_the_first_three_seconds_only() -> None:
    text = "The wood is dry and light but you never see it."
    sentence = Sentence(0, 12, text, is_complete=True)
    slow = tuple(Word(1.0 * at, 1.0 * at + 0.9, word, 0) for at, word in enumerate(text.split()))
    fast = tuple(Word(0.2 * at, 0.2 * at + 0.2, word, 0) for at, word in enumerate(text.split()))

    assert told(known(sentences=(sentence,), words=slow))[0]["hook"].share == 0
    assert told(known(sentences=(sentence,), words=fast))[0]["hook"].value == 2  # the contrast and "you"
    assert told(known(sentences=(sentence,)))[0]["hook"].share == 0


@pytest.mark.parametrize(
    ("language", "opening", "kinds"),
    [
        ("es", "Imagina que nadie te cree", {"strong", "contrast", "you"}),
        ("de", "Die Wahrheit über Brot", {"strong"}),
        ("fr", "Vous n'avez jamais vu ça", {"you", "contrast"}),
        ("ja", "これは君の秘密です", {"you", "strong"}),
        ("fi", "Sinä ja 3 muuta", {"number"}),
        (None, "You and nobody", set()),
    ],
)
def test_openings_are_read_in_their_own_language(language: str | None, opening: str, kinds: set[str]) -> None:
    assert hooks_of(opening, language, asks=False) == kinds


def test_made_up_hooks_and_plain_openings_are_as_many_of_each() -> None:
    assert len(HOOKED) == len(PLAIN) == 16


@pytest.mark.parametrize(("text", "has_one"), [("mille personnes", True), ("une personne", False), ("٣ أشخاص", True), ("one", False)])
def test_numbers_are_digits_of_any_script_and_words_of_known_languages(text: str, has_one: bool) -> None:
    assert has_number(text, "fr") is has_one


def test_a_pause_inside_a_sentence_counts_where_words_have_times() -> None:
    words = (Word(0, 1, "Why", 0), Word(1, 2, "does", 0), Word(6, 7, "it", 0), Word(7, 9, "float?", 0), Word(10, 12, "The", 0))

    assert told(SOURCE)[0]["longest_pause"].value == 0
    assert told(known(words=words))[0]["longest_pause"].value == 4
    assert told(SOURCE, 0, 2)[0]["longest_pause"].value == 1


# What is heard, and what viewers did


def test_steady_noise_has_no_bursts_and_neighbours_are_one() -> None:
    steady = (-30.0,) * 300
    burst = (*steady[:100], *(-12.0,) * 30, *steady[130:])

    assert bursts(steady) == []
    assert bursts((-120.0,) * 300) == []
    assert len(bursts(burst)) == 1
    assert 10 <= bursts(burst)[0] <= 13


def test_that_every_video_is_watched_from_its_start_is_no_signal() -> None:
    marks = tuple(HeatMark(0.4 * at, 0.4 * (at + 1), 1.0 if at == 0 else 0.2 + 0.001 * at) for at in range(100))
    reasons = [told(known(heat=marks), at)[0]["most_replayed"].share for at in range(4)]

    assert reasons[0] < reasons[3]


# What works here


def test_what_was_shown_to_work_here_weighs_and_what_only_goes_along_does_not() -> None:
    proven, alone = (
        known(effects=(effect("is_question", 0.3, verdict), effect("has_number", -0.1, verdict)))
        for verdict in (Verdict.CAUSAL_SUPPORTED, Verdict.ASSOCIATIONAL)
    )

    asked, plain, counted = (told(proven, at)[0]["proven_here"] for at in (0, 1, 3))
    assert (asked.value, asked.share) == (0.3, 1)
    assert (plain.value, plain.share) == (0, 0.25)
    assert (counted.value, counted.share) == (-0.1, 0)
    shown = told(alone)[0]
    assert shown["associated_here"].weight == 0
    assert shown["associated_here"].value == 0.3
    assert score_of(tuple(shown.values())) == score_of(tuple(told(SOURCE)[0].values()))


# A judge


def test_answers_are_worth_what_the_table_says() -> None:
    answers = {(0, 0): {"opening": "raise a question", "ending": "no", "keeps_promise": CANNOT_SAY}}

    assert told(known(answers=answers))[0]["judged"].share == 0.5


@pytest.mark.parametrize("given", [{"opening": "97"}, {"virality": "yes"}])
def test_an_answer_that_was_not_offered_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(SourceRefused, match="none of those that were offered"):
        told(known(answers={(0, 0): given}))


def test_a_judge_is_asked_nothing_but_categories() -> None:
    assert all(2 <= len(each.answers) <= 5 and not any(map(str.isdigit, "".join(each.answers))) for each in QUESTIONS.values())
    assert all(0 <= worth <= 1 for each in QUESTIONS.values() for worth in each.answers.values())
