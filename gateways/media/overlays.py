"""What is written over a clip besides its captions: the hook at the top of the safe area, and a small watermark in its corner."""

import math
from collections.abc import Sequence

from domain.clips.breaking import is_right_to_left
from domain.clips.look import SafeArea
from domain.errors import FieldProblem, Unacceptable
from domain.media import ClipPlan, Obstacle
from gateways.media.ass import Event, Set, box, letters
from gateways.media.glyphs import width_em
from gateways.media.lines import PAD_EM, Line, demand_fonts, drawable, even, padded, size, text_of, units_of
from gateways.media.styles import Setting, Style

HOOK_SECONDS = 3.0
# Sizes of an em, as shares of the width of a picture of 9:16, and how much smaller a longer text is drawn.
HOOK_EM, WATERMARK_EM = 0.085, 0.034
HOOK_LINES = 4
_SCALES = (1.0, 0.85, 0.7, 0.6)

Overlays = tuple[list[Event], list[Obstacle]]


def overlays(plan: ClipPlan, area: SafeArea) -> Overlays:
    """The events, and the places that they take from the captions. Raises Unacceptable where a text does not fit."""
    watermark = _watermark(plan, area)
    top = max((each.bottom for each in watermark[1]), default=area.top)
    hook = _hook(plan, area, top)
    return [*watermark[0], *hook[0]], [*watermark[1], *hook[1]]


def _hook(plan: ClipPlan, area: SafeArea, top: float) -> Overlays:
    side = max(area.left, area.right)
    lines, em = _fitting(plan.hook_text, "hook_text", _em(plan, HOOK_EM), plan.width * (1 - 2 * side), HOOK_LINES)
    if not lines:
        return [], []
    end = min(HOOK_SECONDS, plan.seconds)
    texts = [text_of(line) for line in lines]
    height = size(texts, em)[1] / plan.height
    setting, text = _setting(plan, texts, em), Set(lines, em, plan.width / 2, math.ceil(top * plan.height) + padded(texts, em)[0])
    events = [Event(0.0, end, box(setting, text, Style.HOOK_BOX), 2), Event(0.0, end, letters(setting, text, Style.HOOK), 3)]
    return events, [Obstacle(start_seconds=0.0, end_seconds=end, left=side, right=1 - side, top=top, bottom=top + height)]


def _watermark(plan: ClipPlan, area: SafeArea) -> Overlays:
    lines, em = _fitting(plan.watermark, "watermark", _em(plan, WATERMARK_EM), plan.width * (1 - area.left - area.right), 1)
    if not lines:
        return [], []
    texts = [text_of(line) for line in lines]
    width, height = size(texts, em)
    left, top = math.ceil(area.left * plan.width), math.ceil(area.top * plan.height)
    text = Set(lines, em, left + PAD_EM * em + 1, top + padded(texts, em)[0], is_centred=False)
    event = Event(0.0, plan.seconds, letters(_setting(plan, texts, em), text, Style.WATERMARK), 1)
    right, bottom = (left + width) / plan.width, (top + height) / plan.height
    return [event], [Obstacle(start_seconds=0.0, end_seconds=plan.seconds, left=area.left, top=area.top, right=right, bottom=bottom)]


def _fitting(text: str | None, field: str, em: float, room: float, most_lines: int) -> tuple[Sequence[Line], float]:
    """The lines and the size of an em (pixels) that they fit with; no lines where there is no text."""
    demand_fonts([text or ""], field)
    shown = drawable(text or "").replace("\n", " ")
    if not shown:
        return (), em
    units = units_of(shown)
    for pixels in (em * scale for scale in _SCALES):
        room_em = (room - 2) / pixels - 2 * PAD_EM
        is_broken = max(width_em(unit.text) for unit in units) > room_em
        if not is_broken and len(lines := even(units, room_em)) <= most_lines:
            return lines, pixels
    lines = even(units, (room - 2) / pixels - 2 * PAD_EM)
    if len(lines) > most_lines:
        raise Unacceptable(f"the {field} does not fit into the picture", (FieldProblem(field, f"too long: {len(shown)} characters"),))
    return lines, pixels


def _setting(plan: ClipPlan, texts: Sequence[str], em: float) -> Setting:
    return Setting(plan.width, plan.height, em, plan.accent, is_right_to_left(texts))


def _em(plan: ClipPlan, share: float) -> float:
    return share * min(plan.width, plan.height * 9 / 16)
