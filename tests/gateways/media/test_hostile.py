"""Files made to hurt: refused by name or opened within the limits, and nothing is left behind."""

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from domain.errors import SourceFailed, Unacceptable
from domain.media import MediaLimits
from gateways.media.tools import StoredMedia
from tests.gateways.media.conftest import TENANT, Bench
from tests.gateways.media.making import ffmpeg, made, plan

Sample = Callable[[str], Path]
SMALL_LIMITS = MediaLimits(memory_bytes=1024**3, cpu_seconds=20, wall_seconds=60)


def tools() -> set[int]:
    """Processes below this one, the tests' PostgreSQL apart: its own come and go."""
    found = set()
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "postgres" not in each.name():
                found.add(each.pid)
    return found


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/inner.ts\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>',
        b"http://127.0.0.1:9/clip.mp4",
        b"",
        b"\0" * 5000,
    ],
    ids=["hls", "concat", "dash", "url", "empty", "zeros"],
)
def test_what_is_no_video_never_reaches_a_tool(stored: Bench, tmp_path: Path, content):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    before = tools()

    with pytest.raises(Unacceptable, match="cannot be accepted"):
        stored.probe(path)

    assert tools() == before


def test_a_file_of_too_many_streams_is_refused(stored: Bench, sample: Sample, tmp_path: Path):
    path = tmp_path / "many.mkv"
    ffmpeg("-i", str(sample("moving")), *("-map", "0:1") * 40, "-map", "0:0", "-c", "copy", str(path))

    with pytest.raises(Unacceptable) as refusal:
        stored.probe(path)

    assert refusal.value.problems[0].detail == "41 streams: the limit is 32"


def test_a_picture_bomb_is_refused_by_its_size(stored: Bench, tmp_path: Path):
    """16,000 x 16,000 pixels of one color take some kilobytes, and a gigabyte to show."""
    path = tmp_path / "bomb.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=black:s=16000x16000:r=1:d=1", "-frames:v", "1", "-c:v", "png", "-pix_fmt", "monob", str(path))

    with pytest.raises(Unacceptable, match="256,000,000 pixels"):
        stored.probe(path)


def test_a_header_that_lies_about_its_size_is_found_out(stored: Bench, tmp_path: Path):
    """The box says 160 x 90; the stream inside says otherwise."""
    path = made(tmp_path / "lie.mp4", "color=black:s=160x90:r=25:d=0.2")
    content = bytearray(path.read_bytes())
    at = content.index(b"avc1", content.index(b"stsd"))
    content[at + 28 : at + 32] = (65535).to_bytes(2, "big") * 2
    path.write_bytes(content)

    with suppress(Unacceptable):
        (video,) = stored.probe(path).video
        assert video.width * video.height <= MediaLimits().pixels


def test_pictures_that_come_too_fast_are_refused(stored: Bench, tmp_path: Path):
    path = made(tmp_path / "fast.mp4", "color=black:s=32x32:r=600:d=0.1")

    with pytest.raises(Unacceptable) as refusal:
        stored.probe(path)

    assert refusal.value.problems[0].detail == "600 pictures a second: the limit is 240"


@pytest.mark.parametrize(("shift", "name", "seconds"), [("-1.5", "early.mp4", 0.5), ("30", "late.mp4", 2.0), ("30", "late.mkv", 2.0)])
def test_times_before_zero_and_late_starts_are_no_trouble(stored: Bench, sample: Sample, tmp_path: Path, shift, name, seconds):
    path = tmp_path / name
    shifted = ("-itsoffset", shift, "-i", str(sample("moving")), "-c", "copy", "-copyts", "-avoid_negative_ts", "disabled")
    ffmpeg(*shifted, str(path))

    clip, _ = stored.render(path, end_seconds=0.4)

    assert stored.probe(path).duration_seconds == pytest.approx(seconds, abs=0.05)
    assert clip.seconds == pytest.approx(0.4, abs=0.06)


@pytest.mark.parametrize("kind", ["marked", "no sound", "fast"])
def test_flipped_bits_end_in_an_answer_or_a_typed_error(stored: Bench, sample: Sample, tmp_path: Path, kind):
    chance, content = random.Random(kind), sample(kind).read_bytes()
    media = StoredMedia(stored.files, SMALL_LIMITS)

    for _ in range(8):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 8, 60))):
            damaged[chance.randrange(len(damaged) if chance.random() < 0.5 else 600)] ^= 1 << chance.randrange(8)
        key = stored.files.put(TENANT, [bytes(damaged)], limit_bytes=10**9).key
        with suppress(Unacceptable, SourceFailed):
            assert media.probe(key).duration_seconds > 0

    assert stored.left == []


def test_a_damaged_stream_makes_a_clip_or_a_typed_error(stored: Bench, sample: Sample):
    chance, content = random.Random(7), bytearray(sample("moving").read_bytes())
    for _ in range(200):
        content[chance.randrange(1000, len(content) * 2 // 3)] ^= 1 << chance.randrange(8)
    key = stored.files.put(TENANT, [bytes(content)], limit_bytes=10**9).key

    with suppress(Unacceptable, SourceFailed):
        clip = stored.media.render(TENANT, key, plan(end_seconds=1.0), report=lambda _: None, is_unwanted=lambda: False)
        assert clip.seconds == pytest.approx(1.0, abs=0.5)

    assert stored.left == []
