"""Links and handles that people paste, read into what they name. Which hosts are asked is decided here; asking them is in the gateways.

Nothing is guessed: a link that is not one of the known shapes is Unacceptable and says which are.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from domain.errors import FieldProblem, Unacceptable
from domain.observations import Platform
from domain.sources import Target


class LinkKind(StrEnum):
    """What a link names. A short one must be resolved first."""

    VIDEO = "video"
    ACCOUNT = "account"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class Link:
    """One link, understood. `url` is canonical: no tracking parameters, https, the platform's main host."""

    platform: Platform
    kind: LinkKind
    url: str
    external_id: str | None = None
    username: str | None = None

    @property
    def target(self) -> Target:
        """The account that the link names."""
        return Target(self.platform, external_id=None if self.kind is LinkKind.VIDEO else self.external_id, username=self.username)


HOSTS: dict[str, Platform] = {
    **dict.fromkeys(("tiktok.com", "www.tiktok.com", "m.tiktok.com"), Platform.TIKTOK),
    **dict.fromkeys(("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be"), Platform.YOUTUBE),
    **dict.fromkeys(("instagram.com", "www.instagram.com", "m.instagram.com"), Platform.INSTAGRAM),
    **dict.fromkeys(("x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"), Platform.X),
}
# These must be asked where they lead.
SHORT_HOSTS: dict[str, Platform] = {"vm.tiktok.com": Platform.TIKTOK, "vt.tiktok.com": Platform.TIKTOK, "t.co": Platform.X}
MAX_CHARS = 2_000
# Stands in an address for an author whom we do not know; TikTok leads on from there.
NOBODY = "_"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
EXPECTED = "give a link to a video or profile on TikTok, YouTube, Instagram or X"

# (platform, pattern of the path, kind): the first that fits counts. `id` and `name` are what the link names.
_ID = r"(?P<id>[A-Za-z0-9_-]{11})"
VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_SHAPES: tuple[tuple[Platform, str, LinkKind], ...] = (
    (Platform.TIKTOK, r"/@(?P<name>[^/]{1,64})/(?:video|photo)/(?P<id>\d{5,25})", LinkKind.VIDEO),
    (Platform.TIKTOK, r"/(?:v|embed/v2|share/video)/(?P<id>\d{5,25})(?:\.html)?", LinkKind.VIDEO),
    (Platform.TIKTOK, r"/t/(?P<id>[A-Za-z0-9]{4,20})", LinkKind.SHORT),
    (Platform.TIKTOK, r"/@(?P<name>[^/]{1,64})", LinkKind.ACCOUNT),
    (Platform.YOUTUBE, rf"/(?:shorts|live|embed|v)/{_ID}", LinkKind.VIDEO),
    (Platform.YOUTUBE, r"/channel/(?P<id>UC[A-Za-z0-9_-]{22})(?:/\w+)?", LinkKind.ACCOUNT),
    (Platform.YOUTUBE, r"/@(?P<name>[^/]{1,100})(?:/\w+)?", LinkKind.ACCOUNT),
    (Platform.INSTAGRAM, r"/(?:[A-Za-z0-9._]{1,30}/)?(?:p|reel|reels|tv)/(?P<id>[A-Za-z0-9_-]{5,40})", LinkKind.VIDEO),
    (Platform.INSTAGRAM, r"/(?P<name>[A-Za-z0-9._]{1,30})(?:/reels)?", LinkKind.ACCOUNT),
    (Platform.X, r"/(?:(?P<name>[A-Za-z0-9_]{1,15})|i(?:/web)?)/status/(?P<id>\d{1,25})(?:/(?:video|photo)/\d)?", LinkKind.VIDEO),
    (Platform.X, r"/(?P<name>[A-Za-z0-9_]{1,15})(?:/media)?", LinkKind.ACCOUNT),
)
_SHAPES_COMPILED = tuple((platform, re.compile(pattern + r"/?"), kind) for platform, pattern, kind in _SHAPES)
# Paths that look like handles and are none.
_RESERVED = {
    Platform.INSTAGRAM: {"p", "reel", "reels", "tv", "explore", "accounts", "stories", "direct", "about", "developer", "share"},
    Platform.X: {"home", "explore", "search", "i", "settings", "notifications", "messages", "hashtag", "intent", "share", "tos", "privacy"},
}
# Addresses that once named something: why they do not help, and what does.
_OUTDATED: tuple[tuple[Platform, str, str], ...] = (
    (
        Platform.YOUTUBE,
        r"/(?:user|c)/[^/]+(?:/.*)?",
        "a /user/ or /c/ address does not say which channel it is: copy its @handle from there",
    ),
    (Platform.YOUTUBE, r"/playlist", "a playlist is neither a video nor a profile: give its channel, or its videos one by one"),
    (
        Platform.INSTAGRAM,
        r"/(?:share|stories)/.*",
        "a shared or story address does not say what it is: open it and copy the address there",
    ),
)
_CANONICAL = {
    (Platform.TIKTOK, LinkKind.VIDEO): "https://www.tiktok.com/@{name}/video/{id}",
    (Platform.TIKTOK, LinkKind.ACCOUNT): "https://www.tiktok.com/@{name}",
    (Platform.TIKTOK, LinkKind.SHORT): "https://www.tiktok.com/t/{id}",
    (Platform.YOUTUBE, LinkKind.VIDEO): "https://www.youtube.com/watch?v={id}",
    (Platform.YOUTUBE, LinkKind.ACCOUNT): "https://www.youtube.com/{account}",
    (Platform.INSTAGRAM, LinkKind.VIDEO): "https://www.instagram.com/p/{id}/",
    (Platform.INSTAGRAM, LinkKind.ACCOUNT): "https://www.instagram.com/{name}/",
    (Platform.X, LinkKind.VIDEO): "https://x.com/{name}/status/{id}",
    (Platform.X, LinkKind.ACCOUNT): "https://x.com/{name}",
}
_HANDLES = {
    Platform.TIKTOK: re.compile(r"[\w.]{2,24}"),
    Platform.YOUTUBE: re.compile(r"[\w.·-]{3,30}"),
    Platform.INSTAGRAM: re.compile(r"[A-Za-z0-9._]{1,30}"),
    Platform.X: re.compile(r"[A-Za-z0-9_]{1,15}"),
}


def read_link(text: str) -> Link:
    """What a pasted link names. Raises Unacceptable: not a link, a host that is not ours to ask, or a shape that names nothing."""
    words = text.strip()
    if len(words) > MAX_CHARS or any(_is_odd(letter) for letter in words):
        raise _unacceptable("the link has characters that links do not have")
    parts, host = _split(words)
    path = _path(parts.path)
    if host in SHORT_HOSTS:
        return _short(SHORT_HOSTS[host], host, path)
    if host not in HOSTS:
        raise _unacceptable(f"the host {host[:80] or words[:80]!r} is not one of a platform that is read")
    return _read_path(HOSTS[host], host, path, parts.query)


def _is_odd(letter: str) -> bool:
    """Blanks, control and invisible letters, and the backslash, which browsers take for a slash and parsers do not."""
    return letter == "\\" or unicodedata.category(letter)[0] in "CZ"


def _split(words: str) -> tuple[SplitResult, str]:
    """The parts, and the host as names are compared: lower case, without the dot of the root."""
    try:
        parts = urlsplit(words if _SCHEME.match(words) else f"https://{words}")
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise _unacceptable("the link cannot be read") from None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or port not in (None, 80, 443):
        raise _unacceptable("the link has a scheme, port or password that is not accepted")
    return parts, host


def _path(written: str) -> str:
    """Decoded, once: a handle may be written in any script. What then still looks encoded, or hides a slash, is not followed."""
    try:
        path = unicodedata.normalize("NFC", unquote(written, errors="strict"))
    except UnicodeDecodeError:
        raise _unacceptable("the link has characters that links do not have") from None
    if "%" in path or path.count("/") != written.count("/") or any(_is_odd(letter) for letter in path):
        raise _unacceptable("the link has characters that links do not have")
    return path


def read_handle(platform: Platform, text: str) -> Target:
    """An account by its handle, with or without "@". Raises Unacceptable."""
    name = unicodedata.normalize("NFC", text.strip().removeprefix("@"))
    if not _HANDLES[platform].fullmatch(name):
        raise _unacceptable(f"{text[:80]!r} is not a handle on {platform.value}", "/handle")
    return Target(platform, username=name)


def _short(platform: Platform, host: str, path: str) -> Link:
    if not re.fullmatch(r"/[A-Za-z0-9]{4,20}/?", path):
        raise _unacceptable("the short link names nothing")
    code = path.strip("/")
    return Link(platform, LinkKind.SHORT, f"https://{host}/{code}", external_id=code)


def _read_path(platform: Platform, host: str, path: str, query: str) -> Link:
    if host == "youtu.be":
        return _of_youtube_id(path.strip("/"))
    if platform is Platform.YOUTUBE and path.rstrip("/") == "/watch":
        return _of_youtube_id((parse_qs(query).get("v") or [""])[0])
    for which, pattern, kind in _SHAPES_COMPILED:
        found = pattern.fullmatch(path) if which is platform else None
        name = found.groupdict().get("name") if found else None
        name = None if kind is LinkKind.VIDEO and name == NOBODY else name
        if found and (name is None or _is_handle(platform, kind, name)):
            return _link(platform, kind, found.groupdict().get("id"), name)
    outdated = [words for which, shape, words in _OUTDATED if which is platform and re.fullmatch(shape + "/?", path)]
    raise _unacceptable(outdated[0] if outdated else f"the link names neither a video nor a profile on {platform.value}")


def _is_handle(platform: Platform, kind: LinkKind, name: str) -> bool:
    """Pages of the platform's own look like profiles."""
    is_page = kind is LinkKind.ACCOUNT and name.casefold() in _RESERVED.get(platform, set())
    return not is_page and _HANDLES[platform].fullmatch(name) is not None


def _of_youtube_id(video_id: str) -> Link:
    if not re.fullmatch(_ID, video_id):
        raise _unacceptable("the link names no YouTube video")
    return _link(Platform.YOUTUBE, LinkKind.VIDEO, video_id, None)


def _link(platform: Platform, kind: LinkKind, external_id: str | None, name: str | None) -> Link:
    written = quote(name, safe="") if name else ("i" if platform is Platform.X else NOBODY)
    account = f"channel/{external_id}" if external_id else f"@{written}"
    url = _CANONICAL[platform, kind].format(id=external_id, name=written, account=account)
    return Link(platform, kind, url, external_id=external_id, username=name)


def _unacceptable(detail: str, pointer: str = "/url") -> Unacceptable:
    return Unacceptable(detail, (FieldProblem(pointer, EXPECTED),))
