"""Which way mails leave this deployment. The one place that decides it, for the sensor and for whoever tries it out."""

from dataclasses import dataclass, field
from pathlib import Path

from gateways.mail.folder import MailFolder
from gateways.mail.message import sender_of
from gateways.mail.smtp import SmtpMailer, SmtpServer


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOptions:
    """As the settings have it. Without `url` mails become files of `folder`."""

    url: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    sender: str = "Whyral <whyral@localhost>"
    folder: Path


def mailer(options: MailOptions) -> SmtpMailer | MailFolder:
    """Touches neither disk nor network. Raises ValueError for options that make no sense, saying which setting to correct."""
    sender = sender_of(options.sender)
    if not options.url:
        return MailFolder(options.folder, sender)
    return SmtpMailer(SmtpServer.of(options.url, ca_file=options.ca_file), sender)
