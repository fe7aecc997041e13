"""What a user is told by mail about their account: plain text into the outbox of their oldest workspace. Sending is not here."""

import hashlib
from dataclasses import dataclass

from store.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AccountMails:
    """Mails of one deployment. `account_url`: the front end that takes their tokens; without one the mail holds the bare token."""

    account_url: str | None = None

    def verify(self, uow: UnitOfWork, recipient: str, token: str) -> None:
        lines = "Please confirm that this address is yours.", self._way("verify-email", token), "It works once, for 24 hours."
        self._send(uow, f"verify:{_key(token)}", recipient, "Confirm your e-mail address", lines)

    def reset(self, uow: UnitOfWork, recipient: str, token: str) -> None:
        lines = (
            "Somebody, probably you, asked for a new password.", self._way("password-reset", token),
            "It works once, for 30 minutes. If it was not you, there is nothing to do: your password stays as it is.",
        )  # fmt: skip
        self._send(uow, f"reset:{_key(token)}", recipient, "Choose a new password", lines)

    def changed(self, uow: UnitOfWork, recipient: str, event: str) -> None:
        lines = "Your password was changed, and other sessions were ended.", "If it was not you, ask for a new password at once."
        self._send(uow, f"password_changed:{event}", recipient, "Your password was changed", lines)

    def _way(self, page: str, token: str) -> str:
        # Behind the number sign: no server's log and no other site is told of it.
        return f"{self.account_url.rstrip('/')}/{page}#token={token}" if self.account_url else f"Your code: {token}"

    def _send(self, uow: UnitOfWork, dedupe_key: str, recipient: str, subject: str, lines: tuple[str, ...]) -> None:
        uow.trust.mail_once(dedupe_key=dedupe_key, recipient=recipient, subject=f"Whyral: {subject}", body="\n\n".join(lines) + "\n")


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:32]
