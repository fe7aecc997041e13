"""Changes of a subscription. Steps that need several calls derive their keys from the caller's: the whole can be done again."""

from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from domain.billing import stripe_wording as wording
from domain.billing.objects import ChangePreview, Subscription
from domain.errors import Conflict
from gateways.stripe_payments.asked import Asks
from gateways.stripe_payments.connecting import asking

if TYPE_CHECKING:
    from stripe.params import SubscriptionScheduleUpdateParamsPhase, SubscriptionUpdateParams


class Changing(Asks):
    """`ChangesSubscriptions`."""

    def preview(self, subscription_id: str, price: str, *, at: datetime) -> ChangePreview:
        """By Stripe's own arithmetic, tax included."""
        there, price_id = self._held(subscription_id), self.price_id(price)
        with asking():
            made = self.api.invoices.create_preview({
                "subscription": subscription_id,
                "subscription_details": {
                    "items": [{"id": _item(there), "price": price_id}],
                    "proration_behavior": "always_invoice",
                    "proration_date": int(at.timestamp()),
                },
            })  # fmt: skip
        invoice = self.read(wording.invoice, made)
        amounts = [line.amount_cents for line in invoice.lines]
        credit, charge = (sum(each for each in amounts if (each < 0) is is_credit) for is_credit in (True, False))
        return ChangePreview(invoice.currency, invoice.due_cents, -credit, charge, invoice.lines, at)

    def change(self, subscription_id: str, price: str, *, at: datetime, key: str) -> Subscription:
        price_id, there = self.price_id(price), self._released(subscription_id, key)
        params: SubscriptionUpdateParams = {
            "items": [{"id": _item(there), "price": price_id}],
            "proration_behavior": "always_invoice",
            "proration_date": int(at.timestamp()),
            "payment_behavior": "error_if_incomplete",
            # One that was to end with its period goes on with the new plan.
            "cancel_at_period_end": False,
        }
        return self._update(subscription_id, params, f"{key}:change")

    def change_later(self, subscription_id: str, price: str, *, key: str) -> Subscription:
        """A schedule with two phases: the plan as it is until the period ends, then the other one.

        A schedule that is there already is written anew, never replaced: it may be that of an earlier try under this key.
        """
        there, price_id = self._held(subscription_id), self.price_id(price)
        if there.cancel_at_period_end:
            self._update(subscription_id, {"cancel_at_period_end": False}, f"{key}:stay")
        with asking():
            schedule_id = stripe_id(there.schedule) if there.schedule else self._scheduled(subscription_id, key)
            phases = _phases(there, price_id)
            self.api.subscription_schedules.update(
                schedule_id, {"end_behavior": "release", "phases": phases}, {"idempotency_key": f"{key}:phases"}
            )
        return self._update(subscription_id, {"metadata": {wording.SCHEDULED: price}}, f"{key}:noted")

    def _scheduled(self, subscription_id: str, key: str) -> str:
        made = self.api.subscription_schedules.create({"from_subscription": subscription_id}, {"idempotency_key": f"{key}:schedule"})
        return made.id

    def cancel_later(self, subscription_id: str, *, key: str) -> Subscription:
        self._released(subscription_id, key)
        return self._update(subscription_id, {"cancel_at_period_end": True}, f"{key}:end")

    def cancel_now(self, subscription_id: str, *, key: str) -> Subscription:
        with asking():
            made = self.api.subscriptions.cancel(subscription_id, {}, {"idempotency_key": key})
        return self.read(wording.subscription, made)

    def resume(self, subscription_id: str, *, key: str) -> Subscription:
        self._released(subscription_id, key)
        return self._update(subscription_id, {"cancel_at_period_end": False}, f"{key}:stay")

    def _update(self, subscription_id: str, params: "SubscriptionUpdateParams", key: str) -> Subscription:
        with asking():
            made = self.api.subscriptions.update(subscription_id, params, {"idempotency_key": key})
        return self.read(wording.subscription, made)

    def _held(self, subscription_id: str) -> stripe.Subscription:
        """Raises Conflict where it is over."""
        with asking():
            there = self.api.subscriptions.retrieve(subscription_id)
        if there.status in ("canceled", "incomplete_expired"):
            raise Conflict(f"Subscription {subscription_id} is over: a new one must be bought.")
        return there

    def _released(self, subscription_id: str, key: str) -> stripe.Subscription:
        """Free of what was to happen at the end of its period: a schedule would forbid the change."""
        there = self._held(subscription_id)
        if there.schedule:
            with asking():
                self.api.subscription_schedules.release(stripe_id(there.schedule), {}, {"idempotency_key": f"{key}:release"})
        return there


def _item(there: stripe.Subscription) -> str:
    return str(there["items"].data[0].id)


def _phases(there: stripe.Subscription, price_id: str) -> "list[SubscriptionScheduleUpdateParamsPhase]":
    item = there["items"].data[0]
    quantity = item.quantity or 1
    return [
        {
            "items": [{"price": item.price.id, "quantity": quantity}],
            "start_date": item.current_period_start,
            "end_date": item.current_period_end,
        },
        {
            "items": [{"price": price_id, "quantity": quantity}],
            "proration_behavior": "none",
            "duration": {"interval": "month", "interval_count": 1},
        },
    ]


def stripe_id(value: object) -> str:
    """An id, also of an expanded object."""
    return value if isinstance(value, str) else str(getattr(value, "id", ""))
