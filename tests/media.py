"""Media without ffmpeg: a fake at the port `MediaTools`. Its videos are JSON that says what a real one would show."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, ClassVar
from uuid import UUID

import pysubs2

from domain.clips.analysis import Face, MediaAnalysis, Sample
from domain.clips.delivery import Inspection
from domain.errors import FieldProblem, SourceFailed, Unacceptable, Unwanted
from domain.media import (
    CAPTIONS_ADVICE,
    AudioStream,
    ClipPlan,
    Container,
    Cue,
    MediaLimits,
    Probe,
    RenderedClip,
    SubtitleStream,
    VideoStream,
)
from domain.ports import FilePort
from domain.speech import HeardWord, Speech

JPEG = b"\xff\xd8\xff\xe0 a picture"
TALK = (
    Cue(0.5, 4.0, "Why do some videos travel further than others?"),
    Cue(4.0, 9.5, "We looked at forty channels for a year."),
    Cue(10.0, 15.0, "A question in the title helped, and a number did too."),
    Cue(15.5, 21.0, "Brackets changed nothing that we could measure."),
    Cue(21.0, 26.0, "So ask one clear thing, and answer it."),
)


def video(
    *, seconds: float = 30.0, tracks: Sequence[tuple[str | None, Sequence[Cue]]] = (("eng", TALK),), codec: str = "mov_text",
    name: str = "", said: str | None = None, has_sound: bool = True,
) -> bytes:  # fmt: skip
    """A file that the fake can open; `name` makes its bytes its own, `said` is what listeners hear."""
    told = [{"language": language, "cues": [[c.start_seconds, c.end_seconds, c.text] for c in cues]} for language, cues in tracks]
    spoken: dict[str, object] = {} if said is None else {"said": said}
    if not has_sound:
        spoken["has_sound"] = False
    return json.dumps({"fake": "video", "seconds": seconds, "codec": codec, "tracks": told, "name": name, **spoken}).encode()


def song(*, seconds: float = 30.0, name: str = "") -> bytes:
    """A file that holds sound alone."""
    return json.dumps({**json.loads(video(seconds=seconds, tracks=(), name=name)), "is_song": True}).encode()


def vtt(cues: Sequence[Cue] = TALK) -> bytes:
    """A caption file."""
    subs = pysubs2.SSAFile()
    for cue in cues:
        subs.append(pysubs2.SSAEvent(start=round(cue.start_seconds * 1000), end=round(cue.end_seconds * 1000), text=cue.text))
    return subs.to_string("vtt").encode()


def probe(*, seconds: float = 30.0, size_bytes: int = 10, subtitles: Sequence[SubtitleStream] = ()) -> Probe:
    """A plain video with sound."""
    return Probe(
        container=Container.MOV, duration_seconds=seconds, size_bytes=size_bytes, video=(video_stream(0),), audio=(audio_stream(1),),
        subtitles=tuple(subtitles),
    )  # fmt: skip


def video_stream(index: int, *, width: int = 1280, height: int = 720, codec: str = "h264") -> VideoStream:
    return VideoStream(
        index=index, codec=codec, width=width, height=height, rotation_degrees=0, sample_aspect=Fraction(1), pixel_format="yuv420p",
        bit_depth=8, frames_per_second=25.0, has_variable_rate=False, is_hdr=False,
    )  # fmt: skip


def audio_stream(index: int, *, language: str | None = "eng", channels: int = 2, rate_hz: int = 48_000) -> AudioStream:
    return AudioStream(index=index, codec="aac", channels=channels, sample_rate_hz=rate_hz, language=language)


def subtitle_stream(index: int, language: str | None, *, codec: str = "mov_text") -> SubtitleStream:
    return SubtitleStream(index=index, codec=codec, language=language, title=None)


@dataclass
class FakeMedia:
    """Opens the fake's own files; renders a file that says its plan, measured as it should be or as `flaws` say."""

    files: FilePort
    TOO_LONG: ClassVar = "X" * 80  # a hook that no picture has room for
    flaws: dict[str, object] = field(default_factory=dict)
    seen: dict[str, object] = field(default_factory=dict)
    trouble: SourceFailed | None = None
    plans: list[ClipPlan] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    afterwards: Callable[[], None] = lambda: None
    inspecting: Callable[[], None] = lambda: None

    @property
    def limits(self) -> MediaLimits:
        return MediaLimits(file_bytes=1_000_000, duration_seconds=3600)

    def probe_addition(self, key: str) -> Probe:
        found = self.probe(key)
        return replace(found, video=(), container=Container.MP3) if self._told(key).get("is_song") else found

    def probe(self, key: str) -> Probe:
        told = self._told(key)
        subtitles = [subtitle_stream(2 + at, each["language"], codec=told["codec"]) for at, each in enumerate(told["tracks"])]
        found = probe(seconds=told["seconds"], subtitles=subtitles)
        return found if told.get("has_sound", True) else replace(found, audio=())

    def subtitles(self, key: str, index: int) -> tuple[Cue, ...]:
        return tuple(Cue(*each) for each in self._told(key)["tracks"][index - 2]["cues"])

    def captions(self, content: bytes) -> tuple[Cue, ...]:
        if b"-->" not in content:
            raise Unacceptable("the captions cannot be read", (FieldProblem("captions", CAPTIONS_ADVICE),))
        subs = pysubs2.SSAFile.from_string(content.decode())
        return tuple(Cue(each.start / 1000, each.end / 1000, each.plaintext) for each in subs)

    def render(
        self, tenant_id: UUID, key: str, plan: ClipPlan, *, report: Callable[[float], None], is_unwanted: Callable[[], bool]
    ) -> RenderedClip:
        self.plans.append(plan)
        report(0.5)
        self.meanwhile()
        if self.trouble is not None:
            raise self.trouble
        if is_unwanted():
            raise Unwanted("the clip is not wanted any more")
        content = json.dumps({"fake": "clip", "seconds": plan.seconds, "codec": "", "tracks": [], "plan": repr(plan), "of": key}).encode()
        stored = self.files.put(tenant_id, [content], limit_bytes=1_000_000)
        self.afterwards()
        clip = RenderedClip(
            key=stored.key, sha256=stored.sha256, size_bytes=stored.size_bytes, seconds=plan.seconds, width=plan.width, height=plan.height,
            loudness_lufs=-14.2,
        )  # fmt: skip
        return replace(clip, **self.flaws)  # type: ignore[arg-type]  # whatever fact a test spoils

    def hear(
        self, key: str, index: int, *, language: str | None, report: Callable[[float], None], is_unwanted: Callable[[], bool]
    ) -> Speech:
        """What the file's JSON says under `said`, a word every 0.4 s."""
        del index, is_unwanted
        said = self._told(key).get("said")
        if said is None:
            raise Unacceptable("the video cannot be listened to: no listener is configured (WHYRAL_SPEECH)")
        report(1.0)
        words = tuple(HeardWord(start_seconds=0.4 * at, end_seconds=0.4 * at + 0.35, text=each) for at, each in enumerate(said.split()))
        return Speech(words=words, language=language, model="fake", error_rate=0.5)

    def align(
        self, key: str, index: int, words: Sequence[str], *, language: str | None, is_unwanted: Callable[[], bool]
    ) -> tuple[HeardWord, ...]:
        """A word every 0.5 s."""
        del index, language, is_unwanted
        self._told(key)
        return tuple(HeardWord(start_seconds=0.5 * at, end_seconds=0.5 * at + 0.4, text=each) for at, each in enumerate(words))

    def analyse(self, key: str, *, report: Callable[[float], None], is_unwanted: Callable[[], bool]) -> MediaAnalysis:
        """A still picture of one face a little right of the middle, and a voice all the time."""
        del is_unwanted
        seconds = self._told(key)["seconds"]
        report(1.0)
        face = Face(left=0.5, top=0.2, width=0.15, height=0.25)
        samples = tuple(
            Sample(at_seconds=at / 5, faces=(face,), sharpness=100.0, brightness=0.5, motion=0.01) for at in range(round(seconds * 5))
        )
        return MediaAnalysis(width=1280, height=720, seconds=seconds, samples=samples, levels_db=(-20.0,) * round(seconds * 10))

    def inspect(self, key: str, plan: ClipPlan, *, is_unwanted: Callable[[], bool], lead_seconds: float = 0.0) -> Inspection:
        """A clip without a fault, or with those that `seen` says."""
        del is_unwanted
        self.inspecting()
        self._told(key)
        seconds = plan.seconds + lead_seconds
        sound = Inspection(
            width=plan.width, height=plan.height, seconds=seconds, video_seconds=seconds, audio_seconds=seconds, offset_seconds=0.0,
            is_decodable=True, black=(), frozen=(), silent=(), loudness_lufs=-14.0, peak_dbtp=-2.0, face_share=None,
            fingerprint=tuple(hash((key, second)) % 2**63 for second in range(int(seconds))),
        )  # fmt: skip
        return replace(sound, **self.seen)  # type: ignore[arg-type]  # whatever fact a test spoils

    def preview(self, key: str, plan: ClipPlan, *, is_unwanted: Callable[[], bool]) -> bytes:
        del is_unwanted
        self._told(key)
        if plan.hook_text == self.TOO_LONG:
            raise Unacceptable("the hook_text does not fit into the picture", (FieldProblem("hook_text", "too long"),))
        told = f", {plan.width} x {plan.height}, hook {plan.hook_text}{', with music' if plan.music_key else ''}" if plan.hook_text else ""
        return f"a film of {plan.seconds:.1f} s{told}".encode()

    def cover(self, key: str, plan: ClipPlan, *, at_seconds: float, title: str | None) -> bytes:
        del plan
        self._told(key)
        return JPEG + f" at {at_seconds:.1f}: {title}".encode()

    def thumbnail(self, key: str, *, at_seconds: float, width: int = 270) -> bytes:
        self._told(key)
        return JPEG

    def _told(self, key: str) -> dict[str, Any]:
        with self.files.open(key) as file:
            content = file.read()
        try:
            told: dict[str, Any] = json.loads(content)
        except ValueError as error:
            raise Unacceptable("the media file cannot be opened", (FieldProblem("file", "send MP4, MOV, WebM or MKV"),)) from error
        return told


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
