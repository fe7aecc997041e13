"""Tracked accounts in Dagster: runs of requests, of the UI, their panel, their check."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.tracking import name_of
from domain.errors import SourceRefused, SourceUnavailable
from domain.observations import Platform
from domain.ports import Platforms
from domain.requests import KINDS, SCRAPES, Request, State
from domain.sources import SourceName, Target
from services import tracking
from store.ids import new_id
from tests.assets.conftest import Graph
from tests.platforms import FakeReader, Hands

KIND = SCRAPES[Platform.TIKTOK]


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader(name=SourceName.TIKTOK_PAGES, platform=Platform.TIKTOK, bucket=None, units=0, clock=Hands(datetime.now(UTC)))


@pytest.fixture
def tiktok(graph: Graph, reader: FakeReader) -> Iterator[Graph]:
    """A workspace that tracks two accounts, with handles that no other test has."""
    reading = replace(graph, platforms=Platforms(readers=(reader,), project=new_id().hex))
    with graph.database.begin(graph.tenant_id) as uow:
        for name in ("ana", "ben"):
            made = reader.add(f"{name}.{new_id().hex[:12]}")
            tracking.track(uow, Target(Platform.TIKTOK, username=made.username), now=reader.clock())
    yield reading
    with graph.database.begin(graph.tenant_id) as uow:
        known = uow.sources.get(SourceName.TIKTOK_PAGES)
        uow.sources.put(replace(known, score=1.0, consecutive_failures=0, open_until=None, category=None))


def asked(graph: Graph) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return tracking.ask_due(uow, Platform.TIKTOK)


def panel(run: Any) -> dict[str, Any]:
    (made,) = run.asset_materializations_for_node(name_of(Platform.TIKTOK))
    return {name: each.value for name, each in made.metadata.items()}


def states(graph: Graph) -> list[str]:
    with graph.database.begin(graph.tenant_id) as uow:
        return sorted(uow.connection.execute(sa.text("select state from trackings")).scalars())


def test_a_run_reads_what_is_due_and_its_panel_tells_how_it_went(tiktok: Graph, reader: FakeReader) -> None:
    request = asked(tiktok)

    run = tiktok.run("scrape_tiktok", request)

    told = panel(run)
    assert run.success
    assert (told["accounts"], told["outcomes"], told["dagster/row_count"]) == (2, {"ok": 2}, 2)
    assert told["calls_answered_by"] == {"tiktok_pages": 4}
    assert states(tiktok) == ["live", "live"]
    with tiktok.database.begin(tiktok.tenant_id) as uow:
        assert uow.requests.get(request.request_id).state is State.SUCCEEDED
        assert uow.requests.waiting("insights") is not None
        assert uow.connection.execute(sa.text("select count(*) from account_totals")).scalar_one() == 2


def test_an_account_that_fails_is_in_the_panel_and_not_the_end(tiktok: Graph, reader: FakeReader) -> None:
    bad = next(iter(reader.accounts.values())).username
    reader.failing_keys = {f"name:{bad}": SourceUnavailable("tiktok_pages", category="blocked")}

    run = tiktok.run("scrape_tiktok", asked(tiktok))

    told = panel(run)
    assert (run.success, told["outcomes"], states(tiktok)) == (True, {"ok": 1, "blocked": 1}, ["live", "stale"])
    (row,) = told["troubled"].records if hasattr(told["troubled"], "records") else told["troubled"]
    assert (row.data["account"], row.data["failures"]) == (bad, 1)


def test_the_check_fails_where_most_accounts_do(tiktok: Graph, reader: FakeReader) -> None:
    checks = [tiktok.run("scrape_tiktok").get_asset_check_evaluations()]
    reader.fails = SourceRefused("tiktok_pages", category="private")
    with tiktok.database.begin(tiktok.tenant_id) as uow:
        uow.connection.execute(sa.text("update trackings set next_run_at = now()"))

    checks.append(tiktok.run("scrape_tiktok").get_asset_check_evaluations())

    assert [[each.passed for each in found] for found in checks] == [[True], [False]]
    assert checks[1][0].metadata["failing"].value == 2


def test_an_account_that_was_forgotten_is_overdue(tiktok: Graph) -> None:
    tiktok.run("scrape_tiktok")
    with tiktok.database.begin(tiktok.tenant_id) as uow:
        late = "next_run_at = now() - interval '3 hours', reading_until = now() + interval '1 hour'"
        uow.connection.execute(sa.text(f"update trackings set {late}"))

    (check,) = tiktok.run("scrape_tiktok").get_asset_check_evaluations()

    assert (check.passed, check.metadata["overdue"].value) == (False, 2)


def test_a_run_from_the_ui_claims_its_platform_and_takes_accounts(tiktok: Graph, reader: FakeReader) -> None:
    with tiktok.database.begin(tiktok.tenant_id) as uow:
        account = uow.connection.execute(sa.text("select account_id from accounts order by username limit 1")).scalar_one()
    config = {"ops": {name_of(Platform.TIKTOK): {"config": {"account_ids": [str(account)]}}}}

    run = tiktok.run("scrape_tiktok", run_config=config)

    with tiktok.database.begin(tiktok.tenant_id) as uow:
        recorded = uow.requests.of_run(run.run_id)
        claim = uow.connection.execute(sa.text("select claim_on from requests where run_id = :r"), {"r": run.run_id}).scalar_one()
    assert recorded is not None
    assert (recorded.kind, recorded.state, claim) == ("manual", State.SUCCEEDED, KIND)
    assert panel(run)["accounts"] == 1


def test_a_slow_platform_holds_up_no_other_work(tiktok: Graph) -> None:
    with tiktok.database.begin(tiktok.tenant_id) as uow:
        for kind in ("scrape.youtube", "insights", "clip"):
            live = uow.requests.ask(request_id=new_id(), kind=kind, subject="x", params={}, user_id=None)
            uow.requests.claim(live.request_id, 1, new_id().hex)

    assert tiktok.run("scrape_tiktok", asked(tiktok)).success


@pytest.mark.parametrize("platform", Platform)
def test_every_platform_has_its_job_its_pool_and_its_claim(graph: Graph, platform: Platform) -> None:
    kind = KINDS[SCRAPES[platform]]
    job = graph.defs.resolve_job_def(kind.job)

    (node,) = (each for each in job.graph.node_defs if each.name == name_of(platform))
    assert (kind.claim_on, kind.max_attempts) == (SCRAPES[platform], 3)
    assert isinstance(node, dg.OpDefinition)
    assert node.pool == platform.value
