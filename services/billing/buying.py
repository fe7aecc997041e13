"""What payers do: buy, look at what a change costs, change, cancel, resume, go to the portal, have it read anew.

Every change is an `operation` of the caller's naming: the same again is done once (`services.billing.calling`).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from domain.billing import changes
from domain.billing.changes import Deed
from domain.billing.objects import ChangePreview, Portal, Subscription
from domain.billing.states import ENDED, Provider
from domain.errors import Conflict, FailureCategory, SourceRefused
from domain.ports import Payments
from domain.roles import Role
from services.billing.calling import Ask, Outcome, finish_unfinished, not_at_it, performed
from services.billing.deciding import change_of, current, decided, named, purchase, read_current
from services.billing.deeds import Till, Words
from services.billing.making import carried_out
from services.billing.mirroring import refresh, refresh_subscription
from store.billing_calls import Call
from store.ids import new_id
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the payer's browser goes afterwards."""

    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What a change is, and what it costs now; `preview` is None where it waits for the period's end and costs nothing now."""

    price: str
    plan: str
    deed: Deed
    effective_at: datetime | None
    currency: str | None
    preview: ChangePreview | None


def checkout(till: Till, operation: str, price: str, pages: Pages) -> Outcome:
    """A page to buy on. Raises Unacceptable for a price that is not sold, AlreadySubscribed where one is had.

    The subscriptions are read anew before, and the page before is closed: what was just bought there is not bought twice.
    """
    provider = till.shops.seller
    till.shops.of(provider)
    words = {"what": "checkout", "price": price, "success_url": pages.success_url, "cancel_url": pages.cancel_url}
    return performed(till, operation, Ask(words, partial(_ready_to_buy, provider, price), partial(purchase, till, provider, words)))


def preview(till: Till, price: str) -> Quote:
    """What the change would cost if it were made now. Raises what `change` raises, but for a card that is declined."""
    with till.work.begin() as uow:
        plan = changes.sold(uow.billing.offers(), price, pointer="price").plan
        found, deed = change_of(uow, price, till.now)
    if deed is Deed.CHANGE_LATER:
        return Quote(price, plan, deed, found.period_end, found.currency, None)
    made = till.shops.of(found.provider).preview(found.subscription_id, price, at=_within(found, till.now))
    return Quote(price, plan, deed, made.at, made.currency, made)


def change(till: Till, operation: str, price: str, *, at: datetime | None = None) -> Outcome:
    """More at once, prorated as of `at` (now) and paid at once; less at the period's end. The answer's `effect` says which.

    Raises PaymentNeeded where the card is declined: then all is as it was.
    """

    def decide(uow: UnitOfWork) -> tuple[Deed, Words]:
        found, deed = change_of(uow, price, till.now)
        return deed, {**named(found), "price": price, "at": _within(found, at or till.now).isoformat()}

    words = {"what": "change", "price": price, "at": at.isoformat() if at else None}
    return performed(till, operation, Ask(words, read_current, decide))


def _within(found: Subscription, at: datetime) -> datetime:
    """Time is counted from within the period, which may have begun a moment ago by the provider's clock."""
    return max(at, found.period_start) if found.period_start else at


def cancel(till: Till, operation: str) -> Outcome:
    """At the end of the period that is paid for."""
    return performed(till, operation, Ask({"what": "cancel"}, read_current, partial(decided, till.now, changes.cancellation)))


def cancel_now(till: Till, operation: str) -> Outcome:
    """At once, nothing given back: for administrators of the platform, and for erasure."""
    ask = Ask({"what": "cancel_now"}, read_current, partial(decided, till.now, lambda _: Deed.CANCEL_NOW))
    return performed(till, operation, ask)


def resume(till: Till, operation: str) -> Outcome:
    """What was to happen at the end of the period does not."""

    def deed(found: Subscription) -> Deed:
        changes.check_something_is_planned(found)
        return Deed.RESUME

    return performed(till, operation, Ask({"what": "resume"}, read_current, partial(decided, till.now, deed)))


def portal(till: Till, return_url: str) -> Portal:
    """A page at the provider, good for minutes. Raises Conflict where nothing was ever bought, or who bought it is gone there."""
    with till.work.begin() as uow:
        found = current(uow, till.now)
        providers = [*([found.provider] if found else []), till.shops.seller, *Provider]
        payers = {each: uow.billing.customer(each) for each in providers}
        uow.trust.note("billing.portal", found.subscription_id if found else "none", actor=uow.user_id, details={})
    for provider, customer in payers.items():
        if customer is not None:
            return _portal(till.shops.of(provider), customer, return_url)
    raise Conflict("the workspace has bought nothing yet: there is nothing to see to")


def _portal(shop: Payments, customer: str, return_url: str) -> Portal:
    try:
        return shop.portal(customer, return_url=return_url, key=new_id().hex)
    except SourceRefused as error:
        if error.category is FailureCategory.NOT_FOUND and not shop.has_customer(customer):
            raise Conflict("who paid for the workspace is not known at the provider any more: buy a plan anew") from error
        raise


def read_anew(till: Till) -> None:
    """All providers that know the workspace, and calls that broke off."""
    finish_unfinished(till.work, till.shops, now=till.now)
    with till.work.begin() as uow:
        known = [each for each in Provider if uow.billing.customer(each) is not None]
    for each in known:
        refresh(till.work, till.shops, each, now=till.now, cause="asked")


def customer_of(till: Till, provider: Provider, *, gone: str | None = None) -> str:
    """The workspace's customer there; made the first time, or instead of one that is gone, once, whoever asks at the same time."""
    with till.work.begin() as uow:
        uow.billing.lock()
        # The call first: whoever ends it keeps the customer in the same transaction, so one that has ended shows in what is read after it.
        there = uow.billing_calls.find(_making(provider))
        known = uow.billing.customer(provider)
        if known not in (None, gone):
            return known
        call, is_new = _customer_call(uow, provider, there, till.now, gone)
    return str(carried_out(till, call, is_new=is_new)["customer_id"])


def _ready_to_buy(provider: Provider, price: str, till: Till) -> None:
    with till.work.begin() as uow:
        changes.sold(uow.billing.offers(), price)
    customer = customer_of(till, provider)
    if not till.shops.of(provider).has_customer(customer):
        _end_what_it_had(till, provider)
        customer_of(till, provider, gone=customer)
    refresh(till.work, till.shops, provider, now=till.now, cause="asked")


def _end_what_it_had(till: Till, provider: Provider) -> None:
    """Subscriptions end with the customer that is deleted: they are read one by one, for nobody lists them any more."""
    with till.work.begin() as uow:
        had = [each.subscription for each in uow.billing.mirrors()]
    for each in had:
        if each.provider is provider and each.state not in ENDED:
            refresh_subscription(till.work, till.shops, provider, each.subscription_id, now=till.now, cause="asked")


def _making(provider: Provider) -> str:
    return f"customer:{provider}"


def _customer_call(uow: UnitOfWork, provider: Provider, there: Call | None, now: datetime, gone: str | None) -> tuple[Call, bool]:
    if there is not None and there.state == "open":
        return not_at_it(there, now), False
    owner = next((each.email for each in uow.members.all() if each.role is Role.OWNER), None)
    if owner is None:
        raise Conflict("a workspace that nobody owns buys nothing")
    wanted = {"provider": provider, "gone": gone, "reference": str(uow.tenant_id), "email": owner, "name": uow.members.workspace()}
    write = uow.billing_calls.reopen if there else uow.billing_calls.open
    return write(_making(provider), Deed.CUSTOMER, wanted, call_key=new_id().hex), True
