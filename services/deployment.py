"""What the whole deployment holds and has spent, counted in, and its administrators told once where it comes near a cap and at the cap."""

from datetime import datetime
from decimal import Decimal

from domain.money import Threshold, crossed
from domain.usage import Period, utc_day
from services import mailing
from store.work import SystemWork


def watch(system: SystemWork, *, now: datetime) -> int:
    """Count in what has settled. Returns of how many thresholds somebody was told just now."""
    told = 0
    for period, used, cap in system.ledger.deployment(now):
        found = crossed(period, Decimal(0), used, cap)
        told += found is not None and _tell(system, found, now)
    return told


def _tell(system: SystemWork, found: Threshold, now: datetime) -> bool:
    day = utc_day(now)
    of = f"{day}" if found.period == Period.DAY else f"{day:%Y-%m}"
    event, uow = f"{of}:{'cap' if found.is_reached else 'warned'}", system.platform()
    is_new = uow.trust.raise_once(
        dedupe_key=f"deployment:{event}", kind="deployment_spending", severity="critical" if found.is_reached else "warning",
        title=f"The deployment's spending {'has reached its cap' if found.is_reached else 'comes near its cap'} of this {found.period}",
        details={"period": found.period, "of": of, "usd": found.usd, "cap_usd": found.cap_usd},
    )  # fmt: skip
    for each in system.platform_admins() if is_new else ():
        mailing.send_deployment_spending(uow, each, found, event=event)
    return is_new
