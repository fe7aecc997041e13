"""Which picture of a clip makes its cover: sharp, lit, a face large in it, not moving, and away from cuts. Nothing is learned here.

The score orders the pictures of one clip; it is ours, it was fitted to nothing, and it predicts no clicks.
"""

from collections.abc import Sequence

from domain.clips.analysis import MediaAnalysis, Sample
from domain.clips.pieces import Piece, on_clip

# Below it a picture is black, above it burnt out: shares of white.
DARKEST, BRIGHTEST = 0.08, 0.95
CUT_SECONDS = 0.3
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
