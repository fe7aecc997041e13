"""Channels, lists of uploads and search results of the world, as YouTube's pages word them."""

from collections.abc import Sequence
from datetime import datetime

from sandbox.world import Creator, Post, World
from sandbox.youtube_pages.watch import IMAGE_HOST, thumbnail
from sandbox.youtube_pages.words import Words, paged, pictures, runs, simple, views

PAGE, FOUND_PAGE = 100, 20


def channel(world: World, creator: Creator, at: datetime) -> Words:
    """The page of a channel, its tab of videos open."""
    posts = [post for post in world.posts(creator, at=at) if post.format == "long"]
    items = [{"richItemRenderer": {"content": {"videoRenderer": video(world, post, at)}}} for post in posts[:30]]
    tabs = [
        _tab("videos", creator, {"richGridRenderer": {"contents": items}}),
        *([_tab("shorts", creator, None)] if any(post.format == "short" for post in world.posts(creator, at=at)) else []),
    ]
    followers = {"text": {"content": f"{world.followers(creator, at=at):,} subscribers"}}
    rows = [{"metadataParts": [{"text": {"content": f"@{creator.username}"}}]}, {"metadataParts": [followers]}]
    header = {"pageHeaderViewModel": {"metadata": {"contentMetadataViewModel": {"metadataRows": rows}}, **_title(creator)}}
    about = {
        "title": creator.title, "description": creator.description, "externalId": creator.native_id, "keywords": "",
        "avatar": pictures(f"https://{IMAGE_HOST}/a/{creator.native_id}=s900"),
        "vanityChannelUrl": f"http://www.youtube.com/@{creator.username}", "ownerUrls": [f"http://www.youtube.com/@{creator.username}"],
    }  # fmt: skip
    return {
        "metadata": {"channelMetadataRenderer": about},
        "header": {"pageHeaderRenderer": {"pageTitle": creator.title, "content": header}},
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": tabs}},
    }


def _title(creator: Creator) -> Words:
    image = {"sources": [{"clientResource": {"imageName": "CHECK_CIRCLE_FILLED"}}]}
    marks = [{"element": {"type": {"imageType": {"image": image}}}}] if creator.is_verified else []
    return {"title": {"dynamicTextViewModel": {"text": {"content": creator.title, "attachmentRuns": marks}}}}


def _tab(name: str, creator: Creator, content: Words | None) -> Words:
    address = {"commandMetadata": {"webCommandMetadata": {"url": f"/@{creator.username}/{name}"}}}
    found: Words = {"title": name.capitalize(), "endpoint": address, "selected": content is not None}
    return {"tabRenderer": found | ({"content": content} if content is not None else {})}


def missing() -> Words:
    """A list or a channel that is not there."""
    return {"alerts": [{"alertRenderer": {"type": "ERROR", "text": runs("This channel does not exist.")}}]}


def uploads(world: World, creator: Creator, at: datetime) -> Words:
    """The list of everything that a channel uploaded, newest first."""
    items = uploads_page(world, creator, at, 0)
    videos = {"playlistVideoListRenderer": {"playlistId": creator.second_id, "contents": items}}
    section = {"sectionListRenderer": {"contents": [{"itemSectionRenderer": {"contents": [videos]}}]}}
    return {
        "metadata": {"playlistMetadataRenderer": {"title": f"Uploads from {creator.title}"}},
        "contents": {"twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": {"selected": True, "content": section}}]}},
    }


def uploads_page(world: World, creator: Creator, at: datetime, first: int) -> list[Words]:
    items = [{"playlistVideoRenderer": _listed(post)} for post in world.posts(creator, at=at)]
    return paged(items, first, PAGE, "uploads", creator.native_id)


def _listed(post: Post) -> Words:
    return {
        "videoId": post.native_id, "title": runs(post.title), "lengthSeconds": str(post.duration_seconds), "isPlayable": True,
        "thumbnail": pictures(thumbnail(post)), "shortBylineText": runs(post.creator.title),
    }  # fmt: skip


def video(world: World, post: Post, at: datetime) -> Words:
    link = {"browseEndpoint": {"browseId": post.creator.native_id, "canonicalBaseUrl": f"/@{post.creator.username}"}}
    return {
        "videoId": post.native_id, "title": runs(post.title), "thumbnail": pictures(thumbnail(post)),
        "lengthText": simple(f"{post.duration_seconds // 60}:{post.duration_seconds % 60:02}"),
        "viewCountText": views(world.seen(post, at=at).views), "publishedTimeText": simple(f"{(at - post.posted_at).days} days ago"),
        "shortBylineText": runs(post.creator.title, navigationEndpoint=link), "ownerText": runs(post.creator.title),
    }  # fmt: skip


def found(world: World, posts: Sequence[Post], at: datetime, words: str, first: int) -> Words:
    """One page of results."""
    items = paged([{"videoRenderer": video(world, post, at)} for post in posts], first, FOUND_PAGE, "found", words)
    videos = [item for item in items if "videoRenderer" in item]
    sections = [{"itemSectionRenderer": {"contents": videos}}, *[item for item in items if "videoRenderer" not in item]]
    if first:
        return {"onResponseReceivedCommands": [{"appendContinuationItemsAction": {"continuationItems": sections}}]}
    return {"contents": {"twoColumnSearchResultsRenderer": {"primaryContents": {"sectionListRenderer": {"contents": sections}}}}}
