"""One LISTEN connection per process: tells which request changed, ids only. What changed is read by whoever cares, in its own transaction."""

import threading
from collections.abc import Callable
from uuid import UUID

import psycopg
import structlog

CHANNEL = "requests"
log = structlog.get_logger(name=__name__, category="SYSTEM")


class Listener:
    """A thread that hands (tenant, request) ids to a callback; after a lost connection it connects again and says so with None."""

    def __init__(self, url: str, heard: Callable[[tuple[UUID, UUID] | None], None]) -> None:
        self._url, self._heard = url.replace("postgresql+psycopg://", "postgresql://"), heard
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._listen()
            except psycopg.OperationalError as error:
                log.warning("listener lost its connection", reason=str(error).splitlines()[0])
                self._stopped.wait(1)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True, application_name="whyral-listener", connect_timeout=5) as connection:
            connection.execute(f"listen {CHANNEL}")
            self._heard(None)
            while not self._stopped.is_set():
                for notice in connection.notifies(timeout=1):
                    tenant, request = notice.payload.split()
                    self._heard((UUID(tenant), UUID(request)))
