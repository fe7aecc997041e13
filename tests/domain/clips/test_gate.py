"""What stands between a rendered clip and whoever asked for it."""

from dataclasses import replace
from typing import Any

import pytest

from domain.clips.analysis import MediaAnalysis, Sample
from domain.clips.case import Known
from domain.clips.delivery import CaptionBox, Finding, Inspection, faults, is_deliverable
from domain.clips.gate import CHECKS, findings
from domain.clips.likeness import Earlier
from domain.clips.pieces import Piece
from domain.media import ClipPlan, Obstacle
from domain.transcripts import Sentence

PLAN = ClipPlan(start_seconds=10.0, end_seconds=30.0, video_index=0, audio_index=1, captions=())
GOOD = Inspection(
    width=1080, height=1920, seconds=20.0, video_seconds=20.0, audio_seconds=20.02, offset_seconds=0.0, is_decodable=True, black=(),
    frozen=(), silent=(), loudness_lufs=-14.2, peak_dbtp=-1.3, face_share=None,
    fingerprint=tuple(0x0123456789ABCDEF * step % 2**64 for step in range(20)),
)  # fmt: skip
BOX = CaptionBox(start_seconds=2.0, end_seconds=3.0, left=0.2, top=0.5, right=0.8, bottom=0.6)
SENTENCES = (Sentence(10.1, 14.0, "One.", True), Sentence(14.5, 29.7, "Two.", True), Sentence(30.5, 40.0, "Three.", True))


def judged(
    change: dict[str, Any], *, plan: ClipPlan = PLAN, known: Known | None = None, earlier: tuple[Earlier, ...] = ()
) -> dict[str, Finding]:
    return {each.name: each for each in findings(replace(GOOD, **change), plan, earlier, known)}


def source(*, motion: float = 0.2, level: float = -20.0) -> MediaAnalysis:
    """A video of 40 s whose seconds 15 to 20 move and sound as told."""
    samples = tuple(Sample(at_seconds=at / 5, motion=motion if 15 <= at / 5 < 20 else 0.2) for at in range(200))
    levels = tuple(level if 150 <= at < 200 else -20.0 for at in range(400))
    return MediaAnalysis(width=1920, height=1080, seconds=40.0, samples=samples, levels_db=levels)


def test_a_clip_as_planned_is_deliverable() -> None:
    found = findings(GOOD, PLAN)

    assert is_deliverable(found)
    assert faults(found) == []


def test_what_was_never_checked_is_not_deliverable() -> None:
    assert not is_deliverable(())


def test_names_are_one_row_each() -> None:
    assert len({each.name for each in CHECKS}) == len(CHECKS) == 14


@pytest.mark.parametrize(
    ("change", "name", "at", "words"),
    [
        ({"is_decodable": False, "trouble": "it breaks off"}, "decodable", None, "it breaks off"),
        ({"seconds": 20.16}, "duration", 20.0, "20.16 s, not 20.00 s"),
        ({"audio_seconds": 19.8}, "duration", 19.8, "its sound has 19.80 s"),
        ({"video_seconds": 12.0}, "duration", 12.0, "its picture has 12.00 s"),
        ({"width": 1920}, "size", None, "1920x1920, not 1080x1920"),
        ({"offset_seconds": 0.081}, "offset", 0.0, "0.081 s later"),
        ({"offset_seconds": -0.2}, "offset", 0.0, "0.200 s earlier"),
        ({"black": ((3.0, 3.2), (5.0, 5.6))}, "black", 5.0, "black for 0.6 s"),
        ({"frozen": ((4.0, 7.1),)}, "frozen", 4.0, "stands still for 3.1 s; nobody looked"),
        ({"silent": ((4.0, 7.1),)}, "silence", 4.0, "nothing is heard for 3.1 s"),
        ({"audio_seconds": 0.0, "loudness_lufs": None, "peak_dbtp": None}, "silence", None, "no sound track"),
        ({"silent": ((0.0, 20.0),), "loudness_lufs": None, "peak_dbtp": None}, "silence", 0.0, "nothing is heard at all"),
        ({"loudness_lufs": -14.6}, "loudness", None, "-14.6 LUFS, not -14 within 0.5"),
        ({"loudness_lufs": -13.4}, "loudness", None, "-13.4 LUFS"),
        ({"peak_dbtp": -0.9}, "true_peak", None, "-0.9 dBTP"),
        ({"captions": (BOX, replace(BOX, right=0.878))}, "captions_outside", 2.5, "3.0% of the frame"),
        ({"captions": (replace(BOX, bottom=0.7),)}, "captions_outside", 2.5, "5.0% of the frame"),
        ({"face_share": 0.85, "faceless": ((1.0, 1.5), (8.0, 10.0))}, "face_share", 8.0, "85%"),
    ],
)  # fmt: skip
def test_each_fault_blocks_alone_and_says_what_and_where(change: dict[str, Any], name: str, at: float | None, words: str) -> None:
    found = findings(replace(GOOD, **change), PLAN)

    (failed,) = [each for each in found if not each.is_passed]
    assert (failed.name, failed.at_seconds) == (name, at)
    assert words in failed.detail
    assert not is_deliverable(found)


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": 20.15}, {"offset_seconds": -0.08}, {"black": ((3.0, 3.5),)}, {"frozen": ((4.0, 7.0),)}, {"silent": ((4.0, 7.0),)},
        {"loudness_lufs": -14.5}, {"loudness_lufs": -13.5}, {"peak_dbtp": -1.0}, {"captions": (replace(BOX, bottom=0.654),)},
        {"face_share": 0.9},
    ],
)  # fmt: skip
def test_at_its_limit_a_check_passes(change: dict[str, Any]) -> None:
    assert is_deliverable(findings(replace(GOOD, **change), PLAN))


def test_of_a_file_that_nothing_decodes_of_only_that_is_said() -> None:
    found = judged({"is_decodable": False, "video_seconds": 0.0, "seconds": 0.0, "trouble": "the file is empty"})

    assert list(found) == ["decodable"]
    assert found["decodable"].detail == "the file is empty"


def test_a_picture_that_stands_still_in_the_video_too_is_no_fault() -> None:
    still, moving = (judged({"frozen": ((5.0, 10.0),)}, known=Known(source=source(motion=motion)))["frozen"] for motion in (0.0, 0.2))

    assert (still.is_passed, moving.is_passed) == (True, False)
    assert "as in the video itself" in still.detail
    assert "nobody looked" not in moving.detail


def test_silence_of_the_video_is_no_fault_and_lost_sound_is() -> None:
    silent, loud = (judged({"silent": ((5.0, 10.0),)}, known=Known(source=source(level=level)))["silence"] for level in (-90.0, -20.0))

    assert (silent.is_passed, loud.is_passed) == (True, False)


def test_a_video_without_sound_makes_a_silent_clip() -> None:
    change = {"silent": ((0.0, 20.0),), "loudness_lufs": None, "peak_dbtp": None}

    assert judged(change, plan=replace(PLAN, audio_index=None))["silence"].is_passed
    assert judged(change, known=Known(source=replace(source(), levels_db=())))["silence"].is_passed


def test_an_earlier_clip_that_is_much_the_same_blocks_and_is_named() -> None:
    same, other = (Earlier(clip_id="abc", fingerprint=(), spans=((start, start + 20.0),)) for start in (12.0, 25.0))

    assert "clip abc" in judged({}, earlier=(other, same))["likeness"].detail
    assert not judged({}, earlier=(other, same))["likeness"].is_passed
    assert judged({}, earlier=(other,))["likeness"].is_passed


def test_a_picture_that_hardly_changes_accuses_nobody() -> None:
    room, film = (5,) * 20, tuple(GOOD.fingerprint)
    rooms = Earlier(clip_id="room", fingerprint=room)

    found = judged({"fingerprint": room}, earlier=(rooms,))["likeness"]

    assert (found.is_passed, "hardly changes" in found.detail) == (True, True)
    assert "clip film" in judged({}, earlier=(rooms, Earlier(clip_id="film", fingerprint=film)))["likeness"].detail


def test_a_span_of_the_clip_is_looked_up_through_its_pieces() -> None:
    """The video stands still from 15 to 20; with 12 to 15 cut out, that is 2 to 7 of the clip."""
    plan = replace(PLAN, pieces=(Piece(start_seconds=10.0, end_seconds=12.0), Piece(start_seconds=15.0, end_seconds=33.0)))
    known = Known(source=source(motion=0.0))

    assert judged({"frozen": ((2.0, 7.0),)}, plan=plan, known=known)["frozen"].is_passed
    assert not judged({"frozen": ((5.0, 10.0),)}, plan=plan, known=known)["frozen"].is_passed


def test_what_comes_before_and_after_may_stand_still_but_counts_for_the_length() -> None:
    known = Known(lead_seconds=5.0, tail_seconds=4.0)
    longer: dict[str, Any] = {"seconds": 29.0, "video_seconds": 29.0, "audio_seconds": 29.0}
    ends = ((0.0, 5.0), (25.0, 29.0))
    quiet_ends: dict[str, Any] = {"black": ends, "frozen": ends, "silent": ends}

    assert is_deliverable(findings(replace(GOOD, **longer, **quiet_ends), PLAN, (), known))
    assert not judged({}, known=known)["duration"].is_passed
    assert judged({**longer, "black": ((4.0, 6.0),)}, known=known)["black"].at_seconds == 5.0


def test_a_caption_over_a_face_is_told_with_its_time() -> None:
    face = Obstacle(start_seconds=2.5, end_seconds=6.0, left=0.4, top=0.3, right=0.6, bottom=0.55)
    seen = judged({"captions": (BOX,)}, plan=replace(PLAN, obstacles=(face,)))["faces_covered"]
    gone = judged({"captions": (BOX,)}, plan=replace(PLAN, obstacles=(replace(face, start_seconds=3.0),)))["faces_covered"]

    assert seen.value == pytest.approx(0.2)
    assert judged({"captions": (replace(BOX, top=0.4),)}, plan=replace(PLAN, obstacles=(face,)))["faces_covered"].at_seconds == 2.5
    assert (gone.value, gone.is_passed) == (0.0, True)


def test_facts_that_are_not_at_hand_make_no_finding() -> None:
    assert set(judged({})) & {"face_share", "captions_outside", "faces_covered", "likeness", "sentences"} == set()


@pytest.mark.parametrize(("end", "words"), [(30.0, "whole sentences"), (32.0, "no sentence ends at 32.00 s; it cuts a sentence in two")])
def test_a_clip_begins_and_ends_with_whole_sentences(end: float, words: str) -> None:
    change = {"seconds": end - 10, "video_seconds": end - 10, "audio_seconds": end - 10}

    found = judged(change, plan=replace(PLAN, end_seconds=end), known=Known(sentences=SENTENCES))["sentences"]

    assert words in found.detail
    assert found.is_passed == (end == 30.0)
