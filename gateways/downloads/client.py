"""One yt-dlp, set up as its command would be and stricter: named extractors, named hosts, bounded in time, questions and bytes.

As a library it has none of its command's defaults (no retries of fragments, broken ones skipped), so each is named here. What it says goes
nowhere; how it fails is told in `troubles`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from gateways.downloads import troubles
from gateways.downloads.redirects import look_at_redirects
from gateways.downloads.watch import TIKTOK, YOUTUBE, Bounds, Watch

EXTRACTORS: Mapping[str, tuple[str, ...]] = {
    TIKTOK: ("TikTokIE", "TikTokUserIE"),
    YOUTUBE: ("YoutubeIE", "YoutubeTabIE", "YoutubePlaylistIE", "YoutubeSearchIE"),
}


@dataclass(frozen=True, slots=True)
class PagesOptions:
    """How pages are reached. `ca_file` is trusted besides the usual authorities; `folder` keeps the bundle of both."""

    proxy: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    folder: Path = Path()
    bounds: Bounds = field(default_factory=Bounds)


def settings(options: PagesOptions) -> dict[str, Any]:
    """Everything that matters is named, also where it is the default: nothing of the machine's configuration is read."""
    bounds = options.bounds
    return {
        "quiet": True, "no_warnings": True, "noprogress": True, "logger": Silence(), "ignoreerrors": False, "cachedir": False,
        "noplaylist": True, "socket_timeout": bounds.silence_seconds, "retries": bounds.retries, "fragment_retries": bounds.retries,
        "extractor_retries": bounds.retries, "file_access_retries": 0, "skip_unavailable_fragments": False, "usenetrc": False,
        "cookiesfrombrowser": None, "cookiefile": None, "external_downloader": None, "postprocessors": [], "enable_file_urls": False,
        "nocheckcertificate": False, "js_runtimes": {}, "remote_components": [], "restrictfilenames": True, "proxy": options.proxy or "",
        "skip_download": True, "check_formats": False, "geo_bypass": False,
    }  # fmt: skip


class Silence:
    """yt-dlp prints unless it has somebody to talk to."""

    def debug(self, _: str) -> None:
        return

    info = warning = error = debug


@dataclass(frozen=True, slots=True)
class Client:
    """Makes one yt-dlp per question: they are cheap, and one that failed has forgotten it."""

    platform: str
    options: PagesOptions

    def open(self, **more: object) -> Any:
        """A yt-dlp that knows this platform only."""
        from yt_dlp import YoutubeDL
        from yt_dlp.extractor import tiktok, youtube
        from yt_dlp.utils import YoutubeDLError

        watch, client = Watch(self.platform, self.options.bounds), self

        class Bounded(YoutubeDL):  # type: ignore[misc]
            last_failure: Exception | None = None

            def urlopen(self, request: Any) -> Any:
                watch.ask(request if isinstance(request, str) else request.url)
                try:
                    return watch.bounded(super().urlopen(request))
                except YoutubeDLError as error:
                    watch.demand_on_the_way(error)
                    self.last_failure = error
                    watch.keep(getattr(error, "response", None))
                    raise

            def close(self) -> None:
                watch.close()
                super().close()

            def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
                director = super().build_request_director(handlers, preferences)
                look_at_redirects(director, watch.look)
                if client.options.ca_file:
                    _trust(director, client.options.ca_file, client.options.folder)
                return director

        # Nothing is loaded by itself: neither the generic extractor nor plugins that lie about.
        made = Bounded({**settings(self.options), **more}, auto_init=False)
        for name in EXTRACTORS[self.platform]:
            made.add_info_extractor(getattr(tiktok if self.platform == TIKTOK else youtube, name)())
        return made

    def ask(self, what: Callable[[Any], Any], **more: object) -> Any:
        """What `what` finds with a yt-dlp of its own. Raises under the names of `troubles`."""
        with troubles.named(self.platform), self.open(**more) as opened:
            return what(opened)

    def info(self, url: str, *, needs: Sequence[str] = (), **more: object) -> dict[str, Any]:
        """Everything about one address, lists of addresses not followed.

        yt-dlp goes on with what it has where a page failed. Where all that it `needs` is missing then, the page's failure is the answer.
        """

        def ask(opened: Any) -> dict[str, Any]:
            found = _told(opened, url)
            if needs and opened.last_failure and not any(found.get(name) for name in needs):
                raise opened.last_failure
            return dict(opened.sanitize_info(found, remove_private_keys=True))

        return dict(self.ask(ask, **more))

    def page(self, url: str) -> str:
        """A page as a browser would get it."""
        from yt_dlp.networking import Request
        from yt_dlp.networking.impersonate import ImpersonateTarget

        def get(opened: Any) -> str:
            with opened.urlopen(Request(url, extensions={"impersonate": ImpersonateTarget()})) as answer:
                return str(answer.read().decode("utf-8", "replace"))

        return str(self.ask(get))


def _told(opened: Any, url: str) -> dict[str, Any]:
    """Without processing: that would choose formats and ask for media. Comments are fetched by a step of its own, where they are wanted."""
    from yt_dlp.utils import YoutubeDLError

    try:
        found = dict(opened.extract_info(url, download=False, process=False) or {})
    except YoutubeDLError as error:
        # That nothing was had says nothing; why it was not had stands in the last failure.
        if opened.last_failure and "any player response" in str(error):
            raise opened.last_failure from error
        raise
    after = found.pop("__post_extractor", None)
    return {**found, **(after() or {})} if callable(after) else found


def _trust(director: Any, ca_file: Path, folder: Path) -> None:
    """Curl takes a file of authorities, Python's own TLS one more."""
    bundle = _bundle(ca_file, folder)
    for handler in director.handlers.values():
        if handler.RH_KEY == "CurlCFFI":
            handler.verify = str(bundle)
        else:
            handler._make_sslcontext = partial(_context, handler._make_sslcontext, ca_file)


def _context(make: Callable[..., Any], ca_file: Path, **how: object) -> Any:
    context = make(**how)
    context.load_verify_locations(cafile=ca_file)
    return context


def _bundle(ca_file: Path, folder: Path) -> Path:
    import certifi

    folder.mkdir(parents=True, exist_ok=True)
    path, words = folder / "authorities.pem", Path(certifi.where()).read_bytes() + b"\n" + ca_file.read_bytes()
    if not path.exists() or path.read_bytes() != words:
        part = folder / f"authorities.{time.monotonic_ns()}.part"
        part.write_bytes(words)
        part.replace(path)
    return path
