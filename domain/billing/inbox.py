"""What waits in the inbox of events: read again from its raw body, and tried again ever more rarely."""

import json
from datetime import datetime, timedelta
from typing import Protocol

from domain.billing import cells, dodo_events, stripe_events
from domain.billing.events import BillingEvent
from domain.billing.states import Provider
from domain.imports.values import Unreadable

# After the first try, the second, and so on. All together about three days: as long as Stripe itself goes on.
WAITS = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 180, 360, 720, 1_440, 1_440))


class Raw(Protocol):
    """An event as it is kept."""

    @property
    def provider(self) -> Provider: ...

    @property
    def event_id(self) -> str: ...

    @property
    def body(self) -> bytes: ...


def told(kept: Raw) -> BillingEvent | None:
    """What the body says; None where it says nothing that we know, as of an event that was found in a list without its words.

    Names of Dodo's prices are left out: what a subscription stands at is read anew.
    """
    try:
        record = cells.part({"event": json.loads(kept.body)}, "event")
        return dodo_events.event(record, kept.event_id, {}) if kept.provider is Provider.DODO else stripe_events.event(record)
    except (Unreadable, ValueError, RecursionError):
        return None


def next_try(attempts: int, *, now: datetime) -> datetime:
    """When to try again what was tried so many times before."""
    return now + WAITS[min(attempts, len(WAITS) - 1)]
