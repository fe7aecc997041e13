"""The inbox of payment providers' events. All of it is behind functions of schema `app`: an event belongs to nobody until that is found out."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.billing.events import BillingEvent
from domain.billing.states import Provider
from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that waits."""

    provider: Provider
    event_id: str
    kind: str
    type: str
    customer_id: str | None
    subscription_id: str | None
    body: bytes = field(repr=False)
    happened_at: datetime
    attempts: int = 0


class BillingEvents(Repository):
    """Keeping works for whoever calls (they checked the signature); reading and settling are one workspace's."""

    def keep(self, event: BillingEvent, body: bytes, *, source: str = "webhook") -> tuple[bool, UUID | None]:
        """Keep it, once. Returns whether it is new, and whose it is."""
        row = self._run(
            "select * from app.keep_billing_event(:provider, :event, :kind, :type, :customer, :subscription, :reference, :body, :source, :at)",
            provider=event.provider, event=event.event_id, kind=event.kind, type=event.type, customer=event.customer_id,
            subscription=event.subscription_id, reference=event.reference, body=body, source=source, at=event.created_at,
        ).one()  # fmt: skip
        return row.is_new, row.workspace

    def waiting(self, *, limit: int = 100) -> list[Kept]:
        """What is due, oldest first."""
        rows = self._run("select * from app.kept_billing_events(:tenant, :limit)", limit=limit)
        return [Kept(**{**row._mapping, "provider": Provider(row.provider), "body": bytes(row.body)}) for row in rows]

    def settle(self, event: Kept, *, error: str | None = None, retry_at: datetime | None = None) -> str | None:
        """It was dealt with; or it was not, and is tried again then, ten times at most, or never. Returns its state; None: it waits no more."""
        found: str | None = self._run(
            "select app.settle_billing_event(:tenant, :provider, :event, :error, cast(:retry as timestamptz))",
            provider=event.provider, event=event.event_id, error=error, retry=retry_at,
        ).scalar()  # fmt: skip
        return found
