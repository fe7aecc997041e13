"""What stands under a video: length, links, hashtags, chapters, calls to action. A platform without descriptions has missing features."""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pandas as pd

from domain.features.feature import Group, amount, presence
from domain.features.writing import fold, hashtags_in, is_hangul, is_unspaced, said, tokens

FEATURES = (
    presence("has_description", Group.DESCRIPTION, "a description, compared with none", is_hypothesis=False),
    amount(
        "description_chars",
        Group.DESCRIPTION,
        ("length of the description", "100 more characters of description"),
        "characters",
        100.0,
        is_hypothesis=False,
    ),
    amount(
        "description_chars_log",
        Group.DESCRIPTION,
        ("length of the description", "a description twice as long"),
        "log (1 + characters)",
        math.log(2),
    ),
    amount(
        "description_links",
        Group.DESCRIPTION,
        ("links in the description", "one more link in the description"),
        "links",
        1.0,
        is_hypothesis=False,
    ),
    presence("has_link", Group.DESCRIPTION, "a link in the description, compared with none", of="descriptions"),
    amount(
        "description_hashtags",
        Group.DESCRIPTION,
        ("hashtags in the description", "one more hashtag in the description"),
        "hashtags",
        1.0,
        is_hypothesis=False,
    ),
    presence("has_chapters", Group.DESCRIPTION, "chapters in the description, compared with none", of="descriptions"),
    presence("has_call_to_action", Group.DESCRIPTION, "a request to subscribe, comment or buy, compared with none", of="descriptions"),
)
LINK = re.compile(r"https?://\S+|\bwww\.\w[\w-]*\.\S+|\b[\w-]+\.(?:com|ly|gg|be|me|tv|link|shop|org|net)/\S*", re.IGNORECASE)
# Chapters as YouTube reads them: lines that begin with a time, at least three, the first at 0:00, rising.
CHAPTER = re.compile(r"^\W{0,3}(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)\b", re.MULTILINE)
LEAST_CHAPTERS = 3


def _by_first_word(calls: Iterable[str]) -> dict[str, list[str]]:
    """Calls as they stand among words that are joined by single spaces, by their first words: most texts hold none of those."""
    found: dict[str, list[str]] = {}
    for call in calls:
        words = tokens(fold(call))
        found.setdefault(words[0], []).append(f" {' '.join(words)} ")
    return found


# Whole words; in scripts without spaces, anywhere.
_CALLS = (
    "subscribe", "follow me", "follow us", "like and", "hit the bell", "turn on notifications", "let me know",
    "comment below", "in the comments", "link in bio", "check out", "use code", "use my code", "sign up", "join my",
    "join the", "buy", "get yours", "download", "share this", "suscribete", "suscribanse", "sigueme", "dale like",
    "comenta", "inscreva se", "se inscreva", "siga", "deixe seu like", "abonnez", "abonne toi", "abonne-toi", "abonniert",
    "abonniere", "kommentiere", "iscriviti", "seguimi", "abonneer", "subskrybuj", "zasubskrybuj", "abone ol", "begenmeyi",
    "jangan lupa", "dang ky", "prenumerera", "подпишись", "подпишитесь", "подписывайтесь", "подписывайся", "ставьте лайк",
    "підпишись", "підпишіться", "підписуйтесь", "اشترك", "تابع", "הירשמו", "עקבו",
    "सब्सक्राइब", "チャンネル登録", "高評価", "구독", "좋아요", "订阅", "訂閱", "关注", "點贊", "ติดตาม",
)  # fmt: skip
_UNSPACED_CALLS = tuple(fold(call) for call in _CALLS if is_unspaced(call) or is_hangul(call))
_SPACED_CALLS = _by_first_word(call for call in _CALLS if not (is_unspaced(call) or is_hangul(call)))


def description_features(descriptions: "pd.Series[str]") -> pd.DataFrame:
    """One row per description. Empty text is a description that is not there (0); a missing one is unknown and stays missing."""
    rows = [_measured(value) if isinstance(value, str) else [float("nan")] * len(FEATURES) for value in descriptions]
    return pd.DataFrame(rows, columns=[feature.name for feature in FEATURES], dtype="float64")


def _measured(written: str) -> list[float]:
    text = said(written) or ""
    links = len(LINK.findall(text))
    return [
        float(bool(text)),
        float(len(text)),
        math.log1p(len(text)),
        float(links),
        float(links > 0),
        float(len(set(hashtags_in(text)))),
        float(has_chapters(text)),
        float(has_call_to_action(text)),
    ]


def has_call_to_action(text: str) -> bool:
    """Whether the text asks its reader to do something, by a list of such words in many languages."""
    folded = fold(text)
    words = tokens(folded)
    joined = f" {' '.join(words)} "
    spaced = (call for first in _SPACED_CALLS.keys() & set(words) for call in _SPACED_CALLS[first])
    return any(call in joined for call in spaced) or any(call in folded for call in _UNSPACED_CALLS)


def has_chapters(text: str) -> bool:
    """Whether the text lists chapters: three rising times or more, the first 0:00."""
    times = chapter_seconds(text)
    return len(times) >= LEAST_CHAPTERS and times[0] == 0 and all(a < b for a, b in pairwise(times))


def chapter_seconds(text: str) -> Sequence[int]:
    """Where the lines that begin with a time point to."""
    return [int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) for hours, minutes, seconds in CHAPTER.findall(text)]
