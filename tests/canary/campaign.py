"""What one process of the long campaign does: attacks, the same against a build without filters, timing, and a small pool.

Attacks come in spells. Each is one workspace against four that nobody has touched; then it leaves, and a full one moves in: who deletes
and renames its own rows for long is no more a neighbour worth attacking.
"""

import math
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from store.database import Database
from tests.canary.calling import Door
from tests.canary.mutants import Statements, watch
from tests.canary.pools import pooled
from tests.canary.records import Record, Told
from tests.canary.replay import Replay
from tests.canary.stage import Stage, staged
from tests.canary.timing import timed
from tests.conftest import TestUrls, make_urls

TENANTS = 5
PAIRS = 2_000
SPELL = 5_000
# Of the requests, how many go to the build whose repositories do not filter.
WITHOUT = 0.1
# By when each part has to be over, where time is short: of all that was given.
_ATTACKS, _ALL_ATTACKS = 0.8, 0.9
# Seeds of spells: so many to a seed of the campaign, those of the build without filters in the upper half.
_SPELLS = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """What one process does. `folder` is its own, and emptied by whoever gave it."""

    url: str
    folder: Path
    seed: int
    requests: int
    pooled: int
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class Spell:
    """One attacker. Its seed alone says what it plays."""

    seed: int
    requests: int
    is_filtered: bool = True


def spells(seed: int, requests: int, *, is_filtered: bool = True) -> Iterator[Spell]:
    """As many as it takes for so many requests. Of a seed's own there are `_SPELLS`."""
    first = seed * _SPELLS + (0 if is_filtered else _SPELLS // 2)
    for number, begun in enumerate(range(0, requests, SPELL)):
        yield Spell(first + number, min(SPELL, requests - begun), is_filtered)


def play(part: Part) -> Told:
    """All of it, on a database of its own; a line for each attacker as it ends."""
    began, without = time.monotonic(), int(part.requests * WITHOUT)
    urls = make_urls(part.url, f"canary_{part.seed}")
    attacks, bare = list(spells(part.seed, part.requests - without)), list(spells(part.seed, without, is_filtered=False))
    records, even = _attacks(part, urls, attacks, until=began + _ATTACKS * part.seconds, pairs=PAIRS)
    more, stripped = _attacks(part, urls, bare, until=began + _ALL_ATTACKS * part.seconds)
    attacked = time.monotonic()
    carried = pooled(urls, transactions=part.pooled, seed=part.seed, until=began + part.seconds)
    took = f"attacks {attacked - began:.0f} s, pool {time.monotonic() - attacked:.0f} s, of the processor {time.process_time():.0f} s"
    words = f"seed {part.seed}: {even.words}; {stripped.words}; {took}"
    return Told(records + more, f"{words}; {carried.summary()}", even.is_good and not carried.faults)


def repeat(part: Part, *, is_filtered: bool) -> Told:
    """One spell of a campaign, by its seed: `part.seed`."""
    urls = make_urls(part.url, f"canary_{part.seed}")
    records, found = _attacks(part, urls, [Spell(part.seed, part.requests, is_filtered)], until=time.monotonic() + part.seconds)
    return Told(records, found.words, found.is_good)


@dataclass(frozen=True, slots=True)
class _Found:
    words: str = ""
    is_good: bool = True


def _attacks(part: Part, urls: TestUrls, attacks: list[Spell], *, until: float, pairs: int = 0) -> tuple[list[Record], _Found]:
    """Spells of one kind, on one app."""
    if not attacks:
        return [], _Found()
    is_filtered = all(each.is_filtered for each in attacks)
    statements = Statements(is_filtered=is_filtered)
    database = None if is_filtered else watch(Database(urls.app), statements)
    with tempfile.TemporaryDirectory(dir=part.folder) as files, staged(urls, Path(files), database=database) as stage:
        stage.settle(TENANTS)
        found = _timing(stage, pairs, part.seed) if pairs else _Found()
        records = [_spell(stage, each, until) for each in attacks if time.monotonic() < until]
    return records, found if is_filtered else _Found(f"{statements.stripped} filters taken out")


def _spell(stage: Stage, spell: Spell, until: float) -> Record:
    """The eldest against the others, who have been let alone so far."""
    replay, began = Replay(stage, Door(stage.app), stage.residents[0], seed=spell.seed), time.monotonic()

    async def attack() -> Record:
        for owner in stage.residents[1:]:
            await replay.harvest(owner)
        return await replay.play(spell.requests, until=until)

    replay.record.is_filtered = spell.is_filtered
    try:
        record = stage.play(attack())
    except BaseException as error:
        error.add_note(f"repeat: {replay.record.repeat}")
        raise
    sys.stdout.write(f"{record.summary()}, {time.monotonic() - began:.0f} s\n")
    sys.stdout.flush()
    stage.residents.pop(0)
    stage.settle(1)
    return record


def _timing(stage: Stage, pairs: int, seed: int) -> _Found:
    found = stage.play(timed(stage, Door(stage.app), pairs=pairs, seed=seed))
    foreign, nobody = found.p95_milliseconds
    return _Found(f"p95 of {pairs} pairs: {foreign:.2f} ms for a neighbour's id, {nobody:.2f} ms for nobody's", found.is_even)
