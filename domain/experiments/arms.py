"""Arms of many tests, as a table gives them: which column is what, and the rows in compact arrays. Pooling them is in `pooling`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.errors import FieldProblem, Unacceptable
from domain.experiments.arm_rows import ArmRow
from domain.features.titles import FEATURES, title_features

# An arm takes some 200 bytes here.
MOST_ARMS = 200_000
ASKED = tuple(feature for feature in FEATURES if feature.is_hypothesis)
_BATCH = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class ArmTable:
    """Arms in arrays of one length. `test` codes tests, `group` arms that are compared; `features`: one column per `ASKED`."""

    test: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]
    impressions: npt.NDArray[np.float64]
    clicks: npt.NDArray[np.float64]
    features: npt.NDArray[np.float64]


class ArmReader:
    """Takes rows one by one and keeps of each its numbers only. Tests are numbered by name, so in any order of rows alike."""

    def __init__(self) -> None:
        self._tests: dict[str, int] = {}
        self._groups: dict[tuple[str, str], int] = {}
        self._codes: list[tuple[int, int, int, int]] = []
        self._titles: list[str | None] = []
        self._measured: list[npt.NDArray[np.float32]] = []

    def add(self, arm: ArmRow) -> None:
        """Raises Unacceptable beyond so many arms."""
        if len(self._codes) == MOST_ARMS:
            raise Unacceptable(f"the table has more than {MOST_ARMS:,} arms", (FieldProblem("file", "split it, whole tests to a file"),))
        test = self._tests.setdefault(arm.test, len(self._tests))
        group = self._groups.setdefault((arm.test, arm.within), len(self._groups))
        self._codes.append((test, group, arm.impressions, arm.clicks))
        self._titles.append(arm.title)
        if len(self._titles) == _BATCH:
            self._measure()

    def _measure(self) -> None:
        measured = title_features(self._titles)[[feature.name for feature in ASKED]]
        self._measured.append(measured.to_numpy(dtype="float32"))
        self._titles = []

    def table(self) -> ArmTable:
        self._measure()
        codes = np.array(self._codes, dtype="int64").reshape(-1, 4)
        test, group = _ranks(self._tests)[codes[:, 0]], _ranks(self._groups)[codes[:, 1]]
        features = np.concatenate(self._measured).astype("float64")
        return ArmTable(test, group, codes[:, 2].astype("float64"), codes[:, 3].astype("float64"), features)


def _ranks(numbered: Mapping[Any, int]) -> npt.NDArray[np.int64]:
    """By the number as it first came, the place of the name among all names."""
    places = np.empty(len(numbered), dtype="int64")
    places[[numbered[name] for name in sorted(numbered)]] = np.arange(len(numbered))
    return places


def arm_table(arms: Iterable[ArmRow]) -> ArmTable:
    reader = ArmReader()
    for each in arms:
        reader.add(each)
    return reader.table()
