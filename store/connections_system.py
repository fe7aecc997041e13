"""Grants of all tenants, for the sensor and for the command that re-seals: who is due, and what is past its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from domain.connections import GrantName, Reading
from domain.requests import State


@dataclass(frozen=True, slots=True)
class Unread:
    """A live grant whose channel was not read yet, and the request for it, where there is one."""

    tenant_id: UUID
    connection_id: UUID
    channel_id: UUID
    asked: Reading | None


_UNREAD = """
select c.tenant_id, c.connection_id, c.channel_id, r.state, r.attempt, r.finished_at
  from connections c left join requests r
    on r.tenant_id = c.tenant_id and r.kind = 'sync' and r.subject like 'onboard:%' and r.subject = 'onboard:' || c.connection_id
 where c.status = 'live' and (r.request_id is null or r.state in ('failed', 'skipped'))
 order by c.created_at limit :limit"""


class SystemConnections:
    """What the role `system` sees of them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def unread(self, *, limit: int = 100) -> list[Unread]:
        rows = self._connection.execute(sa.text(_UNREAD), {"limit": limit})
        return [
            Unread(
                row.tenant_id, row.connection_id, row.channel_id,
                Reading(State(row.state), row.attempt, row.finished_at) if row.state else None,
            )
            for row in rows
        ]  # fmt: skip

    def revocations(self, *, limit: int) -> list[GrantName]:
        """Those that the provider is to be told, the longest due first."""
        rows = self._connection.execute(
            sa.text(
                "select tenant_id, connection_id from connections where status = 'revoking' and revoke_not_before <= clock_timestamp()"
                " order by revoke_not_before limit :limit"
            ),
            {"limit": limit},
        )
        return [GrantName(row.tenant_id, row.connection_id) for row in rows]

    def delete_overdue_tokens(self) -> list[GrantName]:
        """Their day has come, and the provider was never told: those whose tokens went."""
        rows = self._connection.execute(
            sa.text(
                "update connections set status = 'revoked', access_token = null, refresh_token = null, tokens_deleted_at = clock_timestamp()"
                " where status = 'revoking' and delete_after <= clock_timestamp() returning tenant_id, connection_id"
            )
        )
        return [GrantName(row.tenant_id, row.connection_id) for row in rows]

    def forget_states(self) -> int:
        """Consents that did not come back in time, and those that did."""
        return self._connection.execute(sa.text("delete from oauth_states where expires_at <= clock_timestamp()")).rowcount

    def with_tokens(self, *, after: GrantName | None = None, limit: int = 500) -> Sequence[GrantName]:
        """Grants that hold tokens, in the order of their names."""
        position = {"tenant": after.tenant_id, "id": after.connection_id} if after else {"tenant": UUID(int=0), "id": UUID(int=0)}
        rows = self._connection.execute(
            sa.text(
                "select tenant_id, connection_id from connections where (tenant_id, connection_id) > (:tenant, :id)"
                " and (access_token is not null or refresh_token is not null) order by tenant_id, connection_id limit :limit"
            ),
            {**position, "limit": limit},
        )
        return [GrantName(row.tenant_id, row.connection_id) for row in rows]
