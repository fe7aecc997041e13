"""Who somebody is: users, workspaces, roles, keys. Hashing and tokens are in `gateways.credentials`."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.errors import FieldProblem, Unacceptable
from domain.roles import SCOPES

# A check for typing slips, not for existence: that takes a mail.
EMAIL = re.compile(r"[^@\s,;<>()\[\]\\\"\x00-\x1f\x7f]{1,64}@(?:[^@\s.\x00-\x1f\x7f]{1,63}\.)+[^@\s.\x00-\x1f\x7f]{2,63}")
PASSWORD_LENGTH = range(12, 129)
NAME_RULE = "use 1 to 100 printable characters"


@dataclass(frozen=True, slots=True)
class Profile:
    """What `GET /me` tells: the user, the workspace and the role in it."""

    user_id: UUID
    email: str
    full_name: str | None
    tenant_id: UUID
    tenant_name: str
    role: str
    plan: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """A workspace of a user, with the role in it."""

    tenant_id: UUID
    tenant_name: str
    role: str
    plan: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Login:
    """What is known of an e-mail address at login. `tenants` are the workspaces of the user, oldest first."""

    user_id: UUID
    password_hash: str | None
    is_active: bool
    tenants: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret, which was shown once. `old_until`: how long the secret of before its rotation is good, too."""

    key_id: UUID
    user_id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None
    old_until: datetime | None


def registration_problems(email: str, password: str, tenant_name: str, full_name: str | None = None) -> tuple[FieldProblem, ...]:
    """What is wrong with a registration, per field; empty when all is well."""
    found = []
    if len(email) > 254 or not EMAIL.fullmatch(email):
        found.append(FieldProblem("/email", "write an e-mail address such as ana@example.org"))
    if len(password) not in PASSWORD_LENGTH:
        found.append(FieldProblem("/password", f"use {PASSWORD_LENGTH.start} to {PASSWORD_LENGTH.stop - 1} characters"))
    elif password.lower() in {email.lower(), email.split("@", 1)[0].lower(), "password1234", "123456789012"}:
        found.append(FieldProblem("/password", "choose one that cannot be guessed from the address"))
    if not is_name(tenant_name):
        found.append(FieldProblem("/workspace", NAME_RULE))
    if full_name is not None and not is_name(full_name):
        found.append(FieldProblem("/full_name", NAME_RULE))
    return tuple(found)


def is_name(words: str) -> bool:
    """Short, not blank, and nothing that a screen or a log would take for a command."""
    return 1 <= len(words.strip()) <= 100 and words.isprintable()


def check_name(name: str, pointer: str) -> None:
    if not is_name(name):
        raise Unacceptable(f"{pointer.removeprefix('/')} cannot be accepted", (FieldProblem(pointer, NAME_RULE),))


def check_key(name: str, expires_at: datetime | None, *, now: datetime) -> None:
    found = [] if is_name(name) else [FieldProblem("/name", NAME_RULE)]
    if expires_at is not None and expires_at <= now:
        found.append(FieldProblem("/expires_at", "choose a moment that is still to come, or leave it out"))
    if found:
        raise Unacceptable("the key cannot be accepted", tuple(found))


def check_registration(email: str, password: str, tenant_name: str, full_name: str | None = None) -> None:
    problems = registration_problems(email, password, tenant_name, full_name)
    if problems:
        raise Unacceptable("the registration cannot be accepted", problems)


def check_scopes(scopes: tuple[str, ...]) -> None:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Unacceptable("the key's scopes cannot be accepted", (FieldProblem("/scopes", f"choose from {', '.join(SCOPES)}"),))
