"""What a clip is made of, and what must be true of it once it is."""

from dataclasses import replace

import pytest

from domain.clips.asked import Wanted
from domain.clips.checking import disorder, loudness_fault, overreach, shape_faults
from domain.clips.states import choose_streams
from domain.errors import Unacceptable
from domain.transcripts import Sentence, Source, Transcript
from tests.media import audio_stream, probe, video_stream

SENTENCES = (Sentence(1, 5, "One.", True), Sentence(5.2, 9, "Two.", True))
SIZE = (1080, 1920)


def test_the_largest_moving_picture_is_taken_and_covers_are_none() -> None:
    streams = (
        video_stream(0, width=320, height=180),
        video_stream(3, width=480, height=270),
        video_stream(4, width=3000, height=3000, codec="mjpeg"),
    )

    video, _ = choose_streams(replace(probe(), video=streams), None)

    assert video.index == 3


def test_sound_in_the_language_of_the_words_comes_first_then_the_fullest() -> None:
    streams = (
        audio_stream(1, language="fra", channels=6),
        audio_stream(2, language="eng", rate_hz=8000),
        audio_stream(5, language="eng", rate_hz=16_000),
    )
    found = replace(probe(), audio=streams)

    chosen = [choose_streams(found, language)[1] for language in ("eng", "en", "fra", None)]

    assert [each.index for each in chosen if each] == [5, 5, 1, 1]


def test_a_silent_video_has_no_sound_to_choose() -> None:
    assert choose_streams(replace(probe(), audio=()), "eng")[1] is None


def test_a_file_without_a_moving_picture_is_refused() -> None:
    with pytest.raises(Unacceptable, match="no moving picture"):
        choose_streams(replace(probe(), video=(video_stream(0, codec="png"),)), None)


@pytest.mark.parametrize(
    ("size", "seconds", "count"), [(SIZE, 20.05, 0), (SIZE, 20, 0), ((1920, 1080), 20, 1), (SIZE, 21, 1), ((1, 1), 1, 2)]
)
def test_every_fault_of_a_render_is_told(size: tuple[int, int], seconds: float, count: int) -> None:
    assert len(shape_faults(size, seconds=seconds, planned_seconds=20)) == count


@pytest.mark.parametrize(("lufs", "is_wrong"), [(-14.5, False), (-14.6, True), (-13.5, False), (-13.4, True)])
def test_a_clip_is_neither_louder_nor_quieter_than_players_play_it(lufs: float, is_wrong: bool) -> None:
    assert (loudness_fault(lufs) is not None) is is_wrong


@pytest.mark.parametrize(
    ("span", "told"),
    [((1, 9), []), ((0.7, 5.2), []), ((1, 5.1), []), ((2, 9), ["no sentence begins", "cuts a sentence"]),
     ((1, 8), ["no sentence ends", "cuts"]), ((1, 12), ["it goes from", "no sentence ends"]), ((5.2, 9), ["it has 3.80 s"])],
)  # fmt: skip
def test_every_fault_of_a_candidate_is_told(span: tuple[float, float], told: list[str]) -> None:
    found = overreach(span, SENTENCES, duration_seconds=10, wanted=Wanted(4, 20))

    assert len(found) == len(told)
    assert all(words in sentence for words, sentence in zip(told, found, strict=True))


@pytest.mark.parametrize(
    ("sentences", "count"),
    [
        (SENTENCES, 0),
        (SENTENCES[::-1], 1),
        ((Sentence(1, 5, " ", True),), 1),
        ((Sentence(5, 11, "x", True),), 1),
        ((Sentence(5, 4, "x", True),), 1),
    ],
)
def test_every_fault_of_a_transcript_is_told(sentences: tuple[Sentence, ...], count: int) -> None:
    transcript = Transcript(source=Source.TRACK, language=None, cues=(), sentences=sentences)

    assert len(disorder(transcript, duration_seconds=10)) == count
