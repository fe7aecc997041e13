"""Following accounts: beginning and ending it, and turning what is due into requests. Reading them is in `services.scraping`."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import NotFound
from domain.observations import AccountFacts, Observed, Selection
from domain.requests import SCRAPES, Request
from domain.sources import Target
from domain.tracking import DueGroup, Tracking, TrackingState, cadence_of, paused, plan_due, resumed
from store.catalogue import Origin
from store.ids import new_id
from store.work import SystemWork, UnitOfWork

_RESTS = (TrackingState.PAUSED, TrackingState.GONE)


def track(uow: UnitOfWork, what: Target | UUID, *, now: datetime) -> Tracking:
    """Follow an account; it is due at once. Following it twice changes nothing. Raises LimitReached and Refused as the plan says."""
    account_id = what if isinstance(what, UUID) else _account(uow, what, now)
    account = uow.accounts.get(account_id)
    known = uow.trackings.find(account_id, lock=True)
    if known is not None and known.state not in _RESTS:
        return known
    if known is None:
        operation = f"tracking:{account_id}:{new_id()}"
        uow.usage.take("trackings", 1, operation=operation, now=now, platform=account.platform)
        known = Tracking(account_id, account.platform, TrackingState.PENDING, created_at=now, next_run_at=now, operation=operation)
    floor = int(cadence_of(uow.trackings.plan()).floor.total_seconds())
    uow.trackings.put([replace(resumed(known, now=now), floor_seconds=floor)])
    return uow.trackings.get(account_id)


def set_paused(uow: UnitOfWork, account_id: UUID, is_paused: bool, *, now: datetime) -> Tracking:
    """Leave it alone, or go on with it; its place in the plan and what is known stay. Raises NotFound."""
    known = uow.trackings.get(account_id, lock=True)
    if is_paused and known.state is not TrackingState.PAUSED:
        uow.trackings.put([paused(known)])
    elif not is_paused and known.state is TrackingState.PAUSED:
        track(uow, account_id, now=now)
    return uow.trackings.get(account_id)


def untrack(uow: UnitOfWork, account_id: UUID) -> None:
    """Follow it no longer: the plan gets its place back, what is known stays. Raises NotFound."""
    known = uow.trackings.get(account_id, lock=True)
    uow.trackings.delete(account_id)
    if known.operation:
        uow.usage.give_back(known.operation)


def _account(uow: UnitOfWork, target: Target, now: datetime) -> UUID:
    """The account that the target names; one that nobody knows yet is there under its handle until its id arrives."""
    facts = AccountFacts(target.platform, external_id=target.external_id, username=target.username)
    (found,) = uow.catalogue.account_ids([facts])
    if found is None:
        uow.catalogue.put([Observed(1, facts, now)], Origin("tracking", Selection.MANUAL.value))
        (found,) = uow.catalogue.account_ids([facts])
    if found is None:
        raise NotFound("account", target.key)
    return found


def ask_due(uow: UnitOfWork, platform: str) -> Request:
    """A run for what is due on the platform; one that waits already will do."""
    kind = SCRAPES[platform]
    waiting = uow.requests.waiting(kind)
    return waiting or uow.requests.ask(request_id=new_id(), kind=kind, subject=kind, params={}, user_id=uow.user_id)


def ask_account(uow: UnitOfWork, platform: str, account_id: UUID, *, now: datetime) -> Request:
    """A run for one account, whether due or not. Raises LimitReached."""
    request_id, kind = new_id(), SCRAPES[platform]
    uow.usage.take("requests_per_day", 1, operation=f"request:{request_id}", now=now, request_id=request_id, platform=platform)
    params = {"account_ids": [str(account_id)]}
    return uow.requests.ask(request_id=request_id, kind=kind, subject=kind, params=params, user_id=uow.user_id)


def due(system: SystemWork, *, now: datetime, limit: int) -> list[Request]:
    """Turn what is due into requests: one per workspace and platform, fair between workspaces, at most `limit` of them open."""
    open_claims = system.requests.open_of(SCRAPES)
    chosen = plan_due(system.trackings.due(now=now), open_claims=open_claims, limit=limit)
    return [_asked(system, group) for group in chosen]


def _asked(system: SystemWork, group: DueGroup) -> Request:
    kind = SCRAPES[group.platform]
    return system.requests.ask(group.tenant_id, request_id=new_id(), kind=kind, subject=kind)


def ask_insights(uow: UnitOfWork, *, now: datetime, every: timedelta = timedelta(hours=1), subject: str = "scrape") -> Request | None:
    """Something new came in: what is derived is made anew, at most once in so long. None where that is asked for already."""
    if uow.requests.waiting("insights") is not None:
        return None
    last = uow.requests.newest("insights")
    not_before = max(now, last + every) if last else now
    return uow.requests.ask(request_id=new_id(), kind="insights", subject=subject, params={}, user_id=None, not_before=not_before)
