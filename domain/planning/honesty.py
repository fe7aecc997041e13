"""What no published suggestion may break, told of its figures as they are stored."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from domain.deep.rows import NATURE
from domain.effects.verdicts import CAUSAL_VERDICTS

# Words that say one thing brought about another.
_CAUSAL = re.compile(
    r"\b(raises?|raised|lowers?|lowered|causes?|caused|because|boosts?|boosted|increases?|increased|decreases?|decreased|leads? to|led to|"
    r"makes?|made|thanks to|due to|drives?|drove|expect|earns?|gains?)\b",
    re.IGNORECASE,
)


def problems_of(section: str, figures: Mapping[str, Any], verdicts: Mapping[str, str]) -> list[str]:
    """Why a section must not be shown; empty for an honest one. `verdicts`: of every effect of the newest release, by id."""
    if section == "blueprint":
        found = [each for name in ("do", "avoid", "test", "no_difference") for each in figures[name]]
    else:
        found = figures["items"]
    return [f"{section}: {problem}" for each in found for problem in _problems(each, verdicts)] + list(_twice(section, figures))


def _problems(each: Mapping[str, Any], verdicts: Mapping[str, str]) -> Iterator[str]:
    named = str(each.get("feature") or each["text"])
    ids = each["effect_ids"]
    if lost := [effect_id for effect_id in ids if effect_id not in verdicts]:
        yield f"{named} names effects that are not there: {', '.join(lost)}"
        return
    if each.get("nature") == NATURE:
        if each["low"] is None or each["high"] is None or not each["n"]:
            yield f"{named} describes without interval or n"
    elif not ids:
        yield f"{named} is carried by no effect"
    is_causal = bool(ids) and verdicts[ids[0]] in CAUSAL_VERDICTS and each.get("nature") is None
    if not is_causal and (word := _causal_word(each)):
        yield f"{named} says '{word}' without such a verdict"
    if each.get("action") in ("do", "avoid") and not is_causal:
        yield f"{named} is advised without such a verdict"


def _causal_word(each: Mapping[str, Any]) -> str | None:
    texts = [each.get("text"), each["sentence"], (each.get("expected") or {}).get("text")]
    return next((found.group() for text in texts if text and (found := _CAUSAL.search(text))), None)


def _twice(section: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """Two items about one choice would contradict each other, or say the same."""
    parts: Iterable[Any] = figures.get("items") or [each for name in ("do", "avoid", "test") for each in figures.get(name, ())]
    choices = [each["choice"] for each in parts if "choice" in each]
    for choice in sorted({each for each in choices if choices.count(each) > 1}):
        yield f"{section}: {choice} is spoken of twice"
