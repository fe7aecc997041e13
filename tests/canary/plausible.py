"""What a column holds where a canary cannot stand: columns that name something of a known set, or have a shape of their own.

A new table needs a line only where its columns' types, checks and references do not say what fits.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from domain.clips.analysis import MediaAnalysis
from domain.clips.analysis_packing import pack as pack_analysis
from domain.engagement import BANDS
from services.insights.packing import pack
from tests.media import probe

MOMENT = datetime(2026, 11, 2, 12, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)

# By column name, whatever the table.
BY_NAME: Mapping[str, Any] = {
    "platform": "youtube", "expires_at": None, "removed_since": None, "removed_reason": None, "is_removed": False,
    "time_zone": "Europe/Berlin", "start_seconds": 1.0, "end_seconds": 9.0, "progress": 0.5, "language": "en", "expired_at": None,
    "deleted_at": None, "archived_at": None, "revoked_at": None, "country": "US",
}  # fmt: skip

_HEAT = [{"start_seconds": 0.0, "end_seconds": 3.0, "intensity_share": 1.0}]
_MEASURED = ("measured_at", "sha256", "width", "height", "brightness", "contrast", "colourfulness", "faces", "text_share")


def _reason(word: str) -> Any:
    return [{"name": word, "value": 1.0, "share": 0.5, "weight": 0.2}]


def _cue(word: str) -> Any:
    return [{"start_seconds": 1.0, "end_seconds": 2.0, "text": word}]


def _plan(word: str) -> Any:
    arms = [{"name": "A", "text": word}, {"name": "B", "text": f"{word}_b"}]
    noise = {"log_sd": 0.2, "source": "given", "impressions": 20_000.0, "rate": 0.05, "days": 0}
    return {
        "kind": "switchback", "name": word, "metric": "click_rate", "arms": arms, "slots": 28, "lift": 0.2, "noise": noise, "seed": 5,
        "alpha": 0.05, "power": 0.8, "stopping": "fixed_end", "subject": word, "varies": "title",
    }  # fmt: skip


def _pool(word: str) -> Any:
    feature = {"feature": word, "contrast": word, "tests": 5, "arms": 10, "treated": 5, "reason": word}
    return {"tests": 5, "arms": 10, "excluded": 0, "arm_sd": 0.1, "features": [feature], "metric": "click_rate"}


def _effect(word: str) -> Any:
    words = dict.fromkeys(("feature", "contrast", "estimand", "design", "sentence", "key", "outcome", "kind"), word)
    numbers = dict.fromkeys(
        ("estimate", "low", "high", "multiple", "multiple_low", "multiple_high", "naive", "p", "q", "mde", "robustness_value"), 0.1
    )
    counts = dict.fromkeys(("hypotheses", "n", "accounts", "treated", "control", "posts_needed"), 10)
    return {**words, **numbers, **counts, "verdict": "inconclusive", "reason": word, "is_lag_adjusted": False, "gates": [{"name": word}]}


def _prediction(word: str) -> Any:
    predicted = {"horizon": "7d", "median": 10.0, "low": 1.0, "high": 100.0, "level": 0.8, "reason": word}
    return {"predictions": [predicted], "changes": [{"feature": word}]}


_BILLED = {"provider": "stripe", "currency": "usd"}


def _subscription(word: str) -> Any:
    words = dict.fromkeys(("subscription_id", "customer_id", "price", "price_id", "latest_invoice_id", "reference"), word)
    moments = dict.fromkeys(("period_start", "period_end", "created_at"), MOMENT.isoformat())
    none = dict.fromkeys(("trial_end", "ends_at", "canceled_at", "ended_at", "schedule_id", "scheduled_price"))
    numbers = {"quantity": 1, "unit_amount_cents": 3900, "interval": "month"}
    return {**_BILLED, **words, **moments, **none, **numbers, "state": "active", "status": "active"}


def _invoice(word: str) -> Any:
    words = dict.fromkeys(("invoice_id", "number", "customer_id", "subscription_id", "payment_id", "reason", "page_url", "pdf_url"), word)
    cents = dict.fromkeys(("subtotal_cents", "tax_cents", "total_cents", "due_cents", "paid_cents", "remaining_cents", "attempts"), 1)
    none = dict.fromkeys(("period_start", "period_end", "paid_at", "next_attempt_at"))
    line = {
        "line_id": word, "description": word, "amount_cents": 1, "quantity": 1, "price_id": word, "is_proration": False,
        "period_start": None, "period_end": None,
    }  # fmt: skip
    moment = {"created_at": MOMENT.isoformat(), "lines": [line], "has_all_lines": True, "state": "paid"}
    return {**_BILLED, **words, **cents, **none, **moment}


def _payment(word: str) -> Any:
    words = dict.fromkeys(("payment_id", "charge_id", "customer_id", "invoice_id", "subscription_id", "failure_code", "failure"), word)
    cents = {"amount_cents": 1, "refunded_cents": 0}
    return {**_BILLED, **words, **cents, "state": "failed", "needs_action": False, "created_at": MOMENT.isoformat()}


def _refund(word: str) -> Any:
    words = dict.fromkeys(("refund_id", "payment_id", "charge_id", "reason"), word)
    return {**_BILLED, **words, "state": "succeeded", "amount_cents": 1, "created_at": MOMENT.isoformat()}


def _method(word: str) -> Any:
    words = dict.fromkeys(("method_id", "customer_id", "kind", "brand", "last4"), word)
    return {"provider": "stripe", **words, "exp_month": 12, "exp_year": 2029, "is_default": True}


def _probe(_: str) -> Any:
    return json.loads(json.dumps(asdict(probe()), default=str))


# By table and column: a value, or what makes one of the row's canary.
BY_COLUMN: Mapping[tuple[str, str], Any | Callable[[str], Any]] = {
    ("collections", "is_default"): False,
    ("usage_takes", "given_back_at"): None,
    ("plan_overrides", "plan"): None,
    ("plan_overrides", "period"): "day",
    ("plan_overrides", "expires_at"): LATER,
    ("idempotency_keys", "expires_at"): LATER,
    ("reservations", "expires_at"): LATER,
    ("reservations", "spent_usd"): None,
    ("reservations", "state"): "reserved",
    ("release_inputs", "expires_at"): LATER,
    ("release_inputs", "packed"): lambda word: pack({"canary": word}),
    ("exports", "expires_at"): LATER,
    ("deletions", "due_at"): LATER,
    ("deletions", "not_before"): LATER,
    ("deletions", "started_at"): None,
    ("deletions", "erased_at"): None,
    ("invitations", "expires_at"): LATER,
    ("invitations", "accepted_at"): None,
    ("owner_availability", "reason"): None,
    ("ledger_entries", "source"): "available",
    ("ledger_entries", "target"): "reserved",
    ("subscriptions", "plan"): "free",
    ("subscriptions", "status"): "active",
    ("channels", "status"): "active",
    ("trackings", "error_category"): "network",
    ("api_keys", "scopes"): ["read"],
    ("scores", "virality_band"): BANDS[0],
    ("scores", "naive_band"): BANDS[0],
    ("requests", "kind"): "insights",
    ("requests", "steps_done"): lambda word: [word],
    ("experiments", "source"): "own",
    ("experiments", "plan"): _plan,
    ("experiment_imports", "pool"): _pool,
    ("experiment_imports", "problems"): lambda word: [{"line": 1, "reason": word}],
    ("scoring_model_versions", "kind"): "given",
    ("scoring_model_versions", "model"): lambda word: {"kind": "given", "weights": [{"feature": word, "weight": 1.0}], "intercept": 0.0},
    ("effects", "figures"): _effect,
    ("releases", "data_versions"): lambda word: {"read_at": MOMENT.isoformat(), "canary": word},
    ("predictions", "figures"): _prediction,
    ("media", "probe"): _probe,
    ("subscriptions", "provider"): "stripe",
    ("subscription_changes", "provider"): "stripe",
    ("billing_subscriptions", "plan"): None,
    ("billing_subscriptions", "data"): _subscription,
    ("billing_invoices", "data"): _invoice,
    ("billing_payments", "data"): _payment,
    ("billing_refunds", "data"): _refund,
    ("billing_methods", "data"): _method,
    ("billing_calls", "action"): "checkout",
    ("media", "heat"): _HEAT,
    ("media", "platform_heat"): _HEAT,
    ("media", "duration_seconds"): 60.0,
    ("media_analyses", "packed"): lambda _: pack_analysis(MediaAnalysis(width=1280, height=720, seconds=60.0)),
    ("transcripts", "source"): "script",
    ("transcripts", "cues"): _cue,
    ("transcripts", "sentences"): lambda word: [{**_cue(word)[0], "is_complete": True}],
    ("transcripts", "timed"): lambda word: [{**_cue(word)[0], "cue": 0}],
    ("transcripts", "chapters"): lambda word: [{"start_seconds": 0.0, "end_seconds": 9.0, "title": word}],
    ("transcripts", "turns"): [],
    ("clips", "state"): "rendered",
    ("clips", "reasons"): _reason,
    ("clips", "captions"): _cue,
    ("clips", "look"): {},
    ("clips", "pieces"): [{"start_seconds": 1.0, "end_seconds": 9.0}],
    ("clips", "shown_words"): lambda word: [{**_cue(word)[0], "page": 0}],
    ("clips", "findings"): lambda word: [{"name": "black", "is_passed": True, "value": 0.0, "limit": 1.0, "detail": word}],
    ("clips", "fingerprint"): ["1", "2"],
    ("clip_candidates", "reasons"): _reason,
    **{("video_thumbnails", name): None for name in _MEASURED},
}
