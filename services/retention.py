"""Keeping to the policy clock: what expires soon is read again, what has expired goes. The statements are in `store.retention`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from domain.adding import BY_ADDRESS, TOGETHER, told
from domain.errors import FailureCategory, LimitReached, SourceFailed, Unacceptable
from domain.observations import Platform, Selection
from domain.ports import Platforms
from domain.sources import PostsRead, Target
from services.fetching import Fetching
from services.insights.releases import RELEASES_KEPT
from services.keeping import keep, keep_account
from services.library import renew_aggregates
from services.work import Work
from store.ids import new_id
from store.retention import TABLES, Expiring

# What has fewer days left than this is read again, so many of it in one run: the rest has its turn tomorrow.
AHEAD = timedelta(days=5)
VIDEOS, ACCOUNTS = 5_000, 200
BATCH = 5_000
# A row is overdue where its time has been up for a day: the run comes once a day.
GRACE = timedelta(days=1)
# An answer that is older makes nothing fresh.
MAX_AGE = timedelta(hours=1)


@dataclass(slots=True)
class Report:
    """What a run came to. `trouble`: per platform, why it could not be read again."""

    report_id: UUID
    refreshed: int = 0
    removed: int = 0
    deleted: Counter[str] = field(default_factory=Counter)
    trouble: dict[str, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    oldest: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)


# These are the platform's, or ours: the next question would fare no better.
_OF_ALL = frozenset({
    FailureCategory.QUOTA, FailureCategory.NOT_CONFIGURED, FailureCategory.NETWORK, FailureCategory.RATE_LIMIT, FailureCategory.BLOCKED,
})  # fmt: skip


def tidy(work: Work, platforms: Platforms, *, now: datetime, batch: int = BATCH) -> Report:
    """Read again what expires soon, then clear what has expired; tell what came of it, and keep that."""
    report = Report(new_id())
    fetching = Fetching(work.tidying, platforms, tenant_id=work.tenant_id, max_age=MAX_AGE, request_id=work.request.request_id)
    try:
        _read_videos(work, fetching, platforms, report, now)
        _read_accounts(work, fetching, platforms, report, now)
    finally:
        fetching.close()
    work.report(0.5, f"{report.refreshed} rows read again")
    _clear(work, report, now=now, batch=batch, is_amended=platforms.is_amended)
    with work.begin() as uow:
        report.deleted["releases"] = uow.releases.prune(before=now - RELEASES_KEPT)
        renew_aggregates(uow, now=now)
        report.oldest, report.left = uow.retention.oldest(), uow.retention.overdue(now=now, is_amended=platforms.is_amended)
        uow.retention.report({
            "report_id": report.report_id, "made_at": now, "is_amended": platforms.is_amended, "refreshed": report.refreshed,
            "removed": report.removed, "deleted": dict(report.deleted), "oldest": dict(report.oldest),
            "trouble": [{"platform": name, "detail": words} for name, words in report.trouble.items()],
        })  # fmt: skip
    return report


def _read_videos(work: Work, fetching: Fetching, platforms: Platforms, report: Report, now: datetime) -> None:
    """By platform; what fails is left for the next run, and says so. A few odd posts hold up nobody else's day."""
    with work.begin() as uow:
        due = uow.retention.expiring_videos(before=now + AHEAD, limit=VIDEOS)
    for name, rows in groupby(sorted(due, key=lambda each: each.platform), key=lambda each: each.platform):
        platform = Platform(name)
        for wanted in _chunks(list(rows), TOGETHER[platform]):
            keys = {(each.url or each.external_id) if platform in BY_ADDRESS else each.external_id: each.external_id for each in wanted}
            try:
                read = fetching.posts(platform, list(keys))
            except (SourceFailed, LimitReached) as error:
                report.trouble[name] = told(error)[1]
                if _stops(error):
                    report.stopped.add(name)
                    break
                continue
            _keep_posts(work, platforms, platform, read, keys, report)


def _keep_posts(work: Work, platforms: Platforms, platform: Platform, read: PostsRead, keys: Mapping[str, str], report: Report) -> None:
    work.ensure_months({f"{seen.observed_at:%Y-%m}" for seen in read.posts})
    try:
        with work.begin() as uow:
            keep(uow, read.posts, source=read.source, selection=Selection.MANUAL, is_amended=platforms.is_amended)
            gone = {keys[key]: why for key, why in read.gone.items() if key in keys}
            removed = len(uow.removals.mark(platform, gone, now=read.fetched_at))
    except Unacceptable as error:  # words that cannot be stored
        report.trouble[platform.value] = str(error)
        return
    report.removed += removed
    report.refreshed += len(read.posts)


def _stops(error: SourceFailed | LimitReached) -> bool:
    """Whether nothing else of the platform could be read either."""
    return isinstance(error, LimitReached) or error.category in _OF_ALL


def _read_accounts(work: Work, fetching: Fetching, platforms: Platforms, report: Report, now: datetime) -> None:
    with work.begin() as uow:
        due = uow.retention.expiring_accounts(before=now + AHEAD, limit=ACCOUNTS)
    for account in due:
        if account.platform in report.stopped or not (account.external_id or account.username):
            continue
        try:
            read = fetching.account(Target(Platform(account.platform), account.external_id, account.username), posts=0)
        except (SourceFailed, LimitReached) as error:
            if isinstance(error, LimitReached) or error.category not in ("not_found", "private"):
                report.trouble[account.platform] = told(error)[1]
            if _stops(error):
                report.stopped.add(account.platform)
            continue
        try:
            with work.begin() as uow:
                keep_account(uow, read, is_amended=platforms.is_amended)
        except Unacceptable as error:
            report.trouble[account.platform] = str(error)
            continue
        report.refreshed += 1


def _clear(work: Work, report: Report, *, now: datetime, batch: int, is_amended: bool) -> None:
    """Table by table, a batch per transaction, until nothing is left."""
    dated = [name for name in TABLES if name not in ("videos", "accounts") and not (is_amended and name == "video_snapshots")]
    for table in dated:
        looked = 1
        while looked:
            with work.begin() as uow:
                looked, deleted = uow.retention.clear_dated(table, now=now, batch=batch)
            report.deleted[table] += deleted
    looked = 1
    while looked:
        with work.begin() as uow:
            looked, deleted = uow.retention.clear_videos(now=now, batch=batch, is_amended=is_amended)
        report.deleted["videos"] += deleted
    while cleared := _clear_accounts(work, now, batch):
        report.deleted["accounts"] += cleared


def _clear_accounts(work: Work, now: datetime, batch: int) -> int:
    with work.begin() as uow:
        return uow.retention.clear_accounts(now=now, batch=batch)


def _chunks(rows: Sequence[Expiring], size: int) -> Iterator[Sequence[Expiring]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
