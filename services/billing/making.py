"""One call that is written down: made, or found to be done, and ended. Which ones are written down is `services.billing.calling`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from domain.billing.changes import Deed
from domain.billing.states import ENDED, Provider
from domain.errors import Conflict, FailureCategory, PaymentNeeded, SourceFailed, SourceRefused, SourceUnavailable, told
from services.billing.deeds import DOINGS, Doing, Till, Words
from services.billing.mirroring import refresh
from store.billing_calls import Call
from store.ids import new_id

log = structlog.get_logger(name=__name__, category="BILLING")
# Stripe forgets a key after a day: a call with it would be a new one.
KEY_LIFE = timedelta(hours=23)


def carried_out(till: Till, call: Call, *, is_new: bool) -> Words:
    """A call that is written down, made or found to be done; what is kept as its answer."""
    doing = DOINGS[Deed(call.action)]
    with _noting(till, call, is_in_doubt=not is_new):
        facts = _facts(till, call, doing) if is_new else _taken_up(till, call, doing)
    return finished(till, call, doing, facts)


def _taken_up(till: Till, call: Call, doing: Doing) -> Words:
    """By whoever asks again: not all providers take keys, and none keeps them for ever, so a look comes first."""
    if doing.is_done(till, call.wanted):
        return {}
    is_stale = call.created_at < till.now - KEY_LIFE
    return _facts(till, _renewed(till, call, new_id().hex if is_stale else call.call_key), doing)


def _facts(till: Till, call: Call, doing: Doing) -> Words:
    try:
        return doing.do(till, call.wanted, call.call_key)
    except SourceRefused as error:
        if error.category is not FailureCategory.API_ERROR:
            raise
    # It may be a failure that is kept for this key, and come after the deed.
    return {} if doing.is_done(till, call.wanted) else doing.do(till, call.wanted, _renewed(till, call, new_id().hex).call_key)


def _renewed(till: Till, call: Call, key: str) -> Call:
    with till.work.begin() as uow:
        return uow.billing_calls.renew(call.operation, key)


def plan_again(till: Till, call: Call) -> None:
    """What waits for the period's end is dropped before another change is made: where that did not come through, it is planned again."""
    planned = call.wanted.get("scheduled_price")
    if planned is None:
        return
    shop, name = till.shop(call.wanted), call.wanted["subscription_id"]
    found = shop.subscription(name)
    if found.state not in ENDED and found.ends_at is None and found.scheduled_price is None and found.price != planned:
        shop.change_later(name, planned, key=f"{call.call_key}:again")


def finished(till: Till, call: Call, doing: Doing, facts: Words) -> Words:
    if doing.is_followed:
        with _doubting(till, call):
            refresh(till.work, till.shops, Provider(call.wanted["provider"]), now=till.now, cause=call.action)
    with till.work.begin() as uow:
        answer = doing.keep(uow, till, call.wanted, facts)
        uow.billing_calls.end(call.operation, answer=answer)
        ended = uow.billing_calls.find(call.operation)
    return ended.answer if ended and ended.answer else answer


@contextmanager
def _noting(till: Till, call: Call, *, is_in_doubt: bool) -> Iterator[None]:
    """What failed for good has ended; what may have come through is in doubt, and stays so while nobody can look."""
    with _doubting(till, call):
        try:
            yield
        except (PaymentNeeded, Conflict, SourceRefused) as error:
            if not (is_in_doubt and is_blind(error)):
                _given_up(till, call, error)
            raise


def _given_up(till: Till, call: Call, error: PaymentNeeded | Conflict | SourceRefused) -> None:
    """Where nobody knows whether what was planned is planned again, the call stays in doubt."""
    try:
        plan_again(till, call)
    except (SourceRefused, Conflict) as refusal:
        log.warning("what was planned for the end of the period could not be planned again", call=call.operation, reason=str(refusal))
    end(till, call, error)


def is_blind(error: Exception) -> bool:
    """Whether our key lacks or is not accepted: how things stand cannot be seen then."""
    return isinstance(error, SourceRefused) and error.category is FailureCategory.NOT_CONFIGURED


@contextmanager
def _doubting(till: Till, call: Call) -> Iterator[None]:
    try:
        yield
    except SourceUnavailable as error:
        with till.work.begin() as uow:
            uow.billing_calls.doubt(call.operation, told(error))
        raise


def end(till: Till, call: Call, error: SourceFailed | Conflict | PaymentNeeded | str) -> None:
    with till.work.begin() as uow:
        uow.billing_calls.end(call.operation, error=error if isinstance(error, str) else told(error))
