"""What can be said of comments without a model: how many, when, by whom, how liked, how many ask. Reading them is `store.comment_analysis`.

Moods, topics and ideas need a model that reads the words: they are not made up here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.analytics import Method

ANALYSIS = Method("comment-counts/1", "owner-data")
# A comment asks when it has a question mark of any script, or begins with one of these words. "When" begins too many sentences that do not.
MARKS = "?？؟"
WORDS = (
    "who", "what", "where", "why", "which", "whose", "how", "can you", "could you", "would you", "do you", "are you", "is there",
)  # fmt: skip
RULE = "a comment asks when it has a question mark, or begins with an English question word"
QUESTION = rf"[{MARKS}]|^\W*({'|'.join(WORDS)})\M"
# Half-open: each band begins with its own edge and ends before the next one.
LIKE_EDGES = (0, 1, 5, 20, 100)
LIKE_BANDS = ("[0,1)", "[1,5)", "[5,20)", "[20,100)", "[100,inf)")


@dataclass(frozen=True, slots=True)
class Counted:
    """Comments of some videos, counted. `read`, `whole`, `disabled` are videos."""

    comments: int
    threads: int
    authors: int
    questions: int
    videos: int
    read: int
    whole: int
    disabled: int
    likes: int | None
    mean_likes: Decimal | None
    median_likes: float | None
    read_at: datetime | None
    oldest_read_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayOfComments:
    """How many came on one UTC day."""

    day: date
    comments: int


@dataclass(frozen=True, slots=True)
class Commenter:
    """Who writes, under the name that the platform shows. `is_owner`: the channel itself."""

    name: str | None
    comments: int
    videos: int
    likes: int | None
    is_owner: bool


@dataclass(frozen=True, slots=True)
class Analysed:
    """All of it."""

    counted: Counted
    days: tuple[DayOfComments, ...]
    commenters: tuple[Commenter, ...]
    likes: tuple[int, ...]
    likes_unknown: int
