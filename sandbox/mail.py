"""A mail server on this machine, for tests: takes mails, keeps them, and can be told to misbehave. It delivers nothing.

Needs aiosmtpd, which the product does not.
"""

import asyncio
import hmac
import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from sandbox.certificates import certificates

Security = Literal["starttls", "tls", "none"]
# What it may be told to do with a mail, once each: refuse its content, recipient or sender, hang up before or after keeping it, be silent.
FAULTS = ("451", "550", "recipient 450", "recipient 550", "sender 553", "drop", "drop after", "stall")


@dataclass(slots=True)
class MailServer:
    """While it stands. `faults` is worked off mail by mail; empty: all is well. `envelopes`: (sender, recipients) of what was kept."""

    port: int = 0
    ca: Path | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    faults: deque[str] = field(default_factory=deque)
    kept: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    sessions: int = 0

    @property
    def mails(self) -> list[EmailMessage]:
        return [BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(each) for each in self.kept]

    def tell(self, *faults: str) -> None:
        """From the next mail on. Raises ValueError for what it does not know."""
        unknown = set(faults) - set(FAULTS)
        if unknown:
            raise ValueError(f"faults: {sorted(unknown)} are unknown, choose from {', '.join(FAULTS)}")
        self.faults.extend(faults)

    def _next(self, *kinds: str) -> str | None:
        if self.faults and self.faults[0].startswith(kinds):
            return self.faults.popleft()
        return None

    # What aiosmtpd calls.

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: ARG002, N802
        self.sessions += 1
        fault = self._next("sender")
        if fault:
            return f"{fault.split()[1]} 5.1.8 we do not know that sender"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: ARG002, N802
        fault = self._next("recipient")
        if fault:
            return f"{fault.split()[1]} 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802
        fault = self._next("451", "550", "drop", "stall")
        if fault == "stall":
            await asyncio.sleep(3600)
        if fault == "drop":
            server.transport.abort()
            return "451 gone"
        if fault in ("451", "550"):
            return f"{fault} told to say so"
        self.kept.append(bytes(envelope.content))
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        if fault == "drop after":
            server.transport.abort()
        return "250 kept"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:  # noqa: ARG002
        is_right = isinstance(given, LoginPassword) and _same(given.login, self.user) and _same(given.password, self.password)
        return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server(
    folder: Path, *, security: Security = "starttls", user: str | None = None, password: str | None = None, hosts: tuple[str, ...] = ()
) -> Iterator[MailServer]:
    """On a free port of 127.0.0.1. `hosts`: further names that its certificate bears."""
    made = certificates(folder, hosts)
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(made.leaf)
    server = MailServer(ca=made.ca, user=user, password=password)
    options: dict[str, Any] = {"hostname": "sandbox", "enable_SMTPUTF8": True, "authenticator": server.authenticate}
    if security == "starttls":
        options |= {"tls_context": trust, "require_starttls": True}
    if user is not None:
        options |= {"auth_required": True, "auth_require_tls": security == "starttls"}
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(server, loop=loop, **options), "127.0.0.1", 0, ssl=trust if security == "tls" else None
        )  # fmt: skip

    def run() -> None:
        asyncio.set_event_loop(loop)
        listening = loop.run_until_complete(listen())
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()
        listening.close()
        loop.run_until_complete(listening.wait_closed())
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=run, name="sandbox-mail", daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)


def _same(given: bytes, wanted: str | None) -> bool:
    return wanted is not None and hmac.compare_digest(given, wanted.encode())
