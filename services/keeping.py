"""Keeping what platforms told: how it was selected, how long it may be kept, what is gone. The statements are in `store.catalogue`.

Rows of the YouTube API are refreshed or deleted within 30 days, unless the project's amendment says otherwise; a newer read lengthens that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from domain.catalogue import RowOutcome
from domain.errors import NotFound
from domain.observations import Observed, Platform, Selection
from domain.sources import AccountRead, SourceName
from store.catalogue import Origin
from store.work import UnitOfWork

KEPT = timedelta(days=30)


def keep(
    uow: UnitOfWork, posts: Sequence[Observed], *, source: SourceName, selection: Selection, is_amended: bool = False
) -> list[RowOutcome]:
    """Keep posts and the accounts they name. Outcomes are in the order of `posts`, numbered from 1."""
    batch = [replace(seen, line=line) for line, seen in enumerate(posts, 1)]
    until = None if is_amended or not batch else expires_at(source, min(seen.observed_at for seen in batch))
    outcomes = uow.catalogue.put(batch, Origin(source.value, selection.value, expires_at=until))
    if until is not None:
        _lengthen(uow, batch, until)
    return outcomes


def keep_account(uow: UnitOfWork, read: AccountRead, *, is_amended: bool = False) -> UUID:
    """Keep an account with its posts. Returns the account's id, which may be another one than before: that of the real one."""
    return keep_accounts(uow, [read], is_amended=is_amended)[0][0]


def keep_accounts(uow: UnitOfWork, reads: Sequence[AccountRead], *, is_amended: bool = False) -> list[tuple[UUID, int]]:
    """Keep several accounts in a few statements. Returns the id of each, and how many of its rows were new."""
    new: dict[int, int] = dict.fromkeys(range(len(reads)), 0)
    rows = [(source, selection.value, number, seen) for number, read in enumerate(reads) for source, selection, seen in _rows(read)]
    for (source, selection), group in groupby(sorted(rows, key=lambda row: row[:3]), key=lambda row: row[:2]):
        batch = list(group)
        outcomes = keep(uow, [row[3] for row in batch], source=source, selection=Selection(selection), is_amended=is_amended)
        for row, outcome in zip(batch, outcomes, strict=True):
            new[row[2]] += outcome.outcome == "accepted" and outcome.video is not None
    found = uow.catalogue.account_ids([read.account for read in reads])
    ids = [_known(each, read) for each, read in zip(found, reads, strict=True)]
    for each, read in zip(ids, reads, strict=True):
        uow.catalogue.adopt([each], source=read.source.value, until=None if is_amended else expires_at(read.source, read.fetched_at))
    return [(each, new[number]) for number, each in enumerate(ids)]


def _rows(read: AccountRead) -> Iterator[tuple[SourceName, Selection, Observed]]:
    """The account itself, then its posts: a census as far as the read promises one, older posts (a pinned one) are no part of it."""
    yield read.source, Selection.CENSUS if read.complete_since else Selection.MANUAL, Observed(0, read.account, read.fetched_at)
    for seen in read.posts:
        posted = seen.video.posted_at if seen.video else None
        is_census = read.complete_since is not None and posted is not None and posted >= read.complete_since
        yield read.source, Selection.CENSUS if is_census else Selection.MANUAL, seen


def _known(account_id: UUID | None, read: AccountRead) -> UUID:
    if account_id is None:
        raise NotFound("account", read.account.external_id or read.account.username)
    return account_id


def mark_gone(uow: UnitOfWork, platform: Platform, gone: Mapping[str, str], *, now: datetime) -> int:
    """Posts that are not there, or private, says the platform: marked, not forgotten. Returns how many were not marked before."""
    return len(uow.removals.mark(platform, gone, now=now))


def expires_at(source: SourceName, moment: datetime) -> datetime | None:
    """Until when rows of that source may be kept without being fetched anew."""
    return moment + KEPT if source is SourceName.YOUTUBE_API else None


def _lengthen(uow: UnitOfWork, batch: Sequence[Observed], until: datetime) -> None:
    posts = [seen.video.external_id for seen in batch if seen.video]
    accounts = {seen.account.external_id or seen.account.username: seen.account for seen in batch}
    ids = [each for each in uow.catalogue.account_ids(list(accounts.values())) if each]
    uow.catalogue.lengthen(batch[0].account.platform.value, posts, ids, until=until)
