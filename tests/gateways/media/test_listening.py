"""The sound of a stored video is listened to and aligned in the video's own time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import NotFound, SourceRefused, Unacceptable, Unwanted
from gateways.media.tools import StoredMedia
from gateways.speech.choosing import Listeners, SpeechOptions
from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import ffmpeg
from tests.sounds import said
from tests.whisper import write_model

LATE_SECONDS = 1.5
LINES = ("Brackets changed nothing that we could measure.", "So ask one clear thing, and answer it.")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[float, str]]]:
    """A video in two channels whose sound begins late, and when its words are said."""
    folder = tmp_path_factory.mktemp("spoken")
    talk, video = said(folder, LINES), folder / "video.mp4"
    ffmpeg(
        *("-f", "lavfi", "-i", "color=gray:s=160x90:r=25:d=9", "-itsoffset", str(LATE_SECONDS), "-i", str(folder / "spoken.wav")),
        *("-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-ac", "2", "-ar", "48000", str(video)),
    )
    return video, [(start + LATE_SECONDS, word) for start, word in talk.words]


@pytest.fixture(scope="module")
def media(stored: Bench, tmp_path_factory: pytest.TempPathFactory) -> StoredMedia:
    model = write_model(tmp_path_factory.mktemp("model") / "tiny", ["So", "ask"], seconds=2.0)
    return StoredMedia(stored.files, listeners=Listeners(SpeechOptions(models=model.parent, model=str(model), speech="faster-whisper")))


def test_words_are_aligned_in_the_videos_time(stored: Bench, media: StoredMedia, spoken: tuple[Path, list[tuple[float, str]]]) -> None:
    video, words = spoken

    found = media.align(stored.key(video), 1, [word for _, word in words], language="en", is_unwanted=lambda: False)

    errors = [abs(word.start_seconds - start) for word, (start, _) in zip(found, words, strict=True)]
    assert sum(errors) / len(errors) <= 0.10
    assert stored.left == []


def test_what_is_said_is_heard_and_nothing_is_left_behind(
    stored: Bench, media: StoredMedia, spoken: tuple[Path, list[tuple[float, str]]]
) -> None:
    shares: list[float] = []

    found = media.hear(stored.key(spoken[0]), 1, language="en", report=shares.append, is_unwanted=lambda: False)

    assert [each.text for each in found.words[:2]] == ["So", "ask"]
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    assert stored.left == []


def test_a_stream_that_is_no_sound_is_unacceptable(stored: Bench, media: StoredMedia, sample: Callable[[str], Path]) -> None:
    with pytest.raises(Unacceptable, match="stream 0 is no sound"):
        media.hear(stored.key(sample("marked")), 0, language=None, report=lambda _: None, is_unwanted=lambda: False)


def test_sound_without_speech_is_refused_for_a_script(stored: Bench, media: StoredMedia, sample: Callable[[str], Path]) -> None:
    with pytest.raises(SourceRefused, match="0% of the script's 3 words"):
        media.align(stored.key(sample("marked")), 1, ["one", "two", "three"], language=None, is_unwanted=lambda: False)


def test_without_a_listener_it_says_which_setting_chooses_one(stored: Bench, sample: Callable[[str], Path]) -> None:
    with pytest.raises(Unacceptable, match="WHYRAL_SPEECH"):
        stored.media.hear(stored.key(sample("marked")), 1, language=None, report=lambda _: None, is_unwanted=lambda: False)


def test_an_unknown_key_is_not_found(media: StoredMedia) -> None:
    with pytest.raises(NotFound):
        media.hear("none", 1, language=None, report=lambda _: None, is_unwanted=lambda: False)


def test_unwanted_work_ends_and_leaves_nothing(stored: Bench, media: StoredMedia, sample: Callable[[str], Path]) -> None:
    with pytest.raises(Unwanted):
        media.hear(stored.key(sample("marked")), 1, language=None, report=lambda _: None, is_unwanted=lambda: True)

    assert stored.left == []
