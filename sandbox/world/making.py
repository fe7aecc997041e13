"""Making the world from a seed, and looking at it at a moment. The planted effects are those of `sandbox.demo`; here posts get what a
platform shows around them: ids, hashtags, sounds, comments, states.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.around import CHANGED_POST, CHANGING, PEOPLE
from sandbox.demo import CURVE_POWER, EFFECTS, DemoAccount, DemoPost, Mix, change_of, generate
from sandbox.world.comments import comments_of
from sandbox.world.identity import native_ids, post_id
from sandbox.world.shapes import Comment, Creator, Post, Seen, Sound, State
from sandbox.world.sounds import make_sounds, sound_of

MIX: Mix = (
    ("tiktok", ("short",), 4),
    ("youtube", ("long",), 2),
    ("youtube", ("short", "long"), 2),
    ("instagram", ("short",), 2),
    ("x", ("short",), 2),
)
COUNTRIES = ("US", "GB", "DE", "FR", "BR", "JP")
# Of every so many posts one becomes public late, is made private, is deleted.
LATE, PRIVATE, DELETED = 41, 53, 47
# Every so many accounts has a day after which all its views are multiplied: a regime break.
BREAKING, BREAK_FACTOR = 13, 2.5
# So many days of posts lie ahead of the epoch: a clock that is moved finds new ones.
FUTURE_DAYS = 40


@dataclass(frozen=True, slots=True)
class Truth:
    """What was planted, for the ground-truth file."""

    seed: int
    epoch: str
    effects: Mapping[str, float]
    breaks: Mapping[str, str]
    people: Mapping[str, float]
    changes: Sequence[Mapping[str, object]]


class World:
    """Everything there is, and how it looks at a moment. Only looked at: the same seed and epoch make the same world."""

    def __init__(self, seed: int, epoch: datetime, posts: Mapping[Creator, tuple[Post, ...]], sounds: tuple[Sound, ...]) -> None:
        self.seed, self.epoch, self._posts, self.sounds = seed, epoch, dict(posts), sounds
        self._by_id = {(post.creator.platform, post.native_id): post for found in posts.values() for post in found}
        self._creators = {(c.platform, word.casefold()): c for c in posts for word in (c.native_id, c.second_id, c.username)}

    @property
    def creators(self) -> tuple[Creator, ...]:
        return tuple(self._posts)

    def creator(self, platform: str, word: str) -> Creator | None:
        """By native id, second id or handle."""
        return self._creators.get((platform, word.casefold()))

    def post(self, platform: str, native_id: str) -> Post | None:
        return self._by_id.get((platform, native_id))

    def posts(self, creator: Creator, *, at: datetime, everything: bool = False) -> list[Post]:
        """Newest first; only the public ones, unless everything is wanted that is there at all."""
        wanted = (State.PUBLIC, State.PRIVATE) if everything else (State.PUBLIC,)
        return [post for post in reversed(self._posts[creator]) if self.state(post, at=at) in wanted]

    def history(self, creator: Creator) -> tuple[Post, ...]:
        """Every post there ever was or will be, oldest first, whatever its state."""
        return self._posts[creator]

    def all_posts(self, platform: str, *, at: datetime) -> list[Post]:
        """Every public post of a platform, newest first."""
        found = [post for creator in self._posts if creator.platform == platform for post in self.posts(creator, at=at)]
        return sorted(found, key=lambda post: (post.posted_at, post.native_id), reverse=True)

    def state(self, post: Post, *, at: datetime) -> State:
        if at < post.posted_at:
            return State.NOT_YET
        if post.deleted_at and at >= post.deleted_at:
            return State.DELETED
        if (post.hidden_until and at < post.hidden_until) or (post.private_from and at >= post.private_from):
            return State.PRIVATE
        return State.PUBLIC

    def seen(self, post: Post, *, at: datetime) -> Seen:
        """Counters at a moment: a growth curve, the same for every asker."""
        age = max(0.0, (at - post.posted_at) / timedelta(days=1))
        wave = 0.01 * math.sin(2 * math.pi * age)  # a day has a busy and a quiet half; too small to let a counter fall
        views = math.floor(post.potential * (1 - math.exp(-(((age + wave * age / (1 + age)) / post.tau_days) ** CURVE_POWER))))
        likes, comments, shares = (math.floor(views * rate) for rate in post.rates)
        return Seen(views, likes, comments, shares, math.floor(likes * 0.12))

    def followers(self, creator: Creator, *, at: datetime) -> int:
        days = (at - self.epoch) / timedelta(days=1)
        return max(0, math.floor(creator.followers * math.exp(creator.growth * days / 80)))

    def comments(self, post: Post, *, at: datetime, most: int = 500) -> list[Comment]:
        """Newest threads first, each with its replies behind it; as many as the counter says, up to `most`."""
        return comments_of(post, count=min(most, self.seen(post, at=at).comments), at=at)

    def chart(self, country: str, *, at: datetime) -> list[Sound]:
        """Sounds by their place in a country's chart of that day."""
        day = f"{at:%Y-%m-%d}"
        return sorted(
            self.sounds, key=lambda sound: (-sound.weight * (0.5 + _share(self.seed, country, day, sound.sound_id)), sound.number)
        )

    def truth(self) -> Truth:
        breaks = {c.username: self.break_of(c).isoformat() for c in self._posts if c.number % BREAKING == BREAKING - 1}
        return Truth(self.seed, self.epoch.isoformat(), dict(EFFECTS), breaks, dict(PEOPLE), self._changes())

    def _changes(self) -> list[dict[str, object]]:
        """Of the account that changes its ways, where the world has it and its posts are many enough."""
        changing = [
            (c, posts) for c, posts in self._posts.items() if c.number == CHANGING and {post.format for post in posts} == {"short", "long"}
        ]
        return [change_of(creator.username, posts[CHANGED_POST].posted_at) for creator, posts in changing]

    def break_of(self, creator: Creator) -> datetime:
        return self.epoch - timedelta(days=20 + creator.number % 10)


def make_world(*, seed: int, epoch: datetime, accounts: int = 44, posts: int = 60, mix: Mix = MIX) -> World:
    """The world of a seed around its epoch: the last posts of each account lie in the days after it."""
    last = epoch + timedelta(days=FUTURE_DAYS)
    sounds = make_sounds(seed)
    made: dict[Creator, tuple[Post, ...]] = {}
    for account, theirs in generate(now=last, seed=seed, accounts=accounts, posts=posts, mix=mix):
        creator = _creator(account, seed, epoch, theirs)
        made[creator] = () if creator.is_empty else tuple(_post(creator, account, each, epoch, seed, sounds) for each in theirs)
    return World(seed, epoch, made, sounds)


def _creator(account: DemoAccount, seed: int, epoch: datetime, posts: Sequence[DemoPost]) -> Creator:
    native, second = native_ids(account.platform, seed, account.number)
    word = account.niche.name.lower().replace(" ", "_")
    return Creator(
        number=account.number, platform=account.platform, native_id=native, second_id=second,
        username=f"demo_{word}"[:11] + f"_{account.number:03d}" if account.platform == "x" else f"demo_{word}_{account.number:03d}",
        title=f"{account.niche.name} {account.number:02d} (synthetic)",
        description=f"A synthetic account of the Whyral demo world about {account.niche.name.lower()}. No such creator exists.",
        niche=account.niche.name, country=COUNTRIES[account.number % len(COUNTRIES)], is_verified=account.number % 5 == 0,
        is_empty=account.number % 43 == 42, followers=account.followers, following=account.number * 7 % 400, growth=account.growth,
        created_at=min([post.posted_at for post in posts], default=epoch) - timedelta(days=100 + account.number),
    )  # fmt: skip


def _post(creator: Creator, account: DemoAccount, post: DemoPost, epoch: datetime, seed: int, sounds: tuple[Sound, ...]) -> Post:
    odd = int(_share(seed, creator.native_id, str(post.number)) * LATE * PRIVATE * DELETED)
    is_broken = creator.number % BREAKING == BREAKING - 1 and post.posted_at >= epoch - timedelta(days=20 + creator.number % 10)
    tags = (creator.niche.lower().replace(" ", ""), f"learn{post.number % 7}")
    sound = sound_of(sounds, seed, creator.number, post.number) if creator.platform in ("tiktok", "instagram") else None
    return Post(
        creator=creator, number=post.number, native_id=post_id(creator.platform, seed, creator.number, post.number, post.posted_at),
        title=post.title, description=_description(post, tags), hashtags=tags, sound=sound,
        format=post.format, duration_seconds=post.duration_seconds, posted_at=post.posted_at,
        hidden_until=post.posted_at + timedelta(days=3) if odd % LATE == 0 else None,
        private_from=post.posted_at + timedelta(days=15) if odd % PRIVATE == 1 else None,
        deleted_at=post.posted_at + timedelta(days=10) if odd % DELETED == 2 else None,
        potential=post.potential * (BREAK_FACTOR if is_broken else 1.0), tau_days=account.tau_days, rates=account.rates,
    )  # fmt: skip


def _description(post: DemoPost, tags: Sequence[str]) -> str:
    """Title and hashtags; below it what the account wrote, where the platform has room for that."""
    first = f"{post.title} " + " ".join(f"#{tag}" for tag in tags)
    return f"{first}\n{post.description}" if post.description else first


def _share(*words: object) -> float:
    """A number in [0, 1) that belongs to these words."""
    return int.from_bytes(hashlib.sha256(":".join(map(str, words)).encode()).digest()[:6], "big") / 2**48
