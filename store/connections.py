"""Grants as stored: tokens sealed, refreshes written ahead. Times are the database's; sealing and opening is the caller's.

`generation` fences the tokens: an answer is kept only beside the tokens that it was asked with, however late it comes.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.connections import HELD, REFRESH_LEASE, Connection, ConnectionStatus, SealedTokens
from domain.errors import NotFound
from store.repository import Repository
from store.tables.channels import connections

_C = connections.c
_SHOWN = tuple(_C[name] for name in Connection.__dataclass_fields__)
_HELD = [str(each) for each in HELD]


class Connections(Repository):
    """One tenant's grants."""

    def add(self, *, connection_id: UUID, words: Mapping[str, object], tokens: SealedTokens) -> Connection:
        row = {"connection_id": connection_id, "status": ConnectionStatus.LIVE, **words}
        self._insert(connections, {**row, "access_token": tokens.access_token, "refresh_token": tokens.refresh_token})
        return self.get(connection_id)

    def get(self, connection_id: UUID, *, lock: bool = False) -> Connection:
        found = self._one(_C.connection_id == connection_id, lock=lock)
        if found is None:
            raise NotFound("connection", connection_id)
        return found

    def of_channel(self, channel_id: UUID, *, lock: bool = False) -> Connection | None:
        """The grant that the channel has, else the last one that it had."""
        return self._one(_C.channel_id == channel_id, lock=lock)

    def open(self) -> list[Connection]:
        """Every grant that was not taken back yet, oldest first."""
        found = sa.select(*_SHOWN).where(_C.tenant_id == self._tenant_id, _C.status != ConnectionStatus.REVOKED)
        return [_connection(row) for row in self._run(found.order_by(_C.created_at, _C.connection_id))]

    def tokens(self, connection_id: UUID) -> SealedTokens:
        found = sa.select(_C.access_token, _C.refresh_token).where(_C.tenant_id == self._tenant_id, _C.connection_id == connection_id)
        row = self._run(found).one()
        return SealedTokens(row.access_token, row.refresh_token)

    def begin_refresh(self, known: Connection, holder: UUID) -> bool:
        """Write ahead that the provider is about to be asked. Returns False while somebody else asks, or once other tokens came."""
        done = self._run(
            "update connections set refresh_asked_at = clock_timestamp(), refreshing_by = :holder, refreshing_until = clock_timestamp() + :lease"
            " where tenant_id = :tenant and connection_id = :id and status = 'live' and generation = :generation"
            " and (refreshing_until is null or refreshing_until <= clock_timestamp())",
            id=known.connection_id, generation=known.generation, holder=holder, lease=REFRESH_LEASE,
        )  # fmt: skip
        return done.rowcount == 1

    def expire(self, known: Connection) -> None:
        """Its access token is good no more, whatever was said about how long it lives."""
        self._run(
            "update connections set expires_at = null where tenant_id = :tenant and connection_id = :id and generation = :generation",
            id=known.connection_id, generation=known.generation,
        )  # fmt: skip

    def keep(self, known: Connection, tokens: SealedTokens, *, expires_at: datetime, scopes: tuple[str, ...], is_rotated: bool) -> bool:
        """Keep a refresh's answer, late ones too: also after another try with the old token was told that it is dead.

        Returns False where other tokens were kept meanwhile, or the grant was given up.
        """
        done = self._run(
            "update connections set access_token = :access, refresh_token = coalesce(:refresh, refresh_token), expires_at = :expires,"
            " scopes = :scopes, generation = generation + 1, status = 'live', error = null, refreshed_at = clock_timestamp(),"
            " refresh_asked_at = null, refreshing_by = null, refreshing_until = null"
            " where tenant_id = :tenant and connection_id = :id and generation = :generation"
            " and (status = 'live' or (status = 'needs_reauth' and :is_rotated))",
            id=known.connection_id, generation=known.generation, access=tokens.access_token, refresh=tokens.refresh_token,
            expires=expires_at, scopes=list(scopes), is_rotated=is_rotated,
        )  # fmt: skip
        return done.rowcount == 1

    def end_refresh(self, connection_id: UUID, holder: UUID, *, is_answered: bool) -> None:
        """Let the next one try. Where no answer came it stays written that one is outstanding."""
        self._run(
            "update connections set refreshing_by = null, refreshing_until = null,"
            " refresh_asked_at = case when :is_answered then null else refresh_asked_at end"
            " where tenant_id = :tenant and connection_id = :id and refreshing_by = :holder",
            id=connection_id, holder=holder, is_answered=is_answered,
        )  # fmt: skip

    def mark_dead(self, known: Connection, error: Mapping[str, object]) -> bool:
        """The provider says that the grant is dead. Returns False where other tokens came, or somebody said so before."""
        done = self._run(
            "update connections set status = 'needs_reauth', error = cast(:error as jsonb), refreshing_by = null, refreshing_until = null"
            " where tenant_id = :tenant and connection_id = :id and generation = :generation and status = 'live'",
            id=known.connection_id, generation=known.generation, error=json.dumps(error),
        )  # fmt: skip
        return done.rowcount == 1

    def begin_revoking(self, connection_id: UUID, *, kept: timedelta) -> Connection:
        """Nothing uses the grant from now on; its tokens stay until the provider has taken them back, and until then at most."""
        self._run(
            "update connections set status = 'revoking', revoked_at = now(), delete_after = now() + :kept,"
            " revoke_not_before = clock_timestamp(), access_token = null, refreshing_by = null, refreshing_until = null"
            " where tenant_id = :tenant and connection_id = :id and status = any(:held)",
            id=connection_id, kept=kept, held=_HELD,
        )  # fmt: skip
        return self.get(connection_id)

    def put_revocation_off(self, connection_id: UUID, *, pause: timedelta, error: Mapping[str, object]) -> None:
        self._run(
            "update connections set revoke_tries = revoke_tries + 1, revoke_not_before = clock_timestamp() + :pause, error = cast(:error as jsonb)"
            " where tenant_id = :tenant and connection_id = :id and status = 'revoking'",
            id=connection_id, pause=pause, error=json.dumps(error),
        )  # fmt: skip

    def tries_to_revoke(self, connection_id: UUID) -> int:
        found = "select revoke_tries from connections where tenant_id = :tenant and connection_id = :id"
        return int(self._run(found, id=connection_id).scalar_one())

    def end(self, connection_id: UUID, *, error: Mapping[str, object] | None = None) -> Connection:
        """Revoked: the row stays as history, its tokens go."""
        self._run(
            "update connections set status = 'revoked', access_token = null, refresh_token = null, tokens_deleted_at = clock_timestamp(),"
            " revoked_at = coalesce(revoked_at, clock_timestamp()), error = cast(:error as jsonb), refresh_asked_at = null,"
            " refreshing_by = null, refreshing_until = null"
            " where tenant_id = :tenant and connection_id = :id and status <> 'revoked'",
            id=connection_id, error=json.dumps(error) if error else None,
        )  # fmt: skip
        return self.get(connection_id)

    def reseal(self, connection_id: UUID, tokens: SealedTokens) -> None:
        """The same tokens under another key. The caller has locked the row."""
        change = connections.update().where(_C.tenant_id == self._tenant_id, _C.connection_id == connection_id)
        self._run(change.values(access_token=tokens.access_token, refresh_token=tokens.refresh_token))

    def _one(self, *where: sa.ColumnElement[bool], lock: bool = False) -> Connection | None:
        found = sa.select(*_SHOWN).where(_C.tenant_id == self._tenant_id, *where)
        row = self._run(
            (found.with_for_update() if lock else found).order_by(_C.created_at.desc(), _C.connection_id.desc()).limit(1)
        ).first()
        return _connection(row) if row else None


def _connection(row: sa.Row[Any]) -> Connection:
    words = dict(row._mapping)
    lists = {name: tuple(words[name]) for name in ("asked_scopes", "scopes")}
    return Connection(**{**words, **lists, "status": ConnectionStatus(words["status"])})
