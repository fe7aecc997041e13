"""The media tools over stored files: `MediaTools` of `domain.ports`, wired. Each subject is in its own module beside this one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from domain.errors import NotFound, Unwanted
from domain.media import ClipPlan, Cue, MediaLimits, Probe, RenderedClip
from gateways.files.store import LocalFiles
from gateways.media.confined import never
from gateways.media.cues import read_captions
from gateways.media.embedded import read_subtitles
from gateways.media.extras import Opening
from gateways.media.probe import probe, recognised
from gateways.media.qualities import DRAFT, FINAL, Quality, small
from gateways.media.render import Rendered, Rendering
from gateways.media.runner import ignore
from gateways.media.stills import cover, still
from gateways.media.workshop import bench

_CHUNK = 1_000_000
_DEFAULT = MediaLimits()


class StoredMedia:
    """Media files by their key. Each piece of work has a folder of its own beside the files, and leaves nothing in it."""

    def __init__(self, files: LocalFiles, limits: MediaLimits = _DEFAULT) -> None:
        self._files, self._limits = files, limits

    def probe(self, key: str) -> Probe:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            return probe(recognised(path), self._limits, folder)

    def subtitles(self, key: str, index: int) -> tuple[Cue, ...]:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            source = recognised(path)
            return read_subtitles(source, probe(source, self._limits, folder), index, self._limits, folder)

    def captions(self, content: bytes) -> tuple[Cue, ...]:
        return read_captions(content)

    def render(
        self, tenant_id: UUID, key: str, plan: ClipPlan, *, report: Callable[[float], None], is_unwanted: Callable[[], bool]
    ) -> RenderedClip:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            made = self._made(path, plan, folder, report=report, is_unwanted=is_unwanted)
            kept = self._kept(tenant_id, made)
        report(1.0)
        return kept

    def preview(self, key: str, plan: ClipPlan, *, is_unwanted: Callable[[], bool] = never) -> bytes:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            return self._made(path, small(plan), folder, quality=DRAFT, is_unwanted=is_unwanted).path.read_bytes()

    def _made(
        self,
        path: Path,
        plan: ClipPlan,
        folder: Path,
        *,
        quality: Quality = FINAL,
        report: Callable[[float], None] = ignore,
        is_unwanted: Callable[[], bool],
    ) -> Rendered:
        source = recognised(path)
        made = Rendering(
            source=source,
            probe=probe(source, self._limits, folder, is_unwanted=is_unwanted),
            plan=plan,
            limits=self._limits,
            folder=folder,
            report=report,
            is_unwanted=is_unwanted,
            extras=Opening(path_of=self._path, limits=self._limits, folder=folder, is_unwanted=is_unwanted).extras(plan),
            quality=quality,
        ).run()
        if is_unwanted():
            raise Unwanted("the clip: nobody wants it any more")
        return made

    def cover(self, key: str, *, at_seconds: float, title: str | None) -> bytes:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            source = recognised(path)
            return cover(source, probe(source, self._limits, folder), self._limits, folder, at_seconds=at_seconds, title=title)

    def thumbnail(self, key: str, *, at_seconds: float, width: int = 270) -> bytes:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            source = recognised(path)
            return still(source, probe(source, self._limits, folder), self._limits, folder, at_seconds=at_seconds, width=width)

    def _path(self, key: str) -> Path:
        path = self._files.path(key)
        if not path.exists():
            raise NotFound("file", key)
        return path

    def _kept(self, tenant_id: UUID, made: Rendered) -> RenderedClip:
        stored = self._files.put(tenant_id, _pieces(made.path), limit_bytes=self._limits.output_bytes)
        width, height = made.probe.video[0].shown_size
        return RenderedClip(
            key=stored.key,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            seconds=made.probe.duration_seconds,
            width=width,
            height=height,
            loudness_lufs=made.loudness_lufs,
            lead_seconds=made.lead_seconds,
        )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece
