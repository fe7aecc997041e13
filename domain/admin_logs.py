"""What administrators of the platform read of the logs: who did what, who came in, what was called.

The rest of what they see is in `domain.admin`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import FieldProblem, Unacceptable


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log. The id of zeros is the platform's own; `address` is None once its time is up."""

    tenant_id: UUID
    entry_id: UUID
    happened_at: datetime
    actor: UUID | None
    impersonator: UUID | None
    action: str
    subject: str
    details: Mapping[str, object]
    address: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """One line of the authentication log."""

    event_id: UUID
    happened_at: datetime
    kind: str
    is_success: bool
    user_id: UUID | None
    address: str | None
    user_agent: str | None
    reason: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the access log. `endpoint` is the route's template."""

    access_id: UUID
    happened_at: datetime
    method: str
    endpoint: str
    status: int
    response_ms: float
    address: str | None
    user_agent: str | None
    tenant_id: UUID | None
    user_id: UUID | None
    key_id: UUID | None
    session_id: UUID | None
    impersonator: UUID | None
    request_id: str | None
    error_code: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines; `action` also as the word before its dot."""

    tenant_id: UUID | None = None
    action: str | None = None
    actor: UUID | None = None


@dataclass(frozen=True, slots=True)
class AuthFilter:
    """Which lines; `is_success` False: those that did not come in."""

    user_id: UUID | None = None
    kind: str | None = None
    is_success: bool | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """Which lines; `lowest_status` 400: those that were refused or failed."""

    tenant_id: UUID | None = None
    user_id: UUID | None = None
    key_id: UUID | None = None
    method: str | None = None
    endpoint: str | None = None
    lowest_status: int | None = None
    address: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def check_moments(**moments: datetime | None) -> None:
    """A moment without an offset could be half a day off. Raises Unacceptable."""
    problems = tuple(
        FieldProblem(name, "say the offset from UTC, such as 2026-11-01T00:00:00Z")
        for name, moment in moments.items()
        if moment is not None and moment.tzinfo is None
    )
    if problems:
        raise Unacceptable("the time cannot be accepted", problems)
