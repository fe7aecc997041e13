"""One folder of stored files per session, and a file of each awkward kind, made once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.media import ClipPlan, Probe, RenderedClip
from gateways.files.store import LocalFiles
from gateways.media.tools import StoredMedia
from tests.gateways.media.making import MARKED, MOVING, SMALL, ffmpeg, made

TENANT = UUID("018f3b5e-0000-7000-8000-000000000001")
TONE = "sine=frequency=440:duration=2"
GRAY_RAMP = "color=gray:s=320x180:r=25:d=0.2,format=yuv420p10le,geq=lum='64+876*X/W':cb=512:cr=512"


@dataclass(frozen=True, slots=True)
class Bench:
    """Stored media, by path."""

    files: LocalFiles
    media: StoredMedia
    _probes: dict[Path, Probe] = field(default_factory=dict)
    _clips: dict[tuple[object, ...], tuple[RenderedClip, Path]] = field(default_factory=dict)

    def key(self, path: Path) -> str:
        return self.files.put(TENANT, [path.read_bytes()], limit_bytes=10**9).key

    def probe(self, path: Path) -> Probe:
        return self.media.probe(self.key(path))

    def clip(self, path: Path, **plan: Any) -> tuple[RenderedClip, Path]:
        """As `render`, but the same plan is rendered once per session."""
        wanted = (path, *sorted(plan.items()))
        if wanted not in self._clips:
            self._clips[wanted] = self.render(path, **plan)
        return self._clips[wanted]

    def render(self, path: Path, *, video: int = 0, **plan: Any) -> tuple[RenderedClip, Path]:
        """A small clip of the file's first second with its first sound, unless the plan says otherwise; and where it is."""
        if path not in self._probes:
            self._probes[path] = self.probe(path)
        found = self._probes[path]
        words = {
            "start_seconds": 0.0,
            "end_seconds": min(1.0, found.duration_seconds),
            "video_index": found.video[video].index,
            "audio_index": found.audio[0].index if found.audio else None,
            "captions": (),
            **SMALL,
            **plan,
        }
        clip = self.media.render(TENANT, self.key(path), ClipPlan(**words), report=lambda _: None, is_unwanted=lambda: False)
        return clip, self.files.path(clip.key)

    @property
    def left(self) -> list[Path]:
        """What work has left behind."""
        return list(self.files.workshop.iterdir())


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    files = LocalFiles(tmp_path_factory.mktemp("media"))
    return Bench(files, StoredMedia(files))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A file by its kind, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("samples")

    @cache
    def of(kind: str) -> Path:
        return MAKERS[kind](folder, of)

    return of


Maker = Callable[[Path, Callable[[str], Path]], Path]


def hdr(transfer: str) -> Maker:
    colors = f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"

    def make(folder: Path, _: Callable[[str], Path]) -> Path:
        path = folder / f"{transfer}.mp4"
        ffmpeg(
            "-f", "lavfi", "-i", GRAY_RAMP, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", colors, "-tag:v", "hvc1", str(path)
        )  # fmt: skip
        return path

    return make


def turned(degrees: int) -> Maker:
    """`-display_rotation` counts against the clock."""

    def make(folder: Path, of: Callable[[str], Path]) -> Path:
        path = folder / f"turned{degrees}.mp4"
        ffmpeg("-display_rotation", str(degrees), "-i", str(of("marked")), "-c", "copy", str(path))
        return path

    return make


MAKERS: dict[str, Maker] = {
    "marked": lambda folder, _: made(folder / "marked.mp4", MARKED, "-c:a", "aac", sound=TONE),
    "moving": lambda folder, _: made(folder / "moving.mp4", MOVING, "-g", "50", sound=TONE),
    "turned 90": turned(90),
    "turned 180": turned(180),
    "turned 270": turned(270),
    "pq": hdr("smpte2084"),
    "hlg": hdr("arib-std-b67"),
    "silent": lambda folder, _: made(folder / "silent.mp4", MOVING, sound="anullsrc=duration=2"),
    "no sound": lambda folder, _: made(folder / "none.mkv", MOVING),
    "wide pixels": lambda folder, _: made(folder / "wide.mp4", MARKED, filters="setsar=4/3"),
    "ten bit": lambda folder, _: made(folder / "ten.mkv", MARKED, "-pix_fmt", "yuv422p10le", sound=TONE),
    "uneven": lambda folder, _: made(
        folder / "uneven.mp4",
        "testsrc2=s=320x180:r=30:d=2",
        "-fps_mode",
        "vfr",
        filters="select='not(mod(n,7))+lt(mod(n,40),25)'",
    ),
    "fast": lambda folder, _: made(
        folder / "fast.webm", "testsrc2=s=160x90:r=120000/1001:d=0.5", "-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime"
    ),
    "slides": lambda folder, _: made(folder / "slides.mkv", "testsrc2=s=160x90:r=2:d=2"),
    "surround": lambda folder, _: made(
        folder / "surround.mp4",
        MOVING,
        "-c:a",
        "aac",
        sound="aevalsrc=0|0|0.4*sin(440*2*PI*t)|0.9*sin(50*2*PI*t)|0.1*sin(770*2*PI*t)|0:channel_layout=5.1:duration=2",
    ),
    "mono": lambda folder, _: made(
        folder / "mono.mov", MOVING, "-c:a", "pcm_s16le", sound="anoisesrc=color=pink:duration=2:amplitude=0.02"
    ),
    "clicks": lambda folder, _: made(
        folder / "clicks.mp4", MOVING, sound="aevalsrc='if(lt(mod(t,0.5),0.005),0.99,0.02*sin(2*PI*300*t))':duration=2"
    ),
    "quiet": lambda folder, _: made(folder / "quiet.mov", MOVING, "-c:a", "pcm_s16le", sound="aevalsrc='0.001*sin(2*PI*300*t)':duration=2"),
}
