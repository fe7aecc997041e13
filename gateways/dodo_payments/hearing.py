"""Webhooks of Dodo, signed as Standard Webhooks says (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec).

The library makes the signature; the comparison is ours, because the library's takes another clock than the caller's, and any of the
several ways to write the same bytes in base64.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from domain.billing import cells
from domain.billing.dodo_events import event
from domain.billing.dodo_wording import Prices
from domain.billing.events import BillingEvent
from domain.errors import NotFound, Unacceptable, Unauthenticated
from domain.imports.values import Unreadable

TOLERANCE = timedelta(seconds=300)
LONGEST_BODY_BYTES = 1_000_000
_ID = re.compile(r"[A-Za-z0-9_\-]{1,128}", re.ASCII)
_SIGNATURES = re.compile(r"v[0-9]{1,2}a?,[A-Za-z0-9+/=]{1,200}(?: v[0-9]{1,2}a?,[A-Za-z0-9+/=]{1,200}){0,9}", re.ASCII)
_STAMP = re.compile(r"[1-9][0-9]{0,10}", re.ASCII)


def heard(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], prices: Prices, *, now: datetime) -> BillingEvent:
    """As of Stripe: NotFound without a secret, Unauthenticated without a signature that holds, Unacceptable where it is no event."""
    usable = [secret for secret in secrets if secret.strip()]
    if not usable:
        raise NotFound("webhook", "dodo")
    lower = {name.lower(): value for name, value in headers.items()}
    if not is_signed(body, lower, usable, now=now):
        raise Unauthenticated("The signature does not hold.")
    try:
        return event(cells.part({"event": json.loads(body)}, "event"), lower["webhook-id"], prices)
    except (Unreadable, ValueError, RecursionError) as error:
        raise Unacceptable(f"The webhook is no event: {str(error)[:120]}") from error


def is_signed(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, now: datetime) -> bool:
    """Whether one of these secrets signed exactly this id, stamp and body, about now. `headers` have lower-case names."""
    key, stamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    is_framed = _ID.fullmatch(key) and _STAMP.fullmatch(stamp) and _SIGNATURES.fullmatch(given)
    if not is_framed or len(body) > LONGEST_BODY_BYTES:
        return False
    moment = datetime.fromtimestamp(int(stamp), UTC)
    if abs(moment - now) > TOLERANCE:
        return False
    try:
        text = body.decode("utf-8")
        made = [Webhook(secret).sign(key, moment, text) for secret in secrets]
    except (ValueError, EmptyWebhookSecretError):
        return False
    return any(hmac.compare_digest(each.encode(), one.encode()) for each in given.split(" ") for one in made)
