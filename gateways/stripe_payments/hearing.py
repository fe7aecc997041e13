"""Webhooks of Stripe: whether one is Stripe's, and what it says (https://docs.stripe.com/webhooks/signature).

The SDK checks the signature. The frame of the header is checked more strictly than there, and a stamp from the future is refused as well as
an old one, which the SDK lets pass.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import stripe

from domain.billing import cells
from domain.billing.events import BillingEvent
from domain.billing.stripe_events import event
from domain.errors import NotFound, Unacceptable, Unauthenticated
from domain.imports.values import Unreadable

TOLERANCE = timedelta(seconds=300)
LONGEST_BODY_BYTES, LONGEST_HEADER = 1_000_000, 2_000
_HEADER = re.compile(r"t=([1-9][0-9]{0,10})(?:,[a-z][a-z0-9]{0,9}=[0-9a-f]{0,128}){1,16}", re.ASCII)
_NAME = "stripe-signature"


def heard(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, now: datetime) -> BillingEvent:
    """The event of a body that is signed with one of the secrets, at most five minutes before or after now.

    Raises NotFound where there is no secret, Unauthenticated where the signature does not hold, and Unacceptable where it is no event.
    """
    usable = [secret for secret in secrets if secret.strip()]
    if not usable:
        raise NotFound("webhook", "stripe")
    header = next((value for name, value in headers.items() if name.lower() == _NAME), "")
    if not is_signed(body, header, usable, now=now):
        raise Unauthenticated("The signature does not hold.")
    try:
        return event(cells.part({"event": json.loads(body)}, "event"))
    except (Unreadable, ValueError, RecursionError) as error:
        raise Unacceptable(f"The webhook is no event: {str(error)[:120]}") from error


def is_signed(body: bytes, header: str, secrets: Sequence[str], *, now: datetime) -> bool:
    """Whether one of these secrets signed exactly this, about now."""
    frame = _HEADER.fullmatch(header) if len(header) <= LONGEST_HEADER and len(body) <= LONGEST_BODY_BYTES else None
    if frame is None or abs(datetime.fromtimestamp(int(frame[1]), UTC) - now) > TOLERANCE:
        return False
    return any(_holds(body, header, secret) for secret in secrets)


def _holds(body: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    return True
