"""Opens one media file and prints what stands in it as JSON. Run by path in a process of its own, therefore it imports nothing of ours.

A C library reads a file that nobody vouches for, so it does that where it can harm nothing. Limits are judged in `gateways.media.probe`.
"""

import json
import math
import re
import sys
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import av
import av.logging
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

# Of each video stream so many packets are looked at: for a picture that decodes, and for how regular its frames come.
_PACKETS = 240
_REORDERED = 16
_HDR = {16, 18}  # transfer functions of ITU-T H.273: PQ, HLG
_WIDE = {9}  # primaries of BT.2020
_UNSAID = 2
_WORDS = 100
_OVER = re.compile(r"Picture size (\d+)x(\d+) exceeds specified max pixel count")


Told = dict[str, Any]


def probed(path: str, container: str, max_pixels: int) -> Told:
    options = {"protocol_whitelist": "file", "probesize": "20000000", "analyzeduration": "20000000", "max_streams": "1000"}
    # Opening decodes pictures already, and would do so at any size: decoders are told the limit before, and say what was over it.
    decoders = {"max_pixels": str(max_pixels)}
    with (
        av.logging.Capture() as said,
        av.open("file:" + path, format=container, options=decoders, container_options=options, metadata_errors="replace") as media,
    ):
        videos = [_video(each) for each in media.streams.video if not each.disposition & Disposition.attached_pic]
        for each in videos:
            each.update(_refused_size(said) if not each["width"] else {})
        if videos and all(0 < each["width"] * each["height"] <= max_pixels for each in videos):
            _look_closer(media, videos)
        return {
            "streams": len(media.streams),
            "video": videos,
            "audio": [_audio(each) for each in media.streams.audio],
            "subtitles": [{**_common(each), "title": _word(each.metadata.get("title"))} for each in media.streams.subtitles],
            "duration_seconds": _seconds(media) or _measured_seconds(path, container, options),
        }


def _common(stream: Stream) -> Told:
    codec = stream.codec_context.codec.canonical_name if stream.codec_context else None
    return {"index": stream.index, "codec": codec or "unknown", "language": _word(stream.language)}


def _audio(stream: AudioStream) -> Told:
    return {**_common(stream), "channels": stream.codec_context.channels, "sample_rate_hz": stream.codec_context.sample_rate}


def _word(text: str | None) -> str | None:
    return text[:_WORDS] if text and text != "und" else None


def _video(stream: VideoStream) -> Told:
    context, rate = stream.codec_context, stream.average_rate or stream.guessed_rate
    return {
        **_common(stream),
        "width": context.width,
        "height": context.height,
        "sample_aspect": str(stream.sample_aspect_ratio or Fraction(1)),
        "pixel_format": context.pix_fmt or "unknown",
        "bit_depth": max((each.bits for each in context.format.components), default=8) if context.format else 8,
        "seconds": float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None,
        "frames_per_second": float(rate) if rate else None,
        "is_hdr": context.color_trc in _HDR,
        "has_wide_colors": context.color_primaries in _WIDE,
        "has_color_matrix": context.colorspace != _UNSAID or bool(context.format and context.format.is_rgb),
        "rotation_degrees": 0,
        "has_variable_rate": False,
        "decodes": False,
    }


def _refused_size(said: list[tuple[int, str, str]]) -> Told:
    """Width and height of a picture that a decoder would not show."""
    sizes = [(int(found[1]), int(found[2])) for _, _, line in said if (found := _OVER.search(line))]
    if not sizes:
        return {}
    width, height = max(sizes, key=math.prod)
    return {"width": width, "height": height}


def _look_closer(media: InputContainer, found: list[Told]) -> None:
    """Decode a picture of each video stream: only its frames tell how it is turned, and that it decodes at all."""
    wanted = {each["index"]: each for each in found}
    streams = [each for each in media.streams.video if each.index in wanted]
    for each in streams:
        each.codec_context.thread_count = 1
    times: dict[int, list[int]] = {index: [] for index in wanted}
    for packet in islice(media.demux(streams), _PACKETS * len(streams)):
        told = wanted[packet.stream.index]
        if packet.pts is not None:
            times[packet.stream.index].append(packet.pts)
        if told["decodes"]:
            continue
        try:
            pictures = [each for each in packet.decode() if isinstance(each, av.VideoFrame)]
        except av.error.InvalidDataError:  # the next one may be good
            continue
        if pictures:
            told["decodes"] = True
            told["rotation_degrees"] = -round(pictures[0].rotation / 90) * 90 % 360
    for index, found_times in times.items():
        # Of a stream that goes on, pictures that are shown between the last ones may not have come yet.
        shown = sorted(found_times)[: -_REORDERED if len(found_times) >= _PACKETS // 2 else None]
        wanted[index]["has_variable_rate"] = _varies(shown)


def _varies(times: list[int]) -> bool:
    """Whether pictures come at uneven distances; a tick of rounding, as Matroska's milliseconds need, is none."""
    steps = sorted(after - before for before, after in pairwise(times))
    return len(steps) > 1 and steps[-1] - steps[0] > max(2, 0.1 * steps[len(steps) // 2])


def _seconds(media: InputContainer) -> float | None:
    """From the first picture or sound to the last; Matroska counts from zero, wherever the first one is."""
    if not media.duration:
        return None
    before = (media.start_time or 0) if media.format.name.startswith("matroska") else 0
    return (media.duration - before) / av.time_base


def _measured_seconds(path: str, container: str, options: dict[str, str]) -> float | None:
    """Browsers record WebM without a duration: read it all, decode nothing."""
    start, end = float("inf"), 0.0
    with av.open("file:" + path, format=container, container_options=options, metadata_errors="replace") as media:
        for packet in media.demux():
            if packet.pts is not None and packet.time_base is not None:
                start = min(start, float(packet.pts * packet.time_base))
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end - start if end > start else None


def main(arguments: list[str]) -> None:
    av.logging.set_level(av.logging.ERROR)
    path, container, max_pixels = arguments
    try:
        answer = probed(path, container, int(max_pixels))
    except (av.FFmpegError, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
