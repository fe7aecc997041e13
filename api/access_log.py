"""Every call is written down beside the calls: one thread takes what was answered, logs it and keeps it in batches.

No call waits for it. What finds no room, or cannot be kept, is counted as dropped.
"""

import queue
import threading
from collections.abc import Callable, Sequence

import structlog
from prometheus_client import Counter

from domain.errors import SourceUnavailable
from store.logs import Served

ROOM, BATCH, TRIES = 10_000, 500, 3
PAUSE_SECONDS = 0.5
log = structlog.get_logger(name=__name__, category="API")

DROPPED = Counter("access_log_dropped", "Calls of which the access log has no row: the queue was full, or the database away")


class AccessLog:
    """`write` keeps a batch. Calls noted before `start` wait in the queue."""

    def __init__(self, write: Callable[[Sequence[Served]], object], *, room: int = ROOM, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._write, self._pause_seconds = write, pause_seconds
        self._waiting: queue.Queue[Served] = queue.Queue(room)
        self._hurry, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, served: Served) -> None:
        """Costs a place in the queue and nothing else."""
        try:
            self._waiting.put_nowait(served)
        except queue.Full:
            DROPPED.inc()

    def start(self) -> None:
        self._ended.clear()
        self._hurry.clear()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """What waits is kept first."""
        self._ended.set()
        self._hurry.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def flush(self) -> None:
        """Return when all that was noted before is kept, or dropped."""
        self._hurry.set()
        self._waiting.join()
        if not self._ended.is_set():
            self._hurry.clear()

    def _run(self) -> None:
        while not (self._ended.is_set() and self._waiting.empty()):
            try:
                first = self._waiting.get(timeout=self._pause_seconds)
            except queue.Empty:
                continue
            self._hurry.wait(self._pause_seconds)
            batch = [first, *self._more()]
            for each in batch:
                _tell(each)
            self._keep(batch)
            for _ in batch:
                self._waiting.task_done()

    def _more(self) -> list[Served]:
        more: list[Served] = []
        while len(more) < BATCH - 1:
            try:
                more.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return more

    def _keep(self, batch: Sequence[Served]) -> None:
        for _ in range(TRIES):
            try:
                self._write(batch)
            except SourceUnavailable as error:
                log.warning("the access log cannot be kept", rows=len(batch), reason=str(error))
                if self._ended.wait(self._pause_seconds):
                    break
            else:
                return
        DROPPED.inc(len(batch))


def _tell(served: Served) -> None:
    call = served.call
    log.info(
        "call", method=served.method, endpoint=served.endpoint, status=served.status, response_ms=served.response_ms,
        address=call.address, user_agent=call.user_agent, tenant_id=_word(call.tenant_id), user_id=_word(call.user_id),
        key_id=_word(call.key_id), session_id=_word(call.session_id), impersonator=_word(call.impersonator),
        request_id=call.request_id, error_code=call.error_code,
    )  # fmt: skip


def _word(identity: object) -> str | None:
    return None if identity is None else str(identity)
