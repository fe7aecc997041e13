"""Sounds that fill a pause and mean nothing, by language. Only what is no word of that language: nothing that is said on purpose is cut.

English `er` is one, German `er` is a pronoun: so a language that is not known has none.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

FILLERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": frozenset({"um", "umm", "uh", "uhh", "uhm", "erm", "er", "hmm"}),
        "de": frozenset({"äh", "ähm", "öh", "öhm", "hm", "hmm"}),
        "fr": frozenset({"euh", "heu", "hum", "hmm"}),
        "es": frozenset({"em", "ehm", "eh", "mmm"}),
        "it": frozenset({"ehm", "eh", "uhm", "mmm"}),
        "pt": frozenset({"hum", "hã", "ahn", "ehm"}),
        "nl": frozenset({"eh", "ehm", "uh", "uhm"}),
        "sv": frozenset({"öh", "öhm", "eh", "ehm"}),
        "da": frozenset({"øh", "øhm", "eh"}),
        "no": frozenset({"eh", "ehm", "øh"}),
        "fi": frozenset({"öö", "ööm"}),
        "pl": frozenset({"yyy", "eee", "hmm"}),
        "ru": frozenset({"эм", "эээ", "ммм"}),
        "tr": frozenset({"ııı", "eee", "hmm"}),
    }
)
_LONGER = {"eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "dut": "nl"}
_EDGES = re.compile(r"^\W+|\W+$")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")


def is_filler(text: str, language: str | None) -> bool:
    """Whether a word, marks and drawn-out letters aside (`Ummmm,`), is one. Part words of a hyphenated one (`uh-huh`) are not looked at."""
    known = _known(language)
    word = _EDGES.sub("", text).casefold()
    return word in known or _DRAWN_OUT.sub(r"\1", word) in known


def _known(language: str | None) -> frozenset[str]:
    tag = re.split(r"[-_]", (language or "").lower())[0]
    return FILLERS.get(_LONGER.get(tag, tag), frozenset())
