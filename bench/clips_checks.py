"""Looking at a finished clip before it is delivered: one of thirty seconds, 1080x1920, rendered by the product from a talk with captions
and grain. *Processor time* is that of all tools together (probing, drawing the captions, the one pass, faces where a layout promises one)
over the clip's length; the baseline is ffmpeg that only decodes the file, on the same machine. *Faults found* plants one fault at a time
into that clip, at a place and of a length drawn by a seed: black, a still picture below moving captions, silence, sound that is late, an
end that is missing. It counts those that the checks name and place within 0.15 s, and what they accuse the clip of besides.
"""

import random
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from bench.harness.rows import Row, Scale
from domain.clips.delivery import Finding
from domain.clips.gate import findings
from domain.clips.look import Layout
from domain.clips.pieces import Piece
from domain.media import ClipPlan, Cue, MediaLimits
from gateways.files.store import LocalFiles
from gateways.media.captions import script
from gateways.media.inspecting import Inspecting, inspect
from gateways.media.tools import StoredMedia
from gateways.media.workshop import bench
from sandbox.video import write_video
from store.ids import new_id

TITLE = "Checking a clip before delivery"

SECONDS = 30.0
MOST = 0.25
NEAR_SECONDS = 0.15
FFMPEG = str(imageio_ffmpeg.get_ffmpeg_exe())
CUES = tuple(Cue(at / 2, at / 2 + 0.5, f"{'WORDS' if at % 2 else 'some'} {at}") for at in range(round(2 * SECONDS)))
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "aac", "-b:a", "160k")


@dataclass(frozen=True, slots=True)
class Fault:
    """What ffmpeg does to the clip, the check that must say so, and when it begins (None: wherever)."""

    arguments: tuple[str, ...]
    check: str
    at_seconds: float | None


def run(scale: Scale) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        folder = Path(name)
        clip, plan = _rendered(folder)
        decoding = _spent(lambda: _do(["-i", str(clip), "-f", "null", "-"], folder))
        plain = _spent(lambda: _look(folder, clip, plan))
        faces = _spent(lambda: _look(folder, clip, _with_faces(plan)))
        clean = [each.name for each in _look(folder, clip, plan) if not each.is_passed]
        found, extra, count = _planted(folder, clip, plan, scale)
    return [
        _row("processor time, per second of clip", plain, decoding),
        _row("the same, with faces looked for", faces, decoding),
        Row(name="faults found", ours=found / count, unit="share", bar=">= 0.95", passed=found / count >= 0.95, note=f"{count} planted"),
        Row(
            name="wrong accusations", ours=extra + len(clean), unit="checks", bar="0", passed=extra + len(clean) == 0, note=", ".join(clean)
        ),
    ]


def _row(name: str, ours: float, decoding: float) -> Row:
    ours, decoding = ours / SECONDS, decoding / SECONDS
    bars = {"bar": f"<= {MOST}", "passed": ours <= MOST, "note": "against decoding only"}
    return Row(name=name, ours=ours, baseline=decoding, unit="s", ratio=ours / decoding, **bars)  # type: ignore[arg-type]


def _rendered(folder: Path) -> tuple[Path, ClipPlan]:
    talk, larger = write_video(folder / "talk", seed=1).video, folder / "source.mp4"
    filters = "scale=1280:720,noise=alls=6:allf=t,tpad=stop_mode=clone:stop_duration=9"
    _do(["-i", str(talk), "-vf", filters, "-af", "apad=pad_dur=9", "-t", str(SECONDS + 1), *X264, str(larger)], folder)
    files, plan = LocalFiles(folder / "files"), ClipPlan(start_seconds=0, end_seconds=SECONDS, video_index=0, audio_index=1, captions=CUES)
    key = files.put(new_id(), [larger.read_bytes()], limit_bytes=1_000_000_000).key
    made = StoredMedia(files).render(new_id(), key, plan, report=lambda _: None, is_unwanted=lambda: False)
    return files.path(made.key), plan


def _with_faces(plan: ClipPlan) -> ClipPlan:
    return ClipPlan(
        start_seconds=0, end_seconds=SECONDS, video_index=0, audio_index=1, captions=plan.captions,
        pieces=(Piece(start_seconds=0, end_seconds=SECONDS, layout=Layout.FOCUS),),
    )  # fmt: skip


def _look(folder: Path, clip: Path, plan: ClipPlan) -> tuple[Finding, ...]:
    with bench(folder / "work") as work:
        drawn = script(plan.captions, plan.width, plan.height)
        return findings(inspect(Inspecting(path=clip, plan=plan, limits=MediaLimits(), folder=work, script=drawn)), plan)


def _planted(folder: Path, clip: Path, plan: ClipPlan, scale: Scale) -> tuple[int, int, int]:
    """How many were found, how many checks failed that should not have, and how many faults there were."""
    found = extra = count = 0
    faults = [each for seed in range(2) for each in _faults(clip, seed)]
    for fault in faults[: scale.rows(len(faults))]:
        spoiled = folder / "spoiled.mkv"
        _do([*fault.arguments, str(spoiled)], folder)
        failed = {each.name: each for each in _look(folder, spoiled, plan) if not each.is_passed}
        named = failed.pop(fault.check, None)
        is_placed = fault.at_seconds is None or (named is not None and abs((named.at_seconds or 0) - fault.at_seconds) <= NEAR_SECONDS)
        found, extra, count = found + (named is not None and is_placed), extra + len(failed), count + 1
    return found, extra, count


def _faults(clip: Path, seed: int) -> Iterator[Fault]:
    chance = random.Random(seed)
    start = round(chance.uniform(2, 20), 2)
    video, copied = ("-i", str(clip)), ("-c:v", "copy", "-c:a", "aac", "-b:a", "160k")
    black = f"drawbox=t=fill:color=black:enable='between(t,{start},{start + chance.uniform(0.7, 3):.2f})'"
    yield Fault((*video, "-vf", black, *X264[:6], "-c:a", "copy"), "black", start)
    long = chance.uniform(3.5, 6)
    # The strip of captions goes on, the rest stands still.
    still = (
        f"split[a][b];[a]loop=loop={round(long * 25)}:size=1:start={round(start * 25)}[c];[b]crop=1080:86:0:1364[d];[c][d]overlay=0:1364"
    )
    yield Fault(
        (*video, "-filter_complex", f"[0:v]{still}[v]", "-map", "[v]", "-map", "0:a", "-t", str(SECONDS), *X264[:6], "-c:a", "copy"),
        "frozen",
        start,
    )
    silent = f"volume=0:enable='between(t,{start},{start + chance.uniform(3.5, 6):.2f})',loudnorm=I=-14:TP=-1.5"
    yield Fault((*video, "-af", silent, "-ar", "48000", *copied), "silence", start)
    late = ("-itsoffset", f"{chance.uniform(0.1, 0.14):.3f}", *video, "-map", "0:v", "-map", "1:a", "-c", "copy")
    yield Fault((*video, *late), "offset", 0.0)
    yield Fault((*video, "-t", f"{SECONDS - chance.uniform(0.4, 3):.2f}", "-c", "copy"), "duration", None)


def _spent(do: Callable[[], object]) -> float:
    """Processor time of the children, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    do()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _do(words: list[str], folder: Path) -> None:
    subprocess.run([FFMPEG, "-nostdin", "-y", "-loglevel", "error", *words], cwd=folder, check=True)
