"""What a clip costs besides its time. *Memory* is the most that the product's own process and all that it started had in use at one time
(resident, sampled 20 times a second) while it rendered a clip of a minute, 1080x1920, of 12 and of 60 pieces, each with another layout
than the one before, from a talk of 1280x720. *Preview* is the processor time of a preview of the first of them (360x640) from a talk of
1920x1080, tools and encoder together. *Loudness* is the farthest that a clip with music, an intro and pieces came out from -14 LUFS,
and the highest true peak, over three kinds of sound, measured on the finished file by a call of its own.
"""

import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import psutil

from bench.harness.rows import Row, Scale
from bench.harness.talks import Stage, captions, processor_seconds
from domain.clips.look import Layout
from domain.clips.pieces import Piece, Point, Window
from domain.media import TARGET_LUFS, ClipPlan
from gateways.files.store import LocalFiles
from gateways.media.tools import StoredMedia
from store.ids import new_id

TITLE = "What a clip costs: memory, previews, loudness"

MINUTE, PIECES, MANY = 60.0, 12, 60
MEGABYTE = 1_000_000
SOUNDS = {
    "clicks": "aevalsrc='if(lt(mod(t,0.5),0.005),0.99,0.02*sin(2*PI*300*t))'",
    "noise": "anoisesrc=color=pink:amplitude=0.02",
    "speech that pauses": "aevalsrc='0.3*sin(2*PI*300*t)*lt(mod(t,3),1.2)'",
}
LAYOUTS = (Layout.FOCUS, Layout.SPLIT, Layout.SCREEN, Layout.FIT)
COUNT = {Layout.FOCUS: 1, Layout.SPLIT: 2, Layout.SCREEN: 2, Layout.FIT: 0}


def run(scale: Scale) -> list[Row]:
    length = MINUTE * scale.share
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        stage = Stage(Path(name), length + 12)
        usual, most = (_peak(stage, _plan(length, count)) for count in (PIECES, MANY))
        preview = _preview(stage, length)
        farthest, highest = _loudness(stage)
    return [
        Row(name="memory, a minute of 12 layouts", ours=usual, unit="MB", bar="<= 700 MB", passed=usual <= 700),
        Row(name="memory, a minute of 60 layouts", ours=most, unit="MB", bar="<= 700 MB", passed=most <= 700),
        Row(name="preview of a minute", ours=preview, unit="s", bar="<= 10 s", passed=preview <= 10, note="processor time"),
        Row(name="loudness, farthest from -14", ours=farthest, unit="LU", bar="<= 0.5 LU", passed=farthest <= 0.5),
        Row(name="true peak, highest", ours=highest, unit="dBTP", bar="<= -1 dBTP", passed=highest <= -1),
    ]


def _plan(length: float, count: int) -> ClipPlan:
    """Layouts in turn, each piece a tenth shorter than its share of the span."""
    share = (length + 10) / count
    pieces = []
    for number in range(count):
        layout = LAYOUTS[number % len(LAYOUTS)]
        windows = tuple(_window(place) for place in range(COUNT[layout]))
        start = number * share
        pieces.append(Piece(start_seconds=start, end_seconds=start + length / count, layout=layout, windows=windows))
    return ClipPlan(
        start_seconds=0.0, end_seconds=length + 10, video_index=0, audio_index=1, captions=captions(length), pieces=tuple(pieces)
    )


def _window(place: int) -> Window:
    return Window(width=0.316, height=1.0, path=(Point(0.0, 0.1 + 0.2 * place, 0.0), Point(1.0, 0.3 + 0.2 * place, 0.0)))


def _peak(stage: Stage, plan: ClipPlan) -> float:
    """In megabytes."""
    done, found = threading.Event(), [0]

    def watch() -> None:
        own = psutil.Process()
        while not done.wait(0.05):
            found.append(_used(own) + sum(map(_used, own.children(recursive=True))))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        stage.render(plan)
    finally:
        done.set()
        watching.join()
    return max(found) / MEGABYTE


def _used(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _preview(stage: Stage, length: float) -> float:
    large = stage.folder / "large.mp4"
    stage.do(["-i", str(stage.source), "-vf", "scale=1920:1080", "-c:v", "libx264", "-preset", "veryfast", "-c:a", "copy", str(large)])
    tools, key = _kept(stage.folder / "large", large)
    before = processor_seconds()
    tools.preview(key, _plan(length, PIECES), is_unwanted=lambda: False)
    return processor_seconds() - before


def _loudness(stage: Stage) -> tuple[float, float]:
    """With music that is far too loud, and the beginning of the talk as an intro."""
    found = []
    for number, sound in enumerate(SOUNDS.values()):
        talk, intro = stage.folder / f"{number}.mov", stage.folder / "intro.mp4"
        drawn = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=12", "-f", "lavfi", "-i", f"{sound}:duration=12"]
        stage.do([*drawn, "-c:v", "libx264", "-c:a", "pcm_s16le", str(talk)])
        stage.do(["-i", str(stage.source), "-t", "2", "-c:v", "libx264", "-preset", "ultrafast", "-af", "volume=12dB", str(intro)])
        tools, key = _kept(stage.folder / str(number), talk)
        _, other = _kept(stage.folder / str(number), intro)
        pieces = (Piece(start_seconds=0.5, end_seconds=4.0), Piece(start_seconds=5.0, end_seconds=11.0))
        plan = ClipPlan(start_seconds=0, end_seconds=12, video_index=0, audio_index=1, captions=(), width=180, height=320, pieces=pieces)
        made = tools.render(
            new_id(), key, replace(plan, music_key=other, intro_key=other, music_db=-6), report=lambda _: None, is_unwanted=lambda: False
        )
        said = stage.heard(stage.folder / str(number) / made.key)
        found.append(said)
    return max(abs(lufs - TARGET_LUFS) for lufs, _ in found), max(peak for _, peak in found)


def _kept(folder: Path, path: Path) -> tuple[StoredMedia, str]:
    files = LocalFiles(folder)
    return StoredMedia(files), files.put(new_id(), iter([path.read_bytes()]), limit_bytes=1_000_000_000).key
