"""Asking for a workspace's events to be dealt with: one request waits at most. What this misses, a sensor asks for."""

from uuid import UUID

import structlog

from domain.billing.events import BillingEvent
from domain.errors import SourceUnavailable
from domain.ports import RunLauncher
from domain.requests import BILLING, Request, State
from services.requests import poke
from store.billing_events import BillingEvents
from store.database import Database
from store.ids import new_id
from store.work import SystemWork, UnitOfWork

log = structlog.get_logger(name=__name__, category="BILLING")
NOBODY = UUID(int=0)
MOST = 200


def keep(database: Database, event: BillingEvent, body: bytes) -> tuple[bool, UUID | None]:
    """Into the inbox, in one statement that is its own transaction. Whether it is new, and whose it is."""
    return database.at_once(lambda connection: BillingEvents(connection, NOBODY).keep(event, body))


def ask(uow: UnitOfWork) -> Request | None:
    """The request that will deal with all that waits; None where the workspace is suspended, or about to go: then its events wait."""
    uow.billing.lock()
    deletion = uow.deletions.find()
    if uow.overrides.is_suspended() or (deletion is not None and deletion.started_at is not None):
        return None
    waiting = uow.requests.waiting(BILLING)
    return waiting or uow.requests.ask(request_id=new_id(), kind=BILLING, subject=BILLING, params={}, user_id=None)


def react(database: Database, launcher: RunLauncher, workspace: UUID) -> None:
    """Ask, and launch at once; best effort, after the event was kept."""
    try:
        with database.begin(workspace) as uow:
            request = ask(uow)
    except SourceUnavailable as error:
        log.info("the sensor will ask", workspace=str(workspace), reason=str(error))
        return
    if request is not None and request.state is State.PENDING:
        poke(database, launcher, request)


def ask_for_waiting(system: SystemWork) -> int:
    """Whoever's events are due while nobody is about to deal with them. How many workspaces were asked for."""
    waiting = system.billing.waiting(BILLING, most=MOST)
    for workspace in waiting:
        system.requests.ask(workspace, request_id=new_id(), kind=BILLING, subject=BILLING)
    return len(waiting)
