"""Changing and resetting passwords, and verifying addresses: all that mails with single-use tokens are for."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from domain.errors import Conflict, FieldProblem, Refused, Unacceptable
from domain.identity import Profile
from domain.passwords import password_problems
from domain.sign_in import is_address
from services.account_mails import AccountMails
from services.identity import bucket_of
from services.logins import PasswordHashing, too_many
from services.sessions import Caller, end_others, note, own_session, secret_hash
from store.database import Database, Entry
from store.ids import new_id
from store.work import UnitOfWork

RESET_LIFE, VERIFY_LIFE = timedelta(minutes=30), timedelta(hours=24)
# Three mails at once per user, then one in ten minutes; guesses at a password that is to be changed as at login.
PER_MAILBOX = (3, 1 / 600)
PER_CHANGE = (5, 1 / 180)


@dataclass(frozen=True, slots=True)
class PasswordCare:
    """What all of these need: the hashing, the passwords that everybody tries, the mails."""

    hashing: PasswordHashing
    common: Collection[str]
    mails: AccountMails


def ask_for_reset(database: Database, mails: AccountMails, email: str, caller: Caller) -> None:
    """Mail a token to the user of that address, if there is one. Nobody is told whether: run it when the answer is on its way.

    It goes to the address that is kept, not to the one that was typed: two that are equal without their case may be two mailboxes.
    """
    with database.begin_anonymous() as uow:
        found = uow.identity.login(email) if is_address(email) else None
        is_wanted = found is not None and found.is_active and bool(found.tenants) and _may_mail(uow, found.user_id)
        note(uow, "password_reset_asked", caller, is_success=is_wanted, user_id=found.user_id if found else None, email=email)
    if found is None or not is_wanted:
        return
    token = secrets.token_urlsafe(32)
    with database.begin(found.tenants[0]) as uow:
        uow.users.put_token(secret_hash(token), "reset", found.user_id, RESET_LIFE)
        mails.reset(uow, uow.identity.profile(found.user_id).email, token)


def reset(database: Database, care: PasswordCare, token: str, password: str, caller: Caller) -> None:
    """Set a new password by a token of a mail; every session of the user ends. Raises Unacceptable."""
    with database.begin_anonymous() as uow:
        whom = uow.users.addressee(secret_hash(token), "reset")
    if whom is None:
        raise _stale()
    _check(password, (whom.email, whom.full_name), care.common, "/password")
    made = care.hashing.hash(password)
    with database.begin_anonymous() as uow:
        user_id = uow.users.reset_password(secret_hash(token), made)
        if user_id is None:
            raise _stale()
        note(uow, "password_reset", caller, user_id=user_id, email=whom.email)
        found = uow.identity.login(whom.email)
    if found is not None and found.tenants:
        with database.begin(found.tenants[0]) as uow:
            care.mails.changed(uow, whom.email, str(new_id()))


def change(database: Database, entry: Entry, care: PasswordCare, words: tuple[str, str], caller: Caller) -> None:
    """Change the caller's password, from the current one to the new one; their other sessions end. Raises Unacceptable, Conflict."""
    current, new = words
    profile, known_hash, seconds = _known(database, entry)
    if seconds > 0:
        raise too_many(seconds)
    if not care.hashing.verify(current, known_hash) or known_hash is None:
        with database.begin_anonymous() as uow:
            note(uow, "password_change", caller, is_success=False, user_id=profile.user_id, reason="password")
        raise Unacceptable("the password cannot be changed", (FieldProblem("/current_password", "this is not your password"),))
    _check(new, (profile.email, profile.full_name, profile.tenant_name), care.common, "/new_password")
    made = care.hashing.hash(new)
    with database.begin(entry) as uow:
        if not uow.users.change_password(profile.user_id, known_hash=known_hash, password_hash=made):
            raise Conflict("the password was changed in the meantime: use the newer one")
        end_others(uow, caller, reason="password_changed")
        note(uow, "password_change", caller, user_id=profile.user_id)
    with database.begin(_home(database, profile)) as uow:
        care.mails.changed(uow, profile.email, str(new_id()))


def send_verification(database: Database, mails: AccountMails, profile: Profile) -> None:
    """Mail a token that proves that the address is the user's. Raises LimitReached after a few."""
    with database.begin_anonymous() as uow:
        if not _may_mail(uow, profile.user_id):
            raise too_many(1 / PER_MAILBOX[1])
    token = secrets.token_urlsafe(32)
    with database.begin(_home(database, profile)) as uow:
        uow.users.put_token(secret_hash(token), "verify", profile.user_id, VERIFY_LIFE)
        mails.verify(uow, profile.email, token)


def verify(database: Database, token: str, caller: Caller) -> None:
    """The address is the user's. Raises Unacceptable for a token that is not good, or no longer."""
    with database.begin_anonymous() as uow:
        user_id = uow.users.verify_email(secret_hash(token))
        if user_id is None:
            raise _stale()
        note(uow, "email_verified", caller, user_id=user_id)


def _known(database: Database, entry: Entry) -> tuple[Profile, str | None, float]:
    """The caller, the hash of their password, and the seconds to wait before another guess at it."""
    with database.begin(entry) as uow:
        own_session(uow)
        if uow.user_id is None:
            raise Refused("a session without a user has no password")
        profile = uow.identity.profile(uow.user_id)
        found = uow.identity.login(profile.email)
        seconds = uow.identity.seconds_to_wait(bucket_of("change", str(profile.user_id)), capacity=PER_CHANGE[0], per_second=PER_CHANGE[1])
        return profile, found.password_hash if found else None, seconds


def _home(database: Database, profile: Profile) -> UUID:
    """The user's oldest workspace, from which they get mail."""
    with database.begin_anonymous() as uow:
        found = uow.identity.login(profile.email)
    return found.tenants[0] if found and found.tenants else profile.tenant_id


def _may_mail(uow: UnitOfWork, user_id: UUID) -> bool:
    wait = uow.identity.seconds_to_wait(bucket_of("mail", str(user_id)), capacity=PER_MAILBOX[0], per_second=PER_MAILBOX[1])
    return wait == 0


def _check(password: str, own_words: tuple[str | None, ...], common: Collection[str], pointer: str) -> None:
    problems = password_problems(password, own_words=[word for word in own_words if word], common=common, pointer=pointer)
    if problems:
        raise Unacceptable("the password cannot be accepted", problems)


def _stale() -> Unacceptable:
    return Unacceptable(
        "the token cannot be accepted", (FieldProblem("/token", "it was used, has expired or was never ours: ask for another mail"),)
    )
