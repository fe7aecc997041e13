"""Nobody pays for a workspace that is erased: its subscriptions are canceled at the provider, and its events go from the inbox."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from domain.billing.changes import Deed
from domain.billing.states import ENDED, Provider
from domain.errors import Conflict, FailureCategory, SourceFailed, SourceRefused
from domain.ports import Payments, Shops
from store.billing_calls import Call
from store.ids import new_id
from store.work import UnitOfWork

Begin = Callable[[], AbstractContextManager[UnitOfWork]]


def end_payments(begin: Begin, shops: Shops, *, is_patient: bool) -> None:
    """Cancel all that are not over. Raises Conflict where some are not; who is not patient leaves them to the platform's own trail."""
    left = end_subscriptions(begin, shops)
    if left and is_patient:
        raise Conflict(f"subscriptions could not be ended yet: {'; '.join(left)}")
    with begin() as uow:
        for each in left:
            uow.trust.note_platform("billing.left_running", each, actor=None)


def end_subscriptions(begin: Begin, shops: Shops) -> list[str]:
    """Close the page that is open, and cancel all that are not over. Returns why some are not, one line per provider. May be done again."""
    with begin() as uow:
        page = uow.billing_calls.newest(Deed.CHECKOUT, done=True)
        payers = [(each, customer) for each in Provider if (customer := uow.billing.customer(each)) is not None]
    left = []
    for provider, customer in payers:
        try:
            shop = shops.of(provider)
            _close(shop, page)
            for each in shop.subscriptions(customer):
                if each.state not in ENDED:
                    _cancel(begin, shop, each.subscription_id)
        except (SourceFailed, Conflict) as error:
            left.append(f"{provider} {customer}: {error}")
    return left


def _close(shop: Payments, page: Call | None) -> None:
    """Nobody buys for a workspace that is gone; whoever was faster has a subscription, which is canceled with the others."""
    there = page.answer if page else None
    if there is None or there["provider"] != shop.provider:
        return
    try:
        shop.close_checkout(there["checkout_id"], key=new_id().hex)
    except SourceRefused as error:
        if error.category is not FailureCategory.NOT_FOUND:
            raise


def _cancel(begin: Begin, shop: Payments, subscription_id: str) -> None:
    """Written down before it is asked for. Raises SourceFailed and Conflict where it is not over afterwards."""
    operation = f"erasure:{subscription_id}"
    with begin() as uow:
        call = uow.billing_calls.open(operation, "cancel_now", {"subscription_id": subscription_id}, call_key=new_id().hex)
    try:
        shop.cancel_now(subscription_id, key=call.call_key)
    except (SourceRefused, Conflict) as error:
        _check_over(begin, shop, operation, subscription_id, error)
    with begin() as uow:
        uow.billing_calls.end(operation, answer={"state": "canceled"})


def _check_over(begin: Begin, shop: Payments, operation: str, subscription_id: str, error: SourceRefused | Conflict) -> None:
    """Whoever is refused looks how it stands; the next try is under another key."""
    if isinstance(error, SourceRefused) and error.category is FailureCategory.NOT_FOUND:
        return
    if shop.subscription(subscription_id).state not in ENDED:
        with begin() as uow:
            uow.billing_calls.renew(operation, new_id().hex)
        raise error
