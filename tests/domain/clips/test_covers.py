"""Which picture makes the cover."""

import pytest

from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.covers import STILL_SECONDS, best_frame, cover_plan
from domain.clips.look import Layout
from domain.clips.pieces import Piece, Point, Window
from domain.media import ClipPlan, ShownWord

FACE = Face(left=0.3, top=0.2, width=0.2, height=0.4)
WHOLE = (Piece(start_seconds=0.0, end_seconds=4.0),)


def analysis(*samples: Sample, cuts: tuple[float, ...] = ()) -> MediaAnalysis:
    return MediaAnalysis(width=640, height=360, seconds=4.0, cuts=cuts, samples=samples)


def sample(at: float, *, sharpness: float = 100.0, brightness: float = 0.5, faces: tuple[Face, ...] = (), motion: float = 0.1) -> Sample:
    return Sample(at_seconds=at, sharpness=sharpness, brightness=brightness, faces=faces, motion=motion)


def test_a_large_face_beats_a_small_one_and_none():
    small = Face(left=0.3, top=0.2, width=0.05, height=0.1)

    assert best_frame(analysis(sample(1.0), sample(2.0, faces=(FACE,)), sample(3.0, faces=(small,))), WHOLE) == 2.0


def test_a_blink_is_passed_over_though_its_face_is_there():
    seen = [
        sample(1.0 + step / 5, faces=(FACE,), sharpness=40.0 if step == 2 else 100.0, motion=0.0 if step == 2 else 0.3) for step in range(6)
    ]

    assert best_frame(analysis(*seen), WHOLE) != 1.4


def test_black_and_white_pictures_are_no_cover():
    assert best_frame(analysis(sample(1.0, brightness=0.02), sample(2.0, brightness=0.99)), WHOLE) is None
    assert best_frame(analysis(sample(1.0, brightness=0.02), sample(2.0, sharpness=10)), WHOLE) == 2.0


def test_it_is_taken_away_from_cuts_and_joins():
    pieces = (Piece(start_seconds=0.0, end_seconds=1.0), Piece(start_seconds=2.0, end_seconds=4.0))
    seen = analysis(sample(0.9, faces=(FACE,)), sample(2.1, faces=(FACE,)), sample(2.6), sample(3.1, faces=(FACE,)), cuts=(3.0,))

    assert best_frame(seen, pieces) == 1.6


def test_its_moment_is_the_clips_own_and_never_of_what_was_cut_out():
    pieces = (Piece(start_seconds=1.0, end_seconds=2.0), Piece(start_seconds=3.0, end_seconds=4.0))

    found = best_frame(analysis(sample(2.5, faces=(FACE,)), sample(3.5)), pieces)

    assert found == 1.5


def test_where_nothing_was_seen_there_is_no_best_one():
    assert best_frame(analysis(), WHOLE) is None


def test_a_cover_is_laid_out_as_its_moment_and_bears_its_title_but_no_caption():
    moving = Window(width=0.3, height=1.0, path=(Point(0.0, 0.1, 0.0), Point(2.0, 0.5, 0.0)))
    pieces = (
        Piece(start_seconds=10.0, end_seconds=11.0), Piece(start_seconds=20.0, end_seconds=22.0, layout=Layout.FOCUS, windows=(moving,)),
    )  # fmt: skip
    word = ShownWord(start_seconds=1.0, end_seconds=2.0, text="word", page=0)
    plan = ClipPlan(
        start_seconds=10.0, end_seconds=22.0, video_index=0, audio_index=1, captions=(), pieces=pieces, words=(word,), watermark="ours"
    )

    found = cover_plan(plan, 2.0, "Title")

    (piece,) = found.pieces
    assert (piece.start_seconds, piece.layout) == (21.0, Layout.FOCUS)
    assert (piece.windows[0].path[0].left, found.seconds) == pytest.approx((0.3, STILL_SECONDS))
    assert (found.words, found.hook_text, found.watermark) == ((), "Title", "ours")


@pytest.mark.parametrize(("at", "start"), [(0.0, 3.0), (3.0, 6.0), (9.0, 7.0 - STILL_SECONDS)])
def test_the_cover_of_a_clip_without_pieces_is_inside_of_it(at: float, start: float):
    plan = ClipPlan(start_seconds=3.0, end_seconds=7.0, video_index=0, audio_index=None, captions=())

    assert cover_plan(plan, at, None).start_seconds == pytest.approx(start)
