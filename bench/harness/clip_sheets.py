"""The pictures of the guide about clips: a composed talk, and clips of it as they come out, frame by frame and in several looks.

Made by `python -m bench.harness.clip_sheets docs/pictures`, which writes `clip-frames.png` and `clip-looks.png`. The clips are previews.
"""

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import cv2
import numpy as np

from domain.clips.analysis import MediaAnalysis
from domain.clips.composing import Given, compose
from domain.clips.covers import best_frame
from domain.clips.look import Aspect, Captions, Layout, Look
from domain.transcripts import Source, Transcript, transcribe
from gateways.files.store import LocalFiles
from gateways.media.tools import StoredMedia
from sandbox.interview import write_interview
from sandbox.interview_text import BEES, TIDES

NOBODY = UUID(int=0)
# Lines of the talk that the clip shows; at the moments of it (shares) frames are taken.
LINES, SHARES = slice(0, 4), (0.04, 0.17, 0.3, 0.45, 0.6, 0.78, 0.95)
SLIDE_LINES = slice(7, 9)
HOOK = "How bees vote"
LOOKS = (
    Look(hook_text=HOOK),
    Look(aspect=Aspect.PORTRAIT, layout=Layout.SPLIT, accent="#33CCFF"),
    Look(aspect=Aspect.SQUARE, captions=Captions.PLAIN),
    Look(layout=Layout.FIT, accent="#FF5A5F"),
)
_HIGH, _GAP = 400, 10

Picture = np.ndarray[Any, np.dtype[np.uint8]]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk that came in and was looked at."""

    tools: StoredMedia
    key: str
    transcript: Transcript
    analysis: MediaAnalysis
    folder: Path

    def clip(self, span: Span, look: Look) -> Path:
        plan = compose(self._given(span, look))
        path = self.folder / "clip.mp4"
        path.write_bytes(self.tools.preview(self.key, plan))
        return path

    def cover(self, span: Span, look: Look) -> Picture:
        plan = compose(self._given(span, look))
        content = self.tools.cover(self.key, plan, at_seconds=best_frame(self.analysis, plan.pieces) or 0.0, title=look.hook_text)
        return np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR), np.uint8)

    def _given(self, span: Span, look: Look) -> Given:
        return Given(
            span=span, look=look, transcript=self.transcript, analysis=self.analysis, duration_seconds=self.analysis.seconds,
            video_index=0, audio_index=1,
        )  # fmt: skip


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="whyral-sheets-") as name:
        made = write_interview(Path(name), subjects=(BEES, TIDES))
        talk = _taken_in(Path(name), made.video, made.captions)
        bees, tides = ((part[0].start_seconds, part[-1].end_seconds) for part in (made.said[LINES], made.said[SLIDE_LINES]))
        frames = [*_frames(talk.clip(bees, LOOKS[0]), SHARES), talk.cover(bees, LOOKS[0])]
        looks = [_frames(talk.clip(bees, look), (0.1,))[0] for look in LOOKS] + _frames(talk.clip(tides, Look()), (0.5,))
    for file, pictures in (("clip-frames.png", frames), ("clip-looks.png", looks)):
        cv2.imwrite(str(folder / file), _row(pictures), [cv2.IMWRITE_PNG_COMPRESSION, 9])


def _taken_in(folder: Path, video: Path, captions: Path) -> Talk:
    files = LocalFiles(folder / "files")
    tools = StoredMedia(files)
    key = files.put(NOBODY, [video.read_bytes()], limit_bytes=1_000_000_000).key
    analysis = tools.analyse(key, report=lambda _: None, is_unwanted=lambda: False)
    cues = tools.captions(captions.read_bytes())
    transcript = transcribe(cues, source=Source.UPLOAD, language="en", duration_seconds=analysis.seconds)
    return Talk(tools, key, transcript, analysis, folder)


def _frames(path: Path, shares: Sequence[float]) -> list[Picture]:
    """Pictures at these shares of a clip."""
    with av.open(str(path)) as media:
        pictures = [np.asarray(each.to_ndarray(format="bgr24"), np.uint8) for each in media.decode(video=0)]
    return [pictures[round(share * (len(pictures) - 1))] for share in shares]


def _row(pictures: Sequence[Picture]) -> Picture:
    """Side by side, all as high."""
    shown = [
        np.asarray(cv2.resize(each, (each.shape[1] * _HIGH // each.shape[0], _HIGH), interpolation=cv2.INTER_AREA)) for each in pictures
    ]
    return np.hstack([cv2.copyMakeBorder(each, 0, 0, 0, _GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255)) for each in shown])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
