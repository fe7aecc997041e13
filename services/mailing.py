"""The mails that people get, one function each, put into the outbox in the transaction of their cause; and the sending of what is due.

A mail goes out at least once: its Message-ID is made of its row, so a second copy is known as one. No transaction is open while it is sent.
`base_url`: the pages that take the tokens; without one a mail holds the bare code.
"""

import hashlib
import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from domain.errors import SourceFailed, SourceUnavailable, Unacceptable
from domain.letters import Letter, Mail, check_address, link_to, plain_name
from domain.ports import Mailer
from store.database import Database
from store.outbox import ClaimedMail
from store.work import UnitOfWork

# Ten tries within about a day; after that a link in it would be of no use.
PAUSES = tuple(timedelta(minutes=each) for each in (1, 2, 5, 10, 30, 60, 120, 240, 480))
# Longer than one attempt may take: whoever holds it longer has died.
LEASE = timedelta(minutes=5)
# One look of the sensor.
AT_ONCE, BUDGET_SECONDS = 50, 30.0
FAILED_KEPT, ROWS_KEPT = timedelta(days=7), timedelta(days=90)
log = structlog.get_logger(name=__name__, category="SYSTEM")


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
    uow: UnitOfWork, recipient: str, token: str, *, workspace: str, sender: str, role: str, ends_at: datetime, base_url: str | None
) -> bool:
    words = (
        f"{plain_name(sender)} invites you to the workspace '{plain_name(workspace)}' as {role}.",
        f"It works once, until {ends_at:%Y-%m-%d %H:%M} UTC. If you do not know who invites you, do nothing.",
    )
    letter = _with(token, "invitation", base_url, f"Invitation to {plain_name(workspace)}", words)
    return _put(uow, f"invitation:{_of(token)}", recipient, letter)


def send_password_changed(uow: UnitOfWork, recipient: str, *, event: str) -> bool:
    """`event` tells this change from others, such as the request's id."""
    words = "Your password was changed, and your other sessions were ended.", "If it was not you, ask for a new password at once."
    return _put(uow, f"password_changed:{event}", recipient, Letter("Your password was changed", words))


def send_new_sign_in(uow: UnitOfWork, recipient: str, *, event: str, at: datetime, address: str, device: str) -> bool:
    words = (
        f"Somebody signed in to your account from a device that we did not know: {plain_name(device)}, address {address or 'unknown'}, "
        f"{at:%Y-%m-%d %H:%M} UTC.",
        "If it was you, there is nothing to do. If not, change your password and end your other sessions.",
    )
    return _put(uow, f"sign_in:{event}", recipient, Letter("A new sign-in to your account", words))


def send_second_factor_changed(uow: UnitOfWork, recipient: str, *, event: str, what: str) -> bool:
    """`what`: switched on, switched off, or given new recovery codes."""
    words = f"The second factor of your account was {what}.", "If it was not you, change your password and end your other sessions."
    return _put(uow, f"second_factor:{event}", recipient, Letter("Your second factor was changed", words))


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


def deliver(database: Database, mailer: Mailer, *, at_once: int = AT_ONCE, budget_seconds: float = BUDGET_SECONDS) -> int:
    """Send what is due, one after the other; returns how many went out. Where the server is away, the rest waits for the next look."""
    began, sent = time.monotonic(), 0
    for _ in range(at_once):
        if time.monotonic() - began > budget_seconds:
            break
        with database.begin_system() as system:
            mail = system.mails.claim(lease=LEASE)
        if mail is None:
            break
        trouble = _trouble(mailer, mail)
        sent += _settled(database, mail, trouble)
        if isinstance(trouble, SourceUnavailable) and trouble.source == mailer.name:
            break
    return sent


def _trouble(mailer: Mailer, mail: ClaimedMail) -> SourceFailed | Unacceptable | None:
    try:
        mailer.send(Mail(str(mail.message_id), check_address(mail.recipient), mail.subject, mail.body, mail.html, mail.created_at))
    except (SourceFailed, Unacceptable) as error:
        return error
    return None


def _settled(database: Database, mail: ClaimedMail, trouble: SourceFailed | Unacceptable | None) -> bool:
    with database.begin_system() as system:
        if trouble is None:
            return system.mails.sent(mail)
        is_for_good = not isinstance(trouble, SourceUnavailable) or mail.attempts > len(PAUSES)
        log.warning("mail not sent", message_id=str(mail.message_id), attempt=mail.attempts, is_for_good=is_for_good, reason=str(trouble))
        if not is_for_good:
            system.mails.put_off(mail, pause=PAUSES[mail.attempts - 1], error=str(trouble))
        elif system.mails.give_up(mail, error=str(trouble)):
            system.raise_alert(mail.tenant_id, **_undelivered(mail))
    return False


def _undelivered(mail: ClaimedMail) -> dict[str, object]:
    """Without the recipient: an alert is read by the whole workspace."""
    return {
        "dedupe_key": f"mail:{mail.message_id}", "kind": "mail_failed", "severity": "warning", "title": "A mail could not be delivered",
        "details": {"message_id": str(mail.message_id), "attempts": mail.attempts},
    }  # fmt: skip


def tidy(database: Database, *, now: datetime) -> tuple[int, int]:
    """Words of mails given up are blanked after a week, rows go after 90 days: how many of each."""
    with database.begin_system() as system:
        return system.mails.tidy(blank_before=now - FAILED_KEPT, delete_before=now - ROWS_KEPT)


def retry(database: Database, tenant_id: UUID, message_id: UUID) -> bool:
    """Have a mail that was given up tried again. Returns whether it could be."""
    with database.begin_system() as system:
        return system.mails.retry(tenant_id, message_id)


def _put(uow: UnitOfWork, dedupe_key: str, recipient: str, letter: Letter) -> bool:
    return uow.trust.mail_once(
        dedupe_key=dedupe_key, recipient=check_address(recipient), subject=f"Whyral: {letter.subject}", body=letter.text, html=letter.html
    )


def _with(token: str, page: str, base_url: str | None, subject: str, words: tuple[str, ...]) -> Letter:
    if base_url is None:
        return Letter(subject, words, code=token)
    return Letter(subject, words, link_to(base_url, page, token), subject)


def _of(token: str) -> str:
    """Tells one token from others, and nothing else of it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]
