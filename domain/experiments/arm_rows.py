"""One row of a table of arms, and which column is what. All of them in arrays is in `arms`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.errors import FieldProblem, Unacceptable
from domain.imports.values import Unreadable, count, text


@dataclass(frozen=True, slots=True)
class ArmColumns:
    """Which column of the table is what. `within`: only arms that are equal in this column are compared (such as the picture's id)."""

    test: str = "test_id"
    title: str = "title"
    impressions: str = "impressions"
    clicks: str = "clicks"
    within: str | None = None

    def check(self, columns: Iterable[str]) -> None:
        """Raises Unacceptable for every column that the table does not have, naming what it does have."""
        there = set(columns)
        names = {"test_column": self.test, "title_column": self.title, "impressions_column": self.impressions, "clicks_column": self.clicks}
        if self.within is not None:
            names["within_column"] = self.within
        said = f"it has {', '.join(sorted(there)[:20])}"
        lacking = tuple(FieldProblem(name, f"there is no column {each!r}; {said}") for name, each in names.items() if each not in there)
        if lacking:
            raise Unacceptable("the table of arms cannot be read", lacking)


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm. `within` is empty where nothing else has to be equal; `title` None where it has none."""

    test: str
    within: str
    title: str | None
    impressions: int
    clicks: int


def arm_of(row: Mapping[str, object], columns: ArmColumns) -> ArmRow:
    """Raises Unreadable, saying what is wrong with the row."""
    test = text(row.get(columns.test), columns.test)
    seen, clicks = count(row.get(columns.impressions), columns.impressions), count(row.get(columns.clicks), columns.clicks)
    if test is None or seen is None or clicks is None:
        raise Unreadable("test, impressions and clicks are needed in every row")
    if clicks > seen:
        raise Unreadable(f"{clicks} clicks of {seen} impressions")
    within = text(row.get(columns.within), columns.within) if columns.within else None
    return ArmRow(test, within or "", text(row.get(columns.title), columns.title), seen, clicks)
