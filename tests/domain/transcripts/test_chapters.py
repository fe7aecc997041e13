"""Chapters that the maker gave: in a file, and in a description by YouTube's rules."""

from pathlib import Path

import pytest

from domain.media import Cue
from domain.transcripts import chapters_of_cues, chapters_of_description
from gateways.media.cues import read_captions

LISTED = """Everything about rivers.

0:00 Intro
01:30 - The source
(12:05) The mouth: where it ends
1:02:03 | Outro

Filmed at 10:30 in the morning. https://example.com/0:00
"""


def told(description: str, duration: float = 4000) -> list[tuple[float, float, str]]:
    return [(each.start_seconds, each.end_seconds, each.title) for each in chapters_of_description(description, duration_seconds=duration)]


def test_chapters_of_a_description_reach_to_the_next_and_the_last_to_the_end() -> None:
    assert told(LISTED) == [
        (0, 90, "Intro"), (90, 725, "The source"), (725, 3723, "The mouth: where it ends"), (3723, 4000, "Outro")
    ]  # fmt: skip


LINES = ("{title} - {time}", "{title} ({time})", "• {time} {title}", "1. {time} {title}", "[{time}] {title}", "{time}: {title}")


@pytest.mark.parametrize("line", LINES)
def test_times_are_read_before_and_after_their_titles(line: str) -> None:
    listed = [("0:00", "Intro"), ("0:40", "Part 2"), ("3:20", "L'été")]

    found = told("\n".join(line.format(time=time, title=title) for time, title in listed))

    assert [(start, title) for start, _, title in found] == [(0, "Intro"), (40, "Part 2"), (200, "L'été")]


@pytest.mark.parametrize(
    "description",
    [
        "",
        "0:00 a\n1:00 b",
        "0:10 a\n1:00 b\n2:00 c",
        "0:00 a\n2:00 b\n1:00 c",
        "0:00 a\n0:05 b\n1:00 c",
        "0:00 a\n1:00 b\n99:00 c",
        "0:00 a\n1:00 b\n2:75 c",
        "At 0:00 we start, at 1:00 we go on, and at 2:00 we stop.",
    ],
    ids=["empty", "two", "late", "not rising", "short", "after the end", "no time", "in a sentence"],
)
def test_what_youtube_would_not_take_for_chapters_is_none(description: str) -> None:
    assert told(description) == []


def test_a_hostile_description_is_read_in_no_time() -> None:
    assert told("0:00" + "- " * 100_000 + "\n" + "1:" * 100_000 + "\n" + "a " * 100_000 + "0:0") == []


def test_chapters_of_a_file_are_in_order_and_do_not_overlap() -> None:
    cues = [Cue(60, 500, "Second"), Cue(0, 90, "First\nof all"), Cue(300, 400, "Never"), Cue(120, 120, "Empty"), Cue(10, 20, " ")]

    found = chapters_of_cues(cues, duration_seconds=130)

    assert [(each.start_seconds, each.end_seconds, each.title) for each in found] == [(0, 60, "First of all"), (60, 120, "Second")]


@pytest.mark.real_data
def test_a_real_chapter_file_is_read(real_data: Path) -> None:
    found = chapters_of_cues(read_captions((real_data / "transcripts" / "blocks4all_chapters.vtt").read_bytes()))

    assert len(found) == 5
    assert (found[1].start_seconds, found[1].end_seconds, found[1].title) == (46.2, 66.799, "The Problem")
