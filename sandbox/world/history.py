"""What somebody who watched the world until its epoch would have written down, in our own import format.

A platform only tells how a post stands now; how it grew, one must have seen. A workspace that begins imports that from its older tool:
the same posts under the same ids are then read on from the sandbox.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.demo import SNAPSHOT_DAYS
from sandbox.world.making import World
from sandbox.world.shapes import Creator, Post, State


def write_history(world: World, folder: Path, *, until: datetime) -> Path:
    """Write `history.ndjson.gz`, oldest observation first; the same world and moment give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = sorted((line for creator in world.creators for line in _observations(world, creator, until)), key=_moment)
    target = folder / "history.ndjson.gz"
    with target.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.write("".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines).encode("utf-8"))
    return target


def _observations(world: World, creator: Creator, until: datetime) -> Iterator[dict[str, object]]:
    for post in world.posts(creator, at=until):
        for moment in _moments(post, until):
            if world.state(post, at=moment) is State.PUBLIC:
                yield _line(world, creator, post, moment)


def _moments(post: Post, until: datetime) -> Iterator[datetime]:
    """The planned ages, each a little late, a different little for every post."""
    late = 1 + (int.from_bytes(post.native_id.encode()[-2:], "big") % 80) / 1000
    for days in SNAPSHOT_DAYS:
        moment = (post.posted_at + timedelta(days=days * late)).replace(microsecond=0)
        if moment <= until:
            yield moment


def _line(world: World, creator: Creator, post: Post, moment: datetime) -> dict[str, object]:
    seen = world.seen(post, at=moment)
    return {
        "platform": creator.platform,
        "account_external_id": creator.native_id,
        "account_username": creator.username,
        "account_title": creator.title,
        "account_description": creator.description,
        "account_followers": world.followers(creator, at=moment),
        "video_external_id": post.native_id,
        "title": post.title,
        **({"description": post.description} if creator.platform == "youtube" else {}),
        "posted_at": post.posted_at.isoformat(),
        "format": post.format,
        "duration_seconds": post.duration_seconds,
        "observed_at": moment.isoformat(),
        "views": seen.views,
        "likes": seen.likes,
        "comments": seen.comments,
        "shares": seen.shares,
    }


def _moment(line: dict[str, object]) -> tuple[str, str]:
    return str(line["observed_at"]), str(line["video_external_id"])
