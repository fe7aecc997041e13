"""The command line's view of our API: what it sends, and what it makes of every kind of answer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from domain.errors import FieldProblem, SourceUnavailable, Unacceptable
from gateways.own_api import OwnApi

PROBLEM = {"detail": "the file cannot be accepted", "errors": [{"pointer": "year", "detail": "say which"}]}
JSON = "application/json"


@dataclass
class Told:
    """What the server heard, and what it answers, in order."""

    answers: list[tuple[int, str, bytes]] = field(default_factory=list)
    heard: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def will(self, status: int, body: Any = None, kind: str = JSON) -> None:
        self.answers.append((status, kind, body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def api(told: Told) -> Iterator[OwnApi]:
    """A client of a loopback server that says what it was told to."""

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            told.heard.append((self.command, self.path, dict(self.headers), content))
            status, kind, body = told.answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if status == 429:
                self.send_header("Retry-After", "17")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *words: object) -> None:
            """Nothing on the console."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    with OwnApi(f"http://127.0.0.1:{server.server_port}/api/v1", "whyral_key", wait=told.waited.append) as client:
        yield client
    server.shutdown()
    serving.join()
    server.server_close()


def test_every_call_brings_the_key(api: OwnApi, told: Told) -> None:
    told.will(200, {"items": []})

    assert api.get("/keys", {"limit": "2"}) == {"items": []}

    method, path, headers, _ = told.heard[0]
    assert (method, path, headers["Authorization"]) == ("GET", "/api/v1/keys?limit=2", "Bearer whyral_key")


def test_an_answer_without_a_body_is_no_error(api: OwnApi, told: Told) -> None:
    told.will(204)

    api.delete("/keys/1")

    assert told.heard[0][:2] == ("DELETE", "/api/v1/keys/1")


def test_a_problem_is_raised_with_its_fields(api: OwnApi, told: Told) -> None:
    told.will(422, PROBLEM, "application/problem+json; charset=utf-8")

    with pytest.raises(Unacceptable) as refusal:
        api.post("/keys", {"name": ""})

    assert refusal.value.detail == PROBLEM["detail"]
    assert refusal.value.problems == (FieldProblem("year", "say which"),)


EARLY = {"detail": "60 calls per minute are allowed here (minute): wait", "code": "rate_limited"}


def test_a_call_that_came_too_early_is_made_again_when_its_window_is_over(api: OwnApi, told: Told) -> None:
    told.will(429, EARLY, "application/problem+json")
    told.will(200, {"items": []})

    assert api.get("/keys") == {"items": []}
    assert told.waited == [17.0]


@pytest.mark.parametrize("code", ["rate_limited", "limit_reached"])
def test_nobody_waits_twice_nor_for_what_waiting_does_not_help(api: OwnApi, told: Told, code: str) -> None:
    for _ in range(2):
        told.will(429, {**EARLY, "code": code}, "application/problem+json")

    with pytest.raises(Unacceptable, match="60 calls"):
        api.post("/keys", {"name": "k"})
    assert len(told.waited) == (code == "rate_limited")


def test_an_answer_that_is_no_problem_of_ours_is_told_by_its_status(api: OwnApi, told: Told) -> None:
    told.will(502, b"<html>bad gateway</html>", "text/html")

    with pytest.raises(Unacceptable, match="502"):
        api.get("/keys")


def test_a_file_is_sent_whole_with_its_name_and_parameters_and_followed_to_its_end(api: OwnApi, told: Told, tmp_path: Path) -> None:
    path, steps = tmp_path / "my list.csv", list[tuple[float, str]]()
    path.write_bytes(b"x" * 2_500_000)
    told.will(202, {"import_id": "i1", "request_id": "r1", "state": "pending"})
    told.will(200, {"state": "running", "progress": 0.5, "note": "half"})
    told.will(200, {"state": "succeeded", "progress": 1.0, "note": ""})
    told.will(200, {"import_id": "i1", "state": "succeeded", "rows": 3})

    done = api.import_file(path, {"year": "2017"}, wait=True, tell=lambda share, note: steps.append((share, note)))

    assert done["rows"] == 3
    assert told.heard[0][1] == "/api/v1/imports?year=2017&file_name=my+list.csv"
    assert told.heard[0][3] == path.read_bytes()
    assert "Transfer-Encoding" not in told.heard[0][2]
    assert [path for _, path, _, _ in told.heard[1:]] == ["/api/v1/requests/r1", "/api/v1/requests/r1", "/api/v1/imports/i1"]
    assert steps == [(0.4, "sending"), (0.8, "sending"), (1.0, "sending"), (0.5, "half")]


def test_without_waiting_the_file_is_only_sent(api: OwnApi, told: Told, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    told.will(202, {"import_id": "i1", "request_id": "r1", "state": "pending"})

    assert api.import_file(tmp_path / "empty", {}, wait=False)["state"] == "pending"
    assert len(told.heard) == 1


def test_a_video_is_sent_with_its_captions_in_one_form(api: OwnApi, told: Told, tmp_path: Path) -> None:
    video, captions = tmp_path / "talk.mp4", tmp_path / "talk.vtt"
    video.write_bytes(b"the video")
    captions.write_bytes(b"WEBVTT")
    told.will(202, {"clip": {"clip_id": "c1"}})

    made = api.send_video(video, captions, {"language": "en"})

    (method, path, headers, body) = told.heard[0]
    assert (method, path, made) == ("POST", "/api/v1/media?language=en", {"clip": {"clip_id": "c1"}})
    assert headers["Content-Type"].startswith("multipart/form-data")
    assert all(
        part in body for part in (b'name="file"; filename="talk.mp4"', b"the video", b'name="captions"; filename="talk.vtt"', b"WEBVTT")
    )


def test_a_server_that_is_not_there_is_said_with_what_to_do() -> None:
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()

    with OwnApi(f"http://127.0.0.1:{port}/api/v1", "k") as api, pytest.raises(SourceUnavailable, match="is `whyral up` running"):
        api.get("/me")


def test_a_proxy_of_the_environment_is_not_asked(api: OwnApi, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    told.will(200, {"ok": True})

    with OwnApi(str(api._url), "k") as again:
        assert again.get("/me") == {"ok": True}


def test_the_key_is_read_from_its_file_and_missed_by_name(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="whyral up") as missing:
        OwnApi.with_key_of("http://127.0.0.1:1", tmp_path / "key")
    (tmp_path / "key").write_text("whyral_secret\n", encoding="utf-8")

    with OwnApi.with_key_of("http://127.0.0.1:1", tmp_path / "key") as api:
        assert api._http.headers["Authorization"] == "Bearer whyral_secret"
    assert str(tmp_path / "key") in str(missing.value)
