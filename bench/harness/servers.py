"""Servers under load: ours exactly as `whyral up` starts it, and baselines. Each is one worker, in a process of its own."""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from bench.harness.stage import Stage
from gateways.machine import free_port
from gateways.processes import Program, start, stop
from gateways.vault import new_keys
from up import ROOT, api_command

READY_SECONDS = 180.0
# What counts calls is measured with all else, yet holds nobody up.
PLENTY = {
    f"WHYRAL_RATE_LIMIT_{name}": str(10**9)
    for name in ("PER_MINUTE", "PER_HOUR", "PER_DAY", "ANALYSES_PER_HOUR", "CHAT_MESSAGES_PER_HOUR", "EXPENSIVE_PER_MINUTE")
}


@contextmanager
def ours(stage: Stage, *, workers: int = 1, environment: Mapping[str, str] = PLENTY) -> Iterator[str]:
    """The product's API on the stage's database; yields its address."""
    metrics = stage.home / "run" / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    port = free_port()
    own = {**environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    with _served(stage, "ours", port, api_command("127.0.0.1", port, workers=workers), own) as address:
        yield address


@contextmanager
def uvicorn(stage: Stage, application: str, name: str, environment: Mapping[str, str]) -> Iterator[str]:
    port = free_port()
    command = ["-m", "uvicorn", application, "--factory", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    with _served(stage, name, port, [sys.executable, *command, "--loop", "uvloop", "--http", "httptools"], environment) as address:
        yield address


@contextmanager
def granian(stage: Stage, application: str, name: str, environment: Mapping[str, str]) -> Iterator[str]:
    port = free_port()
    command = ["-m", "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--no-ws"]
    with _served(stage, name, port, [sys.executable, *command, "--loop", "uvloop", application], environment) as address:
        yield address


@contextmanager
def _served(stage: Stage, name: str, port: int, command: list[str], environment: Mapping[str, str]) -> Iterator[str]:
    keys = {"WHYRAL_SECRET_KEY": stage.secret_key, "WHYRAL_TOKEN_KEYS": new_keys("bench")}
    own = {"DATABASE_URL": stage.urls.app, **keys, "WHYRAL_HOME": str(stage.home)}
    program = Program(name=name, command=tuple(command), environment={**os.environ, **own, **environment}, folder=ROOT)
    child, address = start(program, stage.home / "run"), f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(address):
            if child.exit_code() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} does not answer: {child.said()[-2000:]}")
            time.sleep(0.1)
        yield address
    finally:
        stop(child, grace_seconds=10)


def _answers(address: str) -> bool:
    """Whatever it answers."""
    try:
        return httpx.get(address, timeout=2).status_code > 0
    except httpx.HTTPError:
        return False
