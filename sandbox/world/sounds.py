"""Sounds of the world: titles of our own making."""

import hashlib

from sandbox.world.shapes import Sound

COUNT = 60
_MOODS = ("quiet", "bright", "slow", "restless", "warm", "paper", "northern", "little")
_THINGS = ("kettle", "harbour", "window", "bicycle", "lantern", "staircase", "orchard", "radio")
_ARTISTS = ("The Copper Spoons", "Nine Lamps", "Field Notes", "Ada and the Gears", "Low Tide Choir")


def make_sounds(seed: int) -> tuple[Sound, ...]:
    """All of them; a few are used a lot, most are not."""
    return tuple(
        Sound(
            number=number,
            sound_id=str(6 * 10**18 + _number(seed, number) % 10**18),
            title=f"{_MOODS[number % len(_MOODS)]} {_THINGS[number // len(_MOODS) % len(_THINGS)]}",
            artist=_ARTISTS[number % len(_ARTISTS)],
            duration_seconds=12 + number % 48,
            is_original=number % 4 == 3,
            weight=1000 / (1 + number),
        )
        for number in range(COUNT)
    )


def sound_of(sounds: tuple[Sound, ...], seed: int, creator: int, post: int) -> Sound:
    """The sound of a post: those with more weight are met more often."""
    share = _number(seed, creator, post) % 10**6 / 10**6
    return sounds[int(len(sounds) * share**3)]


def _number(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256(":".join(map(str, parts)).encode()).digest()[:8], "big")
