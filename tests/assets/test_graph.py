"""A file through the whole graph, and the same file again."""

from domain.requests import State
from tests.assets.conftest import Graph, ndjson

ROWS = [
    {"video_external_id": f"v{number}", "title": f"Post {number}", "posted_at": "2026-11-01T00:00:00Z", "observed_at": day, "views": views}
    for number in (1, 2)
    for day, views in (("2026-11-02T00:00:00Z", 10 * number), ("2026-11-03T00:00:00Z", 30 * number))
]


def test_a_file_comes_through_and_its_request_succeeds(graph: Graph) -> None:
    found, request = graph.take_in(ndjson(*ROWS))

    assert graph.run("import_file", request).success

    with graph.database.begin(graph.tenant_id) as uow:
        ended, done = uow.requests.get(request.request_id), uow.imports.get(found.import_id)
        counts = uow.connection.exec_driver_sql("select count(*) from video_snapshots").scalar_one()
        totals = uow.connection.exec_driver_sql("select videos, views from account_totals").one()
        gained = uow.connection.exec_driver_sql("select sum(views_gained) from account_days").scalar_one()
    assert (ended.state, ended.progress) == (State.SUCCEEDED, 1.0)
    assert (done.rows, done.accepted, done.videos, done.observations, done.rejected) == (4, 4, 2, 4, 0)
    assert (counts, tuple(totals), gained) == (4, (2, 90), 60)


def test_the_same_file_again_changes_nothing(graph: Graph) -> None:
    _, first = graph.take_in(ndjson(*ROWS))
    graph.run("import_file", first)
    again, second = graph.take_in(ndjson(*ROWS))

    graph.run("import_file", second)

    with graph.database.begin(graph.tenant_id) as uow:
        done = uow.imports.get(again.import_id)
        counts = uow.connection.exec_driver_sql("select count(*) from video_snapshots").scalar_one()
    assert (done.rows, done.unchanged, done.accepted, counts) == (4, 4, 0, 4)


def test_all_accounts_are_made_anew_only_where_that_is_asked(graph: Graph) -> None:
    _, request = graph.take_in(ndjson(*ROWS))
    graph.run("import_file", request)
    with graph.database.begin(graph.tenant_id) as uow:
        uow.connection.exec_driver_sql("update account_totals set views = 1")
        uow.connection.exec_driver_sql("update account_days set posts = 0")
    asked = {"ops": {name: {"config": {"is_full": True}} for name in ("core_accounts__totals", "core_accounts__days")}}

    graph.run("publish_insights")
    unchanged = _totals_and_posts(graph)
    graph.run("publish_insights", run_config=asked)

    assert (unchanged, _totals_and_posts(graph)) == ((1, 0), (90, 2))


def _totals_and_posts(graph: Graph) -> tuple[int, int]:
    with graph.database.begin(graph.tenant_id) as uow:
        found = uow.connection.exec_driver_sql(
            "select (select sum(views) from account_totals), (select sum(posts) from account_days)"
        ).one()
    return int(found[0]), int(found[1])


def test_a_duplicate_run_does_nothing_and_alarms_nobody(graph: Graph) -> None:
    _, request = graph.take_in(ndjson(*ROWS))
    graph.run("import_file", request)

    twin = graph.run("import_file", request, raise_on_error=False)

    ended = graph.instance.get_run_by_id(twin.run_id)
    assert ended is not None
    assert ended.status.value == "CANCELED"
    with graph.database.begin(graph.tenant_id) as uow:
        assert uow.requests.get(request.request_id).state is State.SUCCEEDED
        assert uow.trust.alerts() == []


def test_a_run_from_the_ui_is_recorded_as_manual(graph: Graph) -> None:
    graph.take_in(ndjson(*ROWS))

    run = graph.run("import_file")

    with graph.database.begin(graph.tenant_id) as uow:
        recorded = uow.requests.of_run(run.run_id)
        unfinished = uow.imports.unfinished()
    assert recorded is not None
    assert (recorded.kind, recorded.state, unfinished) == ("manual", State.SUCCEEDED, [])
