"""The sound of a video as listeners want it: one stream, 16 kHz, 16 bit, one channel, as WAV. Who listens is in `gateways.speech`."""

from pathlib import Path

import ffmpeg

from domain.errors import FieldProblem, Unacceptable
from domain.media import Probe
from gateways.media.probe import Source
from gateways.media.runner import Job
from gateways.speech.sound import RATE_HZ

SOUND = "speech.wav"


def sound_job(source: Source, found: Probe, index: int, folder: Path) -> Job:
    """Makes `speech.wav` in the folder. Its times are the video's: what is missing before the first sound, or within, is silence.

    Raises Unacceptable where the stream is no sound of the file.
    """
    if index not in {each.index for each in found.audio}:
        detail = f"stream {index} is no sound of the file"
        raise Unacceptable(f"the video cannot be listened to: {detail}", (FieldProblem("index", detail),))
    heard = ffmpeg.input("source")[str(index)].filter("aresample", **{"async": 1, "first_pts": 0})
    plain = heard.filter("aformat", sample_fmts="s16", sample_rates=RATE_HZ, channel_layouts="mono")
    graph = ffmpeg.output(plain, SOUND, **{"c:a": "pcm_s16le", "f": "wav", "fflags": "+bitexact", "map_metadata": -1})
    return Job(arguments=graph.compile(), sources={"source": source}, folder=folder, seconds=found.duration_seconds)
