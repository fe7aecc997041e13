"""Launching what was asked for once the answer is out: nobody waits for Dagster to load a run."""

from collections.abc import Sequence
from typing import TypeVar

from litestar import Response
from litestar.background_tasks import BackgroundTask, BackgroundTasks

from domain.ports import RunLauncher
from domain.requests import Request
from services import requests
from store.database import Database

T = TypeVar("T")


def launching(answer: Response[T], database: Database, launcher: RunLauncher, asked: Sequence[Request]) -> Response[T]:
    """The same answer; behind it Dagster is asked to start each request. Whatever this misses, the sensor launches."""
    answer.background = BackgroundTasks([BackgroundTask(requests.poke, database, launcher, request) for request in asked])
    return answer
