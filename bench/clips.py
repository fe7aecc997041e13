"""A clip of twenty seconds, 1080x1920, from a talk of 1280x720 with captions: the product's `StoredMedia.render` (probing, confinement,
two passes of loudness, keeping by hash) against one ffmpeg command as a person would write it, with the same binary, the same filters
and encoder settings, and one-pass loudnorm. Five rounds in turn; the figure is the median of the wall clock. *Three clips of one
source* are rendered one after the other. The talk's picture is scaled up once and given grain, since a drawn one costs too little.
"""

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

from bench.harness.rows import Row, Scale
from domain.media import ClipPlan, Cue
from gateways.files.store import LocalFiles
from gateways.media.captions import script
from gateways.media.glyphs import FONTS
from gateways.media.tools import StoredMedia
from sandbox.video import write_video
from store.ids import new_id

TITLE = "Rendering a clip, against the same ffmpeg command by hand"

ROUNDS = 5
SECONDS = 20.0
STARTS = (1.0, 3.0, 5.0)
FFMPEG = str(imageio_ffmpeg.get_ffmpeg_exe())
CAPTIONS = tuple(Cue(each, each + 1.9, f"words of the caption number {round(each)}") for each in range(0, round(SECONDS), 2))
BY_HAND = (
    "[0:v:0]fps=25,setparams=colorspace=bt709,scale=1080:608:out_color_matrix=bt709:out_range=tv:flags=bicubic,format=yuv420p,setsar=1,split[a][b];"
    "[a]scale=270:480:force_original_aspect_ratio=increase:flags=bilinear,crop=270:480,gblur=sigma=10,lutyuv=y=(val-16)*0.75+16,"
    "scale=1080:1920:flags=bilinear,setsar=1[back];[back][b]overlay=x=0:y=656,ass=captions.ass:fontsdir=fonts,format=yuv420p[v];"
    "[0:a:0]loudnorm=I=-14:TP=-1.5:LRA=11,aresample=48000[s]"
)


def run(scale: Scale) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        folder = Path(name)
        source = _source(folder)
        files = LocalFiles(folder / "files")
        with source.open("rb") as file:
            key = files.put(new_id(), iter([file.read()]), limit_bytes=1_000_000_000).key
        tools = StoredMedia(files)
        _by_hand_folder(folder)

        def ours(start: float) -> None:
            tools.render(new_id(), key, _plan(start), report=lambda _: None, is_unwanted=lambda: False)

        def theirs(start: float) -> None:
            _by_hand(folder, source, start)

        one = _timed(ours, theirs, starts=STARTS[:1], rounds=ROUNDS if scale.share == 1 else 1)
        three = _timed(ours, theirs, starts=STARTS, rounds=1)
    return [_row("one clip of 20 s", one, bar=1.10), _row("three clips of one source", three, bar=None)]


def _timed(
    ours: Callable[[float], None], theirs: Callable[[float], None], *, starts: tuple[float, ...], rounds: int
) -> tuple[float, float]:
    """Medians of both, measured in turn."""
    seconds: dict[Callable[[float], None], list[float]] = {ours: [], theirs: []}
    for _ in range(rounds):
        for who, found in seconds.items():
            began = time.monotonic()
            for start in starts:
                who(start)
            found.append(time.monotonic() - began)
    return statistics.median(seconds[ours]), statistics.median(seconds[theirs])


def _row(name: str, found: tuple[float, float], *, bar: float | None) -> Row:
    ratio = found[0] / found[1]
    bars = {"bar": f"<= {bar:.2f} times", "passed": ratio <= bar} if bar else {}
    return Row(name=name, ours=found[0], baseline=found[1], unit="s", ratio=ratio, note="wall clock, median", **bars)  # type: ignore[arg-type]


def _plan(start: float) -> ClipPlan:
    return ClipPlan(start_seconds=start, end_seconds=start + SECONDS, video_index=0, audio_index=1, captions=CAPTIONS)


def _source(folder: Path) -> Path:
    talk, larger = write_video(folder / "talk", seed=1).video, folder / "source.mp4"
    filters = "scale=1280:720,noise=alls=6:allf=t"
    _do(["-i", str(talk), "-vf", filters, "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "copy", str(larger)], folder)
    return larger


def _by_hand_folder(folder: Path) -> None:
    (folder / "captions.ass").write_text(script(CAPTIONS, 1080, 1920), encoding="utf-8")
    (folder / "fonts").symlink_to(FONTS)


def _by_hand(folder: Path, source: Path, start: float) -> None:
    encoded = (
        "-c:v libx264 -preset veryfast -crf 21 -maxrate 12M -bufsize 24M -profile:v high -g 50 -c:a aac -b:a 160k -movflags +faststart"
    )
    cut = ["-ss", str(start), "-t", str(SECONDS), "-i", str(source)]
    _do([*cut, "-filter_complex", BY_HAND, "-map", "[v]", "-map", "[s]", *encoded.split(), "by-hand.mp4"], folder)


def _do(words: list[str], folder: Path) -> None:
    subprocess.run([FFMPEG, "-nostdin", "-y", "-loglevel", "error", *words], cwd=folder, check=True)
