"""The last steps of every way in: is the user active and a member, is a second factor due, then a session.

A first factor (a password, an issuer's word) is proven before this; a second one answers the challenge that is given here.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from domain.errors import Refused, Unauthenticated
from domain.second_factor import CHALLENGE_GUESSES
from domain.sign_in import Person
from services import mailing
from services.identity import address_waits, bucket_of
from services.logins import let_in, too_many
from services.second_factor import Attempt, Means, check
from services.sessions import Caller, Kind, Opened, leave
from store.database import Database
from store.work import UnitOfWork

# Mails about logins from new places, per user: three at once, then one an hour.
PER_PLACE = (3, 1 / 3600)


@dataclass(frozen=True, slots=True)
class Challenged:
    """Somebody who still owes a second factor. `secret` names the challenge and is told once."""

    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for who comes in: the workspace (None: the oldest) and the kind of session.

    `device`: the hash under which the browser is known from now on. `left`: the hash of the secret of the session that it was in.
    """

    workspace_id: UUID | None = None
    kind: Kind = "tokens"
    device: bytes | None = None
    left: bytes | None = None


def admit(database: Database, person: Person, wanted: Wanted, caller: Caller, *, way: str) -> Opened | Challenged:
    """After a first factor. `way` is how it was proven, for the log: `password`, `google`, `oidc`."""
    _workspace(person, wanted)
    with database.begin_anonymous() as uow:
        if uow.factors.of(person.user_id).is_on:
            secret = secrets.token_urlsafe(32)
            uow.factors.challenge(person.user_id, _hash(secret))
            return Challenged(secret)
    return _open(database, person, wanted, caller, way=way)


def answer(database: Database, means: Means, challenge: str, attempt: Attempt, wanted: Wanted) -> Opened:
    """A second factor for a challenge: five guesses, each counted before it is looked at. Raises Unauthenticated, LimitReached."""
    with database.begin_anonymous() as uow:
        person = uow.factors.guess(_hash(challenge))
    if person is None:
        raise Unauthenticated(
            f"the challenge is not good any more: it lives for five minutes and {CHALLENGE_GUESSES} guesses. Log in again"
        )
    _workspace(person, wanted)
    check(database.begin_anonymous, means, person.user_id, attempt)
    return _open(database, person, wanted, attempt.caller, way="second_factor", challenge=_hash(challenge))


def hold_back(database: Database, caller: Caller) -> None:
    """Raises LimitReached for an address of the network that knocks too often."""
    with database.begin_anonymous() as uow:
        seconds = address_waits(uow, caller.address)
    if seconds > 0:
        raise too_many(seconds)


def _workspace(person: Person, wanted: Wanted) -> UUID:
    if not person.is_active or not person.tenants:
        raise Unauthenticated("this account cannot be logged in to")
    tenant_id = wanted.workspace_id or person.tenants[0]
    if tenant_id not in person.tenants:
        raise Refused("you are not a member of that workspace")
    return tenant_id


def _open(database: Database, person: Person, wanted: Wanted, caller: Caller, *, way: str, challenge: bytes | None = None) -> Opened:
    with database.begin(_workspace(person, wanted)) as uow:
        if challenge is not None and not uow.factors.end_challenge(challenge):
            raise Unauthenticated("the challenge was answered already: log in again")
        email = uow.factors.of(person.user_id).email
        is_new = uow.users.is_new_place(person.user_id, wanted.device, address=caller.address, user_agent=caller.user_agent)
        opened = let_in(
            uow, caller, person.user_id, tenant_id=uow.tenant_id, kind=wanted.kind, device=wanted.device, email=email, way=way,
            has_second_factor=challenge is not None,
        )  # fmt: skip
        if is_new:
            _tell(uow, email, opened, caller)
    if wanted.left is not None:
        leave(database, wanted.left)
    return opened


def _tell(uow: UnitOfWork, email: str, opened: Opened, caller: Caller) -> None:
    """Who did not log in themselves learns of it."""
    wait = uow.identity.seconds_to_wait(bucket_of("place", str(opened.user_id)), capacity=PER_PLACE[0], per_second=PER_PLACE[1])
    if wait == 0:
        mailing.send_new_place(uow, email, event=str(opened.session_id), caller=caller, at=datetime.now(UTC))


def _hash(secret: str) -> bytes:
    return hashlib.sha256(b"challenge:" + secret.encode("utf-8", "surrogatepass")).digest()
