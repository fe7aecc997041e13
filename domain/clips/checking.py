"""What must be true of transcripts, candidates and rendered clips; what is not comes back as sentences. `assets.clip_checks` asks."""

from collections.abc import Sequence

from domain.clips.asked import Wanted
from domain.clips.choosing import LEAD_SECONDS, TAIL_SECONDS
from domain.clips.states import HEIGHT, SECONDS_TOLERANCE, WIDTH
from domain.media import LUFS_TOLERANCE, TARGET_LUFS
from domain.transcripts import Sentence, Transcript

# Times are stored to the millisecond.
_ROUNDING = 0.0015


def disorder(transcript: Transcript, *, duration_seconds: float) -> list[str]:
    """What is wrong with a transcript's sentences."""
    found = []
    before = 0.0
    for number, sentence in enumerate(transcript.sentences, 1):
        if not sentence.text.strip():
            found.append(f"sentence {number} has no words")
        if sentence.start_seconds < before - _ROUNDING or sentence.end_seconds < sentence.start_seconds:
            found.append(f"sentence {number} is out of order")
        if sentence.end_seconds > duration_seconds + _ROUNDING:
            found.append(f"sentence {number} ends after the video")
        before = sentence.start_seconds
    return found


def overreach(span: tuple[float, float], sentences: Sequence[Sentence], *, duration_seconds: float, wanted: Wanted) -> list[str]:
    """What is wrong with the part that was chosen."""
    start, end = span
    found = []
    if start < 0 or end > duration_seconds + _ROUNDING:
        found.append(f"it goes from {start:.2f} to {end:.2f} s of {duration_seconds:.2f} s")
    if not any(-_ROUNDING <= each.start_seconds - start <= LEAD_SECONDS + _ROUNDING for each in sentences):
        found.append(f"no sentence begins at {start:.2f} s")
    if not any(-_ROUNDING <= end - each.end_seconds <= TAIL_SECONDS + _ROUNDING for each in sentences):
        found.append(f"no sentence ends at {end:.2f} s")
    if any(each.start_seconds + _ROUNDING < edge < each.end_seconds - _ROUNDING for each in sentences for edge in span):
        found.append("it cuts a sentence in two")
    if not wanted.min_seconds - _ROUNDING <= end - start <= wanted.max_seconds + _ROUNDING:
        found.append(f"it has {end - start:.2f} s, not {wanted.min_seconds:g} to {wanted.max_seconds:g}")
    return found


def shape_faults(size: tuple[int, int], *, seconds: float, planned_seconds: float) -> list[str]:
    """What is wrong with the size or the length of a rendered clip."""
    found = []
    if size != (WIDTH, HEIGHT):
        found.append(f"it is {size[0]}x{size[1]}, not {WIDTH}x{HEIGHT}")
    if abs(seconds - planned_seconds) > SECONDS_TOLERANCE:
        found.append(f"it has {seconds:.2f} s, not {planned_seconds:.2f} s")
    return found


def faults(size: tuple[int, int], *, seconds: float, planned_seconds: float, loudness_lufs: float | None) -> list[str]:
    """What is wrong with a rendered clip; silence has no loudness."""
    found = shape_faults(size, seconds=seconds, planned_seconds=planned_seconds)
    if loudness_lufs is not None and abs(loudness_lufs - TARGET_LUFS) > LUFS_TOLERANCE:
        found.append(f"its loudness is {loudness_lufs:.1f} LUFS, not {TARGET_LUFS:.0f} within {LUFS_TOLERANCE:.0f}")
    return found
