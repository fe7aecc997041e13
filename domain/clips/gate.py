"""What must be true of a clip before it is delivered: one row per check, its limit, and what is said of it.

A check whose facts are not at hand (no transcript, no face promised) is absent; it neither passes nor fails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.clips.captions_placed import covered, outside
from domain.clips.case import Case, Known, Told, excused, longest, worst
from domain.clips.checking import edge_faults, loudness_fault, seconds_fault, size_fault
from domain.clips.delivery import CaptionBox, Finding, Inspection, Spans
from domain.clips.likeness import SAME_SHARE, Earlier, likeness
from domain.clips.states import SECONDS_TOLERANCE
from domain.media import LUFS_TOLERANCE, PEAK_DBTP, QUIET_LUFS, ClipPlan

# EBU R37 allows 40 ms early and 60 ms late; AAC's packets alone last 21 ms.
OFFSET_SECONDS = 0.08
BLACK_SECONDS, FROZEN_SECONDS, SILENT_SECONDS = 0.5, 3.0, 3.0
FACE_SHARE = 0.9
# Captions are measured to a pixel of a smaller picture.
CAPTION_OVERFLOW = 0.005
FACE_COVERED = 0.2


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the gate."""

    name: str
    limit: float | None
    judge: Callable[[Case], Told | None]


def findings(inspection: Inspection, plan: ClipPlan, earlier: Sequence[Earlier] = (), known: Known | None = None) -> tuple[Finding, ...]:
    """What each check found. Of a clip that cannot be decoded at all there is only that to say."""
    case = Case(inspection=inspection, plan=plan, earlier=earlier, known=known or Known())
    rows = CHECKS if inspection.is_measured else CHECKS[:1]
    judged = ((row, row.judge(case)) for row in rows)
    return tuple(
        Finding(name=row.name, is_passed=told.is_passed, value=told.value, limit=row.limit, detail=told.detail, at_seconds=told.at_seconds)
        for row, told in judged
        if told is not None
    )


def _decodable(case: Case) -> Told:
    trouble = case.inspection.trouble or "something in it cannot be decoded"
    return Told(True, None, "it decodes from end to end") if case.inspection.is_decodable else Told(False, None, trouble)


def _duration(case: Case) -> Told:
    """The file, its picture and its sound each; a file says how long its longest stream is."""
    found = case.inspection
    lengths = {"it": found.seconds, "its picture": found.video_seconds, "its sound": found.audio_seconds or found.seconds}
    name, seconds = max(lengths.items(), key=lambda each: abs(each[1] - case.seconds))
    fault = seconds_fault(seconds, case.seconds, subject=name)
    return Told(not fault, seconds, fault or f"it has {seconds:.2f} s, as planned", min(seconds, case.seconds) if fault else None)


def _size(case: Case) -> Told:
    found = case.inspection
    fault = size_fault((found.width, found.height), (case.plan.width, case.plan.height))
    return Told(not fault, None, fault or f"it is {found.width}x{found.height}, as planned")


def _offset(case: Case) -> Told | None:
    if not case.inspection.audio_seconds:
        return None
    late = case.inspection.offset_seconds
    is_off = abs(late) > OFFSET_SECONDS
    side = "later" if late > 0 else "earlier"
    said = f"its sound begins {abs(late):.3f} s {side} than its picture" if is_off else "its sound and its picture begin together"
    return Told(not is_off, abs(late), said, 0.0 if is_off else None)


def _black(case: Case) -> Told:
    return worst(case.own(case.inspection.black), BLACK_SECONDS, "the picture is black for {:.1f} s", "no black picture")


def _frozen(case: Case) -> Told:
    spans = case.own(case.inspection.frozen)
    return excused(case, spans, case.is_source_still, FROZEN_SECONDS, ("the picture stands still for {:.1f} s", "the picture moves"))


def _silent(case: Case) -> Told:
    spans = case.own(case.inspection.silent)
    if not case.inspection.audio_seconds:
        return Told(False, None, "the file has no sound track; several players refuse that")
    if case.plan.audio_index is None:
        return Told(True, None, "the video has no sound")
    said = "nothing is heard at all" if _is_all(spans, case.plan.seconds) else "nothing is heard for {:.1f} s"
    limit = min(SILENT_SECONDS, 0.95 * case.plan.seconds)
    return excused(case, spans, case.is_source_silent, limit, (said, "something is heard throughout"))


def _loudness(case: Case) -> Told:
    lufs = case.inspection.loudness_lufs
    if lufs is None or lufs < QUIET_LUFS:
        return Told(True, lufs, "silence has no loudness" if lufs is None else "too quiet for anything but its noise to be made louder")
    fault = loudness_fault(lufs)
    return Told(not fault, lufs, fault or f"its loudness is {lufs:.1f} LUFS")


def _peak(case: Case) -> Told | None:
    peak = case.inspection.peak_dbtp
    if peak is None:
        return None
    return Told(peak <= PEAK_DBTP, peak, f"its true peak is {peak:.1f} dBTP")


def _captions(case: Case) -> Told | None:
    area = case.known.safe_area
    furthest = max(case.inspection.captions, key=lambda each: outside(each, area), default=None)
    if furthest is None:
        return None
    beyond = max(0.0, outside(furthest, area))
    said = f"a caption stands {beyond:.1%} of the frame outside of what players leave free"
    is_out = beyond > CAPTION_OVERFLOW
    said = said if is_out else "every caption stands inside of what players leave free"
    return Told(not is_out, beyond, said, _middle(case, furthest) if is_out else None)


def _covered(case: Case) -> Told | None:
    if not case.inspection.captions or not case.plan.obstacles:
        return None
    box = max(case.inspection.captions, key=lambda each: covered(each, case.plan.obstacles))
    share = covered(box, case.plan.obstacles)
    is_passed = share <= FACE_COVERED
    return Told(is_passed, share, f"captions cover {share:.0%} of a face at most", None if is_passed else _middle(case, box))


def _faces(case: Case) -> Told | None:
    share = case.inspection.face_share
    if share is None:
        return None
    lost = longest(case.inspection.faceless)
    is_passed = share >= FACE_SHARE
    at = lost[0] if lost and not is_passed else None
    return Told(is_passed, share, f"a whole face is seen in {share:.0%} of the pictures that promise one", at)


def _likeness(case: Case) -> Told | None:
    found = [(likeness(case.inspection.fingerprint, case.spans, each), each) for each in case.earlier]
    if not found:
        return None
    like, other = max(found, key=lambda each: (each[0].is_telling and each[0].share >= SAME_SHARE, each[0].share))
    if like.share >= SAME_SHARE and not like.is_telling:
        return Told(True, None, "its picture hardly changes, so it cannot be told from others by it")
    is_same = like.share >= SAME_SHARE
    said = f"{like.share:.0%} of it, or of clip {other.clip_id}, is in the other one" if is_same else "no earlier clip is much like it"
    return Told(not is_same, like.share, said, 0.0 if is_same else None)


def _sentences(case: Case) -> Told | None:
    if case.known.sentences is None:
        return None
    wrong = edge_faults((case.plan.start_seconds, case.plan.end_seconds), case.known.sentences)
    return Told(not wrong, None, "; ".join(wrong) or "it begins and ends with whole sentences", 0.0 if wrong else None)


def _is_all(spans: Spans, seconds: float) -> bool:
    return sum(end - start for start, end in spans) > 0.95 * seconds


def _middle(case: Case, box: CaptionBox) -> float:
    return case.known.lead_seconds + (box.start_seconds + box.end_seconds) / 2


CHECKS = (
    Check("decodable", None, _decodable),
    Check("duration", SECONDS_TOLERANCE, _duration),
    Check("size", None, _size),
    Check("offset", OFFSET_SECONDS, _offset),
    Check("black", BLACK_SECONDS, _black),
    Check("frozen", FROZEN_SECONDS, _frozen),
    Check("silence", SILENT_SECONDS, _silent),
    Check("loudness", LUFS_TOLERANCE, _loudness),
    Check("true_peak", PEAK_DBTP, _peak),
    Check("captions_outside", CAPTION_OVERFLOW, _captions),
    Check("faces_covered", FACE_COVERED, _covered),
    Check("face_share", FACE_SHARE, _faces),
    Check("likeness", SAME_SHARE, _likeness),
    Check("sentences", None, _sentences),
)
