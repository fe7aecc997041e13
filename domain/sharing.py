"""How a quota of the whole project is shared between tenants: a share each, and what nobody has used is released as the day passes.

The same arithmetic stands in `app.quota_free` (migration 0006); a test compares the two.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.observations import Platform
from domain.sources import Bucket

# So much of a quota is taken at a time, so that a run does not ask the database for every call. The rest is given back.
BLOCKS: Mapping[Bucket, int] = {Bucket.YOUTUBE_UNITS: 50, Bucket.YOUTUBE_STATS: 20}
# Who tracks accounts of the platform has a share.
PLATFORMS: Mapping[Bucket, Platform] = dict.fromkeys(
    (Bucket.YOUTUBE_UNITS, Bucket.YOUTUBE_SEARCH, Bucket.YOUTUBE_INSERT, Bucket.YOUTUBE_STATS), Platform.YOUTUBE
)
# A paid call takes no longer; then whoever sweeps the ledger ends its reservation.
HELD = timedelta(minutes=15)
_DAY = timedelta(days=1)


def left_of_day(now: datetime, resets_at: datetime) -> float:
    """The share of the quota's day that is still to come."""
    return min(1.0, max(0.0, (resets_at - now) / _DAY))


def claim(limit: int, tenants: int, left: float) -> int:
    """What is kept for each tenant: its share at the beginning of the day, less and less until nothing is left of it.

    Where there are more tenants than units nobody has a share: who comes first is served first.
    """
    return math.floor(limit // max(1, tenants) * left)


def free(limit: int, *, spent: int, others: Sequence[int], tenants: int, left: float) -> int:
    """What a tenant may take now. `others` holds what each other tenant has used; those who used nothing need not be in it."""
    each = claim(limit, tenants, left)
    kept = sum(max(0, each - used) for used in others) + each * max(0, tenants - 1 - len(others))
    return max(0, limit - spent - kept)


def granted(asked: int, block: int, available: int) -> int:
    """How much of a quota is handed out: a block where there is that much, nothing where it would not do."""
    return 0 if available < asked else min(max(asked, block), available)
