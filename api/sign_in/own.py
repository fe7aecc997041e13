"""Whoever changes their own ways in: a person in a session of their own, who knows the password where there is one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.errors import FailureCategory, FieldProblem, LimitReached, Refused, SourceRefused, Unacceptable
from domain.ports import Platforms
from domain.sessions import OpenSession
from domain.sign_in import Visitor
from gateways.credentials import Passwords
from gateways.totp import Totp
from services.identity import PER_EMAIL, slow_down
from services.second_factor import Means
from store.database import Database, Entry
from store.work import UnitOfWork


def own_session(uow: UnitOfWork) -> OpenSession:
    """A session of one's own. Keys and administrators who act for somebody change no way in."""
    if uow.session is None or uow.session.impersonator is not None:
        raise Refused("this needs a session of your own: log in, no key does it")
    return uow.session


def own_user(uow: UnitOfWork) -> UUID:
    """The user of such a session."""
    own_session(uow)
    if uow.user_id is None:
        raise Refused("the session names no user")
    return uow.user_id


def proven_user(database: Database, entry: Entry, passwords: Passwords, password: str | None, visitor: Visitor) -> UUID:
    """The same, by the password. Who has none is known by the session alone. Guesses count as those at the login do."""
    with database.begin(entry) as uow:
        known = uow.factors.of(own_user(uow))
    if known.password_hash is None:
        return known.user_id
    with database.begin_anonymous() as uow:
        seconds = slow_down(uow, email=known.email, address=visitor.address or "")
    if seconds > 0:
        raise LimitReached("login attempts", PER_EMAIL[0], PER_EMAIL[0], datetime.now(UTC) + timedelta(seconds=seconds))
    if not passwords.verify(password or "", known.password_hash):
        raise Unacceptable("the password is wrong", (FieldProblem("/password", "write the password of your account"),))
    return known.user_id


def means_of(platforms: Platforms, totp: Totp) -> Means:
    if platforms.vault is None:
        raise SourceRefused(
            "vault", platforms.lacking.get("vault", "WHYRAL_TOKEN_KEYS is not set"), category=FailureCategory.NOT_CONFIGURED,
            for_callers="second factors are not set up here",
        )  # fmt: skip
    return Means(totp, platforms.vault)
