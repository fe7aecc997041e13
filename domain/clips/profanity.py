"""Swear words that captions may mask: whole words of the language that is spoken, the first letter kept. Off unless a user asks.

Small lists of our own, the words that platforms themselves bleep; a word that also means something harmless (`ass` in German, `con` in
English) is only in the list of its language. Endings are listed, not guessed: "class" and "Scunthorpe" stay what they are.
"""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

import regex

from domain.clips.breaking import clusters

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?")
_THREE_LETTERS = {"eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "por": "pt", "ita": "it"}


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


SWEAR_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": _listed(
            "fuck fucks fucked fucker fuckers fuckin fucking motherfucker motherfuckers motherfucking shit shits shitty bullshit"
            " shitting bitch bitches bitching cunt cunts asshole assholes arsehole arseholes ass dickhead dickheads cock cocks"
            " cocksucker pussy pussies bastard bastards whore whores slut sluts twat twats wanker wankers bollocks goddamn"
        ),
        "de": _listed(
            "scheiße scheisse scheiß scheiss beschissen beschissene beschissener ficken fick fickt gefickt verfickt verfickte verfickter"
            " arschloch arschlöcher arsch fotze fotzen hurensohn hurensöhne hure huren schlampe schlampen wichser wichse"
        ),
        "fr": _listed(
            "putain putains pute putes merde merdes merdique connard connards connasse connasses con conne cons enculé enculés enculer"
            " salope salopes salaud salauds bordel chier chiant chiante niquer nique bite bites couille couilles"
        ),
        "es": _listed(
            "mierda mierdas puta putas puto putos joder jodido jodida jodidos coño coños cabrón cabrona cabrones gilipollas pendejo"
            " pendeja pendejos chingar chinga chingada chingado verga polla pollas hijoputa maricón maricones culero"
        ),
        "pt": _listed(
            "merda merdas puta putas puto caralho caralhos foda foder fodido fodida fodase porra cu cuzão buceta bucetas viado"
            " arrombado arrombada filhadaputa"
        ),
        "it": _listed(
            "cazzo cazzi cazzata cazzate merda merde stronzo stronza stronzi stronze vaffanculo fanculo puttana puttane"
            " coglione coglioni figa minchia incazzato incazzata"
        ),
    }
)


def masked(text: str, language: str | None) -> str:
    """The text with swear words as `f***`; of a language that is not known the words of all lists, of one without a list none.

    `language`: a tag such as `en`, `en-GB` or `eng`.
    """
    words = _words(language)
    return str(_WORD.sub(lambda found: _mask(found[0]) if _folded(found[0]) in words else found[0], text))


def _words(language: str | None) -> frozenset[str]:
    if language is None:
        return frozenset().union(*SWEAR_WORDS.values())
    tag = regex.split("[-_]", language.lower())[0]
    return SWEAR_WORDS.get(_THREE_LETTERS.get(tag, tag), frozenset())


def _folded(word: str) -> str:
    """Full-width letters, capitals and an apostrophe's ending make no other word of it."""
    return unicodedata.normalize("NFKC", word).lower().replace("’", "'").split("'")[0]


def _mask(word: str) -> str:
    first, *rest = clusters(word)
    return first + "*" * len(rest)
