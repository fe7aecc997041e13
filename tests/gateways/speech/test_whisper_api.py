"""A transcription API is asked in pieces, as it wants to be asked, and its answers become one transcript."""

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable, Unwanted
from domain.ports.kept import Hears
from domain.speech import Speech
from gateways.bounded_http import Limits
from gateways.speech.whisper_api import ApiOptions, WhisperApi
from sandbox.faults import Fault
from sandbox.serving import Desk, Server, running
from sandbox.transcription import KEY, LIMIT_BYTES, MODEL, Request, Transcription
from sandbox.world import Clock
from tests.sounds import Said

LIMITS = Limits(connect_seconds=5, read_seconds=10, total_seconds=20, tries=2, first_wait_seconds=0.01, wait_seconds=0.05)


def two_words(request: Request) -> Mapping[str, Any]:
    """At the beginning and at the end of each piece."""
    words = [{"word": "So", "start": 0.0, "end": 0.2}, {"word": "there", "start": request.seconds - 0.5, "end": request.seconds}]
    return {"language": "english", "text": "So, there.", "words": words, "segments": []}


@pytest.fixture
def service() -> Transcription:
    return Transcription(two_words)


@pytest.fixture
def desk(service: Transcription) -> Desk:
    return Desk([service], Clock())


@pytest.fixture
def server(desk: Desk) -> Iterator[Server]:
    with running(desk) as server:
        yield server


def hear(server: Server, sound: Path, *, key: str | None = KEY, piece_seconds: float = 600.0, language: str | None = None) -> Speech:
    port: Hears = WhisperApi(ApiOptions(f"{server.url}/v1", MODEL, key), limits=LIMITS, piece_seconds=piece_seconds)
    return port.hear(sound, language=language, report=lambda _: None, is_unwanted=lambda: False)


def test_it_is_asked_for_times_of_words(server: Server, service: Transcription, talk: Said) -> None:
    found = hear(server, talk.path)

    (asked,) = service.asked
    assert asked.fields == {
        "model": [MODEL],
        "response_format": ["verbose_json"],
        "temperature": ["0"],
        "timestamp_granularities[]": ["word", "segment"],
    }
    assert asked.seconds == pytest.approx(talk.seconds, abs=0.1)
    assert [each.text for each in found.words] == ["So,", "there."]
    assert (found.language, found.model, found.error_rate) == ("en", f"api/{MODEL}", None)


def test_a_long_sound_goes_in_pieces_that_are_stitched(server: Server, service: Transcription, talk: Said) -> None:
    found = hear(server, talk.path, piece_seconds=8.0)

    assert len(service.asked) >= 3
    assert all(each.seconds <= 8 for each in service.asked)
    assert sum(each.seconds for each in service.asked) == pytest.approx(talk.seconds, abs=0.1)
    starts = [each.start_seconds for each in found.words]
    assert starts == sorted(starts)
    assert found.words[-1].end_seconds == pytest.approx(talk.seconds, abs=0.1)
    spoken = [(start, start + 0.1) for start, _ in talk.words]
    cuts = found.words[2::2]
    assert not [cut for cut in cuts for start, end in spoken if start + 0.03 < cut.start_seconds < end]


def test_the_language_of_the_first_piece_is_told_with_the_next(server: Server, service: Transcription, talk: Said) -> None:
    hear(server, talk.path, piece_seconds=14.0)
    hear(server, talk.path, language="de-AT")

    assert [each.fields.get("language") for each in service.asked] == [None, ["en"], ["de"]]


def test_no_piece_is_larger_than_the_api_takes() -> None:
    from gateways.speech.sound import RATE_HZ
    from gateways.speech.whisper_api import PIECE_SECONDS

    assert PIECE_SECONDS * RATE_HZ * 2 + 1_000 < LIMIT_BYTES


def test_a_server_of_ones_own_needs_no_key(server: Server, service: Transcription, talk: Said) -> None:
    service.key = None

    assert hear(server, talk.path, key=None).words


def test_a_wrong_key_is_refused_and_not_shown(server: Server, talk: Said) -> None:
    with pytest.raises(SourceRefused, match="the key is not accepted") as refused:
        hear(server, talk.path, key="a-secret-of-mine")

    assert "a-secret-of-mine" not in str(refused.value)
    assert "a-secret-of-mine" not in repr(ApiOptions("http://x", MODEL, "a-secret-of-mine"))


@pytest.mark.parametrize("kind", ["429", "500", "503", "reset"])
def test_trouble_that_passes_is_tried_again(server: Server, desk: Desk, talk: Said, kind: str) -> None:
    desk.faults.add(Fault(where="transcriptions", kind=kind, times=1))

    assert len(hear(server, talk.path).words) == 2


def test_trouble_that_stays_is_unavailable_and_says_until_when(server: Server, desk: Desk, talk: Said) -> None:
    desk.faults.add(Fault(where="transcriptions", kind="429", times=9, retry_after="120"))

    with pytest.raises(SourceUnavailable) as failed:
        hear(server, talk.path)

    assert failed.value.retry_after_seconds == 120


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        ({"text": "no times"}, SourceRefused, "no times of words"),
        ({"text": "a", "words": [{"word": "a", "start": -1, "end": 0}]}, SourceRefused, "puts a word at -1"),
    ],
)
def test_an_answer_without_times_is_refused(
    server: Server, service: Transcription, talk: Said, answer: dict[str, Any], kind: type[SourceFailed], reason: str
) -> None:
    service.hears = lambda _: answer

    with pytest.raises(kind, match=reason):
        hear(server, talk.path)


def test_another_model_is_refused_in_the_apis_own_words(server: Server, talk: Said) -> None:
    api = WhisperApi(ApiOptions(f"{server.url}/v1", "another-model", KEY), limits=LIMITS)

    with pytest.raises(SourceRefused, match=r"another-model.* does not exist"):
        api.hear(talk.path, language=None, report=lambda _: None, is_unwanted=lambda: False)


def test_an_answer_that_nobody_waits_for_any_more_is_left(server: Server, service: Transcription, talk: Said) -> None:
    came, go_on = threading.Event(), threading.Event()

    def late(request: Request) -> Mapping[str, Any]:
        came.set()
        go_on.wait(20)
        return two_words(request)

    service.hears = late
    api, began = WhisperApi(ApiOptions(f"{server.url}/v1", MODEL, KEY), limits=LIMITS), time.monotonic()
    try:
        with pytest.raises(Unwanted):
            api.hear(talk.path, language=None, report=lambda _: None, is_unwanted=came.is_set)
    finally:
        go_on.set()

    assert time.monotonic() - began < 5
