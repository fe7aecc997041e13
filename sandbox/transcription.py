"""A transcription API as OpenAI defined it: `POST /v1/audio/transcriptions`, one key, a limit on files. What is said is the caller's.

It checks each request as the real one does, so that a client that forgets a field is refused here too.
"""

import io
import wave
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from sandbox.serving import Answered, Asked

LIMIT_BYTES = 25 * 1024 * 1024
MODEL = "whisper-1"
KEY = "sandbox-transcription-key"


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent: the form's fields, and the sound."""

    fields: Mapping[str, list[str]]
    content: bytes

    @property
    def seconds(self) -> float:
        with wave.open(io.BytesIO(self.content)) as file:
            return float(file.getnframes() / file.getframerate())


@dataclass
class Transcription:
    """The service. `hears` makes the answer's words, text and language of a request; `asked` holds what came, oldest first."""

    hears: Callable[[Request], Mapping[str, Any]]
    key: str | None = KEY
    limit_bytes: int = LIMIT_BYTES
    asked: list[Request] = field(default_factory=list)

    hosts = ("api.openai.com",)
    paths = ("/v1/audio/",)

    def answer(self, asked: Asked) -> Answered | None:
        if asked.path != "/v1/audio/transcriptions":
            return None
        if self.key is not None and asked.headers.get("authorization") != f"Bearer {self.key}":
            return _refused(401, f"Incorrect API key provided: {asked.headers.get('authorization', '')}.")
        request = _read(asked)
        self.asked.append(request)
        problem = self._problem(asked.method, request)
        return problem or Answered.of_json({"task": "transcribe", "duration": request.seconds, **self.hears(request)})

    def _problem(self, method: str, request: Request) -> Answered | None:
        fields = request.fields
        if method != "POST":
            return _refused(405, "Not allowed to do that.")
        if len(request.content) > self.limit_bytes:
            return _refused(413, f"Maximum content size limit ({self.limit_bytes}) exceeded")
        if fields.get("model") != [MODEL]:
            return _refused(404, f"The model `{fields.get('model')}` does not exist")
        if "word" in fields.get("timestamp_granularities[]", []) and fields.get("response_format") != ["verbose_json"]:
            return _refused(400, "response_format must be verbose_json for timestamp_granularities")
        if not request.content.startswith(b"RIFF"):
            return _refused(400, "Invalid file format.")
        return None


def _refused(status: int, message: str) -> Answered:
    return Answered.of_json({"error": {"message": message, "type": "invalid_request_error", "param": None, "code": None}}, status=status)


def _read(asked: Asked) -> Request:
    head = f"Content-Type: {asked.headers.get('content-type', '')}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    content = b""
    for part in BytesParser(policy=HTTP).parsebytes(head + asked.body).iter_parts():
        name = _name(part)
        body = part.get_payload(decode=True)
        if not isinstance(body, bytes):
            continue
        if name == "file":
            content = body
        else:
            fields.setdefault(name, []).append(body.decode())
    return Request(fields, content)


def _name(part: Message) -> str:
    return str(part.get_param("name", "", header="content-disposition"))
