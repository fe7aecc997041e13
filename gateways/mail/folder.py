"""Mails as files of this machine, for development: `.eml`, which every mail program opens. Nobody is sent anything."""

from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path

import structlog

from domain.errors import SourceUnavailable
from domain.letters import Mail
from gateways.mail.message import message_of

log = structlog.get_logger(name=__name__, category="SYSTEM")


@dataclass(frozen=True, slots=True)
class MailFolder:
    """Fills `domain.ports.Mailer`. A mail that comes twice is one file."""

    folder: Path
    sender: Address
    name: str = "mail folder"

    def send(self, mail: Mail) -> None:
        words = message_of(mail, self.sender).as_bytes()
        path = self.folder / f"{mail.name}.eml"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_bytes(words)
            fresh.replace(path)
        except OSError as error:
            raise SourceUnavailable(self.name, f"{self.folder} cannot be written to ({error.strerror})") from error
        log.info("mail written to a file, as WHYRAL_SMTP_URL is unset", path=str(path))
