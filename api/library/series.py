"""An account day by day: what its page draws."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.figures import Computed, MethodOut
from api.security import BEARER, known_caller
from domain.analytics import SERIES_OF_ACCOUNT, window
from store.accounts import Account, AccountDay
from store.database import Database, Entry

Days = Annotated[int, QueryParameter(ge=1, le=365, description="how many UTC days, today included")]


class Available(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a series can be drawn; `reason` says why not."""

    available: bool
    reason: str | None

    @classmethod
    def of(cls, reason: str | None) -> "Available":
        return cls(available=reason is None, reason=reason)


class AccountDayOut(msgspec.Struct, frozen=True, kw_only=True):
    """One UTC day. What was gained lies between two observations, counted for the day of the later one; a day without any is 0.

    `followers` is the last count that was told up to the end of that day; null before the first one.
    """

    day: date
    posts: int
    views_gained: int
    likes_gained: int
    comments_gained: int
    shares_gained: int
    videos_observed: int
    followers: int | None

    @classmethod
    def of(cls, day: AccountDay) -> "AccountDayOut":
        return cls(**{name: getattr(day, name) for name in cls.__struct_fields__})


class AccountSeriesOut(Computed, frozen=True, kw_only=True):
    """Every day of the window, none left out; `n` is the days on which the account was observed."""

    account_id: UUID
    gains: Available
    followers: Available
    days: list[AccountDayOut]


class SeriesController(Controller):
    """Accounts over time."""

    path = "/accounts/{account_id:uuid}/series"
    tags = ["catalogue"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def account_series(
        self, account_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry], days: Days = 30
    ) -> AccountSeriesOut:
        """An account day by day: posts, views gained, followers. Says why where a series cannot be drawn."""
        span = window(datetime.now(UTC), days)
        with database.begin(entry) as uow:
            account, made_at = uow.accounts.get(account_id), uow.accounts.days_made_at()
            found = uow.accounts.series(account_id, first=span.first_day, last=span.last_day)
            is_seen_twice = uow.accounts.is_seen_twice(account_id)
        return _series(account, found, made_at, is_seen_twice=is_seen_twice)


def _series(account: Account, days: list[AccountDay], made_at: datetime | None, *, is_seen_twice: bool) -> AccountSeriesOut:
    gains = None if is_seen_twice else "no video of this account was observed at two moments yet: gains are known from the second one on"
    if made_at is None:
        gains = "the days of this workspace's accounts were not made yet: ask for a refresh"
    followers = None if any(day.followers is not None for day in days) else "no source told how many followed it by then"
    return AccountSeriesOut(
        n=sum(day.videos_observed > 0 for day in days), as_of=made_at, newest_observation=account.last_seen_at,
        method=MethodOut.of(SERIES_OF_ACCOUNT), account_id=account.account_id, gains=Available.of(gains),
        followers=Available.of(followers), days=[AccountDayOut.of(day) for day in days],
    )  # fmt: skip
