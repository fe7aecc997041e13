"""Erasing a workspace: asked for, waited with, called off; and then done everywhere, step by step, however often it is cut off.

Every step finds what is left and deletes it, so the next attempt goes on where one ended. No network inside a transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog

from domain.connections import ConnectionStatus
from domain.errors import ClaimLost, Conflict, NotFound, SourceFailed
from domain.ports import FilePort, Platforms, Shops, Traces
from domain.requests import State
from domain.rights import GRACE, PROVIDER_PATIENCE, RETRY, SECOND_LOOK, WAIT, Deletion, check_confirmation, tombstone
from services import disconnecting, mailing
from services.requests import cancel
from services.rights.ending_payments import end_payments
from services.rights.exporting import needs_role
from store.database import Database
from store.tenant_rows import erased
from store.work import UnitOfWork

BATCH, AT_ONCE, PASSES = 5_000, 20, 5
OPEN = (State.PENDING, State.LAUNCHED, State.RUNNING)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outside:
    """What else than the database knows of a workspace. Without `shops` no payment provider is asked: as where it was told before."""

    files: FilePort
    platforms: Platforms
    traces: Traces
    shops: Shops | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look came to: workspaces that are empty now, ended for good, or put off with the reason."""

    erased: int
    ended: int
    put_off: tuple[str, ...]


def ask(uow: UnitOfWork, typed: str, *, now: datetime, grace: timedelta = GRACE) -> Deletion:
    """The owner wants the workspace gone, once the grace is over. Raises Refused, Unacceptable."""
    needs_role(uow, "owner")
    owner = uow.identity.profile(_caller(uow))
    check_confirmation(typed, owner.tenant_name)
    asked = uow.deletions.ask(user_id=uow.user_id, now=now, due_at=now + grace)
    uow.trust.note("workspace.deletion_asked", str(uow.tenant_id), actor=uow.user_id, details={"due_at": asked.due_at.isoformat()})
    title, details = f"This workspace will be erased on {asked.due_at:%Y-%m-%d}", {"due_at": asked.due_at.isoformat()}
    uow.trust.raise_once(dedupe_key="deletion", kind="deletion", severity="critical", title=title, details=details)
    mailing.send_erasure_planned(uow, owner.email, event=str(asked.asked_at), workspace=owner.tenant_name, erased_at=asked.due_at)
    return asked


def shown(uow: UnitOfWork) -> Deletion:
    """Every member may see it. Raises NotFound where none was asked for."""
    found = uow.deletions.find()
    if found is None:
        raise NotFound("deletion of workspace", uow.tenant_id)
    return found


def call_off(uow: UnitOfWork) -> None:
    """Raises Refused, NotFound, Conflict once it has begun."""
    needs_role(uow, "owner")
    if not uow.deletions.call_off():
        raise NotFound("deletion of workspace", uow.tenant_id)
    uow.trust.settle("deletion")
    uow.trust.note("workspace.deletion_called_off", str(uow.tenant_id), actor=uow.user_id)


def _caller(uow: UnitOfWork) -> UUID:
    if uow.user_id is None:
        raise NotFound("user", "of this credential")
    return uow.user_id


def erase_due(database: Database, outside: Outside, *, now: datetime, limit: int = AT_ONCE) -> Looked:
    """Every workspace whose time has come; one that cannot be erased yet holds up no other."""
    done = ended = 0
    put_off = []
    with database.begin_system() as system:
        due = system.deletions.due(now=now, limit=limit)
    for tenant_id in due:
        with database.begin_system() as system:
            deletion = system.deletions.begin(tenant_id, now=now)
        if deletion is None:
            continue
        trouble = Erasure(database, outside, deletion, now=now).run()
        if trouble is not None:
            put_off.append(trouble)
        elif deletion.erased_at is None:
            done += 1
        else:
            ended += 1
    return Looked(done, ended, tuple(put_off))


class Erasure:
    """One attempt at one workspace."""

    def __init__(self, database: Database, outside: Outside, deletion: Deletion, *, now: datetime) -> None:
        self._database, self._outside, self._deletion, self._now = database, outside, deletion, now
        self._tenant_id = deletion.tenant_id
        self._begin = partial(database.begin, self._tenant_id)

    def run(self) -> str | None:
        """Returns why it has to wait, where it has to."""
        try:
            self._bury()
            self._stop_work()
            self._take_grants_back()
            self._end_payments()
            self._outside.traces.forget(self._tenant_id)
            self._outside.files.forget(self._tenant_id)
            self._delete_rows()
            self._settle()
        except ClaimLost as lost:
            return str(lost)
        except (Conflict, SourceFailed) as trouble:
            pause = WAIT if isinstance(trouble, Conflict) else RETRY
            note = str(trouble)
            self._held(lambda uow: uow.deletions.put_off(until=self._now + pause, note=note))
            log.info("erasure waits", tombstone=tombstone(self._tenant_id), reason=type(trouble).__name__)
            return note
        return None

    def _held(self, step: Callable[[UnitOfWork], int | None]) -> int:
        with self._held_open() as uow:
            return step(uow) or 0

    def _bury(self) -> None:
        """First of all: whatever happens now, no backup brings it back."""
        mark = tombstone(self._tenant_id)
        self._outside.files.note_erased(mark)
        with self._database.begin_system() as system:
            system.deletions.bury([mark])

    def _stop_work(self) -> None:
        """What waits is canceled; what runs is asked to stop, and waited for. Raises Conflict."""
        with self._held_open() as uow:
            for request in uow.requests.page(limit=10_000, states=OPEN):
                cancel(uow, request.request_id)
            running = uow.requests.page(limit=1, states=OPEN)
        if running:
            raise Conflict("a run still writes: it was asked to stop")

    def _take_grants_back(self) -> None:
        """Every provider is told. One that does not answer is waited for, for a day. Raises Conflict."""
        with self._held_open() as uow:
            held = uow.connections.open()
            for channel_id in {each.channel_id for each in held if each.status is not ConnectionStatus.REVOKING}:
                disconnecting.disconnect(uow, channel_id)
            waiting = [each.connection_id for each in uow.connections.open()]
        left = [each for each in waiting if self._is_still_held(each)]
        if left and self._is_patient:
            raise Conflict(f"{len(left)} grants could not be taken back yet: the provider does not answer")

    def _end_payments(self) -> None:
        """Subscriptions are canceled, events are forgotten. A provider that does not answer is waited for, for a day. Raises Conflict."""
        if self._outside.shops is not None:
            end_payments(self._held_open, self._outside.shops, is_patient=self._is_patient)
        with self._database.begin_system() as system:
            system.billing.forget(self._tenant_id)

    @property
    def _is_patient(self) -> bool:
        return self._now - (self._deletion.started_at or self._now) < PROVIDER_PATIENCE

    @contextmanager
    def _held_open(self) -> Iterator[UnitOfWork]:
        with self._begin() as uow:
            uow.deletions.hold(self._deletion.attempt)
            yield uow

    def _is_still_held(self, connection_id: UUID) -> bool:
        ended = disconnecting.revoke(self._begin, self._outside.platforms, connection_id)
        return ended.status is ConnectionStatus.REVOKING

    def _delete_rows(self) -> None:
        """Table by table, a batch per transaction. What triggers write meanwhile goes with the next pass. Raises Conflict."""
        for _ in range(PASSES):
            for table in erased():
                self._empty(table)
            with self._begin() as uow:
                left = uow.rows.left()
            if not left:
                self._held(lambda uow: uow.rows.scrub())
                return
        raise Conflict(f"rows come back while they are deleted: {', '.join(sorted(left))}")

    def _empty(self, table: str) -> None:
        """Where something still refers to a row, the table waits for the next pass."""
        if table == "memberships":
            self._held(_members_leave)
            return
        while self._held(lambda uow: uow.rows.delete(table, batch=BATCH)):
            pass

    def _settle(self) -> None:
        """Looked at once more, later: what was under way when this began may have committed meanwhile. Then the last row goes."""
        if self._deletion.erased_at is None:
            self._held(lambda uow: uow.deletions.put_off(until=self._now + SECOND_LOOK, note="", is_erased=True))
        else:
            self._held(lambda uow: uow.deletions.end())


def _members_leave(uow: UnitOfWork) -> int:
    for user_id in uow.rows.member_ids():
        uow.rows.forget_user(user_id)
    return 0


def bury_again(database: Database, files: FilePort, *, now: datetime) -> int:
    """After an older backup was restored: workspaces that were erased since are to be erased again, at once. Returns how many."""
    with database.begin_system() as system:
        marks = files.erased() | frozenset(system.deletions.tombstones())
        system.deletions.bury(marks)
        risen = system.deletions.risen(marks)
        for tenant_id in risen:
            system.deletions.ask(tenant_id, now=now)
    return len(risen)
