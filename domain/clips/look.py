"""How a clip shall look and sound: its shape, layout, captions, cuts inside, music. Which pixels that means is in `framing`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class Aspect(StrEnum):
    """Shapes of a clip, width to height."""

    UPRIGHT = "9:16"
    PORTRAIT = "4:5"
    SQUARE = "1:1"


SIZES: Mapping[Aspect, tuple[int, int]] = MappingProxyType(
    {Aspect.UPRIGHT: (1080, 1920), Aspect.PORTRAIT: (1080, 1350), Aspect.SQUARE: (1080, 1080)}
)


class Layout(StrEnum):
    """What fills the frame: one person, two above each other, the whole picture on a blurred one, a screen above its speaker."""

    FOCUS = "focus"
    SPLIT = "split"
    FIT = "fit"
    SCREEN = "screen"


class Captions(StrEnum):
    """Words that are said: the spoken one marked, plain lines, or none."""

    WORDS = "words"
    PLAIN = "plain"
    NONE = "none"


class Player(StrEnum):
    """Whose buttons the captions keep clear of; `all` keeps clear of every one."""

    ALL = "all"
    TIKTOK = "tiktok"
    REELS = "reels"
    SHORTS = "shorts"


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeArea:
    """What a player leaves free of its own buttons and words, as shares of the frame that are covered from each edge."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """A user's word for a part of the video (seconds of the source): its layout, and where its middle is (shares of the picture)."""

    start_seconds: float
    end_seconds: float
    layout: Layout | None = None
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """All of it; the default is what a phone shows best. `layout` None: chosen for each shot."""

    aspect: Aspect = Aspect.UPRIGHT
    layout: Layout | None = None
    overrides: tuple[Override, ...] = ()
    player: Player = Player.ALL
    captions: Captions = Captions.WORDS
    accent: str = "#FFD400"
    is_profanity_masked: bool = False
    is_silence_removed: bool = False
    are_fillers_removed: bool = False
    # Silence that stays at each side of a removed part.
    margin_seconds: float = 0.15
    # Pauses of two seconds and more are meant, and stay.
    are_long_pauses_kept: bool = False
    hook_text: str | None = None
    music_media_id: UUID | None = None
    # How far below the voice the music lies, in dB, before it is ducked.
    music_db: float = -18.0
    intro_media_id: UUID | None = None
    outro_media_id: UUID | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Pixels."""
        return SIZES[self.aspect]
