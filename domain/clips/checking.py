"""What must be true of transcripts, looks, candidates and clips; what is not comes back as sentences. `assets.clip_checks` asks."""

from collections.abc import Sequence
from itertools import pairwise

from domain.clips.analysis import MediaAnalysis
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


def misfit(analysis: MediaAnalysis, *, duration_seconds: float) -> list[str]:
    """What is wrong with a look at a video, beside the video."""
    found = []
    if abs(analysis.seconds - duration_seconds) > SECONDS_TOLERANCE:
        found.append(f"it is about {analysis.seconds:.2f} s, the video has {duration_seconds:.2f}")
    if not _rises((0.0, *analysis.cuts, duration_seconds)):
        found.append("its cuts are out of order, or outside of the video")
    if not _rises([sample.at_seconds for sample in analysis.samples]):
        found.append("its pictures are out of order")
    return found


def _rises(times: Sequence[float]) -> bool:
    return all(before < after for before, after in pairwise(times))


def overreach(span: tuple[float, float], sentences: Sequence[Sentence], *, duration_seconds: float, wanted: Wanted) -> list[str]:
    """What is wrong with the part that was chosen."""
    start, end = span
    found = []
    if start < 0 or end > duration_seconds + _ROUNDING:
        found.append(f"it goes from {start:.2f} to {end:.2f} s of {duration_seconds:.2f} s")
    found += edge_faults(span, sentences)
    if not wanted.min_seconds - _ROUNDING <= end - start <= wanted.max_seconds + _ROUNDING:
        found.append(f"it has {end - start:.2f} s, not {wanted.min_seconds:g} to {wanted.max_seconds:g}")
    return found


def edge_faults(span: tuple[float, float], sentences: Sequence[Sentence]) -> list[str]:
    """What is wrong with where a part begins and ends: at sentences, with little before and after them."""
    start, end = span
    found = []
    if not any(-_ROUNDING <= each.start_seconds - start <= LEAD_SECONDS + _ROUNDING for each in sentences):
        found.append(f"no sentence begins at {start:.2f} s")
    if not any(-_ROUNDING <= end - each.end_seconds <= TAIL_SECONDS + _ROUNDING for each in sentences):
        found.append(f"no sentence ends at {end:.2f} s")
    if any(each.start_seconds + _ROUNDING < edge < each.end_seconds - _ROUNDING for each in sentences for edge in span):
        found.append("it cuts a sentence in two")
    return found


def shape_faults(
    size: tuple[int, int], *, seconds: float, planned_seconds: float, planned_size: tuple[int, int] = (WIDTH, HEIGHT)
) -> list[str]:
    """What is wrong with the size or the length of a rendered clip."""
    return [each for each in (size_fault(size, planned_size), seconds_fault(seconds, planned_seconds)) if each]


def size_fault(size: tuple[int, int], wanted: tuple[int, int] = (WIDTH, HEIGHT)) -> str | None:
    return None if size == wanted else f"it is {size[0]}x{size[1]}, not {wanted[0]}x{wanted[1]}"


def seconds_fault(seconds: float, planned_seconds: float, *, subject: str = "it") -> str | None:
    if abs(seconds - planned_seconds) <= SECONDS_TOLERANCE:
        return None
    return f"{subject} has {seconds:.2f} s, not {planned_seconds:.2f} s"


def loudness_fault(lufs: float) -> str | None:
    if abs(lufs - TARGET_LUFS) <= LUFS_TOLERANCE:
        return None
    return f"its loudness is {lufs:.1f} LUFS, not {TARGET_LUFS:.0f} within {LUFS_TOLERANCE:g}"
