"""The mails about accounts, for one deployment's pages. What they say is in `services.mailing`."""

from dataclasses import dataclass

from services import mailing
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AccountMails:
    """`account_url`: the front end that takes their tokens; without one the mail holds the bare token."""

    account_url: str | None = None

    def verify(self, uow: UnitOfWork, recipient: str, token: str) -> None:
        mailing.send_verification(uow, recipient, token, base_url=self.account_url)

    def reset(self, uow: UnitOfWork, recipient: str, token: str) -> None:
        mailing.send_reset(uow, recipient, token, base_url=self.account_url)

    def changed(self, uow: UnitOfWork, recipient: str, event: str) -> None:
        mailing.send_password_changed(uow, recipient, event=event)
