"""Clips of pieces, rendered and looked at: which pictures, where on the frame, and what is refused."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from domain.clips.look import Layout
from domain.clips.pieces import Piece, Point, Window
from domain.errors import Unacceptable
from domain.media import Cue
from gateways.media.runs import MOST_RUNS, runs
from tests.gateways.media.conftest import TENANT, Bench
from tests.gateways.media.making import BLUE, GRAY, RED, color_at, ffmpeg, first_frame, frames, is_near, made, plan, video_of
from tests.media import video_stream

Sample = Callable[[str], Path]
TINY = {"width": 108, "height": 192}
WHOLE = Window(width=1, height=1, path=(Point(0, 0, 0),))


def window(width: float, height: float, *places: tuple[float, float, float]) -> Window:
    return Window(width=width, height=height, path=tuple(Point(*each) for each in places))


def piece(start: float, end: float, layout: Layout = Layout.FIT, *windows: Window) -> Piece:
    return Piece(start_seconds=start, end_seconds=end, layout=layout, windows=windows)


def gray(picture: np.ndarray[Any, Any]) -> int:
    return int(picture[picture.shape[0] // 2, picture.shape[1] // 2, 0])


@pytest.mark.parametrize(
    ("kind", "corner", "color"), [("marked", (0, 0), RED), ("marked", (0.75, 0.66), BLUE), ("turned 90", (0.66, 0), BLUE)]
)
def test_a_focus_shows_its_part_of_the_picture_alone(stored: Bench, sample: Sample, kind, corner, color):
    size = (0.25, 0.34) if kind == "marked" else (0.34, 0.25)
    focus = piece(0, 0.2, Layout.FOCUS, window(*size, (0, *corner)))

    _, path = stored.render(sample(kind), end_seconds=0.2, pieces=(focus,), **TINY)

    assert all(is_near(color_at(first_frame(path), x, y), color) for x in (0.1, 0.5, 0.9) for y in (0.1, 0.5, 0.9))


def test_a_focus_follows_its_path(stored: Bench, tmp_path: Path):
    """The picture is a ramp from black to white, so its middle's gray says where the window is."""
    source = made(tmp_path / "ramp.mp4", "color=gray:s=320x180:r=25:d=1,geq=lum='16+219*X/W':cb=128:cr=128")
    moving = window(0.2, 0.63, (0, 0.0, 0.1), (0.4, 0.0, 0.1), (0.8, 0.8, 0.3))

    _, path = stored.render(source, end_seconds=1.0, pieces=(piece(0, 1.0, Layout.FOCUS, moving),), **TINY)

    found = [gray(picture) / 255 for picture in frames(path)]
    wanted = [0.1 + 0.8 * min(1, max(0, number / 25 - 0.4) / 0.4) for number in range(25)]
    assert found == pytest.approx(wanted, abs=0.02)


def test_windows_of_several_sizes_share_their_filters_and_each_shows_its_own_part(stored: Bench, tmp_path: Path):
    """The picture is a ramp across; how much gray lies between a picture's edges says how wide its window is."""
    source = made(tmp_path / "ramp.mp4", "color=gray:s=640x360:r=25:d=1,geq=lum='16+219*X/W':cb=128:cr=128")
    widths = (0.2, 0.1, 0.25, 0.15)
    pieces = tuple(
        piece(at / 5, at / 5 + 0.2, Layout.FOCUS, window(width, 0.9, (0, 0.1 * at, 0.05), (0.2, 0.1 * at + 0.05, 0.05)))
        for at, width in enumerate(widths)
    )

    _, path = stored.render(source, end_seconds=0.8, pieces=pieces, **TINY)

    assert len(runs(video_stream(0, width=640, height=360), plan(end_seconds=0.8, pieces=pieces, **TINY), Fraction(25))) == 1
    pictures = frames(path)
    for at, width in enumerate(widths):
        left, right = (pictures[5 * at][96, column].mean() / 255 for column in (2, -3))
        assert (left, right - left) == (pytest.approx(0.1 * at + 0.03 * width, abs=0.02), pytest.approx(width * 103 / 108, abs=0.015))


def test_two_windows_stand_above_each_other_with_a_line_between(stored: Bench, sample: Sample):
    red, blue = window(0.25, 0.34, (0, 0, 0)), window(0.25, 0.34, (0, 0.75, 0.66))

    _, path = stored.render(sample("marked"), end_seconds=0.2, pieces=(piece(0, 0.2, Layout.SPLIT, red, blue),))

    picture = first_frame(path)
    assert [is_near(color_at(picture, 0.5, y), color) for y, color in ((0.03, RED), (0.47, RED), (0.53, BLUE), (0.97, BLUE))] == [True] * 4
    assert picture[238:242].mean(axis=(1, 2)).min() < 30


def test_a_screen_stands_whole_above_its_speaker(stored: Bench, sample: Sample):
    _, path = stored.render(
        sample("marked"), end_seconds=0.2, pieces=(piece(0, 0.2, Layout.SCREEN, WHOLE, window(0.25, 0.34, (0, 0.75, 0.66))),)
    )

    picture, screen = first_frame(path), 270 * 9 / 16 / 480
    assert is_near(color_at(picture, 0.05, 0.02), RED)
    assert is_near(color_at(picture, 0.5, screen / 2), GRAY)
    assert is_near(color_at(picture, 0.95, screen - 0.02), BLUE)
    assert all(is_near(color_at(picture, x, 0.7), BLUE) for x in (0.05, 0.5, 0.95))


def test_a_fit_looks_as_it_does_without_pieces(stored: Bench, sample: Sample):
    _, whole = stored.clip(sample("marked"), end_seconds=0.4)
    _, same = stored.render(sample("marked"), end_seconds=0.4, pieces=(piece(0, 0.4),))

    difference = np.abs(first_frame(whole).astype(int) - first_frame(same))
    assert difference.max() <= 4


@pytest.mark.parametrize("kind", ["pq", "wide pixels", "ten bit", "uneven", "fast", "slides", "no sound"])
def test_every_kind_of_source_can_be_cut_to_pieces(stored: Bench, sample: Sample, kind):
    seconds = 0.2 if kind == "pq" else 0.5
    pieces = (piece(0, 0.1, Layout.FOCUS, window(0.3, 1, (0, 0, 0), (0.1, 0.5, 0))), piece(0.15, seconds, Layout.SPLIT, WHOLE, WHOLE))

    clip, path = stored.render(sample(kind), end_seconds=seconds, pieces=pieces, **TINY)

    video, _ = video_of(path)
    assert (video.width, video.height, video.codec_context.colorspace, str(video.sample_aspect_ratio)) == (108, 192, 1, "1")
    with av.open(str(path)) as media:
        times = sorted(packet.pts for packet in media.demux(video=0) if packet.pts is not None)
    assert len(set(np.diff(times))) == 1
    assert clip.seconds == pytest.approx(seconds - 0.05, abs=0.07)


def test_pieces_show_their_own_pictures_and_no_others(stored: Bench, tmp_path: Path):
    """Each tenth of a second has a gray of its own; layouts change in the middle and at a join."""
    source = made(tmp_path / "steps.mp4", "color=black:s=90x160:r=20:d=3,geq=lum='20+6*floor(T*10+0.01)':cb=128:cr=128", "-g", "500")
    full = window(0.9, 0.9, (0, 0, 0), (1, 0.1, 0))
    pieces = (piece(0.5, 0.8), piece(1.4, 1.7, Layout.FOCUS, full), piece(1.7, 1.9), piece(2.5, 2.7, Layout.FOCUS, full))

    clip, path = stored.render(source, start_seconds=0.4, end_seconds=2.9, pieces=pieces, **TINY)

    tenths = [5, 6, 7, 14, 15, 16, 17, 18, 25, 26]
    wanted = [(20 + 6 * tenth - 16) * 255 / 219 for tenth in tenths for _ in range(2)]
    assert [gray(picture) for picture in frames(path)] == pytest.approx(wanted, abs=3)
    assert clip.seconds == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("rate", ["25", "30000/1001"])
def test_a_layout_that_changes_all_the_time_is_drawn_in_several_goes_and_no_picture_is_lost(stored: Bench, tmp_path: Path, rate):
    """Each tenth of a second has a gray of its own; a tenth is left out between any two pieces, and a film stands at each end."""
    source = made(tmp_path / "steps.mp4", f"color=black:s=90x160:r={rate}:d=7,geq=lum='20+3*floor(T*10+0.01)':cb=128:cr=128")
    film = stored.key(made(tmp_path / "film.mp4", "color=red:s=90x160:r=25:d=0.4"))
    full = window(0.9, 0.9, (0, 0, 0), (1, 0.1, 0))
    count = 2 * MOST_RUNS + 5
    pieces = tuple(piece(at / 5, at / 5 + 0.1, *((Layout.FOCUS, full) if at % 2 else (Layout.FIT,))) for at in range(count))
    shares: list[float] = []
    wanted = plan(end_seconds=6.0, pieces=pieces, audio_index=None, intro_key=film, outro_key=film, captions=(Cue(2.0, 2.4, "W"),), **TINY)

    clip = stored.media.render(TENANT, stored.key(source), wanted, report=shares.append, is_unwanted=lambda: False)

    path = stored.files.path(clip.key)
    pictures, each = frames(path), float(Fraction(rate))
    lead = round(0.4 * each)
    length = len(pictures) - 2 * lead
    shown = [(gray(picture) - (20 - 16) * 255 / 219) / (3 * 255 / 219) for picture in pictures[lead:-lead]]
    expected = [2 * int(number / each / 0.1 + 1e-6) for number in range(length)]
    assert length == pytest.approx(0.1 * count * each, abs=1)
    # A picture later or earlier is a tenth that lies beside it.
    assert np.abs(np.array(shown) - expected).max() < 1.8
    assert all(is_near(color_at(picture, 0.5, 0.5), RED) for picture in (pictures[0], pictures[lead - 1], pictures[-lead], pictures[-1]))
    lit = [number for number, picture in enumerate(pictures) if picture[100:150].min(axis=2).max() > 240]
    assert lit[0] == pytest.approx(lead + 2.0 * each, abs=1)
    assert lit[-1] == pytest.approx(lead + 2.4 * each, abs=1)
    with av.open(str(path)) as media:
        times = np.diff(sorted(packet.pts for packet in media.demux(video=0) if packet.pts is not None))
    assert times.max() - times.min() <= 1
    assert shares == sorted(shares)


def test_a_source_that_changes_its_size_can_be_cut_to_pieces(stored: Bench, tmp_path: Path):
    parts = [made(tmp_path / f"{width}.h264", f"testsrc2=s={width}x90:r=25:d=0.6") for width in (160, 120)]
    (tmp_path / "both.h264").write_bytes(b"".join(part.read_bytes() for part in parts))
    source = tmp_path / "both.mkv"
    ffmpeg("-r", "25", "-i", str(tmp_path / "both.h264"), "-c", "copy", str(source))
    focus = window(0.3, 1, (0, 0, 0), (0.5, 0.6, 0))

    _, path = stored.render(
        source, end_seconds=1.2, pieces=(piece(0, 0.4, Layout.FOCUS, focus), piece(0.5, 1.2, Layout.FOCUS, focus)), **TINY
    )

    assert len(frames(path)) == 28


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        ((piece(0.5, 0.6), piece(0.1, 0.2)), "piece 1 is out of order"),
        ((piece(0.5, 0.9), piece(0.8, 1.0)), "piece 1 is out of order"),
        ((piece(0.5, 5.0),), "outside the span"),
        ((piece(0.0, 0.5, Layout.FOCUS),), "piece 0 has 0 windows; focus takes 1"),
        ((piece(0.0, 0.5, Layout.FIT, WHOLE),), "fit takes 0"),
        ((piece(0.0, 0.5, Layout.FOCUS, window(0.0, 1, (0, 0, 0))),), "without a size or a place"),
        ((piece(0.0, 0.5, Layout.FOCUS, window(0.3, 1)),), "without a size or a place"),
    ],
)
def test_pieces_that_cannot_be_drawn_are_refused(stored: Bench, sample: Sample, pieces, sentence):
    with pytest.raises(Unacceptable) as refusal:
        stored.render(sample("moving"), pieces=pieces, **TINY)

    assert [each.pointer for each in refusal.value.problems] == ["pieces"]
    assert sentence in refusal.value.problems[0].detail
    assert stored.left == []
