"""How large a benchmark is, and what it finds. Measuring is each benchmark's own."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Scale:
    """How large and how long. Only the full scale is written down; a smaller one is for trying out."""

    share: float = 1.0
    rounds: int = 3
    seconds: float = 8.0

    @property
    def is_full(self) -> bool:
        return self == Scale()

    def rows(self, full: int) -> int:
        """So many of so many rows, at least one."""
        return max(1, round(full * self.share))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. `ratio` is ours to the baseline's, within this run; `bar` says what it must reach, `passed` is None without a bar."""

    name: str
    ours: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    bar: str = ""
    passed: bool | None = None
    note: str = ""


class Benchmark(Protocol):
    """A module of `bench`: its docstring says how it is measured and goes on the page, below its title."""

    TITLE: str

    def run(self, scale: Scale) -> list[Row]: ...
