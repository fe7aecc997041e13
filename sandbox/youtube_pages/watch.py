"""A video of the world as its watch page and the player's API tell it: details, formats, captions, counters, and its heat-map."""

import math
from datetime import datetime

from sandbox.world import Creator, Post, State, World
from sandbox.youtube_pages.words import Words, continued, pictures, runs, simple, views

MEDIA_HOST, IMAGE_HOST = "rr1---sn-sandbox.googlevideo.com", "i.ytimg.com"
# Fewer views make no heat-map.
HEAT_VIEWS, HEAT_MARKS = 500, 20
_WHY = {
    State.PRIVATE: ("LOGIN_REQUIRED", "Private video", "Sign in if you've been granted access to this video"),
    State.DELETED: ("ERROR", "Video unavailable", "This video has been removed by the uploader"),
}


def player(world: World, post: Post | None, at: datetime, *, on_page: bool = False) -> Words:
    """What `/youtubei/v1/player` answers, and the watch page, which alone tells dates and the handle."""
    state = world.state(post, at=at) if post else State.DELETED
    if post is None or state is not State.PUBLIC:
        status, reason, why = _WHY.get(state, ("ERROR", "Video unavailable", "This video isn't available anymore"))
        screen = {"playerErrorMessageRenderer": {"reason": simple(reason), "subreason": simple(why)}}
        return {"playabilityStatus": {"status": status, "reason": reason, "errorScreen": screen}}
    more = {"microformat": {"playerMicroformatRenderer": _microformat(world, post, at)}} if on_page else {}
    return more | {
        "playabilityStatus": {"status": "OK", "playableInEmbed": True},
        "streamingData": {"expiresInSeconds": "21540", "formats": [_format(post)], "adaptiveFormats": []},
        "videoDetails": _details(world, post, at),
        "captions": {"playerCaptionsTracklistRenderer": {"captionTracks": [_captions(post)]}},
    }


def _format(post: Post) -> Words:
    return {
        "itag": 18, "url": f"https://{MEDIA_HOST}/videoplayback?id={post.native_id}&itag=18&mime=video%2Fmp4",
        "mimeType": 'video/mp4; codecs="avc1.42001E, mp4a.40.2"', "bitrate": 320_000, "width": 320, "height": 180, "fps": 15,
        "quality": "medium", "qualityLabel": "180p", "audioQuality": "AUDIO_QUALITY_LOW", "audioSampleRate": "44100", "audioChannels": 1,
        "approxDurationMs": str(post.duration_seconds * 1000),
    }  # fmt: skip


def _details(world: World, post: Post, at: datetime) -> Words:
    return {
        "videoId": post.native_id, "title": post.title, "lengthSeconds": str(post.duration_seconds), "keywords": list(post.hashtags),
        "channelId": post.creator.native_id, "isOwnerViewing": False, "shortDescription": post.description, "isCrawlable": True,
        "thumbnail": pictures(thumbnail(post)), "allowRatings": True, "viewCount": str(world.seen(post, at=at).views),
        "author": post.creator.title, "isPrivate": False, "isUnpluggedCorpus": False, "isLiveContent": False,
    }  # fmt: skip


def _microformat(world: World, post: Post, at: datetime) -> Words:
    return {
        "title": simple(post.title), "description": simple(post.description), "lengthSeconds": str(post.duration_seconds),
        "ownerProfileUrl": f"http://www.youtube.com/@{post.creator.username}", "externalChannelId": post.creator.native_id,
        "isFamilySafe": True, "isUnlisted": False, "viewCount": str(world.seen(post, at=at).views), "category": "Education",
        "publishDate": post.posted_at.isoformat(), "uploadDate": post.posted_at.isoformat(), "ownerChannelName": post.creator.title,
        "isShortsEligible": post.format == "short", "availableCountries": ["DE", "GB", "US"],
    }  # fmt: skip


def _captions(post: Post) -> Words:
    return {
        "baseUrl": f"https://www.youtube.com/api/timedtext?v={post.native_id}&lang=en&kind=asr", "name": simple("English (auto-generated)"),
        "vssId": "a.en", "languageCode": "en", "kind": "asr", "isTranslatable": False,
    }  # fmt: skip


def spoken(post: Post) -> str:
    """WebVTT: the words of the title, evenly over the video."""
    words = post.title.split()
    step = post.duration_seconds / len(words)
    cues = [f"{_stamp(step * place)} --> {_stamp(step * (place + 1))}\n{word}\n" for place, word in enumerate(words)]
    return "WEBVTT\nKind: captions\nLanguage: en\n\n" + "\n".join(cues)


def _stamp(seconds: float) -> str:
    whole = math.floor(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def beside(world: World, post: Post | None, at: datetime) -> Words:
    """What stands beside the player: likes, the channel, the way to the comments, the heat-map."""
    if post is None or world.state(post, at=at) is not State.PUBLIC:
        return {"contents": {"twoColumnWatchNextResults": {"results": {"results": {"contents": []}}}}}
    seen = world.seen(post, at=at)
    contents = [_primary(post, seen.likes, seen.views), _secondary(world, post.creator, at), _comments_section(post, seen.comments)]
    results = {"twoColumnWatchNextResults": {"results": {"results": {"contents": contents}}}}
    return {"contents": results, "frameworkUpdates": {"entityBatchUpdate": {"mutations": _heat(post, seen.views)}}}


def _primary(post: Post, likes: int, seen: int) -> Words:
    button: Words = {"buttonViewModel": {"accessibilityText": f"like this video along with {likes:,} other people"}}
    for layer in ("defaultButtonViewModel", "toggleButtonViewModel", "toggleButtonViewModel", "likeButtonViewModel", "likeButtonViewModel"):
        button = {layer: button}
    menu = {"menuRenderer": {"topLevelButtons": [{"segmentedLikeDislikeButtonViewModel": button}]}}
    count = {"videoViewCountRenderer": {"viewCount": views(seen)}}
    date = simple(f"{post.posted_at:%b} {post.posted_at.day}, {post.posted_at.year}")
    return {"videoPrimaryInfoRenderer": {"title": runs(post.title), "viewCount": count, "videoActions": menu, "dateText": date}}


def _secondary(world: World, creator: Creator, at: datetime) -> Words:
    link = {"browseEndpoint": {"browseId": creator.native_id, "canonicalBaseUrl": f"/@{creator.username}"}}
    owner: Words = {
        "title": runs(creator.title, navigationEndpoint=link),
        "subscriberCountText": simple(f"{world.followers(creator, at=at):,} subscribers"),
        "navigationEndpoint": link,
    }
    if creator.is_verified:
        owner["badges"] = [{"metadataBadgeRenderer": {"style": "BADGE_STYLE_TYPE_VERIFIED", "tooltip": "Verified"}}]
    return {"videoSecondaryInfoRenderer": {"owner": {"videoOwnerRenderer": owner}}}


def _comments_section(post: Post, count: int) -> Words:
    entry = {"commentsEntryPointHeaderRenderer": {"commentCount": simple(f"{count:,}")}}
    items = [continued("comments", post.native_id)]
    section = {"sectionIdentifier": "comment-item-section", "contents": [entry, *items]}
    return {"itemSectionRenderer": section}


def _heat(post: Post, seen: int) -> list[Words]:
    """The beginning is watched by all, and one moment again."""
    if seen < HEAT_VIEWS:
        return []
    step = post.duration_seconds * 1000 // HEAT_MARKS
    peak = 3 + int(post.native_id.encode()[0]) % (HEAT_MARKS - 4)
    marks = [
        {"startMillis": str(step * place), "durationMillis": str(step), "intensityScoreNormalized": _heat_at(place, peak)}
        for place in range(HEAT_MARKS)
    ]  # fmt: skip
    found = {"externalVideoId": post.native_id, "markersList": {"markerType": "MARKER_TYPE_HEATMAP", "markers": marks}}
    return [{"entityKey": f"heat-{post.native_id}", "payload": {"macroMarkersListEntity": found}}]


def _heat_at(place: int, peak: int) -> float:
    return round(1.0 if place == peak else max(0.15, 0.9 - 0.12 * place), 3)


def thumbnail(post: Post) -> str:
    return f"https://{IMAGE_HOST}/vi/{post.native_id}/hqdefault.jpg"
