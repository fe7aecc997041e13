"""Ports to the platforms: who reads what there, who grants access, and the errand that every call is part of.

A reader does one thing per call and keeps nothing. Every call goes through `Errand.fetch`: there it is planned against the quota, answered
from the fetch cache, limited, logged and paid. All raise SourceUnavailable (with `category` and `retry_after_seconds`) where trying again
may help, SourceRefused where not, LimitReached where a quota is used up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from domain.observations import Platform
from domain.platforms.ytdlp import Fetched
from domain.ports.sign_in import ReadsIdentityTokens, SignsIn
from domain.sources import (
    AccountRead,
    Answer,
    Ask,
    ChartRead,
    CommentsRead,
    Grant,
    PostsRead,
    ReportAsk,
    ReportRead,
    SearchKind,
    SourceName,
    Target,
    Tokens,
)
from domain.thumbnails import Picture


class Errand(Protocol):
    """What a gateway fetches for: it asks before each call, and the errand decides whether to call at all."""

    def fetch(self, ask: Ask, call: Callable[[], Answer]) -> Answer:
        """The answer from the cache, or of `call`, which is made once at most."""


@runtime_checkable
class Reader(Protocol):
    """A client of one platform. What it can do, it says by the Protocols that it fills."""

    @property
    def name(self) -> SourceName: ...

    @property
    def platform(self) -> Platform: ...


@runtime_checkable
class ReadsAccounts(Reader, Protocol):
    """Reads an account with its newest posts."""

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        """Up to `posts` newest posts; may stop at the first one older than `since` (a pinned one apart)."""


@runtime_checkable
class ReadsPosts(Reader, Protocol):
    """Reads posts by their ids (or, where the platform needs it, canonical URLs), in as few calls as it can."""

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead: ...


@runtime_checkable
class ReadsComments(Reader, Protocol):
    """Reads the comments of one post."""

    def comments(self, key: str, errand: Errand, *, limit: int) -> CommentsRead: ...


@runtime_checkable
class Searches(Reader, Protocol):
    """Finds posts by hashtag (without "#") or words."""

    def search(self, kind: SearchKind, words: str, errand: Errand, *, limit: int) -> PostsRead: ...


@runtime_checkable
class ReadsTrends(Reader, Protocol):
    """Reads what the platform shows as trending in a country (ISO 3166 alpha-2)."""

    def trending(self, country: str, errand: Errand, *, limit: int) -> PostsRead: ...


@runtime_checkable
class ReadsCharts(Reader, Protocol):
    """Reads a country's chart of sounds."""

    def chart(self, country: str, errand: Errand, *, limit: int) -> ChartRead: ...


@runtime_checkable
class ReadsOwnData(Protocol):
    """Reads what the owner of a channel granted."""

    def own_channel(self, grant: Grant, errand: Errand) -> AccountRead:
        """The channel of the grant, without posts."""

    def own_posts(self, grant: Grant, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        """The channel with its posts, also private and unlisted ones."""

    def own_page(self, grant: Grant, errand: Errand, *, page: str | None = None) -> PostsRead:
        """One page of the channel's posts, newest first, also private ones, each with its `visibility`.

        `next_page` names the page behind it: a listing of thousands keeps what it has, page by page, and goes on where it was stopped.
        """

    def report(self, grant: Grant, ask: ReportAsk, errand: Errand) -> ReportRead: ...


class GivesConsent(Protocol):
    """A provider's OAuth 2.0 endpoints. `refresh` raises SourceRefused with category `invalid_grant` where the grant is dead."""

    def consent_url(self, *, state: str, verifier: str, scopes: Sequence[str], redirect_uri: str, login_hint: str | None = None) -> str: ...

    def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Tokens: ...

    def refresh(self, refresh_token: str) -> Tokens: ...

    def revoke(self, token: str) -> None: ...


class Vault(Protocol):
    """Seals secrets to a context (tenant, connection, field). `open` raises Unacceptable where key or context are others."""

    def seal(self, plain: bytes, *, context: bytes) -> bytes: ...

    def open(self, sealed: bytes, *, context: bytes) -> bytes: ...

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed with the newest key."""


class ResolvesLinks(Protocol):
    """Follows a platform's short link under the guard of design 6. Raises Unacceptable where it leads elsewhere."""

    def resolve(self, url: str) -> str: ...


class FetchesMedia(Protocol):
    """Fetches a public video, where the operator allowed that. Owned media comes by upload."""

    def fetch(self, url: str, *, folder: Path, limit_bytes: int, limit_seconds: float, is_unwanted: Callable[[], bool]) -> Fetched:
        """The file in `folder`, and what its page told beside. A longer video or a larger file is OutOfResources; Unwanted when the wish
        is taken back.
        """


class ReadsThumbnails(Protocol):
    """Fetches the thumbnail of a post and measures it; the picture itself is not kept. Raises SourceUnavailable or SourceRefused."""

    def read(self, url: str) -> Picture: ...


class AsksForPush(Protocol):
    """Subscribes to a feed of new posts (WebSub)."""

    def subscribe(self, channel_id: str, *, callback: str, secret: str, lease_seconds: int) -> None: ...

    def unsubscribe(self, channel_id: str, *, callback: str) -> None: ...


@runtime_checkable
class Closes(Protocol):
    """Holds connections, or a browser, until it is told that nobody needs them any more."""

    def close(self) -> None: ...


Kind = TypeVar("Kind", bound=Reader)


@dataclass(frozen=True, slots=True)
class Platforms:
    """Everything that reaches the platforms. Readers of one platform stand in the order of preference; what is not configured is None."""

    readers: tuple[Reader, ...] = ()
    google: GivesConsent | None = None
    own_data: ReadsOwnData | None = None
    vault: Vault | None = None
    links: ResolvesLinks | None = None
    push: AsksForPush | None = None
    media: FetchesMedia | None = None
    thumbnails: ReadsThumbnails | None = None
    google_sign_in: SignsIn | None = None
    issuer: ReadsIdentityTokens | None = None
    # Why something is not configured, in words for operators: {"tiktok_web": "no Chromium was found: ..."}.
    lacking: dict[str, str] = field(default_factory=dict)
    # The name under which the Google project's quota is counted, and whether it may keep statistics for more than 30 days.
    project: str = "default"
    is_amended: bool = False
    # Where platforms reach the API, for what they push; None: they cannot.
    callback_url: str | None = None

    def reading(self, platform: Platform, kind: type[Kind]) -> tuple[Kind, ...]:
        """Who can do this on that platform, best first."""
        return tuple(reader for reader in self.readers if reader.platform is platform and isinstance(reader, kind))

    def close(self) -> None:
        """Let go of connections and browsers; nothing is asked afterwards."""
        parts: tuple[object, ...] = (*self.readers, self.google, self.own_data, self.push, self.links, self.media)
        for part in parts:
            if isinstance(part, Closes):
                part.close()
