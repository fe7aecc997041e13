"""What the demo workspace has before anything is read: people to tell apart, a test of titles that is over; its clip, in time or late."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from math import log1p
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from demo import Demo, have_tested, know_people, reads_sandbox
from domain.effects.verdicts import Verdict
from domain.experiments.states import ExperimentState
from sandbox.around import NAMED
from sandbox.title_test import LIFT
from services import experiments
from settings import Settings
from store.database import Database
from tests.library import NOON
from up import Stack


@pytest.mark.parametrize("given", ["stripe_secret_key", "dodo_api_key", "google_api_key"])
def test_a_deployment_that_reaches_a_real_provider_is_not_turned_to_the_sandbox(tmp_path: Path, given: str) -> None:
    plain = Settings(home=tmp_path)

    assert reads_sandbox(plain.model_copy(update={given: SecretStr("x")})) is None
    assert (reads_sandbox(plain) or plain).sandbox


def test_the_demo_knows_whom_its_posts_name(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        know_people(uow)

        assert {(each.name, each.kind) for each in uow.entities.all()} == {(each.name, each.kind) for each in NAMED}


def test_the_demos_test_of_titles_is_over_and_finds_the_lift_that_was_planted(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        have_tested(uow, now=NOON)
        (found,) = uow.experiments.page(limit=2)
        assert found.plan is not None
        reading = experiments.reading_of(uow, found, found.plan, today=NOON.date() + timedelta(days=1))
        (effect,) = experiments.statements(found, found.plan, reading)

    assert found.state is ExperimentState.CONCLUDED
    assert effect.verdict is Verdict.EXPERIMENTAL
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low <= log1p(LIFT) <= effect.high


# The clip, which may be late


@dataclass
class Slow:
    """An API that knows one request, and how that stands; what it was asked."""

    port: int = 0
    state: str = "running"
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def slow() -> Iterator[Slow]:
    told = Slow()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(f"{self.command} {self.path}")
            error = {"detail": "the video cannot be read"} if told.state == "failed" else None
            content = json.dumps({"state": told.state, "note": "rendering", "progress": 0.5, "error": error}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            """Nothing on the console."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        told.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield told
        server.shutdown()
        serving.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of a demo whose talk was sent, and whose clip is on its way."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "key").write_text("whyral_key", encoding="utf-8")
    for done in ("imported", "tracked", "connected"):
        (tmp_path / "demo" / done).touch()
    taken = {"media": {"media_id": "m"}, "clip": {"clip_id": "c", "request_id": "r"}}
    (tmp_path / "demo" / "sent.json").write_text(json.dumps(taken), encoding="utf-8")
    return tmp_path


def told_by(home: Path, slow: Slow) -> str:
    said: list[str] = []
    stack = Stack(Settings(home=home, api_port=slow.port), said.append)
    Demo(stack, said.append, threading.Event(), wait_seconds=0).run()
    return "\n".join(said)


def test_a_clip_that_is_late_is_said_to_be_late_and_the_demo_is_there(home: Path, slow: Slow) -> None:
    told = told_by(home, slow)

    assert "the clip is late" in told
    assert "Nothing failed" in told
    assert f"http://127.0.0.1:{slow.port}/api/v1/clips/c/file" in told
    assert "not made" not in told


def test_the_next_start_follows_the_late_clip_and_sends_nothing_anew(home: Path, slow: Slow) -> None:
    told_by(home, slow)
    slow.state = "succeeded"

    told = told_by(home, slow)

    assert "late" not in told
    assert (home / "demo" / "clipped").exists()
    assert set(slow.asked) == {"GET /api/v1/requests/r"}


def test_a_clip_that_failed_is_told_with_its_reason_and_is_sent_anew_next_time(home: Path, slow: Slow) -> None:
    slow.state = "failed"

    told = told_by(home, slow)

    assert "demo       not made: demo data: the video cannot be read" in told
    assert not (home / "demo" / "sent.json").exists()
    assert not (home / "demo" / "clipped").exists()
