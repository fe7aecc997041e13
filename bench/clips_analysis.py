"""One look at a whole video (cuts, faces, mouths, levels) and what framing makes of it. The video is a minute of 1920x1080 at 30
pictures a second with grain and sound: the public-domain portrait of an astronaut moved along known paths over drawn stages. *Speed* is
wall clock, median of three, beside ffmpeg decoding the same file to nothing with two threads; *peak memory* is what the process holds,
asked once a second. *Face inside* counts the pictures in which the whole known face lies in the window; *jump* is the farthest that a
window moves between two pictures, in shares of the picture. *Four hours* is a small video of one picture a second.
"""

import json
import math
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import psutil

from bench.harness.rows import Row, Scale
from domain.clips.analysis import MediaAnalysis
from domain.clips.framing import frame_clip
from domain.clips.framing.shown import place_of
from domain.clips.look import Look
from domain.clips.pieces import Piece
from domain.media import MediaLimits
from gateways.media.analysis import analyse
from gateways.media.probe import probe, recognised
from gateways.media.runner import binary
from sandbox.portraits import Scene, Stood, compose, face_of, is_inside

TITLE = "Looking at a whole video, and framing by what was seen"

SIZE, RATE = (1920, 1080), 30
TONE = "sine=frequency=220:duration=60"
TIMES_REAL, MEGABYTES, INSIDE, JUMP = 8.0, 700, 0.98, 0.02


def _talks(at: float, *, is_his_turn: bool) -> float:
    return 0.5 + 0.5 * math.sin(at * 27) if is_his_turn else 0.0


def _stops(at: float) -> list[Stood]:
    places = (0.25, 0.5, 0.75, 0.35)
    step = int(at // 1.5) % 4
    share = min(1.0, (at % 1.5) / 0.8)
    return [Stood(places[step - 1] + (places[step] - places[step - 1]) * share if at >= 1.5 else places[0], 0.55, 0.5)]


SCENES = (
    Scene(seconds=3, stood=lambda at: [Stood(0.2 + 0.2 * at, 0.55)], stage=0),
    Scene(seconds=4, stood=lambda at: [Stood(0.5 + 0.3 * math.sin(at * 1.25), 0.52)], stage=1),
    Scene(seconds=5, stood=_stops, stage=2),
    Scene(seconds=3, stood=lambda at: [Stood(0.25, 0.55, mouth=_talks(at, is_his_turn=True)), Stood(0.75, 0.55)], stage=3),
    Scene(seconds=5, stood=lambda _: [Stood(0.25, 0.55, 0.5), Stood(0.75, 0.55, 0.5)], stage=4),
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen, and what it cost."""

    seen: MediaAnalysis
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def run(scale: Scale) -> list[Row]:
    rounds = 3 if scale.share == 1 else 1
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        folder = Path(name)
        source = _grained(compose(folder / "drawn.mp4", SCENES * rounds, size=SIZE, rate=RATE, sound=TONE))
        looked = _looked_at(source, folder, rounds=rounds)
        decoding = statistics.median(_timed(lambda: _decoded(source)) for _ in range(rounds))
        long = _looked_at(_long(folder), folder, rounds=1)
    return [*_costs(looked, decoding), _memory("peak memory, four hours", long), *_framing(looked.seen)]


def _costs(looked: Looked, decoding: float) -> list[Row]:
    times, of_cores = looked.seen.seconds / looked.seconds, looked.seen.seconds / looked.cpu_seconds
    ratio = looked.seconds / decoding
    return [
        Row(name="a minute of 1080p30, against decoding alone", ours=looked.seconds, baseline=decoding, unit="s", ratio=ratio),
        Row(name="the same, times real time", ours=times, unit="x", bar=f">= {TIMES_REAL:.0f}", passed=times >= TIMES_REAL),
        Row(name="the same, of one core's processor time", ours=of_cores, unit="x", note="two free cores do twice as much at most"),
        _memory("peak memory", looked),
    ]


def _memory(name: str, looked: Looked) -> Row:
    peak = looked.peak_bytes / 1e6
    return Row(name=name, ours=peak, unit="MB", bar=f"<= {MEGABYTES}", passed=peak <= MEGABYTES)


def _framing(found: MediaAnalysis) -> list[Row]:
    began = time.monotonic()
    pieces = frame_clip(found, [(0.0, found.seconds)], Look())
    took = 1000 * (time.monotonic() - began)
    inside, jump = _share_inside(pieces), _worst_jump(pieces)
    wanted = _starts(found.seconds)[1:]
    hit = sum(any(abs(cut - start) < 0.02 for cut in found.cuts) for start in wanted)
    return [
        Row(name="cuts found", ours=hit / len(wanted), unit="share", bar="= 1", passed=hit == len(wanted), note=f"of {len(wanted)}"),
        Row(name="false cuts", ours=len(found.cuts) - hit, unit="", bar="= 0", passed=len(found.cuts) == hit),
        Row(name="face inside the window", ours=inside, unit="share", bar=f">= {INSIDE}", passed=inside >= INSIDE),
        Row(name="farthest jump of a window", ours=jump, unit="share", bar=f"<= {JUMP}", passed=jump <= JUMP),
        Row(name="framing a minute", ours=took, unit="ms", note=f"{len(pieces)} pieces"),
    ]


def _starts(until: float) -> list[float]:
    """When scenes begin, over and over."""
    rounds = round(until / sum(each.seconds for each in SCENES))
    return [0.0, *accumulate(each.seconds for each in SCENES * rounds)][:-1]


def _share_inside(pieces: Sequence[Piece]) -> float:
    """Of the pictures in which somebody is; of two people it is enough that the window holds one, unless it is split."""
    lasts = sum(each.seconds for each in SCENES)
    inside = []
    for number in range(int(pieces[-1].end_seconds * RATE) - 1):
        at = number / RATE
        piece = next(each for each in pieces if at < each.end_seconds)
        people, windows = (
            _stood(at % lasts),
            [(*place_of(each, at - piece.start_seconds), each.width, each.height) for each in piece.windows],
        )
        held = [any(is_inside(face_of(each, SIZE), window) for window in windows) for each in people]
        inside.append(any(held) if len(windows) == 1 else all(held))
    return sum(inside) / len(inside)


def _stood(at: float) -> Sequence[Stood]:
    for scene in SCENES:
        if at < scene.seconds - 1e-9:
            return scene.stood(at)
        at -= scene.seconds
    return SCENES[-1].stood(SCENES[-1].seconds)


def _worst_jump(pieces: Sequence[Piece]) -> float:
    jumps = [0.0]
    for piece in pieces:
        for window in piece.windows:
            places = [place_of(window, at / RATE) for at in range(round(piece.seconds * RATE))]
            jumps += [max(abs(one[0] - other[0]), abs(one[1] - other[1])) for one, other in pairwise(places)]
    return max(jumps)


def _looked_at(path: Path, folder: Path, *, rounds: int) -> Looked:
    """The last of some looks, with the median of their seconds."""
    source = recognised(path)
    found = probe(source, MediaLimits(), folder)
    seconds, seen, resident = [], list[MediaAnalysis](), [0]
    for _ in range(rounds):
        began = time.monotonic()
        seen.append(analyse(source, found, MediaLimits(), folder, report=lambda _: resident.append(_of_children())))
        seconds.append(time.monotonic() - began)
    end = json.loads((folder / "looker.out").read_text(encoding="utf-8").splitlines()[-1])["e"]
    return Looked(seen[-1], statistics.median(seconds), end["cpu_seconds"], max(resident))


def _of_children() -> int:
    """Memory of the processes that we started."""
    found = 0
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found += each.memory_info().rss
    return found


def _grained(drawn: Path) -> Path:
    """A drawn picture costs too little to decode."""
    path = drawn.with_name("source.mp4")
    encoded = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "copy")
    _do("-i", str(drawn), "-vf", "noise=alls=6:allf=t", *encoded, str(path))
    return path


def _long(folder: Path) -> Path:
    path = folder / "long.mp4"
    _do("-f", "lavfi", "-i", "testsrc2=s=160x90:r=1:d=14390", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path))
    return path


def _decoded(path: Path) -> None:
    _do("-threads", "2", "-i", str(path), "-f", "null", "-")


def _timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _do(*words: str) -> None:
    subprocess.run((binary(), "-nostdin", "-y", "-loglevel", "error", *words), check=True)
