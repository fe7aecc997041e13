"""Changes at a provider that survive a crash: written down with the key that makes the same call harmless, then made, then ended.

The same operation again gives the stored answer, or goes on where it broke off. A workspace has one change at a time, and nobody takes one
up while somebody may still be at it: not all providers take keys. Where the outcome is in doubt, a look at the provider decides; nothing is
done later that nobody waits for any more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.billing.changes import Deed
from domain.errors import Conflict, FieldProblem, SourceRefused, Unacceptable
from domain.ports import Shops
from services.billing.deeds import DOINGS, Till, Words
from services.billing.making import carried_out, end, finished, is_blind, plan_again
from services.billing.mirroring import Begins
from store.billing_calls import Call
from store.ids import new_id
from store.work import UnitOfWork

# Whoever is at it for longer than all tries of all of a deed's calls take is there no more.
UNDER_WAY = timedelta(minutes=5)
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


def finish_unfinished(work: Begins, shops: Shops, *, now: datetime) -> int:
    """Calls that broke off: those that came through are finished, the others have failed. Returns how many there were.

    Raises SourceUnavailable where a provider cannot be asked, and SourceRefused where our key lacks: then they stay as they are.
    """
    till = Till(work, shops, now)
    with work.begin() as uow:
        there = [each for each in uow.billing_calls.unfinished(before=now) if _is_left(each, now) and _is_ours(each)]
    for each in there:
        _settle(till, each)
    return len(there)


def _known(till: Till, operation: str, ask: Ask) -> Call | None:
    with till.work.begin() as uow:
        known = uow.billing_calls.find(operation)
    return _same(known, ask, till.now) if known else None


def _same(known: Call, ask: Ask, now: datetime) -> Call:
    if known.state != "failed" and known.wanted["asked"] != dict(ask.words):
        problem = FieldProblem("Idempotency-Key", "use a new key for another call")
        raise Unacceptable("this Idempotency-Key was used for another call", (problem,))
    return not_at_it(known, now)


def not_at_it(known: Call, now: datetime) -> Call:
    """Raises Conflict where somebody may still be making it."""
    if known.state == "open" and not _is_left(known, now):
        raise Conflict("the same is being done at this moment: repeat it soon")
    return known


def _opened(till: Till, operation: str, ask: Ask, last: Last) -> tuple[Call, bool]:
    """Written down, and whether it is new."""
    with till.work.begin() as uow:
        uow.billing.lock()
        there = uow.billing_calls.find(operation)
        if there is not None and there.state != "failed":
            return _same(there, ask, till.now), False
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
    there = uow.billing_calls.unfinished(before=now + timedelta(days=1))
    return [each for each in there if each.action in _OF_SUBSCRIPTIONS and _is_ours(each)]


def _is_ours(call: Call) -> bool:
    """What is ended with a workspace is written down and seen to by others."""
    return call.action in DOINGS and "provider" in call.wanted


def _is_left(call: Call, now: datetime) -> bool:
    return call.error is not None or call.created_at < now - UNDER_WAY


def _settle(till: Till, call: Call) -> None:
    doing = DOINGS[Deed(call.action)]
    try:
        is_done = doing.is_done(till, call.wanted)
    except SourceRefused as error:
        if is_blind(error):
            raise
        end(till, call, error)
        return
    if is_done:
        finished(till, call, doing, {})
        return
    try:
        plan_again(till, call)
    except (SourceRefused, Conflict) as error:
        end(till, call, error)
    else:
        end(till, call, NOT_DONE)
