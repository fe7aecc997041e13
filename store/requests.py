"""Requests in the database: asking, launching, claiming, fencing, ending. The rules are in `domain.requests`.

Every write of a run goes through `renew`, which fails unless this very attempt still holds the claim (the fencing token is
(request, attempt, run)). Times are the database's, so that clocks of different machines do not matter.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from domain.errors import ClaimLost, Conflict, NotFound
from domain.requests import BUSY_DELAY, FINAL, KINDS, LEASE, Claimed, Moment, Request, State, backoff, may_retry
from store.calls import current_call
from store.repository import Repository
from store.tables.requests import request_events, requests
from store.unfinished import deliver, leave

COLUMNS = (
    "tenant_id, request_id, kind, subject, params, state, attempt, max_attempts, launches, run_id, progress, note, error,"
    " is_cancel_requested, version, call_id, created_at, not_before, launched_at, started_at, finished_at, lease_until, steps_done"
)


def request_of(row: sa.Row[Any]) -> Request:
    words = dict(row._mapping)
    return Request(**{**words, "state": State(words["state"]), "steps_done": tuple(words["steps_done"])})


class Requests(Repository):
    """One tenant's requests."""

    def ask(
        self,
        *,
        request_id: UUID,
        kind: str,
        subject: str,
        params: Mapping[str, object],
        user_id: UUID | None,
        not_before: datetime | None = None,
    ) -> Request:
        """Insert a pending request, in the transaction of its cause. It may have to wait."""
        rules = KINDS[kind]
        self._insert(
            requests,
            {"request_id": request_id, "kind": kind, "subject": subject, "claim_on": rules.claim_on, "params": dict(params),
             "state": State.PENDING, "max_attempts": rules.max_attempts, "created_by": user_id,
             "call_id": call.request_id if (call := current_call()) else None, **({"not_before": not_before} if not_before else {})},
        )  # fmt: skip
        return self.get(request_id)

    def waiting(self, kind: str) -> Request | None:
        """A request of this kind, for all there is to do, that no run has claimed yet."""
        row = self._run(
            f"select {COLUMNS} from requests where tenant_id = :tenant and kind = :kind and state in ('pending', 'launched') and params = '{{}}'"
            " order by created_at limit 1",
            kind=kind,
        ).first()
        return request_of(row) if row else None

    def newest(self, kind: str) -> datetime | None:
        """When a request of this kind was made last."""
        found = "select max(created_at) from requests where tenant_id = :tenant and kind = :kind"
        return self._run(found, kind=kind).scalar_one()  # type: ignore[no-any-return]  # a timestamp, or null

    def get(self, request_id: UUID, *, lock: bool = False) -> Request:
        row = self._run(
            f"select {COLUMNS} from requests where tenant_id = :tenant and request_id = :id" + (" for update" if lock else ""),
            id=request_id,
        ).first()
        if row is None:
            raise NotFound("request", request_id)
        return request_of(row)

    def page(
        self, *, limit: int, before: tuple[datetime, UUID] | None = None, states: Sequence[str] = (), kinds: Sequence[str] = ()
    ) -> list[Request]:
        """Newest first, strictly before the given position."""
        t = requests.c
        found = sa.select(*(t[name.strip()] for name in COLUMNS.split(","))).where(t.tenant_id == self._tenant_id)
        if states:
            found = found.where(t.state.in_(states))
        if kinds:
            found = found.where(t.kind.in_(kinds))
        if before is not None:
            found = found.where(sa.tuple_(t.created_at, t.request_id) < sa.tuple_(sa.literal(before[0]), sa.literal(before[1])))
        return [request_of(row) for row in self._run(found.order_by(t.created_at.desc(), t.request_id.desc()).limit(limit))]

    def events(self, request_id: UUID, *, after: int = 0) -> list[Moment]:
        t = request_events.c
        shown = sa.select(t.version, t.at, t.state, t.attempt, t.progress, t.note, t.error)
        rows = self._run(shown.where(t.tenant_id == self._tenant_id, t.request_id == request_id, t.version > after).order_by(t.version))
        return [Moment(row.version, row.at, State(row.state), row.attempt, row.progress, row.note, row.error) for row in rows]

    def of_run(self, run_id: str) -> Request | None:
        row = self._run(f"select {COLUMNS} from requests where tenant_id = :tenant and run_id = :run", run=run_id).first()
        return request_of(row) if row else None

    def of_subject(self, kind: str, subject: str) -> Request | None:
        """The newest request of this kind about something."""
        row = self._run(
            f"select {COLUMNS} from requests where tenant_id = :tenant and kind = :kind and subject = :subject"
            " order by created_at desc, request_id desc limit 1",
            kind=kind, subject=subject,
        ).first()  # fmt: skip
        return request_of(row) if row else None

    def mark_launched(self, request_id: UUID) -> Request:
        """Before the API's own launch; the returned request carries the launch's own run key."""
        self._run(
            "update requests set state = 'launched', launched_at = clock_timestamp(), launches = launches + 1"
            " where tenant_id = :tenant and request_id = :id",
            id=request_id,
        )  # fmt: skip
        return self.get(request_id)

    def take_launch_back(self, launched: Request) -> None:
        """The launch failed: whoever looks next may launch it. Does nothing where a run came through and claimed it all the same."""
        self._run(
            "update requests set state = 'pending', launched_at = null"
            " where tenant_id = :tenant and request_id = :id and attempt = :attempt and launches = :launches and state = 'launched'",
            id=launched.request_id, attempt=launched.attempt, launches=launched.launches,
        )  # fmt: skip

    def is_claim_held(self, claim_on: str) -> bool:
        held = "select exists(select from requests where tenant_id = :tenant and claim_on = :on and state in ('launched', 'running'))"
        return bool(self._run(held, on=claim_on).scalar_one())

    def claim(self, request_id: UUID, attempt: int, run_id: str) -> Claimed:
        """One conditional update: the first run to come has the work, any other is told why not."""
        now = self.get(request_id, lock=True)
        if now.run_id == run_id and now.attempt == attempt and now.state is State.RUNNING:
            self.keep_alive(request_id, attempt, run_id)
            return Claimed.YES
        if now.attempt != attempt or now.state not in (State.PENDING, State.LAUNCHED):
            return Claimed.CANCELED if now.state is State.CANCELED else Claimed.TAKEN
        try:
            with self._connection.begin_nested():
                self._run(
                    "update requests set state = 'running', run_id = :run, started_at = coalesce(started_at, clock_timestamp()),"
                    " lease_until = clock_timestamp() + :lease, note = '', error = null, steps_done = '[]', progress = 0"
                    " where tenant_id = :tenant and request_id = :id",
                    id=request_id, run=run_id, lease=LEASE,
                )  # fmt: skip
        except IntegrityError:
            self._run(
                "update requests set state = 'pending', not_before = clock_timestamp() + :wait, note = 'waits for other work of this workspace'"
                " where tenant_id = :tenant and request_id = :id",
                id=request_id, wait=BUSY_DELAY,
            )  # fmt: skip
            return Claimed.BUSY
        return Claimed.YES

    def adopt(
        self, *, request_id: UUID, kind: str, subject: str, claim_on: str, params: Mapping[str, object], run_id: str
    ) -> tuple[Request, Claimed]:
        """A run that nobody asked us for (UI, backfill, schedule) inserts its own request, claim and all; idempotent by run id.

        Conflict where other work holds the claim: nothing is left behind then, for nobody but this run could ever do that request.
        """
        self._run(
            "insert into requests (tenant_id, request_id, kind, subject, claim_on, params, state, max_attempts, run_id, started_at, lease_until)"
            " values (:tenant, :id, :kind, :subject, :on, cast(:params as jsonb), 'running', 1, :run, clock_timestamp(), clock_timestamp() + :lease)"
            " on conflict do nothing",
            id=request_id, kind=kind, subject=subject, on=claim_on, params=_json(params), run=run_id, lease=LEASE,
        )  # fmt: skip
        mine = self.of_run(run_id)
        if mine is None:
            raise Conflict(f"run {run_id}: other work of this workspace is running")
        self.keep_alive(mine.request_id, mine.attempt, run_id)
        return mine, Claimed.YES if mine.state is State.RUNNING else Claimed.TAKEN

    def skip(self, *, request_id: UUID, kind: str, subject: str, claim_on: str, params: Mapping[str, object], run_id: str) -> None:
        """Record a run that nobody asked us for and that waited in vain."""
        self._run(
            "insert into requests (tenant_id, request_id, kind, subject, claim_on, params, state, max_attempts, run_id, finished_at, error)"
            " values (:tenant, :id, :kind, :subject, :on, cast(:params as jsonb), 'skipped', 1, :run, clock_timestamp(), cast(:error as jsonb))"
            " on conflict do nothing",
            id=request_id, kind=kind, subject=subject, on=claim_on, params=_json(params), run=run_id,
            error=_json({"code": "busy", "detail": "other work of this workspace was running"}),
        )  # fmt: skip

    def renew(self, request_id: UUID, attempt: int, run_id: str) -> bool:
        """Prove that the claim is still held and lengthen its lease. Returns whether somebody asked to cancel. Raises ClaimLost."""
        row = self._run(
            "update requests set lease_until = clock_timestamp() + :lease"
            " where tenant_id = :tenant and request_id = :id and attempt = :attempt and run_id = :run and state = 'running'"
            " returning is_cancel_requested",
            id=request_id, attempt=attempt, run=run_id, lease=LEASE,
        ).first()  # fmt: skip
        if row is None:
            raise ClaimLost(f"request {request_id}: attempt {attempt} no longer owns the work")
        return bool(row.is_cancel_requested)

    def keep_alive(self, request_id: UUID, attempt: int, run_id: str) -> None:
        """The heartbeat: lengthen the lease unless the row is locked, as it is while the run itself writes."""
        self._run(
            "update requests set lease_until = clock_timestamp() + :lease where (tenant_id, request_id) in"
            " (select tenant_id, request_id from requests where tenant_id = :tenant and request_id = :id and attempt = :attempt"
            "   and run_id = :run and state = 'running' for update skip locked)",
            id=request_id, attempt=attempt, run=run_id, lease=LEASE,
        )  # fmt: skip

    def report(self, request_id: UUID, *, progress: float, note: str) -> None:
        """Progress as a share from 0 to 1; the caller has renewed in this transaction."""
        self._run(
            "update requests set progress = least(1, greatest(0, cast(:progress as float8))), note = :note where tenant_id = :tenant and request_id = :id",
            id=request_id, progress=progress, note=note,
        )  # fmt: skip

    def finish_step(self, request_id: UUID, step: str, *, planned: Sequence[str]) -> None:
        """Note a finished step; with the last planned one the request has succeeded."""
        row = self._run(
            "update requests set steps_done = steps_done || to_jsonb(cast(:step as text)) where tenant_id = :tenant and request_id = :id returning steps_done",
            id=request_id, step=step,
        ).one()  # fmt: skip
        if set(planned) <= set(row.steps_done):
            self._end(request_id, State.SUCCEEDED, progress=1.0)

    def end(self, request_id: UUID, state: State, error: Mapping[str, object] | None = None) -> Request:
        if state not in FINAL:
            raise Conflict(f"request {request_id}: {state} is not an end")
        self._end(request_id, state, error=error)
        return self.get(request_id)

    def fail(self, request: Request, *, error: Mapping[str, object], retryable: bool) -> Request:
        """The attempt failed: wait for the next one, or end. Only here is a request retried."""
        return fail(self._connection, request, error=error, retryable=retryable)

    def cancel(self, request_id: UUID) -> Request:
        """At once where nothing runs; else the run is asked, and sees it at its next write. What is not delivered by now never will be."""
        now = self.get(request_id, lock=True)
        if now.is_final:
            raise Conflict(f"request {request_id} is {now.state} already")
        if now.state is State.RUNNING:
            self._run("update requests set is_cancel_requested = true where tenant_id = :tenant and request_id = :id", id=request_id)
            leave(self._connection, self._tenant_id, request_id)
        else:
            self._end(request_id, State.CANCELED)
        return self.get(request_id)

    def retry(self, request_id: UUID) -> Request:
        """One more attempt of a request that failed or was canceled."""
        now = self.get(request_id, lock=True)
        if now.state not in (State.FAILED, State.CANCELED):
            raise Conflict(f"request {request_id} is {now.state}: only a failed or canceled one can be retried")
        if not KINDS[now.kind].job:
            raise Conflict(f"request {request_id} was a run started in Dagster: start it there again")
        self._run(
            "update requests set state = 'pending', attempt = attempt + 1, max_attempts = greatest(max_attempts, attempt + 1), run_id = null,"
            " not_before = clock_timestamp(), finished_at = null, launched_at = null, is_cancel_requested = false, progress = 0, note = '', error = null"
            " where tenant_id = :tenant and request_id = :id",
            id=request_id,
        )  # fmt: skip
        return self.get(request_id)

    def _end(self, request_id: UUID, state: State, *, error: Mapping[str, object] | None = None, progress: float | None = None) -> None:
        _end(self._connection, self._tenant_id, request_id, state, error=error, progress=progress)


def fail(connection: sa.Connection, request: Request, *, error: Mapping[str, object], retryable: bool) -> Request:
    if request.is_cancel_requested:
        _end(connection, request.tenant_id, request.request_id, State.CANCELED)
    elif may_retry(request, retryable=retryable):
        connection.execute(
            sa.text(
                "update requests set state = 'pending', attempt = attempt + 1, run_id = null, lease_until = null, launched_at = null,"
                " not_before = clock_timestamp() + :wait, error = cast(:error as jsonb), note = 'waits for its next attempt'"
                " where tenant_id = :tenant and request_id = :id"
            ),
            {"tenant": request.tenant_id, "id": request.request_id, "wait": backoff(request.attempt), "error": _json(error)},
        )
    else:
        _end(connection, request.tenant_id, request.request_id, State.FAILED, error=error)
    row = connection.execute(
        sa.text(f"select {COLUMNS} from requests where tenant_id = :tenant and request_id = :id"),
        {"tenant": request.tenant_id, "id": request.request_id},
    ).one()
    return request_of(row)


def _end(
    connection: sa.Connection,
    tenant_id: UUID,
    request_id: UUID,
    state: State,
    *,
    error: Mapping[str, object] | None = None,
    progress: float | None = None,
) -> None:
    connection.execute(
        sa.text(
            "update requests set state = :state, finished_at = clock_timestamp(), lease_until = null, error = coalesce(cast(:error as jsonb), error),"
            " progress = coalesce(cast(:progress as float8), progress), note = '' where tenant_id = :tenant and request_id = :id"
        ),
        {"tenant": tenant_id, "id": request_id, "state": state, "error": _json(error) if error is not None else None, "progress": progress},
    )
    if state in (State.FAILED, State.CANCELED):
        leave(connection, tenant_id, request_id)
    elif state is State.SUCCEEDED:
        deliver(connection, tenant_id, request_id)


def _json(words: Mapping[str, object]) -> str:
    return json.dumps(words, default=str)
