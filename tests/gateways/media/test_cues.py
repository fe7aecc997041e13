"""Caption files as cues: what people send, what tools export, and what somebody made to hurt."""

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.media import Cue, SpokenCue
from gateways.media.cues import FILE_BYTES, MOST_CUES, read_captions, read_plain

VTT = """WEBVTT - a title
Kind: captions

NOTE
This is a note,
and not a caption.

STYLE
::cue { color: red }

intro
00:00.500 --> 00:02.000 align:start position:10%
<v Roger>Hello <c.loud>there</c>, <i>you</i> &amp; me

NOTE again

01:00:02.000 --> 01:00:03.500
Two
lines <00:00:02.500>timed
"""
SRT = """1
00:00:00,500 --> 00:00:02,000
{\\an8}<font color="#ff0000">Hello</font> <b>there</b>

2
00:00:02,000 --> 00:00:03,500
I was born in
1984

3
00:01:00,000 --> 00:01:01,000
A line,

and one behind a gap
"""


def test_webvtt_is_read_without_notes_styles_names_and_markup():
    hello, two = read_captions(VTT.encode())

    assert (hello.start_seconds, hello.end_seconds, hello.text) == (0.5, 2.0, "Hello there, you & me")
    assert isinstance(hello, SpokenCue)
    assert {word.voice for word in hello.words} == {"Roger"}
    # Its time inside lies before the cue, and is none.
    assert two == Cue(3602.0, 3603.5, "Two\nlines timed")


def test_subrip_is_read_with_numbers_that_are_text_and_without_those_that_are_not():
    assert read_captions(SRT.encode()) == (
        Cue(0.5, 2.0, "Hello there"),
        Cue(2.0, 3.5, "I was born in\n1984"),
        Cue(60.0, 61.0, "A line,\nand one behind a gap"),
    )


@pytest.mark.parametrize("text", [VTT, SRT], ids=["vtt", "srt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_change_nothing(text, encoding, end):
    told = text.replace("Hello", "Grüße")

    found = read_captions(told.replace("\n", end).encode(encoding))

    assert found == read_captions(told.encode())
    assert "Grüße" in found[0].text


def test_an_old_western_file_is_read_as_one():
    assert read_captions("1\n00:00:01,000 --> 00:00:02,000\ncafé\n".encode("cp1252")) == (Cue(1.0, 2.0, "café"),)


def test_cues_without_numbers_and_gaps_are_told_apart():
    text = "00:00:01,000 --> 00:00:02,000\none\n2\n00:00:02.5 --> 00:00:03.25\ntwo\n00:00:04,000-->00:00:05,000\nthree"

    assert read_captions(text.encode()) == (Cue(1.0, 2.0, "one"), Cue(2.5, 3.25, "two"), Cue(4.0, 5.0, "three"))


def test_rolling_and_overlapping_cues_are_kept_in_the_files_order():
    text = "WEBVTT\n\n00:03.000 --> 00:05.000\nc\n\n00:01.000 --> 00:04.000\na\n\n00:01.000 --> 00:04.000\na\nb\n"

    assert [cue.text for cue in read_captions(text.encode())] == ["c", "a", "a\nb"]


def test_empty_cues_are_left_out():
    empty = "00:01.000 --> 00:02.000\n\n00:02.000 --> 00:03.000\n<i> </i>\n\n00:03.000 --> 00:03.000\nno time"
    text = f"WEBVTT\n\n{empty}\n\n00:04.000 --> 00:05.000\nyes\n"

    assert read_captions(text.encode()) == (Cue(4.0, 5.0, "yes"),)


def test_what_was_escaped_is_text_and_no_tag():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n&lt;b&gt;bold&lt;/b&gt; 1 < 2\n"

    assert read_captions(text.encode())[0].text == "<b>bold</b> 1 < 2"


def test_control_characters_become_spaces():
    text = "1\n00:00:01,000 --> 00:00:02,000\na\x07b\u2028c\x0bd\x85e\n"

    assert read_captions(text.encode())[0].text == "a b c d e"


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("00:00:01,000 --> soon", 2),
        ("00:00:01,000 -->", 2),
        ("00:00:71,000 --> 00:00:72,000", 2),
        ("00:75:01,000 --> 00:76:01,000", 2),
        ("00:00:05,000 --> 00:00:01,000", 2),
        ("1 --> 2", 2),
        ("-1:00:01,000 --> 00:00:02,000", 2),
        ("00:00:01,000 --> 00:00:02,000\na --> b", 3),
    ],
)
def test_a_broken_timing_line_is_refused_by_its_number(line, number):
    with pytest.raises(Unacceptable) as refusal:
        read_captions(f"1\n{line}\ntext\n".encode())

    assert f"line {number} " in refusal.value.problems[0].detail


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no caption file that we know"),
        (b"just text", "no caption file that we know"),
        (b"[Script Info]\nTitle: x\n", "holds no caption"),
        (b"WEBVTTX\n", "no caption file that we know"),
        (b"WEBVTT\n\nNOTE nothing else\n", "holds no caption"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n\n", "holds no caption"),
        (b"x" * (FILE_BYTES + 1), "10,000,000 bytes"),
        (b"00:00:01,000 --> 00:00:02,000\nx\n" * (MOST_CUES + 1), "50,000 captions"),
    ],
    ids=["empty", "text", "ass", "almost", "notes only", "empty cue", "too large", "too many"],
)
def test_what_is_no_caption_file_is_refused_with_what_is_accepted(content, sentence):
    with pytest.raises(Unacceptable) as refusal:
        read_captions(content)

    (problem,) = refusal.value.problems
    assert problem.pointer == "captions"
    assert sentence in problem.detail


def test_plain_text_keeps_what_only_looks_like_markup():
    assert read_plain(b"1\n00:00:01,000 --> 00:00:02,000\nif a <b and c> d: {\\x} &amp;\n")[0].text == "if a <b and c> d: {\\x} &amp;"


def test_a_library_reads_the_plain_cases_alike():
    """Where the two differ is why there is a reader of our own; where a file is plain they must not."""
    text = "".join(f"{n}\n00:00:0{n},250 --> 00:00:0{n},900\nLine {n}\nsecond\n\n" for n in range(1, 9))

    theirs = [(each.start / 1000, each.end / 1000, each.plaintext) for each in pysubs2.SSAFile.from_string(text, format_="srt")]

    assert [(each.start_seconds, each.end_seconds, each.text) for each in read_captions(text.encode())] == theirs


def test_a_hostile_line_is_read_in_no_time():
    text = "1\n00:00:01,000 --> 00:00:02,000" + " " * 100_000 + "x\n" + "<a" * 100_000 + "{\\" * 100_000 + "\n"

    assert read_captions(text.encode())[0].start_seconds == 1.0


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="WEBVT\n 0123456789:.,->&<{\\}é", max_size=200), st.sampled_from(["", "WEBVTT\n\n", "1\n00:01.000 --> 00:02.000\n"])
)
def test_any_text_is_read_or_refused(text, head):
    try:
        cues = read_captions((head + text).encode())
    except Unacceptable:
        return
    assert all(cue.text and cue.end_seconds > cue.start_seconds for cue in cues)
