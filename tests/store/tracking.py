"""Tracked accounts for tests of the store, without any service."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.tracking import Tracking, TrackingState
from store.work import UnitOfWork


def put_tracking(uow: UnitOfWork, *, at: datetime, account_id: UUID | None = None, **changes: object) -> Tracking:
    """A tracking of the account, or of the first one there is."""
    found = uow.connection.execute(sa.text("select account_id, platform from accounts order by created_at, account_id")).all()
    account = next((each for each in found if account_id in (None, each.account_id)), found[0])
    words = {
        "account_id": account.account_id,
        "platform": account.platform,
        "state": TrackingState.LIVE,
        "created_at": at,
        "next_run_at": at,
    }
    made = Tracking(**{**words, **changes})
    uow.trackings.put([made])
    return made
