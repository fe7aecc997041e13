"""What stands in a media file: asked of `prober.py` in a confined process, and held against the limits."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from domain.errors import OutOfResources, SourceRefused, Unacceptable
from domain.media import AudioStream, Container, MediaLimits, Probe, SubtitleStream, VideoStream
from gateways.media.confined import never, python, run_confined
from gateways.media.sniff import refused, sniff, sniff_sound
from gateways.media.troubles import Bounds

_PROBER = Path(__file__).with_name("prober.py")
_ANSWER_BYTES = 1_000_000
# A probe of an honest file takes 0.1 s.
_CPU_SECONDS, _WALL_SECONDS = 15, 30.0


@dataclass(frozen=True, slots=True)
class Source:
    """A media file of which we know the container."""

    path: Path
    container: Container


def recognised(path: Path) -> Source:
    with path.open("rb") as file:
        return Source(path, sniff(file))


def recognised_sound(path: Path) -> Source:
    """The same for music: MP3 and WAV as well."""
    with path.open("rb") as file:
        return Source(path, sniff_sound(file))


def probe(source: Source, limits: MediaLimits, folder: Path, *, is_unwanted: Callable[[], bool] = never) -> Probe:
    """Open it. Raises Unacceptable for what cannot be opened, holds no video, or is over a limit."""
    return _judged(_asked(source, limits, folder, is_unwanted), source, source.path.stat().st_size, limits)


def probe_addition(source: Source, limits: MediaLimits, folder: Path) -> Probe:
    """Open a file that is put to a clip: one with sound alone does as well. Raises Unacceptable as `probe` does."""
    found, size = _asked(source, limits, folder, never), source.path.stat().st_size
    if found["video"]:
        return _judged(found, source, size, limits)
    _judge_sound(found, limits)
    seconds = found["duration_seconds"]
    if not seconds or seconds < 0:
        raise refused("no sound of it can be decoded", "check that it plays, and send it again")
    return Probe(
        container=source.container,
        duration_seconds=seconds,
        size_bytes=size,
        video=(),
        audio=tuple(AudioStream(**each) for each in found["audio"]),
        subtitles=(),
    )


def probe_sound(source: Source, limits: MediaLimits, folder: Path, *, is_unwanted: Callable[[], bool] = never) -> tuple[AudioStream, ...]:
    """The sound streams of a file whose picture does not matter. Raises Unacceptable as `probe` does, and where there is no sound."""
    found = _asked(source, limits, folder, is_unwanted)
    _judge_sound(found, limits)
    return tuple(AudioStream(**each) for each in found["audio"])


def _judge_sound(found: Mapping[str, Any], limits: MediaLimits) -> None:
    if not found["audio"]:
        raise refused("it holds no sound", "send a file with sound")
    _keep("streams", limits.streams, found["streams"])
    _keep("seconds", limits.duration_seconds, found["duration_seconds"] or 0.0)


def _asked(source: Source, limits: MediaLimits, folder: Path, is_unwanted: Callable[[], bool]) -> Mapping[str, Any]:
    size = source.path.stat().st_size
    _keep("bytes", limits.file_bytes, size)
    bounds = Bounds(memory_bytes=limits.memory_bytes, cpu_seconds=_CPU_SECONDS, wall_seconds=_WALL_SECONDS, file_bytes=_ANSWER_BYTES)
    words = (str(source.path.absolute()), source.container.value, str(limits.pixels))
    try:
        answer = run_confined(python(_PROBER, *words, folder=folder, bounds=bounds, reads=(source.path,)), is_unwanted=is_unwanted)
    except OutOfResources as error:
        raise refused(f"opening it takes too much ({error})", "send a plainer file") from error
    except SourceRefused as error:
        raise refused("it is damaged or cut off", "check that it plays, and send it again") from error
    told: Mapping[str, Any] = json.loads(answer.read_bytes())
    return told


def _judged(found: Mapping[str, Any], source: Source, size: int, limits: MediaLimits) -> Probe:
    videos = found["video"]
    if not videos:
        raise refused("it holds no video", "send a file with a picture")
    seconds = found["duration_seconds"]
    _keep("streams", limits.streams, found["streams"])
    _keep("pixels in a picture", limits.pixels, max(each["width"] * each["height"] for each in videos))
    _keep("pictures a second", limits.frames_per_second, max(each["frames_per_second"] or 0 for each in videos))
    if not seconds or seconds < 0 or not all(each["decodes"] for each in videos):
        raise refused("no picture of it can be decoded", "check that it plays, and send it again")
    _keep("seconds", limits.duration_seconds, seconds)
    return Probe(
        container=source.container,
        duration_seconds=seconds,
        size_bytes=size,
        video=tuple(map(_video, videos)),
        audio=tuple(AudioStream(**each) for each in found["audio"]),
        subtitles=tuple(SubtitleStream(**each) for each in found["subtitles"]),
    )


def _video(told: Mapping[str, Any]) -> VideoStream:
    fields = {name: value for name, value in told.items() if name not in ("decodes", "language")}
    return VideoStream(**{**fields, "sample_aspect": Fraction(told["sample_aspect"])})


def _keep(what: str, limit: float, found: float) -> None:
    """Within the limit, or Unacceptable that says both."""
    if found > limit:
        raise Unacceptable(
            f"the media file cannot be accepted: {found:,.10g} {what}, and the limit is {limit:,.10g}",
            (*refused(f"{found:,.10g} {what}", f"the limit is {limit:,.10g}").problems,),
        )
