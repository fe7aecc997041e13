"""The demo video: what it says is known to the word, its captions are in time, and a clip can be made of it."""

from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from domain.clips import source as clip_source
from domain.clips.asked import Wanted
from domain.clips.choosing import rank
from domain.errors import SourceUnavailable
from domain.transcripts import Source, transcribe
from gateways.files.store import LocalFiles
from gateways.media.tools import StoredMedia
from sandbox import video
from sandbox.speech import RATE_HZ, Spoken, speak
from sandbox.video import PAUSE_SECONDS, TALK, DemoVideo, write_video

TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")


@pytest.fixture(scope="module")
def spoken() -> list[Spoken]:
    return speak(TALK)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoVideo:
    """The shortest talk: its first sentences."""
    return write_video(tmp_path_factory.mktemp("video"), seed=1, talk=TALK[:2])


def loudness(said: Spoken, start: float, end: float) -> int:
    """The loudest sample of a stretch."""
    piece = said.samples[2 * int(start * RATE_HZ) : 2 * int(end * RATE_HZ)]
    return max(abs(int.from_bytes(piece[at : at + 2], "little", signed=True)) for at in range(0, len(piece) - 1, 2))


def test_every_word_has_its_time(spoken: list[Spoken]) -> None:
    assert [" ".join(word for _, word in each.words) for each in spoken] == list(TALK)
    assert all(before[0] <= after[0] for each in spoken for before, after in pairwise(each.words))
    assert all(0 <= start < each.seconds for each in spoken for start, _ in each.words)


def test_something_is_heard_from_each_word_on(spoken: list[Spoken]) -> None:
    assert all(loudness(each, start, start + 0.3) > 1000 for each in spoken for start, _ in each.words[:-1])


def test_a_talk_is_always_spoken_the_same_way(spoken: list[Spoken]) -> None:
    assert speak(TALK) == spoken


def test_the_same_seed_draws_the_same_bytes(made: DemoVideo, tmp_path: Path) -> None:
    again = write_video(tmp_path, seed=1, talk=TALK[:2])

    assert again.video.read_bytes() == made.video.read_bytes()
    assert again.captions.read_bytes() == made.captions.read_bytes()


def test_the_video_is_what_its_captions_say(made: DemoVideo, tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    tools = StoredMedia(files)
    stored = files.put(TENANT, [made.video.read_bytes()], limit_bytes=10_000_000)

    found, cues = tools.probe(stored.key), tools.captions(made.captions.read_bytes())

    assert found.duration_seconds == pytest.approx(made.seconds, abs=0.1)
    assert (len(found.video), len(found.audio)) == (1, 1)
    assert " ".join(cue.text for cue in cues) == " ".join(TALK[:2])
    starts = {round(seconds, 3) for seconds, _ in made.words}
    assert {cue.start_seconds for cue in cues} <= starts
    assert cues[0].start_seconds == PAUSE_SECONDS
    assert cues[-1].end_seconds == pytest.approx(made.seconds - PAUSE_SECONDS, abs=0.01)


def test_a_clip_of_usual_length_fits_the_talk(spoken: list[Spoken], tmp_path: Path) -> None:
    captions = tmp_path / "talk.vtt"
    captions.write_text("\n".join(["WEBVTT\n", *video._cues(spoken)]), encoding="utf-8")
    seconds = PAUSE_SECONDS + sum(each.seconds + PAUSE_SECONDS for each in spoken)
    cues = StoredMedia(LocalFiles(tmp_path)).captions(captions.read_bytes())
    transcript = transcribe(cues, source=Source.UPLOAD, language="en", duration_seconds=seconds)

    spoken_of = clip_source.Source(sentences=transcript.sentences, duration_seconds=seconds, language="en")
    clip = rank(spoken_of, Wanted.of()).candidates[0]

    assert [each.text for each in transcript.sentences] == list(TALK)
    assert (25 < seconds < 30, clip.text.startswith(TALK[1]), 15 <= clip.seconds <= 60) == (True, True, True)


def test_a_tool_that_fails_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").mkdir()

    with pytest.raises(SourceUnavailable, match="demo video: "):
        write_video(tmp_path, seed=1, talk=TALK[:1])
