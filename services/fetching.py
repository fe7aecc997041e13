"""Fetching from the platforms: who reads, what it may cost, and what is logged."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from domain.errors import SourceRefused
from domain.observations import Platform
from domain.ports import Errand, Platforms, Reader, ReadsAccounts, ReadsPosts, Searches
from domain.sources import AccountRead, Answer, Ask, PostsRead, SearchKind, SourceName, Target
from store.work import UnitOfWork

Kind = TypeVar("Kind", bound=Reader)


class _Straight:
    def fetch(self, ask: Ask, call: Callable[[], Answer]) -> Answer:  # noqa: ARG002
        return call()


class Fetching:
    """Asks the first reader that can."""

    def __init__(
        self, begin: Callable[[], AbstractContextManager[UnitOfWork]], platforms: Platforms, *,
        tenant_id: UUID, max_age: timedelta, request_id: UUID | None = None,
    ) -> None:  # fmt: skip
        self._platforms, self._begin = platforms, begin
        self.tenant_id, self.max_age, self.request_id = tenant_id, max_age, request_id

    def errand(self, source: SourceName) -> Errand:  # noqa: ARG002
        return _Straight()

    def account(self, target: Target, *, posts: int) -> AccountRead:
        return self._first(target.platform, ReadsAccounts).account(target, _Straight(), posts=posts)

    def posts(self, platform: Platform, keys: Sequence[str]) -> PostsRead:
        return self._first(platform, ReadsPosts).posts(keys, _Straight())

    def search(self, platform: Platform, kind: SearchKind, words: str, *, limit: int) -> PostsRead:
        return self._first(platform, Searches).search(kind, words, _Straight(), limit=limit)

    def close(self) -> None:
        """Nothing is buffered."""

    def _first(self, platform: Platform, kind: type[Kind]) -> Kind:
        found = self._platforms.reading(platform, kind)
        if not found:
            raise SourceRefused(platform, "no reader is configured", category="not_configured")
        return found[0]
