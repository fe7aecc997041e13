"""The one way ffmpeg is run here. What it shall make is a graph of the caller's; what it may touch and spend is decided here.

A graph names its inputs by labels, and only we put a path behind a label: no name from outside ever reaches ffmpeg, and no URL.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from domain.media import MediaLimits
from gateways.media.confined import Tool, ignore, last_words, never, run_confined, tail_of
from gateways.media.glyphs import FONTS
from gateways.media.probe import Source
from gateways.media.troubles import Bounds, too_large

# What ffmpeg says, in the folder of its job.
LOG = "ffmpeg.log"
_OUTPUT = re.compile(r"-|[a-z]+\.[a-z0-9]+")
_OUT_TIME = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)
_TAIL_BYTES = 2048
_PROBE_BYTES = 20_000_000
_ANALYZE_MICROSECONDS = 20_000_000
_MAX_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run: a compiled graph, the files behind its input labels, where it works, and how long its result shall be.

    `beside`: what it writes besides its last output. `says_much`: also what is no error; each line then begins with its level.
    """

    arguments: Sequence[str]
    sources: Mapping[str, Source]
    folder: Path
    seconds: float
    environment: tuple[tuple[str, str], ...] = ()
    says_much: bool = False
    beside: tuple[str, ...] = ()


@cache
def binary() -> str:
    """The ffmpeg that comes with us; one on the machine may lack libass or zscale."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def threads() -> int:
    """More threads want more memory, and gain little beyond four."""
    return min(_MAX_THREADS, len(os.sched_getaffinity(0)))


def run_ffmpeg(job: Job, limits: MediaLimits, *, report: Callable[[float], None] = ignore, is_unwanted: Callable[[], bool] = never) -> str:
    """Run it to its end; what it said last. Raises as `run_confined` does. `report` gets shares of the result that are done."""
    bounds = Bounds.of(limits, file_bytes=limits.output_bytes)
    command = (binary(), *_global(limits, job), *_arguments(job, limits))
    reads = (Path(binary()), FONTS, *(each.path.absolute() for each in job.sources.values()))
    tool = Tool(name="ffmpeg", command=command, folder=job.folder, bounds=bounds, environment=job.environment, reads=reads)
    progress = job.folder / "ffmpeg.out"
    run_confined(tool, is_unwanted=is_unwanted, watch=lambda: _tell(progress, job.seconds, report))
    _demand_whole(job, bounds)
    return last_words(tool)


def _demand_whole(job: Job, bounds: Bounds) -> None:
    """With `-fs` ffmpeg stops at the limit and calls that a success."""
    made = job.folder / job.arguments[-1]
    if made.is_file() and made.stat().st_size >= bounds.file_bytes:
        raise too_large("ffmpeg", bounds)


def _global(limits: MediaLimits, job: Job) -> tuple[str, ...]:
    return (
        *("-hide_banner", "-nostdin", "-y", "-nostats", "-loglevel", "level+info" if job.says_much else "error"),
        *("-progress", "pipe:1"),
        *("-max_alloc", str(limits.memory_bytes // 2)),
        *("-filter_threads", str(threads()), "-filter_complex_threads", str(threads())),
    )


def _arguments(job: Job, limits: MediaLimits) -> Iterator[str]:
    """The graph's own, with our options before each input and before the output."""
    *given, output = job.arguments[1:]
    for name in (*job.beside, output):
        if not _OUTPUT.fullmatch(name):
            raise ValueError(f"{name} is no plain file name: ffmpeg writes into its own folder only")
    words = iter(given)
    for word in words:
        if word == "-i":
            label = next(words)
            if label not in job.sources:
                raise ValueError(f"{label} is no input of this job: a graph names its inputs by label")
            yield from _input(job.sources[label], limits)
        else:
            yield from _output(word, limits) if word in job.beside else (word,)
    yield from _output(output, limits)


def _output(name: str, limits: MediaLimits) -> tuple[str, ...]:
    return ("-threads", str(threads()), "-fs", str(limits.output_bytes), name)


def _input(source: Source, limits: MediaLimits) -> tuple[str, ...]:
    return (
        *("-protocol_whitelist", "file,pipe", "-f", source.container.value),
        *("-probesize", str(_PROBE_BYTES), "-analyzeduration", str(_ANALYZE_MICROSECONDS)),
        *("-max_streams", str(limits.streams), "-max_pixels", str(limits.pixels), "-threads", str(threads())),
        *("-i", f"file:{source.path.absolute()}"),
    )


def _tell(progress: Path, seconds: float, report: Callable[[float], None]) -> None:
    """The newest of ffmpeg's own reports, about two a second."""
    times = _OUT_TIME.findall(tail_of(progress, _TAIL_BYTES))
    if times:
        report(min(1.0, int(times[-1]) / 1_000_000 / seconds))
