"""What /admin answers of the logs. Field by field what `domain.admin_logs` holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from api.admin.shapes import WORKSPACE


class AuditOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """One line of an audit log; the id of zeros is the platform's own. `address` null: no call, or too old."""

    tenant_id: UUID
    entry_id: UUID
    happened_at: datetime
    actor: UUID | None
    impersonator: UUID | None
    action: str
    subject: str
    details: dict[str, Any]
    address: str | None
    request_id: str | None


class AuthEventOut(msgspec.Struct, frozen=True, kw_only=True):
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


class AccessOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """One call that was answered. `endpoint` is the route's template: no path, no query. Ids are null where nobody was proven."""

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
