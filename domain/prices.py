"""What a call to a paid provider costs, in US dollars. List prices as published in 2026; the bill is the provider's.

Quotas of Google's are free of charge and not here. Who may spend how much is decided elsewhere.
"""

from decimal import Decimal

from domain.sources import Bucket

# USD for one unit: Bright Data bills each delivered record ($1.50 per 1,000), TwitterAPI.io sells 100,000 credits for one dollar.
UNIT_USD = {
    Bucket.BRIGHTDATA_RECORDS: Decimal("0.0015"),
    Bucket.TWITTERAPI_CREDITS: Decimal("0.00001"),
}
# Credits of TwitterAPI.io: $0.15 per 1,000 posts, $0.18 per 1,000 profiles, and never less than $0.00015 a call.
CREDITS_PER_POST = 15
CREDITS_PER_PROFILE = 18
CREDITS_PER_CALL = 15


def cost_usd(bucket: Bucket | None, units: int) -> Decimal | None:
    """None where the bucket costs no money."""
    price = UNIT_USD.get(bucket) if bucket is not None else None
    return price * units if price is not None else None


def post_credits(posts: int) -> int:
    """What a call that returned so many posts took."""
    return max(CREDITS_PER_CALL, CREDITS_PER_POST * posts)
