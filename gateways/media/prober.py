"""Opens one media file and prints what stands in it as JSON. Run by path in a process of its own, therefore it imports nothing of ours.

A C library reads a file that nobody vouches for, so it does that where it can harm nothing. Limits are judged in `gateways.media.probe`.
"""

import json
import sys
from fractions import Fraction
from itertools import islice, pairwise

import av
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


def probed(path: str, container: str, max_pixels: int) -> dict[str, object]:
    options = {"protocol_whitelist": "file", "probesize": "20000000", "analyzeduration": "20000000", "max_streams": "1000"}
    with av.open("file:" + path, format=container, container_options=options, metadata_errors="replace") as media:
        found = {
            "streams": len(media.streams),
            "video": [_video(each) for each in media.streams.video if not each.disposition & Disposition.attached_pic],
            "audio": [
                {**_common(each), "channels": each.codec_context.channels, "sample_rate_hz": each.codec_context.sample_rate}
                for each in media.streams.audio
            ],
            "subtitles": [{**_common(each), "title": _word(each.metadata.get("title"))} for each in media.streams.subtitles],
        }
        if found["video"] and all(0 < each["width"] * each["height"] <= max_pixels for each in found["video"]):
            _look_closer(media, found["video"])
        found["duration_seconds"] = media.duration / av.time_base if media.duration else _measured_seconds(path, container, options)
    return found


def _common(stream: Stream) -> dict[str, object]:
    codec = stream.codec_context.codec.canonical_name if stream.codec_context else None
    return {"index": stream.index, "codec": codec or "unknown", "language": _word(stream.language)}


def _word(text: str | None) -> str | None:
    return text[:_WORDS] if text and text != "und" else None


def _video(stream: VideoStream) -> dict[str, object]:
    context, rate = stream.codec_context, stream.average_rate or stream.guessed_rate
    return {
        **_common(stream),
        "width": context.width,
        "height": context.height,
        "sample_aspect": str(stream.sample_aspect_ratio or Fraction(1)),
        "pixel_format": context.pix_fmt or "unknown",
        "bit_depth": max((each.bits for each in context.format.components), default=8) if context.format else 8,
        "frames_per_second": float(rate) if rate else None,
        "is_hdr": context.color_trc in _HDR,
        "has_wide_colors": context.color_primaries in _WIDE,
        "has_color_matrix": context.colorspace != _UNSAID or bool(context.format and context.format.is_rgb),
        "rotation_degrees": 0,
        "has_variable_rate": False,
        "decodes": False,
    }


def _look_closer(media: InputContainer, found: list[dict[str, object]]) -> None:
    """Decode a picture of each video stream: only its frames tell how it is turned, and that it decodes at all."""
    wanted = {each["index"]: each for each in found}
    streams = [each for each in media.streams.video if each.index in wanted]
    times: dict[int, list[int]] = {index: [] for index in wanted}
    for packet in islice(media.demux(streams), _PACKETS * len(streams)):
        told = wanted[packet.stream.index]
        if packet.pts is not None:
            times[packet.stream.index].append(packet.pts)
        if told["decodes"]:
            continue
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:  # the next one may be good
            continue
        if frames:
            told["decodes"] = True
            told["rotation_degrees"] = -round(frames[0].rotation / 90) * 90 % 360
    for index, found_times in times.items():
        # Of a stream that goes on, pictures that are shown between the last ones may not have come yet.
        shown = sorted(found_times)[: -_REORDERED if len(found_times) >= _PACKETS // 2 else None]
        wanted[index]["has_variable_rate"] = _varies(shown)


def _varies(times: list[int]) -> bool:
    """Whether pictures come at uneven distances; a tick of rounding, as Matroska's milliseconds need, is none."""
    steps = sorted(after - before for before, after in pairwise(times))
    return len(steps) > 1 and steps[-1] - steps[0] > max(2, 0.1 * steps[len(steps) // 2])


def _measured_seconds(path: str, container: str, options: dict[str, str]) -> float | None:
    """Browsers record WebM without a duration: read it all, decode nothing."""
    end = 0.0
    with av.open("file:" + path, format=container, container_options=options, metadata_errors="replace") as media:
        for packet in media.demux():
            if packet.pts is not None and packet.time_base is not None:
                end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end or None


def main(arguments: list[str]) -> None:
    path, container, max_pixels = arguments
    try:
        answer = probed(path, container, int(max_pixels))
    except (av.FFmpegError, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:])
