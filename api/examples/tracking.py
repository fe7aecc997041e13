"""Examples of trackings and sources."""

from datetime import timedelta
from typing import Any

from api.billing.webhooks import WebhookOut
from api.examples.shape import ACCOUNT, CURSOR, FIRST_SEEN, NOON, POSTED, Example
from api.examples.work import asked
from api.pages import Page
from api.tracking.shapes import (
    ListedTrackingOut,
    QuotaOut,
    SourceOut,
    SourcesOut,
    TrackedOut,
    TrackIn,
    TrackingErrorOut,
    TrackingIn,
    TrackingOut,
)

_FACTS: dict[str, Any] = {
    "account_id": ACCOUNT, "platform": "youtube", "state": "live", "last_run_at": NOON, "last_ok_at": NOON,
    "next_run_at": NOON + timedelta(hours=6), "what_next": "a post reaches an age at which it is observed at 2026-11-10 18:00 UTC",
    "error": None, "consecutive_failures": 0, "newest_post_at": POSTED, "complete_since": FIRST_SEEN - timedelta(days=90),
    "source": "youtube_api", "is_pushed": True, "created_at": FIRST_SEEN,
}  # fmt: skip
_NEW: dict[str, Any] = {
    **_FACTS, "state": "pending", "last_run_at": None, "last_ok_at": None, "next_run_at": NOON, "newest_post_at": None,
    "complete_since": None, "source": None, "is_pushed": False, "created_at": NOON,
    "what_next": "it is read for the first time, with the next run",
}  # fmt: skip
_STALE: dict[str, Any] = {
    **_FACTS, "state": "stale", "consecutive_failures": 1, "what_next": "it is tried again at 2026-11-10 13:05 UTC",
    "error": TrackingErrorOut(category="blocked", detail="the platform took us for a robot and showed nothing"),
}  # fmt: skip
_PAUSED: dict[str, Any] = {
    **_FACTS,
    "state": "paused",
    "next_run_at": None,
    "what_next": "it is paused: nothing is read by itself until it goes on",
}
_TRACKED = TrackedOut(tracking=TrackingOut(**_NEW), request=asked(kind="scrape.youtube", subject="scrape.youtube"))

EXAMPLES = {
    "POST /accounts/track": Example(_TRACKED, TrackIn(url="https://www.youtube.com/@example_kitchen")),
    "POST /accounts/{account_id}/track": Example(_TRACKED),
    "PATCH /accounts/{account_id}/tracking": Example(TrackingOut(**_PAUSED), TrackingIn(is_paused=True)),
    "GET /accounts/{account_id}/tracking": Example(TrackingOut(**_STALE)),
    "GET /trackings": Example(
        Page(items=[ListedTrackingOut(**_FACTS, username="example_kitchen", title="Example Kitchen")], next_cursor=CURSOR, has_more=True)
    ),
    "GET /sources": Example(
        SourcesOut(
            sources=[
                SourceOut(
                    source="youtube_api", platform="youtube", state="closed", score=0.998, consecutive_failures=0, asked_again_at=None,
                    reason=None,
                ),
                SourceOut.lacking("brightdata", "instagram", "WHYRAL_BRIGHTDATA_KEY is not set"),
            ],
            quotas=[QuotaOut(bucket="youtube_units", limit=10_000, used=412, available=7_150, resets_at=NOON + timedelta(hours=20))],
        )
    ),
    "POST /billing/webhooks/stripe": Example(WebhookOut(is_new=True)),
    "POST /billing/webhooks/dodo": Example(WebhookOut(is_new=True)),
    "GET /webhooks/youtube/{token}": Example("a word that the hub made up", media_type="text/plain"),
}  # fmt: skip
