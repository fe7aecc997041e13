"""The ledger's rules: exact amounts, a reservation's ends and the movements that each end books. Keeping them is in `store.ledger`.

Money goes from `available` to `reserved` to `spent`, and back where less was needed. A movement names where it leaves and where it
arrives, so that the ledger is balanced by its shape. What the outside world charged is always booked, even beyond a cap.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.errors import Conflict

DAY_CAP_USD = Decimal("150.00")
MONTH_CAP_USD = Decimal("4500.00")
# Of one production: what it should cost, from where on it is made sparingly, and where it stops.
PRODUCTION_TARGET_USD, PRODUCTION_WARNING_USD, PRODUCTION_CAP_USD = Decimal("1.00"), Decimal("2.50"), Decimal("3.00")
# From this share of a cap on somebody is told, and again at the cap.
WARNED_SHARE = Decimal("0.80")
# What a production is expected to cost as long as none was made in the last seven days.
PRODUCTION_FALLBACK_USD = Decimal("2.00")
DECIMALS, _BOUND = 10, Decimal(10) ** 10
_NOTHING = Decimal(0)


class Account(StrEnum):
    """Where money stands."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    SPENT = "spent"


class ReservationState(StrEnum):
    """`unknown`: the outside call began and nobody knows its price. It counts as spent until it is reconciled."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a reservation is for: the provider, the production whose cap it counts for, the request whose run spends it."""

    service: str | None = None
    production: str | None = None
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share of a cap that was just crossed. `is_reached`: the cap itself."""

    period: str
    cap_usd: Decimal
    usd: Decimal
    is_reached: bool


def crossed(period: str, before: Decimal, after: Decimal, cap: Decimal) -> Threshold | None:
    """The highest threshold that lies between two sums, where one does."""
    for share in (Decimal(1), WARNED_SHARE):
        if before < share * cap <= after:
            return Threshold(period, cap, after, is_reached=share == 1)
    return None


@dataclass(frozen=True, slots=True)
class Reservation:
    """The most that one operation may cost. `day` is the UTC day that it counts for, also when it ends later."""

    operation: str
    subject: str
    state: ReservationState
    reserved_usd: Decimal
    spent_usd: Decimal | None
    day: date
    expires_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    service: str | None = None
    production: str | None = None
    request_id: UUID | None = None
    run_id: str | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of the ledger. An operation has at most one of each kind."""

    kind: str
    source: Account
    target: Account
    amount_usd: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """A reservation after its end, and what that end books."""

    reservation: Reservation
    movements: tuple[Movement, ...]

    def net_usd(self, account: Account) -> Decimal:
        """By how much these movements change what stands on an account."""
        came = sum((each.amount_usd for each in self.movements if each.target is account), _NOTHING)
        return came - sum((each.amount_usd for each in self.movements if each.source is account), _NOTHING)


def exact_usd(amount: object) -> Decimal:
    """An amount as the ledger keeps it: numeric(20,10), never negative. Refuses floats, which are not exact."""
    if not isinstance(amount, Decimal):
        raise TypeError(f"amount: {amount!r} is not a Decimal")
    if not amount.is_finite() or amount < 0 or amount >= _BOUND:
        raise ValueError(f"amount: {amount} is not between 0 and {_BOUND}")
    if amount != amount.quantize(Decimal(1).scaleb(-DECIMALS)):
        raise ValueError(f"amount: {amount} has more than {DECIMALS} decimals")
    return amount


# Each end answers None where the reservation had ended just so before: a repeated call changes nothing.


def commit(held: Reservation, usd: Decimal) -> Settled | None:
    """The call's price is known. It may come late, when the reservation is unknown already."""
    if held.state is ReservationState.COMMITTED and held.spent_usd == usd:
        return None
    if held.state is ReservationState.UNKNOWN:
        return reconcile(held, usd)
    _expect(held, ReservationState.RESERVED, "committed")
    parts = (
        Movement("commit", Account.RESERVED, Account.SPENT, min(usd, held.reserved_usd)),
        Movement("surplus", Account.RESERVED, Account.AVAILABLE, held.reserved_usd - usd),
        Movement("overage", Account.AVAILABLE, Account.SPENT, usd - held.reserved_usd),
    )
    return _settled(held, ReservationState.COMMITTED, usd, parts)


def release(held: Reservation) -> Settled | None:
    """Nothing was spent, for certain."""
    if held.state is ReservationState.RELEASED:
        return None
    _expect(held, ReservationState.RESERVED, "released")
    back = Movement("release", Account.RESERVED, Account.AVAILABLE, held.reserved_usd)
    return _settled(held, ReservationState.RELEASED, None, (back,))


def give_up(held: Reservation) -> Settled | None:
    """The call began and its end was not seen: all of it counts as spent."""
    if held.state is ReservationState.UNKNOWN:
        return None
    _expect(held, ReservationState.RESERVED, "unknown")
    lost = Movement("unknown", Account.RESERVED, Account.SPENT, held.reserved_usd)
    return _settled(held, ReservationState.UNKNOWN, held.reserved_usd, (lost,))


def reconcile(held: Reservation, usd: Decimal) -> Settled | None:
    """The provider's own books told what an unknown call had cost."""
    if held.state is ReservationState.COMMITTED and held.spent_usd == usd:
        return None
    _expect(held, ReservationState.UNKNOWN, "reconciled")
    parts = (
        Movement("surplus", Account.SPENT, Account.AVAILABLE, held.reserved_usd - usd),
        Movement("overage", Account.AVAILABLE, Account.SPENT, usd - held.reserved_usd),
    )
    return _settled(held, ReservationState.COMMITTED, usd, parts)


def expire(held: Reservation) -> Settled:
    """Released where the outside call had not begun, else unknown."""
    settled = release(held) if held.began_at is None else give_up(held)
    if settled is None:
        raise Conflict(f"reservation {held.operation} is {held.state} already")
    return settled


def _expect(held: Reservation, wanted: ReservationState, becomes: str) -> None:
    if held.state is not wanted:
        raise Conflict(f"reservation {held.operation} is {held.state} and cannot be {becomes}")


def _settled(held: Reservation, state: ReservationState, spent: Decimal | None, parts: tuple[Movement, ...]) -> Settled:
    moved = tuple(each for each in parts if each.amount_usd > _NOTHING)
    return Settled(replace(held, state=state, spent_usd=spent), moved)
