"""One look at a whole video: run by `seeing/looker.py` in a confined process that decodes it once, read here.

What the file's damaged parts would have shown is missing and told as `unseen`; a video of which less than half can be seen is refused.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.states import choose_streams
from domain.errors import SourceRefused
from domain.media import AudioStream, MediaLimits, Probe, VideoStream
from gateways.media.confined import Tool, ignore, never, python, run_confined, tail_of
from gateways.media.probe import Source
from gateways.media.troubles import Bounds

# Runs a module of `seeing` by its name.
LOOKER = Path(__file__).with_name("seeing") / "looker.py"
# One thread per library: decoding has two of its own.
ONE_THREAD = (("OPENBLAS_NUM_THREADS", "1"), ("OMP_NUM_THREADS", "1"))
# Four hours of eight faces a picture are 40 MB.
_ANSWER_BYTES = 200_000_000
_TAIL_BYTES = 4096
_LEAST_SEEN_SHARE = 0.5


def analyse(
    source: Source,
    found: Probe,
    limits: MediaLimits,
    folder: Path,
    *,
    report: Callable[[float], None] = ignore,
    is_unwanted: Callable[[], bool] = never,
) -> MediaAnalysis:
    """Look at the streams that clips are made of (`choose_streams`), from end to end.

    `report` gets shares from 0 to 1. Raises Unwanted within about a second; OutOfResources, SourceUnavailable (time up, disk full);
    SourceRefused where less than half of the pictures can be seen.
    """
    seen, heard = choose_streams(found, None)
    answer = run_confined(
        _tool(source, limits, folder, _told(seen, heard, found.duration_seconds)),
        is_unwanted=is_unwanted,
        watch=lambda: _tell(folder / "looker.out", found.duration_seconds, report),
    )
    with answer.open(encoding="utf-8") as lines:
        made = _read(map(json.loads, lines), seen, found.duration_seconds, has_sound=heard is not None)
    report(1.0)
    return made


def _told(seen: VideoStream, heard: AudioStream | None, seconds: float) -> dict[str, Any]:
    """What the process needs to know of the file."""
    width, height = seen.shown_size
    return {
        "video": seen.index,
        "audio": heard.index if heard else None,
        "width": width,
        "height": height,
        "turns": seen.rotation_degrees // 90,
        "seconds": seconds,
    }


def _tool(source: Source, limits: MediaLimits, folder: Path, told: dict[str, Any]) -> Tool:
    words = ("watching", str(source.path.absolute()), source.container.value, json.dumps(told))
    bounds = Bounds.of(limits, file_bytes=_ANSWER_BYTES)
    return python(LOOKER, *words, folder=folder, bounds=bounds, environment=ONE_THREAD, reads=(source.path,))


def _read(lines: Iterable[dict[str, Any]], seen: VideoStream, seconds: float, *, has_sound: bool) -> MediaAnalysis:
    cuts, samples, unseen = list[float](), list[Sample](), list[tuple[float, float]]()
    end: dict[str, Any] = {"levels": [], "pictures": 0}
    for line in lines:
        match line:
            case {"s": told}:
                samples.append(_sample(told))
            case {"c": at}:
                cuts.append(at)
            case {"u": [start, until]}:
                unseen.append((start, until))
            case {"e": told}:
                end = told
    dark = sum(until - start for start, until in unseen)
    if not end["pictures"] or dark > seconds * (1 - _LEAST_SEEN_SHARE):
        raise SourceRefused("video", f"only {max(0.0, seconds - dark):.1f} of {seconds:.1f} s can be seen: the file is damaged")
    width, height = seen.shown_size
    return MediaAnalysis(
        width=width,
        height=height,
        seconds=seconds,
        cuts=tuple(cuts),
        samples=tuple(samples),
        levels_db=tuple(end["levels"]) if has_sound else (),
        unseen=tuple(unseen),
    )


def _sample(told: list[Any]) -> Sample:
    at, sharpness, brightness, motion, faces = told
    found = tuple(Face(left=left, top=top, width=width, height=height, mouth_motion=mouth) for left, top, width, height, mouth in faces)
    return Sample(at_seconds=at, faces=found, sharpness=sharpness, brightness=brightness, motion=motion)


def _tell(output: Path, seconds: float, report: Callable[[float], None]) -> None:
    """How far it is, by the newest whole line that is a sample."""
    lines = tail_of(output, _TAIL_BYTES).split(b"\n")[1:-1]
    newest = next((line for line in reversed(lines) if line.startswith(b'{"s"')), None)
    if newest:
        report(min(1.0, json.loads(newest)["s"][0] / seconds))
