"""Lines about money: who is paid, whether all prices are for sale, whether changes are heard of. Asking the provider is the wiring's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from domain.billing.shelf import Compared, Verdict
from domain.billing.states import Provider
from domain.doctor.findings import Finding, fail, ok, warn
from domain.secrets import is_live

GUIDE = "docs/guides/billing.md#going-live"
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Paid:
    """Who takes money here. `keyed`: providers with a key, `hearing`: those whose webhooks can be checked."""

    seller: Provider
    keyed: Collection[Provider] = ()
    hearing: Collection[Provider] = ()
    stripe_key: str | None = field(default=None, repr=False)
    is_sandbox: bool = False
    is_public: bool = False


def payments(found: Paid) -> Finding:
    """Who is paid for new plans, and with which kind of key."""
    if not found.keyed:
        return ok("payments", f"nothing is sold: no provider has a key ({GUIDE})")
    if found.seller not in found.keyed:
        said = f"new plans are sold by {found.seller}, which has no key"
        return fail("payments", said, f"set its key, or WHYRAL_BILLING_PROVIDER to {', '.join(sorted(found.keyed))}")
    if found.is_sandbox:
        if found.is_public:
            return warn(
                "payments", "the sandbox's Stripe, on a public address: plans are free for everybody", "set keys of your own account"
            )
        return ok("payments", "the sandbox's Stripe: no money moves")
    if deaf := [each for each in found.keyed if each not in found.hearing]:
        said = f"no webhook secret for {', '.join(sorted(deaf))}: changes are found out once a night"
        return warn("payments", said, f"set {', '.join(f'WHYRAL_{each.upper()}_WEBHOOK_SECRET' for each in sorted(deaf))} ({GUIDE})")
    if found.is_public and found.stripe_key and not is_live(found.stripe_key):
        return warn("payments", "a test key of Stripe's on a public address: nobody is charged", f"use a live key ({GUIDE})")
    return ok("payments", f"new plans are sold by {found.seller}")


def prices(found: Sequence[Compared]) -> Finding:
    """Whether every price of ours is for sale at Stripe, for our amount."""
    differs = [each for each in found if each.verdict is Verdict.DIFFERS]
    lacking = [each.ware.lookup_key for each in found if each.verdict is Verdict.LACKING]
    if differs:
        said = "; ".join(f"{each.ware.lookup_key} is {each.there}" for each in differs[:_SHOWN])
        return fail("payment prices", said, "an amount cannot be changed: put the old one back, or sell under a new lookup key")
    if lacking:
        return fail("payment prices", f"not for sale at Stripe: {', '.join(lacking)}", "`whyral billing prices --make` makes them")
    return ok("payment prices", f"all {len(found)} are for sale at Stripe")


def products(lacking: Sequence[str], *, asked: int) -> Finding:
    """The same at Dodo, by what the settings say: nobody is asked."""
    if lacking:
        said = f"no product of Dodo's for: {', '.join(lacking)}"
        return fail("payment products", said, "name them in WHYRAL_DODO_PRODUCTS")
    return ok("payment products", f"all {asked} have a product of Dodo's")


def webhooks(missed: Sequence[str] | None, url: str, *, can_be_reached: bool) -> Finding:
    """Whether Stripe tells this address of what happens. `missed`: as `shelf.unheard` has it."""
    if missed is None and not can_be_reached:
        said = f"{url} is on this machine, where Stripe cannot reach it"
        return warn("payment webhooks", said, "while trying out, `stripe listen --forward-to` that address; else set WHYRAL_PUBLIC_URL")
    if missed is None:
        return fail("payment webhooks", f"no endpoint that is on leads to {url}", f"add it in Stripe's dashboard ({GUIDE})")
    if missed:
        shown = ", ".join(missed[:_SHOWN]) + (f" and {len(missed) - _SHOWN} more" if len(missed) > _SHOWN else "")
        return warn("payment webhooks", f"the endpoint is not told of {shown}", "add them to the endpoint's events in Stripe's dashboard")
    return ok("payment webhooks", f"Stripe tells {url}")
