"""What was not heard, made up for: events that were lost on their way, mirrors that are wrong, and what time alone changes.

Nightly; all of it may be done twice. One workspace that cannot be read holds up no other.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog

from domain.billing.events import BillingEvent, EventKind
from domain.billing.states import Provider
from domain.errors import Conflict, FailureCategory, SourceFailed, SourceRefused, SourceUnavailable
from domain.ports import Payments, Shops
from services.billing.announcing import owner_of
from services.billing.calling import finish_unfinished
from services.billing.mirroring import INVOICES, Reading, follow, refresh
from store.billing_events import BillingEvents
from store.database import Database
from store.work import UnitOfWork

log = structlog.get_logger(name=__name__, category="BILLING")
# Stripe lists events of so long. What was listed late is looked for once more.
KEPT, OVERLAP = timedelta(days=30), timedelta(hours=2)
# Events that were dealt with are deleted after so long: three times as long as they could come again.
RETENTION = timedelta(days=90)
# So many workspaces a night, the one that was read longest ago first; a provider that fails so often in a row is away.
MOST, PATIENCE, BATCH = 5_000, 5, 200
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Direct:
    """Transactions of one workspace, without a claim: what is read of a provider is kept whoever reads it."""

    database: Database
    tenant_id: UUID

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        return self.database.begin(self.tenant_id)


@dataclass(slots=True)
class Reconciled:
    """`lost`: events that nobody had told. `differing`: objects that were mirrored otherwise, before that was mended. `behind`: workspaces
    whose events still wait. `unread`: workspaces that could not be read. `finished`: calls whose outcome nobody knew.
    """

    listed: int = 0
    lost: int = 0
    read: int = 0
    differing: int = 0
    behind: int = 0
    unread: int = 0
    finished: int = 0
    pruned: int = 0
    reasons: list[str] = field(default_factory=list)


def reconcile(database: Database, shops: Shops, *, now: datetime, most: int = MOST) -> Reconciled:
    """Everything of a night."""
    done = Reconciled()
    _read_all(database, shops, done, now=now, most=most)
    # Afterwards: events that wait would explain every difference.
    for provider, shop in shops.all.items():
        try:
            _catch_up(database, provider, shop, done, now=now)
        except SourceFailed as error:
            done.reasons.append(f"{provider}: {error}")
    with database.begin_system() as system:
        done.pruned = system.billing.prune(older_than=RETENTION)
    return done


def turn(database: Database, *, now: datetime, most: int = 1_000) -> int:
    """A plan that ends has ended, an overdue payment is reminded of, and borne with no longer. Returns how many changed.

    `most` at once; all of them in the end.
    """
    changed = 0
    last: UUID | None = NOBODY
    while last is not None:
        with database.begin_system() as system:
            due = system.billing.turning(now=now, most=most, after=last)
        for tenant_id in due:
            with database.begin(tenant_id) as uow:
                uow.billing.lock()
                before = uow.billing.changes()
                follow(uow, now=now, cause="time")
                changed += uow.billing.changes() - before
        last = due[-1] if len(due) == most else None
    return changed


def _catch_up(database: Database, provider: Provider, shop: Payments, done: Reconciled, *, now: datetime) -> None:
    """What webhooks are asked for, the provider lists and the inbox lacks. The cursor moves once all are kept. Dodo has no list."""
    with database.begin_system() as system:
        since = system.billing.listed_until(provider)
    try:
        events = shop.events_since(max(since - OVERLAP, now - KEPT) if since else now - KEPT)
    except SourceRefused as error:
        if error.category is FailureCategory.NOT_CONFIGURED:
            raise
        return
    for batch in _batches(each for each in events if each.kind is not EventKind.UNKNOWN):
        done.listed += len(batch)
        with database.begin_system() as system:
            known = system.billing.known(provider, [each.event_id for each in batch])
            inbox = BillingEvents(system.connection, NOBODY)
            done.lost += sum(inbox.keep(each, each.body, source="reconcile")[0] for each in batch if each.event_id not in known)
    with database.begin_system() as system:
        system.billing.listed(provider, now)


def _read_all(database: Database, shops: Shops, done: Reconciled, *, now: datetime, most: int) -> None:
    with database.begin_system() as system:
        payers = [each for each in system.billing.longest_unread(most=most) if each[1] in shops.all]
    failures = dict.fromkeys(shops.all, 0)
    for tenant_id, provider in payers:
        if failures[provider] >= PATIENCE:
            continue
        failures[provider] = 0 if _read(Direct(database, tenant_id), shops, provider, done, now=now) else failures[provider] + 1
    away = [provider for provider, count in failures.items() if count >= PATIENCE]
    done.reasons += [f"{provider} is away: the others wait for the next night" for provider in away]


def _batches(events: Iterable[BillingEvent]) -> Iterator[list[BillingEvent]]:
    left = iter(events)
    while batch := list(islice(left, BATCH)):
        yield batch


def _read(work: Direct, shops: Shops, provider: Provider, done: Reconciled, *, now: datetime) -> bool:
    """Returns false where the provider did not answer."""
    found: list[int] = []

    def watch(uow: UnitOfWork, reading: Reading) -> None:
        found[:] = [-1 if uow.billing_events.waiting(limit=1) else _differing(uow, provider, reading)]

    try:
        done.finished += finish_unfinished(work, shops, now=now)
        refresh(work, shops, provider, now=now, cause="reconcile", watch=watch)
        _readdress(work, shops.of(provider), provider)
    except (SourceFailed, Conflict) as error:
        done.unread += 1
        log.warning("a workspace's payments could not be read", workspace=str(work.tenant_id), provider=provider, reason=str(error))
        # What is worded oddly is of this one alone.
        return not isinstance(error, SourceUnavailable) or error.category is FailureCategory.PARSE_ERROR
    done.read += 1
    done.behind += found == [-1]
    done.differing += max(0, *found)
    return True


def _readdress(work: Direct, shop: Payments, provider: Provider) -> None:
    """Whoever owns the workspace by now, or under another address than before, gets its receipts."""
    with work.begin() as uow:
        (customer, given), owner = uow.billing.payer(provider), owner_of(uow)
    if customer is None or given is None or owner is None or owner.email == given:
        return
    try:
        shop.readdress(customer, owner.email, instead_of=given)
    except SourceRefused as error:
        # All else was read: receipts go on to the address of before, and the next night tries again.
        log.warning("a payer's address could not be changed", workspace=str(work.tenant_id), provider=provider, reason=str(error))
        return
    with work.begin() as uow:
        uow.billing.readdress(provider, owner.email)


def _differing(uow: UnitOfWork, provider: Provider, reading: Reading) -> int:
    """How many subscriptions and invoices are mirrored otherwise than they were read."""
    mirrored = {each.key: each.subscription for each in uow.billing.mirrors()}
    invoices = {each.invoice_id: each for each in uow.billing.invoices(limit=INVOICES * 2)}
    odd = sum(mirrored.get((provider, each.subscription_id)) != each for each in reading.subscriptions)
    return odd + sum(invoices.get(each.invoice_id) != each for each in reading.invoices)
