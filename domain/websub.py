"""Pushed feeds of new YouTube videos (WebSub): the topic, the signature, and what stands in a feed. Receipts are the store's business.

YouTube pushes on an upload and on a change of title or description, so a receipt is known by the video and the moment of its change.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat  # guarded below: no document type, no entities, bounded

from domain.errors import Unacceptable

TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
FEED_BYTES = 1_000_000
MOST_ENTRIES = 500
_ATOM, _YT, _AT = "http://www.w3.org/2005/Atom", "http://www.youtube.com/xml/schemas/2015", "http://purl.org/atompub/tombstones/1.0"
_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
# The elements of an entry that are read, by their names in the feed.
_READ = {f"{_YT} videoId": "video", f"{_YT} channelId": "channel", f"{_ATOM} title": "title", f"{_ATOM} published": "published"} | {
    f"{_ATOM} updated": "updated"
}


@dataclass(frozen=True, slots=True)
class Pushed:
    """One entry of a feed. `is_deleted`: the video was taken down; then only the ids and the moment are there."""

    video_id: str
    channel_id: str | None
    updated_at: datetime
    title: str | None = None
    published_at: datetime | None = None
    is_deleted: bool = False

    @property
    def key(self) -> tuple[str, datetime]:
        """The same push, delivered twice, has the same key."""
        return self.video_id, self.updated_at


def topic_of(channel_id: str) -> str:
    if not _CHANNEL.fullmatch(channel_id):
        raise Unacceptable(f"feed: {channel_id[:40]!r} is not the id of a YouTube channel")
    return TOPIC + channel_id


def channel_of(topic: str) -> str | None:
    """The channel whose feed it is; None where it is another topic."""
    found = topic.removeprefix(TOPIC) if topic.startswith(TOPIC) else ""
    return found if _CHANNEL.fullmatch(found) else None


def signature(body: bytes, secret: str) -> str:
    """As hubs write it into `X-Hub-Signature`. SHA-1 is what Google's hub sends."""
    return "sha1=" + hmac.new(secret.encode("utf-8"), body, hashlib.sha1).hexdigest()


def is_signed(body: bytes, secret: str, header: str | None) -> bool:
    """Whether the hub that knows our secret sent this body. Takes as long for a wrong one as for a right one."""
    return hmac.compare_digest(signature(body, secret).encode("ascii"), (header or "").strip().encode("utf-8", "replace"))


def read_feed(body: bytes) -> tuple[Pushed, ...]:
    """What a pushed feed tells. Raises Unacceptable: too large, not XML, with a document type, or not a feed of videos."""
    if len(body) > FEED_BYTES:
        raise Unacceptable(f"feed: it is larger than {FEED_BYTES} bytes")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = reader.start, reader.end, reader.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unacceptable(f"feed: it is not XML ({error})") from None
    if reader.root != f"{_ATOM} feed":
        raise Unacceptable("feed: it is not an Atom feed")
    return tuple(reader.found)


def _refuse(*_: object) -> None:
    raise Unacceptable("feed: it declares a document type or entities, which no feed of YouTube does")


@dataclass
class _Reader:
    """Collects the entries; an element counts only as a direct child of its entry."""

    root: str | None = None
    found: list[Pushed] = field(default_factory=list)
    _path: list[str] = field(default_factory=list)
    _entry: dict[str, str] | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name
        self._path.append(name)
        if len(self._path) == 2 and name == f"{_ATOM} entry":
            self._entry = {}
        if len(self._path) == 2 and name == f"{_AT} deleted-entry":
            self._keep(_deleted(attributes))

    def text(self, words: str) -> None:
        name = _READ.get(self._path[-1]) if len(self._path) == 3 else None
        if name and self._entry is not None:
            self._entry[name] = self._entry.get(name, "") + words

    def end(self, _name: str) -> None:
        self._path.pop()
        if len(self._path) == 1 and self._entry is not None:
            self._keep(_pushed(self._entry))
            self._entry = None

    def _keep(self, pushed: Pushed) -> None:
        if len(self.found) >= MOST_ENTRIES:
            raise Unacceptable(f"feed: it has more than {MOST_ENTRIES} entries")
        self.found.append(pushed)


def _pushed(entry: dict[str, str]) -> Pushed:
    return Pushed(
        _video(entry.get("video", "")),
        _channel(entry.get("channel", "")),
        _moment(entry.get("updated", "")),
        title=entry.get("title", "").strip()[:500] or None,
        published_at=_moment(entry["published"]) if entry.get("published") else None,
    )


def _deleted(attributes: dict[str, str]) -> Pushed:
    video = _video(attributes.get("ref", "").removeprefix("yt:video:"))
    return Pushed(video, None, _moment(attributes.get("when", "")), is_deleted=True)


def _video(words: str) -> str:
    if not _VIDEO.fullmatch(words.strip()):
        raise Unacceptable(f"feed: {words[:40]!r} is not the id of a YouTube video")
    return words.strip()


def _channel(words: str) -> str:
    if not _CHANNEL.fullmatch(words.strip()):
        raise Unacceptable(f"feed: {words[:40]!r} is not the id of a YouTube channel")
    return words.strip()


def _moment(words: str) -> datetime:
    try:
        moment = datetime.fromisoformat(words.strip()[:40])
    except ValueError:
        raise Unacceptable(f"feed: {words[:40]!r} is not a moment") from None
    if moment.tzinfo is None:
        raise Unacceptable(f"feed: {words[:40]!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # an hour before the first day there is
        raise Unacceptable(f"feed: {words[:40]!r} is not a moment") from None
