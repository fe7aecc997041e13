"""What a call to a paid provider costs, in US dollars, from which day on. List prices as published; the bill is the provider's.

Quotas of Google's are free of charge and not here. Who may spend how much is decided elsewhere. What our own machines cost is an estimate
(a core at $0.03 an hour, a gigabyte kept a month at $0.02), used for the margins of plans and booked nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias

from domain.sources import Bucket

# Credits of TwitterAPI.io: $0.15 per 1,000 posts, $0.18 per 1,000 profiles, and never less than $0.00015 a call.
CREDITS_PER_POST = 15
CREDITS_PER_PROFILE = 18
CREDITS_PER_CALL = 15


class Own(StrEnum):
    """What a unit takes of our own machines, and what a payment costs."""

    MEDIA = "media"
    CLIP = "clip"
    IMPORT = "import"
    REQUEST = "request"
    TRACKING = "tracking"
    PAYMENT = "payment"
    PAYMENT_SHARE = "payment_share"


Priced: TypeAlias = Bucket | Own


class NoPrice(LookupError):
    """A call that costs money has no price on its day: nothing is guessed."""


@dataclass(frozen=True, slots=True)
class Price:
    """One unit's price in USD from a day on, until the next row of the same unit."""

    unit: Priced
    since: date
    usd: Decimal


_START = date(2026, 1, 1)
# Append a row where a price changes; a row that was in force is never changed.
PRICES: tuple[Price, ...] = (
    # Bright Data bills each delivered record ($1.50 per 1,000), TwitterAPI.io sells 100,000 credits for one dollar.
    Price(Bucket.BRIGHTDATA_RECORDS, _START, Decimal("0.0015")),
    Price(Bucket.TWITTERAPI_CREDITS, _START, Decimal("0.00001")),
    # Five minutes of a core (hearing and looking at ten minutes of video) and 75 MB kept for a month.
    Price(Own.MEDIA, _START, Decimal("0.0040")),
    # Ninety seconds of a core.
    Price(Own.CLIP, _START, Decimal("0.00075")),
    Price(Own.IMPORT, _START, Decimal("0.0001")),
    Price(Own.REQUEST, _START, Decimal("0.00001")),
    # An account that is read a few times a day, for a month.
    Price(Own.TRACKING, _START, Decimal("0.001")),
    # Stripe's list price for cards in the United States: 2.9 % and 30 cents.
    Price(Own.PAYMENT, _START, Decimal("0.30")),
    Price(Own.PAYMENT_SHARE, _START, Decimal("0.029")),
)
FREE = frozenset({Bucket.YOUTUBE_UNITS, Bucket.YOUTUBE_SEARCH, Bucket.YOUTUBE_INSERT, Bucket.YOUTUBE_STATS})
_ROWS: Mapping[Priced, tuple[Price, ...]] = MappingProxyType(
    {unit: tuple(sorted((each for each in PRICES if each.unit is unit), key=lambda each: each.since)) for unit in (*Bucket, *Own)}
)


def unit_usd(unit: Priced, *, on: date, rows: Mapping[Priced, tuple[Price, ...]] = _ROWS) -> Decimal:
    """The price of one unit on a UTC day, of rows in the order of their days. Raises NoPrice."""
    found = [each for each in rows[unit] if each.since <= on]
    if not found:
        raise NoPrice(f"{unit}: no price is known for {on}")
    return found[-1].usd


def cost_usd(bucket: Bucket | None, units: int, *, on: date) -> Decimal | None:
    """What so many units cost on a UTC day; None where the bucket costs no money. Raises NoPrice."""
    return None if bucket is None or bucket in FREE else unit_usd(bucket, on=on) * units


def post_credits(posts: int) -> int:
    """What a call that returned so many posts took."""
    return max(CREDITS_PER_CALL, CREDITS_PER_POST * posts)
