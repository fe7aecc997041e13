"""How many handlers of a worker run at once, in the order in which they came. Who may wait for the outside world is in `api.places`.

Python runs one thread at a time. Twenty quick handlers side by side are not faster than two: each is interrupted by all others, so that all
end late, and some very late. So a few have a turn, and the rest wait for one. Who takes long loses its turn and runs on beside the others.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeAlias, TypeVar

Words = ParamSpec("Words")
Answer = TypeVar("Answer")
Later: TypeAlias = Callable[[float, Callable[[], None]], object]
Work: TypeAlias = tuple[Future[Any], Callable[[], Any]]

# One makes its answer while others wait for the database; what other numbers came to is in docs/decisions/0010-hot-reads.md.
AT_ONCE = 3
# Longer than a quick call takes: a password is hashed, a report counts a year.
PATIENCE_SECONDS = 0.05


class Turns(ThreadPoolExecutor):
    """The threads of a loop, whose `call_later` is `later`. Work is handed in by the loop's own thread."""

    def __init__(self, threads: int, later: Later, *, at_once: int = AT_ONCE, patience: float = PATIENCE_SECONDS) -> None:
        super().__init__(threads, thread_name_prefix="api")
        self._most, self._later, self._at_once, self._patience = threads, later, at_once, patience
        self._waiting: deque[Work] = deque()
        # How many threads work, and since when those of them do that have a turn.
        self._busy, self._turns = 0, dict[object, float]()
        self._lock, self._is_watched = threading.Lock(), False
        self._mine = threading.local()

    def submit(self, fn: Callable[Words, Answer], /, *args: Words.args, **kwargs: Words.kwargs) -> Future[Answer]:
        future: Future[Answer] = Future()
        with self._lock:
            self._waiting.append((future, partial(fn, *args, **kwargs)))
            self._start()
            begins = bool(self._waiting) and not self._is_watched
            self._is_watched = self._is_watched or begins
        if begins:
            self._later(self._patience, self._look)
        return future

    def step_aside(self) -> None:
        """A handler that calls this will take long: its turn is another's at once."""
        with self._lock:
            if self._turns.pop(getattr(self._mine, "turn", None), None) is not None:
                self._start()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As the library's; who still waits for a turn is waiting, too."""
        if cancel_futures:
            with self._lock:
                left = [future for future, _ in self._waiting]
                self._waiting.clear()
            for future in left:
                future.cancel()
        super().shutdown(wait, cancel_futures=cancel_futures)

    def _start(self) -> None:
        while self._waiting and len(self._turns) < self._at_once and self._busy < self._most:
            turn = object()
            self._busy, self._turns[turn] = self._busy + 1, time.monotonic()
            super().submit(self._work, turn, self._waiting.popleft())

    def _work(self, turn: object, work: Work | None) -> None:
        self._mine.turn = turn
        while work is not None:
            future, call = work
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as error:  # noqa: BLE001 - whoever waits for the future is told, as by the library's own
                    future.set_exception(error)
            work = self._next(turn)

    def _next(self, turn: object) -> Work | None:
        with self._lock:
            self._turns.pop(turn, None)
            if not self._waiting or len(self._turns) >= self._at_once:
                self._busy -= 1
                return None
            self._turns[turn] = time.monotonic()
            return self._waiting.popleft()

    def _look(self) -> None:
        """Runs on the loop while somebody waits: turns that last too long are turns no more."""
        with self._lock:
            begun = time.monotonic() - self._patience
            for turn in [turn for turn, since in self._turns.items() if since <= begun]:
                del self._turns[turn]
            self._start()
            self._is_watched = bool(self._waiting)
            again = self._is_watched
        if again:
            self._later(self._patience, self._look)
