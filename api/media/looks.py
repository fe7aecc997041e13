"""How a clip shall look, as it is asked for and answered."""

from typing import Annotated
from uuid import UUID

import msgspec

from domain.clips.look import Aspect, Captions, Layout, Look, Override, Player

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class OverrideIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the video (its own seconds) that shall be laid out so; `x` and `y` are the middle, as shares of the picture."""

    start_seconds: Seconds
    end_seconds: Seconds
    layout: Layout | None = None
    x: Share | None = None
    y: Share | None = None


class LookIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shape, layout, captions, cuts inside, music. What is left out is as a phone shows it best.

    `layout`: left out, it is chosen for each shot; `overrides` go before it. `player`: whose buttons the captions keep clear of.
    `accent`: the colour of the word that is said. Silence goes but for `margin_seconds` at each side; pauses of two seconds and more are
    meant, and stay, with `are_long_pauses_kept`. Music, intro and outro are videos or sounds of yours that were sent to `POST /media`.
    """

    aspect: Aspect = Aspect.UPRIGHT
    layout: Layout | None = None
    overrides: Annotated[list[OverrideIn], msgspec.Meta(max_length=200)] = []
    player: Player = Player.ALL
    captions: Captions = Captions.WORDS
    accent: Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")] = "#FFD400"
    is_profanity_masked: bool = False
    is_silence_removed: bool = False
    are_fillers_removed: bool = False
    margin_seconds: Annotated[float, msgspec.Meta(ge=0.05, le=1)] = 0.15
    are_long_pauses_kept: bool = False
    hook_text: Annotated[str, msgspec.Meta(min_length=1, max_length=80)] | None = None
    music_media_id: UUID | None = None
    music_db: Annotated[float, msgspec.Meta(ge=-40, le=0)] = -18.0
    intro_media_id: UUID | None = None
    outro_media_id: UUID | None = None

    def look(self) -> Look:
        words = {name: getattr(self, name) for name in self.__struct_fields__ if name != "overrides"}
        return Look(**words, overrides=tuple(Override(**msgspec.structs.asdict(each)) for each in self.overrides))

    @classmethod
    def of(cls, look: Look) -> "LookIn":
        return msgspec.convert(msgspec.to_builtins(look), cls)
