"""Proving who one is by e-mail and password, and opening the session. Hashing is handed in.

What is between the two, for every way in, is in `services.logging_in`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.errors import LimitReached, Unauthenticated
from domain.identity import Login
from services.identity import PER_EMAIL, Guesser, give_back, slow_down
from services.sessions import Caller, Kind, Opened, note, open_session
from store.database import Database
from store.work import UnitOfWork

_NOBODY = UUID(int=0)


class PasswordHashing(Protocol):
    """How passwords are hashed. All take their time: none is called while a transaction is open."""

    def hash(self, password: str) -> str: ...

    def verify(self, password: str, known_hash: str | None) -> bool: ...

    def is_outdated(self, known_hash: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody who says they are `email`. `device`: the hash of the browser's own cookie, None where it brought none of ours."""

    email: str
    caller: Caller
    device: bytes | None = None


def proven(database: Database, passwords: PasswordHashing, attempt: Attempt, password: str) -> Login:
    """The user whose password it is. Raises Unauthenticated, the same for an unknown address, and LimitReached after too many guesses."""
    with database.begin_anonymous() as uow:
        found = uow.identity.login(attempt.email)
        seconds = slow_down(uow, _guesser(uow, attempt, found))
    if seconds > 0:
        raise too_many(seconds)
    is_right = passwords.verify(password, found.password_hash if found else None)
    if found is None or not is_right or not found.is_active or not found.tenants:
        with database.begin_anonymous() as uow:
            note(
                uow,
                "login",
                attempt.caller,
                is_success=False,
                user_id=found.user_id if found else None,
                email=attempt.email,
                reason="password",
            )
        raise Unauthenticated("the e-mail address or the password is wrong")
    with database.begin_anonymous() as uow:  # it was no guess
        give_back(uow, _guesser(uow, attempt, found))
    _hash_anew(database, passwords, found, password)
    return found


def too_many(seconds: float) -> LimitReached:
    return LimitReached("login attempts", PER_EMAIL[0], PER_EMAIL[0], datetime.now(UTC) + timedelta(seconds=seconds))


def _guesser(uow: UnitOfWork, attempt: Attempt, found: Login | None) -> Guesser:
    """A known device of the user is counted by itself: nobody else's guesses lock it out.

    It is looked for under nobody's id as well: an address that is not registered takes the same statements. Addresses are counted as the
    database reads them, which finds users by them: it may take more letters for one than we do, and none must have several buckets.
    """
    user_id, account = found.user_id if found else _NOBODY, uow.identity.folded(attempt.email)
    if attempt.device is None or not uow.users.knows_device(user_id, attempt.device):
        return Guesser(account, attempt.caller.address)
    return Guesser(account, attempt.caller.address, (user_id, attempt.device))


def _hash_anew(database: Database, passwords: PasswordHashing, found: Login, password: str) -> None:
    if found.password_hash is None or not passwords.is_outdated(found.password_hash):
        return
    made = passwords.hash(password)
    with database.begin_anonymous() as uow:
        uow.users.change_password(found.user_id, known_hash=found.password_hash, password_hash=made, is_rehash=True)


def let_in(  # noqa: PLR0913 - what a session is opened with
    uow: UnitOfWork, caller: Caller, user_id: UUID, *, tenant_id: UUID, kind: Kind, device: bytes | None = None, email: str | None = None,
    way: str | None = None, has_second_factor: bool = False,
) -> Opened:  # fmt: skip
    """Open the session of somebody who proved who they are: their browser is known from now on under `device`."""
    if device is not None:
        uow.users.know_device(user_id, device)
    note(uow, "login", caller, user_id=user_id, email=email, reason=way)
    return open_session(
        uow, user_id=user_id, tenant_id=tenant_id, kind=kind, has_second_factor=has_second_factor, address=caller.address,
        user_agent=caller.user_agent,
    )  # fmt: skip
