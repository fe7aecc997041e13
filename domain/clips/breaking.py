"""Where text may be broken: between what readers take for characters, between phrases, never before a closing mark. Widths are in `pages`.

Characters are extended grapheme clusters (Unicode annex 29). Japanese, Chinese and Thai have no spaces between words: a model
(`domain.phrasing`) finds the phrases; Lao, Khmer and Burmese are cut into pieces of a few characters. Marks that may not
begin or end a line are those of Japanese (kinsoku, JIS X 4051) and Chinese setting (GB/T 15834), and vowels that Thai and Lao write first.
"""

import unicodedata
from collections.abc import Iterator, Sequence

import regex

from domain.phrasing import model_of

# With vowel signs of Burmese and Khmer that the annex counts apart.
_CLUSTER = regex.compile(r"\X[\p{M}\u200c\u200d]*")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3001-\u303fー\uff01-\uff60]")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_RIGHT_TO_LEFT = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]")
_EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Emoji}\ufe0f")
_NEVER_FIRST = frozenset(
    "、。，．・：；？！゛゜´｀々ゝゞヽヾーぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ）］｝」』】〉》〕〗〙〟｣､｡"
    "’”!?,.:;)]}»%％℃…‥～ๆฯະາຳ"
)
_NEVER_LAST = frozenset("（［｛「『【〈《〔〖〘〝‘“｢([{«$￥¥€£＄#＃@เแโใไເແໂໃໄ")
# Burmese: a consonant with this mark ends a syllable.
_ASAT = "\u103a"
# Of a script without spaces and without a model: characters that are taken for one piece.
_PIECE = 4


def clusters(text: str) -> list[str]:
    """What readers take for characters; marks, joined emoji and flags are whole."""
    return [found[0] for found in _CLUSTER.finditer(text)]


def columns(text: str) -> int:
    """How wide it is, roughly: 1 for a letter, 2 for an East Asian one or an emoji (Unicode annex 11)."""
    return sum(_columns(each) for each in clusters(text))


def _columns(cluster: str) -> int:
    return 2 if unicodedata.east_asian_width(cluster[0]) in "WF" or is_emoji(cluster) else 1


def is_emoji(cluster: str) -> bool:
    """Whether it is shown as a picture; a digit, a heart or `©` is with a variation selector only."""
    return _EMOJI.match(cluster) is not None


def is_unspaced(text: str) -> bool:
    """Whether it holds letters of a script that writes no spaces between words."""
    return _UNSPACED.search(text) is not None


def is_right_to_left(texts: Sequence[str]) -> bool:
    """Whether most letters run from right to left; numbers and marks do not say."""
    letters = [each for text in texts for each in text if each.isalpha()]
    return sum(_RIGHT_TO_LEFT.match(each) is not None for each in letters) > len(letters) / 2


def east_asian_language(texts: Sequence[str]) -> str | None:
    """Whose forms of Chinese characters to draw, by the letters around them: `ja`, `ko`, `zh`; None where there are none."""
    text = "".join(texts)
    if _KANA.search(text):
        return "ja"
    if regex.search(r"\p{Hangul}", text):
        return "ko"
    return "zh" if _HAN.search(text) else None


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between these characters, where there is no space. Both must not be empty."""
    is_final = after[1:2] == _ASAT
    return after[0] not in _NEVER_FIRST and before[-1] not in _NEVER_LAST and not is_final


def phrases(text: str) -> list[str]:
    """Text without spaces as phrases that are read at once; joined they are the text. Of a script with spaces it is one."""
    if not is_unspaced(text):
        return [text]
    parser = model_of(text)
    return list(_kept_together(parser.parse(text) if parser else _pieces(text)))


def _pieces(text: str) -> list[str]:
    found, held = [""], 0
    for each in clusters(text):
        if held >= _PIECE and may_break(found[-1], each):
            found.append("")
            held = 0
        found[-1] += each
        held += 1
    return found


def _kept_together(parts: Sequence[str]) -> Iterator[str]:
    whole = ""
    for part in parts:
        if whole and may_break(whole, part) and len(clusters(whole + part)) == len(clusters(whole)) + len(clusters(part)):
            yield whole
            whole = ""
        whole += part
    yield whole
