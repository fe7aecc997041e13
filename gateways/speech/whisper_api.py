"""A transcription API as OpenAI defined it (`POST /v1/audio/transcriptions`): OpenAI's own, or a server of one's own that speaks it.

The sound leaves this machine. Long sound is sent in pieces, cut where it is quiet.
What the words of an answer become is in `domain.transcription_answers`.
"""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import SourceRefused, Unwanted, WhyralError
from domain.ports.kept import IsUnwanted, Report
from domain.quiet import Span
from domain.speech import Speech
from domain.transcription_answers import HeardPiece, joined, read_piece
from gateways.bounded_http import BoundedHttp, Form, Limits, Route
from gateways.speech.sound import cut_at_pauses, part_of

SOURCE = "transcription API"
# 25 MB is the API's limit for a file: 13 minutes at 32,000 bytes a second. Shorter pieces are answered sooner and lost less dearly.
PIECE_SECONDS = 600.0
_ASK_SECONDS = 0.5
_PATH = "audio/transcriptions"


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """Where the API is (with its `/v1`), its key (None for a server that wants none), and which of its models is asked."""

    url: str
    name: str
    key: str | None = field(default=None, repr=False)


class WhisperApi:
    """Fills the port `Hears`."""

    def __init__(self, options: ApiOptions, *, limits: Limits | None = None, piece_seconds: float = PIECE_SECONDS) -> None:
        self._options, self._piece_seconds = options, piece_seconds
        self._limits = limits or Limits(read_seconds=300, total_seconds=600)

    @property
    def model(self) -> str:
        return f"api/{self._options.name}"

    def hear(self, sound: Path, *, language: str | None, report: Report, is_unwanted: IsUnwanted) -> Speech:
        """With a time for each word. 408, 429 and 5xx are SourceUnavailable; other refusals, and answers without times, SourceRefused."""
        spans, found = cut_at_pauses(sound, longest_seconds=self._piece_seconds), list[HeardPiece]()
        for number, span in enumerate(spans, start=1):
            content = part_of(sound, span)
            spoken = language or next((each.language for each in found if each.words and each.language), None)
            found.append(_while_wanted(lambda: self._piece(content, span, spoken), is_unwanted))  # noqa: B023 - it is called at once
            report(number / len(spans))
        return joined(found, model=self.model, language=language)

    def _piece(self, content: bytes, span: Span, language: str | None) -> HeardPiece:
        fields: dict[str, str | list[str]] = {
            "model": self._options.name,
            "response_format": "verbose_json",
            "temperature": "0",
            "timestamp_granularities[]": ["word", "segment"],
            **({"language": language.lower().partition("-")[0]} if language else {}),
        }
        with closing(self._http()) as http:
            answer = http.post(_PATH, {}, Form(fields, "sound.wav", content, "audio/wav"), is_repeatable=True)
        try:
            return read_piece(answer.payload, span)
        except ValueError as error:
            raise SourceRefused(SOURCE, str(error), category="parse_error") from error

    def _http(self) -> BoundedHttp:
        key = self._options.key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return BoundedHttp(SOURCE, Route(self._options.url.rstrip("/") + "/", headers), self._limits)


def _while_wanted(work: Callable[[], HeardPiece], is_unwanted: IsUnwanted) -> HeardPiece:
    """An answer may take minutes, and nothing ends a request from outside: its thread is left behind, and ends by its own limits."""
    found: list[HeardPiece] = []
    failed: list[WhyralError] = []

    def run() -> None:
        try:
            found.append(work())
        except WhyralError as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="transcription", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_ASK_SECONDS)
        if is_unwanted():
            raise Unwanted(f"{SOURCE}: nobody wants the result any more")
    if failed:
        raise failed[0]
    return found[0]
