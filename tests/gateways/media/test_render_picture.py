"""The picture of a rendered clip, looked at."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import BLUE, GRAY, RED, color_at, ffmpeg, first_frame, is_near, made, video_of

Sample = Callable[[str], Path]
# A landscape picture stands between these shares of the height of a 9:16 frame.
TOP, BOTTOM = 0.342, 0.658


@pytest.mark.parametrize(
    ("kind", "red", "blue"),
    [
        ("marked", (0.05, TOP + 0.02), (0.95, BOTTOM - 0.02)),
        ("turned 180", (0.95, BOTTOM - 0.02), (0.05, TOP + 0.02)),
        ("turned 90", (0.05, 0.95), (0.95, 0.05)),
        ("turned 270", (0.95, 0.05), (0.05, 0.95)),
    ],
)
def test_a_turned_source_ends_upright(stored: Bench, sample: Sample, kind, red, blue):
    _, path = stored.clip(sample(kind), end_seconds=0.2)

    picture = first_frame(path)
    assert is_near(color_at(picture, *red), RED)
    assert is_near(color_at(picture, *blue), BLUE)
    assert is_near(color_at(picture, 0.5, 0.5), GRAY)


def test_wide_pixels_are_made_square(stored: Bench, sample: Sample):
    _, path = stored.clip(sample("wide pixels"), end_seconds=0.2)

    # 320x180 at 4:3 is shown as 427x180: the picture is 114 of 480 pixels high, from 183 to 297.
    picture = first_frame(path)
    assert is_near(color_at(picture, 0.05, 190 / 480), RED)
    assert is_near(color_at(picture, 0.95, 290 / 480), BLUE)
    assert not is_near(color_at(picture, 0.05, 175 / 480), RED)


@pytest.mark.parametrize("kind", ["ten bit", "marked"])
def test_colors_come_out_as_they_went_in(stored: Bench, sample: Sample, kind):
    _, path = stored.clip(sample(kind), end_seconds=0.2)

    picture = first_frame(path)
    assert is_near(color_at(picture, 0.05, TOP + 0.02), RED, within=12)
    assert is_near(color_at(picture, 0.5, 0.5), GRAY, within=4)


@pytest.mark.parametrize(("kind", "white_at"), [("pq", 0.58), ("hlg", 0.75)])
def test_hdr_keeps_its_middle_and_its_white(stored: Bench, sample: Sample, kind, white_at):
    """Not mapped at all, PQ's middle gray would be 38 % and its white 58 %; washed out, black would be gray."""
    _, path = stored.clip(sample(kind))

    middle, black, white = (color_at(first_frame(path), x, 0.5)[0] / 255 for x in (0.38, 0.0, white_at))
    assert black < 0.03
    assert 0.36 < middle < 0.50
    assert 0.78 < white < 0.95
    assert video_of(path)[0].codec_context.color_trc == 1


def test_the_background_is_the_picture_blurred_and_darker(stored: Bench, sample: Sample):
    _, path = stored.clip(sample("moving"), end_seconds=0.2)

    picture = first_frame(path).astype(float)
    inside, outside = picture[170:310], picture[20:150]
    steps = [float(np.abs(np.diff(part, axis=1)).max()) for part in (inside, outside)]
    assert outside.mean() > 20  # not black
    assert outside.mean() < 0.95 * inside.mean()
    assert steps[1] < 0.25 * steps[0]


def test_an_upright_source_fills_the_frame(stored: Bench, tmp_path: Path):
    source = made(tmp_path / "upright.mp4", "color=red:s=90x160:r=25:d=0.2")

    _, path = stored.clip(source)

    assert all(is_near(color_at(first_frame(path), x, y), RED) for x in (0.02, 0.98) for y in (0.02, 0.5, 0.98))


def test_wide_colors_without_hdr_keep_their_white(stored: Bench, tmp_path: Path):
    path = tmp_path / "wide.mp4"
    colors = "log-level=none:colorprim=bt2020:transfer=bt2020-10:colormatrix=bt2020nc"
    white = "color=white:s=160x91:r=25:d=0.1,format=yuv444p10le"
    ffmpeg("-f", "lavfi", "-i", white, "-c:v", "libx265", "-x265-params", colors, "-tag:v", "hvc1", str(path))

    _, clip = stored.render(path)

    assert stored.probe(path).video[0].has_wide_colors
    assert is_near(color_at(first_frame(clip), 0.5, 0.5), (255, 255, 255), within=4)
