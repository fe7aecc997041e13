"""Keys that seal tokens are changed while everything reads and writes; a sealed token that was moved elsewhere opens nowhere.

`make fuzz-vault` changes the keys of 100,000 tokens under load.
"""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise, permutations
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.connections import GrantName
from domain.errors import Unacceptable
from domain.sources import Tokens
from gateways.vault import SealedVault, new_keys
from services.connections import opened, sealed
from services.sealing import reseal
from store.database import Database
from store.ids import new_id
from tests.conftest import make_member
from tests.store.channels import put_channel
from tests.trust.campaign import seeded, told

LATER = datetime(2027, 1, 1, tzinfo=UTC)
COLUMNS = ("access_token", "refresh_token")
PARTS = 4


@dataclass
class Part:
    """A process of a deployment: it holds the keys that it was started with, and ends what it began before it is started anew."""

    vault: SealedVault
    _busy: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def working(self) -> Iterator[SealedVault]:
        with self._busy:
            yield self.vault

    def restart(self, keys: str) -> None:
        with self._busy:
            self.vault = SealedVault.of(keys)


@dataclass
class Deployment:
    """Parts that read and refresh the grants of workspaces, and what they last wrote."""

    database: Database
    grants: list[GrantName]
    parts: list[Part]
    expected: dict[UUID, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[BaseException] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def work(self, number: int, chance: random.Random) -> None:
        """One part's life: mostly reads, some refreshes, of grants that are its own to refresh. One rests: it is left to be sealed anew."""
        part, mine = self.parts[number], self.grants[number::PARTS][1:]
        try:
            while not self.ended.is_set():
                with part.working() as vault:
                    if chance.random() < 0.3:
                        self._write(vault, chance.choice(mine))
                    else:
                        self._read(vault, chance.choice(self.grants))
        except BaseException as error:  # noqa: BLE001 - the test looks at what a part met
            self.failures.append(error)

    def _read(self, vault: SealedVault, name: GrantName) -> None:
        with self.database.begin(name.tenant_id) as uow:
            kept = uow.connections.tokens(name.connection_id)
        for column in COLUMNS:
            assert opened(vault, name, column, getattr(kept, column)).startswith(f"{column} of {name.connection_id}")
        self.counts["reads"] += 1

    def _write(self, vault: SealedVault, name: GrantName) -> None:
        with self.database.begin(name.tenant_id) as uow:
            known = uow.connections.get(name.connection_id)
            is_kept = uow.connections.keep(
                known, sealed(vault, name, tokens_of(name, known.generation + 1)), expires_at=LATER, scopes=(), is_rotated=True
            )  # fmt: skip
        assert is_kept
        self.expected[name.connection_id] = tokens_of(name, known.generation + 1).access_token
        self.counts["writes"] += 1


def tokens_of(name: GrantName, generation: int) -> Tokens:
    words = (f"{column} of {name.connection_id}, number {generation}" for column in COLUMNS)
    access, refresh = words
    return Tokens(access, LATER, frozenset(), refresh)


_CHANNELS = """
insert into channels select (jsonb_populate_record(c, jsonb_build_object('channel_id', new.id))).*
  from channels c, unnest(cast(:channels as uuid[])) new (id) where c.channel_id = :like"""
_CONNECTIONS = """
insert into connections select (jsonb_populate_record(c, jsonb_build_object(
  'channel_id', new.channel, 'connection_id', new.id, 'access_token', new.access, 'refresh_token', new.refresh))).*
  from connections c, unnest(cast(:channels as uuid[]), cast(:ids as uuid[]), cast(:access as bytea[]), cast(:refresh as bytea[]))
    new (channel, id, access, refresh) where c.channel_id = :like"""


def put_grants(database: Database, vault: SealedVault, grants: int) -> list[GrantName]:
    """In two workspaces, each after the likeness of one that was put there by hand and is gone."""
    made: list[GrantName] = []
    for member in (make_member(database), make_member(database)):
        names = [GrantName(member.tenant_id, new_id()) for _ in range(grants // 2)]
        with database.begin(member.tenant_id) as uow:
            like = put_channel(uow, member.user_id).channel_id
            for start in range(0, len(names), 5_000):
                some = names[start : start + 5_000]
                tokens = [sealed(vault, each, tokens_of(each, 0)) for each in some]
                words = {
                    "like": like, "channels": [new_id() for _ in some], "ids": [each.connection_id for each in some],
                    "access": [each.access_token for each in tokens], "refresh": [each.refresh_token for each in tokens],
                }  # fmt: skip
                uow.connection.execute(sa.text(_CHANNELS), {"like": like, "channels": words["channels"]})
                uow.connection.execute(sa.text(_CONNECTIONS), words)
            uow.connection.execute(sa.text("delete from connections where channel_id = :like"), {"like": like})
        made += names
    return made


@pytest.mark.parametrize(("grants", "rotations"), [(24, 1), pytest.param(50_000, 1, marks=pytest.mark.fuzz)])
def test_keys_change_while_everything_reads_and_writes_and_nothing_fails(fresh: Database, grants: int, rotations: int):
    chance, keys = seeded("vault"), [new_keys(f"key-{number}") for number in range(rotations + 1)]
    deployment = Deployment(
        fresh, put_grants(fresh, SealedVault.of(keys[0]), grants), [Part(SealedVault.of(keys[0])) for _ in range(PARTS)]
    )
    threads = [
        threading.Thread(target=deployment.work, args=(number, random.Random(chance.random())), daemon=True) for number in range(PARTS)
    ]
    for thread in threads:
        thread.start()

    for old, new in pairwise(keys):
        rotate(deployment, old, new)

    deployment.ended.set()
    for thread in threads:
        thread.join(timeout=30)
    told("vault", tokens=2 * grants, rotations=rotations, failures=len(deployment.failures), **deployment.counts)
    assert deployment.failures == []
    assert min(deployment.counts[each] for each in ("reads", "writes", "resealed")) > 0
    assert_all_are_current(deployment, SealedVault.of(keys[-1]))


def rotate(deployment: Deployment, old: str, new: str) -> None:
    """As docs/guides/connect.md says: behind, in front, seal anew, take the old one out. Every part restarts by itself."""
    for words in (f"{old},{new}", f"{new},{old}"):
        for part in deployment.parts:
            part.restart(words)
    done = reseal(deployment.database, SealedVault.of(f"{new},{old}"))
    assert done.unreadable == 0
    deployment.counts["resealed"] += done.resealed
    assert reseal(deployment.database, SealedVault.of(f"{new},{old}")).resealed == 0
    for part in deployment.parts:
        part.restart(new)


def assert_all_are_current(deployment: Deployment, vault: SealedVault) -> None:
    """Every token is sealed with the newest key alone, and is the last one that was written."""
    for tenant_id in {name.tenant_id for name in deployment.grants}:
        with deployment.database.begin(tenant_id) as uow:
            kept = [(name, uow.connections.tokens(name.connection_id)) for name in deployment.grants if name.tenant_id == tenant_id]
        for name, tokens in kept:
            assert tokens.refresh_token is not None
            assert vault.is_current(tokens.refresh_token)
            expected = deployment.expected.get(name.connection_id, tokens_of(name, 0).access_token)
            assert opened(vault, name, "access_token", tokens.access_token) == expected


def test_a_part_that_still_has_the_old_keys_only_fails_where_the_new_one_came_first_at_once(database: Database):
    """Why the guide has two restarts: without the first one a part would meet what it cannot open."""
    old, new = new_keys("old"), new_keys("new")
    (name, *_) = put_grants(database, SealedVault.of(old), 2)
    with database.begin(name.tenant_id) as uow:
        uow.connections.reseal(name.connection_id, sealed(SealedVault.of(f"{new},{old}"), name, tokens_of(name, 0)))
        kept = uow.connections.tokens(name.connection_id)

    with pytest.raises(Unacceptable, match="does not hold"):
        opened(SealedVault.of(old), name, "access_token", kept.access_token)
    assert opened(SealedVault.of(f"{old},{new}"), name, "access_token", kept.access_token)


def test_a_sealed_token_that_is_put_into_another_row_column_or_workspace_opens_nowhere(database: Database):
    vault = SealedVault.of(new_keys("one"))
    names = put_grants(database, vault, 6)
    places = [(name, column) for name in names for column in COLUMNS]
    kept = {}
    for name, column in places:
        with database.begin(name.tenant_id) as uow:
            kept[name, column] = getattr(uow.connections.tokens(name.connection_id), column)

    for source, target in permutations(places, 2):
        with pytest.raises(Unacceptable, match="belongs to something else"):
            opened(vault, *target, kept[source])
    for place in places:
        assert opened(vault, *place, kept[place])


def test_rows_that_were_swapped_in_the_database_are_refused_and_sealing_anew_does_not_make_them_good(fresh: Database):
    """Whoever may write to the database, yet has no key, hands no workspace's token to another."""
    old, new = new_keys("old"), new_keys("new")
    names = put_grants(fresh, SealedVault.of(old), 2)
    swap = "update connections set access_token = :token where connection_id = :id"
    found = []
    for name in names:
        with fresh.begin(name.tenant_id) as uow:
            found.append(uow.connections.tokens(name.connection_id).access_token)
    for name, token in zip(names, reversed(found), strict=True):
        with fresh.begin(name.tenant_id) as uow:
            uow.connection.execute(sa.text(swap), {"token": token, "id": name.connection_id})

    done = reseal(fresh, SealedVault.of(f"{new},{old}"))

    assert (done.resealed, done.unreadable) == (0, 2)
    for name in names:
        with fresh.begin(name.tenant_id) as uow, pytest.raises(Unacceptable):
            opened(SealedVault.of(f"{new},{old}"), name, "access_token", uow.connections.tokens(name.connection_id).access_token)
