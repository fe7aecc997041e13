"""At most one browser per process, begun when it is first needed, begun anew after so many calls or when it died, ended with us.

Everybody asks by `call`, from any thread; the browser's own loop runs in a thread here.
"""

import asyncio
import atexit
import functools
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import TimeoutError as LateError
from contextlib import suppress
from typing import Any, TypeVar

from gateways.tiktok import failures, sessions
from gateways.tiktok.browser import BrowserOptions
from gateways.tiktok.sessions import Sessions

CALL_SECONDS = 30.0
BEGIN_SECONDS = 60.0
CALLS_PER_BROWSER = 400
AT_ONCE = 4
_Found = TypeVar("_Found")


class Pool:
    """The browser of one set of options. `begun`: how many there were so far."""

    def __init__(self, options: BrowserOptions, *, seconds: float = CALL_SECONDS, calls: int = CALLS_PER_BROWSER) -> None:
        self._options, self._seconds, self._most = options, seconds, calls
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._owner = 0
        self.begun = 0

    def call(self, work: Callable[[Sessions], Awaitable[_Found]], *, seconds: float | None = None) -> _Found:
        """What `work` finds in a live session, within the time limit. Raises SourceUnavailable or SourceRefused."""
        limit = seconds or self._seconds
        return self._run(self._work(work, limit), BEGIN_SECONDS + 2 * limit)

    def close(self) -> None:
        """Ends the browser, if there is one. The next call begins another."""
        if self._loop is not None and self._owner == os.getpid():
            self._run(self._close(), 15)

    @property
    def browser_pids(self) -> list[int]:
        return self._live.browser_pids if self._loop is not None and self._live else []

    def _run(self, work: Coroutine[Any, Any, _Found], seconds: float) -> _Found:
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(timeout=seconds)
        except LateError:
            future.cancel()
            raise failures.unavailable("network", f"the browser did not answer within {seconds:g} s") from None

    def _running(self) -> asyncio.AbstractEventLoop:
        """The loop of this process: one that was inherited by a fork has no thread."""
        with self._starting:
            if self._loop is None or self._owner != os.getpid():
                self._loop, self._owner = asyncio.new_event_loop(), os.getpid()
                self._live: Sessions | None = None
                self._busy, self._changing, self._idle = asyncio.Semaphore(AT_ONCE), asyncio.Lock(), asyncio.Event()
                self._calls = 0
                self._idle.set()
                threading.Thread(target=self._loop.run_forever, name="tiktok", daemon=True).start()
                atexit.register(self.close)
            return self._loop

    async def _work(self, work: Callable[[Sessions], Awaitable[_Found]], seconds: float) -> _Found:
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as SlowError

        async with self._busy:
            try:
                live = await self._borrowed()
            except SlowError as error:
                raise failures.unavailable("blocked", "the page came without what signs its questions") from error
            except (Error, OSError) as error:
                raise failures.unavailable("network", f"the browser did not begin ({_first_line(error)})") from error
            try:
                return await asyncio.wait_for(work(live), seconds)
            except TimeoutError:
                raise failures.unavailable("network", f"no answer within {seconds:g} s") from None
            except Error as error:
                await self._retire(live)
                raise failures.unavailable("network", f"the browser ended during the call ({_first_line(error)})") from error
            finally:
                self._give_back()

    async def _borrowed(self) -> Sessions:
        async with self._changing:
            if self._live is not None and (self._live.calls >= self._most or not self._live.is_alive):
                await self._idle.wait()
                await self._end()
            if self._live is None:
                self._live = await asyncio.wait_for(sessions.begin(self._options, seconds=self._seconds), BEGIN_SECONDS)
                self.begun += 1
            self._live.calls += 1
            self._calls += 1
            self._idle.clear()
            return self._live

    def _give_back(self) -> None:
        self._calls -= 1
        if not self._calls:
            self._idle.set()

    async def _retire(self, dead: Sessions) -> None:
        """A browser that died is not asked again; who still waits for it is told by the same failure."""
        if self._live is dead:
            await self._end()

    async def _end(self) -> None:
        ending, self._live = self._live, None
        if ending is not None:
            await ending.end()

    async def _close(self) -> None:
        async with self._changing:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._idle.wait(), 5)
            await self._end()


@functools.cache
def pool_of(options: BrowserOptions) -> Pool:
    """The same pool for the same options."""
    return Pool(options)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
