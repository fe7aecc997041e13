"""Whyral's own API, as its command line sees it: HTTP with the key that is kept in WHYRAL_HOME."""

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx

from domain.errors import FieldProblem, SourceUnavailable, Unacceptable

_ENDED = {"succeeded", "failed", "canceled", "skipped"}
# Soon at first, then seldom: a minute's calls are to be enough for whoever else uses the key.
POLLS = (0.5, 0.5, 1.0, 2.0)
# The longest window that is worth waiting for.
_PATIENCE_SECONDS = 61.0
_CHUNK = 1_000_000

Tell = Callable[[float, str], None]
"""Takes how much of a file is done, as a share, and in what."""


def quiet(_share: float, _note: str) -> None:
    """For callers whom nobody watches."""


def status_of(url: str, *, timeout_seconds: float) -> int | None:
    """The status that an address answers with; None where nothing answers."""
    try:
        return httpx.get(url, timeout=timeout_seconds, trust_env=False).status_code
    except httpx.HTTPError:
        return None


class OwnApi:
    """Answers as plain dictionaries; whatever is refused is raised as one line that says what to do."""

    def __init__(self, url: str, key: str, *, wait: Callable[[float], object] = time.sleep) -> None:
        # An import is answered once the file was taken in: as long as that takes.
        # It is on this machine: no proxy of the environment is asked.
        who, patience = {"Authorization": f"Bearer {key}"}, httpx.Timeout(10, read=300, write=300)
        self._http = httpx.Client(base_url=url, headers=who, timeout=patience, trust_env=False)
        self._url, self._wait = url, wait

    @classmethod
    def with_key_of(cls, url: str, key_file: Path, *, wait: Callable[[float], object] = time.sleep) -> Self:
        if not key_file.is_file():
            raise SourceUnavailable("key", f"{key_file} is not there: start with `whyral up`, or put an API key into that file")
        return cls(url, key_file.read_text(encoding="utf-8").strip(), wait=wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self._said(self._send("GET", path, params=params))

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._said(self._send("POST", path, json=dict(body)))

    def delete(self, path: str) -> None:
        self._said(self._send("DELETE", path))

    def import_file(self, path: Path, params: Mapping[str, str], *, wait: bool, tell: Tell = quiet) -> dict[str, Any]:
        """Send the file, in pieces, and wait until its rows are in (or have failed)."""
        size = path.stat().st_size
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        with path.open("rb") as file:
            words = {**params, "file_name": path.name}
            made = self._said(self._send("POST", "/imports", params=words, content=_pieces(file, size, tell), headers=headers))
        if wait:
            self._follow(made["request_id"], tell)
            made = self.get(f"/imports/{made['import_id']}")
        return made

    def send_video(self, video: Path, captions: Path, params: Mapping[str, str]) -> dict[str, Any]:
        """Send a video with the captions beside it; its first clip is on its way then."""
        with video.open("rb") as file, captions.open("rb") as words:
            parts = {"file": (video.name, file), "captions": (captions.name, words)}
            return self._said(self._send("POST", "/media", params=dict(params), files=parts))

    def consent(self, channel_id: str, decision: Mapping[str, str]) -> None:
        """Connect a channel as its owner would in a browser: from our page to the provider's, with this decision, and back to ours."""
        page = self.post(f"/channels/{channel_id}/connect", {"revenue": True})["consent_url"]
        answer = self._send("POST", page, data=dict(decision), headers={"Authorization": ""})
        back = self._send("GET", answer.headers.get("location", page))
        if not back.is_success and not back.is_redirect:
            raise SourceUnavailable("consent", f"the channel was not connected: the page at the end answered {back.status_code}")

    def _follow(self, request_id: str, tell: Tell) -> None:
        pauses = chain(POLLS, repeat(POLLS[-1]))
        while (request := self.get(f"/requests/{request_id}"))["state"] not in _ENDED:
            tell(request["progress"], request["note"] or request["state"])
            self._wait(next(pauses))

    def _send(self, method: str, path: str, **words: Any) -> httpx.Response:
        """A call that came too early is made once more when its window is over, for nothing was done. What is streamed is sent once."""
        answer = self._sent(method, path, **words)
        is_early = answer.status_code == httpx.codes.TOO_MANY_REQUESTS and _problem(answer).get("code") == "rate_limited"
        if is_early and not {"content", "files"} & words.keys() and (pause := float(answer.headers["retry-after"])) <= _PATIENCE_SECONDS:
            self._wait(pause)
            return self._sent(method, path, **words)
        return answer

    def _sent(self, method: str, path: str, **words: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **words)
        except httpx.HTTPError as error:
            raise SourceUnavailable("api", f"{self._url} does not answer ({type(error).__name__}): is `whyral up` running?") from error

    def _said(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.is_success:
            found: dict[str, Any] = answer.json() if answer.content else {}
            return found
        said = _problem(answer) or {"detail": f"{answer.request.url} answered {answer.status_code}"}
        raise Unacceptable(said["detail"], tuple(FieldProblem(each["pointer"], each["detail"]) for each in said.get("errors", [])))


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """What was wrong, as our API says it; empty where it says nothing."""
    is_ours = answer.headers.get("content-type", "").startswith("application/problem+json")
    said: dict[str, Any] = answer.json() if is_ours else {}
    return said


def _pieces(file: BinaryIO, size: int, tell: Tell) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
        tell(file.tell() / max(1, size), "sending")
