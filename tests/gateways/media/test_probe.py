"""What stands in a file, as probed in a confined process."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from domain.errors import NotFound, Unacceptable
from domain.media import Container, MediaLimits
from gateways.media.tools import StoredMedia
from tests.gateways.media.conftest import TENANT, Bench
from tests.gateways.media.making import MOVING, ffmpeg, made

Sample = Callable[[str], Path]


def test_a_plain_file_is_told_in_full(stored: Bench, sample: Sample):
    found = stored.probe(sample("marked"))

    assert found.container is Container.MOV
    assert found.duration_seconds == pytest.approx(2.0, abs=0.05)
    assert found.size_bytes == sample("marked").stat().st_size
    (video,), (audio,) = found.video, found.audio
    assert (video.codec, video.shown_size, video.pixel_format, video.bit_depth) == ("h264", (320, 180), "yuv420p", 8)
    assert (video.frames_per_second, video.has_variable_rate, video.is_hdr) == (25.0, False, False)
    assert (audio.codec, audio.channels, audio.sample_rate_hz) == ("aac", 1, 44100)
    assert found.subtitles == ()


@pytest.mark.parametrize(("degrees", "clockwise"), [(90, 270), (180, 180), (270, 90)])
def test_a_turned_picture_is_told_clockwise_and_shown_upright(stored: Bench, sample: Sample, degrees, clockwise):
    (video,) = stored.probe(sample(f"turned {degrees}")).video

    assert video.rotation_degrees == clockwise
    assert video.shown_size == ((320, 180) if clockwise == 180 else (180, 320))
    assert (video.width, video.height) == (320, 180)


def test_pixels_that_are_not_square_count_in_the_shown_size(stored: Bench, sample: Sample):
    (video,) = stored.probe(sample("wide pixels")).video

    assert (video.sample_aspect, video.shown_size) == (Fraction(4, 3), (427, 180))


@pytest.mark.parametrize("kind", ["pq", "hlg"])
def test_hdr_is_told_by_its_transfer(stored: Bench, sample: Sample, kind):
    (video,) = stored.probe(sample(kind)).video

    assert (video.is_hdr, video.has_wide_colors, video.bit_depth) == (True, True, 10)


@pytest.mark.parametrize(("kind", "varies"), [("uneven", True), ("moving", False), ("no sound", False), ("fast", False), ("slides", False)])
def test_a_variable_rate_is_told_apart_from_rounded_times(stored: Bench, sample: Sample, kind, varies):
    assert stored.probe(sample(kind)).video[0].has_variable_rate is varies


def test_surround_ten_bit_and_no_sound_are_told(stored: Bench, sample: Sample):
    assert stored.probe(sample("surround")).audio[0].channels == 6
    assert stored.probe(sample("ten bit")).video[0].bit_depth == 10
    assert stored.probe(sample("no sound")).audio == ()


def test_languages_titles_and_subtitles_are_told_and_cover_art_is_no_video(stored: Bench, sample: Sample, tmp_path: Path):
    (tmp_path / "one.srt").write_text("1\n00:00:00,100 --> 00:00:01,000\nHello\n")
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1", str(tmp_path / "cover.png"))
    path = tmp_path / "full.mkv"
    ffmpeg(
        "-i", str(sample("marked")), "-i", str(tmp_path / "one.srt"), "-map", "0", "-map", "1", "-map", "1", "-c", "copy", "-c:s", "srt",
        "-attach", str(tmp_path / "cover.png"), "-metadata:s:t", "mimetype=image/png",
        "-metadata:s:a:0", "language=deu", "-metadata:s:s:0", "language=fra", "-metadata:s:s:0", "title=" + "T" * 400, str(path),
    )  # fmt: skip

    found = stored.probe(path)

    assert [each.index for each in found.video] == [0]
    assert found.audio[0].language in ("ger", "deu")
    assert [(each.index, each.codec, each.title) for each in found.subtitles] == [(2, "subrip", "T" * 100), (3, "subrip", None)]
    assert found.subtitles[0].language in ("fra", "fre")
    assert found.subtitles[1].language is None


def test_a_recording_without_a_duration_is_measured(stored: Bench, tmp_path: Path):
    path = made(tmp_path / "live.webm", MOVING, "-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime", "-live", "1")

    assert stored.probe(path).duration_seconds == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize(
    ("limits", "limit", "found"),
    [
        (MediaLimits(pixels=320 * 180 - 1), "57,599", "57,600 pixels"),
        (MediaLimits(streams=1), "the limit is 1", "2 streams"),
        (MediaLimits(duration_seconds=1.5), "1.5", "2 seconds"),
        (MediaLimits(frames_per_second=24), "24", "25 pictures"),
        (MediaLimits(file_bytes=1000), "1,000", "bytes"),
    ],
)
def test_over_a_limit_the_refusal_says_limit_and_found(stored: Bench, sample: Sample, limits, limit, found):
    with pytest.raises(Unacceptable) as refusal:
        StoredMedia(stored.files, limits).probe(stored.key(sample("marked")))

    (problem,) = refusal.value.problems
    assert problem.pointer == "file"
    assert limit in problem.detail
    assert found in problem.detail


def test_a_picture_over_the_limit_is_refused_before_it_is_decoded(stored: Bench, tmp_path: Path):
    path = made(tmp_path / "huge.mp4", "color=black:s=8192x4096:r=1:d=1")

    with pytest.raises(Unacceptable, match="33,554,432 pixels"):
        StoredMedia(stored.files, replace(MediaLimits(), pixels=30_000_000)).probe(stored.key(path))


@pytest.mark.parametrize("keep", [0.98, 0.5, 0.05])
def test_a_file_that_is_cut_off_is_refused(stored: Bench, sample: Sample, tmp_path: Path, keep):
    """Its index stands at the end, as cameras write it."""
    content = sample("marked").read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[: int(len(content) * keep)])

    with pytest.raises(Unacceptable, match="damaged or cut off"):
        stored.probe(path)


def test_sound_alone_is_refused(stored: Bench, tmp_path: Path):
    path = tmp_path / "sound.mp4"
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", str(path))

    with pytest.raises(Unacceptable, match="holds no video"):
        stored.probe(path)


def test_a_key_that_is_not_kept_is_not_found(stored: Bench):
    with pytest.raises(NotFound):
        stored.media.probe(f"{TENANT}/ab/{'ab' * 32}")


def test_probing_leaves_nothing_behind(stored: Bench, sample: Sample):
    stored.probe(sample("marked"))

    assert stored.left == []
