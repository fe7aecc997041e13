"""Asked before each step of a production: how it is made from here on. The rule is in `domain.economy`."""

from domain.economy import OptimizationLevel, optimised
from store.work import UnitOfWork


def next_step(uow: UnitOfWork, production: str, current: OptimizationLevel) -> OptimizationLevel:
    """`current`: what the production's row says; keep what comes back there. Raises LimitReached where it has cost as much as it may."""
    usd, level = uow.ledger.production(production)
    return optimised(current, level, usd)
