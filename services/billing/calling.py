"""Changes at a provider that survive a crash: written down with the key that makes the same call harmless, then made, then ended.

The same operation again gives the stored answer, or goes on where it broke off. A workspace has one change at a time. Where the outcome is
in doubt, a look at the provider decides; nothing is done later that nobody waits for any more.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.billing.changes import Deed
from domain.billing.states import Provider
from domain.errors import (
    Conflict,
    FailureCategory,
    FieldProblem,
    PaymentNeeded,
    SourceFailed,
    SourceRefused,
    SourceUnavailable,
    Unacceptable,
    told,
)
from domain.ports import Shops
from services.billing.deeds import DOINGS, Doing, Till, Words
from services.billing.mirroring import Begins, refresh
from store.billing_calls import Call
from store.ids import new_id
from store.work import UnitOfWork

# Whoever is at it for longer than a provider's patience is there no more.
UNDER_WAY = timedelta(minutes=2)
# Stripe forgets a key after a day: a call with it would be a new one.
KEY_LIFE = timedelta(hours=23)
NOT_DONE = "it did not come through"
_OF_SUBSCRIPTIONS = frozenset(Deed) - {Deed.CUSTOMER, Deed.REFUND}
Last = tuple[str, datetime] | None


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for. `words` are the caller's; `prepare` reads anew; `decide` says what is to be done, or raises why it cannot be."""

    words: Mapping[str, object]
    prepare: Callable[[Till], None]
    decide: Callable[[UnitOfWork], tuple[Deed, Words]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is told. `is_replay`: it was told before."""

    answer: Words
    is_replay: bool = False


def performed(till: Till, operation: str, ask: Ask) -> Outcome:
    """Raises what deciding raises, Conflict while another change is under way, and what the provider's port raises."""
    known = _known(till, operation, ask)
    is_new = known is None or known.state == "failed"
    if known is None or is_new:
        last = _made_way(till)
        ask.prepare(till)
        known, is_new = _opened(till, operation, ask, last)
    if known.state == "done":
        return Outcome(known.answer or {}, is_replay=True)
    return Outcome(carried_out(till, known, is_new=is_new))


def carried_out(till: Till, call: Call, *, is_new: bool) -> Words:
    """A call that is written down, made or found to be done; what is kept as its answer."""
    doing = DOINGS[Deed(call.action)]
    with _noting(till, call):
        facts = _facts(till, call, doing) if is_new else _taken_up(till, call, doing)
    return _finished(till, call, doing, facts)


def finish_unfinished(work: Begins, shops: Shops, *, now: datetime) -> int:
    """Calls that broke off: those that came through are finished, the others have failed. Returns how many there were.

    Raises SourceUnavailable where a provider cannot be asked.
    """
    till = Till(work, shops, now)
    with work.begin() as uow:
        there = [each for each in uow.billing_calls.unfinished(before=now) if _is_left(each, now)]
    for each in there:
        _settle(till, each)
    return len(there)


def _known(till: Till, operation: str, ask: Ask) -> Call | None:
    with till.work.begin() as uow:
        known = uow.billing_calls.find(operation)
    return _same(known, ask) if known else None


def _same(known: Call, ask: Ask) -> Call:
    if known.state != "failed" and known.wanted["asked"] != dict(ask.words):
        problem = FieldProblem("Idempotency-Key", "use a new key for another call")
        raise Unacceptable("this Idempotency-Key was used for another call", (problem,))
    return known


def _opened(till: Till, operation: str, ask: Ask, last: Last) -> tuple[Call, bool]:
    """Written down, and whether it is new."""
    with till.work.begin() as uow:
        uow.billing.lock()
        there = uow.billing_calls.find(operation)
        if there is not None and there.state != "failed":
            return _same(there, ask), False
        if _changes(uow, till.now) or _last(uow) != last:
            raise Conflict("another change of the subscription is under way: repeat in a moment")
        deed, wanted = ask.decide(uow)
        write = uow.billing_calls.reopen if there else uow.billing_calls.open
        made = write(operation, deed, {"asked": dict(ask.words), **wanted}, call_key=new_id().hex)
        about = wanted.get("subscription_id") or wanted.get("payment_id") or wanted["price"]
        uow.trust.note(f"billing.{deed}", str(about), actor=uow.user_id, details=dict(ask.words))
        return made, True


def _made_way(till: Till) -> Last:
    """Changes of before whose outcome nobody knows are looked at first. Returns which one was the last."""
    with till.work.begin() as uow:
        last, there = _last(uow), [each for each in _changes(uow, till.now) if _is_left(each, till.now)]
    for each in there:
        _settle(till, each)
    return last


def _last(uow: UnitOfWork) -> Last:
    found = uow.billing_calls.newest(*_OF_SUBSCRIPTIONS)
    return (found.operation, found.created_at) if found else None


def _changes(uow: UnitOfWork, now: datetime) -> list[Call]:
    """All that did not end, by whatever clock they began."""
    return [each for each in uow.billing_calls.unfinished(before=now + timedelta(days=1)) if each.action in _OF_SUBSCRIPTIONS]


def _is_left(call: Call, now: datetime) -> bool:
    return call.error is not None or call.created_at < now - UNDER_WAY


def _settle(till: Till, call: Call) -> None:
    doing = DOINGS[Deed(call.action)]
    try:
        is_done = doing.is_done(till, call.wanted)
    except SourceRefused as error:
        _end(till, call, error)
        return
    if is_done:
        _finished(till, call, doing, {})
    else:
        _end(till, call, NOT_DONE)


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


def _finished(till: Till, call: Call, doing: Doing, facts: Words) -> Words:
    if doing.is_followed:
        with _doubting(till, call):
            refresh(till.work, till.shops, Provider(call.wanted["provider"]), now=till.now, cause=call.action)
    with till.work.begin() as uow:
        answer = doing.keep(uow, till, call.wanted, facts)
        uow.billing_calls.end(call.operation, answer=answer)
        ended = uow.billing_calls.find(call.operation)
    return ended.answer if ended and ended.answer else answer


@contextmanager
def _noting(till: Till, call: Call) -> Iterator[None]:
    """What failed for good has ended; what may have come through is in doubt."""
    try:
        with _doubting(till, call):
            yield
    except (PaymentNeeded, Conflict, SourceRefused) as error:
        _end(till, call, error)
        raise


@contextmanager
def _doubting(till: Till, call: Call) -> Iterator[None]:
    try:
        yield
    except SourceUnavailable as error:
        with till.work.begin() as uow:
            uow.billing_calls.doubt(call.operation, told(error))
        raise


def _end(till: Till, call: Call, error: SourceFailed | Conflict | PaymentNeeded | str) -> None:
    with till.work.begin() as uow:
        uow.billing_calls.end(call.operation, error=error if isinstance(error, str) else told(error))
