"""Captions in a rendered clip, found by what they change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.media import Cue, MediaLimits
from gateways.media.captions import script
from gateways.media.glyphs import FONTS
from gateways.media.picture import picture
from gateways.media.probe import recognised
from gateways.media.render import CAPTION_ENVIRONMENT
from gateways.media.runner import Job, run_ffmpeg
from tests.gateways.media.conftest import Bench
from tests.gateways.media.making import frames, plan

Sample = Callable[[str], Path]


CAPTION = Cue(0.2, 0.6, "Readable words on two lines of the picture")


def difference(stored: Bench, source: Path, *cues: Cue, **plan: Any) -> np.ndarray[Any, Any]:
    """How much each pixel differs between the clip with captions and the one without, by frame."""
    shown, plain = (stored.clip(source, captions=captions, **plan)[1] for captions in (cues, ()))
    return np.array(
        [np.abs(one.astype(int) - other).max(axis=2) for one, other in zip(frames(shown), frames(plain), strict=True)], dtype=int
    )


def test_captions_are_drawn_at_their_time_inside_the_safe_area(stored: Bench, sample: Sample):
    changed = difference(stored, sample("marked"), CAPTION, end_seconds=0.8) > 100

    lit = changed.any(axis=(1, 2))
    rows, columns = np.nonzero(changed.any(axis=0))
    assert list(np.flatnonzero(lit)) == list(range(5, 15))
    assert rows.min() / 480 > 0.55
    assert rows.max() / 480 <= 0.65
    assert columns.min() / 270 > 0.15
    assert columns.max() / 270 < 0.85


@pytest.mark.parametrize("text", ["W" * 80, "{\\an8}{\\pos(10,10)}{\\fs200}top", "\\N" * 30 + "x", "word " * 60])
def test_no_caption_leaves_the_safe_area(stored: Bench, sample: Sample, text):
    changed = difference(stored, sample("marked"), Cue(0, 0.2, text), end_seconds=0.2) > 100

    rows, columns = np.nonzero(changed.any(axis=0))
    assert len(rows) > 20
    assert rows.min() / 480 > 0.50
    assert rows.max() / 480 <= 0.65
    assert columns.min() / 270 > 0.15
    assert columns.max() / 270 < 0.85


def test_captions_are_written_in_our_own_font_without_any_of_the_system(stored: Bench, sample: Sample, tmp_path: Path):
    """In the runner's own environment; at its usual level ffmpeg does not tell fonts, so the graph is run once more, talking."""
    (tmp_path / "captions.ass").write_text(script((Cue(0, 1, "Words"),), 270, 480), encoding="utf-8")
    (tmp_path / "fonts").symlink_to(FONTS)
    graph = picture(stored.probe(sample("moving")).video[0], plan(), has_captions=True).output("-", format="null", loglevel="verbose")
    job = Job(
        arguments=graph.compile(),
        sources={"source": recognised(sample("moving"))},
        folder=tmp_path,
        seconds=2,
        environment=CAPTION_ENVIRONMENT,
    )

    said = run_ffmpeg(job, MediaLimits())

    assert "Loading font file 'fonts/DejaVuSans-Bold.ttf'" in said
    assert "fontselect: (DejaVu Sans, 700, 0) -> DejaVuSans-Bold" in said
    assert "/usr/share/fonts" not in said
