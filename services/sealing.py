"""Rotation of the keys that seal tokens: everything that is not sealed with the first one is sealed anew, while all else goes on."""

from dataclasses import dataclass

from domain.connections import GrantName, SealedTokens
from domain.errors import Unacceptable
from domain.ports import Vault
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
    """One transaction per grant; may be broken off and run again."""
    done = {"resealed": 0, "current": 0, "unreadable": 0}
    last: GrantName | None = None
    while True:
        with database.begin_system() as system:
            names = system.connections.with_tokens(after=last, limit=page)
        for name in names:
            with database.begin(name.tenant_id) as uow:
                done[_one(uow, vault, name)] += 1
        if len(names) < page:
            return Resealed(**done)
        last = names[-1]


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
