"""Where sentences end, by their marks: some full stops are none (abbreviations, initials), nor are marks inside quotes, nor dots."""

import re

_CLOSING = "\"'”’»)]」』）】〉》"
# Also of Arabic and Urdu, Hindi, Armenian, Ethiopic, Burmese, Khmer.
_ENDS = ".!?…。！？．؟۔।॥։።။។"
_DOTS = ("...", "…")


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Never the end of a sentence: a name or a number follows.
_TITLES = _listed("mr mrs ms dr prof st sr jr gen col capt lt sgt rev hon gov sen rep mme mlle vs fig approx ca e.g i.e")
# An end only where the next word may begin a sentence.
_SHORT = _listed("etc inc ltd co corp a.m p.m jan feb mar apr aug sept sep oct nov dec min sec ft lb oz dept est ave blvd ph.d")
_BEFORE_NUMBERS = _listed("no nos vol pp p art ch")
_STARTERS = _listed(
    "the this that these those it he she we they i you but and so in at on if when what why how there here then now for as my our your his"
    " her their is are do does let no yes"
)
_INITIAL = re.compile(r"[A-Z]")
_DOTTED = re.compile(r"(?:\w\.)+\w")


def is_ended(word: str) -> bool:
    """Whether the word carries a mark that can end a sentence."""
    return word.rstrip(_CLOSING)[-1:] in _ENDS and word.rstrip(_CLOSING) != ""


def ends_sentence(word: str, following: str | None) -> bool:
    """Whether a sentence ends with this word, given the one after it (None: nothing follows)."""
    bare = word.rstrip(_CLOSING)
    if not is_ended(word):
        return False
    if following is None:
        return True
    first = following.lstrip("\"'“‘«([¿¡-–—")[:1]
    if bare.endswith(_DOTS):
        return first.isupper() and not re.match(r"I\b", following)
    if bare[-1] != ".":
        # "Really?" he asked.
        return not (bare != word and first.islower())
    return _is_full_stop(bare[:-1], following, first)


def _is_full_stop(stem: str, following: str, first: str) -> bool:
    name = stem.lstrip("\"'“‘«([").lower()
    if name in _TITLES:
        return False
    if name in _BEFORE_NUMBERS:
        return not first.isdigit()
    if name in _SHORT or _DOTTED.fullmatch(name):
        return re.sub(r"\W.*", "", following.lower()) in _STARTERS and first.isupper()
    if len(name) == 1 and _INITIAL.fullmatch(stem[-1:]) and stem[-1] != "I":
        return not first.isupper()
    return True
