"""Accounts: public creator profiles with their totals, their videos, and asking for fresh totals."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from api.figures import Computed, MethodOut, words_of
from api.idempotency import IdempotencyKey, once
from api.launching import launching
from api.pages import CursorParam, Cursors, Limit, Page, page
from api.requests import RequestOut, accepted
from api.security import BEARER, known_caller, needs_write
from api.videos.routes import CollectionFilter, Order, Ordered, PlatformFilter, PositionKind, Sorted, VideoSort, video_page
from api.videos.shapes import VideoOut
from domain.analytics import ACCOUNT_TOTALS
from domain.observations import Platform
from domain.ports import Platforms, ReadsAccounts, RunLauncher
from domain.requests import Request
from services import library, requests, tracking
from store.accounts import Account, Totals
from store.database import Database, Entry
from store.keyset import Position
from store.work import UnitOfWork


class AccountTotalsOut(Computed, frozen=True, kw_only=True):
    """What the account's videos come to; `n` is how many. Rates are ratios, not percent."""

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

    @classmethod
    def of(cls, totals: Totals, last_seen_at: datetime) -> "AccountTotalsOut":
        figures = {name: getattr(totals, name) for name in _FIGURES}
        return cls(n=totals.videos, as_of=totals.as_of, newest_observation=last_seen_at, method=MethodOut.of(ACCOUNT_TOTALS), **figures)


_FIGURES = tuple(name for name in AccountTotalsOut.__struct_fields__ if name not in Computed.__struct_fields__)


class AccountIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only you can tell of an account: the time zone (an IANA name) in which its hours of posting are counted. null: UTC."""

    time_zone: Annotated[str, msgspec.Meta(max_length=64)] | None


class AccountOut(msgspec.Struct, frozen=True, kw_only=True):
    """A public creator profile; null: the source never said. `totals` is null until they were made the first time.

    A provisional account is known by its name only; it merges with the real one when that one's id arrives. `time_zone` is as you told it.
    """

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
    totals: AccountTotalsOut | None

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        facts: dict[str, Any] = {name: getattr(account, name) for name in cls.__struct_fields__ if name != "totals"}
        return cls(**facts, totals=AccountTotalsOut.of(account.totals, account.last_seen_at) if account.totals else None)


class AccountSort(StrEnum):
    """What accounts are sorted by; those without it come last."""

    VIEWS = "views"
    FOLLOWERS = "followers"
    FIRST_SEEN_AT = "first_seen_at"


AccountSorted = Annotated[AccountSort, QueryParameter(name="sort", description="by views (of all its videos), followers or first_seen_at")]


def account_page(
    uow: UnitOfWork,
    cursors: Cursors,
    filters: Mapping[str, object],
    sorted_by: tuple[AccountSort, Order],
    *,
    cursor: str | None,
    limit: int,
) -> Page[AccountOut]:
    """A page of accounts. The cursor is bound to the filters and the order."""
    sort, order = sorted_by
    scope = f"accounts:{sort}:{order}:{sorted(filters.items())}"
    after = Position(*cursors.read(cursor, scope, PositionKind)) if cursor else None
    found = uow.accounts.page(sort=sort, is_descending=order is Order.DESCENDING, limit=limit + 1, after=after, filters=filters)
    return page(found, limit, shape=AccountOut.of, position=lambda a: (a.key(sort), a.account_id), cursors=cursors, scope=scope)


class AccountController(Controller):
    """Creators in the library."""

    path = "/accounts"
    tags = ["catalogue"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_accounts(
        self, database: NamedDependency[Database], entry: NamedDependency[Entry], cursors: NamedDependency[Cursors],
        platform: PlatformFilter = None, collection_id: CollectionFilter = None,
        q: Annotated[str | None, QueryParameter(max_length=200, description="a part of the handle or title")] = None,
        sort: AccountSorted = AccountSort.VIEWS,
        order: Ordered = Order.DESCENDING, cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[AccountOut]:  # fmt: skip
        """List accounts, most viewed first. Accounts without the sort key come last."""
        filters: dict[str, object] = {"platform": platform, "words": words_of(q)}
        with database.begin(entry) as uow:
            filters["collection_id"] = uow.collections.narrowing(collection_id)
            return account_page(uow, cursors, filters, (sort, order), cursor=cursor, limit=limit)

    @get("/{account_id:uuid}", sync_to_thread=True)
    def get_account(self, account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> AccountOut:
        """One account with its totals."""
        with database.begin(entry) as uow:
            return AccountOut.of(uow.accounts.get(account_id))

    @patch("/{account_id:uuid}", sync_to_thread=True)
    def change_account(
        self, account_id: FromPath[UUID], data: JSONBody[AccountIn], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> AccountOut:
        """Tell the account's time zone. It counts from the next release of insights on."""
        with database.begin(entry) as uow:
            needs_write(uow)
            library.tell_time_zone(uow, account_id, data.time_zone)
            return AccountOut.of(uow.accounts.get(account_id))

    @get("/{account_id:uuid}/videos", sync_to_thread=True)
    def list_videos_of_account(
        self, account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors], sort: Sorted = VideoSort.POSTED_AT, order: Ordered = Order.DESCENDING,
        cursor: CursorParam = None, limit: Limit = 20,
    ) -> Page[VideoOut]:  # fmt: skip
        """List the videos of an account, newest first."""
        with database.begin(entry) as uow:
            uow.accounts.get(account_id)
            return video_page(uow, cursors, {"account_id": account_id}, (sort, order), cursor=cursor, limit=limit)

    @post("/{account_id:uuid}/refresh", sync_to_thread=True, status_code=202)
    def refresh(
        self, account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher], platforms: NamedDependency[Platforms], idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Read the account anew from its platform, or, where it is only known from files, make its totals anew. 202 with the request."""
        made: list[Request] = []
        with database.begin(entry) as uow:
            needs_write(uow)
            account = uow.accounts.get(account_id)

            def effect() -> tuple[RequestOut, int, dict[str, str]]:
                made.append(_asked(uow, account, platforms))
                return accepted(made[0])

            answer = once(uow, idempotency_key, route=f"POST /accounts/{account_id}/refresh", body=None, effect=effect)
        return launching(answer, database, launcher, made)


def _asked(uow: UnitOfWork, account: Account, platforms: Platforms) -> Request:
    """What came from a platform is read there again, where somebody can; what came from a file is only computed anew."""
    is_followed = uow.trackings.find(account.account_id) is not None or not account.source.startswith("import:")
    if is_followed and platforms.reading(Platform(account.platform), ReadsAccounts):
        return tracking.ask_account(uow, account.platform, account.account_id, now=datetime.now(UTC))
    return requests.ask(uow, "refresh", {"account_ids": [str(account.account_id)]})
