"""The cues of a subtitle stream inside a media file. Files of captions are read in `cues`, which this hands the text to."""

from pathlib import Path

import ffmpeg

from domain.errors import FieldProblem, Unacceptable
from domain.media import Cue, MediaLimits, Probe
from gateways.media.cues import FILE_BYTES, read_plain
from gateways.media.probe import Source
from gateways.media.runner import Job, run_ffmpeg

_TEXT = "subtitles.srt"
_PICTURES = {"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub", "dvb_teletext"}


def read_subtitles(source: Source, found: Probe, index: int, limits: MediaLimits, folder: Path) -> tuple[Cue, ...]:
    """Whatever the codec (tx3g, SubRip, ASS, WebVTT), ffmpeg makes plain text of it: no markup is left, only line breaks."""
    codecs = {each.index: each.codec for each in found.subtitles}
    if index not in codecs:
        raise _refused(f"stream {index} is no subtitle stream of the file")
    if codecs[index] in _PICTURES:
        raise _refused(f"stream {index} ({codecs[index]}) holds pictures of text and no text")
    graph = ffmpeg.output(ffmpeg.input("source")[str(index)], _TEXT, **{"c:s": "text", "f": "srt"})
    run_ffmpeg(Job(arguments=graph.compile(), sources={"source": source}, folder=folder, seconds=found.duration_seconds), limits)
    with (folder / _TEXT).open("rb") as file:
        return read_plain(file.read(FILE_BYTES + 1))


def _refused(detail: str) -> Unacceptable:
    return Unacceptable(f"the subtitles cannot be read: {detail}", (FieldProblem("index", detail),))
