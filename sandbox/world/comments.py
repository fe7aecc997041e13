"""Comments under the posts of the world, of our own making: the same post has the same comments for ever, and more as it ages."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.world.shapes import Comment, Post

_WORDS = (
    "This helped me a lot, thank you",
    "Could you show the part in the middle again?",
    "I tried it and it worked the second time",
    "Which tool is that?",
    "Not convinced, mine came out differently",
    "Please make a longer one",
    "Erklärst du das auch auf Deutsch?",
    "👏👏",
    "Watching this while doing exactly that",
    "How long does it keep?",
)
_NAMES = ("quiet_reader", "tool_person", "early_riser", "second_try", "north_wind", "paper_boat", "slow_train")
_REPLY_EVERY = 4


def comments_of(post: Post, *, count: int, at: datetime) -> list[Comment]:
    """`count` comments, newest thread first, replies behind their thread in the order they came."""
    threads: list[list[Comment]] = []
    for number in range(count):
        made = _comment(post, number, at)
        if number % _REPLY_EVERY == _REPLY_EVERY - 1 and threads:
            threads[-1].append(_reply(made, threads[-1][0]))
        else:
            threads.append([made])
    return [comment for thread in reversed(threads) for comment in thread]


def _reply(made: Comment, parent: Comment) -> Comment:
    return replace(
        made,
        comment_id=f"{parent.comment_id}.{made.comment_id}",
        parent_id=parent.comment_id,
        text=f"@{parent.author_name} {made.text}",
        posted_at=max(made.posted_at, parent.posted_at),
    )


def _comment(post: Post, number: int, at: datetime) -> Comment:
    digest = hashlib.sha256(f"{post.creator.platform}:{post.native_id}:{number}".encode()).digest()
    moment = min(at, post.posted_at + timedelta(minutes=10 * (number + 1) ** 1.3))
    return Comment(
        comment_id="Ug" + digest.hex()[:24],
        parent_id=None,
        author_id="UC" + digest.hex()[24:46],
        author_name=f"{_NAMES[digest[0] % len(_NAMES)]}_{digest[1]:02x}",
        text=_WORDS[digest[2] % len(_WORDS)],
        likes=digest[3] % 40,
        posted_at=moment.replace(microsecond=0),
    )
