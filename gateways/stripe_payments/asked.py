"""What all calls share: the client, prices by our names, and reading what came."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import stripe

from domain.billing.cells import Record
from domain.billing.events import BillingEvent, EventKind
from domain.errors import FailureCategory, SourceRefused, SourceUnavailable
from domain.imports.values import Unreadable
from gateways.stripe_payments.connecting import SOURCE, StripeAccess, asking, connected

Thing = TypeVar("Thing")


class Asks:
    """One account at Stripe. Threads may share it."""

    def __init__(self, access: StripeAccess) -> None:
        self.access = access
        client, self._session = connected(access)
        self.api = client.v1

    def close(self) -> None:
        self._session.close()

    def in_mode(self, event: BillingEvent) -> BillingEvent:
        """An event of test mode tells a key of live mode nothing, and the other way round: its kind is unknown then."""
        if event.is_live is not self.access.secret_key.startswith(("sk_test_", "rk_test_")):
            return event
        told = "live" if event.is_live else "test"
        return replace(event, kind=EventKind.UNKNOWN, thing=None, oddity=f"it is of {told} mode, and our key is of the other")

    def price_id(self, price: str) -> str:
        """The id of the active price with this lookup key, asked anew each time: a key can be moved to another price."""
        with asking():
            found = self.api.prices.list({"lookup_keys": [price], "active": True, "limit": 1}).data
        if not found:
            said = f"no active price has the lookup key {price}"
            raise SourceRefused(SOURCE, said, category=FailureCategory.NOT_CONFIGURED, for_callers="This plan cannot be bought now.")
        return found[0].id

    def read(self, reads: Callable[[Record], Thing], made: stripe.StripeObject) -> Thing:
        """What an object means. Raises SourceUnavailable (parse_error) where it is worded otherwise than we know."""
        try:
            return reads(made.to_dict())
        except Unreadable as error:
            raise SourceUnavailable(SOURCE, error.reason, category=FailureCategory.PARSE_ERROR) from error
