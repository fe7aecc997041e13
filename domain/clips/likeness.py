"""Whether a clip is one that exists already: by its part of the same video, else by its pictures.

A fingerprint holds one perceptual hash (64 bits, difference hash) a second. Where a picture hardly changes, as with a camera that stands
still, hashes of any two clips are alike and tell nothing: then nothing is claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.clips.delivery import Spans

# Bits of 64 in which hashes of the same picture differ at most, encoded twice and cut a little; those of two films differ in 22 or more.
SAME_BITS = 14
# Of the shorter clip's seconds, those that must be the same.
SAME_SHARE = 0.8
# Pictures that differ from one another which the same seconds must hold.
_PICTURES = 3
_FEWEST_SECONDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A clip that exists. `spans`: its parts, where it was made of the same video; None where it was made of another."""

    clip_id: str
    fingerprint: tuple[int, ...]
    spans: Spans | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much of the shorter clip is in the other one, and about how many seconds later it begins there (None: told by parts).

    `is_telling`: False where the pictures are alike in themselves.
    """

    share: float
    offset_seconds: int | None = None
    is_telling: bool = True


def likeness(fingerprint: Sequence[int], spans: Spans, earlier: Earlier) -> Likeness:
    """Clips of one video are compared by their parts, which is exact; others by their pictures."""
    if earlier.spans is not None:
        return Likeness(overlap(spans, earlier.spans))
    return alike(fingerprint, earlier.fingerprint)


def overlap(one: Spans, other: Spans) -> float:
    """The share of the shorter one that both hold."""
    both = sum(max(0.0, min(end, its_end) - max(start, its_start)) for start, end in one for its_start, its_end in other)
    shorter = min(sum(end - start for start, end in each) for each in (one, other))
    return both / shorter if shorter > 0 else 0.0


def alike(one: Sequence[int], other: Sequence[int]) -> Likeness:
    """The best alignment of two fingerprints. Seconds of two clips rarely begin together, so each looks at the two that it lies in."""
    shorter = min(len(one), len(other))
    if shorter < _FEWEST_SECONDS:
        return Likeness(0.0, 0, is_telling=False)
    bits = {shift: _bits(one, other, shift) for shift in range(_FEWEST_SECONDS - len(one), len(other) - _FEWEST_SECONDS + 1)}
    shift = max(bits, key=lambda each: (sum(bit <= SAME_BITS for bit in bits[each].values()), -sum(bits[each].values())))
    same = [one[at] for at, bit in bits[shift].items() if bit <= SAME_BITS]
    return Likeness(len(same) / shorter, shift, is_telling=_pictures(same) >= _PICTURES)


def _bits(one: Sequence[int], other: Sequence[int], shift: int) -> dict[int, int]:
    """By each second that both have when the second one is moved: in how many bits they differ."""
    shared = range(max(0, -shift), min(len(one), len(other) - shift))
    return {at: min((one[at] ^ each).bit_count() for each in other[at + shift : at + shift + 2]) for at in shared}


def _pictures(hashes: Sequence[int]) -> int:
    """How many of them differ from one another."""
    kept: list[int] = []
    for each in hashes:
        if all((each ^ before).bit_count() > SAME_BITS for before in kept):
            kept.append(each)
    return len(kept)
