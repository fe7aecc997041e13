"""The outbox as its sender sees it, across tenants: claimed, sent, put off, given up, blanked. Putting mails in is `store.trust`."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

# Whoever holds a claim past its lease has died; its mail may have gone out, so the next one bears the same Message-ID.
_CLAIM = """
update outbox o set state = 'sending', attempts = o.attempts + 1, not_before = clock_timestamp() + :lease
  from (select d.tenant_id, d.message_id from outbox d
         where d.state in ('pending', 'sending') and d.not_before <= clock_timestamp()
         order by d.not_before, d.message_id limit 1 for update skip locked) due
 where o.tenant_id = due.tenant_id and o.message_id = due.message_id
returning o.tenant_id, o.message_id, o.recipient, o.subject, o.body, o.html, o.attempts, o.created_at"""
_MINE = " where tenant_id = :tenant and message_id = :message and state = 'sending' and attempts = :attempt"
_BLANK = "body = '', html = null"


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail that nobody else sends while the claim lasts. Its words may hold a token."""

    tenant_id: UUID
    message_id: UUID
    recipient: str
    subject: str
    body: str = field(repr=False)
    html: str | None = field(repr=False)
    attempts: int
    created_at: datetime


class SystemMails:
    """What the role `system` does with mails. Each move names the attempt that makes it: a late one changes nothing."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def claim(self, *, lease: timedelta) -> ClaimedMail | None:
        """The one that is due for longest, past those that others hold."""
        row = self._connection.execute(sa.text(_CLAIM), {"lease": lease}).first()
        return ClaimedMail(**row._mapping) if row else None

    def sent(self, mail: ClaimedMail) -> bool:
        """It is out, and its words go. Returns whether the claim still held."""
        return self._move(mail, f"state = 'sent', sent_at = clock_timestamp(), error = null, {_BLANK}")

    def put_off(self, mail: ClaimedMail, *, pause: timedelta, error: str) -> bool:
        return self._move(mail, "state = 'pending', not_before = clock_timestamp() + :pause, error = :error", pause=pause, error=error)

    def give_up(self, mail: ClaimedMail, *, error: str) -> bool:
        """It stays as it is, so that somebody may have it sent again: `retry`."""
        return self._move(mail, "state = 'failed', error = :error", error=error)

    def retry(self, tenant_id: UUID, message_id: UUID) -> bool:
        """Have one that was given up tried again. Returns whether it was, and still has its words."""
        done = self._connection.execute(
            sa.text(
                "update outbox set state = 'pending', attempts = 0, not_before = clock_timestamp(), error = null"
                " where tenant_id = :tenant and message_id = :message and state = 'failed' and body <> ''"
            ),
            {"tenant": tenant_id, "message": message_id},
        )
        return done.rowcount == 1

    def tidy(self, *, blank_before: datetime, delete_before: datetime) -> tuple[int, int]:
        """Blank those given up, delete those long over: how many of each."""
        blanked = self._connection.execute(
            sa.text(f"update outbox set {_BLANK} where state = 'failed' and body <> '' and created_at < :before"), {"before": blank_before}
        )
        deleted = self._connection.execute(
            sa.text("delete from outbox where state in ('sent', 'failed') and created_at < :before"), {"before": delete_before}
        )
        return blanked.rowcount, deleted.rowcount

    def _move(self, mail: ClaimedMail, change: str, **words: object) -> bool:
        done = self._connection.execute(
            sa.text(f"update outbox set {change}{_MINE}"),
            {"tenant": mail.tenant_id, "message": mail.message_id, "attempt": mail.attempts, **words},
        )
        return done.rowcount == 1
