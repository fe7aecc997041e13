"""The world's channels, videos and comments as YouTube's resources: every part there is; `data` hands out those that are asked for."""

from datetime import datetime
from html import escape
from typing import Any

from sandbox.google.project import has_comments_off, hides_likes, hides_subscribers
from sandbox.google.wording import etag_of
from sandbox.world import Comment, Creator, Post, State, World

Resource = dict[str, Any]
CATEGORY = "27"
_SIZES = {"default": ("default", 120, 90), "medium": ("mqdefault", 320, 180), "high": ("hqdefault", 480, 360)} | {
    "standard": ("sddefault", 640, 480),
    "maxres": ("maxresdefault", 1280, 720),
}
_SOME_SIZES = ("default", "medium", "high")


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def channel(creator: Creator, world: World, at: datetime) -> Resource:
    seen = [world.seen(post, at=at).views for post in world.posts(creator, at=at)]
    picture = f"https://yt3.ggpht.com/{creator.native_id}"
    sizes = {"default": 88, "medium": 240, "high": 800}
    texts = {"title": creator.title, "description": creator.description}
    return {
        "id": creator.native_id,
        "snippet": texts
        | {
            "customUrl": f"@{creator.username}",
            "publishedAt": moment(creator.created_at),
            "thumbnails": {name: {"url": f"{picture}=s{size}", "width": size, "height": size} for name, size in sizes.items()},
            "localized": texts,
            "country": creator.country,
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": creator.second_id}},
        "statistics": {
            "viewCount": str(sum(seen)),
            "subscriberCount": str(0 if hides_subscribers(creator) else three_digits(world.followers(creator, at=at))),
            "hiddenSubscriberCount": hides_subscribers(creator),
            "videoCount": str(len(seen)),
        },
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "longUploadsUnspecified", "madeForKids": False},
    }


def three_digits(count: int) -> int:
    """YouTube rounds subscribers down to three digits."""
    kept = str(count)[:3]
    return int(kept + "0" * (len(str(count)) - len(kept)))


def video(post: Post, world: World, at: datetime) -> Resource:
    texts = {"title": post.title, "description": post.description}
    return {
        "id": post.native_id,
        "snippet": texts
        | {
            "publishedAt": moment(post.posted_at),
            "channelId": post.creator.native_id,
            "thumbnails": thumbnails(post.native_id),
            "channelTitle": post.creator.title,
            "tags": list(post.hashtags),
            "categoryId": CATEGORY,
            "liveBroadcastContent": "none",
            "localized": texts,
            "defaultAudioLanguage": "en",
        },
        "contentDetails": {
            "duration": duration(post.duration_seconds),
            "dimension": "2d",
            "definition": "hd",
            "caption": "false",
            "licensedContent": True,
            "contentRating": {},
            "projection": "rectangular",
        },
        "status": {
            "uploadStatus": "processed",
            "privacyStatus": "public" if world.state(post, at=at) is State.PUBLIC else "private",
            "license": "youtube",
            "embeddable": True,
            "publicStatsViewable": True,
            "madeForKids": False,
        },
        "statistics": statistics(post, world, at),
        "player": {"embedHtml": f'<iframe width="480" height="270" src="//www.youtube.com/embed/{post.native_id}"></iframe>'},
        "topicDetails": {"topicCategories": ["https://en.wikipedia.org/wiki/Knowledge"]},
    }


def statistics(post: Post, world: World, at: datetime) -> Resource:
    seen = world.seen(post, at=at)
    figures = {"viewCount": str(seen.views), "likeCount": str(seen.likes), "favoriteCount": "0", "commentCount": str(seen.comments)}
    left_out = {"likeCount"} if hides_likes(post) else {"commentCount"} if has_comments_off(post) else set()
    return {name: words for name, words in figures.items() if name not in left_out}


def duration(seconds: int) -> str:
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return "PT" + "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if number) if seconds else "P0D"


def thumbnails(video_id: str, sizes: tuple[str, ...] = tuple(_SIZES)) -> Resource:
    return {
        name: {"url": f"https://i.ytimg.com/vi/{video_id}/{file}.jpg", "width": width, "height": height}
        for name, (file, width, height) in _SIZES.items()
        if name in sizes
    }


def playlist_item(post: Post, playlist: str, position: int, world: World, at: datetime) -> Resource:
    is_public = world.state(post, at=at) is State.PUBLIC
    resource = {"kind": "youtube#video", "videoId": post.native_id}
    return {
        "id": f"VVU{post.native_id}",
        "snippet": {
            "publishedAt": moment(post.posted_at),
            "channelId": post.creator.native_id,
            "title": post.title,
            "description": post.description,
            "thumbnails": thumbnails(post.native_id),
            "channelTitle": post.creator.title,
            "playlistId": playlist,
            "position": position,
            "resourceId": resource,
            "videoOwnerChannelTitle": post.creator.title,
            "videoOwnerChannelId": post.creator.native_id,
        },
        "contentDetails": {"videoId": post.native_id, "videoPublishedAt": moment(post.posted_at)},
        "status": {"privacyStatus": "public" if is_public else "private"},
    }


def search_result(post: Post) -> Resource:
    """Titles come with their marks written as entities, and descriptions cut."""
    return {
        "id": {"kind": "youtube#video", "videoId": post.native_id},
        "snippet": {
            "publishedAt": moment(post.posted_at),
            "channelId": post.creator.native_id,
            "title": escape(post.title).replace("&#x27;", "&#39;"),
            "description": post.description[:160],
            "thumbnails": thumbnails(post.native_id, _SOME_SIZES),
            "channelTitle": post.creator.title,
            "liveBroadcastContent": "none",
            "publishTime": moment(post.posted_at),
        },
    }


def comment(made: Comment, video_id: str | None) -> Resource:
    whose = {"videoId": video_id} if video_id else {}
    parent = {"parentId": made.parent_id} if made.parent_id else {}
    snippet = {
        "textDisplay": made.text,
        "textOriginal": made.text,
        "authorDisplayName": f"@{made.author_name}",
        "authorProfileImageUrl": f"https://yt3.ggpht.com/{made.author_id}=s48",
        "authorChannelUrl": f"http://www.youtube.com/channel/{made.author_id}",
        "authorChannelId": {"value": made.author_id},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": made.likes,
        "publishedAt": moment(made.posted_at),
        "updatedAt": moment(made.posted_at),
    }
    return {"kind": "youtube#comment", "etag": etag_of(snippet), "id": made.comment_id, "snippet": whose | snippet | parent}


def thread(top: Comment, replies: list[Comment], post: Post, inline: int) -> Resource:
    """At most `inline` replies come along; the others are asked for by the thread."""
    said: Resource = {
        "id": top.comment_id,
        "snippet": {
            "channelId": post.creator.native_id,
            "videoId": post.native_id,
            "topLevelComment": comment(top, post.native_id),
            "canReply": True,
            "totalReplyCount": len(replies),
            "isPublic": True,
        },
    }
    return said | ({"replies": {"comments": [comment(each, post.native_id) for each in replies[:inline]]}} if replies and inline else {})


def caption(post: Post) -> Resource:
    return {
        "id": f"AUieDa{post.native_id}",
        "snippet": {
            "videoId": post.native_id,
            "lastUpdated": post.posted_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "trackKind": "asr",
            "language": "en",
            "name": "",
            "audioTrackType": "unknown",
            "isCC": False,
            "isLarge": False,
            "isEasyReader": False,
            "isDraft": False,
            "isAutoSynced": False,
            "status": "serving",
        },
    }


def video_stat(post: Post, world: World, at: datetime) -> Resource:
    """What `videos.batchGetStats` gives, after the discovery document."""
    figures = {name: words for name, words in statistics(post, world, at).items() if name != "favoriteCount"}
    return {
        "id": post.native_id,
        "snippet": {"publishTime": moment(post.posted_at)},
        "statistics": figures,
        "contentDetails": {"duration": f"{post.duration_seconds}s"},
    }
