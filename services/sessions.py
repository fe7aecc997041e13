"""Opening, refreshing and ending sessions. Proving who one is is in `services.logins`, cookies and tokens in `api.session_answers`."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from domain.errors import NotFound, Refused, Unauthenticated
from domain.sessions import SESSION_ENDS, SESSION_LIFE, OpenSession, Refreshing, Verdict
from store.database import Database, SessionEntry
from store.work import UnitOfWork

Kind = Literal["tokens", "cookie"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a call comes from, as the authentication log keeps it."""

    address: str
    user_agent: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session. `cookie_secret` is in the answer that opens it and kept nowhere; the first refresh token has the counter 0."""

    session_id: UUID
    user_id: UUID
    tenant_id: UUID
    cookie_secret: str | None = field(default=None, repr=False)


def open_session(  # noqa: PLR0913 - what a session is opened with
    uow: UnitOfWork, *, user_id: UUID, tenant_id: UUID, kind: Kind, has_second_factor: bool = False, address: str | None = None,
    user_agent: str | None = None,
) -> Opened:  # fmt: skip
    """Open a session in a workspace of the user. The transaction may be anybody's."""
    secret = secrets.token_urlsafe(32) if kind == "cookie" else None
    uow.sessions.sweep()
    session_id = uow.sessions.open(
        user_id=user_id, tenant_id=tenant_id, kind=kind, good_for=SESSION_LIFE, at_most=SESSION_ENDS,
        secret_hash=secret_hash(secret) if secret else None, has_second_factor=has_second_factor, address=address, user_agent=user_agent,
    )  # fmt: skip
    return Opened(session_id, user_id, tenant_id, secret)


def secret_hash(secret: str) -> bytes:
    """Under which a random secret is kept: it needs no salt."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def email_hash(email: str) -> bytes:
    """Under which the authentication log keeps an address of mail."""
    return hashlib.sha256(email.casefold().encode("utf-8", "surrogatepass")).digest()


def refresh(database: Database, session_id: UUID, counter: int, caller: Caller) -> Refreshing:
    """The next token of the session. Raises Unauthenticated, after the commit, where the token was used before or its session ended."""
    with database.begin_anonymous() as uow:
        found = uow.sessions.refresh(session_id, counter)
        if found.verdict is Verdict.REUSED:
            note(uow, "refresh", caller, is_success=False, user_id=found.user_id, reason="refresh_token_reused")
    if not found.is_good:
        raise Unauthenticated(_TOLD[found.verdict])
    return found


_TOLD = {
    Verdict.REUSED: "the refresh token was used before, so its session was ended: log in again",
    Verdict.ENDED: "the session has ended: log in again",
    Verdict.UNKNOWN: "the session has ended: log in again",
}


def note(  # noqa: PLR0913 - the columns of an event
    uow: UnitOfWork, kind: str, caller: Caller, *, is_success: bool = True, user_id: UUID | None = None, email: str | None = None,
    reason: str | None = None,
) -> None:  # fmt: skip
    """One line of the authentication log."""
    uow.sessions.note(
        kind, is_success=is_success, user_id=user_id, email_hash=email_hash(email) if email is not None else None, address=caller.address,
        user_agent=caller.user_agent, reason=reason, request_id=caller.request_id,
    )  # fmt: skip


def own_session(uow: UnitOfWork) -> OpenSession:
    """The session that the user opened in person. Raises Refused for API keys, and for administrators who act as the user."""
    if uow.session is None:
        raise Refused("this needs a session: log in, an API key does not do")
    if uow.session.impersonator is not None:
        raise Refused("this is the user's own: an administrator who acts as the user may not do it")
    return uow.session


def log_out(uow: UnitOfWork, caller: Caller) -> None:
    """End the session that this call came in, and nothing else: connections and keys go on."""
    if uow.session is None:
        raise Refused("there is no session to end: revoke the API key instead")
    uow.sessions.end(uow.session.session_id, "logout")
    note(uow, "logout", caller, user_id=uow.user_id)


def leave(database: Database, old: bytes) -> None:
    """A browser that logs in anew leaves the session that it was in (ASVS 5, 7.2.4). `old`: the hash of its secret."""
    with suppress(Unauthenticated), database.begin(SessionEntry(secret_hash=old)) as uow:
        if uow.session is not None:
            uow.sessions.end(uow.session.session_id, "replaced")


def end_own(uow: UnitOfWork, session_id: UUID, caller: Caller) -> None:
    """End one of the caller's sessions; another user's is not there."""
    own_session(uow)
    if not uow.sessions.end_own("ended_by_user", session_id=session_id):
        raise NotFound("session", session_id)
    note(uow, "session_ended", caller, user_id=uow.user_id)


def end_others(uow: UnitOfWork, caller: Caller, *, reason: str = "ended_by_user") -> int:
    """End all of the caller's sessions but this one. Returns how many."""
    ended = uow.sessions.end_own(reason, kept=own_session(uow).session_id)
    note(uow, "sessions_ended", caller, user_id=uow.user_id, reason=reason)
    return ended
