"""What one format's row reader works with, and what it hands back. The readers live in their own modules, one per source."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from domain.imports.moments import Moment
from domain.imports.params import ImportParams
from domain.imports.values import Unreadable, count
from domain.observations import NOTHING, Counters, Observed

Record = Mapping[str, object]
RowReader = Callable[[int, Record], Observed]
COUNTERS = ("views", "likes", "dislikes", "comments", "shares", "bookmarks")


@dataclass(slots=True)
class Reading:
    """The statements about the file, and what is worth a note beside the rows (each note with its number of rows)."""

    params: ImportParams
    columns: tuple[str, ...] = ()
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def observed_at(self) -> datetime:
        """The moment given for the whole file."""
        if self.params.observed_at is None:
            raise Unreadable("neither the row nor the import says when these figures were read", "observed_at")
        return self.params.observed_at


def read_counters(record: Record, columns: Mapping[str, str], missing: dict[str, str]) -> Counters:
    """`columns`: which column holds which counter. An empty cell stays empty, with its reason; a counter without a column needs none."""
    found: dict[str, int | None] = {}
    for counter, column in columns.items():
        found[counter] = count(record.get(column), column)
        if found[counter] is None:
            missing[counter] = f"{column} is empty in the source"
    return Counters(**found)


def first_of(readers: tuple[tuple[str, Callable[[object, str], Moment]], ...], record: Record) -> Moment | None:
    """The first moment that is there."""
    for column, read in readers:
        if record.get(column) not in (None, ""):
            return read(record[column], column)
    return None


def frozen(missing: dict[str, str]) -> Mapping[str, str]:
    return MappingProxyType(missing) if missing else NOTHING
