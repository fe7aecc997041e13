"""Evidence that a post divides: what its words say before, and what its viewers do after. Neither is a verdict, and nothing is guessed.

Comments per like are a consequence of the post: never a hypothesis, never a control. Without both counters they are missing.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from domain.features.feature import Group, amount, consequence, presence
from domain.features.writing import fold, is_unspaced, tokens

_OVER = "ten per cent more comments per like than usual for the account"
FEATURES = (
    presence("has_controversy_word", Group.CONTROVERSY, "a word of conflict ('exposed') in the title or description, compared with none"),
    consequence(
        amount("comments_per_like", Group.CONTROVERSY, ("comments per like", "ten more comments per 100 likes"), "comments per like", 0.1)
    ),
    consequence(
        amount(
            "comments_per_like_log_ratio",
            Group.CONTROVERSY,
            ("comments per like over the account's median", _OVER),
            "log points over the account's median",
            0.1,
        )
    ),
    consequence(presence("is_contested", Group.CONTROVERSY, "a word of conflict, and twice the account's usual comments per like")),
)
TWICE = float(np.log(2))
# Of fewer posts, nothing says what is usual.
LEAST_POSTS = 5
WORDS = (
    "controversy controversial scandal exposed feud lawsuit sued canceled cancelled backlash outrage racist sexist "
    "fraud scam liar apology banned boycott debate rant corrupt corruption polemica escandalo estafa denuncia "
    "mentira boicot debate insulto escandalo processo treta cancelado polemique scandale arnaque plainte mensonge "
    "skandal betrug streit luge hetze boykott polemica truffa scandalo litigio ruzie schandaal bedrog afera oszustwo klamstwo "
    "skandal dolandirici yalan kavga kontroversi penipuan skandal bohong скандал обман разоблачение ложь ссора мошенник "
    "скандал обман брехня فضيحه فضيحة احتيال كذب جدل שערורייה הונאה שקר विवाद घोटाला झूठ "
    "炎上 批判 暴露 詐欺 スキャンダル 논란 폭로 사기 争议 丑闻 曝光 骗局 ดราม่า แฉ"
)


def controversy_features(posts: pd.DataFrame, texts: Sequence[str | None]) -> pd.DataFrame:
    """One row per post. Texts: title and description together, None where there is none."""
    word = pd.Series([float("nan") if text is None else float(has_controversy_word(text)) for text in texts], dtype="float64")
    ratio = _comments_per_like(posts)
    over = _over_usual(posts, ratio)
    contested = ((word == 1.0) & (over >= TWICE)).astype("float64").where(word.notna() & over.notna())
    columns = dict(zip((feature.name for feature in FEATURES), (word, ratio, over, contested), strict=True))
    return pd.DataFrame(columns, dtype="float64")


def has_controversy_word(text: str) -> bool:
    spaced, pieces = _lists()
    folded = fold(text)
    return not spaced.isdisjoint(tokens(folded)) or any(piece in folded for piece in pieces)


def _comments_per_like(posts: pd.DataFrame) -> "pd.Series[float]":
    likes, comments = (pd.to_numeric(posts[name]).astype("float64").reset_index(drop=True) for name in ("likes", "comments"))
    return (comments / likes.where(likes > 0)).where(comments >= 0)


def _over_usual(posts: pd.DataFrame, ratio: "pd.Series[float]") -> "pd.Series[float]":
    logs = pd.Series(np.log(ratio.where(ratio > 0).to_numpy(np.float64)))
    by_account = logs.groupby(posts["account_id"].to_numpy())
    return (logs - by_account.transform("median")).where(by_account.transform("count") >= LEAST_POSTS)


@lru_cache(maxsize=1)
def _lists() -> tuple[frozenset[str], frozenset[str]]:
    words = {fold(word) for word in WORDS.split()}
    return frozenset(word for word in words if not is_unspaced(word)), frozenset(word for word in words if is_unspaced(word))
