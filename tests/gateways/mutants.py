"""Webhooks that are not what was signed: bodies and headers with a few bytes changed, lost, added, or moved."""

import random
from collections.abc import Callable


def bodies(body: bytes, chance: random.Random) -> bytes:
    """Another body."""
    made = bytearray(body)
    while bytes(made) == body:
        for _ in range(chance.randint(1, 4)):
            _mangle(made, chance)
    return bytes(made)


def stripe_headers(header: str, chance: random.Random) -> str:
    """Another header: another stamp, another signature, or another frame around them."""
    made = header
    while made == header:
        made = _of_header(header, chance)
    return made


def _of_header(header: str, chance: random.Random) -> str:
    stamp, _, signature = header.partition(",")
    number, digest = int(stamp.removeprefix("t=")), signature.removeprefix("v1=")
    shapes: tuple[Callable[[], str], ...] = (
        lambda: f"t={number + chance.choice((-1, 1)) * chance.randint(1, 290)},{signature}",
        lambda: f"{stamp},v1={_hex(digest, chance)}",
        lambda: f"{stamp},v1={digest[: chance.randint(0, 63)]}",
        lambda: f"{stamp},v1={digest}{chance.choice('0123456789abcdef')}",
        lambda: f"{stamp},{chance.choice(('v0', 'v2', 'v11', 'V1', ' v1', 'v1 '))}={digest}",
        lambda: f"{stamp},v1={digest.upper()}",
        lambda: f"t=0{number},{signature}",
        lambda: f"{stamp}.{chance.randint(0, 9)},{signature}",
        lambda: f"t={number + 1},{stamp},{signature}",
        lambda: signature + "," + stamp,
        lambda: f"{stamp},v1={digest[::-1]}",
        lambda: _mangled(header, chance),
    )
    return chance.choice(shapes)()


def _hex(digest: str, chance: random.Random) -> str:
    place = chance.randrange(len(digest))
    return digest[:place] + chance.choice("0123456789abcdef".replace(digest[place], "")) + digest[place + 1 :]


def _mangled(header: str, chance: random.Random) -> str:
    made = bytearray(header.encode())
    _mangle(made, chance)
    return made.decode("latin-1")


def _mangle(made: bytearray, chance: random.Random) -> None:
    place = chance.randrange(len(made) + 1)
    kind = chance.randrange(4)
    if kind == 0 or not made:
        made.insert(place, chance.randrange(256))
    elif kind == 1:
        del made[place % len(made)]
    elif kind == 2:
        made[place % len(made)] ^= 1 << chance.randrange(8)
    else:
        other = chance.randrange(len(made))
        here = place % len(made)
        made[here], made[other] = made[other], made[here]
