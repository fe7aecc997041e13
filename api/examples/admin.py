"""Examples of /admin and of feedback."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from api.admin import bodies as given
from api.admin import log_shapes as logs
from api.admin import money_shapes as money
from api.admin import shapes as out
from api.examples.shape import CURSOR, NOON, REQUEST, USER, WORKSPACE, Example
from api.feedback import FeedbackIn, ReceivedOut
from api.me import FeaturesOut
from api.pages import Page

_ADMIN = UUID("01931c00-0000-7000-8000-0000000000ad")
_ID = UUID("01931c00-0000-7000-8000-0000000000ae")
_DAY = NOON.date()
_REASON = "the payment is disputed"
_USER = out.UserOut(
    user_id=USER, email="ana@example.org", full_name="Ana Example", is_active=True, is_verified=True, is_platform_admin=False,
    has_second_factor=False, created_at=NOON, deactivated_at=None, last_seen_at=NOON, workspaces=1,
)  # fmt: skip
_MEMBER = out.MemberOut(
    user_id=USER, email="ana@example.org", tenant_id=WORKSPACE, workspace="Example Kitchen", role="owner", joined_at=NOON
)
_SESSION = out.SessionOut(
    session_id=_ID, kind="tokens", tenant_id=WORKSPACE, created_at=NOON, used_at=NOON, ends_at=NOON, ended_at=None, end_reason=None,
    has_second_factor=False, impersonator=None, address="192.0.2.7", user_agent=None,
)  # fmt: skip
_TENANT = out.TenantOut(
    tenant_id=WORKSPACE, workspace="Example Kitchen", is_demo=False, created_at=NOON, suspended_at=None, suspension_reason=None,
    plan="free",
    status="active", owner_id=USER, owner_email="ana@example.org", members=1,
)  # fmt: skip
_OVERRIDE = out.OverrideOut(what="imports_per_day", plan=None, most=500, period="day", reason="a migration", expires_at=NOON)
_ACTING = out.ImpersonationOut(
    session_id=_ID, impersonator=_ADMIN, user_id=USER, email="ana@example.org", tenant_id=WORKSPACE, reason="ticket 17: no clips",
    created_at=NOON, ends_at=NOON, ended_at=None,
)  # fmt: skip
_SCHEME, _SIGNED = "Bearer", "eyJhbGciOiJIUzI1NiJ9..."
_FEEDBACK = out.FeedbackOut(
    feedback_id=_ID, tenant_id=WORKSPACE, workspace="Example Kitchen", user_id=USER, category="wish", message="Clips in 4:5, please.",
    rating=4, created_at=NOON, done_at=None, done_by=None,
)  # fmt: skip
_AUDIT = logs.AuditOut(
    tenant_id=WORKSPACE, entry_id=_ID, happened_at=NOON, actor=_ADMIN, impersonator=None, action="tenant.suspended", subject=str(WORKSPACE),
    details={"before": {"is_suspended": False}, "after": {"is_suspended": True}, "reason": _REASON}, address="192.0.2.7",
    request_id="6c179f90",
)  # fmt: skip
_AUTH = logs.AuthEventOut(
    event_id=_ID, happened_at=NOON, kind="login", is_success=False, user_id=USER, address="192.0.2.7", user_agent=None, reason="password",
    request_id="6c179f90",
)  # fmt: skip
_CALL = logs.AccessOut(
    access_id=_ID, happened_at=NOON, method="GET", endpoint="/api/v1/videos/{video_id}", status=404, response_ms=4.2, address="192.0.2.7",
    user_agent=None, tenant_id=WORKSPACE, user_id=USER, key_id=None, session_id=_ID, impersonator=None, request_id="6c179f90",
    error_code="not_found",
)  # fmt: skip
_DEAD = out.DeadLetterOut(
    kind="request", tenant_id=WORKSPACE, id=str(REQUEST), failed_at=NOON, subject="insights", attempts=3, reason="the run was killed"
)
_SWITCH = out.SwitchOut(name="clip_templates", description="Templates for clips", is_on=False, updated_at=NOON, overrides=1)


def _page(item: object) -> Example:
    return Example(Page(items=[item], next_cursor=CURSOR, has_more=True))


_EVENT = money.BillingEventOut(
    provider="stripe", event_id="evt_1SVxq2Fz3", tenant_id=WORKSPACE, kind="invoice", type="invoice.paid", state="failed", source="webhook",
    attempts=10, error="stripe: no answer within 20 s", happened_at=NOON, received_at=NOON, ended_at=NOON,
)  # fmt: skip
_MOVED: dict[str, Any] = {
    **dict.fromkeys((each.name for each in msgspec.structs.fields(money.MovementsOut)), 0),
    "currency": "usd", "mrr_cents": 9900, "moved_in_cents": 3900, "expansion_cents": 6000, "subscribers": 1, "moved_in_subscribers": 1,
}  # fmt: skip
EXAMPLES = {
    "GET /me/features": Example(FeaturesOut(features={"clip_templates": True})),
    "POST /feedback": Example(
        ReceivedOut(feedback_id=_ID, created_at=NOON), FeedbackIn(category="wish", message="Clips in 4:5, please.", rating=4)
    ),
    "GET /admin/status": Example(
        out.StatusOut(
            status="healthy",
            version="1.0.0",
            python="3.12.4",
            database_version="16.4",
            database_bytes=812_000_000,
            disk_free_bytes=90_000_000_000,
            components={"database": "healthy", "files": "healthy", "dagster_webserver": "healthy"},
            counts=[out.CountOut(name="requests_pending", n=3, oldest_at=NOON)],
        )
    ),
    "GET /admin/api-costs": Example(
        out.CostsOut(
            by="day",
            since=_DAY,
            until=_DAY,
            calls=[out.CallsOut(name="2026-11-10", calls=120, failures=2, units=118, priced=20, cost_usd="0.03")],
            ledger=[out.SpendingOut(name="2026-11-10", days=2, reserved_usd="0.00", spent_usd="0.03")],
            counted=[money.CostSumOut(name="2026-11-10", operations=20, unknown=0, reserved_usd="0.00", spent_usd="0.03")],
            forecasts=[money.OutlookOut(name="all", n_days=7, daily_usd="0.03", month_usd="0.90")],
            caps=[money.CapOut(period="day", used_usd="0.03", cap_usd="150.00")],
            quotas=[out.QuotaOut(project="default", bucket="youtube.units", resets_at=NOON, used=311)],
        )
    ),
    "GET /admin/usage": Example(
        out.UsageOut(
            by="day",
            since=_DAY,
            until=_DAY,
            items=[out.MeterUseOut(name="2026-11-10", meter="imports_per_day", period_start=_DAY, tenants=2, used=17)],
        )
    ),
    "GET /admin/revenue": Example(
        money.RevenueOut(
            as_of=NOON,
            since=_DAY,
            until=date(2026, 11, 11),
            last_day=_DAY,
            now=[money.MrrOut(plan="growth", currency="usd", mrr_cents=9900, subscribers=1)],
            churn=[
                money.ChurnOut(
                    currency="usd", start_mrr_cents=3900, start_subscribers=1, subscribers_share=0.0, gross_share=0.0, net_share=-1.5385
                )
            ],
            days=[money.RevenueDayOut(day=_DAY, **_MOVED)],
            plans=[money.PlanRevenueOut(plan="growth", **_MOVED)],
            cash=[money.CashOut(day=_DAY, provider="stripe", currency="usd", payments=1, paid_cents=6000, refunds=0, refunded_cents=0)],
        )
    ),
    "GET /admin/unit-economics": Example(
        money.UnitEconomicsOut(
            since=_DAY,
            until=date(2026, 11, 11),
            last_day=_DAY,
            units=[money.UnitCostOut(unit="clip", units=40, outside_usd="0.00", own_usd="0.03", each_usd="0.00075")],
            plans=[money.PlanMarginOut(plan="growth", revenue_usd="3.30", cost_usd="0.12", fees_usd="0.11", margin=0.9303)],
        )
    ),
    "POST /admin/tenants/{workspace_id}/refunds": Example(
        money.GivenBackOut(
            provider="stripe", refund_id="re_3SVxq2Fz", payment_id="pi_3SVxq2Fz", state="succeeded", currency="usd", amount_cents=1900
        ),
        money.RefundIn(payment_id="pi_3SVxq2Fz", reason="charged twice", amount_cents=1900, cause="duplicate"),
    ),
    "GET /admin/billing/events": _page(_EVENT),
    "POST /admin/billing/events/{provider}/{event_id}/retry": Example(out.RetriedOut(kind="billing_event", id=_EVENT.event_id)),
    "GET /admin/users": _page(_USER),
    "GET /admin/users/{user_id}": Example(out.UserDetailOut(user=_USER, memberships=[_MEMBER], sessions=[_SESSION])),
    "PUT /admin/users/{user_id}/deactivation": Example(_USER, given.ReasonIn(reason=_REASON)),
    "DELETE /admin/users/{user_id}/deactivation": Example(_USER),
    "DELETE /admin/users/{user_id}/sessions": Example(out.EndedOut(sessions_ended=2)),
    "GET /admin/tenants": _page(_TENANT),
    "GET /admin/tenants/{workspace_id}": Example(
        out.TenantDetailOut(
            tenant=_TENANT,
            plan="free",
            status="active",
            members=[_MEMBER],
            counts={"videos": 1200},
            overrides=[_OVERRIDE],
            meters=[out.MeterOut(meter="imports_per_day", period="day", used=3, most=500)],
        )
    ),
    "PUT /admin/tenants/{workspace_id}/suspension": Example(_TENANT, given.ReasonIn(reason=_REASON)),
    "DELETE /admin/tenants/{workspace_id}/suspension": Example(_TENANT),
    "PUT /admin/tenants/{workspace_id}/overrides/{what}": Example(
        _OVERRIDE, given.OverrideIn(reason="a migration", expires_at=NOON, most=500)
    ),
    "PUT /admin/tenants/{workspace_id}/caps/{period}": Example(
        money.CapsOut(day_usd="3.00", month_usd="18.00"), given.CapIn(cap_usd="3.00", reason="a migration")
    ),
    "DELETE /admin/tenants/{workspace_id}/caps/{period}": Example(money.CapsOut(day_usd="6.00", month_usd="18.00")),
    "PUT /admin/tenants/{workspace_id}/stops/{subject}/excuse": Example(
        money.ExcusedOut(operations=["fetch:01931c00-0000-7000-8000-0000000000f1"]), given.ReasonIn(reason="the provider counted twice")
    ),
    "GET /admin/audit-log": _page(_AUDIT),
    "GET /admin/access-log": _page(_CALL),
    "GET /admin/auth-log": _page(_AUTH),
    "GET /admin/impersonations": _page(_ACTING),
    "POST /admin/impersonations": Example(
        out.BegunOut(impersonation=_ACTING, access_token=_SIGNED, token_type=_SCHEME, expires_in=1800),
        given.ImpersonationIn(workspace_id=WORKSPACE, reason="ticket 17: no clips"),
    ),
    "DELETE /admin/impersonations/{session_id}": Example(_ACTING),
    "GET /admin/dead-letters": _page(_DEAD),
    "POST /admin/dead-letters/{kind}/retries": Example(
        out.RetriedOut(kind="request", id=str(REQUEST)), given.RetryIn(workspace_id=WORKSPACE, id=str(REQUEST))
    ),
    "GET /admin/feedback": _page(_FEEDBACK),
    "PUT /admin/feedback/{feedback_id}": Example(None, given.SettledIn(workspace_id=WORKSPACE, is_done=True)),
    "GET /admin/switches": Example(out.SwitchesOut(items=[_SWITCH])),
    "PUT /admin/switches/{name}": Example(None, given.SwitchIn(description="Templates for clips", is_on=False)),
    "PUT /admin/switches/{name}/overrides/{workspace_id}": Example(None, given.SwitchOverrideIn(is_on=True, reason="asked for it")),
}
