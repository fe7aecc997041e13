"""Captions on lines that fit, and a script that no caption can take over."""

from itertools import pairwise

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.media import Cue
from gateways.media.captions import LINES, Layout, escaped, pages, script, wrapped
from gateways.media.glyphs import font

ROOM = Layout(1080, 1920).room_em
LONG = "A rather long caption which needs several lines to be shown in a picture as narrow as this one is"


def events(*cues: Cue) -> list[tuple[int, int, str]]:
    return [(each.start, each.end, each.text) for each in pysubs2.SSAFile.from_string(script(cues, 1080, 1920))]


def test_a_short_caption_is_one_line():
    assert events(Cue(0.5, 2.0, "Hello there")) == [(500, 2000, "Hello there")]


def test_a_long_caption_is_paged_and_keeps_its_words_and_time():
    found = pages((Cue(1.0, 7.0, LONG),), ROOM)

    assert " ".join(line for page in found for line in page.lines) == LONG
    assert all(len(page.lines) <= LINES for page in found)
    assert found[0].start_seconds == 1.0
    assert found[-1].end_seconds == pytest.approx(7.0)
    assert all(one.end_seconds == other.start_seconds for one, other in pairwise(found))


def test_lines_are_even_rather_than_full():
    lines = wrapped("four words are here now", ROOM)
    widths = [font().width_em(line) for line in lines]

    assert len(lines) == 2
    assert max(widths) < 1.5 * min(widths)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="iWm@ .-\nÄж", min_size=1, max_size=120))
def test_no_line_is_wider_than_its_room(text):
    assert all(font().width_em(line) <= ROOM for line in wrapped(text, ROOM))


def test_a_word_that_no_line_can_hold_is_broken():
    lines = wrapped("W" * 60, ROOM)

    assert len(lines) > 2
    assert "".join(lines) == "W" * 60


def test_breaks_of_the_file_are_made_anew_and_those_of_a_dialogue_kept():
    assert wrapped("one\ntwo", ROOM) == ["one two"]
    assert wrapped("- one\n- two", ROOM) == ["- one", "- two"]


def test_overlapping_captions_follow_each_other():
    found = pages((Cue(2.0, 6.0, "second"), Cue(0.0, 5.0, "first")), ROOM)

    assert [(page.start_seconds, page.end_seconds, page.lines) for page in found] == [(0.0, 2.0, ("first",)), (2.0, 6.0, ("second",))]


def test_captions_that_begin_together_are_shown_together():
    found = pages((Cue(1.0, 3.0, "- one"), Cue(1.0, 3.0, "- two")), ROOM)

    assert [(page.start_seconds, page.end_seconds, page.lines) for page in found] == [(1.0, 3.0, ("- one", "- two"))]


@pytest.mark.parametrize(
    "attack",
    [
        "{\\pos(0,0)}up there",
        "{\\fs400}huge",
        "{\\p1}m 0 0 l 999 0 999 999",
        "\\N\\N\\N\\N\\Nhigher",
        "\\h\\n",
        "{unclosed",
        "}{\\b1}{",
        "x\nDialogue: 0,0:00:00.00,9:00:00.00,Default,,0,0,0,,injected",
        "x\r\n[V4+ Styles]\r\nStyle: Default,Arial,300",
        "{\\fnArial}\\{\\b1\\}",
    ],
)
def test_no_caption_is_obeyed(attack):
    text = script((Cue(0, 1, attack),), 1080, 1920)

    lines = [line for line in text.splitlines() if line.startswith("Dialogue:")]
    shown = lines[0].split(",", 9)[9]
    assert len([line for line in text.splitlines() if line.startswith(("Style:", "["))]) == 4
    # No brace that is not escaped, and no backslash before a letter but our own line breaks.
    assert "{" not in shown.replace("\\{", "")
    assert "}" not in shown.replace("\\}", "")
    assert not any(f"\\{each}" in shown for each in "bcfhiknprs1234567890")
    assert all(set(line.partition(",,0,0,0,,")[0]) <= set("Dialogue: 0123456789.,ft") | set("Default") for line in lines)


def test_what_was_escaped_is_read_back_as_it_was():
    assert escaped("a{b}c\\N") == "a\\{b\\}c\\\u2060N"


def test_what_the_font_lacks_is_left_out_where_the_rest_can_be_read():
    assert events(Cue(0, 1, "Done \U0001f9ff字 now"))[0][2] == "Done now"
    assert events(Cue(0, 1, "\U0001f9ff"), Cue(1, 2, "Words enough")) == [(1000, 2000, "Words enough")]


@pytest.mark.parametrize("text", ["これは字幕です", "คำบรรยาย", "उपशीर्षक"])
def test_captions_that_the_font_cannot_write_are_refused_and_not_dropped(text):
    with pytest.raises(Unacceptable, match="the font has no letters such as") as refusal:
        script((Cue(0, 1, text),), 1080, 1920)

    assert refusal.value.problems[0].pointer == "captions"


@pytest.mark.parametrize("text", ["Größe, naïve", "Привет, мир", "Γειά σου", "Đặng Thị", "Cafe\u0301"])
def test_european_and_vietnamese_letters_are_there(text):
    assert events(Cue(0, 1, text))


def test_no_caption_is_no_script():
    assert script((), 1080, 1920) == ""
    assert script((Cue(0, 1, " \n"),), 1080, 1920) == ""


def test_the_style_stays_inside_the_safe_area_in_every_size():
    for width, height in ((1080, 1920), (270, 480), (720, 720)):
        style = pysubs2.SSAFile.from_string(script((Cue(0, 1, "x"),), width, height)).styles["Default"]

        assert (style.fontname, style.bold) == ("DejaVu Sans", True)
        assert style.marginv == pytest.approx(0.25 * height, abs=1)
        assert style.marginl == style.marginr == pytest.approx(0.11 * width, abs=1)
        # Two lines above the margin are far from the top.
        assert style.marginv + LINES * style.fontsize < 0.6 * height


def test_the_font_is_measured_as_its_own_tables_say():
    used = font()

    assert used.height_em == pytest.approx(2384 / 2048)
    assert used.width_em("W") == pytest.approx(2259 / 2048)
    assert used.width_em("i") == pytest.approx(702 / 2048)
    assert not used.has("字")
