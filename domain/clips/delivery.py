"""Checks before a clip is delivered: what was measured of the file, and what must be true of it. Measuring is in `gateways.media`."""

from dataclasses import dataclass

Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was measured of a finished clip, decoded from end to end. Spans are seconds of the clip; loudness is None for silence.

    `face_share`: of the pictures in which the layout promises a face, those in which the whole of one is; None where it promises none.
    `fingerprint`: perceptual hashes (64 bits each), one a second.
    """

    width: int
    height: int
    seconds: float
    video_seconds: float
    audio_seconds: float
    offset_seconds: float
    is_decodable: bool
    black: Spans
    frozen: Spans
    silent: Spans
    loudness_lufs: float | None
    peak_dbtp: float | None
    face_share: float | None
    fingerprint: tuple[int, ...]
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: what was measured, the limit, and in words what is wrong or right. `at_seconds`: where in the clip to look."""

    name: str
    is_passed: bool
    value: float | None
    limit: float | None
    detail: str
    at_seconds: float | None = None
