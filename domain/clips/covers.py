"""Which picture of a clip makes its cover, and how it is drawn. Nothing is learned here.

It is sharp, lit, a face is large in it, nothing moves, and it is away from cuts. The score orders the pictures of one clip; it is ours,
it was fitted to nothing, and it predicts no clicks.
"""

from collections.abc import Sequence
from dataclasses import replace

from domain.clips.analysis import MediaAnalysis, Sample
from domain.clips.framing.shown import place_of
from domain.clips.pieces import Piece, Point, on_clip
from domain.media import ClipPlan

# Below it a picture is black, above it burnt out: shares of white.
DARKEST, BRIGHTEST = 0.08, 0.95
CUT_SECONDS = 0.3
# Long enough for a picture of every rate that clips have.
STILL_SECONDS = 0.2
# A face is as large as it needs to be from this share of the picture's height on.
_LARGE = 0.35
# A picture much less sharp than its neighbours is of a blink, a turn of the head or a fade.
_BLURRED_SHARE = 0.6
_NEIGHBOURS_SECONDS = 1.0
_FACE_WEIGHT, _SHARP_WEIGHT, _LIGHT_WEIGHT, _STILL_WEIGHT = 2.0, 1.0, 0.5, 0.5


def best_frame(analysis: MediaAnalysis, pieces: Sequence[Piece]) -> float | None:
    """Its moment in seconds of the clip, without an intro; of equals the earlier. None where no picture does: all black, or none seen."""
    lit = [each for piece in pieces for each in analysis.seen(piece.start_seconds, piece.end_seconds) if _is_lit(each)]
    edges = [*analysis.cuts, *(edge for piece in pieces for edge in (piece.start_seconds, piece.end_seconds))]
    usable = [sample for sample in lit if not _is_blurred(sample, lit)]
    apart = [sample for sample in usable if all(abs(sample.at_seconds - edge) >= CUT_SECONDS for edge in edges)] or usable
    if not apart:
        return None
    sharpest = max(sample.sharpness for sample in apart) or 1.0
    best = max(apart, key=lambda sample: (_score(sample, sharpest), -sample.at_seconds))
    return on_clip(pieces, best.at_seconds)


def cover_plan(plan: ClipPlan, at_seconds: float, title: str | None) -> ClipPlan:
    """A moment of a clip as it is laid out there, without its captions and what is around it; its first picture is the cover."""
    bare = replace(
        plan, audio_index=None, captions=(), words=(), obstacles=(), hook_text=title, music_key=None, intro_key=None, outro_key=None
    )
    passed = 0.0
    for piece in plan.pieces:
        if at_seconds < passed + piece.seconds or piece is plan.pieces[-1]:
            moment = _moment(piece, min(at_seconds - passed, piece.seconds - STILL_SECONDS))
            return replace(bare, start_seconds=moment.start_seconds, end_seconds=moment.end_seconds, pieces=(moment,))
        passed += piece.seconds
    start = plan.start_seconds + min(at_seconds, plan.seconds - STILL_SECONDS)
    return replace(bare, start_seconds=start, end_seconds=start + STILL_SECONDS)


def _moment(piece: Piece, into_seconds: float) -> Piece:
    into = max(0.0, into_seconds)
    start = piece.start_seconds + into
    windows = tuple(replace(each, path=(Point(0.0, *place_of(each, into)),)) for each in piece.windows)
    return replace(piece, start_seconds=start, end_seconds=start + STILL_SECONDS, windows=windows)


def _is_lit(sample: Sample) -> bool:
    return DARKEST <= sample.brightness <= BRIGHTEST


def _is_blurred(sample: Sample, lit: Sequence[Sample]) -> bool:
    near = sorted(each.sharpness for each in lit if abs(each.at_seconds - sample.at_seconds) <= _NEIGHBOURS_SECONDS)
    return sample.sharpness < _BLURRED_SHARE * near[(len(near) - 1) // 2]


def _score(sample: Sample, sharpest: float) -> float:
    face = max((min(1.0, each.height / _LARGE) for each in sample.faces), default=0.0)
    light = 1.0 - abs(sample.brightness - 0.5) * 2
    parts = ((_FACE_WEIGHT, face), (_SHARP_WEIGHT, sample.sharpness / sharpest), (_LIGHT_WEIGHT, light), (_STILL_WEIGHT, 1 - sample.motion))
    return sum(weight * share for weight, share in parts)
