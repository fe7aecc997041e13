"""The mails that people get, one function each, put into the outbox in the transaction of their cause. Sending them is `services.outbox`.

Every name that somebody chose goes through `plain_name`: in a mail it is a name and no link.
An address that cannot be written to is refused when it is sent.
`base_url`: the pages that take the tokens; without one a mail holds the bare code.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from domain.billing.news import News
from domain.billing.standing import Standing
from domain.letters import Letter, link_to, plain_name
from domain.money import Threshold
from services.sessions import Caller
from store.work import UnitOfWork


def send_verification(uow: UnitOfWork, recipient: str, token: str, *, base_url: str | None) -> bool:
    words = "Please confirm that this address is yours.", "It works once, for 24 hours. If you do not know why you get this, do nothing."
    return _put(uow, f"verify:{_of(token)}", recipient, _with(token, "verify-email", base_url, "Confirm your e-mail address", words))


def send_reset(uow: UnitOfWork, recipient: str, token: str, *, base_url: str | None) -> bool:
    words = (
        "Somebody, probably you, asked for a new password.",
        "It works once, for 30 minutes. If it was not you, there is nothing to do: your password stays as it is.",
    )
    return _put(uow, f"reset:{_of(token)}", recipient, _with(token, "password-reset", base_url, "Choose a new password", words))


def send_invitation(  # noqa: PLR0913 - who invites whom to what
    uow: UnitOfWork, recipient: str, token: str, *, workspace: str, sender: str, role: str, ends_at: datetime, base_url: str | None,
    api_url: str,
) -> bool:  # fmt: skip
    """`api_url`: where the code is sent to, for whom no page of ours takes it."""
    calls = (
        f"With an account of this address, log in and send it to POST {api_url}/api/v1/invitations/accept.",
        f"Without one, send it with a password to POST {api_url}/api/v1/invitations/register.",
    )
    words = (
        f"{plain_name(sender)} invites you to the workspace '{plain_name(workspace)}' as {role}.",
        f"It works once, until {ends_at:%Y-%m-%d %H:%M} UTC. If you do not know who invites you, do nothing.",
        *(() if base_url else calls),
    )
    letter = _with(token, "invitation", base_url, f"Invitation to {plain_name(workspace)}", words)
    return _put(uow, f"invitation:{_of(token)}", recipient, letter)


def send_removed(uow: UnitOfWork, recipient: str, *, event: str, workspace: str) -> bool:
    words = (
        f"You were removed from the workspace '{plain_name(workspace)}'. Your API keys of it are gone, your sessions in it have ended.",
        "Other workspaces of yours are untouched.",
    )
    return _put(uow, f"removed:{event}", recipient, Letter(f"You are no longer a member of {plain_name(workspace)}", words))


def send_ownership_changed(uow: UnitOfWork, recipient: str, *, event: str, workspace: str, before: str, after: str) -> bool:
    """`before` and `after`: what the two owners are called."""
    was, now = plain_name(before), plain_name(after)
    words = (
        f"The ownership of the workspace '{plain_name(workspace)}' went from {was} to {now}. {was} is an admin of it now.",
        "If this should not have happened, write to each other at once.",
    )
    return _put(uow, f"ownership:{event}", recipient, Letter(f"{plain_name(workspace)} has another owner", words))


def send_password_changed(uow: UnitOfWork, recipient: str, *, event: str) -> bool:
    """`event` tells this change from others, such as the request's id."""
    words = "Your password was changed, and your other sessions were ended.", "If it was not you, ask for a new password at once."
    return _put(uow, f"password_changed:{event}", recipient, Letter("Your password was changed", words))


def send_new_place(uow: UnitOfWork, recipient: str, *, event: str, caller: Caller, at: datetime) -> bool:
    """A login from a browser or program that the account was not used from before."""
    words = (
        f"Somebody, probably you, logged in to your account at {at:%Y-%m-%d %H:%M} UTC from a place that is new to it:"
        f" the address {caller.address or 'unknown'}, by {plain_name(caller.user_agent or '')}.",
        "If it was not you, ask for a new password at once: that ends all sessions.",
    )
    return _put(uow, f"new_place:{event}", recipient, Letter("A login from a new place", words))


def send_second_factor_changed(uow: UnitOfWork, recipient: str, *, event: str, what: str) -> bool:
    """`what`: switched on, switched off, or given new recovery codes."""
    words = f"The second factor of your account was {what}.", "If it was not you, change your password and end your other sessions."
    return _put(uow, f"second_factor:{event}", recipient, Letter("Your second factor was changed", words))


def send_way_in_changed(uow: UnitOfWork, recipient: str, *, event: str, issuer: str, what: str) -> bool:
    """`what`: linked or unlinked."""
    words = f"The sign-in of {plain_name(issuer)} was {what}.", "If it was not you, change your password and end your other sessions."
    return _put(uow, f"way_in:{event}", recipient, Letter("A way into your account was changed", words))


def send_impersonated(uow: UnitOfWork, recipient: str, *, event: str, paragraphs: tuple[str, ...]) -> bool:
    return _put(uow, event, recipient, Letter("Support acted as a member", paragraphs))


def send_export_ready(uow: UnitOfWork, recipient: str, *, event: str, workspace: str, ends_at: datetime, base_url: str | None) -> bool:
    """The link leads to our pages, where one has to be logged in; the file's own link is in no mail."""
    words = (
        f"The export of the workspace '{plain_name(workspace)}' is ready.",
        f"Log in to fetch it, until {ends_at:%Y-%m-%d %H:%M} UTC.",
    )
    link = link_to(base_url, "exports") if base_url else None
    return _put(uow, f"export:{event}", recipient, Letter("Your export is ready", words, link, "To the exports"))


def send_erasure_planned(uow: UnitOfWork, recipient: str, *, event: str, workspace: str, erased_at: datetime) -> bool:
    words = (
        f"The workspace '{plain_name(workspace)}' will be erased on {erased_at:%Y-%m-%d %H:%M} UTC, with everything in it.",
        "Until then its owner can take that back. If you do not know of it, ask the owner today.",
    )
    return _put(uow, f"erasure:{event}", recipient, Letter(f"{plain_name(workspace)} will be erased", words))


_NEWS = {
    News.BEGAN: ("Your plan began", "The workspace '{workspace}' has the plan {after} from now on."),
    News.CHANGED: ("Your plan has changed", "The plan of the workspace '{workspace}' was {before}, and is {after} from now on."),
    News.ENDS: ("Your plan will end", "The plan {after} of the workspace '{workspace}' ends{ends}. Until then you can take that back."),
    News.GOES_ON: ("Your plan goes on", "The plan {after} of the workspace '{workspace}' was to end. That was taken back: it goes on."),
    News.ENDED: ("Your plan has ended", "The plan {before} of the workspace '{workspace}' has ended: it is {after} now."),
    News.RECOVERED: ("Your payment arrived", "The payment for the workspace '{workspace}' arrived. The plan {after} goes on."),
}  # fmt: skip


def send_plan_news(  # noqa: PLR0913 - who is told what of which workspace
    uow: UnitOfWork, recipient: str, what: News, *, event: str, workspace: str, before: str, after: Standing
) -> bool:
    """`before`: the plan until now."""
    subject, words = _NEWS[what]
    ends = f" on {after.ends_at:%Y-%m-%d %H:%M} UTC" if after.ends_at else ""
    said = words.format(workspace=plain_name(workspace), before=before, after=after.plan, ends=ends)
    return _put(uow, f"billing:{event}", recipient, Letter(subject, (said,)))


def send_payment_overdue(
    uow: UnitOfWork, recipient: str, *, event: str, workspace: str, number: int, until: datetime
) -> bool:  # fmt: skip
    """`number`: the how many-th reminder it is, from 1. `until`: how long the plan holds all the same."""
    words = (
        f"A payment for the workspace '{plain_name(workspace)}' failed, and is still to be made.",
        f"Please see to your card. The plan holds until {until:%Y-%m-%d %H:%M} UTC; from then on what it includes waits for the payment.",
    )
    subject = "A payment failed" if number == 1 else f"A payment is still missing (reminder {number})"
    return _put(uow, f"billing.overdue:{event}", recipient, Letter(subject, words))


def send_deployment_spending(uow: UnitOfWork, recipient: str, found: Threshold, *, event: str) -> bool:
    """To an administrator of the platform."""
    said, subject = ("have reached", "has reached its cap") if found.is_reached else ("come near", "comes near its cap")
    words = (
        f"All workspaces together {said} the cap of this {found.period}: {found.usd:.2f} of {found.cap_usd:.2f} US dollars.",
        f"At the cap, paid calls of every workspace wait for the next {found.period}, or for a higher cap.",
    )
    letter = Letter(f"The deployment's spending of this {found.period} {subject}", words)
    return _put(uow, f"deployment:{event}:{_of(recipient)}", recipient, letter)


def send_payment_troubles(uow: UnitOfWork, recipient: str, counts: Mapping[str, int], *, event: str) -> bool:
    """To an administrator of the platform."""
    words = (
        f"Events that were given up within a day: {counts['failed_events']}. `whyral billing events` lists them.",
        f"Subscriptions whose price no plan names, so that nothing is had for them: {counts['without_plan']}.",
        f"Workspaces that pay for two subscriptions: {counts['paying_twice']}.",
        f"Disputes that began within a day: {counts['disputes']}. The provider's dashboard says until when to answer.",
    )
    return _put(uow, f"{event}:{_of(recipient)}", recipient, Letter("Payments need a look", words))


def _put(uow: UnitOfWork, dedupe_key: str, recipient: str, letter: Letter) -> bool:
    return uow.trust.mail_once(
        dedupe_key=dedupe_key, recipient=recipient, subject=f"Whyral: {letter.subject}", body=letter.text, html=letter.html
    )


def _with(token: str, page: str, base_url: str | None, subject: str, words: tuple[str, ...]) -> Letter:
    if base_url is None:
        return Letter(subject, words, code=token)
    return Letter(subject, words, link_to(base_url, page, token), subject)


def _of(token: str) -> str:
    """Tells one token from others, and nothing else of it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]
