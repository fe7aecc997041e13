"""Public YouTube data with the project's API key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from domain.errors import FieldProblem, SourceUnavailable, Unacceptable
from domain.links import LinkKind, read_link
from domain.observations import Platform
from domain.platforms.youtube import items, read_found
from domain.ports import Errand
from domain.sources import AccountRead, CommentsRead, PostsRead, SearchKind, SourceName, Target
from gateways.youtube.asking import SOURCE, Google
from gateways.youtube.discussion import read_comments
from gateways.youtube.listing import VIDEO_PARTS, Dated, Listing, newest_first, numbered, read_videos

# So many listed videos do not vanish all at once: then the answer is wrong, and it is no account without posts.
SUSPICIOUS = 3


@dataclass(frozen=True, slots=True)
class YouTubeReader:
    """An account costs the channel, its list by fifty and its videos by fifty: 3 units up to 50 posts."""

    google: Google
    name: SourceName = SourceName.YOUTUBE_API
    platform: Platform = Platform.YOUTUBE

    def close(self) -> None:
        self.google.wire.close()

    def account(self, target: Target, errand: Errand, *, posts: int, since: datetime | None = None) -> AccountRead:
        listing = Listing(self.google, errand)
        which = {"id": target.external_id} if target.external_id else {"forHandle": f"@{target.username}"}
        return read_account(listing, which, target.key, posts, since)

    def posts(self, keys: Sequence[str], errand: Errand) -> PostsRead:
        """By id, or by any address of a video. Deleted, private and never there look the same."""
        ids = list(dict.fromkeys(_id_of(key) for key in keys))
        found = Listing(self.google, errand).videos(ids)
        there = {each.video.external_id for each, _ in found if each.video}
        gone = {each: "not_found" for each in ids if each not in there}
        return PostsRead(SOURCE, self._oldest(found), newest_first(found), MappingProxyType(gone))

    def comments(self, key: str, errand: Errand, *, limit: int) -> CommentsRead:
        return read_comments(Listing(self.google, errand), _id_of(key), limit)

    def search(self, kind: SearchKind, words: str, errand: Errand, *, limit: int) -> PostsRead:
        """Each fifty cost one of the hundred searches of a day. In the order of relevance, which is YouTube's."""
        listing = Listing(self.google, errand)
        asked = {"part": "snippet", "type": "video", "q": f"#{words}" if kind is SearchKind.HASHTAG else words}
        ids: list[str] = []
        for page in listing.pages("search.list", asked, limit, _found):
            ids += [each for each in page.value or [] if each not in ids]
            if len(ids) >= limit:
                break
        found = listing.videos(ids[:limit])
        if kind is SearchKind.HASHTAG:
            # YouTube finds what is merely about it as well.
            found = [(each, at) for each, at in found if each.video and words.casefold() in each.video.hashtags]
        return PostsRead(SOURCE, self._oldest(found), numbered(found))

    def trending(self, country: str, errand: Errand, *, limit: int) -> PostsRead:
        """The chart of most popular videos; since July 2025 YouTube makes it of music, films and games."""
        listing = Listing(self.google, errand)
        words = {"part": VIDEO_PARTS, "chart": "mostPopular", "regionCode": country}
        found: list[Dated] = []
        for page in listing.pages("videos.list", words, limit, read_videos):
            found += [(each, page.fetched_at) for each in page.value or []]
            if len(found) >= limit:
                break
        return PostsRead(SOURCE, self._oldest(found), numbered(found[:limit]))

    def _oldest(self, found: Sequence[Dated]) -> datetime:
        return min((at for _, at in found), default=self.google.now())


def read_account(listing: Listing, which: dict[str, str], name: str, posts: int, since: datetime | None) -> AccountRead:
    """The channel with its newest posts; of those that are listed, some may be gone when they are read."""
    channel = listing.channel(which, name)
    if posts <= 0:
        return AccountRead(SOURCE, channel.fetched_at, channel.value.facts, ())
    uploads = listing.uploads(channel.value, posts, since)
    found = listing.videos([each.video_id for each in uploads.listed], channel.value.facts)
    lost = len(uploads.listed) - len(found)
    if not found and lost >= SUSPICIOUS:
        raise SourceUnavailable(SOURCE, f"none of {lost} listed videos is there", category="parse_error")
    notes = (f"{lost} of {len(uploads.listed)} listed videos could not be read: they are private or gone",) if lost else ()
    at = min([channel.fetched_at, *(at for _, at in found)])
    return AccountRead(SOURCE, at, channel.value.facts, newest_first(found), uploads.since, notes)


def _found(payload: object) -> list[str]:
    return [read_found(item) for item in items(payload, "youtube#searchListResponse")]


def _id_of(key: str) -> str:
    """Raises Unacceptable."""
    if "/" not in key and len(key) == 11:
        return key
    link = read_link(key)
    if link.platform is not Platform.YOUTUBE or link.kind is not LinkKind.VIDEO or not link.external_id:
        raise Unacceptable(f"{key[:80]!r} is no YouTube video", (FieldProblem("/url", "give the id or the address of a video on YouTube"),))
    return link.external_id
