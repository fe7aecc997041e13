"""Captions as they are burned into a clip: what is shown for how long, where, and the ASS script that libass draws.

Pages of words with the spoken one marked, or plain cues; the hook and the watermark. Whatever a text says, it is shown and never obeyed.
Reading caption files is in `cues`, line breaking in `lines`, the script's own language in `ass`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.clips.breaking import east_asian_language, is_right_to_left
from domain.clips.look import SafeArea
from domain.clips.pages import ShownPage, pages_of
from domain.clips.placing import Block, tops
from domain.clips.safe_areas import safe_area
from domain.media import ClipPlan, Cue, Obstacle, ShownWord
from gateways.media.ass import Event, Set, box, letters, script_text
from gateways.media.glyphs import width_em
from gateways.media.lines import PAD_EM, Line, demand_fonts, drawable, even, padded, size, text_of, units_of, wrapped
from gateways.media.overlays import overlays
from gateways.media.styles import Setting, Style

LINES = 2
# Sizes of an em, as shares of the width of a picture of 9:16.
WORDS_EM, PLAIN_EM = 0.068, 0.058
_SHORTEST_SECONDS = 0.05
# A word that is wider than a line is drawn smaller, down to this, and broken only then.
_SMALLEST, _NEARLY, _HAIR = 0.6, 0.999, 0.001


@dataclass(frozen=True, slots=True)
class Page:
    """What is on the screen at one time: at most `LINES` lines. `spoken`: when each word begins, by its number; none in plain captions."""

    start_seconds: float
    end_seconds: float
    lines: tuple[Line, ...]
    spoken: tuple[tuple[float, int], ...] = ()
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes for a picture, in its pixels. Lines lie around the middle, so both sides are as far in as the wider one."""

    width: int
    height: int
    area: SafeArea
    em_share: float = PLAIN_EM

    @property
    def em(self) -> float:
        return self.em_share * min(self.width, self.height * 9 / 16)

    @property
    def room_em(self) -> float:
        """How wide a line may be, outlines included."""
        return self.width * (1 - 2 * max(self.area.left, self.area.right)) / self.em - 2 * PAD_EM - 2 / self.em


def script(cues: Sequence[Cue], width: int, height: int) -> str:
    """The ASS script of plain captions for a picture of this size; empty where no cue has anything to draw."""
    end = max((each.end_seconds for each in cues), default=0.0)
    return script_of(
        ClipPlan(start_seconds=0, end_seconds=end, video_index=0, audio_index=None, captions=tuple(cues), width=width, height=height)
    )


def script_of(plan: ClipPlan) -> str:
    """The ASS script of a plan: words or captions, hook, watermark; empty where there is nothing to draw.

    Raises Unacceptable for letters that no font of ours has, a hook or watermark that does not fit, an accent that is no colour.
    """
    area = safe_area(plan.player, plan.width, plan.height)
    layout = Layout(plan.width, plan.height, area, WORDS_EM if plan.words else PLAIN_EM)
    texts = [each.text for each in plan.words or plan.captions]
    demand_fonts(texts, "captions")
    found = word_pages(plan.words, layout.room_em, plan.seconds) if plan.words else pages(plan.captions, layout.room_em)
    above, taken = overlays(plan, layout.area)
    setting = Setting(plan.width, plan.height, layout.em, plan.accent, is_right_to_left(texts), east_asian_language(texts))
    return script_text(setting, [*_events(found, layout, setting, (*plan.obstacles, *taken)), *above])


def pages(cues: Sequence[Cue], room_em: float) -> list[Page]:
    """Plain captions one after the other, in order: a page ends where the next cue begins."""
    shown = [replace(cue, text=text) for cue in cues if (text := drawable(cue.text))]
    return [page for cue in _apart(shown) for page in _pages_of(cue, room_em)]


def word_pages(words: Sequence[ShownWord], room_em: float, seconds: float) -> list[Page]:
    """Pages as the words say, in as many as their lines need."""
    numbered = [replace(word, text=text) for word in words if (text := drawable(word.text).replace("\n", " "))]
    return [part for page in pages_of(numbered, seconds=seconds) for part in _parts_of(page, room_em)]


def _parts_of(page: ShownPage, room_em: float) -> Iterator[Page]:
    units = [unit for at, word in enumerate(page.words) for unit in units_of(word.text, at, is_joined=word.is_joined)]
    scale = min(1.0, max(_SMALLEST, _NEARLY * room_em / max(_HAIR, *(width_em(unit.text) for unit in units))))
    lines = even(units, room_em / scale)
    groups = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    starts = [*_starts(page, groups), page.end_seconds]
    for group, (start, end) in zip(groups, pairwise(starts), strict=True):
        spoken = dict.fromkeys(unit.word for line in group for unit in line)
        times = tuple((max(start, page.words[number].start_seconds), number) for number in spoken)
        if end > start:
            yield Page(start, end, tuple(group), times, scale)


def _starts(page: ShownPage, groups: Sequence[Sequence[Line]]) -> Iterator[float]:
    """When the first word of each group is said; within a word by its letters."""
    yield page.start_seconds
    said: dict[int, int] = {}
    letters: dict[int, int] = {}
    for unit in (unit for group in groups for line in group for unit in line):
        letters[unit.word] = letters.get(unit.word, 0) + len(unit.text)
    for group, following in pairwise(groups):
        for unit in (unit for line in group for unit in line):
            said[unit.word] = said.get(unit.word, 0) + len(unit.text)
        first = following[0][0].word
        word = page.words[first]
        share = said.get(first, 0) / letters[first]
        yield min(page.end_seconds, word.start_seconds + share * (word.end_seconds - word.start_seconds))


def _apart(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Cues that overlap are cut where the next begins; one for which no time is left goes on in the next."""
    waiting = ""
    for cue, after in pairwise([*sorted(cues, key=lambda each: each.start_seconds), None]):
        if cue is None:
            return
        text = f"{waiting}\n{cue.text}" if waiting else cue.text
        end = cue.end_seconds if after is None else min(cue.end_seconds, after.start_seconds)
        if end - cue.start_seconds < _SHORTEST_SECONDS and after is not None:
            waiting = text
            continue
        waiting = ""
        yield Cue(cue.start_seconds, max(end, cue.start_seconds + _SHORTEST_SECONDS), text)


def _pages_of(cue: Cue, room_em: float) -> Iterator[Page]:
    """A long cue is shown as several pages, each for its share of the letters."""
    lines = wrapped(cue.text, room_em)
    groups = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    letters, seconds, at = sum(len(text_of(line)) for line in lines), cue.end_seconds - cue.start_seconds, cue.start_seconds
    for group in groups:
        ends = at + seconds * sum(len(text_of(line)) for line in group) / letters
        yield Page(at, ends, tuple(group))
        at = ends


def _events(found: Sequence[Page], layout: Layout, setting: Setting, obstacles: Sequence[Obstacle]) -> Iterator[Event]:
    blocks = [_block(page, layout) for page in found]
    for page, top in zip(found, tops(blocks, layout.area, obstacles), strict=True):
        texts = [text_of(line) for line in page.lines]
        y = math.floor(top * layout.height) + padded(texts, layout.em * page.scale)[0]
        text = Set(page.lines, layout.em * page.scale, layout.width / 2, y)
        for start, end, spoken in _moments(page):
            if spoken is not None:
                yield Event(start, end, box(setting, text, Style.BOX, spoken))
            yield Event(start, end, letters(setting, text, Style.PLAIN, spoken), layer=1)


def _moments(page: Page) -> Iterator[tuple[float, float, int | None]]:
    """From when to when which word is marked: each until the next one begins."""
    if not page.spoken:
        yield page.start_seconds, page.end_seconds, None
        return
    starts = [page.start_seconds, *(start for start, _ in page.spoken[1:]), page.end_seconds]
    for (start, end), (_, number) in zip(pairwise(starts), page.spoken, strict=True):
        yield start, end, number


def _block(page: Page, layout: Layout) -> Block:
    width, height = size([text_of(line) for line in page.lines], layout.em * page.scale)
    return Block(start_seconds=page.start_seconds, end_seconds=page.end_seconds, width=width / layout.width, height=height / layout.height)
