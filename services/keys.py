"""API keys: made, renamed, rotated, revoked. What a key may do is decided in every call anew, by its scopes and what its user is then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import Conflict, FieldProblem, LimitReached, Refused, Unacceptable
from domain.identity import ApiKey, check_name, check_scopes
from domain.ports import KeyMaker
from domain.roles import Action, Role, grantable, may
from store.ids import new_id
from store.work import UnitOfWork

MAX_KEYS = 50


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key with its secret, to be shown once."""

    key: ApiKey
    plain: str


def make_key(
    uow: UnitOfWork, maker: KeyMaker, *, user_id: UUID, name: str, scopes: tuple[str, ...], expires_at: datetime | None = None
) -> MadeKey:
    """A key of the user, with no scope that whoever asks for it could not use. Raises LimitReached, Refused, Unacceptable."""
    check_scopes(scopes)
    _check_beyond(uow, scopes)
    usable = [key for key in uow.identity.api_keys() if key.revoked_at is None]
    if len(usable) >= MAX_KEYS:
        raise LimitReached("API keys of this workspace", MAX_KEYS, len(usable))
    key_id = new_id()
    made = maker(key_id)
    uow.identity.add_key(
        key_id=key_id, user_id=user_id, name=name, prefix=made.prefix, key_hash=made.key_hash, scopes=scopes, expires_at=expires_at
    )
    uow.trust.note("api_key.made", str(key_id), actor=uow.user_id, details={"after": {"scopes": scopes, "expires_at": expires_at}})
    return MadeKey(uow.identity.key(key_id), made.plain)


def rename(uow: UnitOfWork, key_id: UUID, name: str) -> ApiKey:
    check_name(name, "/name")
    key = _mine_or_managed(uow, key_id)
    uow.identity.rename_key(key_id, name.strip())
    uow.trust.note(
        "api_key.renamed", str(key_id), actor=uow.user_id, details={"before": {"name": key.name}, "after": {"name": name.strip()}}
    )
    return uow.identity.key(key_id)


def revoke(uow: UnitOfWork, key_id: UUID, *, now: datetime) -> None:
    """At once and for good, both secrets of a rotated one."""
    _mine_or_managed(uow, key_id)
    uow.identity.revoke_key(key_id, now=now)
    uow.trust.note("api_key.revoked", str(key_id), actor=uow.user_id)


def rotate(uow: UnitOfWork, maker: KeyMaker, key_id: UUID, *, overlap: timedelta, now: datetime) -> MadeKey:
    """Another secret for a key of one's own; the one of now goes on for `overlap`. Only its user ever learns a key's secret."""
    key = uow.identity.key(key_id)
    if key.user_id != uow.user_id:
        raise Refused("this key is another member's: revoke it, and let them make one")
    if key.expires_at is not None and key.expires_at <= now:
        raise Conflict(f"API key {key_id} has expired: make another one")
    _check_beyond(uow, key.scopes)
    made = maker(key_id)
    uow.identity.rotate_key(key_id, made.key_hash, now=now, old_until=now + overlap)
    uow.trust.note("api_key.rotated", str(key_id), actor=uow.user_id, details={"after": {"old_until": now + overlap}})
    return MadeKey(uow.identity.key(key_id), made.plain)


def _mine_or_managed(uow: UnitOfWork, key_id: UUID) -> ApiKey:
    key = uow.identity.key(key_id)
    if key.user_id != uow.user_id and not (uow.role and may(Role(uow.role), Action.MANAGE_KEYS)):
        raise Refused("this key is another member's: ask an admin of the workspace")
    return key


def _check_beyond(uow: UnitOfWork, scopes: tuple[str, ...]) -> None:
    """No key gets, and no key hands out, what its maker lacks."""
    if uow.role is None:  # nobody called: the product's own start
        return
    known = grantable(Role(uow.role), uow.scopes if uow.key_id is not None else None)
    if set(scopes) - set(known):
        problem = FieldProblem("/scopes", f"choose from what you can use yourself: {', '.join(known)}")
        raise Unacceptable("the key would be able to do more than you", (problem,))
