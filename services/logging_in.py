"""The last steps of every way in: is the user active and a member, is a second factor due, then a session.

A first factor (a password, an issuer's word) is proven before this; a second one answers the challenge that is given here.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.errors import LimitReached, Refused, Unauthenticated
from domain.second_factor import CHALLENGE_GUESSES
from domain.sign_in import Person, Visitor
from services.identity import PER_ADDRESS, slow_address
from services.second_factor import Attempt, Means, check
from services.sessions import Kind, Opened, open_session
from store.database import Database


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody with a session."""

    user_id: UUID
    tenant_id: UUID
    opened: Opened


@dataclass(frozen=True, slots=True)
class Challenged:
    """Somebody who still owes a second factor. `secret` names the challenge and is told once."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for who comes in: the workspace (None: the oldest) and the kind of session."""

    workspace_id: UUID | None = None
    kind: Kind = "tokens"


def admit(database: Database, person: Person, wanted: Wanted, visitor: Visitor, *, way: str) -> Admitted | Challenged:
    """After a first factor. `way` is how it was proven, for the log: `password`, `google`, `oidc`."""
    _workspace(person, wanted)
    with database.begin_anonymous() as uow:
        if uow.factors.of(person.user_id).is_on:
            secret = secrets.token_urlsafe(32)
            uow.factors.challenge(person.user_id, _hash(secret))
            return Challenged(secret)
    return _open(database, person, wanted, visitor, way=way)


def answer(database: Database, means: Means, challenge: str, attempt: Attempt, wanted: Wanted) -> Admitted:
    """A second factor for a challenge: five guesses, each counted before it is looked at. Raises Unauthenticated, LimitReached."""
    with database.begin_anonymous() as uow:
        person = uow.factors.guess(_hash(challenge))
    if person is None:
        raise Unauthenticated(
            f"the challenge is not good any more: it lives for five minutes and {CHALLENGE_GUESSES} guesses. Log in again"
        )
    _workspace(person, wanted)
    check(database.begin_anonymous, means, person.user_id, attempt)
    return _open(database, person, wanted, attempt.visitor, way="second_factor", challenge=_hash(challenge))


def hold_back(database: Database, visitor: Visitor) -> None:
    """Raises LimitReached for an address of the network that knocks too often."""
    with database.begin_anonymous() as uow:
        seconds = slow_address(uow, visitor.address or "")
    if seconds > 0:
        raise LimitReached("login attempts", PER_ADDRESS[0], PER_ADDRESS[0], datetime.now(UTC) + timedelta(seconds=seconds))


def _workspace(person: Person, wanted: Wanted) -> UUID:
    if not person.is_active or not person.tenants:
        raise Unauthenticated("this account cannot be logged in to")
    tenant_id = wanted.workspace_id or person.tenants[0]
    if tenant_id not in person.tenants:
        raise Refused("you are not a member of that workspace")
    return tenant_id


def _open(database: Database, person: Person, wanted: Wanted, visitor: Visitor, *, way: str, challenge: bytes | None = None) -> Admitted:
    tenant_id = _workspace(person, wanted)
    with database.begin_anonymous() as uow:
        if challenge is not None and not uow.factors.end_challenge(challenge):
            raise Unauthenticated("the challenge was answered already: log in again")
        opened = open_session(
            uow, user_id=person.user_id, tenant_id=tenant_id, kind=wanted.kind, has_second_factor=challenge is not None,
            address=visitor.address, user_agent=visitor.user_agent,
        )  # fmt: skip
        uow.sessions.note(
            "login", is_success=True, user_id=person.user_id, address=visitor.address, user_agent=visitor.user_agent, reason=way,
            request_id=visitor.request_id,
        )  # fmt: skip
    return Admitted(person.user_id, tenant_id, opened)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(b"challenge:" + secret.encode("utf-8", "surrogatepass")).digest()
