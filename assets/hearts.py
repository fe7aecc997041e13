"""A run's signs of life, from its first claim until its request or the run has ended; what a claim is, is in `claims`.

It beats between steps too: one may stand at its pool for as long as others render, and a run whose lease ran out is killed.
"""

import threading
from collections.abc import Callable

from domain.errors import ClaimLost, SourceUnavailable
from domain.requests import Request
from store.database import Database

_BEATING: dict[str, "Heart"] = {}


class Heart:
    """One per run, in a thread of its own. It ends by itself where the run's database is closed, or its request is not its own any more."""

    def __init__(self, database: Database, request: Request, run_id: str, *, beat_seconds: float, warn: Callable[[str], None]) -> None:
        self._database, self._request, self._run_id, self._beat_seconds, self._warn = database, request, run_id, beat_seconds, warn
        self._stopped, self._is_waiting = threading.Event(), False
        self._thread = threading.Thread(target=self._beats, name="heartbeat", daemon=True)

    @classmethod
    def of(cls, database: Database, request: Request, run_id: str, *, beat_seconds: float, warn: Callable[[str], None]) -> "Heart":
        """The one that beats for this run already, else a new one."""
        found = _BEATING.get(run_id)
        if found is None or not found._thread.is_alive():
            found = _BEATING[run_id] = cls(database, request, run_id, beat_seconds=beat_seconds, warn=warn)
            found._thread.start()
        found._is_waiting = False
        return found

    def wait(self) -> None:
        """The step has ended, and another one of the run comes. Who cancels meanwhile is answered by the lease: it runs out."""
        self._is_waiting = True

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _beats(self) -> None:
        try:
            while not self._stopped.wait(self._beat_seconds) and not self._database.is_closed and self._is_wanted():
                pass
        finally:
            _BEATING.pop(self._run_id, None)

    def _is_wanted(self) -> bool:
        mine = (self._request.request_id, self._request.attempt, self._run_id)
        try:
            with self._database.begin(self._request.tenant_id) as uow:
                if self._is_waiting:
                    return not uow.requests.renew(*mine)
                uow.requests.keep_alive(*mine)
        except ClaimLost:
            return False
        except SourceUnavailable as error:
            self._warn(f"heartbeat: {error}")
        return True
