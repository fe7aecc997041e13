"""Captions on lines that fit, and a script that no caption can take over."""

import re
from itertools import pairwise

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clips.look import Player
from domain.clips.safe_areas import safe_area
from domain.errors import Unacceptable
from domain.media import Cue, ShownWord
from gateways.media.ass import escaped
from gateways.media.captions import LINES, Layout, pages, script, script_of
from gateways.media.glyphs import FONTS, font, runs, width_em
from gateways.media.lines import drawable, text_of
from gateways.media.lines import wrapped as set_in_lines
from tests.gateways.media.captioned import ATTACKS, plan_of

AREA = safe_area(Player.ALL, 1080, 1920)
ROOM = Layout(1080, 1920, AREA).room_em
LONG = "A rather long caption which needs several lines to be shown in a picture as narrow as this one is"
_TAGS = (
    *(r"an[78]", r"pos\(\d+,\d+\)", r"clip\(\d+,\d+,\d+,\d+\)", r"fs\d+", r"bord\d+"),
    *(r"r(?:Default|Spoken|Hook|Watermark|Box|HookBox|Ghost)", r"fn(?:DejaVu Sans|Noto [A-Za-z ]+)"),
)
OUR_TAGS = re.compile(rf"\{{(?:\\(?:{'|'.join(_TAGS)}))+\}}")


def wrapped(text: str) -> list[str]:
    return [text_of(line) for line in set_in_lines(text, ROOM)]


def dialogue(text: str) -> list[pysubs2.SSAEvent]:
    """The events of letters, without the boxes below them."""
    return [each for each in pysubs2.SSAFile.from_string(text) if each.layer == 1]


def events(*cues: Cue) -> list[tuple[int, int, str]]:
    """Times, and texts without our own tags."""
    return [(each.start, each.end, OUR_TAGS.sub("", each.text)) for each in dialogue(script(cues, 1080, 1920))]


def words(text: str, *, seconds: float = 0.5) -> list[ShownWord]:
    return [
        ShownWord(start_seconds=seconds * at, end_seconds=seconds * (at + 1), text=each, page=0) for at, each in enumerate(text.split())
    ]


def test_a_short_caption_is_one_line():
    assert events(Cue(0.5, 2.0, "Hello there")) == [(500, 2000, "Hello there")]


def test_a_long_caption_is_paged_and_keeps_its_words_and_time():
    found = pages((Cue(1.0, 7.0, LONG),), ROOM)

    assert " ".join(text_of(line) for page in found for line in page.lines) == LONG
    assert all(len(page.lines) <= LINES for page in found)
    assert found[0].start_seconds == 1.0
    assert found[-1].end_seconds == pytest.approx(7.0)
    assert all(one.end_seconds == other.start_seconds for one, other in pairwise(found))


def test_lines_are_even_rather_than_full():
    lines = wrapped("four words are here now")
    widths = [width_em(line) for line in lines]

    assert len(lines) == 2
    assert max(widths) < 1.5 * min(widths)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="iWm@ .-\nÄжא字👍", min_size=1, max_size=120))
def test_no_line_is_wider_than_its_room(text):
    assert all(width_em(line) <= ROOM for line in wrapped(text))


def test_a_word_that_no_line_can_hold_is_broken():
    lines = wrapped("W" * 60)

    assert len(lines) > 2
    assert "".join(lines) == "W" * 60


def test_breaks_of_the_file_are_made_anew_and_those_of_a_dialogue_kept():
    assert wrapped("one\ntwo") == ["one two"]
    assert wrapped("- one\n- two") == ["- one", "- two"]


def test_japanese_lines_end_between_phrases_and_begin_with_no_closing_mark():
    lines = wrapped("これはとても長い字幕です。「はい」と言ったので、ここで改行しましょうか？")

    assert len(lines) > 1
    assert not any(line[0] in "、。」？ょうっー" for line in lines)
    assert not any(line[-1] == "「" for line in lines)


def test_overlapping_captions_follow_each_other():
    found = pages((Cue(2.0, 6.0, "second"), Cue(0.0, 5.0, "first")), ROOM)

    assert [(page.start_seconds, page.end_seconds, *map(text_of, page.lines)) for page in found] == [(0, 2, "first"), (2, 6, "second")]


def test_captions_that_begin_together_are_shown_together():
    found = pages((Cue(1.0, 3.0, "- one"), Cue(1.0, 3.0, "- two")), ROOM)

    assert [(page.start_seconds, page.end_seconds, *map(text_of, page.lines)) for page in found] == [(1, 3, "- one", "- two")]


def test_each_word_is_marked_from_when_it_is_said_until_the_next_one_is():
    found = dialogue(script_of(plan_of(*words("one two three"), seconds=2.0)))

    assert [(each.start, each.end) for each in found] == [(0, 500), (500, 1000), (1000, 1800)]
    assert [OUR_TAGS.sub("", re.split(r"\{\\rSpoken.*?\}", each.text)[1]).split()[0] for each in found] == ["one", "two", "three"]
    assert {OUR_TAGS.sub("", each.text) for each in found} == {"one two three"}


def test_a_wide_word_is_drawn_smaller_before_it_is_broken():
    found = dialogue(script_of(plan_of(*words("Donaudampfschifffahrt"), seconds=2.0)))

    assert len(found) == 1
    assert "Donaudampfschifffahrt" in found[0].text


def test_a_word_that_needs_several_pages_is_shown_in_order_for_its_time():
    found = dialogue(script_of(plan_of(*words("W" * 90, seconds=4.0), seconds=4.0)))

    assert "".join(OUR_TAGS.sub("", each.text).replace("\\N", "") for each in found) == "W" * 90
    assert (found[0].start, found[-1].end) == (0, 4000)
    assert all(one.end == other.start for one, other in pairwise(found))


def test_the_marked_word_is_told_by_more_than_its_colour():
    styles = pysubs2.SSAFile.from_string(script_of(plan_of(*words("one"), accent="#7A2BFF"))).styles

    box = styles["Box"]
    assert box.borderstyle == 3
    assert (box.outlinecolor.r, box.outlinecolor.g, box.outlinecolor.b) == (0x7A, 0x2B, 0xFF)
    assert styles["Spoken"].primarycolor.r == 255
    assert pysubs2.SSAFile.from_string(script_of(plan_of(*words("one")))).styles["Spoken"].primarycolor.r == 0


@pytest.mark.parametrize("accent", ["red", "#FFF", "#FFD400}", "&H00&"])
def test_an_accent_that_is_no_colour_is_refused(accent):
    with pytest.raises(Unacceptable) as refusal:
        script_of(plan_of(*words("one"), accent=accent))

    assert refusal.value.problems[0].pointer == "accent"


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_caption_is_obeyed(attack):
    as_words = script_of(plan_of(ShownWord(start_seconds=0, end_seconds=1, text=attack, page=0), hook_text=attack, watermark="@a"))
    for text in (script((Cue(0, 1, attack),), 1080, 1920), as_words):
        lines = [line for line in text.splitlines() if line.startswith("Dialogue:")]
        assert len([line for line in text.splitlines() if line.startswith(("Style:", "["))]) == 10
        for line in lines:
            shown = OUR_TAGS.sub("", line.split(",", 9)[9])
            # No brace that is not escaped, and no backslash before a letter but our own line breaks.
            assert "{" not in shown.replace("\\{", "")
            assert "}" not in shown.replace("\\}", "")
            assert not any(f"\\{each}" in shown for each in "bcfhiknprs1234567890")
            assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\x00\x1b\u2028")


def test_what_was_escaped_is_read_back_as_it_was():
    assert escaped("a{b}c\\N") == "a\\{b\\}c\\\u2060N"


def test_characters_of_several_code_points_stay_whole():
    family, flag = "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea"

    assert drawable(f"{family} {flag} e\u0301") == f"{family} {flag} é"
    assert [(each.font.family, each.text) for each in runs(family + flag)] == [("Noto Emoji", family + flag)]
    assert "".join(wrapped((family + flag) * 20)).count(family) == 20


@pytest.mark.parametrize("text", ["မြန်မာဘာသာစကား", "ភាសាខ្មែរ", "ພາສາລາວ", "คำบรรยายที่", "हिन्दी", "می\u200cگیرد", "நொ"])
def test_no_mark_of_a_word_is_lost(text):
    assert drawable(text) == text


def test_a_mark_that_stands_on_nothing_is_left_out():
    assert drawable("\u0301one \u0e35two") == "one two"


def test_a_heap_of_marks_is_cut_to_what_a_line_holds():
    assert len(drawable("Z" + "\u0353" * 500)) < 10


def test_what_no_font_has_is_left_out_where_the_rest_can_be_read():
    assert events(Cue(0, 1, "Done \U00012000 now"))[0][2] == "Done now"
    assert events(Cue(0, 1, "\U000e0041"), Cue(1, 2, "Words enough")) == [(1000, 2000, "Words enough")]


@pytest.mark.parametrize("text", ["𒀀𒀁𒀂", "ꦲꦏ꧀ꦱꦫ", "𓀀𓀁"])
def test_captions_that_no_font_can_write_are_refused_and_not_dropped(text):
    for make in (lambda: script((Cue(0, 1, text),), 1080, 1920), lambda: script_of(plan_of(*words(text)))):
        with pytest.raises(Unacceptable, match="no font has letters such as") as refusal:
            make()

        assert refusal.value.problems[0].pointer == "captions"


@pytest.mark.parametrize("text", ["Größe, naïve", "Привет, мир", "Γειά σου", "Đặng Thị", "Cafe\u0301"])
def test_european_and_vietnamese_letters_are_in_one_font(text):
    assert {each.font.family for each in runs(text)} == {"DejaVu Sans"}


def test_no_caption_is_no_script():
    assert script((), 1080, 1920) == ""
    assert script((Cue(0, 1, " \n"),), 1080, 1920) == ""
    assert script_of(plan_of()) == ""


@pytest.mark.parametrize(("field", "text"), [("hook_text", "long words " * 40), ("watermark", "@" + "very" * 40)])
def test_a_text_that_does_not_fit_is_refused(field, text):
    with pytest.raises(Unacceptable) as refusal:
        script_of(plan_of(*words("one"), **{field: text}))

    assert refusal.value.problems[0].pointer == field


def test_chinese_characters_are_those_of_the_language_around_them():
    def language(text: str) -> str | None:
        return pysubs2.SSAFile.from_string(script((Cue(0, 1, text),), 1080, 1920)).info.get("Language")

    assert [language(each) for each in ("直す", "直接", "한국어", "plain")] == ["ja", "zh", "ko", None]


def test_the_font_is_measured_as_its_own_tables_say():
    assert font().height_em == pytest.approx(2384 / 2048)
    assert width_em("W") == pytest.approx(2259 / 2048)
    assert width_em("i") == pytest.approx(702 / 2048)
    assert not font().has("字")


def test_joined_letters_are_as_wide_as_they_are_drawn():
    """Two letters that join are narrower than both alone."""
    assert width_em("لا") < width_em("ل") + width_em("ا")


def test_every_font_comes_with_its_licence():
    told = (FONTS / "LICENSE").read_text(encoding="utf-8")

    assert all(each.stem in told for each in FONTS.iterdir() if each.suffix in (".ttf", ".otf"))
    assert "SIL OPEN FONT LICENSE Version 1.1" in told
