"""What was measured of a finished clip, and what was found of it. What must be true is in `gate`, measuring in `gateways.media`."""

from collections.abc import Iterable
from dataclasses import dataclass

Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionBox:
    """Where captions were drawn (shares of the frame, outline included) for some seconds of the clip, its intro left out."""

    start_seconds: float
    end_seconds: float
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was measured of a finished clip, decoded from end to end. Spans are seconds of the clip; loudness is None for silence.

    `face_share`: of the pictures in which the layout promises a face, those in which the whole of one is; None where it promises none.
    `faceless`: where they are not. `fingerprint`: perceptual hashes (64 bits each), one a second. `offset_seconds`: how much later the
    sound begins than the picture. Where nothing could be decoded, `trouble` says why, and nothing else says anything.
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
    faceless: Spans = ()
    captions: tuple[CaptionBox, ...] = ()

    @property
    def is_measured(self) -> bool:
        """Whether there was anything to measure."""
        return self.video_seconds > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check: what was measured, the limit, and in words what is wrong or right. `at_seconds`: where in the clip to look."""

    name: str
    is_passed: bool
    value: float | None
    limit: float | None
    detail: str
    at_seconds: float | None = None


def is_deliverable(found: Iterable[Finding]) -> bool:
    """Whether nothing stands against handing the clip over. What was not checked at all cannot be delivered either."""
    checks = tuple(found)
    return bool(checks) and all(each.is_passed for each in checks)


def faults(found: Iterable[Finding]) -> list[str]:
    """What is wrong, in sentences."""
    return [f"{each.name}: {each.detail}" for each in found if not each.is_passed]
