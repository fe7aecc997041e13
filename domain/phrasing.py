"""BudouX (Google, Apache-2.0): the model that cuts text into phrases where no spaces are written. Its models are in its package.

Japanese phrases, Chinese and Thai words. Lao, Khmer and Burmese have no model: whoever asks cuts them by letters.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what loads a model is loaded when there is something to cut
    import budoux

_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff]")
_THAI = re.compile("[\u0e01-\u0e5b]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
# Japanese writes Han among its kana; Chinese writes a kana for a name now and then.
_LEAST_KANA = 0.1


def model_of(text: str) -> "budoux.Parser | None":
    """By the script that most of it is written in. None where there is no model for it."""
    kana, thai = (len(each.findall(text)) for each in (_KANA, _THAI))
    han = "".join(_HAN.findall(text))
    if not (kana or thai or han):
        return None
    if thai > kana + len(han):
        return _loaded("th")
    if kana > _LEAST_KANA * len(han):
        return _loaded("ja")
    return _loaded("zh-hans" if _known(han, "gb2312") >= _known(han, "big5") else "zh-hant")


def _known(han: str, standard: str) -> int:
    """How many of the characters are in a national set: of simplified writing GB 2312, of traditional writing Big5. Each is two bytes."""
    return len(han.encode(standard, "ignore"))


@cache
def _loaded(language: str) -> "budoux.Parser":
    import budoux

    load = {
        "ja": budoux.load_default_japanese_parser,
        "th": budoux.load_default_thai_parser,
        "zh-hans": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
    }
    return load[language]()
