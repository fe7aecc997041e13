"""Syncs of own channels of all tenants, for the schedule that asks for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.requests import KINDS
from store import owner_sql as sql


class SystemSyncs:
    """Syncs of all tenants, for the schedule."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def open(self) -> int:
        """How many wait or run."""
        waiting = "select count(*) from requests where kind = 'sync' and state in ('pending', 'launched', 'running')"
        return int(self._connection.execute(sa.text(waiting)).scalar_one())

    def ask(self, ids: Sequence[UUID], *, since: datetime) -> int:
        """Ask under these ids for syncs of active channels that were not asked for since then; returns how many there were."""
        words = {
            "ids": list(ids),
            "most": len(ids),
            "since": since,
            "attempts": KINDS["sync"].max_attempts,
            "claim": KINDS["sync"].claim_on,
        }
        return self._connection.execute(sa.text(sql.ASK_DUE), words).rowcount
