"""Decodes a file once, picture and sound together, and prints what it sees as a line of JSON each.

`{"s": [at, sharpness, brightness, motion, [[left, top, width, height, mouth], ...]]}` a sample, `{"c": at}` a cut, `{"u": [from, to]}` a
part without a picture; at the end `{"e": {...}}` with the levels, and how many pictures there were. Damaged packets are passed over.
"""

import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import av
import cv2
from av.container import InputContainer

from gateways.media.seeing.frames import Shape
from gateways.media.seeing.sampling import Sampler
from gateways.media.seeing.sounds import LevelMeter

_OPTIONS = {"protocol_whitelist": "file", "probesize": "20000000", "analyzeduration": "20000000", "max_streams": "1000"}
_THREADS = 2
_PASSED_OVER = (av.error.InvalidDataError, av.error.EOFError, av.error.UndefinedError, av.error.ExternalError, av.error.BugError)


def say(line: dict[str, Any]) -> None:
    """At once: whoever waits reads how far we are."""
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def watch(media: InputContainer, told: dict[str, Any]) -> None:
    starts_at = (media.start_time or 0) / av.time_base
    sampler = Sampler(
        Shape(width=told["width"], height=told["height"], turns=told["turns"]), starts_at=starts_at, seconds=told["seconds"], say=say
    )
    meter = LevelMeter(starts_at=starts_at, seconds=told["seconds"])
    for frame in _frames(media, told["video"], told["audio"]):
        if isinstance(frame, av.VideoFrame):
            sampler.add(frame)
        else:
            meter.add(frame)
    sampler.end()
    spent = resource.getrusage(resource.RUSAGE_SELF)
    cpu_seconds = round(spent.ru_utime + spent.ru_stime, 3)
    say({"e": {"pictures": sampler.pictures, "levels": meter.levels(), "cpu_seconds": cpu_seconds}})


def _frames(media: InputContainer, video: int, audio: int | None) -> Iterator[av.VideoFrame | av.AudioFrame]:
    pictures = media.streams[video]
    pictures.codec_context.thread_type, pictures.codec_context.thread_count = "FRAME", _THREADS
    # Blocks stay visible, which no later step minds, and a fifth of the work is saved.
    pictures.codec_context.options = {"skip_loop_filter": "all"}
    streams = [pictures, *([media.streams[audio]] if audio is not None else [])]
    packets = media.demux(streams)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except _PASSED_OVER:  # the rest of the file cannot be read
            packet = None
        if packet is None:
            return
        try:
            yield from packet.decode()  # type: ignore[misc]  # of pictures and sound there are no subtitles
        except _PASSED_OVER:  # the next one may be good
            continue


def main(arguments: list[str]) -> None:
    """Arguments: the file, its container, and what is known of it as JSON."""
    path, container, told = arguments
    cv2.setNumThreads(1)
    try:
        with av.open("file:" + path, format=container, container_options=_OPTIONS, metadata_errors="replace") as media:
            watch(media, json.loads(told))
    except (av.FFmpegError, ValueError, cv2.error) as error:
        sys.exit(f"{type(error).__name__}: {error}")
