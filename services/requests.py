"""Asking for work, launching it, ending attempts that died. Claiming is in `assets.claims`, the rules in `domain.requests`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from domain.errors import SourceFailed
from domain.ports import RunLauncher
from domain.requests import Request, State, check_asked, claim_of, plan_launches
from store.database import Database
from store.ids import new_id
from store.work import SystemWork, UnitOfWork

log = structlog.get_logger(name=__name__, category="SYSTEM")


@dataclass(frozen=True, slots=True)
class EndedRun:
    """What Dagster tells of a run that ended badly; the request's id and attempt are in its tags, where it had one."""

    run_id: str
    request_id: UUID | None
    attempt: int
    reason: str


def ask(uow: UnitOfWork, kind: str, params: Mapping[str, object]) -> Request:
    """Insert what somebody asked for; the caller pokes Dagster after its commit. Raises LimitReached."""
    check_asked(kind, params)
    request_id = new_id()
    uow.usage.take("requests_per_day", 1, operation=f"request:{request_id}", now=datetime.now(UTC), request_id=request_id)
    return uow.requests.ask(request_id=request_id, kind=kind, subject=kind, params=params, user_id=uow.user_id)


def poke(database: Database, launcher: RunLauncher, request: Request) -> None:
    """Launch at once, best effort, after the commit that made the request. Whatever goes wrong, the sensor will launch it."""
    try:
        _launch(database, launcher, request)
    except SourceFailed as error:
        log.info("the sensor will launch it", request_id=str(request.request_id), reason=str(error))


def _launch(database: Database, launcher: RunLauncher, request: Request) -> None:
    """Marked first, so that the sensor does not launch it as well; taken back where Dagster could not be asked."""
    with database.begin(request.tenant_id) as uow:
        now = uow.requests.get(request.request_id, lock=True)
        if now.state is not State.PENDING or uow.requests.is_claim_held(claim_of(now)):
            return
        now = uow.requests.mark_launched(now.request_id)
    try:
        launcher.launch(now)
    except SourceFailed:
        with database.begin(request.tenant_id) as uow:
            uow.requests.take_launch_back(now)
        raise


def launchable(system: SystemWork, *, limit: int) -> list[Request]:
    """What the sensor shall launch now; marked as launched, each under a run key of its own."""
    live, busy = system.requests.live()
    chosen = plan_launches(system.requests.waiting(), live=live, limit=limit, busy=busy)
    return [system.requests.launch(request) for request in chosen]


def reap(system: SystemWork, dead: Sequence[str] = ()) -> list[Request]:
    """End the attempts whose lease ran out, or whose run is dead; each waits for its next attempt or has failed for good.

    `run_id` of a returned request is the run that it lost.
    """
    lost = {"code": "lease_expired", "detail": "the run stopped giving signs of life", "is_retryable": True}
    killed = {"code": "worker_died", "detail": "the process of the run was killed", "is_retryable": True}
    ended = [
        replace(system.requests.fail(each, error=killed if each.run_id in dead else lost, retryable=True), run_id=each.run_id)
        for each in system.requests.expired(dead)
    ]
    for request in ended:
        if request.state is State.FAILED:
            system.raise_alert(request.tenant_id, **_alert(request))
    return ended


def run_ended(system: SystemWork, tenant_id: UUID, run: EndedRun) -> Request | None:
    """A run ended badly without saying so to its request (killed, lost, or refused before it could claim)."""
    request = system.requests.of_run(tenant_id, run.run_id) or system.requests.launched(tenant_id, run.request_id, run.attempt)
    if request is None or request.state not in (State.RUNNING, State.LAUNCHED):
        return request
    ended = system.requests.fail(request, error={"code": "run_failed", "detail": run.reason[:2000], "is_retryable": True}, retryable=True)
    if ended.state is State.FAILED:
        system.raise_alert(tenant_id, **_alert(ended))
    return ended


def cancel(uow: UnitOfWork, request_id: UUID) -> Request:
    """At once where nothing runs; else the run is asked. Whatever is not delivered by now never will be. Raises NotFound, Conflict."""
    return uow.requests.cancel(request_id)


def retry(uow: UnitOfWork, request_id: UUID) -> Request:
    """One more attempt, which is counted as asking was, where that was given back. Raises NotFound, Conflict, LimitReached."""
    request = uow.requests.retry(request_id)
    uow.usage.take_again(request_id, attempt=request.attempt, now=datetime.now(UTC))
    return request


def no_more_attempts(uow: UnitOfWork, request: Request) -> None:
    """Tell the tenant once, when no further attempt will be made."""
    if request.state is State.FAILED:
        uow.trust.raise_once(**_alert(request))


def _alert(request: Request) -> dict[str, Any]:
    return {
        "dedupe_key": f"request-failed:{request.request_id}",
        "kind": "request_failed",
        "severity": "warning",
        "title": f"{request.kind} failed after {request.attempt} attempts",
        "details": {"request_id": str(request.request_id), "error": dict(request.error or {})},
    }
