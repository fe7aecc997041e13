"""Whose an event is that names nobody we know: its customer is known by now, or its payment is. Else it is looked at again later."""

from dataclasses import dataclass

from domain.billing.events import EventKind
from domain.billing.inbox import told
from domain.billing.objects import Dispute, Refund
from store.billing_events import Kept
from store.work import SystemWork

# They tell of a payment, and of no customer.
OF_PAYMENTS = (EventKind.REFUND, EventKind.DISPUTE)
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Found:
    """How many events found their workspace, wait for it, and are given up."""

    found: int
    waiting: int
    failed: int


def find_owners(system: SystemWork) -> Found:
    """All events that are nobody's and due."""
    found = system.billing.find_owners()
    found += sum(_found(system, each) for each in system.billing.strays(OF_PAYMENTS, most=AT_ONCE))
    waiting, failed = system.billing.put_strays_off()
    return Found(found, waiting, failed)


def _found(system: SystemWork, event: Kept) -> bool:
    thing = getattr(told(event), "thing", None)
    if not isinstance(thing, Refund | Dispute):
        return False
    return system.billing.give(event, payment_id=thing.payment_id, charge_id=thing.charge_id)
