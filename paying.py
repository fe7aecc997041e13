"""What an operator looks at and sets up at payment providers, for `whyral billing` and `whyral doctor`. Part of the wiring of `cli.py`."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from domain.billing.shelf import Compared, Verdict, compared, unheard, wares
from domain.billing.states import Provider
from domain.doctor import payments as of_payments
from domain.doctor.findings import Finding, fail, not_running
from domain.errors import SourceFailed, SourceUnavailable, Unacceptable
from gateways.stripe_payments import StripeAccess
from gateways.stripe_payments.account import StripeAccount
from sandbox.addresses import STRIPE_KEY, STRIPE_WEBHOOK_SECRET, is_local
from settings import Settings
from store.plans import packaged

WEBHOOKS = "/api/v1/billing/webhooks/stripe"


def reached(settings: Settings, *, is_sandbox: bool) -> dict[str, Any]:
    """How this deployment pays. A running sandbox was told to the API and to nobody else: its keys are filled in."""
    own = settings.payments
    if not is_sandbox or own["stripe_key"]:
        return own
    url = settings.stripe_url or f"http://127.0.0.1:{settings.sandbox_port}"
    return own | {"stripe_key": STRIPE_KEY, "stripe_webhook_secrets": (STRIPE_WEBHOOK_SECRET,), "stripe_url": url}


def prices(settings: Settings, *, is_sandbox: bool, makes: bool) -> list[Compared]:
    """Our prices at Stripe. `makes`: what lacks is made first, and each is marked with its name; what differs is left alone."""
    with closing(_account(reached(settings, is_sandbox=is_sandbox))) as account:
        if makes:
            _make(account)
        return _compared(account)


def findings(settings: Settings, *, is_sandbox: bool) -> Iterator[Finding]:
    """The doctor's lines about money."""
    paid = reached(settings, is_sandbox=is_sandbox)
    secrets = {Provider.STRIPE: paid["stripe_webhook_secrets"], Provider.DODO: paid["dodo_webhook_secrets"]}
    keys = {Provider.STRIPE: paid["stripe_key"], Provider.DODO: paid["dodo_key"]}
    yield of_payments.payments(
        of_payments.Paid(
            Provider(paid["seller"]), [each for each, key in keys.items() if key], [each for each, words in secrets.items() if words],
            stripe_key=paid["stripe_key"], is_sandbox=is_sandbox, is_public=not is_local(settings.api_url),
        )
    )  # fmt: skip
    if paid["stripe_key"]:
        yield from _of_stripe(paid, f"{settings.api_url}{WEBHOOKS}", is_sandbox=is_sandbox)
    if paid["dodo_key"]:
        wanted = [each.lookup_key for each in wares(packaged().plans)]
        yield of_payments.products([each for each in wanted if each not in paid["dodo_products"]], asked=len(wanted))


def _of_stripe(paid: Mapping[str, Any], url: str, *, is_sandbox: bool) -> Iterator[Finding]:
    try:
        with closing(_account(paid)) as account:
            yield of_payments.prices(_compared(account))
            missed = unheard(account.endpoints(), url)
    except SourceFailed as error:
        if is_sandbox and isinstance(error, SourceUnavailable):
            yield not_running("payment prices")
            return
        yield fail("payment prices", str(error), "correct WHYRAL_STRIPE_SECRET_KEY, or see https://status.stripe.com")
        return
    yield of_payments.webhooks(missed, url, can_be_reached=is_sandbox or not is_local(url))


def _make(account: StripeAccount) -> None:
    for each in _compared(account):
        if each.verdict is Verdict.LACKING:
            account.put(each.ware)
    right = {each.ware.lookup_key for each in _compared(account) if each.verdict is Verdict.RIGHT}
    for found in account.shelf(sorted(right)):
        if found.sold_as is None:
            account.mark(found)


def _compared(account: StripeAccount) -> list[Compared]:
    wanted = wares(packaged().plans)
    return compared(wanted, account.shelf([each.lookup_key for each in wanted]))


def _account(paid: Mapping[str, Any]) -> StripeAccount:
    if not paid["stripe_key"]:
        raise Unacceptable("WHYRAL_STRIPE_SECRET_KEY is not set: there is no account to look at")
    return StripeAccount(StripeAccess(paid["stripe_key"], url=paid["stripe_url"], retries=1, connect_seconds=3.0, read_seconds=8.0))
