"""What the YouTube formats share: ids, categories, thumbnails. Rows are read in `youtube_trending` and `youtube_owner`."""

import re
from collections.abc import Mapping

from domain.imports.values import Unreadable, shown

WATCH = "https://www.youtube.com/watch?v="
_ID = re.compile(r"[A-Za-z0-9_-]{11}\Z")
_THUMBNAIL = re.compile(r"https?://i\d?\.ytimg\.com/vi(?:_webp)?/([A-Za-z0-9_-]{11})/")

# The public list of video categories, by id.
CATEGORIES: Mapping[str, str] = {
    "1": "Film & Animation", "2": "Autos & Vehicles", "10": "Music", "15": "Pets & Animals", "17": "Sports", "18": "Short Movies",
    "19": "Travel & Events", "20": "Gaming", "21": "Videoblogging", "22": "People & Blogs", "23": "Comedy", "24": "Entertainment",
    "25": "News & Politics", "26": "Howto & Style", "27": "Education", "28": "Science & Technology", "29": "Nonprofits & Activism",
    "30": "Movies", "31": "Anime/Animation", "32": "Action/Adventure", "33": "Classics", "34": "Comedy", "35": "Documentary", "36": "Drama",
    "37": "Family", "38": "Foreign", "39": "Horror", "40": "Sci-Fi/Fantasy", "41": "Thriller", "42": "Shorts",
    "43": "Shows", "44": "Trailers",
}  # fmt: skip


def video_id(value: object, column: str) -> str:
    """Eleven characters; a leading `v=` of an address and blanks around are not part of it."""
    found = str(value)[:30].strip().removeprefix("v=")
    if not _ID.match(found):
        raise Unreadable(f"{column} is {shown(value)}, not the id of a YouTube video (11 letters, digits, - or _)", column)
    return found


def id_in_thumbnail(address: object) -> str | None:
    """YouTube's own thumbnail addresses carry the id of the video."""
    found = _THUMBNAIL.match(address) if isinstance(address, str) else None
    return found[1] if found else None
