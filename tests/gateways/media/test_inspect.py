"""Finished clips, made with one fault each, decoded and measured."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from skimage import data, io

from domain.clips.delivery import Inspection, is_deliverable
from domain.clips.gate import findings
from domain.clips.likeness import alike
from domain.clips.look import Layout
from domain.clips.pieces import Piece
from domain.errors import Unwanted
from domain.media import Cue, MediaLimits
from gateways.media.faces_promised import kept_promises
from gateways.media.inspecting import Inspecting, inspect
from gateways.media.measures import spans
from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import MARKED, ffmpeg, made, plan

Sample = Callable[[str], Path]
FILM = "testsrc2=s=270x480:r=25:d=5"
PINK = "anoisesrc=color=pink:duration=5:amplitude=0.5:seed=1"
AAC = ("-c:a", "aac", "-b:a", "96k")


def looked_at(stored: Bench, path: Path, **change: Any) -> Inspection:
    return stored.media.inspect(stored.key(path), plan(end_seconds=5.0, **change), is_unwanted=lambda: False)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds without a fault, near enough to -14 LUFS."""
    return made(tmp_path_factory.mktemp("film") / "film.mp4", FILM, *AAC, sound=f"{PINK},volume=1.9dB,alimiter=limit=0.7:level=0")


def test_a_rendered_clip_is_measured_and_deliverable(stored: Bench, sample: Sample):
    clip, _ = stored.clip(sample("moving"), end_seconds=2.0, captions=(Cue(0.2, 1.8, "Said and shown"),))
    done = plan(captions=(Cue(0.2, 1.8, "Said and shown"),))

    found = stored.media.inspect(clip.key, done, is_unwanted=lambda: False)

    assert (found.width, found.height, found.is_decodable, found.trouble) == (270, 480, True, None)
    assert [found.video_seconds, found.audio_seconds] == pytest.approx([2.0, 2.0], abs=0.03)
    assert found.offset_seconds == 0.0
    assert (found.black, found.frozen, found.silent, found.face_share) == ((), (), (), None)
    assert len(found.fingerprint) == 2
    assert found.loudness_lufs == pytest.approx(clip.loudness_lufs, abs=0.2)
    assert is_deliverable(findings(found, done))
    assert stored.left == []


def test_black_and_silent_spans_are_found_to_a_tenth_of_a_second(stored: Bench, tmp_path: Path, film: Path):
    path = tmp_path / "gaps.mp4"
    black = "drawbox=t=fill:color=black:enable='between(t,1,1.79)'"
    ffmpeg("-i", str(film), "-vf", black, "-af", "volume=0:enable='between(t,1.5,4.9)'", *AAC, "-preset", "ultrafast", str(path))

    found = looked_at(stored, path)

    assert [*found.black[0], len(found.black)] == pytest.approx([1.0, 1.8, 1], abs=0.06)
    assert [*found.silent[0], len(found.silent)] == pytest.approx([1.5, 4.9, 1], abs=0.1)
    assert {"black", "silence"} <= {each.name for each in findings(found, plan(end_seconds=5.0)) if not each.is_passed}


def test_a_still_picture_is_found_below_captions_that_move(stored: Bench, tmp_path: Path):
    """Words that change on it would hide from ffmpeg that it stands still."""
    cues = tuple(Cue(at / 4, at / 4 + 0.25, ("HEAVY WORDS" if at % 2 else "ill")) for at in range(20))
    still = made(tmp_path / "still.mp4", MARKED.replace("d=2", "d=5"), sound=PINK)

    clip, _ = stored.render(still, end_seconds=5.0, captions=cues)
    found = looked_at(stored, stored.files.path(clip.key), captions=cues)
    blind = looked_at(stored, stored.files.path(clip.key))

    assert list(found.frozen[0]) == pytest.approx([0.0, 5.0], abs=0.1)
    assert blind.frozen == ()
    assert len(found.captions) >= 20


def test_a_film_that_moves_is_nowhere_still(stored: Bench, film: Path):
    assert looked_at(stored, film).frozen == ()


@pytest.mark.parametrize(("shift", "wanted"), [("0.3", 0.3), ("-0.2", None)])
def test_sound_that_begins_late_is_told_by_how_much(stored: Bench, tmp_path: Path, film: Path, shift, wanted):
    """Matroska keeps the times as they are; sound that begins earlier is found by its length."""
    path = tmp_path / "late.mkv"
    ffmpeg("-i", str(film), "-itsoffset", shift, "-i", str(film), "-map", "0:v", "-map", "1:a", "-c", "copy", str(path))

    found = looked_at(stored, path)

    assert found.offset_seconds == pytest.approx(0.3 if wanted else -0.2, abs=0.03)
    assert "offset" in {each.name for each in findings(found, plan(end_seconds=5.0)) if not each.is_passed}


def test_captions_are_measured_where_they_are_drawn(stored: Bench, film: Path, tmp_path: Path):
    """A script of our own that pushes a line out of the frame's side."""
    words = plan(end_seconds=5.0)
    pushed = r"""[Script Info]
PlayResX: 270
PlayResY: 480
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Outline, Alignment, MarginL, MarginR, MarginV
Style: Default,DejaVu Sans,20,&H00FFFFFF,2,2,0,0,120
[Events]
Format: Start, End, Style, Text
Dialogue: 0:00:01.00,0:00:02.00,Default,{\pos(200,300)}far out at the side
Dialogue: 0:00:03.00,0:00:04.00,Default,inside
"""
    found = inspect(Inspecting(path=film, plan=words, limits=MediaLimits(), folder=tmp_path, script=pushed))

    far, inside = found.captions
    assert (far.start_seconds, far.end_seconds) == (1.0, 2.0)
    assert far.right == 1.0
    assert inside.left + inside.right == pytest.approx(1.0, abs=0.03)
    assert inside.bottom == pytest.approx(0.75, abs=0.02)
    (told,) = [each for each in findings(found, words) if each.name == "captions_outside"]
    assert (told.is_passed, told.at_seconds) == (False, 1.5)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face for two seconds, then none for one."""
    folder = tmp_path_factory.mktemp("portrait")
    io.imsave(folder / "face.png", data.astronaut(), check_contrast=False)
    face = "scale=480:480,crop=270:480:90:0,setsar=1"
    ffmpeg(
        "-loop", "1", "-t", "2", "-r", "25", "-i", str(folder / "face.png"), "-f", "lavfi", "-i", "testsrc2=s=270x480:r=25:d=1",
        "-filter_complex", f"[0]{face},format=yuv420p[a];[1]format=yuv420p,setsar=1[b];[a][b]concat=n=2[v]", "-map", "[v]",
        "-c:v", "libx264", "-preset", "ultrafast", str(folder / "portrait.mp4"),
    )  # fmt: skip
    return folder / "portrait.mp4"


def test_faces_are_looked_for_where_the_layout_promises_one(stored: Bench, portrait: Path):
    found = looked_at(stored, portrait, pieces=(Piece(start_seconds=0, end_seconds=3, layout=Layout.FOCUS),))

    assert found.face_share == pytest.approx(4 / 6)
    assert found.faceless == ((2.0, 3.0),)


ONE, NONE, BOTH = [(0.3, 0.1, 0.7, 0.4)], list[tuple[float, float, float, float]](), [(0.3, 0.1, 0.7, 0.4), (0.3, 0.6, 0.7, 0.9)]


@pytest.mark.parametrize(
    ("layouts", "faces", "lead", "share", "faceless"),
    [
        ([Layout.FOCUS, Layout.FOCUS], [ONE, NONE, ONE, ONE, ONE, ONE], 0, 1.0, ()),
        ([Layout.FOCUS, Layout.FOCUS], [ONE, NONE, NONE, ONE, ONE, ONE], 0, 4 / 6, ((0.5, 1.5),)),
        ([Layout.FOCUS, Layout.FIT], [ONE, ONE, ONE, NONE, NONE, NONE], 0, 1.0, ()),
        ([Layout.FOCUS, Layout.SPLIT], [ONE, ONE, ONE, BOTH, BOTH, ONE], 0, 5 / 6, ((2.5, 3.0),)),
        ([Layout.FOCUS, Layout.SCREEN], [ONE, ONE, ONE, BOTH, BOTH, ONE], 0, 5 / 6, ((2.5, 3.0),)),
        ([Layout.FOCUS, Layout.FOCUS], [NONE, NONE, ONE, ONE, ONE, ONE, ONE, ONE, NONE], 1.0, 1.0, ()),
    ],
    ids=["one blink", "two blinks", "none promised", "two promised", "below", "after an intro"],
)
def test_a_promise_is_kept_by_a_face_in_each_of_its_parts(layouts, faces, lead, share, faceless):
    pieces = tuple(Piece(start_seconds=1.5 * at, end_seconds=1.5 * at + 1.5, layout=layout) for at, layout in enumerate(layouts))

    found = kept_promises(plan(pieces=pieces), faces, lead_seconds=lead)

    assert found is not None
    assert found.share == pytest.approx(share)
    assert found.faceless == faceless


def test_who_promises_no_face_is_not_measured():
    assert kept_promises(plan(), [ONE], lead_seconds=0) is None


def test_a_clip_encoded_again_has_nearly_the_same_fingerprint(stored: Bench, sample: Sample, tmp_path: Path):
    """Other size, other quality, two seconds later."""
    source = made(tmp_path / "one.mp4", "gradients=s=270x480:r=25:speed=0.08:seed=5:nb_colors=7:d=9", *AAC)
    ffmpeg("-ss", "2", "-i", str(source), "-vf", "scale=180:320,eq=brightness=0.03", "-crf", "34", str(tmp_path / "two.mp4"))

    one, two = (looked_at(stored, tmp_path / name).fingerprint for name in ("one.mp4", "two.mp4"))

    found = alike(two, one)
    assert found.offset_seconds in (1, 2)
    assert found.share == 1.0


def test_a_clip_that_breaks_off_is_no_clip(stored: Bench, film: Path, tmp_path: Path):
    whole, torn = tmp_path / "whole.mp4", tmp_path / "torn.mp4"
    ffmpeg("-i", str(film), "-c", "copy", "-movflags", "+faststart", str(whole))
    torn.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])

    found = looked_at(stored, torn)

    assert not found.is_decodable
    assert "does not decode cleanly" in (found.trouble or "")
    assert not is_deliverable(findings(found, plan(end_seconds=5.0)))


def test_damage_in_the_middle_of_a_stream_is_seen(stored: Bench, film: Path, tmp_path: Path):
    content = bytearray(film.read_bytes())
    at = content.index(b"mdat") + 20_000
    content[at : at + 3000] = bytes(3000)
    path = tmp_path / "hurt.mp4"
    path.write_bytes(content)

    assert not looked_at(stored, path).is_decodable


@pytest.mark.parametrize(
    "content", [b"", b"#EXTM3U\nhttp://127.0.0.1:9/x.ts\n", b"\0\0\0\x18ftypmp42" + bytes(400)], ids=["empty", "list", "cut"]
)
def test_what_cannot_be_opened_is_an_answer_and_no_error(stored: Bench, tmp_path: Path, content):
    path = tmp_path / "none.mp4"
    path.write_bytes(content)

    found = looked_at(stored, path)

    assert (found.is_decodable, found.is_measured) == (False, False)
    assert found.trouble
    assert [each.name for each in findings(found, plan())] == ["decodable"]


def test_a_look_that_nobody_wants_ends(stored: Bench, film: Path):
    with pytest.raises(Unwanted):
        stored.media.inspect(stored.key(film), plan(end_seconds=5.0), is_unwanted=lambda: True)

    assert stored.left == []


def test_spans_of_another_kind_are_not_taken(tmp_path: Path):
    told = tmp_path / "told.txt"
    told.write_text("frame:0\nlavfi.black_start=0\nframe:9\nlavfi.black_end=0.5\nlavfi.freezedetect.freeze_start=1.5\n")

    assert spans(told, "freeze", 4.0) == ((1.5, 4.0),)
    assert spans(told, "black", 4.0) == ((0.0, 0.5),)
    assert spans(tmp_path / "nothing.txt", "black", 4.0) == ()
