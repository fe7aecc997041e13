"""What is asked of a file that is sent, and what takes it in: the parameters of the upload. Receiving it is in `api.media.receiving`."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import QueryParameter

from api.security import needs_write
from domain.clips.asked import Wanted
from domain.errors import FieldProblem, Unacceptable
from domain.media import Purpose
from domain.ports import FilePort, MediaTools, RunLauncher
from store.database import Database, Entry

_TAG = "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"  # BCP 47, roughly
FileName = Annotated[str | None, QueryParameter(description="shown in lists; what the file is, is told by its content", max_length=255)]
Language = Annotated[
    str | None,
    QueryParameter(description="of the captions that are sent, as a tag such as `en`", pattern=_TAG),
]
MinSeconds = Annotated[float | None, QueryParameter(description="the shortest clip that is wanted, from 3; 15 where left out")]
MaxSeconds = Annotated[float | None, QueryParameter(description="the longest clip that is wanted, to 180; 60 where left out")]
OfVideo = Annotated[UUID | None, QueryParameter(description="the post of the catalogue that it is the video of")]
Render = Annotated[bool, QueryParameter(description="false: find candidates only, and render nothing yet")]
ForWhat = Annotated[
    Purpose,
    QueryParameter(description="`addition`: music, intro or outro of clips; sounds (MP3, WAV) are taken too, and nothing is made of it"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long clips of it shall be; None where that was left out."""

    min_seconds: float | None
    max_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What shall become of the file."""

    file_name: str | None
    language: str | None
    wanted: Wanted
    video_id: UUID | None
    is_clip_wanted: bool
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """With what a file is taken in."""

    database: Database
    entry: Entry
    files: FilePort
    tools: MediaTools
    launcher: RunLauncher
    limit_bytes: int

    def writing_tenant(self) -> UUID:
        """Before a byte is kept: may this caller write, and for whom."""
        with self.database.begin(self.entry) as uow:
            needs_write(uow)
            return uow.tenant_id


async def bounds(min_seconds: MinSeconds = None, max_seconds: MaxSeconds = None) -> Bounds:
    return Bounds(min_seconds=min_seconds, max_seconds=max_seconds)


async def wish(
    bounds: NamedDependency[Bounds],
    file_name: FileName = None,
    language: Language = None,
    video_id: OfVideo = None,
    render: Render = True,
    purpose: ForWhat = Purpose.SOURCE,
) -> Wish:
    """Raises Unacceptable, naming every parameter at fault, before the file is read."""
    if purpose is Purpose.ADDITION:
        named = {"min_seconds": bounds.min_seconds, "max_seconds": bounds.max_seconds, "language": language, "video_id": video_id}
        problems = [
            FieldProblem(name, "leave it out: no clip is made of an addition") for name, value in named.items() if value is not None
        ]
        if problems:
            raise Unacceptable("the addition cannot be accepted", tuple(problems))
    wanted = Wanted.of(bounds.min_seconds, bounds.max_seconds)
    return Wish(
        file_name=file_name, language=language, wanted=wanted, video_id=video_id, is_clip_wanted=render, purpose=purpose
    )  # fmt: skip


async def desk(
    database: NamedDependency[Database],
    entry: NamedDependency[Entry],
    files: NamedDependency[FilePort],
    media_tools: NamedDependency[MediaTools],
    launcher: NamedDependency[RunLauncher],
    media_limit_bytes: NamedDependency[int],
) -> Desk:
    return Desk(database=database, entry=entry, files=files, tools=media_tools, launcher=launcher, limit_bytes=media_limit_bytes)
