"""Rotation of the keys that seal tokens and second factors: what is not sealed with the first one is sealed anew, while all goes on."""

from dataclasses import dataclass
from uuid import UUID

from domain.connections import GrantName, SealedTokens
from domain.errors import Unacceptable
from domain.ports import Vault
from domain.second_factor import context
from store.database import Database
from store.work import UnitOfWork

PAGE = 500


@dataclass(frozen=True, slots=True)
class Resealed:
    """What a pass came to. With none `unreadable`, the other keys may be taken out of the setting."""

    resealed: int = 0
    current: int = 0
    unreadable: int = 0


def reseal(database: Database, vault: Vault, *, page: int = PAGE) -> Resealed:
    """One transaction per grant or second factor; may be broken off and run again."""
    done = {"resealed": 0, "current": 0, "unreadable": 0}
    last: GrantName | None = None
    while True:
        with database.begin_system() as system:
            names = system.connections.with_tokens(after=last, limit=page)
        for name in names:
            with database.begin(name.tenant_id) as uow:
                done[_one(uow, vault, name)] += 1
        if len(names) < page:
            break
        last = names[-1]
    _factors(database, vault, done, page=page)
    return Resealed(**done)


def _factors(database: Database, vault: Vault, done: dict[str, int], *, page: int) -> None:
    """Secrets of second factors. One that was changed meanwhile was sealed anew by that."""
    last: UUID | None = None
    while True:
        with database.begin_anonymous() as uow:
            rows = uow.factors.sealed(after=last, limit=page)
        for user_id, secret in rows:
            with database.begin_anonymous() as uow:
                done[_factor(uow, vault, user_id, secret)] += 1
        if len(rows) < page:
            return
        last = rows[-1][0]


def _factor(uow: UnitOfWork, vault: Vault, user_id: UUID, secret: bytes) -> str:
    try:
        if vault.is_current(secret):
            return "current"
        fresh = _again(vault, secret, context(user_id))
    except Unacceptable:
        return "unreadable"
    return "resealed" if fresh is not None and uow.factors.reseal(user_id, secret, fresh) else "current"


def _one(uow: UnitOfWork, vault: Vault, name: GrantName) -> str:
    uow.connections.get(name.connection_id, lock=True)
    kept = uow.connections.tokens(name.connection_id)
    columns = {"access_token": kept.access_token, "refresh_token": kept.refresh_token}
    try:
        if all(vault.is_current(token) for token in columns.values() if token):
            return "current"
        fresh = {column: _again(vault, token, name.context(column)) for column, token in columns.items()}
    except Unacceptable:
        return "unreadable"
    uow.connections.reseal(name.connection_id, SealedTokens(**fresh))
    return "resealed"


def _again(vault: Vault, token: bytes | None, context: bytes) -> bytes | None:
    return vault.seal(vault.open(token, context=context), context=context) if token else None
