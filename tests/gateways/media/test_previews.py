"""A clip before it is rendered, and its cover."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from domain.clips.look import Layout
from domain.clips.pieces import Piece, Point, Window
from domain.errors import Unacceptable, Unwanted
from domain.media import Cue
from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import BLUE, RED, color_at, frames, is_near, made, plan, video_of

Sample = Callable[[str], Path]
SIDE, TOP = 0.11, 0.10


def test_a_preview_is_small_and_shows_the_same_pieces_and_captions(stored: Bench, tmp_path: Path):
    """Each tenth of a second has a gray of its own."""
    source = made(tmp_path / "steps.mp4", "color=black:s=90x160:r=20:d=2,geq=lum='40+6*floor(T*10+0.01)':cb=128:cr=128")
    full = Window(width=0.9, height=0.9, path=(Point(0, 0, 0),))
    pieces = (Piece(start_seconds=0.2, end_seconds=0.6, layout=Layout.FOCUS, windows=(full,)), Piece(start_seconds=1.2, end_seconds=1.6))
    wanted = plan(width=1080, height=1920, audio_index=None, pieces=pieces, captions=(Cue(0.4, 0.8, "Words"),))

    content = stored.media.preview(stored.key(source), wanted)

    (tmp_path / "preview.mp4").write_bytes(content)
    video, audio = video_of(tmp_path / "preview.mp4")
    found = frames(tmp_path / "preview.mp4")
    assert (video.width, video.height, audio.codec_context.name) == (360, 640, "aac")
    assert [int(found[number][100, 180, 0]) for number in (0, 7, 8, 15)] == pytest.approx(
        [(40 + 6 * tenth - 16) * 255 / 219 for tenth in (2, 5, 12, 15)], abs=4
    )
    assert [int(picture.max()) > 240 for picture in (found[7], found[8])] == [False, True]
    assert stored.left == []


def test_a_preview_shows_every_other_picture(stored: Bench, sample: Sample, tmp_path: Path):
    (tmp_path / "preview.mp4").write_bytes(stored.media.preview(stored.key(sample("moving")), plan(end_seconds=1.0)))

    assert float(video_of(tmp_path / "preview.mp4")[0].average_rate or 0) == 12.5
    assert len(frames(tmp_path / "preview.mp4")) == 13


def test_a_preview_that_nobody_wants_ends_and_one_of_a_wrong_plan_is_refused(stored: Bench, sample: Sample):
    key = stored.key(sample("moving"))

    with pytest.raises(Unwanted):
        stored.media.preview(key, plan(), is_unwanted=lambda: True)
    with pytest.raises(Unacceptable):
        stored.media.preview(key, plan(end_seconds=99.0))

    assert stored.left == []


def picture(content: bytes, folder: Path) -> np.ndarray:
    path = folder / "cover.jpg"
    path.write_bytes(content)
    with av.open(str(path)) as found:
        return next(found.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.parametrize(
    "title",
    [
        "Why do some videos travel further than others?",
        "Short",
        "{\\pos(10,10)}{\\fs300}\\N\\N obeyed",
        "a long title that is read on a phone in three seconds, though it says everything",
    ],
)
def test_a_title_stands_inside_the_safe_area_of_a_cover_in_full_size(stored: Bench, sample: Sample, tmp_path: Path, title):
    _, clip = stored.clip(sample("moving"), width=540, height=960)
    key, shape = stored.key(clip), plan(width=540, height=960)

    plain, titled = (picture(stored.media.cover(key, shape, at_seconds=0.5, title=each), tmp_path).astype(int) for each in (None, title))

    rows, columns = np.nonzero(np.abs(titled - plain).max(axis=2) > 60)
    assert titled.shape == (960, 540, 3)
    assert len(rows) > 300
    assert titled[rows, columns].max() >= 250
    assert rows.min() / 960 >= TOP
    assert rows.max() / 960 <= 0.5
    assert columns.min() / 540 >= SIDE - 0.01
    assert columns.max() / 540 <= 1 - SIDE + 0.01
    assert stored.left == []


def test_a_cover_is_the_picture_of_its_moment(stored: Bench, sample: Sample):
    key = stored.key(sample("moving"))

    first, again, later = (stored.media.cover(key, plan(), at_seconds=at, title=None) for at in (0.2, 0.2, 1.6))

    assert first == again != later


def test_a_cover_has_the_colors_of_the_clip(stored: Bench, sample: Sample, tmp_path: Path):
    _, clip = stored.clip(sample("marked"))

    shown = picture(stored.media.cover(stored.key(clip), plan(), at_seconds=0.0, title=None), tmp_path)

    assert is_near(color_at(shown, 0.05, 0.36), RED)
    assert is_near(color_at(shown, 0.95, 0.64), BLUE)


def test_a_title_that_cannot_be_written_is_refused(stored: Bench, sample: Sample):
    with pytest.raises(Unacceptable):
        stored.media.cover(stored.key(sample("moving")), plan(), at_seconds=0.2, title="\ue000\ue001𓀀𓀁𓀂𓀃")
