"""What both readers do: a channel, its list of uploads in pages, and videos by fifty. Search is never used for a channel's list."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from domain.errors import SourceRefused, SourceUnavailable
from domain.observations import AccountFacts, Observed
from domain.platforms.youtube import Channel, Listed, items, next_page, read_channel, read_listed, read_video
from domain.ports import Errand
from domain.quota import PAGE
from domain.sources import Grant
from gateways.youtube.asking import SOURCE, Google, Question, Read

T = TypeVar("T")
VIDEO_PARTS = "snippet,contentDetails,statistics,liveStreamingDetails"
CHANNEL_PARTS = "snippet,contentDetails,statistics"
# Refusals that tell us something about what was asked for.
BORNE = frozenset({"playlistNotFound", "commentsDisabled", "videoNotFound"})
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Uploads:
    """The newest uploads, newest first. `since`: every one since then is among them; None: the whole list was not needed and not seen."""

    listed: tuple[Listed, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Asks as a stranger with the key, or as the owner with the grant."""

    google: Google
    errand: Errand
    grant: Grant | None = None

    def ask(self, question: Question, read: Callable[[object], T]) -> Read[T | None]:
        return self.google.ask(self.errand, question, read, grant=self.grant)

    def channel(self, which: Mapping[str, str], name: str) -> Read[Channel]:
        """Raises SourceRefused (not_found) where there is none."""
        read = self.ask(Question("channels.list", {"part": CHANNEL_PARTS, **which}), _channels)
        if not read.value:
            raise SourceRefused(SOURCE, f"there is no channel {name}", category="not_found")
        return Read(read.value[0], read.fetched_at)

    def uploads(self, channel: Channel, most: int, since: datetime | None) -> Uploads:
        """Page by page, until there are enough, or one is older than `since`."""
        found: list[Listed] = []
        for page in self.pages("playlistItems.list", {"part": "contentDetails", "playlistId": channel.uploads}, most, _listed):
            if page.refused:
                return self._without_list(channel)
            found += page.value or []
            if since and any(each.posted_at and each.posted_at < since for each in found):
                return Uploads(tuple(found[:most]), since)
            if len(found) >= most:
                return Uploads(tuple(found[:most]), found[most - 1].posted_at if most else None)
        return Uploads(tuple(found), channel.created_at)

    def videos(self, ids: Sequence[str], account: AccountFacts | None = None) -> tuple[list[Observed], datetime]:
        """Those that are there, and the oldest moment at which some were read."""
        found: list[Observed] = []
        moments: list[datetime] = []
        for start in range(0, len(ids), PAGE):
            words = {"part": VIDEO_PARTS, "id": ",".join(ids[start : start + PAGE])}
            page = self.ask(Question("videos.list", words), partial(read_videos, account=account))
            moments.append(page.fetched_at)
            found += [replace(each, observed_at=page.fetched_at) for each in page.value or []]
        return found, min(moments, default=self.google.now())

    def pages(
        self, operation: str, words: Mapping[str, str], most: int, read: Callable[[object], T], *, size: int = PAGE
    ) -> Iterator[Read[T | None]]:
        """One call each, as long as the caller goes on. A list that names a page again would never end: that is a fault."""
        seen: set[str] = set()
        more: dict[str, str] = {}
        while True:
            asked = {**words, "maxResults": str(max(1, min(size, most))), **more}
            page = self.ask(Question(operation, asked, BORNE), lambda payload: (read(payload), next_page(payload)))
            value, token = page.value or (None, None)
            yield Read(value, page.fetched_at, page.refused)
            if token is None:
                return
            if token in seen:
                raise SourceUnavailable(SOURCE, f"{operation} named the same page again", category="parse_error")
            seen.add(token)
            more = {"pageToken": token}

    def _without_list(self, channel: Channel) -> Uploads:
        """A channel that never had a video has no list. One that says it has some must have one: that is a fault, not zero videos."""
        if channel.facts.declared_videos:
            said = f"the channel says {channel.facts.declared_videos} videos, but its list is not there"
            raise SourceUnavailable(SOURCE, said, category="api_error")
        return Uploads((), channel.created_at)


def read_videos(payload: object, *, account: AccountFacts | None = None) -> list[Observed]:
    """Without the moment of reading, which an answer does not know."""
    return [read_video(item, line=1, observed_at=NEVER, account=account) for item in items(payload, "youtube#videoListResponse")]


def in_order(observed: Iterable[Observed]) -> tuple[Observed, ...]:
    """Newest first."""
    return numbered(sorted(observed, key=_age, reverse=True))


def numbered(observed: Iterable[Observed]) -> tuple[Observed, ...]:
    """In the order that they came in, lines counted from 1."""
    return tuple(replace(each, line=line) for line, each in enumerate(observed, start=1))


def _age(observed: Observed) -> tuple[str, str]:
    video = observed.video
    return (video.posted_at.isoformat() if video and video.posted_at else "", video.external_id if video else "")


def _channels(payload: object) -> list[Channel]:
    return [read_channel(item) for item in items(payload, "youtube#channelListResponse")]


def _listed(payload: object) -> list[Listed]:
    return [read_listed(item) for item in items(payload, "youtube#playlistItemListResponse")]
