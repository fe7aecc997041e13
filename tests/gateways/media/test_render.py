"""Clips, rendered and looked at: what kind of file comes out, when, and when none does."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from domain.errors import NotFound, OutOfResources, SourceRefused, Unacceptable, Unwanted
from domain.media import Cue, MediaLimits
from domain.ports import MediaTools
from gateways.media.tools import StoredMedia
from tests.gateways.media.conftest import TENANT, TONE, Bench
from tests.gateways.media.making import boxes, ffmpeg, first_frame, frames, made, plan, video_of

Sample = Callable[[str], Path]


def test_a_clip_is_what_the_platforms_want(stored: Bench, sample: Sample):
    clip, path = stored.clip(sample("moving"))

    video, audio = video_of(path)
    assert (video.codec_context.name, video.profile, video.codec_context.pix_fmt) == ("h264", "High", "yuv420p")
    assert (video.width, video.height, str(video.sample_aspect_ratio)) == (270, 480, "1")
    assert (video.codec_context.color_primaries, video.codec_context.color_trc, video.codec_context.colorspace) == (1, 1, 1)
    assert (audio.codec_context.name, audio.codec_context.sample_rate, audio.codec_context.channels) == ("aac", 48000, 2)
    assert [name for name in boxes(path) if name != "free"] == ["ftyp", "moov", "mdat"]
    assert (clip.width, clip.height) == (270, 480)
    assert clip.seconds == pytest.approx(1.0, abs=0.05)


def test_a_clip_is_kept_under_its_content_and_nothing_else_is(stored: Bench, sample: Sample):
    port: MediaTools = stored.media
    clip, path = stored.clip(sample("moving"))

    assert isinstance(port, MediaTools)
    assert clip.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert clip.size_bytes == path.stat().st_size
    assert stored.left == []


def test_the_same_plan_makes_the_same_bytes(stored: Bench, sample: Sample):
    first, second = (stored.render(sample("moving"), end_seconds=0.2)[0] for _ in range(2))

    assert first.key == second.key


def test_shares_rise_to_one(stored: Bench, sample: Sample):
    shares: list[float] = []
    key = stored.key(sample("moving"))

    stored.media.render(TENANT, key, plan(end_seconds=0.2), report=shares.append, is_unwanted=lambda: False)

    assert shares == sorted(shares)
    assert (shares[0] > 0, shares[-1]) == (True, 1.0)


@pytest.mark.parametrize(
    ("kind", "rate", "count"),
    [("uneven", Fraction(47, 2), 24), ("fast", Fraction(60000, 1001), 30), ("slides", Fraction(30), 30), ("moving", Fraction(25), 25)],
)
def test_every_rate_becomes_a_constant_one(stored: Bench, sample: Sample, kind, rate, count):
    _, path = stored.clip(sample(kind))

    video, _ = video_of(path)
    with av.open(str(path)) as media:
        times = sorted(packet.pts for packet in media.demux(video=0) if packet.pts is not None)
    assert video.average_rate == pytest.approx(rate, rel=0.001)
    assert len(times) == pytest.approx(count, abs=2)
    assert len(set(np.diff(times))) == 1


def test_a_cut_begins_at_its_very_picture(stored: Bench, tmp_path: Path):
    """One key frame at the start only: each picture says by its gray in which fifth of a second it belongs."""
    source = made(tmp_path / "steps.mp4", "color=black:s=90x160:r=25:d=2,geq=lum='20+20*floor(T*5)':cb=128:cr=128", "-g", "500")

    clip, path = stored.clip(source, start_seconds=1.0, end_seconds=1.6)

    grays = [int(picture[240, 135, 0]) for picture in frames(path)]
    wanted = [round((20 + 20 * step - 16) * 255 / 219) for step in (5, 6, 7)]
    assert len(grays) == 15
    assert [grays[at] for at in (0, 4, 5, 9, 10, 14)] == [pytest.approx(wanted[at // 5], abs=4) for at in (0, 4, 5, 9, 10, 14)]
    assert clip.seconds == pytest.approx(0.6, abs=0.05)


def test_nothing_that_the_source_tells_about_its_maker_is_kept(stored: Bench, sample: Sample, tmp_path: Path):
    (tmp_path / "chapters.txt").write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=Secret chapter\n")
    source = tmp_path / "told.mp4"
    ffmpeg(
        "-i", str(sample("moving")), "-i", str(tmp_path / "chapters.txt"), "-map_metadata", "1", "-map", "0", "-c", "copy",
        "-metadata", "title=Secret title", "-metadata", "location=+48.1+011.5/", "-metadata:s:v", "handler_name=Secret phone", str(source),
    )  # fmt: skip
    assert b"Secret" in source.read_bytes()

    _, path = stored.clip(source, end_seconds=0.2)

    content = path.read_bytes()
    assert not any(word in content for word in (b"Secret", b"+48.1", b"Lavf"))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"video_index": 1}, "video_index"),
        ({"audio_index": 0}, "audio_index"),
        ({"start_seconds": 2.5, "end_seconds": 3.0}, "start_seconds"),
        ({"start_seconds": -1.0}, "start_seconds"),
        ({"start_seconds": 1.0, "end_seconds": 0.5}, "start_seconds"),
        ({"end_seconds": 9.0}, "end_seconds"),
    ],
)
def test_a_plan_that_does_not_fit_the_file_is_refused_by_field(stored: Bench, sample: Sample, change, pointer):
    with pytest.raises(Unacceptable) as refusal:
        stored.render(sample("moving"), **change)

    assert pointer in [each.pointer for each in refusal.value.problems]
    assert stored.left == []


def test_a_clip_that_nobody_wants_any_more_leaves_nothing(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "long.mp4", "testsrc2=s=160x90:r=25:d=20", sound="sine=duration=20")
    key = stored.key(source)
    shares: list[float] = []
    before = set(stored.files._root.rglob("*"))

    def is_unwanted() -> bool:
        return any(shares)  # once the sound is done, and the picture on its way: ffmpeg's first word may be of nothing done

    with pytest.raises(Unwanted):
        stored.media.render(TENANT, key, plan(end_seconds=20.0, width=1080, height=1920), report=shares.append, is_unwanted=is_unwanted)

    assert 0 < shares[-1] < 0.98
    assert stored.left == []
    assert set(stored.files._root.rglob("*")) == before


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [({"output_bytes": 20_000}, "larger than 20,000 bytes"), ({"cpu_seconds": 1}, "1 s of processor time")],
)
def test_a_clip_over_a_limit_fails_by_its_name_and_leaves_nothing(stored: Bench, sample: Sample, limits, sentence):
    media = StoredMedia(stored.files, replace(MediaLimits(), **limits))

    with pytest.raises(OutOfResources, match=sentence):
        media.render(TENANT, stored.key(sample("moving")), plan(width=1080, height=1920), report=lambda _: None, is_unwanted=lambda: False)

    assert stored.left == []


def test_a_source_that_breaks_off_in_the_middle_is_refused(stored: Bench, sample: Sample, tmp_path: Path):
    """Its index stands at the beginning and promises two seconds."""
    whole = tmp_path / "whole.mp4"
    ffmpeg("-i", str(sample("moving")), "-c", "copy", "-movflags", "+faststart", str(whole))
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])

    with pytest.raises(SourceRefused, match=r"instead of 2\.0 s: the source is damaged or breaks off"):
        stored.render(torn, end_seconds=2.0, audio_index=None)

    assert stored.left == []


def test_a_cut_behind_the_last_picture_is_refused(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "sound.mp4", "color=gray:s=64x64:r=25:d=0.4", sound=TONE)

    with pytest.raises(Unacceptable) as refusal:
        stored.render(source, start_seconds=1.2, end_seconds=1.6)

    assert [each.pointer for each in refusal.value.problems] == ["start_seconds"]


def test_a_source_that_changes_its_size_keeps_its_time(stored: Bench, tmp_path: Path):
    """As recordings of a call do; ffmpeg builds its graph anew there."""
    parts = [made(tmp_path / f"{width}.h264", f"testsrc2=s={width}x90:r=25:d=0.6") for width in (160, 120)]
    (tmp_path / "both.h264").write_bytes(b"".join(part.read_bytes() for part in parts))
    source = tmp_path / "both.mkv"
    ffmpeg("-r", "25", "-i", str(tmp_path / "both.h264"), "-c", "copy", str(source))

    clip, path = stored.render(source, end_seconds=1.2)

    assert clip.seconds == pytest.approx(1.2, abs=0.05)
    assert len(frames(path)) == 30


def test_a_clip_of_what_is_not_kept_is_not_found(stored: Bench):
    with pytest.raises(NotFound):
        stored.media.render(TENANT, f"{TENANT}/ab/{'ab' * 32}", plan(), report=lambda _: None, is_unwanted=lambda: False)


def test_a_clip_in_full_size(stored: Bench, sample: Sample):
    clip, path = stored.clip(sample("moving"), end_seconds=0.4, width=1080, height=1920, captions=(Cue(0, 0.4, "Full size"),))

    assert (clip.width, clip.height) == (1080, 1920)
    assert first_frame(path).shape == (1920, 1080, 3)
