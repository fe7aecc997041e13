"""Writing observations in bulk: COPY into a temporary table, then statements that touch only what changed.

One batch is one transaction's work. Reading is in `store.videos` and `store.accounts`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from domain.catalogue import Outcome, RowOutcome, identity_of
from domain.observations import AccountFacts, Observed
from store import catalogue_accounts as accounts
from store import catalogue_sql as sql
from store import catalogue_videos as videos
from store.catalogue_rows import COLUMNS, Posts, posts_of, rows_of
from store.ids import new_id
from store.probing import JOINS, NO_JOINS, NO_SORTS, SORTS
from store.repository import LOCK, Repository


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a batch comes from: kept on every row it writes."""

    source: str
    selection: str
    import_id: UUID | None = None
    expires_at: datetime | None = None


_ACCOUNT_IDS = """
select n.number, a.account_id from unnest(cast(:numbers as int[]), cast(:platforms as text[]), cast(:identities as text[])) n(number, platform, identity)
  cross join lateral (
    select a.account_id from accounts a where a.tenant_id = :tenant and a.platform = n.platform and (a.identity = n.identity
      or (n.identity not like 'id:%' and n.identity = any(a.known_as))) order by a.identity <> n.identity, a.is_provisional, a.account_id limit 1) a"""


class Catalogue(Repository):
    """One tenant's accounts, videos, texts, snapshots and owner metrics."""

    def put(self, batch: Sequence[Observed], origin: Origin) -> list[RowOutcome]:
        """Keep a batch and tell per row what it came to. Lines are unique in a batch; the same batch again changes nothing."""
        if not batch:
            return []
        posts = posts_of(batch)
        self._run(LOCK)
        self._connection.exec_driver_sql("drop table if exists incoming, lines, owners, merged, kept, snapped")
        self._connection.exec_driver_sql(sql.CREATE)
        self._copy(batch, posts)
        self._run("analyze incoming (line, post, platform, identity)")
        words = {
            "source": origin.source, "selection": origin.selection, "import_id": origin.import_id, "expires_at": origin.expires_at,
            "change_id": new_id(), "collection_id": new_id(),
        }  # fmt: skip
        for step in _steps(posts, has_provisional=posts.has_named and bool(self._run(accounts.HAS_PROVISIONAL).scalar_one())):
            self._run(step, **words)
        self._put_metrics(batch, origin)
        return self._outcomes(batch)

    def account_ids(self, accounts: Sequence[AccountFacts]) -> list[UUID | None]:
        """The stored account of each: by its own identity, else the one known account of that name."""
        words = [(number, each.platform.value, identity_of(each)) for number, each in enumerate(accounts)]
        rows = self._run(
            _ACCOUNT_IDS, numbers=[word[0] for word in words], platforms=[word[1] for word in words], identities=[word[2] for word in words]
        )
        found = {row.number: row.account_id for row in rows}
        return [found.get(number) for number in range(len(accounts))]

    def lengthen(self, platform: str, posts: Sequence[str], accounts: Sequence[UUID], *, until: datetime) -> None:
        """What was fetched anew may be kept for longer; what may be kept for ever stays so."""
        later = "expires_at = :until where tenant_id = :tenant and expires_at < :until and platform = :platform"
        self._run(f"update videos set {later} and external_id = any(:ids)", platform=platform, ids=list(posts), until=until)
        self._run(f"update accounts set {later} and account_id = any(:ids)", platform=platform, ids=list(accounts), until=until)

    def adopt(self, accounts: Sequence[UUID], *, source: str, until: datetime | None) -> None:
        """Accounts that were known by nothing but a wish to track them are from now on what this source says of them."""
        self._run(
            "update accounts set source = :source, expires_at = :until where tenant_id = :tenant and account_id = any(:ids) and source = 'tracking'",
            ids=list(accounts), source=source, until=until,
        )  # fmt: skip

    def _outcomes(self, batch: Sequence[Observed]) -> list[RowOutcome]:
        found: dict[int, tuple[Outcome, str | None]] = {}
        for outcome, reason, lines in self._connection.exec_driver_sql(sql.OUTCOMES):
            found.update(dict.fromkeys(lines, (Outcome(outcome), reason)))
        outcomes = []
        for seen in sorted(batch, key=attrgetter("line")):
            outcome, reason = found[seen.line]
            outcomes.append(RowOutcome(seen.line, outcome, seen.video.external_id if seen.video else None, reason))
        return outcomes

    def _copy(self, batch: Sequence[Observed], posts: Posts) -> None:
        driver: Any = self._connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"copy incoming ({', '.join(COLUMNS)}) from stdin (format binary)") as copy:
            copy.set_types(list(COLUMNS.values()))
            for row in rows_of(batch, posts):
                copy.write_row(row)

    def _put_metrics(self, batch: Sequence[Observed], origin: Origin) -> None:
        rows = [(seen.line, name, value) for seen in batch for name, value in seen.owner_metrics.items()]
        if rows:
            lines, names, values = (list(column) for column in zip(*rows, strict=True))
            self._run(sql.PUT_METRICS, lines=lines, names=names, values=values, source=origin.source)


# The statements in their order, and which batches need them. A row that is rejected changes nothing, so rows are rejected first.
_STEPS = (
    ("", NO_SORTS),
    ("named", accounts.NAME_KNOWN),
    ("", sql.LOOK_UP),
    ("", SORTS),
    ("named", sql.REJECT_FOREIGN),
    ("rivals", sql.REJECT_FOREIGN_HERE),
    ("repeats", sql.REJECT_CONFLICTS_HERE),
    ("repeats", sql.MARK_REPEATED),
    ("provisional", accounts.MERGE_PROVISIONAL),
    ("named", accounts.PUT_REAL_ACCOUNTS),
    ("provisional", accounts.MOVE_VIDEOS),
    ("provisional", accounts.DROP_PROVISIONAL),
    ("unnamed", accounts.RESOLVE_BY_VIDEO),
    ("unnamed", accounts.RESOLVE_BY_NAME),
    ("unnamed", accounts.PUT_OTHER_ACCOUNTS),
    ("", NO_SORTS),
    ("", accounts.NAME_OTHERS),
    ("", SORTS),
    ("provisional", accounts.ADOPT_VIDEOS),
    ("posts", videos.MERGE_ROWS),
    ("posts", NO_JOINS),
    ("posts", videos.UPDATE_SEEN),
    ("posts", videos.UPDATE_RETOLD),
    ("posts", JOINS),
    ("posts", videos.INSERT_NEW),
    ("posts", sql.PUT_SNAPSHOTS),
    ("posts", sql.PUT_TEXTS),
    ("posts", sql.MARK_CHANGED),
    ("posts", sql.PUT_DEFAULT),
)


def _steps(posts: Posts, *, has_provisional: bool) -> Iterator[str]:
    needs = {
        "": True, "posts": bool(posts.rows), "named": posts.has_named, "unnamed": posts.has_unnamed, "rivals": posts.has_rivals,
        "repeats": posts.has_repeats, "provisional": has_provisional,
    }  # fmt: skip
    return (statement for need, statement in _STEPS if needs[need])
