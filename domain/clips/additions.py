"""Files that are put to a clip: music below the voice, films before and after. Which do, by what was probed in them."""

from domain.clips.states import is_moving
from domain.media import Probe

# The longest film before or after a clip.
MOST_SECONDS = 30.0
MUSIC, FILMS = "music_media_id", ("intro_media_id", "outro_media_id")


def unfit(field: str, found: Probe) -> str | None:
    """Why a file cannot be what this field of a look names; None where it can."""
    if field == MUSIC:
        return None if found.audio else "it has no sound: name a file with sound"
    moving = [each for each in found.video if is_moving(each)]
    if not moving:
        return "it has no moving picture: name a video"
    seconds = min(moving[0].seconds or found.duration_seconds, found.duration_seconds)
    return None if seconds <= MOST_SECONDS else f"it has {seconds:.1f} s: name a video of {MOST_SECONDS:.0f} s or less"
