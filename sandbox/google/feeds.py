"""YouTube's Atom feed of a channel, as its hub pushes it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from sandbox.world import Creator, Post, State

_FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns="http://www.w3.org/2005/Atom"
  xmlns:at="http://purl.org/atompub/tombstones/1.0"><link rel="hub" href="https://pubsubhubbub.appspot.com"/>
<link rel="self" href="https://www.youtube.com/xml/feeds/videos.xml?channel_id={channel}"/>
<title>YouTube video feed</title><updated>{now}</updated>
{entries}</feed>
"""
_ENTRY = """<entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId><title>{title}</title>
<link rel="alternate" href="https://www.youtube.com/watch?v={video}"/>
<author><name>{name}</name><uri>https://www.youtube.com/channel/{channel}</uri></author>
<published>{published}</published><updated>{updated}</updated></entry>
"""
_GONE = """<at:deleted-entry ref="yt:video:{video}" when="{when}"><link href="https://www.youtube.com/watch?v={video}"/>
<at:by><name>{name}</name><uri>https://www.youtube.com/channel/{channel}</uri></at:by></at:deleted-entry>
"""


def feed(creator: Creator, posts: Sequence[tuple[Post, State]], now: datetime, *, edited_at: datetime | None = None) -> bytes:
    """`edited_at`: when the posts that are there were changed last, if at all."""
    entries = "".join(_gone(post) if state is State.DELETED else _entry(post, edited_at) for post, state in posts)
    return _FEED.format(channel=creator.native_id, now=_moment(now), entries=entries).encode("utf-8")


def _entry(post: Post, edited_at: datetime | None) -> str:
    """Moments have nine digits after the point where the hub made them."""
    published = max(post.posted_at, post.hidden_until or post.posted_at)
    return _ENTRY.format(
        video=post.native_id, channel=post.creator.native_id, title=escape(post.title), name=escape(post.creator.title),
        published=published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"), updated=_moment(edited_at or published),
    )  # fmt: skip


def _gone(post: Post) -> str:
    creator = post.creator
    when = _moment(post.deleted_at or post.posted_at)
    return _GONE.format(video=post.native_id, when=when, name=escape(creator.title), channel=creator.native_id)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "354+00:00"
