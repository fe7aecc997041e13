"""Mails out by an SMTP server (RFC 5321), encrypted and with its certificate verified; in clear to this very machine only.

What the server says of this mail for good (5xx of its recipient or content) is SourceRefused; everything else, a wrong password among it,
may pass: SourceUnavailable.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.headerregistry import Address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from domain.errors import SourceRefused, SourceUnavailable
from domain.letters import Mail
from gateways.mail.message import message_of

NAME, ONE_MAIL = "mail server", "mail"
TIMEOUT_SECONDS = 15.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where it is, and as whom we come. `scheme`: smtp (STARTTLS, demanded), smtps, or smtp+plain."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @classmethod
    def of(cls, url: str, *, ca_file: Path | None = None) -> "SmtpServer":
        """Raises ValueError for an address that makes no sense, without repeating it: it holds a password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise ValueError("WHYRAL_SMTP_URL: its port is no number") from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError("WHYRAL_SMTP_URL must be smtp://user:password@host:587 or smtps://user:password@host:465")
        if parts.scheme == "smtp+plain" and parts.hostname not in LOOPBACK:
            raise ValueError("WHYRAL_SMTP_URL: smtp+plain is for a server on this machine only; use smtp:// or smtps://")
        user, password = (None if each is None else unquote(each) for each in (parts.username, parts.password))
        return cls(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password, ca_file)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Fills `domain.ports.Mailer`. A connection per mail: none is held while nothing is sent."""

    server: SmtpServer
    sender: Address
    timeout_seconds: float = TIMEOUT_SECONDS
    name: str = NAME

    def send(self, mail: Mail) -> None:
        message = message_of(mail, self.sender)
        with _translated(), self._connected() as smtp:
            smtp.send_message(message, from_addr=self.sender.addr_spec, to_addrs=[mail.recipient])

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server, trust = self.server, self._trust()
        if server.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self.timeout_seconds, context=trust)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self.timeout_seconds)
        with smtp:
            if server.scheme == "smtp":
                smtp.starttls(context=trust)
            if server.user is not None:
                smtp.login(server.user, server.password or "")
            yield smtp

    def _trust(self) -> ssl.SSLContext:
        trust = ssl.create_default_context()
        if self.server.ca_file is not None:
            trust.load_verify_locations(self.server.ca_file)
        return trust


@contextmanager
def _translated() -> Iterator[None]:
    """Codes and texts of the server go to logs and to the outbox, never the mail's own words."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _verdict(code, said) from None
    except smtplib.SMTPDataError as error:
        raise _verdict(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPResponseException as error:
        # Of the sign-in, the sender or the session: not this mail's fault.
        raise SourceUnavailable(NAME, f"{error.smtp_code} {_said(error.smtp_error)}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise SourceUnavailable(NAME, f"{type(error).__name__}: {error}") from error


def _verdict(code: int, said: bytes | str) -> SourceUnavailable | SourceRefused:
    words = f"{code} {_said(said)}"
    return SourceRefused(ONE_MAIL, words) if 500 <= code < 600 else SourceUnavailable(ONE_MAIL, words)


def _said(words: bytes | str) -> str:
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:200]
