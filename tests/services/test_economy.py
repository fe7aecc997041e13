"""A production that becomes dear goes on sparingly, never back, and stops at its cap."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain.economy import MAKING, OptimizationLevel
from domain.errors import LimitReached
from domain.money import Purpose
from domain.usage import Period
from services.economy import next_step
from store.database import Database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
STANDARD, ECONOMY = OptimizationLevel


def test_from_the_warning_on_all_steps_are_sparing_also_when_the_sum_falls(database: Database, tenant_id: UUID) -> None:
    levels, level = [], STANDARD
    with database.begin(tenant_id) as uow:
        for period in (Period.DAY, Period.MONTH):
            uow.ledger.cap(period, Decimal(100))
        for step, usd in enumerate(("0.9", "1.5", "0.1", "0.3")):
            uow.ledger.reserve(f"s{step}", "x", Decimal(usd), now=NOW, expires_at=NOW + timedelta(hours=1), purpose=Purpose(production="p"))
            level = next_step(uow, "p", level)
            levels.append(level)
        uow.ledger.release("s1")
        levels.append(next_step(uow, "p", level))

        assert next_step(uow, "another", STANDARD) is STANDARD
    assert levels == [STANDARD, STANDARD, ECONOMY, ECONOMY, ECONOMY]
    assert (MAKING[ECONOMY].height, MAKING[STANDARD].height) == (720, 1080)


def test_at_its_cap_a_production_stops(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        for period in (Period.DAY, Period.MONTH):
            uow.ledger.cap(period, Decimal(100))
        uow.ledger.reserve("a", "x", Decimal("2.9"), now=NOW, expires_at=NOW + timedelta(hours=1), purpose=Purpose(production="p"))
        uow.ledger.commit("a", Decimal("3.1"))

        with pytest.raises(LimitReached) as stopped:
            next_step(uow, "p", ECONOMY)

    assert (stopped.value.limit, stopped.value.used) == (300, 310)
