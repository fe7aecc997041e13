"""A file on its way in: streamed to the file port, looked at, taken in, or forgotten. The routes are in `api.media.routes`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import anyio.to_thread
from litestar import Request, Response
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from api.idempotency import once
from api.launching import launching
from api.media.shapes import ClipOut, MediaOut, TakenInOut
from api.media.uploading import Desk, Wish
from api.uploads import FILE, parts_of, told_to_the_caller
from domain.errors import NotFound, SourceUnavailable, WhyralError
from domain.media import Probe, Purpose
from domain.ports import FilePort, StoredFile
from domain.requests import Request as Asked
from services import media
from services.media import Upload
from store.work import UnitOfWork

CAPTIONS = "captions"
CAPTIONS_BYTES = 5_000_000
_TAKEN_AWAY = "the same file was refused in another call meanwhile"


@dataclass(frozen=True, slots=True)
class Received:
    """What came: the file, its name where the form said one, and the captions beside it."""

    file: StoredFile
    name: str | None
    captions: bytes | None


async def received(request: Request[Any, Any, Any], files: FilePort, tenant_id: UUID, limit_bytes: int) -> Received:
    """The video as it comes, a piece at a time; nothing is left behind where the caller goes away."""
    name, pieces = parts_of(request.headers.get("content-type", ""), request.stream(), frozenset({CAPTIONS}))
    captions = bytearray()
    parts = set[str]()
    with files.writer(tenant_id, limit_bytes=limit_bytes) as writing:
        with told_to_the_caller(limit_bytes):
            async for part, piece in pieces:
                parts.add(part)
                if part == FILE:
                    await anyio.to_thread.run_sync(writing.write, piece)
                else:
                    captions += piece
                    _within(len(captions))
        stored = await anyio.to_thread.run_sync(writing.commit)
    return Received(stored, name(), bytes(captions) if CAPTIONS in parts else None)


def _within(size: int) -> None:
    if size > CAPTIONS_BYTES:
        raise RequestEntityTooLarge(f"the captions are larger than {CAPTIONS_BYTES:,} bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What happens, in a thread, once the bytes are kept."""

    desk: Desk
    tenant_id: UUID
    received: Received
    wish: Wish
    key: str | None

    def run(self) -> Response[bytes]:
        asked: list[Asked] = []
        kept = [self.received.file]
        try:
            upload = Upload(
                file=self.received.file,
                file_name=self.wish.file_name or self.received.name,
                captions=self._captions(kept),
                language=self.wish.language,
                wanted=self.wish.wanted,
                video_id=self.wish.video_id,
                is_clip_wanted=self.wish.is_clip_wanted,
            )
            answer = self._taken_in(upload, self._looked_at(upload), asked)
        except WhyralError:
            self._forget(kept)
            raise
        if not asked:
            # A repeated call: what it stands on was kept by the first one, unless that was deleted since. What an addition stands on stays.
            self._forget(kept)
        return launching(answer, self.desk.database, self.desk.launcher, asked)

    @property
    def _is_addition(self) -> bool:
        return self.wish.purpose is Purpose.ADDITION

    def _captions(self, kept: list[StoredFile]) -> StoredFile | None:
        if self.received.captions is None:
            return None
        kept.append(self.desk.files.put(self.tenant_id, [self.received.captions], limit_bytes=CAPTIONS_BYTES))
        return kept[-1]

    def _looked_at(self, upload: Upload) -> Probe:
        try:
            if self._is_addition:
                return media.look_at_addition(self.desk.tools, upload)
            return media.look_at(self.desk.tools, upload, self.received.captions)
        except NotFound as error:
            raise SourceUnavailable("files", _TAKEN_AWAY) from error

    def _taken_in(self, upload: Upload, probe: Probe, asked: list[Asked]) -> Response[bytes]:
        def effect() -> tuple[TakenInOut, int, dict[str, str]]:
            if self._is_addition:
                added = media.take_addition(uow, upload, probe)
                return TakenInOut(media=MediaOut.of(added), clip=None), 201, {"Location": f"/api/v1/media/{added.media_id}"}
            found, clip, request = media.take_in(uow, upload, probe)
            asked.append(request)
            made = TakenInOut(media=MediaOut.of(found), clip=ClipOut.of(clip) if clip else None)
            return made, 202, {"Location": f"/api/v1/requests/{request.request_id}"}

        with self.desk.database.begin(self.desk.entry) as uow:
            self._hold(uow, upload)
            return once(uow, self.key, route="POST /media", body=self._body(upload), effect=effect)

    def _body(self, upload: Upload) -> dict[str, object]:
        """What makes two calls the same."""
        wish = self.wish
        return {
            "sha256": upload.file.sha256,
            "captions": upload.captions.sha256 if upload.captions else None,
            "bounds": [wish.wanted.min_seconds, wish.wanted.max_seconds],
            "video_id": str(wish.video_id) if wish.video_id else None,
            "render": wish.is_clip_wanted,
            "purpose": wish.purpose,
        }

    def _hold(self, uow: UnitOfWork, upload: Upload) -> None:
        """From here on nobody forgets these bytes; whoever was quicker has done so before."""
        stored = [each for each in (upload.file, upload.captions) if each]
        uow.kept.lock(*(each.sha256 for each in stored))
        for each in stored:
            try:
                self.desk.files.size(each.key)
            except NotFound as error:
                raise SourceUnavailable("files", _TAKEN_AWAY) from error

    def _forget(self, kept: list[StoredFile]) -> None:
        """What is refused is not kept, unless something else stands on the same bytes."""
        with self.desk.database.begin(self.desk.entry) as uow:
            uow.kept.lock(*(each.sha256 for each in kept))
            media.forget(uow, self.desk.files, [(each.sha256, each.key) for each in kept])
