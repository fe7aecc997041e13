"""Thumbnails of the world's posts: drawn, with as many faces and as much light as `look_of` says, so that what is measured can be compared.

Served by every platform's image host. The faces belong to nobody: ellipses, laid out so that a detector of frontal faces finds them.
"""

import hashlib
import struct
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sandbox.serving import Answered, Asked
from sandbox.world import Post, World

WIDE, TALL = (320, 180), (180, 320)
LIGHTS = (40, 70, 100, 130)
MOST_FACES = 2
_SKIN, _HAIR, _DARK, _WHITE, _LIPS = (205, 165, 140), (60, 45, 35), (30, 25, 20), (240, 240, 240), (150, 70, 70)

Picture = npt.NDArray[np.uint8]
# Where it stands, how wide and how high: in halves of the face's height from its middle; and its colour.
_PARTS = (
    (0.0, 0.0, 0.78, 1.0, _SKIN),
    (0.0, -0.72, 0.74, 0.42, _HAIR),
    *((side * 0.33, -0.12, 0.2, 0.13, (148, 119, 101)) for side in (-1, 1)),
    *((side * 0.33, -0.25, 0.2, 0.045, (70, 50, 40)) for side in (-1, 1)),
    *((side * 0.33, -0.1, 0.13, 0.06, _WHITE) for side in (-1, 1)),
    *((side * 0.33, -0.1, 0.06, 0.06, _DARK) for side in (-1, 1)),
    *((side * 0.09, 0.25, 0.06, 0.035, (123, 99, 84)) for side in (-1, 1)),
    (0.0, 0.1, 0.06, 0.2, (225, 182, 154)),
    (0.0, 0.52, 0.3, 0.07, _LIPS),
    (0.0, 0.72, 0.25, 0.03, (174, 140, 119)),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn: red, green and blue of the ground, and how many faces stand on it."""

    ground: tuple[int, int, int]
    faces: int
    size: tuple[int, int]

    @property
    def light(self) -> float:
        """Luma of the ground, 0 to 1 (ITU-R BT.601, as pictures are told)."""
        red, green, blue = self.ground
        return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def look_of(post: Post) -> Look:
    """The same for ever: of the post's id alone, whatever its title and views."""
    drawn = hashlib.sha256(f"thumbnail {post.creator.platform} {post.native_id}".encode()).digest()
    light = LIGHTS[drawn[0] % len(LIGHTS)]
    ground = (light + drawn[1] % 40 - 20, light, light + drawn[2] % 40 - 20)
    size = WIDE if post.creator.platform == "youtube" else TALL
    return Look(ground, drawn[3] % (MOST_FACES + 1), size)


def draw(look: Look) -> Picture:
    """Height x width x (red, green, blue)."""
    width, height = look.size
    picture: Picture = np.full((height, width, 3), look.ground, dtype=np.uint8)
    across = width > height
    step, half = (width if across else height) / (look.faces + 1), min(look.size) * 0.3
    for number in range(look.faces):
        along = step * (number + 1)
        _face(picture, (along, height / 2) if across else (width / 2, along), half)
    return picture


def _face(picture: Picture, middle: tuple[float, float], half: float) -> None:
    down, right = np.ogrid[: picture.shape[0], : picture.shape[1]]
    for across, below, wide, high, color in _PARTS:
        x, y = middle[0] + across * half, middle[1] + below * half
        picture[((right - x) / (wide * half)) ** 2 + ((down - y) / (high * half)) ** 2 <= 1] = color


def png(picture: Picture) -> bytes:
    height, width = picture.shape[:2]
    rows = b"".join(b"\0" + picture[row].tobytes() for row in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(what)) + name + what + struct.pack(">I", zlib.crc32(name + what)) for name, what in parts
    )


def thumbnail(post: Post) -> Answered:
    return Answered(200, png(draw(look_of(post))), {"Content-Type": "image/png"})


class Pictures:
    """Instagram's and X's hosts of pictures, whose pages other services play: the last word of a path names the post."""

    hosts = ("scontent.cdninstagram.com", "pbs.twimg.com")
    paths = ()

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, asked: Asked) -> Answered | None:
        platform = "x" if asked.host.endswith("twimg.com") else "instagram"
        post = self._world.post(platform, asked.path.rsplit("/", 1)[-1].removesuffix(".jpg"))
        return thumbnail(post) if post else None
