"""Ports to what we keep and run ourselves: files, media, keys, Dagster."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable
from uuid import UUID

from domain.catalogue import Outcome
from domain.clips.analysis import MediaAnalysis
from domain.clips.delivery import Inspection
from domain.imports.shapes import TableShape
from domain.media import ClipPlan, Cue, MediaLimits, Probe, RenderedClip
from domain.observations import Rejected
from domain.requests import Request
from domain.speech import HeardWord, Speech


class FreshKey(Protocol):
    """A new API key: `plain` is shown once."""

    @property
    def plain(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def key_hash(self) -> bytes: ...


class KeyMaker(Protocol):
    """Makes the secret of a key whose id is given."""

    def __call__(self, key_id: UUID) -> FreshKey: ...


@runtime_checkable
class RunLauncher(Protocol):
    """Asks Dagster to start, or to end, a run at once. Raises SourceUnavailable or SourceRefused."""

    def launch(self, request: Request) -> str: ...

    def add_tenant(self, tenant_id: UUID) -> None: ...

    def terminate(self, run_id: str) -> None: ...


@runtime_checkable
class Traces(Protocol):
    """What the scheduler remembers of a tenant's runs."""

    def forget(self, tenant_id: UUID) -> int:
        """Delete all of it: runs, their events and tags, the tenant's partition. Returns how many runs went.

        Raises SourceUnavailable while a run of the tenant has not ended.
        """


@runtime_checkable
class Pulse(Protocol):
    """How the parts outside this process are: `healthy`, or what is wrong, by the part's name."""

    def parts(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that the file port keeps. The key is made of the tenant and the content."""

    key: str
    sha256: str
    size_bytes: int


class Writing(Protocol):
    """A file on its way in; nothing is kept until `commit`."""

    def write(self, chunk: bytes) -> None: ...

    def commit(self) -> StoredFile: ...


@runtime_checkable
class FilePort(Protocol):
    """Keeps files whole or not at all. Raises NotFound, LimitReached over the limit, SourceUnavailable (a full disk, a store that
    does not answer), SourceRefused (a store that does not let us).
    """

    @property
    def workshop(self) -> Path:
        """A folder on this machine's disk for what tools make of the files. No key leads there."""

    def put(self, tenant_id: UUID, chunks: Iterable[bytes], *, limit_bytes: int) -> StoredFile: ...

    def writer(self, tenant_id: UUID, *, limit_bytes: int) -> AbstractContextManager["Writing"]: ...

    def open(self, key: str) -> BinaryIO: ...

    def size(self, key: str) -> int: ...

    def delete(self, key: str) -> None: ...

    def keys(self, tenant_id: UUID) -> Iterator[str]:
        """Every key of a tenant."""

    def forget(self, tenant_id: UUID) -> int:
        """Delete all that a tenant has, half-written files too. Returns how many keys went; a second time: none."""

    def note_erased(self, tombstone: str) -> None:
        """Remember, beside the files and longer than any database, that a tenant was erased."""

    def erased(self) -> frozenset[str]:
        """Every tombstone that was noted."""

    def local(self, key: str) -> AbstractContextManager[Path]:
        """The bytes as a file on this machine, for tools that take a path; not to be changed, and gone after the block."""

    def link(self, key: str, *, seconds: int, file_name: str, media_type: str) -> str | None:
        """An address from which anybody may fetch the bytes for so long; None where only our own API gives them out."""

    def prove(self) -> None:
        """Write, read back and delete a few bytes, to see whether that can be done."""


class Table(Protocol):
    """An imported table. Each row comes with its line; one that cannot be read comes as Rejected and stops nothing."""

    @property
    def shape(self) -> TableShape: ...

    @property
    def encoding(self) -> str: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    def records(self) -> Iterator[tuple[int, Mapping[str, object]] | Rejected]: ...


class ReportSink(Protocol):
    """Takes what became of each row of an import."""

    def write(self, line: int, outcome: Outcome, video: str | None = None, reason: str | None = None) -> None: ...


class OpenTable(Table, Protocol):
    """A table that is being read; `share` says how much of its file has been."""

    def share(self) -> float: ...


@runtime_checkable
class ImportFiles(Protocol):
    """Imported files by their key, and the reports about them."""

    def holds(self, key: str) -> bool: ...

    def table(self, key: str) -> OpenTable: ...

    def report(self, tenant_id: UUID) -> AbstractContextManager["PendingReport"]: ...


class ChartPainter(Protocol):
    """Draws a Vega-Lite specification."""

    def png(self, chart: Mapping[str, object]) -> bytes: ...

    def svg(self, chart: Mapping[str, object]) -> str: ...


class PendingReport(Protocol):
    """A report while it is written; kept, whole, at the end of its block. `key` is known then."""

    sink: ReportSink
    key: str | None


Report = Callable[[float], None]
IsUnwanted = Callable[[], bool]


@runtime_checkable
class Hears(Protocol):
    """Speech to text. `sound` is 16 kHz mono WAV. Raises SourceUnavailable, SourceRefused, Unwanted."""

    @property
    def model(self) -> str: ...

    def hear(self, sound: Path, *, language: str | None, report: Report, is_unwanted: IsUnwanted) -> Speech:
        """What is said, with a time for every word. `language`: ISO 639-1, where it is known."""


@runtime_checkable
class Aligns(Protocol):
    """Finds when the words of a known script are said. Raises SourceRefused where they are not said there."""

    def align(self, sound: Path, words: Sequence[str], *, language: str | None, is_unwanted: IsUnwanted) -> tuple[HeardWord, ...]:
        """One per word given, in order."""


@runtime_checkable
class Embeds(Protocol):
    """Turns sentences into vectors by what they mean. Raises SourceRefused where the model cannot be used."""

    @property
    def model(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One vector per text, all as long, at length 1."""


@runtime_checkable
class Judges(Protocol):
    """Answers the questions of `domain.clips.judging` about candidates. Raises SourceUnavailable, SourceRefused."""

    def judge(self, texts: Sequence[str]) -> Sequence[Mapping[str, str]]:
        """Per text: of each question's answers the one that fits, or `CANNOT_SAY`."""


@runtime_checkable
class MediaTools(Protocol):
    """Media files by their key. What cannot be opened, or is over a limit, is Unacceptable; an unknown key NotFound.

    Long work gets `report` (shares from 0 to 1) and ends within 5 s, keeping nothing, once `is_unwanted` says so (Unwanted). It raises
    SourceUnavailable where trying again may help (disk full, time up), SourceRefused where it will not.
    """

    @property
    def limits(self) -> MediaLimits:
        """What this deployment is ready to open."""

    def probe(self, key: str) -> Probe: ...

    def probe_addition(self, key: str) -> Probe:
        """The same for a file that is put to a clip: MP3, WAV and others that hold sound alone do as well."""

    def subtitles(self, key: str, index: int) -> tuple[Cue, ...]:
        """The cues of one subtitle stream of the file."""

    def captions(self, content: bytes) -> tuple[Cue, ...]:
        """The cues of a caption file (WebVTT, SubRip, ASS, YouTube's json3), told by its content."""

    def hear(self, key: str, index: int, *, language: str | None, report: Report, is_unwanted: IsUnwanted) -> Speech:
        """What is said in one sound stream. Raises Unacceptable where no listener is configured, saying how to get one."""

    def align(self, key: str, index: int, words: Sequence[str], *, language: str | None, is_unwanted: IsUnwanted) -> tuple[HeardWord, ...]:
        """When the words of a script are said in one sound stream."""

    def analyse(self, key: str, *, report: Report, is_unwanted: IsUnwanted) -> MediaAnalysis:
        """One look at the whole video: cuts, faces, loudness. It is decoded once."""

    def render(self, tenant_id: UUID, key: str, plan: ClipPlan, *, report: Report, is_unwanted: IsUnwanted) -> RenderedClip:
        """Render and keep a clip."""

    def preview(self, key: str, plan: ClipPlan, *, is_unwanted: IsUnwanted) -> bytes:
        """The clip as it would come out, small and fast to make: an MP4 of at most 360 pixels of width. Nothing is kept."""

    def inspect(self, key: str, plan: ClipPlan, *, is_unwanted: IsUnwanted, lead_seconds: float = 0.0) -> Inspection:
        """Decode a finished clip from end to end and measure what checks ask for. `lead_seconds`: how long what comes before it lasts.

        What cannot be opened or decoded is an answer as well, not an error.
        """

    def thumbnail(self, key: str, *, at_seconds: float, width: int = 270) -> bytes:
        """One frame as a JPEG."""

    def cover(self, key: str, plan: ClipPlan, *, at_seconds: float, title: str | None) -> bytes:
        """A moment of what a plan makes of a source (seconds of the clip, without an intro), full size, a title on it, as a JPEG.

        Its captions are left out. Raises Unacceptable for a title that cannot be drawn.
        """
