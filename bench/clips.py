"""A clip of twenty seconds, 1080x1920, from a talk of 1280x720 with captions: the product's `StoredMedia.render` (probing, confinement,
two passes of loudness, keeping by hash) against one ffmpeg command as a person would write it, with the same binary, the same filters
and encoder settings, and one-pass loudnorm. Three rounds in turn; the figure is the median of the wall clock, the note compares the
processor time. *Of pieces* is the same length, of ten pieces with a second of the talk left out between any two, and a window that
moves; by hand the sound is cut hard. *Real time* is the clip's length over ours. *Pictures decoded* counts those that ffmpeg's decoder
gave for one clip from the end of the talk, over those shown: what is more comes from the key frame before the span, or is left out
between pieces.
"""

import re
import tempfile
from pathlib import Path

from bench.harness.rows import Row, Scale
from bench.harness.talks import Stage, Turn, captions, in_turn
from domain.clips.look import Layout
from domain.clips.pieces import Piece, Point, Window
from domain.media import ClipPlan, MediaLimits
from gateways.media.fitting import write_scripts
from gateways.media.picture import CAPTION_ENVIRONMENT, constant_rate, picture
from gateways.media.probe import probe, recognised
from gateways.media.runner import Job, run_ffmpeg

TITLE = "Rendering a clip, against the same ffmpeg command by hand"

SECONDS, TALK_SECONDS = 20.0, 60.0
PIECES = 10
FIT = (
    "[0:v:0]fps=25,setparams=colorspace=bt709,scale=1080:608:out_color_matrix=bt709:out_range=tv:flags=bicubic,format=yuv420p,setsar=1,split[a][b];"
    "[a]scale=270:480:force_original_aspect_ratio=increase:flags=bilinear,crop=270:480,gblur=sigma=10,lutyuv=y=(val-16)*0.75+16,"
    "scale=1080:1920:flags=bilinear,setsar=1[back];[back][b]overlay=x=0:y=656,ass=captions.ass:fontsdir=fonts,format=yuv420p[v];"
    "[0:a:0]loudnorm=I=-14:TP=-1.5:LRA=11,aresample=48000[s]"
)
KEPT = "+".join(f"between(t,{3 * number},{3 * number + 1.999})" for number in range(PIECES))
FOCUS = (
    f"[0:v:0]fps=25,select='{KEPT}',setpts=N/25/TB,crop=404:720:'1280*(0.1+0.25*mod(t,2))':0,setparams=colorspace=bt709,"
    "scale=1080:1920:out_color_matrix=bt709:out_range=tv:flags=bicubic,format=yuv420p,setsar=1,ass=captions.ass:fontsdir=fonts[v];"
    f"[0:a:0]aselect='{KEPT}',asetpts=N/SR/TB,loudnorm=I=-14:TP=-1.5:LRA=11,aresample=48000[s]"
)


def run(scale: Scale) -> list[Row]:
    cues = captions(SECONDS)
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        stage = Stage(Path(name), TALK_SECONDS)
        rounds = scale.rounds if scale.share == 1 else 1
        whole, pieces = _whole(1.0), _of_pieces(1.0)
        plain = in_turn(lambda: stage.render(whole), lambda: stage.by_hand(FIT, 1.0, SECONDS, cues), rounds)
        pieced = in_turn(lambda: stage.render(pieces), lambda: stage.by_hand(FOCUS, 1.0, pieces.end_seconds - 1.0, cues), rounds)
        decoded = [_decoded(stage, plan, Path(name) / str(number)) for number, plan in enumerate((_whole(39.0), _of_pieces(30.0)))]
    return [
        _compared("one clip of 20 s, fit on its blurred self", plain),
        _compared("one clip of 20 s, of 10 pieces, in focus", pieced),
        _real_time("real time, fit", plain.wall[0]),
        _real_time("real time, of pieces", pieced.wall[0]),
        Row(name="pictures decoded for one shown, fit", ours=decoded[0], unit="", note="the talk has 1500, the clip 500"),
        Row(name="pictures decoded for one shown, of pieces", ours=decoded[1], unit="", note="a third of the span is left out"),
    ]


def _compared(name: str, found: Turn) -> Row:
    ratio = found.wall[0] / found.wall[1]
    return Row(
        name=name,
        ours=found.wall[0],
        baseline=found.wall[1],
        unit="s",
        ratio=ratio,
        bar="<= 1.10 times",
        passed=ratio <= 1.10,
        note=f"processor time {found.processor[0] / found.processor[1]:.2f} times",
    )


def _real_time(name: str, seconds: float) -> Row:
    return Row(name=name, ours=SECONDS / seconds, unit="x", bar=">= 1.5 x", passed=SECONDS / seconds >= 1.5, note="1080x1920, veryfast")


def _whole(start: float) -> ClipPlan:
    return ClipPlan(start_seconds=start, end_seconds=start + SECONDS, video_index=0, audio_index=1, captions=captions(SECONDS))


def _of_pieces(start: float) -> ClipPlan:
    moving = Window(width=0.316, height=1.0, path=(Point(0.0, 0.1, 0.0), Point(2.0, 0.6, 0.0)))
    spans = [(start + 3 * number, start + 3 * number + SECONDS / PIECES) for number in range(PIECES)]
    pieces = tuple(Piece(start_seconds=one, end_seconds=other, layout=Layout.FOCUS, windows=(moving,)) for one, other in spans)
    return ClipPlan(start_seconds=start, end_seconds=spans[-1][1], video_index=0, audio_index=1, captions=captions(SECONDS), pieces=pieces)


def _decoded(stage: Stage, plan: ClipPlan, folder: Path) -> float:
    """By the count that ffmpeg itself gives at the end, of the product's own graph."""
    folder.mkdir()
    source, limits = recognised(stage.source), MediaLimits()
    stream = probe(source, limits, folder).video[0]
    write_scripts(stream, plan, constant_rate(stream.frames_per_second), folder)
    graph = picture(stream, plan, has_captions=False).output("-", format="null", loglevel="verbose")
    job = Job(arguments=graph.compile(), sources={"source": source}, folder=folder, seconds=plan.seconds, environment=CAPTION_ENVIRONMENT)
    said = run_ffmpeg(job, limits)
    return int(re.findall(r"(\d+) frames decoded", said)[-1]) / (plan.seconds * 25)
