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
# A video and the moment at which it was read.
Dated = tuple[Observed, datetime]
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

    def page_of_uploads(self, playlist: str, token: str | None) -> tuple[list[Listed], str | None]:
        """One page of a list, and the token of the page behind it. A list that is not there has no pages."""
        words = {"part": "contentDetails", "playlistId": playlist, "maxResults": str(PAGE), **({"pageToken": token} if token else {})}
        page = self.ask(Question("playlistItems.list", words, BORNE), lambda payload: (_listed(payload), next_page(payload)))
        return page.value or ([], None)

    def videos(self, ids: Sequence[str], account: AccountFacts | None = None) -> list[Dated]:
        """Those that are there, by fifty."""
        found: list[Dated] = []
        for start in range(0, len(ids), PAGE):
            words = {"part": f"{VIDEO_PARTS},status" if self.grant else VIDEO_PARTS, "id": ",".join(ids[start : start + PAGE])}
            page = self.ask(Question("videos.list", words), partial(read_videos, account=account))
            found += [(each, page.fetched_at) for each in page.value or []]
        return found

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
    """Without the moment of reading, which an answer does not know: it comes with the number of the line."""
    return [read_video(item, line=1, observed_at=NEVER, account=account) for item in items(payload, "youtube#videoListResponse")]


def newest_first(found: Iterable[Dated]) -> tuple[Observed, ...]:
    return numbered(sorted(found, key=_age, reverse=True))


def numbered(found: Iterable[Dated]) -> tuple[Observed, ...]:
    """In the order that they came in, lines counted from 1."""
    return tuple(replace(each, line=line, observed_at=at) for line, (each, at) in enumerate(found, start=1))


def _age(dated: Dated) -> tuple[datetime, str]:
    video = dated[0].video
    return (video.posted_at or NEVER if video else NEVER, video.external_id if video else "")


def _channels(payload: object) -> list[Channel]:
    return [read_channel(item) for item in items(payload, "youtube#channelListResponse")]


def _listed(payload: object) -> list[Listed]:
    return [read_listed(item) for item in items(payload, "youtube#playlistItemListResponse")]
