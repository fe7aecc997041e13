"""Files that lie or are damaged, one claim each; the whole corpus is in `poison`."""

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from domain.errors import SourceFailed, Unacceptable
from domain.media import MediaLimits
from tests.gateways.media.conftest import TENANT, Bench
from tests.gateways.media.making import ffmpeg, made, plan

Sample = Callable[[str], Path]


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


@pytest.mark.parametrize(("shift", "name", "seconds"), [("-1.5", "early.mp4", 0.5), ("30", "late.mp4", 2.0), ("30", "late.mkv", 2.0)])
def test_times_before_zero_and_late_starts_are_no_trouble(stored: Bench, sample: Sample, tmp_path: Path, shift, name, seconds):
    path = tmp_path / name
    shifted = ("-itsoffset", shift, "-i", str(sample("moving")), "-c", "copy", "-copyts", "-avoid_negative_ts", "disabled")
    ffmpeg(*shifted, str(path))

    clip, _ = stored.render(path, end_seconds=0.4)

    assert stored.probe(path).duration_seconds == pytest.approx(seconds, abs=0.05)
    assert clip.seconds == pytest.approx(0.4, abs=0.06)


def test_a_damaged_stream_makes_a_clip_or_a_typed_error(stored: Bench, sample: Sample):
    chance, content = random.Random(7), bytearray(sample("moving").read_bytes())
    for _ in range(200):
        content[chance.randrange(1000, len(content) * 2 // 3)] ^= 1 << chance.randrange(8)
    key = stored.files.put(TENANT, [bytes(content)], limit_bytes=10**9).key

    with suppress(Unacceptable, SourceFailed):
        clip = stored.media.render(TENANT, key, plan(end_seconds=1.0), report=lambda _: None, is_unwanted=lambda: False)
        assert clip.seconds == pytest.approx(1.0, abs=0.5)

    assert stored.left == []
