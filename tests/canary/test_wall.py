"""The wall between workspaces, from outside: every route as somebody else; and that the campaign would notice a hole."""

from collections.abc import Sequence
from pathlib import Path

import prometheus_client
import pytest
import sqlalchemy as sa

from store.database import Database
from store.ids import new_id
from tests.canary.calling import Door
from tests.canary.conftest import Stages
from tests.canary.hints import DEAR
from tests.canary.mutants import Statements, watch
from tests.canary.reaching import OPERATORS, Reach
from tests.canary.records import Record
from tests.canary.replay import Replay
from tests.canary.routes import Operation
from tests.canary.stage import Stage, staged
from tests.canary.words import canaries
from tests.conftest import TestUrls, make_urls

# With those of the other claims of this folder 5,000.
REQUESTS = 2_400
# The halves run side by side where there are two workers.
SEEDS = (7_001, 7_002)
# Of those that a build without walls lays open: reading, writing, a stream.
OPEN = {
    "GET /api/v1/accounts/{account_id}", "GET /api/v1/requests/{request_id}", "GET /api/v1/requests/{request_id}/events",
    "PUT /api/v1/collections/{collection_id}", "PATCH /api/v1/channels/{channel_id}", "GET /api/v1/media/{media_id}/file",
}  # fmt: skip


async def replayed(stage: Stage, requests: int, *, seed: int, operations: Sequence[Operation] | None = None) -> Record:
    """The newest workspace against its neighbours."""
    door = Door(stage.app)
    replay = Replay(stage, door, stage.residents[-1], seed=seed, operations=operations)
    for owner in stage.residents[:-1]:
        await replay.harvest(owner)
    return await replay.play(requests)


def test_an_owner_gets_through_every_operation_of_the_document(stage: Stage) -> None:
    (owner,) = stage.settle(1)
    reach = Reach(stage, Door(stage.app), owner)

    faults = stage.play(reach.faults(stage.operations))

    assert not faults, "\n".join(faults)
    assert {each.name for each in stage.operations} >= DEAR
    assert len(reach.shown) > 150, "hardly a canary is shown to its owner: the campaign would see no leak"


def test_what_the_others_have_used_stays_to_be_seen_when_a_workspace_may_begin_anew(stage: Stage) -> None:
    mine, theirs = stage.settle(2)
    used = sa.text("select count(*) from usage_counters where tenant_id = :id")

    stage.forget_meters(mine)

    with stage.superuser.connect() as connection:
        left = [connection.execute(used, {"id": each.member.tenant_id}).scalar_one() for each in (mine, theirs)]
    assert left[0] == 0
    assert left[1] > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_of_a_neighbour_is_shown_or_told_from_nothing(stage: Stage, seed: int) -> None:
    stage.settle(1)

    record = stage.play(replayed(stage, REQUESTS // len(SEEDS), seed=seed))

    print(record.summary())  # noqa: T201 - the seed, for whoever reads a failure
    assert not record.faults, "\n".join(record.faults)
    assert set(record.played) == {each.name for each in stage.operations}
    assert record.statuses[429] < 0.05 * record.requests, "told to wait, the campaign tests nothing"
    assert canaries(prometheus_client.generate_latest()) == set()


@pytest.mark.parametrize("wall", ["the database's", "the code's"])
def test_one_wall_alone_holds(settled: Stages, campaign: TestUrls, wall: str) -> None:
    statements = Statements(is_filtered=wall == "the code's")
    url = campaign.app if wall == "the database's" else campaign.superuser.replace("postgresql://", "postgresql+psycopg://")
    stage = settled(2, database=watch(Database(url), statements))

    inside = [each for each in stage.operations if not (each.is_public or each.path.startswith(OPERATORS))]

    record = stage.play(replayed(stage, 0, seed=7_003, operations=inside))

    assert not record.faults, "\n".join(record.faults)
    assert statements.stripped > 200 or wall == "the code's"


def test_who_administers_the_platform_is_a_stranger_in_a_neighbours_workspace(settled: Stages) -> None:
    """Outside /admin, an administrator is a member like others."""
    stage = settled(2)
    with stage.superuser.begin() as connection:
        boss = {"user": stage.residents[-1].member.user_id}
        connection.execute(sa.text("update users set is_platform_admin = true where user_id = :user"), boss)
    inside = [each for each in stage.operations if not (each.is_public or each.path.startswith(OPERATORS))]

    record = stage.play(replayed(stage, 0, seed=7_005, operations=inside))

    assert not record.faults, "\n".join(record.faults)
    assert set(record.played) == {each.name for each in inside}


def test_with_neither_wall_the_campaign_sees_the_leaks(superuser_url: str, tmp_path: Path) -> None:
    # On a database of its own: without walls, what others left there counts as one's own.
    urls = make_urls(superuser_url, f"open_{new_id().hex}")
    open_to_all = watch(Database(urls.superuser.replace("postgresql://", "postgresql+psycopg://")), Statements(is_filtered=False))
    with staged(urls, tmp_path, database=open_to_all) as stage:
        stage.settle(2)
        some = [each for each in stage.operations if each.name in OPEN]

        # Four rounds of each, whatever it costs: not in every one is a neighbour's id lent.
        record = stage.play(replayed(stage, 0, seed=7_004, operations=some * 4))

    leaked = {fault.partition(":")[0] for fault in record.faults if " in the answer" in fault}
    told = {fault.partition(":")[0] for fault in record.faults if "is told from nobody's" in fault}
    assert (leaked, told) == (OPEN - {"PUT /api/v1/collections/{collection_id}"}, OPEN)
