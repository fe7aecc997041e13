"""Captions that say more than their text: times of words and speakers, of WebVTT, ASS and YouTube's own formats."""

import contextlib
import json
import time
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Unacceptable
from domain.media import Cue, SpokenCue
from domain.transcripts import Source, is_speech, srt, transcribe, webvtt, words_of
from gateways.media.cues import read_captions
from gateways.media.cues_ass import read_ass

# YouTube's automatic captions: each line is shown when said, then again above the next one; 10 ms in between.
ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.080 --> 00:00:02.000 align:start position:0%
 
hello<00:00:00.480><c> and</c><00:00:00.640><c> welcome</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
hello and welcome
 

00:00:02.010 --> 00:00:04.500 align:start position:0%
hello and welcome
to<00:00:02.200><c> the</c><00:00:02.400><c> show</c>

00:00:04.500 --> 00:00:04.510 align:start position:0%
to the show
 

00:00:04.510 --> 00:00:06.000 align:start position:0%
to the show
[Music]

00:00:06.000 --> 00:00:08.000 align:start position:0%
[Music]
&gt;&gt; today<00:00:06.500><c> trees</c>
"""  # noqa: W293 - as YouTube writes it
SPOKEN = [(0.08, "hello"), (0.48, "and"), (0.64, "welcome"), (2.01, "to"), (2.2, "the"), (2.4, "show")]
ASS = """[Script Info]
; a comment
Title: x

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,not said
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Ana,0,0,0,,{\\k50}Hel{\\k25}lo {\\k50}there,{\\k20} you
Dialogue: 0,0:00:03.00,0:00:04.50,Default,,0,0,0,,{\\an8\\b1}Two{\\b0}\\Nlines, with\\ha comma
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\\p1}m 0 0 l 9 9{\\p0}shown {hidden}text
"""


def json3(*events: dict[str, object]) -> bytes:
    return json.dumps({"wireMagic": "pb3", "events": list(events)}).encode()


def timed(content: bytes) -> list[tuple[float, str]]:
    made = transcribe(read_captions(content), source=Source.UPLOAD, language="en", duration_seconds=None)
    return [(round(word.start_seconds, 3), word.text) for word in made.timed]


def test_rolling_captions_are_told_once_and_every_word_keeps_its_time() -> None:
    assert timed(ROLLING.encode())[:6] == SPOKEN
    assert [text for _, text in timed(ROLLING.encode())] == ["hello", "and", "welcome", "to", "the", "show", "today", "trees"]


def test_two_rolling_cues_are_enough_where_only_the_new_line_is_timed() -> None:
    short = ROLLING[: ROLLING.index("00:00:04.500 -->")]

    assert timed(short.encode()) == SPOKEN


def test_a_word_that_is_timed_ends_before_a_long_rest() -> None:
    made = transcribe(read_captions(ROLLING.encode()), source=Source.UPLOAD, language="en", duration_seconds=None)

    welcome = made.timed[2]
    assert 1.5 < welcome.end_seconds < 2.0  # is shown until 2.0
    assert 2.9 < made.timed[5].end_seconds < 3.3  # "show", until 4.5


def test_a_mark_of_another_speaker_is_no_word() -> None:
    made = transcribe(read_captions(ROLLING.encode()), source=Source.UPLOAD, language="en", duration_seconds=None)

    assert [(turn.start_seconds, turn.label) for turn in made.turns] == [(6.0, None)]


def test_a_word_is_not_torn_by_the_times_of_its_syllables() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<00:01.100>Hel<00:01.500>lo <00:02.000>you\n"

    assert timed(text.encode()) == [(1.1, "Hello"), (2.0, "you")]


def test_times_of_words_without_spaces_are_kept() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<00:01.000>今日は<00:01.600>天気が<00:02.000>いい\n"

    assert timed(text.encode()) == [(1.0, "今日は"), (1.6, "天気が"), (2.0, "いい")]


def test_times_outside_their_cue_or_going_back_are_none() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\n<00:02.000>a <00:01.500>b <00:09.000>c\n"

    (cue,) = read_captions(text.encode())

    assert isinstance(cue, SpokenCue)
    assert [word.start_seconds for word in cue.words] == [2.0, None, None]


def test_ass_is_read_with_actors_karaoke_and_without_drawings_and_overrides() -> None:
    first, second, third = read_captions(ASS.encode())

    assert isinstance(first, SpokenCue)
    assert [(word.text, word.start_seconds, word.voice) for word in first.words] == [
        ("Hello", 1.0, "Ana"), ("there,", 1.75, "Ana"), ("you", 2.25, "Ana")
    ]  # fmt: skip
    assert second == Cue(3.0, 4.5, "Two\nlines, with a comma")
    assert third.text == "shown text"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_ass_in_other_encodings_is_the_same(encoding: str) -> None:
    assert read_captions(ASS.encode(encoding)) == read_captions(ASS.encode())


def test_a_library_reads_plain_ass_alike() -> None:
    lines = "".join(f"Dialogue: 0,0:00:0{n}.25,0:00:0{n}.90,Default,,0,0,0,,Line {n}, so\\Nsecond\n" for n in range(1, 9))
    text = ASS[: ASS.index("Comment:")] + lines

    theirs = [(each.start / 1000, each.end / 1000, each.plaintext) for each in pysubs2.SSAFile.from_string(text, format_="ass")]

    assert [(each.start_seconds, each.end_seconds, each.text) for each in read_ass(text)] == theirs


@pytest.mark.parametrize(
    "line", ["Dialogue: 0,soon,0:00:01.00,Default,,0,0,0,,x", "Dialogue: 0,0:00:00.00", "Dialogue: 0,0:00:01.00,,Default,,0,0,0,,x"]
)
def test_a_broken_line_of_ass_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(Unacceptable, match="line 2 "):
        read_captions(f"[Events]\n{line}\n".encode())


def test_json3_gives_every_word_its_offset() -> None:
    content = json3(
        {"tStartMs": 0, "dDurationMs": 9000, "id": 1, "wpWinPosId": 1},
        {"tStartMs": 80, "dDurationMs": 3840, "wWinId": 1, "segs": [
            {"utf8": "hello", "acAsrConf": 255}, {"utf8": " and", "tOffsetMs": 400}, {"utf8": " welcome", "tOffsetMs": 560}]},
        {"tStartMs": 1990, "dDurationMs": 1930, "wWinId": 1, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 2010, "dDurationMs": 3760, "wWinId": 1, "segs": [
            {"utf8": "to"}, {"utf8": " the", "tOffsetMs": 190}, {"utf8": " show", "tOffsetMs": 390}]},
    )  # fmt: skip

    assert timed(content) == SPOKEN


def test_json3_of_people_is_plain_cues() -> None:
    assert read_captions(json3({"tStartMs": 500, "dDurationMs": 1500, "segs": [{"utf8": "One line\nand two"}]})) == (
        Cue(0.5, 2.0, "One line\nand two"),
    )


def test_json3_without_durations_loses_no_word() -> None:
    content = json3({"tStartMs": 0, "segs": [{"utf8": "one"}]}, {"tStartMs": 1000, "segs": [{"utf8": "two"}]})

    first, second = read_captions(content)

    assert (first.end_seconds, second.text) == (1.0, "two")
    assert second.end_seconds > 1.2


def test_youtubes_xml_is_read_like_its_json() -> None:
    srv3 = (
        '<?xml version="1.0" encoding="utf-8" ?><timedtext format="3"><head><ws id="0"/></head><body><w t="0" id="1"/>'
        '<p t="80" d="3840" w="1"><s ac="0">hello</s><s t="400"> and</s><s t="560"> welcome</s></p><p t="1990" d="20" a="1">\n</p>'
        '<p t="2010" d="3760"><s>to</s><s t="190"> the</s><s t="390"> show</s></p></body></timedtext>'
    )

    assert timed(srv3.encode()) == SPOKEN
    oldest = '<transcript><text start="0.5" dur="1.5">you &amp; me</text></transcript>'
    assert read_captions(oldest.encode()) == (Cue(0.5, 2.0, "you & me"),)


HOSTILE = {
    "deep": b'{"events":' + b"[" * 200_000,
    "number": b'{"events":[{"tStartMs":1e999,"dDurationMs":1,"segs":[{"utf8":"x"}]}]}',
    "digits": b'{"events":[{"tStartMs":' + b"9" * 5000 + b',"segs":[{"utf8":"x"}]}]}',
    "text": b'{"events":[{"tStartMs":"soon","segs":[{"utf8":"x"}]}]}',
    "no events": b'{"events":{}}',
    "no segments": b'{"events":[{"tStartMs":1,"segs":7},null,3]}',
    "entities": b'<!DOCTYPE t [<!ENTITY a "aaaa">]><timedtext><body><p t="1" d="9">&a;</p></body></timedtext>',
    "one caption": b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"x\n" * 20_001,
    "torn": b'<timedtext><body><p t="1"',
    "many": json3(*({"tStartMs": n, "segs": [{"utf8": "x"}]} for n in range(50_001))),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_hurt_is_refused(name: str) -> None:
    with pytest.raises(Unacceptable):
        read_captions(HOSTILE[name])


HARD = {
    "sounds": "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "[" * 1000 + "]" + "♪" * 1000 + "]x",
    "overrides": "1\n00:00:01,000 --> 00:00:02,000\n" + ("{\\" * 900 + "\n") * 1000,
    "paragraphs": "<timedtext><body>" + '<p t="1" d="2">' * 5000 + "<s>a</s>" + "</p>" * 5000 + "</body></timedtext>",
}


@pytest.mark.parametrize("name", HARD)
def test_what_is_made_to_take_long_does_not(name: str) -> None:
    began = time.process_time()

    transcribe(read_captions(HARD[name].encode()), source=Source.UPLOAD, language="en", duration_seconds=None)

    assert time.process_time() - began < 5


def test_halves_of_letters_and_control_signs_do_not_come_through() -> None:
    (cue,) = read_captions(b'{"events":[{"tStartMs":1,"dDurationMs":9,"segs":[{"utf8":"a\\ud800b\\u0000c"}]}]}')

    assert cue.text == "a b c"


HEADS = ("WEBVTT\n\n00:01.000 --> 00:02.000\n", "[Events]\nDialogue: ", ASS[: ASS.index("Comment:")], '{"events":[', "<timedtext><body>")
MARKUP = ("<00:00:01.500>", "<c>", "</c>", "<v A>", "</v>", "{\\k5}", "{\\p1}", "}", "{", "<p t='1'>", "</p>", "&amp;", "<", ">")
TEXT = ("hello", " ", "\n", "日本", "🎉", "\u202e", "\x00", '"', "]", ",", "-->")
WHOLE = ("0:00:01.00", '{"tStartMs":5,"segs":[{"utf8":"x"}]}', "00:01.000 --> 00:02.000\n")
tokens = st.sampled_from((*MARKUP, *TEXT, *WHOLE))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(HEADS), st.lists(tokens, max_size=25))
def test_whatever_a_file_holds_it_is_read_or_refused_and_becomes_a_transcript(head: str, parts: list[str]) -> None:
    try:
        cues = read_captions((head + "".join(parts)).encode())
    except Unacceptable:
        return
    made = transcribe(cues, source=Source.UPLOAD, language=None, duration_seconds=None)
    words = words_of(made)
    assert all(word.text and word.end_seconds >= word.start_seconds >= 0 for word in words)
    assert "".join("".join(each.text.split()) for each in made.sentences) == "".join(word.text for word in words)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"<timedtext", b"[Events]\n"]))
def test_any_bytes_are_read_or_refused(content: bytes, head: bytes) -> None:
    with contextlib.suppress(Unacceptable):
        assert all(cue.text for cue in read_captions(head + content))


FILES = ("blocks4all_captions_en", "blocks4all_chapters", "deadline_captions_en", "frenchsong_captions_fr", "itaccess_captions_en",
         "paulallen_en", "wwa_captions_en")  # fmt: skip


@pytest.mark.real_data
@pytest.mark.parametrize("name", FILES)
def test_no_word_of_real_captions_is_lost_and_they_come_back_as_they_were(real_data: Path, name: str) -> None:
    cues = read_captions((real_data / "transcripts" / f"{name}.vtt").read_bytes())

    made = transcribe(cues, source=Source.UPLOAD, language=None, duration_seconds=None)

    expected = [word for cue in cues if is_speech(Cue(0, 1, " ".join(cue.text.split()))) for word in cue.text.split()]
    assert [word.text for word in words_of(made)] == expected
    for written in (webvtt(made.cues), srt(made.cues)):
        again = transcribe(read_captions(written.encode()), source=Source.UPLOAD, language=None, duration_seconds=None)
        assert again.cues == made.cues
        assert again.sentences == made.sentences


def test_times_of_words_go_through_a_file_and_come_back() -> None:
    made = transcribe(read_captions(ROLLING.encode()), source=Source.UPLOAD, language="en", duration_seconds=None)

    written = webvtt(made.cues, words=made.timed)
    again = transcribe(read_captions(written.encode()), source=Source.UPLOAD, language="en", duration_seconds=None)

    assert [(word.text, round(word.start_seconds, 3)) for word in again.timed] == [
        (word.text, round(word.start_seconds, 3)) for word in made.timed
    ]
    assert again.cues == made.cues
