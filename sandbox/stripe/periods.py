"""Billing periods and what is left of them. All amounts are whole cents; halves are rounded away from zero.

A period that began on the 31st ends on the last day of a shorter month, and the next one on the 31st again
(https://docs.stripe.com/billing/subscriptions/billing-cycle).
"""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def period_end(anchor: int, interval: str, count: int, *, after: int) -> int:
    """The first end of a period, counted from the anchor, that lies after this moment."""
    number = 1
    while (end := _moved(anchor, interval, count * number)) <= after:
        number += 1
    return end


def _moved(anchor: int, interval: str, number: int) -> int:
    begun = datetime.fromtimestamp(anchor, UTC)
    if interval in DAYS:
        return int((begun + timedelta(days=DAYS[interval] * number)).timestamp())
    years, month = divmod(begun.month - 1 + MONTHS[interval] * number, 12)
    year = begun.year + years
    day = min(begun.day, monthrange(year, month + 1)[1])
    return int(begun.replace(year=year, month=month + 1, day=day).timestamp())


def share(amount: int, left: int, whole: int) -> int:
    """The part of an amount that belongs to what is left of the whole."""
    return (2 * amount * left + whole) // (2 * whole) if whole > 0 else 0
