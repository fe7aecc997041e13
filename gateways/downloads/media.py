"""Fetching public media by yt-dlp, in a process of its own that knows no secret of ours, within limits, and ended when nobody wants it.

What the process does is in `program`; uploads of people's own media do not come here.
"""

import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from domain.errors import OutOfResources, SourceFailed, SourceRefused, SourceUnavailable, Unacceptable, Unwanted
from domain.imports.values import Unreadable
from domain.links import Link, LinkKind, read_link
from domain.observations import Platform
from domain.platforms import ytdlp
from domain.platforms.ytdlp import Fetched, HeatMark
from gateways.downloads.client import PagesOptions
from gateways.downloads.watch import TIKTOK, YOUTUBE
from gateways.processes import Child, Program, start, stop

NAMES = {Platform.TIKTOK: TIKTOK, Platform.YOUTUBE: YOUTUBE}
WALL_SECONDS = 900.0
_ASK_SECONDS = 0.5
_ROOM_BYTES = 16_000_000
_KINDS: dict[str, type[SourceFailed]] = {
    "SourceUnavailable": SourceUnavailable, "SourceRefused": SourceRefused, "OutOfResources": OutOfResources,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class YtDlpMedia:
    """Fills the port FetchesMedia."""

    options: PagesOptions
    wall_seconds: float = WALL_SECONDS

    def fetch(self, url: str, *, folder: Path, limit_bytes: int, limit_seconds: float, is_unwanted: Callable[[], bool]) -> Fetched:
        link = _link(url)
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=folder))
        try:
            made = self._fetched(link, work, limit_bytes, limit_seconds, is_unwanted)
            target = folder / f"{link.platform.value}-{link.external_id}{made.path.suffix}"
            made.path.replace(target)
            return replace(made, path=target)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _fetched(self, link: Link, work: Path, limit_bytes: int, limit_seconds: float, is_unwanted: Callable[[], bool]) -> Fetched:
        name, terms = NAMES[link.platform], work / "terms.json"
        # Not on the command line: everybody on the machine could read a proxy's password there.
        asked = {
            "platform": name, "url": link.url, "limit_bytes": limit_bytes, "limit_seconds": limit_seconds, "proxy": self.options.proxy,
            "ca_file": str(self.options.ca_file) if self.options.ca_file else None, "seconds": self.wall_seconds,
        }  # fmt: skip
        terms.touch(mode=0o600)
        terms.write_text(json.dumps(asked), encoding="utf-8")
        told = self._run(name, terms, work, limit_bytes, is_unwanted)
        if "failed" in told:
            raise _KINDS[told["failed"]](name, told["detail"], category=told["category"], retry_after_seconds=told["retry_after_seconds"])
        return Fetched(work / str(told["file"]), _heat(told))

    def _run(self, name: str, terms: Path, work: Path, limit_bytes: int, is_unwanted: Callable[[], bool]) -> dict[str, Any]:
        output = work / "told.json"
        child = start(_program(terms, work, limit_bytes), work, output=output)
        try:
            self._wait(child, name, is_unwanted)
        finally:
            # SIGKILL at once: nothing of an unfinished file is kept.
            code = stop(child, grace_seconds=0, first=signal.SIGKILL)
        if code in (-signal.SIGXFSZ, -signal.SIGXCPU):
            raise OutOfResources(name, f"the media is larger than {limit_bytes} bytes", category="api_error")
        if code != 0:
            raise SourceUnavailable(name, f"the process that fetches media ended with {code}", category="unknown")
        told: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return told

    def _wait(self, child: Child, name: str, is_unwanted: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.wall_seconds
        descriptor = os.pidfd_open(child.pid)
        try:
            end = select.poll()
            end.register(descriptor, select.POLLIN)
            while not end.poll(1000 * _ASK_SECONDS):
                if is_unwanted():
                    raise Unwanted(f"{name}: nobody wants the media any more")
                if time.monotonic() >= deadline:
                    raise SourceUnavailable(name, f"the media was not here within {self.wall_seconds:g} s", category="network")
        finally:
            os.close(descriptor)


def _heat(told: dict[str, Any]) -> tuple[HeatMark, ...] | None:
    """A heat-map that cannot be read is one that is not known: the video was fetched all the same."""
    if "heatmap" not in told:
        return None
    try:
        return tuple(ytdlp.heatmap(told))
    except Unreadable:
        return None


def _program(terms: Path, work: Path, limit_bytes: int) -> Program:
    root = Path(__file__).parents[2]
    return Program(
        name="media",
        command=(sys.executable, "-I", str(Path(__file__).with_name("program.py")), str(root), str(terms)),
        environment={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(work), "TMPDIR": str(work)},
        folder=work,
        death_signal=signal.SIGKILL,
        limits={resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: limit_bytes + _ROOM_BYTES, resource.RLIMIT_NOFILE: 256},
    )


def _link(url: str) -> Link:
    try:
        link = read_link(url)
    except Unacceptable as error:
        raise SourceRefused("media", error.detail, category="invalid_url") from error
    if link.platform not in NAMES or link.kind is not LinkKind.VIDEO:
        raise SourceRefused("media", "only videos of TikTok and YouTube can be fetched", category="invalid_url")
    return link
