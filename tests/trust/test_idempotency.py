"""One key, one effect: 64 callers at once, other bodies, other workspaces, a day later, and a process that dies at any statement.

`make fuzz-idempotency` runs 10,000 keys, and kills an API process before and after every statement of its calls.
"""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Conflict, SourceUnavailable, Unacceptable
from store.database import Database
from store.idempotency import StoredAnswer
from tests.api.conftest import make_key
from tests.conftest import Member, make_member
from tests.conftest import TestUrls as Urls
from tests.store.crowds import at_once
from tests.trust.campaign import seeded, told
from tests.trust.repeated import a_day_later, break_line, call, effects, insist, nothing

CROWD = 64
FAST_KEYS, FULL_KEYS, WORKERS = 24, 10_000, 6
PARALLEL = (1, 2, 3, 8, 16)


@pytest.fixture
def crowded(urls: Urls) -> Iterator[Database]:
    """Room for everybody at once."""
    made = Database(urls.app, pool_size=CROWD, application="crowd")
    yield made
    made.close()


def test_of_64_callers_one_is_served_and_the_others_get_its_answer_or_are_told_to_wait(crowded: Database, member: Member):
    def ask(key: str, _: int) -> StoredAnswer:
        return call(crowded, member.tenant_id, key)

    for key in ("first", "second"):
        found = at_once(CROWD, partial(ask, key))

        assert {type(each) for each in found} <= {StoredAnswer, Conflict}
        answers = [each for each in found if isinstance(each, StoredAnswer)]
        assert [each.is_replay for each in answers].count(False) == 1
        assert len({each.body for each in answers}) == 1
    assert effects(crowded, member.tenant_id) == {"first": 1, "second": 1}


def test_64_callers_who_wait_as_told_all_get_the_one_answer(crowded: Database, member: Member):
    found = at_once(CROWD, lambda _: insist(crowded, member.tenant_id, "key"))

    assert {each.body for each in found if isinstance(each, StoredAnswer)} == {insist(crowded, member.tenant_id, "key").body}
    assert [each for each in found if not isinstance(each, StoredAnswer)] == []
    assert effects(crowded, member.tenant_id) == {"key": 1}


@dataclass
class Lives:
    """What is done to one key after the other. `fragile` is for lines that break: their pool makes all its connections anew."""

    database: Database
    fragile: Database
    mine: Member
    theirs: Member
    counts: Counter[str]

    def live(self, key: str, chance: random.Random) -> int:
        """One key's life: broken lines, a crowd, other bodies, another workspace, another day. Returns how many days it had."""
        self._break(key, chance)
        first = self._crowd(key, chance.choice(PARALLEL))
        self._refuse_another_body(key)
        self._ask_elsewhere(key, first)
        if chance.random() < 0.3:
            a_day_later(self.database, self.mine.tenant_id, key)
            again = call(self.database, self.mine.tenant_id, key, body="another body")
            assert not again.is_replay
            self.counts["days later"] += 1
            return 2
        return 1

    def _break(self, key: str, chance: random.Random) -> None:
        """Before anybody succeeds, the line may break after the effect, or after its answer was written down: both are lost."""
        for _ in range(chance.choice((0, 0, 1, 2))):
            place = chance.choice(("inside", "behind"))
            inside, behind = (break_line, nothing) if place == "inside" else (nothing, break_line)
            with pytest.raises(SourceUnavailable):
                call(self.fragile, self.mine.tenant_id, key, inside=inside, behind=behind)
            self.counts[f"broken {place}"] += 1

    def _crowd(self, key: str, callers: int) -> StoredAnswer:
        found = at_once(callers, lambda _: insist(self.database, self.mine.tenant_id, key))
        answers = [each for each in found if isinstance(each, StoredAnswer)]
        assert len(answers) == callers, found
        assert len({(each.status, each.body, tuple(each.headers.items())) for each in answers}) == 1
        # None of them where the answer of the one that did it was lost on its way: it asked again, as the others did.
        assert [each.is_replay for each in answers].count(False) <= 1
        self.counts["calls"] += callers
        return answers[0]

    def _refuse_another_body(self, key: str) -> None:
        with pytest.raises(Unacceptable, match="used for another call"):
            call(self.database, self.mine.tenant_id, key, body="another body")
        self.counts["other bodies"] += 1

    def _ask_elsewhere(self, key: str, first: StoredAnswer) -> None:
        other = insist(self.database, self.theirs.tenant_id, key)
        assert other.body != first.body
        self.counts["other workspaces"] += 1


@pytest.mark.parametrize("keys", [FAST_KEYS, pytest.param(FULL_KEYS, marks=pytest.mark.fuzz)])
def test_no_key_has_its_effect_twice_whatever_its_life(crowded: Database, urls: Urls, keys: int):
    chance = seeded("keys")
    fragile = Database(urls.app, pool_size=1, application="fragile")
    lives = Lives(crowded, fragile, make_member(crowded), make_member(crowded), Counter())
    seeds = [chance.random() for _ in range(keys)]

    with ThreadPoolExecutor(WORKERS) as crew:
        days = list(crew.map(lambda number: lives.live(f"key-{number}", random.Random(seeds[number])), range(keys)))

    fragile.close()
    told("keys", keys=keys, **lives.counts)
    assert effects(crowded, lives.mine.tenant_id) == {f"key-{number}": each for number, each in enumerate(days)}
    assert effects(crowded, lives.theirs.tenant_id) == {f"key-{number}": 1 for number in range(keys)}


def test_a_process_that_is_killed_at_any_statement_leaves_one_effect_or_none(urls: Urls, database: Database, member: Member):
    lives = killed_everywhere("call", urls, tenant_id=str(member.tenant_id))

    told("killed", points=len(lives))
    assert len(lives) > 10
    # Nothing was done before the commit was sent; afterwards it was, and its answer is there.
    early = [bool(life["done_by_the_first"]) for life in lives]
    assert (set(early), early) == ({False, True}, sorted(early))
    assert [life for life in lives if (life["again"], life["done"], life["is_replay"]) != (202, 1, bool(life["done_by_the_first"]))] == []
    assert set(effects(database, member.tenant_id).values()) == {1}


@pytest.mark.fuzz
@pytest.mark.parametrize("operation", ["requests", "collections", "keys", "entities"])
def test_an_api_process_that_is_killed_at_any_statement_leaves_one_effect(urls: Urls, database: Database, operation: str, tmp_path: Path):
    member = make_member(database)
    credential = make_key(database, member).plain

    lives = killed_everywhere(operation, urls, tenant_id=str(member.tenant_id), credential=credential, folder=str(tmp_path))

    told(f"killed in POST /{operation}", points=len(lives), done_by_the_first=sum(life["done_by_the_first"] for life in lives))
    assert [life for life in lives if life["again"] not in (201, 202) or life["done"] != 1] == []


def killed_everywhere(operation: str, urls: Urls, **words: str) -> list[dict[str, Any]]:
    """One life per point: killed there, then asked again with the same key by another process."""
    asked = json.dumps({"operation": operation, "urls": asdict(urls), **words})
    made = subprocess.run(
        [sys.executable, "-m", "tests.trust.victim", asked], capture_output=True, text=True, timeout=600, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(made.stdout.splitlines()[-1])
    return found
