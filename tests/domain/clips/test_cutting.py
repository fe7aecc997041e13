"""What is cut out inside a clip, and what never is."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clips.analysis import LEVEL_SECONDS, SILENT_DB
from domain.clips.cutting import Cutting, Heard, kept_pieces, pauses, threshold_db
from domain.clips.fillers import is_filler
from domain.clips.look import Look
from domain.clips.pieces import on_clip
from domain.transcripts import Word
from sandbox.speech import RATE_HZ, speak

BOTH = Cutting(is_silence_removed=True, are_fillers_removed=True)
SILENCE = Cutting(is_silence_removed=True)
FILLERS = Cutting(are_fillers_removed=True)


def levels(*parts: tuple[float, float], seed: int = 1) -> list[float]:
    """Parts of so many seconds at about so many dB."""
    chance = random.Random(seed)
    return [level + chance.uniform(-2, 2) for seconds, level in parts for _ in range(round(seconds / LEVEL_SECONDS))]


def word(start: float, end: float, text: str = "word") -> Word:
    return Word(start, end, text, 0)


def heard(levels_db: list[float], *words: Word, is_exact: bool = True, language: str | None = "en") -> Heard:
    return Heard(levels_db=levels_db, words=words, has_exact_times=is_exact, language=language)


def spans(pieces) -> list[tuple[float, float]]:
    return [(round(each.start_seconds, 2), round(each.end_seconds, 2)) for each in pieces]


@pytest.mark.parametrize("floor", [-70.0, -50.0, -42.0, SILENT_DB])
def test_a_pause_is_cut_to_its_margins_whatever_the_noise_behind_it(floor):
    sound = heard(levels((3, -20), (1.5, floor), (3, -20)), word(0.1, 3.0), word(4.5, 7.4))

    assert spans(kept_pieces((0.0, 7.5), sound, SILENCE)) == [(0.0, 3.15), (4.35, 7.5)]


def test_a_pause_between_words_of_one_breath_stays():
    sound = heard(levels((3, -20), (0.7, -60), (3, -20)), word(0.1, 3.0), word(3.7, 6.6))

    assert spans(kept_pieces((0.0, 6.7), sound, SILENCE)) == [(0.0, 6.7)]


def test_long_pauses_stay_where_they_are_meant():
    sound = heard(levels((3, -20), (1.2, -60), (3, -20), (2.5, -60), (3, -20)), word(0, 3), word(4.2, 7.2), word(9.7, 12.7))

    kept = kept_pieces((0.0, 12.7), sound, replace(SILENCE, are_long_pauses_kept=True))

    assert spans(kept) == [(0.0, 3.15), (4.05, 12.7)]


@pytest.mark.parametrize("sound", [[], levels((9, -20)), levels((3, -24), (2, -31), (4, -24))])
def test_silence_that_cannot_be_told_is_not_cut(sound):
    """No sound at all; somebody who never pauses; music below everything."""
    assert threshold_db(sound) is None
    assert spans(kept_pieces((0.0, 9.0), heard(sound), SILENCE)) == [(0.0, 9.0)]


def test_a_word_said_softly_is_kept_whole():
    sound = heard(levels((3, -20), (2.0, -60), (3, -20)), word(0, 3), word(3.8, 4.4, "soft"), word(5, 8))

    kept = kept_pieces((0.0, 8.0), sound, SILENCE)

    assert any(each.start_seconds <= 3.8 and each.end_seconds >= 4.4 for each in kept)


def test_a_filler_goes_with_the_silence_around_it_less_a_margin():
    sound = heard(levels((6, -20)), word(0, 1.0), word(1.4, 1.7, "Um,"), word(2.2, 4.0), word(4.0, 4.3, "uhhhh"), word(4.3, 6.0))

    assert spans(kept_pieces((0.0, 6.0), sound, FILLERS)) == [(0.0, 1.15), (2.05, 4.0), (4.3, 6.0)]


@pytest.mark.parametrize(
    ("text", "language", "is_one"),
    [
        ("um", "en", True),
        ("Ummmm...", "en-US", True),
        ("ÄHM,", "deu", True),
        ("er", "de", False),
        ("err", "en", False),
        ("umbrella", "en", False),
        ("uh-huh", "en", False),
        ("um", None, False),
        ("um", "de", False),
        ("euh", "fr", True),
    ],
)
def test_only_what_is_no_word_of_the_language_is_a_filler(text, language, is_one):
    assert is_filler(text, language) is is_one


@pytest.mark.parametrize("change", [{"is_exact": False}, {"language": None}])
def test_fillers_without_exact_times_or_a_language_stay(change):
    sound = heard(levels((4, -20)), word(0, 1), word(1.2, 1.5, "um"), word(1.7, 4), **change)

    assert spans(kept_pieces((0.0, 4.0), sound, FILLERS)) == [(0.0, 4.0)]


def test_a_look_says_what_is_cut():
    look = Look(is_silence_removed=True, margin_seconds=0.3, are_long_pauses_kept=True)

    assert Cutting.of(look) == Cutting(is_silence_removed=True, margin_seconds=0.3, are_long_pauses_kept=True)


@st.composite
def talks(draw):
    """Words one after the other, some of them fillers, with pauses; the levels say where somebody speaks."""
    at, words, said = draw(st.floats(0, 2)), [], []
    for _ in range(draw(st.integers(1, 25))):
        length = draw(st.floats(0.08, 1.2))
        words.append(word(at, at + length, draw(st.sampled_from(["word", "um", "uh", "another"]))))
        said.append((at, at + length))
        at += length + draw(st.sampled_from([0.0, 0.05, 0.3, 0.8, 1.1, 3.0]))
    sound = [
        -20.0 if any(start < (number + 1) * LEVEL_SECONDS and number * LEVEL_SECONDS < end for start, end in said) else -65.0
        for number in range(int(at / LEVEL_SECONDS) + 5)
    ]
    return heard(sound, *words), at


@given(talks(), st.floats(0.0, 0.5))
def test_a_cut_never_falls_inside_a_word_that_stays(talk, margin):
    sound, end = talk

    kept = kept_pieces((0.0, end), sound, replace(BOTH, margin_seconds=margin))

    edges = [edge for each in kept for edge in (each.start_seconds, each.end_seconds)]
    assert edges == sorted(edges)
    for each in sound.words:
        if not is_filler(each.text, "en"):
            assert not any(each.start_seconds + 1e-6 < edge < each.end_seconds - 1e-6 for edge in edges)
            assert any(one.start_seconds - 1e-6 <= each.start_seconds and each.end_seconds <= one.end_seconds + 1e-6 for one in kept)
            shown = on_clip(kept, each.end_seconds) - on_clip(kept, each.start_seconds)
            assert shown == pytest.approx(each.end_seconds - each.start_seconds, abs=1e-6)


def test_pauses_are_found_where_they_are():
    assert [(round(a, 1), round(b, 1)) for a, b in pauses(levels((2, -20), (1, -60), (2, -20), (2, -60)), (0.5, 6.5))] == [
        (2.0, 3.0),
        (5.0, 6.5),
    ]


def test_speech_loses_its_pauses_and_its_fillers_and_keeps_every_other_word():
    """Synthesised, with the time of every word told by the voice itself; pauses of 1.6 s between the sentences."""
    spoken = speak(("Every word of this stays.", "And um so does this one.", "The end is near."))
    quiet, words, sound, at = round(1.6 * RATE_HZ), [], np.zeros(0), 0.0
    for sentence in spoken:
        starts = [start for start, _ in sentence.words]
        for (start, text), end in zip(sentence.words, [*starts[1:], sentence.seconds], strict=True):
            words.append(word(at + start, at + end, text))
        samples = np.frombuffer(sentence.samples, "<i2") / 32768
        sound = np.concatenate([sound, samples, np.random.default_rng(1).normal(0, 0.0005, quiet)])
        at = len(sound) / RATE_HZ
    blocks = sound[: len(sound) // 2205 * 2205].reshape(-1, 2205)
    levels_db = (20 * np.log10(np.sqrt((blocks**2).mean(axis=1)) + 1e-6)).tolist()

    kept = kept_pieces((0.0, at), heard(levels_db, *words), BOTH)

    assert sum(each.seconds for each in kept) < at - 3 * 1.2
    for each in words:
        is_shown = any(one.start_seconds - 1e-6 <= each.start_seconds and each.end_seconds <= one.end_seconds + 1e-6 for one in kept)
        assert is_shown is (each.text != "um"), each
