"""Exports and erasures through the real graph; what Dagster remembers of a tenant is gone after an erasure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from assets.rights import no_erasure_is_overdue
from domain.requests import State
from services.rights import erasing, exporting
from store.database import Database, MemberEntry
from tests.assets.conftest import Graph
from tests.assets.test_checks import evaluated
from tests.conftest import Member, make_member


def remembered(graph: Graph) -> dict[str, int]:
    """Rows of Dagster's storage in which the tenant's key stands."""
    found = {}
    instance: Any = graph.instance
    for connect in (instance.event_log_storage.index_connection, instance.run_storage.connect):
        with connect() as connection:
            tables = connection.exec_driver_sql("select name from sqlite_master where type = 'table'").scalars().all()
            for table in tables:
                rows = connection.exec_driver_sql(f"select * from {table}").all()
                count = sum(str(graph.tenant_id) in str(tuple(row)) for row in rows)
                if count:
                    found[table] = count
    return found


def test_an_export_that_was_asked_for_comes_out(graph: Graph, member: Member) -> None:
    with graph.database.begin(MemberEntry(member.tenant_id, member.user_id)) as uow:
        request = exporting.ask(uow)

    assert graph.run("export_tenant", request).success

    with graph.database.begin(graph.tenant_id) as uow:
        made = uow.exports.of_request(request.request_id)
        assert uow.requests.get(request.request_id).state is State.SUCCEEDED
    assert made.file_key is not None
    assert graph.files.size(made.file_key) == made.size_bytes


def test_an_erasure_leaves_nothing_in_what_dagster_remembers(graph: Graph, member: Member) -> None:
    with graph.database.begin(MemberEntry(member.tenant_id, member.user_id)) as uow:
        request = exporting.ask(uow)
    graph.run("export_tenant", request)
    before = remembered(graph)
    with graph.database.begin(MemberEntry(member.tenant_id, member.user_id)) as uow:
        erasing.ask(uow, uow.identity.profile(member.user_id).tenant_name, now=datetime.now(UTC), grace=-datetime.resolution)
    job = graph.defs.resolve_job_def("erase_tenants")

    done = job.execute_in_process(instance=graph.instance, resources=None)

    assert {"runs", "event_logs", "run_tags", "dynamic_partitions"} <= set(before)
    assert done.success
    assert remembered(graph) == {}
    with graph.database.begin(graph.tenant_id) as uow:
        assert uow.rows.left() == {}


def test_an_export_whose_file_is_gone_fails_its_check(graph: Graph, member: Member) -> None:
    with graph.database.begin(MemberEntry(member.tenant_id, member.user_id)) as uow:
        request = exporting.ask(uow)
    graph.run("export_tenant", request)
    before = evaluated(graph, "the_newest_export_is_there")
    with graph.database.begin(graph.tenant_id) as uow:
        graph.files.delete(str(uow.exports.of_request(request.request_id).file_key))

    assert (before, evaluated(graph, "the_newest_export_is_there")) == (True, False)


def is_timely(graph: Graph) -> bool:
    found = no_erasure_is_overdue(database=graph.database)
    assert isinstance(found, dg.AssetCheckResult)
    return found.passed


def test_an_erasure_that_waits_for_days_fails_its_check(fresh: Database, graph: Graph) -> None:
    alone, who = replace(graph, database=fresh), make_member(fresh)
    before = is_timely(alone)
    now = datetime.now(UTC)
    with fresh.begin(who.tenant_id) as uow:
        uow.deletions.ask(user_id=None, now=now - timedelta(days=40), due_at=now - timedelta(days=3))

    assert (before, is_timely(alone)) == (True, False)
