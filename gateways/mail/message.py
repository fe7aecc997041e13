"""A mail as RFC 5322 has it. Header fields are made by `email.message`, which refuses line ends in them."""

from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from domain.errors import Unacceptable
from domain.letters import Mail


def sender_of(mail_from: str) -> Address:
    """WHYRAL_MAIL_FROM as a header takes it. Raises ValueError for what is no address."""
    name, spec = parseaddr(mail_from) if mail_from.isprintable() else ("", "")
    try:
        found = Address(display_name=name, addr_spec=spec)
    except (ValueError, IndexError, HeaderParseError) as error:
        raise ValueError(f"WHYRAL_MAIL_FROM: {mail_from!r} is no address: write it as Name <name@example.org>") from error
    if not found.domain:
        raise ValueError(f"WHYRAL_MAIL_FROM: {mail_from!r} has no domain: write it as Name <name@example.org>")
    return found


def message_of(mail: Mail, sender: Address) -> EmailMessage:
    """The same mail is the same message, whenever it is made. Raises Unacceptable where a header would be more than one line."""
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = Address(addr_spec=mail.recipient)
        message["Subject"] = mail.subject
        message["Message-ID"] = f"<{mail.name}@{sender.domain}>"
    except (ValueError, IndexError, HeaderParseError) as error:
        raise Unacceptable("the mail's header cannot be accepted: a line end, or no single address") from error
    message["Date"] = format_datetime((mail.written_at or datetime.now(UTC)).astimezone(UTC))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    return message
