"""A user's second factor: set up, confirmed with a code, checked, given up. Logging in with it is `services.logging_in`.

A step of the clock is accepted once. Guesses are taken from a bucket before they are looked at, and a right one is given back. Recovery
codes have a bucket of their own: who exhausts the guesses at codes does not lock the owner out.
"""

import hashlib
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from domain.errors import Conflict, FieldProblem, LimitReached, Unacceptable, Unauthenticated
from domain.ports import TotpCodes, Vault
from domain.second_factor import (
    GUESSES,
    RECOVERY_ALPHABET,
    RECOVERY_CODES,
    RECOVERY_LETTERS,
    SecondFactor,
    context,
    recovery_word,
    shown_recovery_code,
)
from services import mailing
from services.sessions import Caller, note
from store.work import UnitOfWork

Begin: TypeAlias = Callable[[], AbstractContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class Means:
    """What codes are made and secrets are sealed with."""

    codes: TotpCodes
    vault: Vault


@dataclass(frozen=True, slots=True)
class Attempt:
    """A code that somebody wrote, and when."""

    code: str = field(repr=False)
    caller: Caller
    now: datetime


def enrol(begin: Begin, means: Means, user_id: UUID) -> str:
    """The address of a new secret, for an authenticator. Raises Conflict where a second factor is on."""
    secret = means.codes.new_secret()
    with begin() as uow:
        if not uow.factors.begin(means.vault.seal(secret, context=context(user_id))):
            raise Conflict("the second factor is on already: switch it off first")
        email = uow.factors.of(user_id).email
    return means.codes.uri(secret, account=email)


def confirm(begin: Begin, means: Means, user_id: UUID, attempt: Attempt) -> tuple[str, ...]:
    """Switch it on: the ten recovery codes. Raises Unacceptable for a wrong code, Conflict where there is nothing to confirm."""
    bucket = _take_guess(begin, user_id, "totp", now=attempt.now)
    with begin() as uow:
        factor = uow.factors.of(user_id)
        if factor.sealed is None or factor.is_on:
            raise Conflict("there is no second factor to confirm: begin at POST /api/v1/me/second-factor")
        # The row is locked once a step was accepted: another secret that came in between is seen then.
        if not _is_right_code(uow, means, factor, attempt) or uow.factors.of(user_id).sealed != factor.sealed:
            raise Unacceptable("the code is wrong", (FieldProblem("/code", "write the six digits that the app shows now"),))
        shown, hashes = _fresh_codes(user_id)
        if not uow.factors.confirm(hashes):
            raise Conflict("the second factor was confirmed already")
        uow.identity.give_back(bucket, capacity=GUESSES[0])
        if uow.session is not None:
            uow.factors.prove(uow.session.session_id)
        _changed(uow, factor, "enabled", attempt)
    return shown


def renew_codes(begin: Begin, user_id: UUID, attempt: Attempt) -> tuple[str, ...]:
    """Ten other recovery codes; those of before are no good any more. The code was checked before."""
    with begin() as uow:
        shown, hashes = _fresh_codes(user_id)
        if not uow.factors.renew_codes(hashes):
            raise Conflict("the second factor is off")
        _changed(uow, uow.factors.of(user_id), "codes_renewed", attempt)
    return shown


def disable(begin: Begin, user_id: UUID, attempt: Attempt) -> None:
    """Switch it off. Password and code were checked before."""
    with begin() as uow:
        factor = uow.factors.of(user_id)
        if not uow.factors.drop():
            raise Conflict("the second factor is off")
        _changed(uow, factor, "disabled", attempt)


def check(begin: Begin, means: Means, user_id: UUID, attempt: Attempt) -> None:
    """Use up a time-based or a recovery code. Raises Unauthenticated where it is none, LimitReached where there were too many guesses."""
    word = recovery_word(attempt.code)
    kind = "recovery_code" if word else "totp"
    bucket = _take_guess(begin, user_id, kind, now=attempt.now)
    with begin() as uow:
        factor = uow.factors.of(user_id)
        is_right = factor.is_on and (
            uow.factors.use_code(user_id, _code_hash(user_id, word)) if word else _is_right_code(uow, means, factor, attempt)
        )
        if is_right:
            uow.identity.give_back(bucket, capacity=GUESSES[0])
        note(uow, "second_factor", attempt.caller, is_success=is_right, user_id=user_id, reason=kind)
    if not is_right:
        raise Unauthenticated("the code is wrong, or was used before: wait for the next one")


def check_own(begin: Begin, means: Means, user_id: UUID, attempt: Attempt) -> None:
    """The same for somebody who is logged in: a wrong code is Unacceptable, for the session stays good."""
    try:
        check(begin, means, user_id, attempt)
    except Unauthenticated as error:
        raise Unacceptable(
            str(error), (FieldProblem("/code", "write the six digits that the app shows now, or a recovery code"),)
        ) from error


def _is_right_code(uow: UnitOfWork, means: Means, factor: SecondFactor, attempt: Attempt) -> bool:
    if factor.sealed is None:
        return False
    secret = means.vault.open(factor.sealed, context=context(factor.user_id))
    step = means.codes.step_of(secret, attempt.code, now=attempt.now)
    return step is not None and uow.factors.accept_step(factor.user_id, step)


def _take_guess(begin: Begin, user_id: UUID, kind: str, *, now: datetime) -> str:
    """Committed before the guess is looked at."""
    bucket = f"second-factor:{kind}:{user_id}"
    with begin() as uow:
        seconds = uow.identity.seconds_to_wait(bucket, capacity=GUESSES[0], per_second=GUESSES[1])
    if seconds > 0:
        raise LimitReached("guesses at the second factor", GUESSES[0], GUESSES[0], now + timedelta(seconds=seconds))
    return bucket


def _fresh_codes(user_id: UUID) -> tuple[tuple[str, ...], list[bytes]]:
    words = ["".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LETTERS)) for _ in range(RECOVERY_CODES)]
    return tuple(map(shown_recovery_code, words)), [_code_hash(user_id, word) for word in words]


def _code_hash(user_id: UUID, word: str) -> bytes:
    """80 random bits are not guessed from a hash: it need not be slow."""
    return hashlib.sha256(f"recovery:{user_id}:{word}".encode()).digest()


_TOLD = {"enabled": "switched on", "disabled": "switched off", "codes_renewed": "given new recovery codes"}


def _changed(uow: UnitOfWork, factor: SecondFactor, what: str, attempt: Attempt) -> None:
    """In both logs, and told to the owner: who did not do it learns of it."""
    uow.trust.note(f"second_factor.{what}", str(factor.user_id), actor=factor.user_id, request_id=attempt.caller.request_id)
    note(uow, "second_factor_change", attempt.caller, user_id=factor.user_id, reason=what)
    event = f"{factor.user_id}:{what}:{attempt.now.isoformat()}"
    mailing.send_second_factor_changed(uow, factor.email, event=event, what=_TOLD[what])
