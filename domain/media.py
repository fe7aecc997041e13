"""What a media file holds, as probed, and what a clip of it shall look like. Reading and rendering it is in `gateways.media`.

Only containers of `Container` are opened at all: they are told by our own look at the first bytes, never by name or by a caller's word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from domain.clips.look import Player
from domain.clips.pieces import Piece


class Container(StrEnum):
    """A container that we open, under the name of ffmpeg's demuxer. MP3 and WAV hold sound alone: music for a clip.

    MPEG-TS is none that anybody may send: we write it ourselves, on the way to a clip.
    """

    MOV = "mov"
    MATROSKA = "matroska"
    MP3 = "mp3"
    WAV = "wav"
    MPEGTS = "mpegts"


class Purpose(StrEnum):
    """What a file came for: clips are made of a source, an addition (music, intro, outro) is put to them."""

    SOURCE = "source"
    ADDITION = "addition"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """One video stream. `width` and `height` are coded pixels; `rotation_degrees` is clockwise, 0, 90, 180 or 270."""

    index: int
    codec: str
    width: int
    height: int
    rotation_degrees: int
    sample_aspect: Fraction
    pixel_format: str
    bit_depth: int
    frames_per_second: float | None
    has_variable_rate: bool
    is_hdr: bool
    has_wide_colors: bool = False  # BT.2020, with or without HDR
    seconds: float | None = None  # where the container says it of each stream
    has_color_matrix: bool = True  # False: the file does not say which, and players guess by its size

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as a player shows it: square pixels, turned upright."""
        width = round(self.width * self.sample_aspect)
        return (self.height, width) if self.rotation_degrees in (90, 270) else (width, self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """One audio stream."""

    index: int
    codec: str
    channels: int
    sample_rate_hz: int
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtitleStream:
    """One subtitle stream. `language` is the file's own tag (ISO 639), None where it has none."""

    index: int
    codec: str
    language: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What stands in a media file. Streams are in the file's order; `index` is ffmpeg's."""

    container: Container
    duration_seconds: float
    size_bytes: int
    video: tuple[VideoStream, ...]
    audio: tuple[AudioStream, ...]
    subtitles: tuple[SubtitleStream, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption: plain text, shown from `start_seconds` until `end_seconds`."""

    start_seconds: float
    end_seconds: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CueWord:
    """A word as a caption file tells it: when it is said (seconds), how sure its listener was (0 to 1), and whose `voice` it is.

    None where the file does not say.
    """

    text: str
    start_seconds: float | None = None
    end_seconds: float | None = None
    probability: float | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class SpokenCue(Cue):
    """A caption of a file that says more than its text. `words` are those of the text, in order: between two is white space or nothing."""

    words: tuple[CueWord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWord:
    """A word of a caption, when it is said in the clip's own seconds. `page` counts the pages of captions that it is shown on.

    `is_joined`: no space stands before it (Chinese, Japanese, Thai).
    """

    start_seconds: float
    end_seconds: float
    text: str
    page: int
    is_joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """A place in the frame, for some seconds of the clip, that captions keep clear of: a face."""

    start_seconds: float
    end_seconds: float
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPlan:
    """What to render: a span of the source, its streams (ffmpeg's index), and captions whose times count from the clip's start.

    `pieces`: parts of the span, in order, with their layouts; none: the whole span, as large as it fits. `words` are drawn one by one
    (the spoken one marked), else `captions` as they are. Keys are those of kept files: music below the voice, films before and after.
    `obstacles`: places (left, top, right, bottom; shares of the frame) with their seconds of the clip that captions keep clear of.
    """

    start_seconds: float
    end_seconds: float
    video_index: int
    audio_index: int | None
    captions: tuple[Cue, ...]
    width: int = 1080
    height: int = 1920
    pieces: tuple[Piece, ...] = ()
    words: tuple[ShownWord, ...] = ()
    accent: str = "#FFD400"
    player: Player = Player.ALL
    obstacles: tuple[Obstacle, ...] = ()
    hook_text: str | None = None
    watermark: str | None = None
    music_key: str | None = None
    music_db: float = -18.0
    intro_key: str | None = None
    outro_key: str | None = None

    @property
    def seconds(self) -> float:
        """Without what comes before and after."""
        return sum(piece.seconds for piece in self.pieces) if self.pieces else self.end_seconds - self.start_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedClip:
    """The file that came out, as stored and as measured again. Loudness is integrated (EBU R128), None where there is no sound.

    `lead_seconds`: how long what comes before the clip itself (its intro) lasts.
    """

    key: str
    sha256: str
    size_bytes: int
    seconds: float
    width: int
    height: int
    loudness_lufs: float | None
    lead_seconds: float = 0.0


TARGET_LUFS = -14.0
LUFS_TOLERANCE = 0.5
PEAK_DBTP = -1.0
# Below it the renderer leaves sound as it is: there is nothing to make louder but noise.
QUIET_LUFS = -54.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """What we are ready to open and to spend. Times are seconds, memory bytes; one tool run stays inside all of them."""

    file_bytes: int = 1_000_000_000
    pixels: int = 35_389_440  # 8192 x 4320
    streams: int = 32
    duration_seconds: float = 4 * 3600
    frames_per_second: float = 240
    memory_bytes: int = 2 * 1024**3
    cpu_seconds: int = 3600
    wall_seconds: float = 1800
    output_bytes: int = 1_000_000_000


# Caption files that come beside a video, by what they begin with.
CAPTION_FORMATS: Mapping[str, str] = MappingProxyType({"vtt": "WebVTT", "srt": "SubRip", "ass": "ASS", "json3": "YouTube's json3"})
CAPTIONS_ADVICE = f"send captions ({', '.join(CAPTION_FORMATS.values())}) with the video"
