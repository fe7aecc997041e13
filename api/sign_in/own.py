"""Whoever changes their own ways in: a person in a session of their own, who knows the password where there is one."""

from datetime import UTC, datetime
from uuid import UUID

from api.me import user_of
from api.security import needs
from domain.errors import FailureCategory, FieldProblem, SourceRefused, Unacceptable
from domain.ports import Platforms
from domain.roles import Action
from gateways.credentials import Passwords
from gateways.totp import Totp
from services.identity import bucket_of
from services.logins import too_many
from services.members import needs_fresh_login
from services.passwords import PER_CHANGE
from services.second_factor import Means
from services.sessions import own_session
from services.signing_in import check_owned
from store.database import Database, Entry
from store.work import UnitOfWork


def own_user(uow: UnitOfWork) -> UUID:
    """The user of a session of their own. Keys and administrators who act for somebody change no way in."""
    needs(uow, Action.MANAGE_SELF)
    own_session(uow)
    return user_of(uow.user_id)


def proven_user(database: Database, entry: Entry, passwords: Passwords, password: str | None) -> UUID:
    """The same, by the password; who has none, by a login of the last 15 minutes: a session that was stolen is no way to keep an account.

    Guesses count as those at changing the password do. The user's address has to be known as theirs.
    """
    with database.begin(entry) as uow:
        known = uow.factors.of(own_user(uow))
        check_owned(uow)
        if known.password_hash is None:
            needs_fresh_login(uow, now=datetime.now(UTC))
        bucket = bucket_of("change", str(known.user_id))
        seconds = uow.identity.seconds_to_wait(bucket, capacity=PER_CHANGE[0], per_second=PER_CHANGE[1]) if known.password_hash else 0
    if known.password_hash is None:
        return known.user_id
    if seconds > 0:
        raise too_many(seconds)
    if not passwords.verify(password or "", known.password_hash):
        raise Unacceptable("the password is wrong", (FieldProblem("/password", "write the password of your account"),))
    with database.begin_anonymous() as uow:
        uow.identity.give_back(bucket, capacity=PER_CHANGE[0])
    return known.user_id


def means_of(platforms: Platforms, totp: Totp) -> Means:
    if platforms.vault is None:
        raise SourceRefused(
            "vault", platforms.lacking.get("vault", "WHYRAL_TOKEN_KEYS is not set"), category=FailureCategory.NOT_CONFIGURED,
            for_callers="second factors are not set up here",
        )  # fmt: skip
    return Means(totp, platforms.vault)
