"""Reading accounts with their totals. Writing them is in `store.catalogue`, making the totals in `store.aggregates`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from domain.errors import NotFound
from store import keyset
from store.keyset import Key, Position
from store.repository import Repository

SORTS: Mapping[str, str] = {"views": "t.views", "followers": "a.followers", "first_seen_at": "a.first_seen_at"}
FILTERS: Mapping[str, str] = {
    "platform": "a.platform = %(platform)s",
    # A plain "contains": no character of it is a wildcard.
    "words": "strpos(lower(concat_ws(' ', a.username, a.title)), lower(%(words)s)) > 0",
    "collection_id": "exists (select from collection_accounts m where m.tenant_id = a.tenant_id and m.account_id = a.account_id"
    " and m.collection_id = %(collection_id)s)",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """What the account's videos come to, as of the last aggregation."""

    videos: int
    views: int
    likes: int
    comments: int
    shares: int
    median_views: float | None
    median_engagement_rate: float | None
    posts_per_week: float | None
    first_posted_at: datetime | None
    last_posted_at: datetime | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A public creator profile. A provisional one is known by its name only."""

    account_id: UUID
    platform: str
    external_id: str | None
    username: str | None
    title: str | None
    description: str | None
    avatar_url: str | None
    is_verified: bool | None
    is_provisional: bool
    followers: int | None
    following: int | None
    declared_videos: int | None
    declared_likes: int | None
    time_zone: str | None
    source: str
    first_seen_at: datetime
    last_seen_at: datetime
    totals: Totals | None

    def key(self, sort: str) -> Key:
        """What it is sorted by."""
        if sort == "views":
            return self.totals.views if self.totals else None
        return self.followers if sort == "followers" else self.first_seen_at


@dataclass(frozen=True, slots=True)
class AccountDay:
    """One UTC day of an account. `followers`: the last that was told up to its end, where anything was."""

    day: date
    posts: int
    views_gained: int
    likes_gained: int
    comments_gained: int
    shares_gained: int
    videos_observed: int
    followers: int | None


_SERIES = """
select d.day::date as day, coalesce(a.posts, 0), coalesce(a.views_gained, 0), coalesce(a.likes_gained, 0), coalesce(a.comments_gained, 0),
  coalesce(a.shares_gained, 0), coalesce(a.videos_observed, 0),
  (select f.followers from account_followers f where f.tenant_id = %(tenant)s and f.account_id = %(id)s
    and f.observed_at < (d.day::date + 1)::timestamp at time zone 'UTC' order by f.observed_at desc limit 1)
  from generate_series(%(first)s::date, %(last)s::date, interval '1 day') d(day)
  left join account_days a on a.tenant_id = %(tenant)s and a.account_id = %(id)s and a.day = d.day::date order by 1"""

_ACCOUNT = tuple(name for name in Account.__dataclass_fields__ if name != "totals")
_TOTALS = tuple(Totals.__dataclass_fields__)
# Totals in which nothing changed are as true as the latest recompute found them, whenever they were made.
_AS_OF = (
    "case when t.as_of is not null then greatest(t.as_of,"
    " (select m.as_of from aggregates_made m where m.tenant_id = %(tenant)s and m.aggregate = 'totals')) end as as_of"
)
_SELECT = (
    f"select {', '.join((*(f'a.{name}' for name in _ACCOUNT), *(f't.{name}' for name in _TOTALS if name != 'as_of'), _AS_OF))} from accounts a"
    " left join account_totals t on t.tenant_id = a.tenant_id and t.account_id = a.account_id where a.tenant_id = %(tenant)s"
)

_THERE = "select account_id from accounts where tenant_id = %(tenant)s and account_id = %(id)s"


@lru_cache(maxsize=64)
def _listing(sort: str, is_descending: bool, is_known: bool, is_after: bool, filters: frozenset[str]) -> str:
    part = keyset.known if is_known else keyset.unknown
    clauses = part(SORTS[sort], "a.account_id", is_descending=is_descending, is_after=is_after)
    where = "".join(f" and {each}" for each in (*(FILTERS[name] for name in sorted(filters)), clauses.where))
    return f"{_SELECT}{where} order by {clauses.order} limit %(limit)s"


def _account(row: Sequence[Any]) -> Account:
    facts, totals = dict(zip(_ACCOUNT, row, strict=False)), row[len(_ACCOUNT) :]
    return Account(**facts, totals=Totals(*totals) if totals[-1] is not None else None)


class Accounts(Repository):
    """One tenant's accounts, to read."""

    def page(
        self, *, sort: str, is_descending: bool, limit: int, after: Position | None = None, filters: Mapping[str, object] | None = None
    ) -> list[Account]:
        """At most `limit` accounts after the position; those without the sort key come last. Filters are of `FILTERS`."""
        chosen = {name: value for name, value in (filters or {}).items() if value is not None}

        def run(is_known: bool, is_after: bool, limit: int, words: Mapping[str, object]) -> keyset.Rows:
            statement = _listing(sort, is_descending, is_known, is_after, frozenset(chosen))
            return self._read(statement, limit=limit, **chosen, **words)

        return [_account(row) for row in keyset.read(run, after, limit)]

    def get(self, account_id: UUID) -> Account:
        rows = self._read(f"{_SELECT} and a.account_id = %(id)s", id=account_id)
        if not rows:
            raise NotFound("account", account_id)
        return _account(rows[0])

    def narrowing(self, account_id: UUID | None) -> UUID | None:
        """The account as a filter of what is published; None is none. Raises NotFound."""
        if account_id is not None and not self._read_hot(_THERE, id=account_id):
            raise NotFound("account", account_id)
        return account_id

    def series(self, account_id: UUID, *, first: date, last: date) -> list[AccountDay]:
        """Every day from the first to the last; one on which nothing was seen is zero."""
        return [AccountDay(*row) for row in self._read(_SERIES, id=account_id, first=first, last=last)]

    def days_made_at(self) -> datetime | None:
        """Up to when the days of accounts are true."""
        rows = self._read("select as_of from aggregates_made where tenant_id = %(tenant)s and aggregate = 'days'")
        return rows[0].as_of if rows else None

    def is_seen_twice(self, account_id: UUID) -> bool:
        """Whether any video of it was observed at two moments: only then is a gain known."""
        rows = self._read(
            "select 1 from videos v where v.tenant_id = %(tenant)s and v.account_id = %(id)s and v.observed_at > v.first_seen_at limit 1",
            id=account_id,
        )
        return bool(rows)
