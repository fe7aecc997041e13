"""Requests of all tenants, for sensors and the reaper: what waits, what runs, what has died. A tenant's own are in `store.requests`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from domain.requests import KINDS, LAUNCH_TIMEOUT, Request
from store.requests import COLUMNS, fail, request_of


class SystemRequests:
    """Requests of all tenants, for the sensor and the reaper."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def ask(self, tenant_id: UUID, *, request_id: UUID, kind: str, subject: str) -> Request:
        """Insert a pending request of a tenant, for all there is to do of its kind."""
        rules = KINDS[kind]
        row = self._connection.execute(
            sa.text(
                "insert into requests (tenant_id, request_id, kind, subject, claim_on, state, max_attempts)"
                f" values (:tenant, :id, :kind, :subject, :on, 'pending', :most) returning {COLUMNS}"
            ),
            {"tenant": tenant_id, "id": request_id, "kind": kind, "subject": subject, "on": rules.claim_on, "most": rules.max_attempts},
        ).one()
        return request_of(row)

    def open_of(self, kinds: Mapping[str, str]) -> frozenset[tuple[UUID, str]]:
        """Whose requests of these kinds have not ended, each by the name under which the kind is given."""
        rows = self._connection.execute(
            sa.text("select tenant_id, kind from requests where state in ('pending', 'launched', 'running') and kind = any(:kinds)"),
            {"kinds": list(kinds.values())},
        )
        names = {kind: name for name, kind in kinds.items()}
        return frozenset((row.tenant_id, names[row.kind]) for row in rows)

    def waiting(self, *, limit: int = 500) -> list[Request]:
        """What the API has not launched, and launches that no run claimed; of no suspended workspace. Locked against a second sensor."""
        rows = self._connection.execute(
            sa.text(
                f"select {COLUMNS} from requests r where"
                " ((state = 'pending' and not_before <= clock_timestamp())"
                " or (state = 'launched' and launched_at + :lost <= clock_timestamp()))"
                " and not exists (select from tenants t where t.tenant_id = r.tenant_id and t.suspended_at is not null)"
                " order by created_at limit :limit for update of r skip locked"
            ),
            {"lost": LAUNCH_TIMEOUT, "limit": limit},
        )
        return [request_of(row) for row in rows]

    def live(self) -> tuple[int, frozenset[tuple[UUID, str]]]:
        """How many runs are live, and whose claims they hold or will hold."""
        rows = self._connection.execute(
            sa.text(
                "select tenant_id, claim_on from requests where state = 'running' or (state = 'launched' and launched_at + :lost > clock_timestamp())"
            ),
            {"lost": LAUNCH_TIMEOUT},
        ).all()
        return len(rows), frozenset((row.tenant_id, row.claim_on) for row in rows)

    def launch(self, request: Request) -> Request:
        """Mark as launched once more; the returned request carries the launch's own run key."""
        row = self._connection.execute(
            sa.text(
                "update requests set state = 'launched', launched_at = clock_timestamp(), launches = launches + 1"
                f" where tenant_id = :tenant and request_id = :id and attempt = :attempt and state in ('pending', 'launched') returning {COLUMNS}"
            ),
            {"tenant": request.tenant_id, "id": request.request_id, "attempt": request.attempt},
        ).one()
        return request_of(row)

    def running(self) -> list[tuple[str, bool]]:
        """The runs that hold a claim, and whether their lease has run out. Nothing is locked: a frozen run may hold its row."""
        rows = self._connection.execute(
            sa.text("select run_id, lease_until < clock_timestamp() as is_overdue from requests where state = 'running'")
        )
        return [(row.run_id, row.is_overdue) for row in rows]

    def expired(self, dead: Sequence[str] = ()) -> list[Request]:
        """Attempts whose lease ran out (their run is dead, stopped or paused), or whose run is known to be dead."""
        rows = self._connection.execute(
            sa.text(
                f"select {COLUMNS} from requests where state = 'running' and (lease_until < clock_timestamp() or run_id = any(:dead))"
                " for update skip locked"
            ),
            {"dead": list(dead)},
        )
        return [request_of(row) for row in rows]

    def of_run(self, tenant_id: UUID, run_id: str) -> Request | None:
        row = self._connection.execute(
            sa.text(f"select {COLUMNS} from requests where tenant_id = :tenant and run_id = :run for update"),
            {"tenant": tenant_id, "run": run_id},
        ).first()
        return request_of(row) if row else None

    def launched(self, tenant_id: UUID, request_id: UUID | None, attempt: int) -> Request | None:
        """The request whose launch, of this attempt, no run has claimed."""
        row = self._connection.execute(
            sa.text(
                f"select {COLUMNS} from requests where tenant_id = :tenant and request_id = :id and attempt = :attempt and state = 'launched' for update"
            ),
            {"tenant": tenant_id, "id": request_id, "attempt": attempt},
        ).first()
        return request_of(row) if row else None

    def fail(self, request: Request, *, error: Mapping[str, object], retryable: bool) -> Request:
        return fail(self._connection, request, error=error, retryable=retryable)

    def tenants(self) -> list[UUID]:
        return list(self._connection.execute(sa.text("select tenant_id from tenants order by tenant_id")).scalars())

    def suspended(self) -> frozenset[UUID]:
        """The workspaces that are suspended: their due work waits."""
        return frozenset(self._connection.execute(sa.text("select tenant_id from tenants where suspended_at is not null")).scalars())

    def forget_expired(self) -> int:
        """Drop idempotency keys past their day."""
        return self._connection.execute(sa.text("delete from idempotency_keys where expires_at < clock_timestamp()")).rowcount
