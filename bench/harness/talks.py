"""A talk to cut clips from, kept as the product keeps it, and ffmpeg commands as a person would write them, with the same binary."""

import re
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from domain.media import ClipPlan, Cue
from gateways.files.store import LocalFiles
from gateways.media.captions import script
from gateways.media.glyphs import FONTS
from gateways.media.tools import StoredMedia
from sandbox.video import write_video
from store.ids import new_id

FFMPEG = str(imageio_ffmpeg.get_ffmpeg_exe())
ENCODED = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-maxrate", "12M", "-bufsize", "24M", "-profile:v", "high", "-g", "50"),
    *("-c:a", "aac", "-b:a", "160k", "-movflags", "+faststart"),
)
MEASURED = re.compile(r"I:\s+(-?[\d.]+) LUFS.*?Peak:\s+(-?[\d.]+) dBFS", re.DOTALL)
WORDS = "words of the caption number"


class Stage:
    """A talk of 1280x720 with grain, since a drawn picture costs too little; stored, and tools over it."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder, self.source = folder, folder / "source.mp4"
        talk = write_video(folder / "talk", seed=1).video
        drawn = ["-stream_loop", "-1", "-i", str(talk), "-t", str(seconds), "-vf", "scale=1280:720,noise=alls=6:allf=t"]
        self.do([*drawn, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac", str(self.source)])
        files = LocalFiles(folder / "files")
        with self.source.open("rb") as file:
            self.key = files.put(new_id(), iter([file.read()]), limit_bytes=1_000_000_000).key
        self.tools = StoredMedia(files)
        (folder / "fonts").symlink_to(FONTS)

    def render(self, plan: ClipPlan) -> None:
        self.tools.render(new_id(), self.key, plan, report=lambda _: None, is_unwanted=lambda: False)

    def by_hand(self, graph: str, start: float, seconds: float, cues: Sequence[Cue]) -> None:
        """One command: the span, the graph from `[0:v:0]` and `[0:a:0]` to `[v]` and `[s]`, a file."""
        (self.folder / "captions.ass").write_text(script(cues, 1080, 1920), encoding="utf-8")
        cut = ["-ss", str(start), "-t", str(seconds), "-i", str(self.source)]
        self.do([*cut, "-filter_complex", graph, "-map", "[v]", "-map", "[s]", *ENCODED, "by-hand.mp4"])

    def heard(self, path: Path) -> tuple[float, float]:
        """Integrated loudness and true peak of a file."""
        words = ["-loglevel", "info", "-nostats", "-i", str(path), "-map", "0:a:0", "-af", "ebur128=peak=true:framelog=quiet"]
        found = MEASURED.findall(self.do([*words, "-f", "null", "-"]))[-1]
        return float(found[0]), float(found[1])

    def do(self, words: Sequence[str]) -> str:
        command = [FFMPEG, "-nostdin", "-y", "-loglevel", "error", *words]
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stderr


def captions(seconds: float) -> tuple[Cue, ...]:
    return tuple(Cue(each, each + 1.9, f"{WORDS} {each}") for each in range(0, round(seconds), 2))


@dataclass(frozen=True, slots=True)
class Turn:
    """Ours and theirs: medians of the wall clock, and of the processor time of all that was started for it."""

    wall: tuple[float, float]
    processor: tuple[float, float]


def in_turn(ours: Callable[[], None], theirs: Callable[[], None], rounds: int) -> Turn:
    """Measured one after the other, so many times."""
    found: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for _ in range(rounds):
        for who, spent in zip((ours, theirs), found, strict=True):
            began, before = time.monotonic(), processor_seconds()
            who()
            spent.append((time.monotonic() - began, processor_seconds() - before))
    wall, processor = (tuple(statistics.median(each[kind] for each in spent) for spent in found) for kind in (0, 1))
    return Turn((wall[0], wall[1]), (processor[0], processor[1]))


def processor_seconds() -> float:
    """Of every process that was started here and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
