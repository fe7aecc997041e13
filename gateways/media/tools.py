"""The media tools over stored files: `MediaTools` of `domain.ports`, wired. Each subject is in its own module beside this one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from domain.clips.analysis import MediaAnalysis
from domain.clips.covers import cover_plan
from domain.clips.delivery import Inspection
from domain.errors import Unacceptable, Unwanted
from domain.media import ClipPlan, Cue, MediaLimits, Probe, RenderedClip
from domain.ports import FilePort, IsUnwanted, Report
from domain.speech import HeardWord, Speech
from gateways.media.analysis import analyse
from gateways.media.captions import script_of
from gateways.media.confined import ignore, never
from gateways.media.cues import read_captions
from gateways.media.embedded import read_subtitles
from gateways.media.extras import Opening
from gateways.media.inspecting import Inspecting, inspect
from gateways.media.listening import Listening
from gateways.media.probe import Source, probe, probe_addition, recognised, recognised_sound
from gateways.media.qualities import DRAFT, FINAL, Quality, small
from gateways.media.render import Rendered, Rendering
from gateways.media.stills import first_picture, still
from gateways.media.workshop import bench
from gateways.speech.choosing import Listeners

_CHUNK = 1_000_000
_DEFAULT = MediaLimits()
# Of listening, so much is getting the sound out of the video.
_SOUND_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class _Work:
    """One piece of work: the file that it is about, others that its plan names, and its own folder."""

    paths: dict[str, Path]
    path: Path
    folder: Path

    @property
    def source(self) -> Source:
        return recognised(self.path)


class StoredMedia:
    """Media files by their key. Each piece of work has a folder of its own beside the files, and leaves nothing in it."""

    def __init__(self, files: FilePort, limits: MediaLimits = _DEFAULT, listeners: Listeners | None = None) -> None:
        self._files, self._limits, self._listeners = files, limits, listeners

    @property
    def limits(self) -> MediaLimits:
        return self._limits

    def probe(self, key: str) -> Probe:
        with self._begun(key) as work:
            return probe(work.source, self._limits, work.folder)

    def probe_addition(self, key: str) -> Probe:
        with self._begun(key) as work:
            return probe_addition(recognised_sound(work.path), self._limits, work.folder)

    def subtitles(self, key: str, index: int) -> tuple[Cue, ...]:
        with self._begun(key) as work:
            found = probe(work.source, self._limits, work.folder)
            return read_subtitles(work.source, found, index, self._limits, work.folder)

    def captions(self, content: bytes) -> tuple[Cue, ...]:
        return read_captions(content)

    def analyse(self, key: str, *, report: Report, is_unwanted: IsUnwanted) -> MediaAnalysis:
        with self._begun(key) as work:
            found = probe(work.source, self._limits, work.folder, is_unwanted=is_unwanted)
            return analyse(work.source, found, self._limits, work.folder, report=report, is_unwanted=is_unwanted)

    def hear(self, key: str, index: int, *, language: str | None, report: Report, is_unwanted: IsUnwanted) -> Speech:
        listening = self._listening()
        with self._begun(key) as work:
            return listening.hear(work.source, index, work.folder, language=language, report=report, is_unwanted=is_unwanted)

    def align(self, key: str, index: int, words: Sequence[str], *, language: str | None, is_unwanted: IsUnwanted) -> tuple[HeardWord, ...]:
        listening = self._listening()
        with self._begun(key) as work:
            return listening.align(work.source, index, work.folder, words, language=language, is_unwanted=is_unwanted)

    def _listening(self) -> Listening:
        if self._listeners is None:
            raise Unacceptable("the video cannot be listened to: no listener is configured (WHYRAL_SPEECH)")
        return Listening(self._listeners, self._limits)

    def render(
        self, tenant_id: UUID, key: str, plan: ClipPlan, *, report: Callable[[float], None], is_unwanted: Callable[[], bool]
    ) -> RenderedClip:
        with self._begun(key, plan.music_key, plan.intro_key, plan.outro_key) as work:
            made = self._made(work, plan, report=report, is_unwanted=is_unwanted)
            kept = self._kept(tenant_id, made)
        report(1.0)
        return kept

    def preview(self, key: str, plan: ClipPlan, *, is_unwanted: Callable[[], bool] = never) -> bytes:
        with self._begun(key, plan.music_key, plan.intro_key, plan.outro_key) as work:
            return self._made(work, small(plan), quality=DRAFT, is_unwanted=is_unwanted).path.read_bytes()

    def cover(self, key: str, plan: ClipPlan, *, at_seconds: float, title: str | None) -> bytes:
        with self._begun(key) as work:
            made = self._made(work, cover_plan(plan, at_seconds, title), is_unwanted=never)
            return first_picture(recognised(made.path), made.probe, self._limits, work.folder)

    def inspect(self, key: str, plan: ClipPlan, *, is_unwanted: Callable[[], bool], lead_seconds: float = 0.0) -> Inspection:
        with self._begun(key) as work:
            job = Inspecting(
                path=work.path,
                plan=plan,
                limits=self._limits,
                folder=work.folder,
                script=script_of(replace(plan, hook_text=None, watermark=None)),
                lead_seconds=lead_seconds,
                is_unwanted=is_unwanted,
            )
            return inspect(job)

    def thumbnail(self, key: str, *, at_seconds: float, width: int = 270) -> bytes:
        with self._begun(key) as work:
            found = probe(work.source, self._limits, work.folder)
            return still(work.source, found, self._limits, work.folder, at_seconds=at_seconds, width=width)

    @contextmanager
    def _begun(self, key: str, *others: str | None) -> Iterator[_Work]:
        """The files at hand, wherever they are kept. Raises NotFound."""
        with ExitStack() as stack:
            paths = {each: stack.enter_context(self._files.local(each)) for each in dict.fromkeys((key, *others)) if each is not None}
            yield _Work(paths, paths[key], stack.enter_context(bench(self._files.workshop)))

    def _made(
        self,
        work: _Work,
        plan: ClipPlan,
        *,
        quality: Quality = FINAL,
        report: Callable[[float], None] = ignore,
        is_unwanted: Callable[[], bool],
    ) -> Rendered:
        opening = Opening(path_of=work.paths.__getitem__, limits=self._limits, folder=work.folder, is_unwanted=is_unwanted)
        made = Rendering(
            source=work.source,
            probe=probe(work.source, self._limits, work.folder, is_unwanted=is_unwanted),
            plan=plan,
            limits=self._limits,
            folder=work.folder,
            report=report,
            is_unwanted=is_unwanted,
            extras=opening.extras(plan),
            quality=quality,
        ).run()
        if is_unwanted():
            raise Unwanted("the clip: nobody wants it any more")
        return made

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
