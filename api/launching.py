"""Launching what was asked for once the answer is out, and ending what is not wanted any more: nobody waits for Dagster."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar

from litestar import Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks

from domain.errors import SourceFailed
from domain.ports import RunLauncher
from domain.requests import Request
from services import requests
from store.database import Database
from store.trying import is_trying

T = TypeVar("T")


def launching(answer: Response[T], database: Database, launcher: RunLauncher, asked: Sequence[Request]) -> Response[T]:
    """The same answer; behind it Dagster is asked to start each request. Whatever this misses, the sensor launches."""
    if is_trying():
        return answer
    answer.background = BackgroundTasks([BackgroundTask(requests.poke, database, launcher, request) for request in asked])
    return answer


def ending(launcher: RunLauncher, canceled: Sequence[Request]) -> None:
    """Ask Dagster to end the runs of requests that were canceled while they ran."""
    for request in canceled:
        if request.run_id and not request.is_final:
            # Where Dagster cannot be told, the run sees the wish at its next write all the same.
            with suppress(SourceFailed):
                launcher.terminate(request.run_id)
