"""What the units of a meter may cost in paid calls to the outside, at most. Asked before they are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from domain import prices
from domain.sources import Bucket
from domain.usage import Taken

# Records of the dearest provider that may read for one unit. What is not named here depends on what is found: nobody can say beforehand.
_RECORDS: Mapping[str, int] = MappingProxyType({
    "urls_per_day": 1, "searches_per_day": 50, "media_per_day": 0, "clips_per_day": 0, "imports_per_day": 0,
})  # fmt: skip
# Comments count as one link, and are a record each: how many is found out. What is followed is read for as long as it is followed.
_COMMENTS = "comments:"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a call would take. `most_usd`: what its paid calls cost at most; None where that depends on what is found."""

    taken: tuple[Taken, ...]
    most_usd: Decimal | None


def estimated(taken: Sequence[Taken], *, on: date) -> Estimate:
    """Raises NoPrice."""
    record = prices.unit_usd(Bucket.BRIGHTDATA_RECORDS, on=on)
    if any(each.meter not in _RECORDS or each.operation.startswith(_COMMENTS) for each in taken):
        return Estimate(tuple(taken), None)
    return Estimate(tuple(taken), sum((record * _RECORDS[each.meter] * each.amount for each in taken), Decimal(0)))
