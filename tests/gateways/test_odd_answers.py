"""Whatever stands in an answer of a paid provider, it is read, or refused by name: never an error of ours."""

import json
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from domain.errors import SourceFailed
from domain.observations import Platform
from domain.sources import Answer, SearchKind, Target
from gateways.brightdata import BrightDataInstagram
from gateways.brightdata_orders import Orders, Patience
from gateways.twitterapi import TwitterApi as XReader
from sandbox.brightdata import BrightData
from sandbox.serving import Answered, Asked, Service
from sandbox.twitterapi import TwitterApi
from sandbox.world import Clock, World, make_world
from tests.gateways.errand import StraightErrand
from tests.gateways.worlds import EPOCH, MIX, NOW

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**30, float("inf"), float("nan"), "", "odd", "\ud800", "\x00", "12", [], [1], ["a"], [None], [[]],
    {}, {"a": 1},
)  # fmt: skip
ROUNDS = 100


@dataclass
class Spoiling:
    """In place of HTTP: the service's own answer, with one place of it replaced. Each question asked is one more chance."""

    service: Service
    chance: random.Random
    spoiled: list[str] = field(default_factory=list)

    def get(self, path: str, params: Mapping[str, str] | None = None, *, is_repeatable: bool = True) -> Answer:
        return self._ask("GET", path, params or {}, b"")

    def post(self, path: str, params: Mapping[str, str], body: object) -> Answer:
        return self._ask("POST", path, params, json.dumps(body).encode())

    def close(self) -> None:
        """Nothing is open."""

    def _ask(self, method: str, path: str, params: Mapping[str, str], body: bytes) -> Answer:
        headers = {"authorization": "Bearer k", "x-api-key": "k"}
        every = {name: [word] for name, word in params.items()}
        answered = self.service.answer(Asked(method, "api.example.org", path, params, every, headers, body))
        assert isinstance(answered, Answered), f"{path}?{urlencode(params)}"
        words = json.loads(answered.body)
        # Small answers come often: spoiled as often as the large ones they would leave nothing to spoil of those.
        odds = 0.05 if "/progress/" in path or "/trigger" in path else 0.5
        return Answer(self._replaced(words) if self.chance.random() < odds else words, answered.status, fetched_at=NOW)

    def _replaced(self, words: Any) -> Any:
        """Somewhere on a way down from the top."""
        inside = list(words) if isinstance(words, dict) else range(len(words)) if isinstance(words, list) else []
        if not inside or self.chance.random() < 0.15:
            found = self.chance.choice(ODD)
            self.spoiled.append(repr(found))
            return found
        place = self.chance.choice(list(inside))
        if isinstance(words, dict) and self.chance.random() < 0.1:
            return {name: word for name, word in words.items() if name != place}
        changed = dict(words) if isinstance(words, dict) else list(words)
        changed[place] = self._replaced(words[place])
        return changed


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=3, epoch=EPOCH, accounts=4, posts=24, mix=MIX)


def of(world: World, platform: str) -> tuple[Target, list[str]]:
    creator = next(creator for creator in world.creators if creator.platform == platform)
    return Target(Platform(platform), username=creator.username), [post.native_id for post in world.posts(creator, at=NOW)]


def endure(ask: Callable[[], object]) -> bool:
    """Whether there was an answer; anything but a failure by name breaks the test."""
    with suppress(SourceFailed):
        ask()
        return True
    return False


def test_instagrams_answers_are_read_or_refused_by_name(world):
    target, ids = of(world, "instagram")
    answered = 0
    for seed in range(ROUNDS):
        http = Spoiling(BrightData(world, Clock(frozen_at=NOW)), random.Random(seed))
        reader = BrightDataInstagram(http, orders=Orders(http, Patience(), lambda _: None))  # type: ignore[arg-type]
        answered += endure(lambda reader=reader: reader.account(target, StraightErrand(), posts=5))  # type: ignore[misc]
        answered += endure(lambda reader=reader: reader.posts(ids[:3], StraightErrand()))  # type: ignore[misc]
        answered += endure(lambda reader=reader: reader.comments(ids[-1], StraightErrand(), limit=3))  # type: ignore[misc]

    assert ROUNDS / 3 < answered < 3 * ROUNDS


def test_the_answers_of_x_are_read_or_refused_by_name(world):
    target, ids = of(world, "x")
    answered = 0
    for seed in range(ROUNDS):
        reader = XReader(Spoiling(TwitterApi(world, Clock(frozen_at=NOW)), random.Random(seed)))  # type: ignore[arg-type]
        answered += endure(lambda reader=reader: reader.account(target, StraightErrand(), posts=30))  # type: ignore[misc]
        answered += endure(lambda reader=reader: reader.posts(ids[:3], StraightErrand()))  # type: ignore[misc]
        answered += endure(lambda reader=reader: reader.comments(ids[-1], StraightErrand(), limit=3))  # type: ignore[misc]
        answered += endure(lambda reader=reader: reader.search(SearchKind.TERM, "learn1", StraightErrand(), limit=3))  # type: ignore[misc]

    assert ROUNDS / 3 < answered < 4 * ROUNDS
