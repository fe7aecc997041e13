"""What /admin is sent."""

from datetime import datetime
from uuid import UUID

import msgspec


class ReasonIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why: 3 to 500 characters, kept in the audit log."""

    reason: str


class OverrideIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For `plan` the name of another plan; for a meter another limit (null: none) and, where the plan lacks it, its period."""

    reason: str
    expires_at: datetime
    plan: str | None = None
    most: int | None = None
    period: str | None = None


class CapIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """US dollars, as text."""

    cap_usd: str
    reason: str


class ImpersonationIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As whom; without `user_id` as the workspace's owner."""

    workspace_id: UUID
    reason: str
    user_id: UUID | None = None


class RetryIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`spent_usd` is for reservations: what the call had cost."""

    workspace_id: UUID
    id: str
    spent_usd: str | None = None


class SettledIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Done, or open again."""

    workspace_id: UUID
    is_done: bool


class SwitchIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The default, and what it is for."""

    description: str
    is_on: bool


class SwitchOverrideIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For one workspace, until it expires; null: until it is dropped."""

    is_on: bool
    reason: str
    expires_at: datetime | None = None
