"""How a written word of English is spoken: numbers as words, signs by their names, the rest in plain letters.

Only what is read one way: a date, a telephone number or a unit is read as its parts are. How the words sound is in `gateways.speech`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_DIGITS = 12
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth"}
_SIGNS = {"&": ["and"], "%": ["percent"], "+": ["plus"], "@": ["at"], "=": ["equals"]}
_MONEY = {"$": "dollar", "€": "euro", "£": "pound"}
_LARGE = ("hundred", "thousand", "million", "billion", "trillion")
_SUFFIXES = {"k": ["thousand"], "m": ["million"], "b": ["billion"], "bn": ["billion"]}

_PART = re.compile(
    r"(?P<money>[$€£])?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<tail>st|nd|rd|th|bn|[kmb](?![a-z]))?"
    r"|(?P<letters>(?:[a-z]\.){2,}|(?:[a-z]\.)+[a-z](?![a-z]))"
    r"|(?P<word>[a-z]+(?:'[a-z]+)*)"
    r"|(?P<sign>[&%+@=])"
)


def spoken(token: str) -> tuple[str, ...]:
    """The words (a to z and apostrophes) that are said for a token of English; none for marks and for other scripts.

    >>> spoken("self-substantial"), spoken("1,250"), spoken("$5.")
    (('self', 'substantial'), ('one', 'thousand', 'two', 'hundred', 'fifty'), ('five', 'dollars'))
    """
    plain = unicodedata.normalize("NFKD", token.replace("’", "'").replace("ʼ", "'")).lower()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return tuple(word for found in _PART.finditer(plain) for word in _said(found))


def script_of(tokens: Sequence[str]) -> list[tuple[int, str]]:
    """The words of a whole script, each with the number of its token. Of `$25 billion` the dollars come last."""
    found: list[tuple[int, str]] = []
    for at, token in enumerate(tokens):
        words = spoken(token)
        before = spoken(tokens[at - 1]) if at and tokens[at - 1][:1] in _MONEY else ()
        if before and words[:1] and words[0] in _LARGE and found[-1][1].rstrip("s") in _MONEY.values():
            currency = found.pop()[1].rstrip("s") + "s"
            words = (words[0], currency, *words[1:])
        found += [(at, word) for word in words]
    return found


def _said(found: "re.Match[str]") -> Iterator[str]:
    if number := found["number"]:
        yield from _numeral(number, found["tail"] or "", found["money"])
    elif letters := found["letters"]:
        yield from letters.replace(".", "")
    elif word := found["word"]:
        yield word
    else:
        yield from _SIGNS[found["sign"]]


def _numeral(number: str, tail: str, money: str | None) -> Iterator[str]:
    whole, _, fraction = number.replace(",", "").partition(".")
    if tail in ("st", "nd", "rd", "th") and not fraction:
        yield from _ordinal(cardinal(whole))
        return
    is_cents = money is not None and len(fraction) == 2 and not tail
    yield from cardinal(whole) if fraction or tail or money or "," in number else _year(whole)
    if fraction and not is_cents:
        yield "point"
        yield from (_ONES[int(digit)] for digit in fraction)
    yield from _SUFFIXES.get(tail, ())
    if money:
        yield _MONEY[money] + ("" if whole == "1" and not tail and (is_cents or not fraction) else "s")
    if is_cents and int(fraction):
        yield from cardinal(fraction)


def _year(digits: str) -> list[str]:
    """1961 is nineteen sixty one, and 1900 nineteen hundred."""
    if len(digits) == 4 and digits[2:] == "00" and "11" <= digits[:2] < "20":
        return [*cardinal(digits[:2]), "hundred"]
    if len(digits) == 4 and digits[2:] != "00" and ("11" <= digits[:2] < "20" or "2010" <= digits < "2100"):
        last = ["oh", _ONES[int(digits[3])]] if digits[2] == "0" else cardinal(digits[2:])
        return [*cardinal(digits[:2]), *last]
    return cardinal(digits)


def cardinal(digits: str) -> list[str]:
    """A whole number. What begins with a zero, or has more than twelve digits, is read digit by digit."""
    if (digits.startswith("0") and digits != "0" and len(digits) > 2) or len(digits) > _DIGITS:
        return [_ONES[int(digit)] for digit in digits]
    return _cardinal(int(digits))


def _cardinal(number: int) -> list[str]:
    for scale, name in _SCALES:
        if number >= scale:
            rest = number % scale
            return [*_cardinal(number // scale), name, *(_cardinal(rest) if rest else [])]
    if number >= 20:
        return [_TENS[number // 10 - 2], *([_ONES[number % 10]] if number % 10 else [])]
    return [_ONES[number]]


def _ordinal(words: list[str]) -> list[str]:
    *before, last = words
    regular = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return [*before, _ORDINALS.get(last, regular)]
