"""All that we ever do with a file of somebody else's, done to one file: each step ends in an answer or in an error of ours, in bounds."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import psutil

from domain.errors import SourceFailed, Unacceptable
from domain.media import ClipPlan, Cue, MediaLimits, Probe
from gateways.media.probe import recognised
from gateways.media.runner import Job, run_ffmpeg
from gateways.media.tools import StoredMedia
from gateways.media.workshop import bench
from tests.gateways.media.conftest import TENANT, Bench
from tests.gateways.media.making import plan

SECONDS = 30.0
# The kernel holds every tool to it: no process of ours can have more.
LIMITS = MediaLimits(memory_bytes=1024**3, cpu_seconds=20, wall_seconds=SECONDS)
TYPED = (Unacceptable, SourceFailed)


@dataclass(frozen=True, slots=True)
class Gauntlet:
    """Stored files, and somebody who listens and must hear nothing."""

    stored: Bench
    listener: socket.socket

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def probe(self, path: Path) -> Probe | Unacceptable:
        """As every file is met first: what is in it, or why not."""
        with self._in_bounds():
            try:
                return StoredMedia(self.stored.files, LIMITS).probe(self.stored.key(path))
            except Unacceptable as refusal:
                return refusal

    def run(self, path: Path) -> tuple[Probe | Unacceptable, tuple[Cue, ...]]:
        """Probe, subtitles, decoding all of it, a clip, a look at it as if it were a clip. What it was told as, and what it says."""
        media, key, cues = StoredMedia(self.stored.files, LIMITS), self.stored.key(path), tuple[Cue, ...]()
        found = self.probe(path)
        if isinstance(found, Probe):
            for index in [each.index for each in found.subtitles]:
                with self._in_bounds(), suppress(*TYPED):
                    cues += media.subtitles(key, index)
            with self._in_bounds(), suppress(*TYPED):
                self._decode(self.stored.files.path(key))
            with self._in_bounds(), suppress(*TYPED):
                media.render(TENANT, key, _first_pictures(found), report=lambda _: None, is_unwanted=lambda: False)
        with self._in_bounds(), suppress(*TYPED):
            media.inspect(key, plan(), is_unwanted=lambda: False)
        return found, cues

    @contextmanager
    def _in_bounds(self) -> Iterator[None]:
        """One step: in time, and nothing is left of it, running or lying about; and nobody was called."""
        before, began = tools(), time.monotonic()
        yield
        assert time.monotonic() - began < SECONDS + 5
        assert tools() <= before, "a tool is left"
        assert self.stored.left == [], "files are left"
        with suppress(BlockingIOError):
            _, caller = self.listener.accept()
            raise AssertionError(f"somebody called from {caller}")

    def _decode(self, path: Path) -> None:
        """Every stream of it, as an analysis would."""
        with bench(self.stored.files.workshop) as folder:
            graph = ffmpeg.input("source").output("-", format="null").compile()
            run_ffmpeg(Job(arguments=graph, sources={"source": recognised(path)}, folder=folder, seconds=1), LIMITS)


@contextmanager
def gauntlet(stored: Bench) -> Iterator[Gauntlet]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Gauntlet(stored, listener)


def _first_pictures(found: Probe) -> ClipPlan:
    sound = found.audio[0].index if found.audio else None
    return plan(end_seconds=min(0.2, found.duration_seconds), video_index=found.video[0].index, audio_index=sound)


def tools() -> set[int]:
    """Processes below this one, dead ones that nobody buried too; the tests' PostgreSQL apart: its own come and go."""
    found = set()
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "postgres" not in each.name():
                found.add(each.pid)
    return found
