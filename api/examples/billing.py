"""Examples of paying."""

from datetime import UTC, datetime
from uuid import UUID

from api.billing.buying import ChangedOut, ChangeIn, CheckoutIn, CheckoutOut, LineOut, PortalIn, PortalOut, PreviewOut
from api.billing.papers import InvoiceOut, MethodOut, MethodsOut, PaymentOut, RefundOut
from api.billing.subscription import SubscriptionChangeOut, SubscriptionOut
from api.examples.shape import CURSOR, NOON, Example
from api.pages import Page

_BEGAN, _END = datetime(2026, 11, 1, 9, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC)
_SUBSCRIPTION = SubscriptionOut(
    plan="starter",
    bought="starter",
    status="active",
    is_payment_needed=False,
    grace_until=None,
    ends_at=None,
    provider="stripe",
    subscription_id="sub_1SAbCdEfGh",
    price="starter_monthly",
    month_cents=3900,
    currency="usd",
    period_start=_BEGAN,
    period_end=_END,
    trial_end=None,
    scheduled_price=None,
    scheduled_plan=None,
    updated_at=_BEGAN,
)
_CHECKOUT = Example(
    CheckoutOut(
        checkout_id="cs_live_a1b2c3",
        url="https://checkout.stripe.com/c/pay/cs_live_a1b2c3",
        provider="stripe",
        price="starter_monthly",
        plan="starter",
        trial_days=14,
        expires_at=datetime(2026, 11, 11, 12, tzinfo=UTC),
    ),
    CheckoutIn(price="starter_monthly"),
)
_LINES = [
    LineOut(
        description="Unused time on Starter",
        amount_cents=-2700,
        quantity=1,
        is_proration=True,
        period_start=NOON,
        period_end=_END,
    ),
    LineOut(
        description="Remaining time on Growth",
        amount_cents=6854,
        quantity=1,
        is_proration=True,
        period_start=NOON,
        period_end=_END,
    ),
]
_CHANGED = ChangedOut(
    effect="at_once",
    effective_at=NOON,
    subscription_id="sub_1SAbCdEfGh",
    plan="growth",
    price="growth_monthly",
    status="active",
    scheduled_price=None,
    ends_at=None,
    invoice_id="in_1SAbCdEfGi",
    total_cents=4154,
    paid_cents=4154,
    currency="usd",
)
_INVOICE = InvoiceOut(
    invoice_id="in_1SAbCdEfGi",
    provider="stripe",
    number="WHY-0002",
    subscription_id="sub_1SAbCdEfGh",
    payment_id="pi_1SAbCdEfGj",
    state="paid",
    reason="subscription_update",
    currency="usd",
    subtotal_cents=4154,
    tax_cents=0,
    total_cents=4154,
    due_cents=4154,
    paid_cents=4154,
    remaining_cents=0,
    lines=_LINES,
    period_start=NOON,
    period_end=_END,
    created_at=NOON,
    paid_at=NOON,
    next_attempt_at=None,
    page_url="https://invoice.stripe.com/i/a1b2c3",
    pdf_url="https://pay.stripe.com/invoice/a1b2c3/pdf",
)

EXAMPLES = {
    "GET /billing/subscription": Example(_SUBSCRIPTION),
    "POST /billing/subscription/refresh": Example(_SUBSCRIPTION),
    "GET /billing/subscription/history": Example(Page(
        items=[SubscriptionChangeOut(
            change_id=UUID("01931c00-0000-7000-8000-0000000000b1"), changed_at=_BEGAN, plan="starter", status="active", provider="stripe",
            price="starter_monthly", month_cents=3900, currency="usd", cause="event:checkout.session.completed",
        )],
        next_cursor=CURSOR, has_more=True,
    )),
    "POST /billing/checkout": _CHECKOUT,
    "POST /billing/portal": Example(PortalOut(url="https://billing.stripe.com/p/session/a1b2c3"), PortalIn()),
    "GET /billing/upgrade/preview": Example(PreviewOut(
        effect="at_once", effective_at=NOON, price="growth_monthly", plan="growth", due_cents=4154, credit_cents=2700, charge_cents=6854,
        currency="usd", lines=_LINES, at=NOON,
    )),
    "POST /billing/upgrade": Example(_CHANGED, ChangeIn(price="growth_monthly")),
    "POST /billing/cancel": Example(ChangedOut(
        effect="at_period_end", effective_at=_END, subscription_id="sub_1SAbCdEfGh", plan="starter", price="starter_monthly",
        status="canceling", scheduled_price=None, ends_at=_END, invoice_id=None, total_cents=None, paid_cents=None, currency="usd",
    )),
    "POST /billing/resume": Example(ChangedOut(
        effect="at_once", effective_at=NOON, subscription_id="sub_1SAbCdEfGh", plan="starter", price="starter_monthly",
        status="active", scheduled_price=None, ends_at=None, invoice_id=None, total_cents=None, paid_cents=None, currency="usd",
    )),
    "GET /billing/invoices": Example(Page(items=[_INVOICE], next_cursor=None, has_more=False)),
    "GET /billing/invoices/{invoice_id}": Example(_INVOICE),
    "GET /billing/payments": Example(Page(
        items=[PaymentOut(
            payment_id="pi_1SAbCdEfGj", provider="stripe", invoice_id="in_1SAbCdEfGi", subscription_id="sub_1SAbCdEfGh",
            state="refunded", currency="usd", amount_cents=4154, refunded_cents=4154, failure_code=None, failure=None, needs_action=False,
            dispute=None, created_at=NOON,
        )],
        next_cursor=None, has_more=False,
    )),
    "GET /billing/refunds": Example(Page(
        items=[RefundOut(
            refund_id="re_1SAbCdEfGk", provider="stripe", payment_id="pi_1SAbCdEfGj", state="succeeded", currency="usd",
            amount_cents=4154, reason="requested_by_customer", created_at=NOON,
        )],
        next_cursor=None, has_more=False,
    )),
    "GET /billing/payment-methods": Example(MethodsOut(items=[MethodOut(
        method_id="pm_1SAbCdEfGl", provider="stripe", kind="card", brand="visa", last4="4242", exp_month=12, exp_year=2029, is_default=True,
    )])),
    "GET /billing/return/success": Example("<!doctype html>...<h1>Thank you</h1>...", media_type="text/html"),
    "GET /billing/return/cancel": Example("<!doctype html>...<h1>Nothing was bought</h1>...", media_type="text/html"),
}  # fmt: skip
