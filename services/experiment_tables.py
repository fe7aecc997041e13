"""Many tests at once, as tables of arms; all randomised results for a release; and what they say about observational estimates."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID

from domain.effects.verdicts import Candidate, Effect, Kind, Outcome
from domain.errors import FieldProblem, LimitReached, Unacceptable
from domain.experiments.arm_rows import ArmColumns, ArmRow, arm_of
from domain.experiments.arms import ArmReader, arm_table
from domain.experiments.calibration import Calibration, Estimate, calibrate
from domain.experiments.counts import Told, told_of
from domain.experiments.effects import PooledTests, experiment_effects
from domain.experiments.plan import Metric, Plan
from domain.experiments.pooling import Pool, pool_features
from domain.experiments.publishing import pool_figures, pool_of
from domain.experiments.reading import whole_blocks
from domain.imports.values import Unreadable
from domain.observations import Rejected
from domain.ports import Table
from services import experiments
from store.experiment_tables import ImportedTests
from store.experiments import Experiment
from store.work import UnitOfWork

SHOWN_PROBLEMS = 20
MOST_REJECTED = 10_000
# Every release reads what was pooled from each of them.
MOST_TABLES = 100
# Eight arms on every day of two years.
MOST_COUNTS = 6_000


@dataclass(slots=True)
class ReadTable:
    """A table of arms after one pass: what was pooled from it, and what could not be read."""

    pool: Pool | None = None
    rejected: int = 0
    problems: list[str] = field(default_factory=list)

    def reject(self, line: int, reason: str) -> None:
        """Raises Unacceptable beyond so many rows: a file of other rows than arms is not read to its end."""
        self.rejected += 1
        if self.rejected > MOST_REJECTED:
            why = "; ".join(self.problems[:3])
            raise Unacceptable(f"more than {MOST_REJECTED:,} rows of the table are no arms", (FieldProblem("file", why),))
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(f"line {line}: {reason}")


def read_table(table: Table, columns: ArmColumns) -> ReadTable:
    """Pool a table of arms, its rows streaming by. Raises Unacceptable for lacking columns, and where no row is an arm."""
    columns.check(table.shape.columns)
    read, reader = ReadTable(), ArmReader()
    for arm in _arms(table, columns, read):
        reader.add(arm)
    read.pool = pool_features(reader.table())
    if not read.pool.arms:
        raise Unacceptable("no row of the table is an arm", (FieldProblem("file", "; ".join(read.problems[:3]) or "the table is empty"),))
    return read


def _arms(table: Table, columns: ArmColumns, read: ReadTable) -> Iterator[ArmRow]:
    for record in table.records():
        if isinstance(record, Rejected):
            read.reject(record.line, record.reason)
            continue
        try:
            yield arm_of(record[1], columns)
        except Unreadable as error:
            read.reject(record[0], error.reason)


def take_in(uow: UnitOfWork, table: Table, columns: ArmColumns, read: ReadTable, facts: Mapping[str, object]) -> ImportedTests:
    """Keep a table that was read. Facts: `import_id`, `name`, `is_own`, `sha256`. Raises LimitReached."""
    used = uow.experiment_tables.count()
    if used >= MOST_TABLES:
        raise LimitReached("tables of tests of this workspace", MOST_TABLES, used)
    pool = read.pool or pool_features(arm_table(()))
    counted = {"tests": pool.tests, "arms": pool.arms, "rejected": read.rejected, "problems": read.problems}
    kept = {**facts, **counted, "columns": asdict(columns), "pool": pool_figures(pool), "created_by": uow.user_id}
    return uow.experiment_tables.add(kept, _arms(table, columns, ReadTable()))


def pooled_tests(found: ImportedTests) -> PooledTests:
    return PooledTests(str(found.import_id), pool_of(found.pool), found.is_own)


def effects(uow: UnitOfWork, *, today: date, as_of: datetime | None = None) -> tuple[Candidate | Effect, ...]:
    """Every randomised result of the tenant, for a release; `as_of`: as known then."""
    ended = uow.experiments.ended(as_of=as_of)
    tested = [
        experiments.own_test(each, each.plan, experiments.reading_of(uow, each, each.plan, today=today, as_of=as_of))
        for each in ended if each.plan is not None
    ]  # fmt: skip
    tables = [each for each in uow.experiment_tables.page(limit=None)[::-1] if as_of is None or each.created_at <= as_of]
    return experiment_effects(tested, [each.reported for each in ended if each.reported is not None], map(pooled_tests, tables))


def calibration(uow: UnitOfWork) -> tuple[Calibration, UUID | None]:
    """The newest release's observational estimates against the randomised ones; and which release that is."""
    release = uow.releases.latest("effects")
    figures = uow.releases.effects(release.release_id) if release else []
    observed = [found for each in figures if (found := _observed(each)) is not None]
    pools = [pool_of(each.pool) for each in uow.experiment_tables.page(limit=None)] + [_own_pool(uow)]
    randomised = [
        Estimate(each.feature, each.estimate, each.se)
        for pool in pools for each in pool.features if each.estimate is not None and each.se is not None
    ]  # fmt: skip
    return calibrate(observed, randomised), release.release_id if release else None


def _observed(figures: Mapping[str, Any]) -> Estimate | None:
    """Of all accounts, about reach, of a feature by itself."""
    is_asked = figures.get("kind", Kind.FEATURE) == Kind.FEATURE and figures.get("outcome", Outcome.REACH) == Outcome.REACH
    if not is_asked or figures.get("scope") is not None or figures["estimate"] is None or figures["se"] is None:
        return None
    return Estimate(figures["feature"], figures["estimate"], figures["se"])


def _own_pool(uow: UnitOfWork) -> Pool:
    """Own tests of titles side by side, as one more table."""
    ended = [(each, each.plan) for each in uow.experiments.ended() if each.plan is not None and _is_titles(each.plan)]
    return pool_features(arm_table(arm for found, plan in ended for arm in _own_arms(uow, found, plan)))


def _is_titles(plan: Plan) -> bool:
    return plan.kind.is_side_by_side and plan.metric is Metric.CLICK_RATE and all(arm.text for arm in plan.arms)


def _own_arms(uow: UnitOfWork, found: Experiment, plan: Plan) -> Iterator[ArmRow]:
    blocks = whole_blocks(plan, uow.experiments.counts(found.experiment_id)).values()
    for arm in plan.arms:
        seen, clicks = (sum(getattr(each[arm.name], name) or 0 for each in blocks) for name in ("impressions", "clicks"))
        yield ArmRow(str(found.experiment_id), "", arm.text, seen, clicks)


def told(uow: UnitOfWork, table: Table, experiment_id: UUID) -> tuple[list[Told], list[str]]:
    """The rows of a file as counts, and what of it could not be read."""
    _, plan = experiments.plan_of(uow, experiment_id)
    found: list[Told] = []
    problems: list[str] = []
    for record in islice(table.records(), MOST_COUNTS + 1):
        if isinstance(record, Rejected):
            problems.append(f"line {record.line}: {record.reason}")
            continue
        try:
            found.append(told_of(record[1], plan))
        except Unreadable as error:
            problems.append(f"line {record[0]}: {error.reason}")
    if not found or len(found) > MOST_COUNTS:
        why = "; ".join(problems[:3]) or f"send 1 to {MOST_COUNTS:,} rows"
        raise Unacceptable("no counts can be read from the file", (FieldProblem("file", why),))
    return found, problems
