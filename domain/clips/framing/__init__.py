"""Where windows go: what was seen of a video becomes pieces with layouts and paths. Drawing them is in `gateways.media`."""

from domain.clips.framing.framed import frame_clip
from domain.clips.framing.shown import obstacles_of, promised_faces

__all__ = ["frame_clip", "obstacles_of", "promised_faces"]
