"""A known script is aligned with its sound, word by word, or refused with the reason."""

import itertools
import re
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.errors import SourceRefused, Unwanted
from domain.ports.kept import Aligns
from domain.speech import HeardWord
from gateways.speech.aligner import Aligner
from tests.sounds import TALK, Said, listenable, said

JFK = "And so, my fellow Americans: ask not what your country can do for you — ask what you can do for your country."
LJ = "unless a system is established for the frequent formal review of activities thereunder. in this regard"


def aligned(sound: Path, words: Sequence[str], *, language: str | None = "en") -> tuple[HeardWord, ...]:
    port: Aligns = Aligner()
    found = port.align(sound, words, language=language, is_unwanted=lambda: False)
    assert [each.text for each in found] == list(words)
    assert all(0 <= each.start_seconds < each.end_seconds for each in found)
    assert all(one.end_seconds <= other.start_seconds for one, other in itertools.pairwise(found))
    return found


def test_synthesised_words_are_found_within_a_tenth_of_a_second(talk: Said) -> None:
    found = aligned(talk.path, talk.script)

    errors = [abs(word.start_seconds - start) for word, (start, _) in zip(found, talk.words, strict=True)]
    assert statistics.mean(errors) <= 0.10
    assert statistics.median(errors) <= 0.04
    assert found[-1].end_seconds <= talk.seconds


@pytest.mark.real_data
def test_the_lines_of_a_read_sonnet_begin_where_its_map_says(real_data: Path, tmp_path: Path) -> None:
    lines = re.findall(r'^f\d+ (\S+) \S+ "(.*)"', (real_data / "speech/sonnet001.txt").read_text(encoding="utf-8"), re.MULTILINE)
    script = [(float(start), word, at == 0) for start, text in lines for at, word in enumerate(text.split())]

    found = aligned(listenable(real_data / "speech/p001.mp3", tmp_path / "sound.wav"), [word for _, word, _ in script])

    errors = [abs(word.start_seconds - start) for word, (start, _, is_first) in zip(found, script, strict=True) if is_first]
    assert len(errors) == 15
    assert statistics.mean(errors) <= 0.20
    assert max(errors) <= 0.60


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "script", "last"), [("jfk.flac", JFK, 10.4), ("LJ050-0131.wav", LJ, 7.6)], ids=["jfk", "lj"])
def test_a_recording_is_aligned_from_its_first_word_to_its_last(
    real_data: Path, tmp_path: Path, name: str, script: str, last: float
) -> None:
    found = aligned(listenable(real_data / "speech" / name, tmp_path / "sound.wav"), script.split())

    assert found[0].start_seconds < 0.5
    assert found[-1].end_seconds == pytest.approx(last, abs=0.2)


@pytest.mark.real_data
def test_another_script_is_refused_and_not_forced_onto_the_sound(real_data: Path, tmp_path: Path) -> None:
    sound = listenable(real_data / "speech/jfk.flac", tmp_path / "sound.wav")

    with pytest.raises(SourceRefused, match="of the script's 16 words were heard in their place"):
        aligned(sound, LJ.split())


def test_a_part_that_was_not_said_does_not_move_the_rest(tmp_path: Path) -> None:
    talk = said(tmp_path, TALK[1:4])
    at = talk.script.index("Brackets")
    inserted = ["By", "the", "way", "nobody", "ever", "said", "this", "sentence", "here."]

    found = aligned(talk.path, [*talk.script[:at], *inserted, *talk.script[at:]])

    rest = [*found[:at], *found[at + len(inserted) :]]
    errors = [abs(word.start_seconds - start) for word, (start, _) in zip(rest, talk.words, strict=True)]
    assert statistics.mean(errors) <= 0.15


@pytest.mark.parametrize(
    ("words", "language", "reason"),
    [
        (["hola"], "es", "only English"),
        (["日本語", "—"], None, "no word of the script can be said in English"),
        ([], "en", "no word"),
    ],
)
def test_what_cannot_be_aligned_is_refused_with_the_reason(talk: Said, words: list[str], language: str | None, reason: str) -> None:
    with pytest.raises(SourceRefused, match=reason):
        aligned(talk.path, words, language=language)


def test_an_alignment_that_nobody_wants_ends_between_its_steps_too(talk: Said, tmp_path: Path) -> None:
    sound = Path(shutil.copy(talk.path, tmp_path / "sound.wav"))
    answers = iter([False])

    with pytest.raises(Unwanted):
        Aligner().align(sound, talk.script, language="en", is_unwanted=lambda: next(answers, True))

    assert not (tmp_path / "sphinx.out").exists()
