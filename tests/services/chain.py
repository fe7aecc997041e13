"""The steps of a run of clips one after the other, without Dagster, and a workspace whose videos they are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa

from domain.clips.asked import Wanted
from domain.clips.look import Look
from domain.ports import FilePort, MediaTools, Platforms
from domain.requests import Request
from gateways.files.store import LocalFiles
from services import analysing, checking, clip_jobs, clip_subjects, clips, media, sourcing, suggesting, transcribing
from services.checking import Checked
from services.clip_jobs import Part
from services.media import Upload
from services.work import Work
from store.candidates import StoredCandidate
from store.clip_rows import Clip
from store.database import Database
from store.media import MediaFile
from tests.media import FakeMedia
from tests.services.alone import Alone


def words(work: Work, tools: MediaTools, files: FilePort, platforms: Platforms | None = None) -> None:
    """Its files are at hand, what is said in them is known, and they were looked at."""
    sourcing.ready(work, files, tools, platforms or Platforms())
    clip_subjects.each_media(work, lambda media_id: transcribing.read(work, tools, files, media_id))
    clip_subjects.each_media(work, lambda media_id: analysing.look_at(work, tools, media_id))


def make(work: Work, tools: MediaTools, files: FilePort, platforms: Platforms | None = None) -> list[Checked]:
    """All of it."""
    words(work, tools, files, platforms)
    suggesting.suggest_all(work)
    clips.render_all(work, tools, files)
    return checking.check_all(work, tools, files)


@dataclass(frozen=True, slots=True)
class Studio:
    """A workspace with real files behind its rows, and the fake that opens them."""

    database: Database
    files: LocalFiles
    tools: FakeMedia
    tenant_id: UUID
    platforms: Platforms = field(default_factory=Platforms)

    def send(
        self, content: bytes, *, captions: bytes | None = None, wanted: Wanted | None = None, is_clip_wanted: bool = False,
        video_id: UUID | None = None,
    ) -> tuple[MediaFile, Request]:  # fmt: skip
        """A video that came in; candidates of it are wanted, or its first clip."""
        stored, beside = (self.files.put(self.tenant_id, [each], limit_bytes=1_000_000) if each else None for each in (content, captions))
        assert stored is not None
        upload = Upload(
            file=stored, file_name="talk.mp4", captions=beside, language="en", wanted=wanted or Wanted.of(5, 12), video_id=video_id,
            is_clip_wanted=is_clip_wanted,
        )  # fmt: skip
        probe = media.look_at(self.tools, upload, captions)
        with self.database.begin(self.tenant_id) as uow:
            found, _, request = media.take_in(uow, upload, probe)
        return found, request

    def run(self, request: Request) -> list[Checked]:
        return make(Alone(self.database, request), self.tools, self.files, self.platforms)

    def suggested(self, content: bytes, **more: object) -> list[StoredCandidate]:
        """The candidates of a video that came in."""
        found, request = self.send(content, **more)  # type: ignore[arg-type]  # a video's own words
        self.run(request)
        return self.candidates(found.media_id)

    def candidates(self, media_id: UUID) -> list[StoredCandidate]:
        with self.database.begin(self.tenant_id) as uow:
            return suggesting.candidates(uow, media_id)[0]

    def ask(
        self,
        candidates: Sequence[StoredCandidate] = (),
        *,
        parts: Sequence[Part] = (),
        again: Sequence[Clip] = (),
        look: Look | None = None,
    ) -> Request:
        """A job."""
        with self.database.begin(self.tenant_id) as uow:
            ids = [each.candidate_id for each in candidates]
            return clip_jobs.ask(uow, ids, parts, [each.clip_id for each in again], look or Look())[0]

    def clips_of(self, request: Request) -> list[Clip]:
        """In the order in which they were asked for."""
        with self.database.begin(self.tenant_id) as uow:
            return [uow.clips.get(UUID(each)) for each in request.params["clip_ids"]]  # type: ignore[attr-defined]  # a job's own

    def made(self, request: Request) -> list[Clip]:
        self.run(request)
        return self.clips_of(request)

    def used(self) -> int:
        """How many of the day's clips are counted."""
        with self.database.begin(self.tenant_id) as uow:
            found = uow.connection.execute(sa.text("select coalesce(sum(used), 0) from usage_counters where meter = 'clips_per_day'"))
            return int(found.scalar_one())

    def kept(self) -> set[str]:
        """Names (hashes) of all bytes that are kept."""
        return {path.name for path in self.files._root.rglob("*") if path.is_file()}
