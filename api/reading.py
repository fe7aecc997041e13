"""What a list reads with, as one dependency. Opening transactions is `store.database`, signing cursors `api.pages`."""

from dataclasses import dataclass

from api.answers import Answers
from api.pages import Cursors
from store.database import Database, Entry


@dataclass(frozen=True, slots=True)
class Reading:
    """Database, caller, cursors and what was answered before.

    One dependency, for Litestar resolves several of them side by side, in a task group for every call.
    """

    database: Database
    entry: Entry
    cursors: Cursors
    answers: Answers
