"""Two thousand texts of random characters of 24 scripts and emoji (marks where none belongs, words of up to 30 letters, two scripts in
one text) are drawn word by word into frames of 360 x 640 by the product's own script, fonts and runner. A text overflows when a pixel
outside the safe area of all players changes; one is lost when nothing of it is drawn. *Script* is the time to set a minute of speech
of 180 words (lines, places, ASS), once the fonts are read.
`python -m bench.clips_captions FILE` draws the picture of docs/method.md instead.
"""

import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from bench.harness.rows import Row, Scale
from domain.clips.look import Player
from domain.clips.pages import shown_words
from domain.clips.pieces import Piece
from domain.clips.safe_areas import safe_area
from domain.media import ClipPlan, Cue, Obstacle
from domain.transcripts import words_of
from gateways.media.captions import script_of
from tests.gateways.media.captioned import (
    GROUND,
    SAMPLES,
    Frames,
    frames_of,
    outside,
    plan_of,
    plan_of_texts,
    random_texts,
    touched,
)  # fmt: skip

TITLE = "Captions: no text leaves the safe area"

TEXTS, AT_ONCE = 2000, 200
WIDTH, HEIGHT = 360, 640
MINUTE = " ".join(SAMPLES["latin"].split() * 17)[:1000]
PICTURE = ("latin", "arabic", "devanagari", "japanese")


def run(scale: Scale) -> list[Row]:
    count = scale.rows(TEXTS)
    over, lost = _random(count)
    setting = _minute()
    return [
        Row(name="texts that overflow", ours=over, unit=f"of {count}", bar="0", passed=over == 0),
        Row(name="texts that are lost", ours=lost, unit=f"of {count}", bar="0", passed=lost == 0),
        Row(name="script of a minute", ours=setting, unit="s", bar="<= 1", passed=setting <= 1),
    ]


def _random(count: int) -> tuple[int, int]:
    area, over, lost = safe_area(Player.ALL, WIDTH, HEIGHT), 0, 0
    texts = list(random_texts(count, seed=2026))
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        for at in range(0, count, AT_ONCE):
            part = texts[at : at + AT_ONCE]
            frames = frames_of(plan_of_texts(part, WIDTH, HEIGHT), Path(name), len(part), rate=1)
            over += len(outside(frames, area))
            seen = [bool(each.any()) for each in touched(frames)]
            lost += sum(bool(text.strip()) and not is_seen for text, is_seen in zip(part, seen, strict=True))
    return over, lost


def _minute() -> float:
    plan = plan_of(*shown_words(words_of((Cue(0, 60, MINUTE),)), (Piece(start_seconds=0, end_seconds=60),)), seconds=60)
    script_of(plan)  # reads the fonts
    began = time.monotonic()
    script_of(plan)
    return time.monotonic() - began


def paint(path: Path) -> None:
    """Four clips side by side, of four scripts: the hook, the word that is said, and how captions keep clear of a face."""
    with tempfile.TemporaryDirectory(prefix="whyral-bench-") as name:
        frames = [_still(PICTURE[at], at, Path(name)) for at in range(len(PICTURE))]
    line = np.full((frames[0].shape[0], 8, 3), 255, np.uint8)
    sheet = np.hstack([each for frame in frames for each in (frame, line)][:-1])
    cv2.imwrite(str(path), sheet[:, :, ::-1])


def _still(script: str, number: int, folder: Path) -> Frames:
    has_face, has_hook = number == len(PICTURE) - 1, number == 0
    face = Obstacle(start_seconds=0, end_seconds=8, left=0.25, right=0.75, top=0.42, bottom=0.68)
    words = shown_words(words_of((Cue(0, 8, SAMPLES[script]),)), (Piece(start_seconds=0, end_seconds=8),))
    plan: ClipPlan = plan_of(
        *words, seconds=8, width=405, height=720, watermark="@yourname", obstacles=(face,) if has_face else (),
        hook_text="Why nobody watches to the end" if has_hook else None,
    )  # fmt: skip
    frame: Frames = frames_of(plan, folder, 8, rate=2)[3].copy()
    area = safe_area(plan.player, plan.width, plan.height)
    corner, other = (int(area.left * 405), int(area.top * 720)), (int((1 - area.right) * 405), int((1 - area.bottom) * 720))
    cv2.rectangle(frame, corner, other, (GROUND + 60,) * 3, 1)
    if has_face:
        middle, axes = (405 // 2, int(0.55 * 720)), (int(0.25 * 405), int(0.13 * 720))
        cv2.ellipse(frame, middle, axes, 0, 0, 360, (GROUND + 60,) * 3, -1)
    return frame


if __name__ == "__main__":
    paint(Path(sys.argv[1]))
