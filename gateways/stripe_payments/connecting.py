"""The SDK's client, and what its errors mean here.

The SDK itself tries again after 409, 5xx and broken connections, as often as `retries` says, with the same key. What is still wrong then is
SourceUnavailable: the outcome is not known, and the same call with the same key is safe.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests
import stripe

from domain.errors import Conflict, FailureCategory, PaymentNeeded, SourceFailed, SourceRefused, SourceUnavailable

VERSION = "2026-10-28.endive"
SOURCE = "stripe"
_CONFLICTS = frozenset({"charge_already_refunded", "charge_disputed", "resource_already_exists", "invoice_already_paid"})
_BUSY = frozenset({"idempotency_key_in_use", "lock_timeout"})
_ASKS = frozenset({"authentication_required", "subscription_payment_intent_requires_action"})
# The code that goes with it, `resource_missing`, is that of everything that is not there.
_NO_CARD = "no attached payment source"


@dataclass(frozen=True, slots=True)
class StripeAccess:
    """Keys and patience. `webhook_secrets`: two while they are changed. `url`: another host, such as the sandbox."""

    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    url: str | None = None
    retries: int = 2
    connect_seconds: float = 10.0
    read_seconds: float = 30.0


def connected(access: StripeAccess) -> tuple[stripe.StripeClient, requests.Session]:
    """The client, and the session that it holds. Nothing is sent yet."""
    session = requests.Session()
    session.trust_env = False
    http = stripe.RequestsClient(timeout=(access.connect_seconds, access.read_seconds), session=session)
    client = stripe.StripeClient(
        access.secret_key,
        stripe_version=VERSION,
        base_addresses={"api": access.url} if access.url else None,
        max_network_retries=access.retries,
        http_client=http,
    )
    return client, session


@contextmanager
def asking() -> Iterator[None]:
    """The SDK's errors as ours."""
    try:
        yield
    except stripe.CardError as error:
        raise PaymentNeeded(_declined(error)) from error
    except stripe.APIConnectionError as error:
        raise SourceUnavailable(SOURCE, "it cannot be reached, or broke off its answer", category=FailureCategory.NETWORK) from error
    except stripe.RateLimitError as error:
        category = FailureCategory.API_ERROR if _code(error) in _BUSY else FailureCategory.RATE_LIMIT
        raise SourceUnavailable(SOURCE, _said(error), category=category) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        said = "the secret key is not accepted, or may not do this"
        raise SourceRefused(SOURCE, said, category=FailureCategory.NOT_CONFIGURED, for_callers="Payments are not set up.") from error
    except stripe.StripeError as error:
        raise _other(error) from error


def _declined(error: stripe.CardError) -> str:
    if error.code in _ASKS:
        return (
            f"The bank wants the payer to confirm this payment, which cannot be done here: choose another card in the portal ({error.code})"
        )
    return f"The card was declined: {_said(error)} ({error.code})"


def _other(error: stripe.StripeError) -> SourceFailed | Conflict | PaymentNeeded:
    status = error.http_status or 0
    code = _code(error)
    if _NO_CARD in _said(error):
        return PaymentNeeded("There is no card to pay with: add one in the portal.")
    if code in _CONFLICTS:
        return Conflict(f"Stripe: {_said(error)}")
    if code in _BUSY or status == 409:
        return SourceUnavailable(SOURCE, "the same is being done at this moment", category=FailureCategory.API_ERROR)
    if isinstance(error, stripe.IdempotencyError):
        return Conflict("The key of this call was used for another one.")
    if status >= 500:
        return _broken(error, status)
    category = FailureCategory.NOT_FOUND if code == "resource_missing" or status == 404 else FailureCategory.API_ERROR
    return SourceRefused(SOURCE, _said(error), category=category)


def _broken(error: stripe.StripeError, status: int) -> SourceFailed:
    """A failure that the key keeps is told again for a day: only a look at how things stand, and a new key, help."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if headers.get("idempotent-replayed") == "true":
        said = f"it answered {status} to this key before, and will not do it again: see how it stands, then use a new key"
        return SourceRefused(SOURCE, said, category=FailureCategory.API_ERROR)
    return SourceUnavailable(SOURCE, f"it answered {status}", category=FailureCategory.API_ERROR)


def _code(error: stripe.StripeError) -> str | None:
    """The SDK leaves the code of some kinds in the body."""
    body = error.json_body
    inner = body.get("error") if isinstance(body, dict) else None
    return error.code or (inner.get("code") if isinstance(inner, dict) else None)


def _said(error: stripe.StripeError) -> str:
    return (error.user_message or str(error))[:200]
