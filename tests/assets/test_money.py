"""The job of a workspace's day, and its checks, each of which sees a fault."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from domain.requests import MONEY, claim_of_run
from tests.assets.conftest import Graph
from tests.assets.test_checks import evaluated
from tests.conftest import TestUrls

NOW = datetime.now(UTC)


@pytest.fixture
def counted(graph: Graph) -> Graph:
    """A workspace that took, spent, and was counted."""
    with graph.database.begin(graph.tenant_id) as uow:
        uow.usage.take("clips_per_day", 1, operation="a", now=NOW)
        uow.ledger.reserve("x", "clip:1", Decimal("0.25"), now=NOW, expires_at=NOW + timedelta(hours=1))
        uow.ledger.commit("x", Decimal("0.2"))
    assert graph.run("count_money").success
    return graph


def test_counting_waits_for_no_other_work_of_the_workspace() -> None:
    assert claim_of_run([MONEY], ["core_usage__days", "core_costs__days"]) == "money"


def test_a_day_is_counted_once_however_often_the_job_runs(counted: Graph) -> None:
    assert counted.run("count_money").success

    with counted.database.begin(counted.tenant_id) as uow:
        usage = uow.connection.exec_driver_sql("select meter, used from usage_days").all()
        costs = uow.connection.exec_driver_sql("select subject_kind, spent_usd, reserved_usd from cost_days").all()
    assert [tuple(row) for row in usage] == [("clips_per_day", 1)]
    assert [tuple(row) for row in costs] == [("clip", Decimal("0.2"), Decimal(0))]


# A day that was written to in the last hour is not due yet.
FAULTS = [
    ("usage_adds_up", "update usage_days set used = used + 1, made_at = made_at + interval '2 hours'"),
    ("usage_adds_up", "delete from usage_takes"),
    ("usage_adds_up", "update usage_counters set used = used + 1"),
    ("costs_add_up", "update cost_days set spent_usd = spent_usd + 0.0000000001, made_at = made_at + interval '2 hours'"),
    ("costs_add_up", "delete from ledger_entries; delete from reservations; delete from ledger_days"),
    ("ledger_balances", "update ledger_days set spent_usd = spent_usd + 0.0000000001"),
    ("ledger_balances", "delete from ledger_entries"),
]


@pytest.mark.parametrize(("check", "fault"), FAULTS)
def test_a_fault_is_seen(counted: Graph, urls: TestUrls, check: str, fault: str) -> None:
    before = evaluated(counted, check)
    with psycopg.connect(urls.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as superuser:
        for each in fault.split("; "):
            superuser.execute(f"{each} where tenant_id = %s", (counted.tenant_id,))

    assert (before, evaluated(counted, check)) == (True, False)
