"""Processes that kill themselves at the nth thing they ask of the database: `python -m tests.trust.victim WORDS`, JSON.

Children are forked, so that what it takes to load is paid once; each opens connections of its own. The last line of
the output holds all lives.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from domain.errors import Conflict
from store.database import Database
from tests.trust.patience import patiently
from tests.trust.repeated import call, effects

Life = dict[str, Any]
# What is asked for under a key: the status, and whether it was a stored answer.
Operation = Callable[[str], tuple[int, bool]]
BODIES: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "requests": ("/requests", {"kind": "insights"}, "select count(*) from requests"),
    "collections": ("/collections", {"name": "a collection"}, "select count(*) from collections where not is_default"),
    "keys": ("/keys", {"name": "a key", "scopes": ["read"]}, "select count(*) from api_keys"),
    "entities": ("/insights/entities", {"name": "somebody", "kind": "person"}, "select count(*) from entities"),
}
MOST_POINTS = 200


class Deadly:
    """Counts what is asked of the database, before and after each, and kills this process at its turn."""

    def __init__(self, turn: int) -> None:
        self._left = turn
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            sa.event.listen(sa.Engine, name, self._pass)
        sa.event.listen(sa.pool.Pool, "reset", self._pass)  # after a commit, and after whatever else ends a transaction

    def _pass(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    words = json.loads(sys.argv[1])
    perform, count = _of_the_store(words) if words["operation"] == "call" else _of_the_api(words)
    lives: list[Life] = []
    before = count()
    for turn in range(1, MOST_POINTS):
        key = f"{words['operation']}-{uuid4().hex}"
        if _in_a_child(partial(_doomed, perform, key, turn)):
            break
        done = count() - before
        again = _in_a_child(partial(_again, perform, key))
        before, counted = count(), before
        lives.append({**again, "point": turn, "done_by_the_first": done, "done": before - counted})
    sys.stdout.write(json.dumps(lives) + "\n")


def _doomed(perform: Operation, key: str, turn: int) -> Life:
    Deadly(turn)
    perform(key)
    return {"survived": True}


def _again(perform: Operation, key: str) -> Life:
    status, is_replay = perform(key)
    return {"again": status, "is_replay": is_replay}


def _in_a_child(work: Callable[[], Life]) -> Life:
    """What the child says; nothing where it was killed."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        with os.fdopen(into, "w") as said:
            said.write(json.dumps(work()))
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as heard:
        said_words = heard.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return {}
    if os.waitstatus_to_exitcode(status) != 0 or not said_words:
        raise SystemExit(f"a child ended with {status}")
    found: Life = json.loads(said_words)
    return found


def _of_the_store(words: dict[str, Any]) -> tuple[Operation, Callable[[], int]]:
    tenant_id, url = UUID(words["tenant_id"]), words["urls"]["app"]

    def perform(key: str) -> tuple[int, bool]:
        answer = patiently(lambda: call(Database(url, pool_size=1), tenant_id, key), Conflict)
        return answer.status, answer.is_replay

    mine = Database(url, pool_size=1)
    return perform, lambda: sum(effects(mine, tenant_id).values())


class StillRunningError(Exception):
    """409: ask again."""


def _of_the_api(words: dict[str, Any]) -> tuple[Operation, Callable[[], int]]:
    from litestar.testing import TestClient

    from api.app import create_app
    from gateways.files.store import LocalFiles
    from gateways.log_lines import configure_logging
    from tests.api.conftest import FakeDagster, make_parts

    configure_logging("error")
    path, body, counted = BODIES[words["operation"]]
    url, tenant_id = words["urls"]["app"], UUID(words["tenant_id"])
    who = {"Authorization": f"Bearer {words['credential']}"}

    def perform(key: str) -> tuple[int, bool]:
        named = body | ({"name": key} if "name" in body else {})
        parts = make_parts(Database(url, pool_size=2), url, FakeDagster(), LocalFiles(Path(words["folder"])))
        with TestClient(create_app(parts)) as client:

            def ask() -> tuple[int, bool]:
                answer = client.post(f"/api/v1{path}", json=named, headers={**who, "Idempotency-Key": key})
                if answer.status_code == 409:
                    raise StillRunningError(answer.text)
                return answer.status_code, "idempotency-replayed" in answer.headers

            return patiently(ask, StillRunningError)

    mine = Database(url, pool_size=1)

    def count() -> int:
        with mine.begin(tenant_id) as uow:
            return int(uow.connection.execute(sa.text(counted)).scalar_one())

    return perform, count


if __name__ == "__main__":
    main()
