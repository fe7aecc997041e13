"""Posts, authors and sounds of the world as TikTok's web API words them.

Counters, texts and states are the world's; here is only how they are written. What answers which address is in `sandbox.tiktok.service`.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox.world import Creator, Post, Sound, World

MEDIA_HOST, IMAGE_HOST, MUSIC_HOST = "v16-webapp-prime.tiktok.com", "p16-sign-va.tiktokcdn.com", "sf16-ies-music-va.tiktokcdn.com"


def number_of(*words: object) -> str:
    """A long number that belongs to these words, as TikTok's ids are."""
    return str(6 * 10**18 + int.from_bytes(hashlib.sha256(":".join(map(str, words)).encode()).digest()[:7], "big") % 10**18)


def image(*words: object) -> str:
    return f"https://{IMAGE_HOST}/obj/{name_of(*words)}.jpeg?x-expires=1&x-signature=s"


def name_of(*words: object) -> str:
    """What the picture of these words is called."""
    return hashlib.sha256(":".join(map(str, words)).encode()).hexdigest()[:24]


def author(creator: Creator) -> dict[str, Any]:
    return {
        "id": creator.native_id, "uniqueId": creator.username, "nickname": creator.title, "secUid": creator.second_id,
        "signature": creator.description, "verified": creator.is_verified, "avatarThumb": image("avatar", creator.native_id),
        "avatarMedium": image("avatar", creator.native_id), "avatarLarger": image("avatar", creator.native_id), "privateAccount": False,
        "secret": False, "ftc": False, "relation": 0, "openFavorite": False, "commentSetting": 0, "duetSetting": 0, "stitchSetting": 0,
        "createTime": int(creator.created_at.timestamp()),
    }  # fmt: skip


def author_stats(world: World, creator: Creator, at: datetime) -> dict[str, int]:
    posts = world.posts(creator, at=at)
    hearts = sum(world.seen(post, at=at).likes for post in posts)
    return {
        "followerCount": world.followers(creator, at=at), "followingCount": creator.following, "heart": hearts, "heartCount": hearts,
        "videoCount": len(posts), "diggCount": 0, "friendCount": 0,
    }  # fmt: skip


def music(sound: Sound) -> dict[str, Any]:
    cover = image("sound", sound.sound_id)
    return {
        "id": sound.sound_id, "title": sound.title, "authorName": sound.artist, "original": sound.is_original,
        "duration": sound.duration_seconds, "playUrl": f"https://{MUSIC_HOST}/obj/{sound.sound_id}.mp3", "coverThumb": cover,
        "coverMedium": cover, "coverLarge": cover, "album": "",
    }  # fmt: skip


def challenge(name: str) -> dict[str, Any]:
    return {"id": number_of("challenge", name), "title": name, "desc": "", "profileThumb": "", "profileMedium": "", "profileLarger": ""}


def item(world: World, post: Post, at: datetime, *, is_pinned: bool = False) -> dict[str, Any]:
    seen = world.seen(post, at=at)
    stats = {
        "playCount": seen.views, "diggCount": seen.likes, "commentCount": seen.comments, "shareCount": seen.shares,
        "collectCount": seen.bookmarks,
    }  # fmt: skip
    found = {
        "id": post.native_id, "desc": post.description, "createTime": int(post.posted_at.timestamp()), "author": author(post.creator),
        "authorStats": author_stats(world, post.creator, at), "video": _video(post), "music": music(post.sound) if post.sound else {},
        "challenges": [challenge(tag) for tag in post.hashtags], "textExtra": _extra(post.description, post.hashtags), "stats": stats,
        "statsV2": {name: str(value) for name, value in stats.items()} | {"repostCount": "0"}, "originalItem": False, "officalItem": False,
        "secret": False, "forFriend": False, "digged": False, "collected": False, "itemCommentStatus": 0, "showNotPass": False,
        "vl1": False, "itemMute": False, "privateItem": False, "duetEnabled": True, "stitchEnabled": True, "shareEnabled": True,
        "isAd": False, "duetDisplay": 0, "stitchDisplay": 0, "textLanguage": "en", "locationCreated": post.creator.country,
    }  # fmt: skip
    return found | {"isPinnedItem": True} if is_pinned else found


def _video(post: Post) -> dict[str, Any]:
    # What yt-dlp reads of a file is its address and the word that names codec, size and rate.
    address = f"https://{MEDIA_HOST}/video/tos/{post.native_id}/?mime_type=video_mp4&br=512"
    cover = image("cover", post.native_id)
    key = f"v09044g40000{post.native_id}_h264_540p_512000"
    return {
        "id": post.native_id, "height": 1024, "width": 576, "duration": post.duration_seconds, "ratio": "540p", "format": "mp4",
        "videoQuality": "normal", "codecType": "h264", "encodedType": "normal", "definition": "540p", "bitrate": 512_000,
        "cover": cover, "originCover": cover, "dynamicCover": cover, "shareCover": ["", cover], "reflowCover": cover,
        "playAddr": address, "downloadAddr": address + "&watermark=1",
        "bitrateInfo": [{
            "Bitrate": 512_000, "QualityType": 28, "GearName": "lower_540_0", "CodecType": "h264",
            "PlayAddr": {"Uri": key, "UrlList": [address], "DataSize": 90_000, "UrlKey": key, "FileHash": post.native_id},
        }],
    }  # fmt: skip


def _extra(text: str, tags: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "awemeId": "", "start": text.find(f"#{tag}"), "end": text.find(f"#{tag}") + len(tag) + 1, "hashtagName": tag,
            "hashtagId": number_of("challenge", tag), "type": 1, "subType": 0, "userId": "", "isCommerce": False, "userUniqueId": "",
            "secUid": "",
        }
        for tag in tags
    ]  # fmt: skip


def user_info(world: World, creator: Creator, at: datetime) -> dict[str, Any]:
    stats = author_stats(world, creator, at)
    return {"user": author(creator), "stats": stats, "statsV2": {name: str(value) for name, value in stats.items()}, "itemList": []}
