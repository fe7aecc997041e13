"""What platforms document about titles, descriptions and hashtags, and what a draft's texts break or leave out. No effect is claimed here.

Each rule names where it is written. `documented` limits are refused or cut by the platform; what is merely `seen` has no fixed number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.features.descriptions import LINK, has_chapters
from domain.features.writing import hashtags_in

_API = "https://developers.google.com/youtube/v3/docs/videos#properties"
_HASHTAGS = "https://support.google.com/youtube/answer/6390658"
_CHAPTERS = "https://support.google.com/youtube/answer/9884579"
_TITLES = "https://support.google.com/youtube/answer/57407"
_TIKTOK = "https://developers.tiktok.com/doc/content-posting-api-reference-direct-post"
_INSTAGRAM = "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media"
_X = "https://docs.x.com/fundamentals/counting-characters"

# Longer titles are cut in search results and on phones.
VISIBLE_TITLE = 60
# From so many seconds on, chapters help to find one's way.
LONG_VIDEO = 600.0
YOUTUBE_HASHTAGS, YOUTUBE_SHOWN_HASHTAGS = 60, 3


@dataclass(frozen=True, slots=True)
class Texts:
    """What of a draft can be read. `title` is the caption where the platform has no titles; None: not told."""

    platform: str
    title: str
    description: str | None = None
    hashtags: tuple[str, ...] = ()
    format: str | None = None
    duration_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One finding with its suggestion. `source`: `documented` or `seen`; `url` says where."""

    field: str
    finding: str
    suggestion: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The most characters (or bytes) that a field may have."""

    field: str
    most: int
    unit: str
    url: str


LIMITS: Mapping[str, tuple[Limit, ...]] = {
    "youtube": (Limit("title", 100, "characters", _API), Limit("description", 5_000, "bytes", _API)),
    "tiktok": (Limit("title", 2_200, "characters", _TIKTOK),),
    "instagram": (Limit("title", 2_200, "characters", _INSTAGRAM),),
    "x": (Limit("title", 280, "characters", _X),),
}
INSTAGRAM_HASHTAGS = 30


def advice_on(texts: Texts) -> tuple[Advice, ...]:
    """In the order of title, description, hashtags."""
    return (*_too_long(texts), *(_youtube(texts) if texts.platform == "youtube" else ()), *_hashtags(texts))


def _too_long(texts: Texts) -> Iterator[Advice]:
    for limit in LIMITS.get(texts.platform, ()):
        written = texts.title if limit.field == "title" else texts.description or ""
        size = len(written.encode()) if limit.unit == "bytes" else len(written)
        if size > limit.most:
            found = f"{size:,} {limit.unit}; {texts.platform} takes {limit.most:,}"
            yield Advice(limit.field, found, f"take out {size - limit.most:,} {limit.unit}", "documented", limit.url)


def _youtube(texts: Texts) -> Iterator[Advice]:
    if VISIBLE_TITLE < len(texts.title) <= LIMITS["youtube"][0].most:
        cut = f"{len(texts.title)} characters; search results and phones show about {VISIBLE_TITLE} to 70, with no fixed limit"
        yield Advice("title", cut, f"say what matters in the first {VISIBLE_TITLE} characters", "seen", _TITLES)
    if texts.format == "short":
        return
    if texts.description is None:
        return
    if not texts.description.strip():
        yield Advice("description", "no description", "say in a few lines what the video is about", "seen", _API)
    elif not LINK.search(texts.description):
        yield Advice("description", "no link", "link what the video speaks of, where there is something to link", "seen", _API)
    if (texts.duration_seconds or 0.0) >= LONG_VIDEO and not has_chapters(texts.description):
        wanted = "list at least three times in rising order, the first 0:00, each chapter ten seconds or longer"
        yield Advice(
            "description", f"a video of {texts.duration_seconds or 0:,.0f} seconds without chapters", wanted, "documented", _CHAPTERS
        )


def _hashtags(texts: Texts) -> Iterator[Advice]:
    told = {tag.lower().lstrip("#") for tag in texts.hashtags}
    count = len(told | set(hashtags_in(texts.title)) | set(hashtags_in(texts.description)))
    if texts.platform == "youtube" and count > YOUTUBE_HASHTAGS:
        found = f"{count} hashtags; YouTube ignores all of them from {YOUTUBE_HASHTAGS + 1} on"
        yield Advice("hashtags", found, f"keep {YOUTUBE_HASHTAGS} at most", "documented", _HASHTAGS)
    elif texts.platform == "youtube" and count > YOUTUBE_SHOWN_HASHTAGS:
        found = f"{count} hashtags; the first {YOUTUBE_SHOWN_HASHTAGS} of the description are shown by the title"
        yield Advice("hashtags", found, "put those that matter first", "documented", _HASHTAGS)
    if texts.platform == "instagram" and count > INSTAGRAM_HASHTAGS:
        found = f"{count} hashtags; Instagram takes {INSTAGRAM_HASHTAGS}"
        yield Advice("hashtags", found, f"keep {INSTAGRAM_HASHTAGS} at most", "documented", _INSTAGRAM)
