"""Sending what is due of the outbox. What mails say is `services.mailing`.

A mail goes out at least once: its Message-ID is made of its row, so a second copy is known as one. No transaction is open while it is sent.
"""

import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from domain.errors import SourceFailed, SourceUnavailable, Unacceptable
from domain.letters import Mail, check_address
from domain.ports import Mailer
from store.database import Database
from store.outbox import ClaimedMail

# Ten tries within about a day; after that a link in it would be of no use.
PAUSES = tuple(timedelta(minutes=each) for each in (1, 2, 5, 10, 30, 60, 120, 240, 480))
# Longer than one attempt may take: whoever holds it longer has died.
LEASE = timedelta(minutes=5)
# One look of the sensor.
AT_ONCE, BUDGET_SECONDS = 50, 30.0
FAILED_KEPT, ROWS_KEPT = timedelta(days=7), timedelta(days=90)
log = structlog.get_logger(name=__name__, category="SYSTEM")


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
