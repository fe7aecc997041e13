"""What /admin answers. Field by field what `domain.admin` holds; a tenant is a workspace here, money is a decimal in a string."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from api.admin.money_shapes import CapOut, CostSumOut, OutlookOut
from api.owner.shapes import exact
from domain.money import DECIMALS

WORKSPACE = {"tenant_id": "workspace_id"}


class UserOut(msgspec.Struct, frozen=True, kw_only=True):
    """A user of the platform, with how many workspaces they are in."""

    user_id: UUID
    email: str
    full_name: str | None
    is_active: bool
    is_verified: bool
    is_platform_admin: bool
    has_second_factor: bool
    created_at: datetime
    deactivated_at: datetime | None
    last_seen_at: datetime | None
    workspaces: int


class MemberOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """A membership."""

    user_id: UUID
    email: str
    tenant_id: UUID
    workspace: str
    role: str
    joined_at: datetime


class SessionOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """A session, live until `ended_at` or `ends_at`."""

    session_id: UUID
    kind: str
    tenant_id: UUID | None
    created_at: datetime
    used_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    end_reason: str | None
    has_second_factor: bool
    impersonator: UUID | None
    address: str | None
    user_agent: str | None


class UserDetailOut(msgspec.Struct, frozen=True, kw_only=True):
    """A user with their memberships and newest sessions."""

    user: UserOut
    memberships: list[MemberOut]
    sessions: list[SessionOut]


class EndedOut(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions were ended."""

    sessions_ended: int


class TenantOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """A workspace; suspended where `suspended_at` is set."""

    tenant_id: UUID
    workspace: str
    is_demo: bool
    created_at: datetime
    suspended_at: datetime | None
    suspension_reason: str | None
    plan: str | None
    status: str | None
    owner_id: UUID | None
    owner_email: str | None
    members: int


class OverrideOut(msgspec.Struct, frozen=True, kw_only=True):
    """Counts instead of the plan's own until it expires. `what`: `plan`, or a meter; `most` null is no limit."""

    what: str
    plan: str | None
    most: int | None
    period: str | None
    reason: str
    expires_at: datetime


class MeterOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was used of a meter in the period that runs, and the limit that holds."""

    meter: str
    period: str
    used: int
    most: int | None


class TenantDetailOut(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace with its members, rows, overrides and meters. `plan` is the one that counts now."""

    tenant: TenantOut
    plan: str
    status: str
    members: list[MemberOut]
    counts: dict[str, int]
    overrides: list[OverrideOut]
    meters: list[MeterOut]


class CountOut(msgspec.Struct, frozen=True, kw_only=True):
    """How many, and since when the oldest of them waits."""

    name: str
    n: int
    oldest_at: datetime | None


class StatusOut(msgspec.Struct, frozen=True, kw_only=True):
    """How everything is. `components`: `healthy`, or what is wrong."""

    status: str
    version: str
    python: str
    database_version: str
    database_bytes: int
    disk_free_bytes: int
    components: dict[str, str]
    counts: list[CountOut]


class CallsOut(msgspec.Struct, frozen=True, kw_only=True):
    """Calls to the outside, by `name`; `priced` of them have a price, and `cost_usd` is their sum."""

    name: str
    calls: int
    failures: int
    units: int
    priced: int
    cost_usd: str


class SpendingOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger holds and has spent, over so many days of workspaces."""

    name: str
    days: int
    reserved_usd: str
    spent_usd: str


class QuotaOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was used of a provider's quota until it resets."""

    project: str
    bucket: str
    resets_at: datetime
    used: int


class CostsOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the outside cost from `since` until before `until`, UTC days.

    `calls` by kind are by provider, `ledger` (as it is now) by provider or kind is by workspace. `counted` is the ledger as of the last
    daily counting, by what was asked for. `forecasts` are of the running month: by provider, by workspace, else of `all`.
    """

    by: str
    since: date
    until: date
    calls: list[CallsOut]
    ledger: list[SpendingOut]
    counted: list[CostSumOut]
    forecasts: list[OutlookOut]
    caps: list[CapOut]
    quotas: list[QuotaOut]


class MeterUseOut(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a meter was used, over so many workspaces. `period_start` is the first day of the earliest period."""

    name: str
    meter: str
    period_start: date
    tenants: int
    used: int


class UsageOut(msgspec.Struct, frozen=True, kw_only=True):
    """Metered use of periods that begin from `since` until before `until`."""

    by: str
    since: date
    until: date
    items: list[MeterUseOut]


class DeadLetterOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """What failed for good, or what nobody knows the end of, with the reason."""

    kind: str
    tenant_id: UUID
    id: str
    failed_at: datetime
    subject: str
    attempts: int
    reason: str | None


class FeedbackOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """What a member told; open until `done_at`."""

    feedback_id: UUID
    tenant_id: UUID
    workspace: str
    user_id: UUID | None
    category: str
    message: str
    rating: int | None
    created_at: datetime
    done_at: datetime | None
    done_by: UUID | None


class ImpersonationOut(msgspec.Struct, frozen=True, kw_only=True, rename=WORKSPACE):
    """An administrator acts as a member, until it is ended or its time is up. The workspace is null once it was erased."""

    session_id: UUID
    impersonator: UUID
    user_id: UUID
    email: str
    tenant_id: UUID | None
    reason: str
    created_at: datetime
    ends_at: datetime
    ended_at: datetime | None


class BegunOut(msgspec.Struct, frozen=True, kw_only=True):
    """The impersonation, and the bearer token for it; shown only here."""

    impersonation: ImpersonationOut
    access_token: str
    token_type: str
    expires_in: int


class SwitchOut(msgspec.Struct, frozen=True, kw_only=True):
    """A feature switch; `overrides` workspaces have their own."""

    name: str
    description: str
    is_on: bool
    updated_at: datetime
    overrides: int


class SwitchesOut(msgspec.Struct, frozen=True, kw_only=True):
    """All switches, by name."""

    items: list[SwitchOut]


class RetriedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried once more."""

    kind: str
    id: str


def usd(value: Decimal) -> str:
    """As the ledger has it, with two places at least."""
    return exact(value, places=DECIMALS) or ""
