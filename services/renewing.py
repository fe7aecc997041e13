"""An owner's data through a grant that may end meanwhile: a token that the provider refuses is given up and renewed, once per call.

So a long sync outlives its first token, and a grant that was taken back is noticed at the first refusal, not at the next renewal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from domain.errors import FailureCategory, SourceRefused
from domain.ports import Errand, Platforms, ReadsOwnData
from domain.sources import AccountRead, Grant, PostsRead, ReportAsk, ReportRead
from services.connections import Begin, access, give_up

Read = TypeVar("Read")


@dataclass(slots=True)
class Renewing:
    """At the port `ReadsOwnData`. The grant that it is called with is used until another took its place."""

    own: ReadsOwnData
    begin: Begin
    platforms: Platforms
    channel_id: UUID
    now: datetime
    newer: Grant | None = None

    def own_channel(self, grant: Grant, errand: Errand) -> AccountRead:
        return self._ask(grant, lambda live: self.own.own_channel(live, errand))

    def own_posts(self, grant: Grant, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        return self._ask(grant, lambda live: self.own.own_posts(live, errand, posts=posts, since=since))

    def own_page(self, grant: Grant, errand: Errand, *, page: str | None = None) -> PostsRead:
        return self._ask(grant, lambda live: self.own.own_page(live, errand, page=page))

    def report(self, grant: Grant, ask: ReportAsk, errand: Errand) -> ReportRead:
        return self._ask(grant, lambda live: self.own.report(live, ask, errand))

    def _ask(self, grant: Grant, call: Callable[[Grant], Read]) -> Read:
        """Raises SourceRefused (`invalid_grant`) where the grant is dead, which is on its connection by then."""
        live = self.newer or grant
        try:
            return call(live)
        except SourceRefused as error:
            if error.category is not FailureCategory.INVALID_GRANT:
                raise
        give_up(self.begin, self.platforms, self.channel_id, live)
        self.newer = access(self.begin, self.platforms, self.channel_id, now=self.now)
        return call(self.newer)
