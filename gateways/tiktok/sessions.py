"""A browser with its sessions on TikTok, by TikTokApi; and what it is asked through. When one begins and ends is decided in `pool`.

TikTokApi hides failures (bare exceptions, retries of its own, no time limits), so what it fetches with is replaced: the page fetches, and
says status, size and trouble. Its sessions, its parameters and the signature stay its own.
"""

import asyncio
import json
import re
import signal
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any

import psutil

from domain.errors import SourceRefused
from gateways.tiktok import browser, failures
from gateways.tiktok.browser import BrowserOptions

HOME = "https://www.tiktok.com"
ANSWER_BYTES = 20_000_000
HOOK_SECONDS = 15
_END_SECONDS = 5
# Chromium ignores switches that it does not know; this one tells ours from all others.
_MARK = "--whyral-browser="
_FETCH = """async ([url, headers, milliseconds, most]) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), milliseconds);
  try {
    const answer = await fetch(url, {headers, signal: stop.signal});
    const found = {status: answer.status, url: answer.url, retryAfter: answer.headers.get("retry-after")};
    const parts = [];
    let size = 0;
    for (const reader = answer.body?.getReader(); reader; ) {
      const {done, value} = await reader.read();
      if (done) break;
      size += value.length;
      if (size > most) { stop.abort(); return {...found, isTooLarge: true}; }
      parts.push(value);
    }
    return {...found, text: await new Blob(parts).text()};
  } catch (error) {
    return {trouble: stop.signal.aborted ? "late" : String(error)};
  } finally { clearTimeout(timer); }
}"""
_SCOPE = re.compile(r'<script[^>]+\bid="__UNIVERSAL_DATA_FOR_REHYDRATION__"[^>]*>(.*?)</script>', re.DOTALL)


class Sessions:
    """One browser. `begin` before anything else; after `end` it is over."""

    def __init__(self, api: Any, mark: str, seconds: float) -> None:
        self._api, self._mark, self._seconds = api, mark, seconds
        self._processes: list[psutil.Process] = []
        self.calls = 0

    @property
    def is_alive(self) -> bool:
        return bool(self._api.sessions) and all(each.is_running() for each in self._processes)

    async def get(self, path: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """A signed question to TikTok's API."""
        cookies = await self._api.get_session_cookies(self._session())
        words = {"msToken": cookies.get("msToken") or "", **parameters}
        found: dict[str, object] = await self._api.make_request(url=f"{HOME}/api/{path}/", params=words)
        return found

    async def scope(self, path: str, name: str) -> dict[str, object]:
        """The data that a page carries under this name."""
        answer = await self._fetch(f"{HOME}{path}")
        if "/login" in str(answer.get("url")):
            raise SourceRefused(failures.SOURCE, "it wants a login for this", category="private")
        if answer["status"] != 200 or not str(answer["text"]).strip():
            failures.read(int(answer["status"]), str(answer["text"]), retry_after=answer.get("retryAfter"))
        return scope_of(str(answer["text"]), name)

    async def fetched(self, url: str) -> str:
        """What TikTokApi gets instead of its own fetching: the words of an answer that was looked at."""
        answer = await self._fetch(url)
        failures.read(int(answer["status"]), str(answer["text"]), retry_after=answer.get("retryAfter"))
        return str(answer["text"])

    def _session(self) -> Any:
        if not self._api.sessions:
            raise failures.unavailable("network", "the browser has no session left")
        return self._api.sessions[0]

    async def _fetch(self, url: str) -> dict[str, Any]:
        session = self._session()
        asked = [url, session.headers or {}, round(self._seconds * 1000), ANSWER_BYTES]
        answer: dict[str, Any] = await session.page.evaluate(_FETCH, asked)
        if answer.get("trouble") == "late":
            raise failures.unavailable("network", f"no answer within {self._seconds:g} s")
        if answer.get("trouble"):
            raise failures.unavailable("network", f"the browser got no answer ({str(answer['trouble'])[:200]})")
        if answer.get("isTooLarge"):
            raise failures.unavailable("parse_error", f"the answer is larger than {ANSWER_BYTES} bytes")
        return answer

    def remember_processes(self) -> None:
        """The browser and what started it: they are ended by their numbers, should they not go by themselves."""
        family = psutil.Process().children(recursive=True)
        ours = [each for each in family if any(word == self._mark for word in _command(each))]
        self._processes = [parent for each in ours if (parent := each.parent()) is not None and parent in family] + ours

    @property
    def browser_pids(self) -> list[int]:
        return [each.pid for each in self._processes]

    async def give_up(self) -> None:
        """It did not begin, or nobody waits for it any more: whatever of it runs by now is ended."""
        self.remember_processes()
        await self.end()

    async def end(self) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._api.close_sessions(), _END_SECONDS)
        for each in self._processes:
            _kill(each)
        self._processes = []


async def begin(options: BrowserOptions, *, seconds: float) -> Sessions:
    """A browser with one session that can sign. Raises under the names of `failures`; nothing stays behind then."""
    mark = f"{_MARK}{uuid.uuid4().hex}"
    sessions = Sessions(_api(), mark, seconds)
    sessions._api.keeper = sessions
    async with AsyncExitStack() as stack:
        stack.push_async_callback(sessions.give_up)
        await sessions._api.create_sessions(
            num_sessions=1, headless=False, executable_path=str(options.path), proxies=browser.proxies(options), sleep_after=0,
            starting_url=HOME, override_browser_args=[*browser.arguments(options), mark],
            suppress_resource_load_types=["image", "media", "font"],
        )  # fmt: skip
        sessions.remember_processes()
        await sessions._api.sessions[0].page.wait_for_function("window.byted_acrawler !== undefined", timeout=HOOK_SECONDS * 1000)
        stack.pop_all()
    return sessions


def _api() -> Any:
    """TikTokApi with our own fetching. Imported here: it brings a browser's client with it."""
    from TikTokApi import TikTokApi

    class Api(TikTokApi):  # type: ignore[misc]
        keeper: Sessions

        async def run_fetch_script(self, url: str, **_: object) -> str:
            return await self.keeper.fetched(url)

        async def generate_x_bogus(self, url: str, **_: object) -> dict[str, str]:
            found = await self.keeper._session().page.evaluate("(url) => window.byted_acrawler?.frontierSign(url)", url)
            if not isinstance(found, dict) or not found.get("X-Bogus"):
                raise failures.unavailable("blocked", "the page gives no signature")
            return found

        async def _get_valid_session_index(self, **_: object) -> tuple[int, Any]:
            return 0, self.keeper._session()

    made = Api(logging_level=100, logger_name="whyral.tiktok")
    # It adds a handler that writes to stderr for every instance.
    made.logger.handlers.clear()
    made.logger.propagate = False
    return made


def scope_of(page: str, name: str) -> dict[str, object]:
    """The data that a page of TikTok's carries under this name."""
    found = _SCOPE.search(page)
    if found is None:
        raise failures.unavailable("blocked", "it answered with a page that carries no data: it takes us for a robot")
    try:
        scope = json.loads(found[1])["__DEFAULT_SCOPE__"][name]
    except (ValueError, KeyError, TypeError):
        raise failures.unavailable("parse_error", f"the page carries no {name}") from None
    return failures.checked(scope)


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _kill(process: psutil.Process) -> None:
    with suppress(psutil.Error):
        for each in [*process.children(recursive=True), process]:
            with suppress(psutil.Error):
                each.send_signal(signal.SIGKILL)
