"""Calls that change something at a payment provider: written down, with the key that makes the same call again harmless, before they are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from domain.errors import Conflict, NotFound
from store.repository import Repository


@dataclass(frozen=True, slots=True)
class Call:
    """`operation` is ours, `call_key` is sent to the provider. `answer` is what came of it, once that is known.

    `error` of an open one: its outcome is in doubt.
    """

    operation: str
    action: str
    wanted: Mapping[str, Any]
    call_key: str
    state: str
    answer: Mapping[str, Any] | None
    error: str | None
    created_at: datetime


class BillingCalls(Repository):
    """One workspace's."""

    def __init__(self, connection: sa.Connection, tenant_id: UUID, *, user_id: UUID | None = None) -> None:
        super().__init__(connection, tenant_id)
        self._user_id = user_id

    def open(self, operation: str, action: str, wanted: Mapping[str, object], *, call_key: str) -> Call:
        """Write it down, once: the same operation again gives what was written. Raises Conflict where it was for something else."""
        self._run(
            "insert into billing_calls (tenant_id, operation, action, wanted, call_key, state, user_id)"
            " values (:tenant, :operation, :action, cast(:wanted as jsonb), :key, 'open', :user) on conflict do nothing",
            operation=operation, action=action, wanted=msgspec.json.encode(wanted).decode(), key=call_key, user=self._user_id,
        )  # fmt: skip
        found = self._one(operation)
        if found.action != action or dict(found.wanted) != msgspec.to_builtins(dict(wanted)):
            raise Conflict(f"{operation} was asked for something else: use a new key")
        return found

    def find(self, operation: str) -> Call | None:
        row = self._run(
            f"select {_COLUMNS} from billing_calls where tenant_id = :tenant and operation = :operation", operation=operation
        ).first()
        return Call(**row._mapping) if row else None

    def reopen(self, operation: str, action: str, wanted: Mapping[str, object], *, call_key: str) -> Call:
        """It has ended, and is asked for again: as a new one."""
        self._run(
            "update billing_calls set action = :action, wanted = cast(:wanted as jsonb), call_key = :key, state = 'open', error = null,"
            " user_id = :user, created_at = clock_timestamp(), ended_at = null, answer = null"
            " where tenant_id = :tenant and operation = :operation and state <> 'open'",
            operation=operation, action=action, wanted=msgspec.json.encode(wanted).decode(), key=call_key, user=self._user_id,
        )  # fmt: skip
        return self._one(operation)

    def doubt(self, operation: str, error: str) -> None:
        """Whoever made it is not at it any more, and does not know what came of it."""
        self._run(
            "update billing_calls set error = :error where tenant_id = :tenant and operation = :operation and state = 'open'",
            operation=operation, error=error,
        )  # fmt: skip

    def newest(self, *actions: str, done: bool = False) -> Call | None:
        """The one of these that was asked for last; of all, or of those that were done."""
        row = self._run(
            f"select {_COLUMNS} from billing_calls where tenant_id = :tenant and action = any(:actions) and (not :done or state = 'done')"
            " order by created_at desc limit 1",
            actions=list(actions),
            done=done,
        ).first()
        return Call(**row._mapping) if row else None

    def open_of(self, action: str) -> list[Call]:
        """Those that did not end."""
        rows = self._run(
            f"select {_COLUMNS} from billing_calls where tenant_id = :tenant and action = :action and state = 'open' order by created_at",
            action=action,
        )
        return [Call(**row._mapping) for row in rows]

    def renew(self, operation: str, call_key: str) -> Call:
        """Somebody is at it again, with this key: another one where the provider keeps a failure for the old one, or has forgotten it."""
        self._run(
            "update billing_calls set call_key = :key, error = null where tenant_id = :tenant and operation = :operation and state = 'open'",
            operation=operation, key=call_key,
        )  # fmt: skip
        return self._one(operation)

    def end(self, operation: str, *, answer: Mapping[str, object] | None = None, error: str | None = None) -> None:
        """It was done, or it failed for good. The first end counts."""
        self._run(
            "update billing_calls set state = :state, answer = cast(:answer as jsonb), error = :error, ended_at = clock_timestamp()"
            " where tenant_id = :tenant and operation = :operation and state = 'open'",
            operation=operation, state="done" if error is None else "failed", error=error,
            answer=None if answer is None else msgspec.json.encode(answer).decode(),
        )  # fmt: skip

    def unfinished(self, *, before: datetime) -> list[Call]:
        """Those that were begun before then and did not end: in doubt, or whoever made them died. Oldest first."""
        rows = self._run(
            f"select {_COLUMNS} from billing_calls where tenant_id = :tenant and state = 'open' and created_at < :before order by created_at",
            before=before,
        )
        return [Call(**row._mapping) for row in rows]

    def _one(self, operation: str) -> Call:
        found = self.find(operation)
        if found is None:
            raise NotFound("operation", operation)
        return found


_COLUMNS = "operation, action, wanted, call_key, state, answer, error, created_at"
