"""What is said in a video: read, exported, and replaced by a script of the maker's."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.launching import launching
from api.media.suggesting import SuggestionOut
from api.security import BEARER, known_caller, needs_write
from domain.clips.asked import Wanted
from domain.ports import RunLauncher
from domain.transcripts import Transcript, plain_text, srt, statistics_of, webvtt
from services import suggesting, transcribing
from store.database import Database, Entry


class ScriptIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said, in writing, and its language (ISO 639-1).

    Bounds and number of the candidates are as `POST /clips/suggest` takes them; without any, as they were last asked for.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500_000)]
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2,3}$")] = "en"
    min_seconds: float | None = None
    max_seconds: float | None = None
    count: Annotated[int, msgspec.Meta(ge=1, le=20)] | None = None

    def wanted(self) -> Wanted | None:
        """None where nothing is said of it. Raises Unacceptable, naming every bound at fault."""
        named = (self.min_seconds, self.max_seconds, self.count)
        return None if named == (None, None, None) else Wanted.of(*named)


class TranscriptFullOut(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences with their times, chapters, turns of speakers (counted from 0), and statistics of the whole."""

    source: str
    language: str | None
    model: str | None
    error_rate: float | None
    sentences: list[dict[str, Any]]
    chapters: list[dict[str, Any]]
    turns: list[dict[str, Any]]
    statistics: dict[str, Any]

    @classmethod
    def of(cls, found: Transcript) -> "TranscriptFullOut":
        shown: dict[str, Any] = {name: msgspec.to_builtins(getattr(found, name)) for name in cls.__struct_fields__ if name != "statistics"}
        return cls(**shown, statistics=msgspec.to_builtins(statistics_of(found)))


class TranscriptController(Controller):
    """Words of videos."""

    path = "/media/{media_id:uuid}"
    tags = ["clips"]
    guards = [known_caller]
    security = BEARER

    @get("/transcript", sync_to_thread=True)
    def get_transcript(
        self, media_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> TranscriptFullOut:
        """What is said, by sentences. 404 until a run has read or heard it."""
        with database.begin(entry) as uow:
            return TranscriptFullOut.of(transcribing.find(uow, media_id))

    @get("/transcript.vtt", sync_to_thread=True, media_type="text/vtt")
    def get_vtt(self, media_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> str:
        """The words as a WebVTT file."""
        with database.begin(entry) as uow:
            return webvtt(transcribing.find(uow, media_id).cues)

    @get("/transcript.srt", sync_to_thread=True, media_type="application/x-subrip")
    def get_srt(self, media_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> str:
        """The words as a SubRip file."""
        with database.begin(entry) as uow:
            return srt(transcribing.find(uow, media_id).cues)

    @get("/transcript.txt", sync_to_thread=True, media_type="text/plain")
    def get_text(self, media_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> str:
        """The words as plain text, in paragraphs."""
        with database.begin(entry) as uow:
            return plain_text(transcribing.find(uow, media_id))

    @put("/script", sync_to_thread=True, status_code=202)
    def put_script(
        self,
        media_id: FromPath[UUID],
        data: JSONBody[ScriptIn],
        database: NamedDependency[Database],
        entry: NamedDependency[Entry],
        launcher: NamedDependency[RunLauncher],
    ) -> Response[SuggestionOut]:
        """Say what is said: the words are aligned with the sound instead of heard, and candidates are found anew."""
        wanted = data.wanted()
        with database.begin(entry) as uow:
            needs_write(uow)
            uow.media.put_script(media_id, data.text, data.language)
            request = suggesting.again(uow, media_id, wanted)
        return launching(Response(SuggestionOut.of(request, media_id, None), status_code=202), database, launcher, [request])
