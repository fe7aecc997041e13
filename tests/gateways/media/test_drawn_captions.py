"""Captions as they look: where they lie, which word is marked when, that every letter is one, and that nothing is obeyed."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from domain.clips.look import Player
from domain.clips.pages import shown_words
from domain.clips.pieces import Piece
from domain.clips.safe_areas import safe_area
from domain.media import Cue, MediaLimits, Obstacle, ShownWord
from domain.transcripts import words_of
from gateways.media.captions import WORDS_EM, script_of
from gateways.media.glyphs import FONTS, width_em
from gateways.media.lines import drawable
from gateways.media.picture import CAPTION_ENVIRONMENT
from gateways.media.runner import Job, run_ffmpeg
from tests.gateways.media.captioned import (
    ATTACKS,
    SAMPLES,
    Frames,
    bounds,
    frames_of,
    outside,
    plan_of,
    plan_of_texts,
    random_texts,
    touched,
    where_colored,
)  # fmt: skip

SIZE = {"width": 270, "height": 480}
ACCENT = (255, 212, 0)
LARGE = {"width": 540, "height": 960}


def spoken(text: str, seconds: float) -> tuple[ShownWord, ...]:
    return shown_words(words_of((Cue(0, seconds, text),)), (Piece(start_seconds=0, end_seconds=seconds),))


@pytest.mark.parametrize(
    ("player", "width", "height"),
    [*((each, 270, 480) for each in Player), (Player.ALL, 360, 450), (Player.ALL, 360, 360)],
    ids=[*Player, "all, 4:5", "all, 1:1"],
)
def test_captions_of_every_script_lie_inside_the_safe_area(tmp_path: Path, player, width, height):
    plan = plan_of_texts(list(SAMPLES.values()), width, height, player)

    frames = frames_of(plan, tmp_path, len(SAMPLES), rate=1)

    assert touched(frames).any(axis=(1, 2)).all()
    assert outside(frames, safe_area(player, width, height)) == []


def test_random_texts_of_all_scripts_lie_inside_it(tmp_path: Path):
    """`bench.clips_captions` draws two thousand."""
    plan = plan_of_texts(list(random_texts(60, seed=7)), 270, 480)

    assert outside(frames_of(plan, tmp_path, 60, rate=1), safe_area(Player.ALL, 270, 480)) == []


@pytest.mark.parametrize(("script", "is_leftward"), [("latin", False), ("hebrew", True), ("arabic", True), ("japanese", False)])
def test_the_marked_word_is_the_one_that_is_said(tmp_path: Path, script, is_leftward):
    """Its box is as wide as the word, and beside that of the word before it."""
    words = spoken(SAMPLES[script], 8.0)
    found = frames_of(plan_of(*words, seconds=8.0, width=360, height=640), tmp_path, 80, rate=10)

    before = None
    for word in words:
        first, last = math.ceil(word.start_seconds * 10), math.ceil(word.end_seconds * 10) - 1
        left, top, right, _ = bounds(where_colored(found[first], ACCENT))
        assert np.array_equal(where_colored(found[first], ACCENT), where_colored(found[last], ACCENT))
        if not word.text.isdigit():  # numbers are drawn in the font of the word before
            assert (right - left) * 360 == pytest.approx((width_em(word.text) + 2 * 0.12) * WORDS_EM * 360, rel=0.06, abs=5)
        if before and before[:2] == (word.page, round(top, 2)):
            assert (left < before[2]) == is_leftward
        before = word.page, round(top, 2), left


def test_a_foreign_word_stands_inside_a_line_from_right_to_left(tmp_path: Path):
    words = spoken("أنا TikTok هنا", 3.0)
    found = frames_of(plan_of(*words, seconds=3.0, **LARGE), tmp_path, 30, rate=10)

    first, second, third = (bounds(where_colored(found[each], ACCENT)) for each in (1, 12, 28))
    assert first[1] == pytest.approx(third[1], abs=0.02)
    assert first[0] > second[2] - 0.03
    assert second[0] > third[2] - 0.03


def test_every_letter_is_found_in_our_fonts_and_none_is_an_empty_box(tmp_path: Path):
    (tmp_path / "captions.ass").write_text(script_of(plan_of_texts(list(SAMPLES.values()), 270, 480)), encoding="utf-8")
    (tmp_path / "fonts").symlink_to(FONTS)
    graph = f"color=gray:s=270x480:r=1:d={len(SAMPLES)},ass=captions.ass:fontsdir=fonts[v]"
    words = ("ffmpeg", "-loglevel", "verbose", "-filter_complex", graph, "-map", "[v]", "-f", "null", "-")
    job = Job(arguments=words, sources={}, folder=tmp_path, seconds=1, environment=CAPTION_ENVIRONMENT, says_much=True)

    said = run_ffmpeg(job, MediaLimits())

    assert "fontselect: (Noto Sans Thai, 700, 0) -> NotoSansThai-Bold" in said
    assert "not found" not in said.replace("Glyph 0x2060 not found", "")
    assert "/usr/share/fonts" not in said


def test_an_attack_is_drawn_as_its_characters_and_nothing_else(tmp_path: Path):
    """As the same text is whose braces and backslashes are signs of about their width that mean nothing in a script."""
    meant = [drawable(each).translate({ord("\\"): "/", ord("{"): "(", ord("}"): ")"}) for each in ATTACKS]

    def captioned(texts: Sequence[str], folder: Path) -> Frames:
        cues = tuple(Cue(2 * at, 2 * at + 1, each) for at, each in enumerate(texts))
        return frames_of(plan_of(seconds=2 * len(texts), captions=cues, **SIZE), folder, 2 * len(texts), rate=1)

    attacked, harmless = captioned(ATTACKS, tmp_path / "attacked"), captioned(meant, tmp_path / "harmless")

    assert outside(attacked, safe_area(Player.ALL, 270, 480)) == []
    assert touched(attacked).any(axis=(1, 2)).tolist() == [True, False] * len(ATTACKS)
    for one, other in zip(touched(attacked[::2]), touched(harmless[::2]), strict=True):
        assert np.abs(np.array(bounds(one)) - bounds(other)).max() < 0.12
        # Hardly more or less ink: no drawing, no other size, no other weight.
        assert one.sum() == pytest.approx(other.sum(), rel=0.3)


@pytest.mark.parametrize("face", [(0.35, 0.62), (0.5, 0.7), (0.14, 0.5), (0.2, 0.35)])
def test_no_caption_lies_over_a_face_while_a_band_is_free(tmp_path: Path, face):
    top, bottom = face
    obstacle = Obstacle(start_seconds=1, end_seconds=3, left=0.2, right=0.8, top=top, bottom=bottom)
    words = spoken("Two short words. And then some more of them.", 4.0)

    found = touched(frames_of(plan_of(*words, seconds=4.0, obstacles=(obstacle,), **SIZE), tmp_path, 40, rate=10))

    rows = slice(round(top * 480), round(bottom * 480))
    assert not found[11:29, rows, 54:216].any()
    assert found[12:28].any(axis=(1, 2)).all()


def test_hook_and_watermark_lie_inside_the_safe_area_and_the_hook_goes(tmp_path: Path):
    plan = plan_of(seconds=5.0, hook_text="Why nobody watches your videos \U0001f525", watermark="@whyral", **LARGE)

    frames = frames_of(plan, tmp_path, 5, rate=1)

    early, late = bounds(touched(frames)[1]), bounds(touched(frames)[4])
    assert outside(frames, safe_area(Player.ALL, 540, 960)) == []
    assert early[3] > 0.25
    assert late[3] < 0.18
    assert np.abs(late[0] - 0.06) < 0.02
    # 60 % of white on the ground.
    assert frames[4].max() == pytest.approx(0x40 + 0.6 * (255 - 0x40), abs=12)


@pytest.mark.parametrize(
    "text", ["1\ufe0f\u20e3", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea"]
)
def test_emoji_of_several_code_points_are_drawn_as_one_without_letters_beside_them(tmp_path: Path, text):
    alone, beside = (frames_of(plan_of(*spoken(each, 2.0), seconds=2.0, **LARGE), tmp_path, 1)[0] for each in (text, f"{text} w"))

    one, other = bounds(where_colored(alone, ACCENT)), bounds(where_colored(beside, ACCENT))
    assert one[2] - one[0] == pytest.approx(other[2] - other[0], abs=0.01)
    assert one[2] - one[0] < 0.12


def test_words_in_another_colour_are_readable_on_it(tmp_path: Path):
    found = frames_of(plan_of(*spoken("dark box", 2.0), seconds=2.0, accent="#202080", **LARGE), tmp_path, 1)[0]

    left, top, right, bottom = bounds(where_colored(found, (0x20, 0x20, 0x80)))
    box = found[int(top * 960) : int(bottom * 960), int(left * 540) : int(right * 540)]
    assert box.max() > 240
