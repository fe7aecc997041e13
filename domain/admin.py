"""What administrators of the platform see and set, across workspaces. What they may set is in `domain.admin_rules`,
logs are in `domain.admin_logs`.

Money is exact USD; `n`, `calls` and `days` say over how many rows a sum was made.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class DeadKind(StrEnum):
    """What lies where nothing moves it any more."""

    MAIL = "mail"
    REQUEST = "request"
    RESERVATION = "reservation"


class SumBy(StrEnum):
    """What calls and their costs are summed by. `kind`: what they were for."""

    DAY = "day"
    PROVIDER = "provider"
    TENANT = "tenant"
    KIND = "kind"


class EventState(StrEnum):
    """How an event of a payment provider stands."""

    KEPT = "kept"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AdminUser:
    """A user of the platform."""

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


@dataclass(frozen=True, slots=True)
class AdminMember:
    """Who is in which workspace."""

    user_id: UUID
    email: str
    tenant_id: UUID
    workspace: str
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class AdminSession:
    """A session of a user, live or ended."""

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


@dataclass(frozen=True, slots=True)
class AdminTenant:
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


@dataclass(frozen=True, slots=True)
class PlanOverride:
    """Counts instead of the plan's own until `expires_at`. `what` is `plan`, or a meter; `most` None is no limit."""

    what: str
    plan: str | None
    most: int | None
    period: str | None
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Meter:
    """What was used of one meter in the period that is running, and the limit that holds; None for no limit."""

    meter: str
    period: str
    used: int
    most: int | None


@dataclass(frozen=True, slots=True)
class CallCosts:
    """Calls to the outside by day, provider or workspace; `priced` of them have a price."""

    name: str
    calls: int
    failures: int
    units: Decimal
    priced: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Spending:
    """What the ledger holds and has spent, over `days` rows of workspaces' days."""

    name: str
    days: int
    reserved_usd: Decimal
    spent_usd: Decimal


@dataclass(frozen=True, slots=True)
class CostSum:
    """The ledger of days that were counted, by day, provider, kind of work or workspace; `unknown`: operations without a known price."""

    name: str
    operations: int
    unknown: int
    reserved_usd: Decimal
    spent_usd: Decimal


@dataclass(frozen=True, slots=True)
class DeploymentCap:
    """What all workspaces together hold and have spent in the day or month that is running, and may."""

    period: str
    used_usd: Decimal
    cap_usd: Decimal


@dataclass(frozen=True, slots=True)
class CashDay:
    """What was paid and given back on a day, in whole cents."""

    day: date
    provider: str
    currency: str
    payments: int
    paid_cents: int
    refunds: int
    refunded_cents: int


@dataclass(frozen=True, slots=True)
class InboxEvent:
    """An event of a payment provider, without what it says. `rank` orders the inbox: those that failed first."""

    provider: str
    event_id: str
    tenant_id: UUID | None
    kind: str
    type: str
    state: str
    source: str
    attempts: int
    error: str | None
    happened_at: datetime
    received_at: datetime
    ended_at: datetime | None
    rank: int

    @property
    def position(self) -> tuple[int, datetime, str]:
        return self.rank, self.received_at, f"{self.provider}:{self.event_id}"


@dataclass(frozen=True, slots=True)
class MeterUse:
    """How much of a meter was used, by day or workspace."""

    name: str
    meter: str
    period_start: date
    tenants: int
    used: Decimal


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """What was used of a provider's quota until it resets."""

    project: str
    bucket: str
    resets_at: datetime
    used: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something, and since when the oldest waits."""

    name: str
    n: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Something that failed for good, or that nobody knows the end of."""

    kind: str
    tenant_id: UUID
    id: str
    failed_at: datetime
    subject: str
    attempts: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a member told."""

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


@dataclass(frozen=True, slots=True)
class Impersonation:
    """An administrator acts as a member of one workspace (None once it was erased), until it is ended or its time is up."""

    session_id: UUID
    impersonator: UUID
    user_id: UUID
    email: str
    tenant_id: UUID | None
    reason: str
    created_at: datetime
    ends_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Switch:
    """A feature switch with its default; `overrides` workspaces have it otherwise or fixed."""

    name: str
    description: str
    is_on: bool
    updated_at: datetime
    overrides: int
