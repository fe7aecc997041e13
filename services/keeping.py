"""Keeping what was read: every row gets its source, how it came in, and the policy clock's date."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.catalogue import RowOutcome
from domain.observations import Observed, Selection
from domain.sources import AccountRead, SourceName
from store.catalogue import Origin
from store.work import UnitOfWork

CLOCK = timedelta(days=30)


def keep(uow: UnitOfWork, posts: Sequence[Observed], *, source: SourceName, selection: Selection) -> list[RowOutcome]:
    """Keep posts that a platform told of."""
    if not posts:
        return []
    return uow.catalogue.put(posts, Origin(source, selection, expires_at=_expires(max(post.observed_at for post in posts))))


def keep_account(uow: UnitOfWork, read: AccountRead) -> UUID:
    """Keep an account as it was read; returns its id."""
    seen = Observed(1, read.account, read.fetched_at)
    uow.catalogue.put([seen], Origin(read.source, Selection.CENSUS, expires_at=_expires(read.fetched_at)))
    return uow.channels.account_of(read.account.external_id or "")


def _expires(moment: datetime) -> datetime:
    return moment + CLOCK
