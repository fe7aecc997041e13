"""The media tools over stored files: `MediaTools` of `domain.ports`, wired. Each subject is in its own module beside this one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from domain.errors import NotFound, Unacceptable, Unwanted
from domain.media import ClipPlan, Cue, MediaLimits, Probe, RenderedClip
from domain.speech import HeardWord, Speech
from gateways.files.store import LocalFiles
from gateways.media.cues import read_captions
from gateways.media.embedded import read_subtitles
from gateways.media.probe import probe, recognised
from gateways.media.render import Rendered, Rendering
from gateways.media.runner import ignore, run_ffmpeg
from gateways.media.speech_sound import SOUND, sound_job
from gateways.media.stills import still
from gateways.media.workshop import bench
from gateways.speech.choosing import Listeners

_CHUNK = 1_000_000
_DEFAULT = MediaLimits()
# Of listening, so much is getting the sound out of the video.
_SOUND_SHARE = 0.05


class StoredMedia:
    """Media files by their key. Each piece of work has a folder of its own beside the files, and leaves nothing in it."""

    def __init__(self, files: LocalFiles, limits: MediaLimits = _DEFAULT, listeners: Listeners | None = None) -> None:
        self._files, self._limits, self._listeners = files, limits, listeners

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

    def hear(
        self, key: str, index: int, *, language: str | None, report: Callable[[float], None], is_unwanted: Callable[[], bool]
    ) -> Speech:
        hears = self._listening().hears()
        with self._sound(key, index, report=lambda share: report(_SOUND_SHARE * share), is_unwanted=is_unwanted) as sound:
            told = hears.hear(
                sound, language=language, report=lambda share: report(_SOUND_SHARE + (1 - _SOUND_SHARE) * share), is_unwanted=is_unwanted
            )
        report(1.0)
        return told

    def align(
        self, key: str, index: int, words: Sequence[str], *, language: str | None, is_unwanted: Callable[[], bool]
    ) -> tuple[HeardWord, ...]:
        aligns = self._listening().aligns()
        with self._sound(key, index, report=ignore, is_unwanted=is_unwanted) as sound:
            return aligns.align(sound, words, language=language, is_unwanted=is_unwanted)

    def render(
        self, tenant_id: UUID, key: str, plan: ClipPlan, *, report: Callable[[float], None], is_unwanted: Callable[[], bool]
    ) -> RenderedClip:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            source = recognised(path)
            found = probe(source, self._limits, folder, is_unwanted=is_unwanted)
            made = Rendering(
                source=source, probe=found, plan=plan, limits=self._limits, folder=folder, report=report, is_unwanted=is_unwanted
            ).run()
            if is_unwanted():
                raise Unwanted("the clip: nobody wants it any more")
            kept = self._kept(tenant_id, made)
        report(1.0)
        return kept

    def thumbnail(self, key: str, *, at_seconds: float, width: int = 270) -> bytes:
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            source = recognised(path)
            return still(source, probe(source, self._limits, folder), self._limits, folder, at_seconds=at_seconds, width=width)

    @contextmanager
    def _sound(self, key: str, index: int, *, report: Callable[[float], None], is_unwanted: Callable[[], bool]) -> Iterator[Path]:
        """One sound stream in a folder of its own."""
        path = self._path(key)
        with bench(self._files.workshop) as folder:
            source = recognised(path)
            found = probe(source, self._limits, folder, is_unwanted=is_unwanted)
            run_ffmpeg(sound_job(source, found, index, folder), self._limits, report=report, is_unwanted=is_unwanted)
            yield folder / SOUND

    def _listening(self) -> Listeners:
        if self._listeners is None:
            raise Unacceptable("the video cannot be listened to: no listener is configured (WHYRAL_SPEECH)")
        return self._listeners

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
        )


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece
