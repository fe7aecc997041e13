"""What tables of tests and the calibration look like over HTTP."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from api.experiments.shapes import METHOD, RatioOut, ResultOut
from api.figures import MethodOut
from domain.experiments.calibration import Calibration
from domain.experiments.publishing import stated_pool
from domain.experiments.ratio import ratio_check
from domain.figures import plain
from services.experiment_tables import pooled_tests
from store.experiment_tables import ImportedTests, StoredTest


class ListedTestsOut(msgspec.Struct, frozen=True, kw_only=True):
    """A table of tests. `excluded` of its `tests` failed the sample-ratio check; `rejected` rows were no arms."""

    import_id: UUID
    name: str
    is_own: bool
    tests: int
    arms: int
    excluded: int
    rejected: int
    created_at: datetime

    @classmethod
    def of(cls, found: ImportedTests) -> "ListedTestsOut":
        return cls(**_listed(found))


class ImportedTestsOut(ListedTestsOut, frozen=True, kw_only=True):
    """A table with its pooled effects. `arm_sd`: log-sd of arms of one test, beyond the chance of clicks and the features."""

    sha256: str
    columns: dict[str, Any]
    problems: list[str]
    arm_sd: float
    effects: list[ResultOut]

    @classmethod
    def of(cls, found: ImportedTests) -> "ImportedTestsOut":
        effects = [ResultOut.of(each) for each in stated_pool(pooled_tests(found))]
        return cls(
            **_listed(found), sha256=found.sha256, columns=dict(found.columns), problems=list(found.problems),
            arm_sd=found.pool["arm_sd"], effects=effects,
        )  # fmt: skip


def _listed(found: ImportedTests) -> dict[str, Any]:
    borrowed = {"excluded": found.pool["excluded"]}
    return borrowed | {name: getattr(found, name) for name in ListedTestsOut.__struct_fields__ if name not in borrowed}


class ArmOut(msgspec.Struct, frozen=True, kw_only=True):
    """One arm. `click_rate` is clicks per impression; null without impressions."""

    title: str | None
    within: str
    impressions: int
    clicks: int
    click_rate: float | None


class TestOut(msgspec.Struct, frozen=True, kw_only=True):
    """One test with its arms; one that failed the check is not pooled."""

    __test__ = False  # no test class of pytest, whatever its name begins with

    test: str
    ratio: RatioOut
    arms: list[ArmOut]

    @classmethod
    def of(cls, found: StoredTest) -> "TestOut":
        arms = [
            ArmOut(
                title=each.title, within=each.within, impressions=each.impressions, clicks=each.clicks,
                click_rate=plain(each.clicks / each.impressions) if each.impressions else None,
            )
            for each in found.arms
        ]  # fmt: skip
        ratio = ratio_check([each.impressions for each in found.arms], unit="impressions")
        return cls(test=found.test, ratio=RatioOut.of(ratio), arms=arms)


class PairOut(msgspec.Struct, frozen=True, kw_only=True):
    """A feature estimated both ways, log points."""

    feature: str
    observed: float
    observed_se: float
    experimental: float
    experimental_se: float
    difference: float
    z: float


class CalibrationOut(msgspec.Struct, frozen=True, kw_only=True):
    """Observational less randomised estimates. `widening`: how much wider observational intervals would have to be; null with `reason`."""

    n: int
    method: MethodOut
    release_id: UUID | None
    reason: str | None
    bias: float | None
    bias_low: float | None
    bias_high: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    between_sd: float | None
    widening: float | None
    pairs: list[PairOut]

    @classmethod
    def of(cls, found: Calibration, release_id: UUID | None) -> "CalibrationOut":
        words: dict[str, Any] = plain(asdict(found))
        pairs = [PairOut(**each) for each in words.pop("pairs")]
        return cls(**words, n=len(pairs), method=MethodOut.of(METHOD), release_id=release_id, pairs=pairs)
