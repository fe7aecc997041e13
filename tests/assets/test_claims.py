"""Claims, with small assets of the test's own on the real database: one effect each, canceled, failed, taken over or waiting."""

import threading
import time
from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa
from dagster._core.errors import DagsterExecutionInterruptedError

from assets import claims
from assets.claims import claim
from assets.partitions import tenants
from domain.errors import SourceRefused, SourceUnavailable
from domain.requests import Request, State
from services import requests as verbs
from services.work import Work
from store.database import Database
from tests.assets.conftest import Graph

Body = Callable[[Work], None]


def steps(*bodies: Body, patience_seconds: float = 0, look_seconds: float = 0) -> dg.Definitions:
    """One asset per body, each after the other, in a job `work`."""

    def made(number: int, body: Body) -> dg.AssetsDefinition:
        @dg.asset(name=f"step_{number}", partitions_def=tenants, deps=[f"step_{number - 1}"] if number else [])
        def step(context: dg.AssetExecutionContext, database: dg.ResourceParam[Database]) -> None:
            with claim(context, database, patience_seconds=patience_seconds, look_seconds=look_seconds) as work:
                body(work)

        return step

    assets = [made(number, body) for number, body in enumerate(bodies)]
    return dg.Definitions(assets=assets, jobs=[dg.define_asset_job("work", selection=assets)], executor=dg.in_process_executor)


def ask(graph: Graph) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return verbs.ask(uow, "insights", {})


def get(graph: Graph, request: Request) -> Request:
    with graph.database.begin(graph.tenant_id) as uow:
        return uow.requests.get(request.request_id)


def run(graph: Graph, defs: dg.Definitions, request: Request | None = None, **words: Any) -> dg.DagsterRun:
    """The run, as it ended."""
    job = dg.Definitions(
        assets=defs.assets, asset_checks=defs.asset_checks, jobs=defs.jobs, resources={"database": graph.database}, executor=defs.executor
    ).resolve_job_def("work")
    done = job.execute_in_process(
        instance=graph.instance, partition_key=str(graph.tenant_id), tags=request.tags if request else {}, raise_on_error=False, **words
    )
    ended = graph.instance.get_run_by_id(done.run_id)
    assert ended is not None
    return ended


def write(work: Work, name: str) -> None:
    with work.begin() as uow:
        uow.trust.note(name, "row", actor=None)


def written(graph: Graph) -> list[str]:
    """What the steps have written, as it was committed."""
    with graph.database.begin(graph.tenant_id) as uow:
        return list(uow.connection.execute(sa.text("select action from audit_log where action like 'wrote%' order by at")).scalars())


def alerts(graph: Graph) -> list[str]:
    with graph.database.begin(graph.tenant_id) as uow:
        return [alert.kind for alert in uow.trust.alerts()]


def change(graph: Graph, statement: str) -> None:
    with graph.database.begin(graph.tenant_id) as uow:
        uow.connection.execute(sa.text(statement))


def nothing(work: Work) -> None:
    """A step that has nothing to do."""


def test_work_that_is_canceled_writes_nothing_more(graph: Graph) -> None:
    request = ask(graph)

    def canceled_between(work: Work) -> None:
        write(work, "wrote before")
        with graph.database.begin(graph.tenant_id) as uow:
            uow.requests.cancel(request.request_id)
        write(work, "wrote after")

    ended = run(graph, steps(canceled_between, nothing), request)

    assert (get(graph, request).state, ended.status) == (State.CANCELED, dg.DagsterRunStatus.FAILURE)
    assert (written(graph), alerts(graph)) == (["wrote before"], [])


def test_work_that_is_canceled_at_its_very_end_is_canceled(graph: Graph) -> None:
    request = ask(graph)

    def canceled_last(work: Work) -> None:
        with graph.database.begin(graph.tenant_id) as uow:
            uow.requests.cancel(request.request_id)

    run(graph, steps(canceled_last), request)

    assert get(graph, request).state is State.CANCELED


def test_what_the_outside_world_spoils_waits_for_its_next_attempt(graph: Graph) -> None:
    request = ask(graph)

    def away(work: Work) -> None:
        raise SourceUnavailable("platform", "429")

    ended = run(graph, steps(away), request)

    now = get(graph, request)
    assert (now.state, now.attempt, now.run_id, ended.status) == (State.PENDING, 2, None, dg.DagsterRunStatus.FAILURE)
    assert now.error is not None
    assert (now.error["code"], now.error["step"], now.error["is_retryable"]) == ("source_unavailable", "step_0", True)
    assert (now.not_before > now.created_at, alerts(graph)) == (True, [])


@pytest.mark.parametrize(("error", "code"), [(SourceRefused("platform", "no"), "source_refused"), (ZeroDivisionError("oops"), "bug")])
def test_what_waiting_does_not_mend_fails_at_once_and_is_told(graph: Graph, error: Exception, code: str) -> None:
    request = ask(graph)

    def broken(work: Work) -> None:
        raise error

    run(graph, steps(broken), request)

    now = get(graph, request)
    assert (now.state, now.attempt, now.error and now.error["code"]) == (State.FAILED, 1, code)
    assert alerts(graph) == ["request_failed"]


def test_a_late_attempt_cannot_write_and_spoils_nothing(graph: Graph) -> None:
    request = ask(graph)

    def taken_over(work: Work) -> None:
        write(work, "wrote first")
        with graph.database.begin(graph.tenant_id) as uow:
            uow.requests.fail(uow.requests.get(request.request_id), error={"code": "lease_expired"}, retryable=True)
            uow.requests.claim(request.request_id, 2, "another run")
        write(work, "wrote late")

    run(graph, steps(taken_over), request)

    now = get(graph, request)
    assert (now.state, now.attempt, now.run_id, written(graph)) == (State.RUNNING, 2, "another run", ["wrote first"])


def test_a_transaction_that_began_before_is_waited_for(graph: Graph) -> None:
    """Whoever writes holds the claim's row: no reaper ends the attempt between its write and its commit."""
    request = ask(graph)
    change(graph, "update requests set lease_until = null")

    def writes_slowly(work: Work) -> None:
        with work.begin() as uow:
            uow.connection.execute(sa.text("update requests set lease_until = now() - interval '1 hour'"))
            with graph.database.begin_system() as system:
                assert [each for each in system.requests.expired() if each.tenant_id == graph.tenant_id] == []
            uow.trust.note("wrote it", "row", actor=None)
            uow.requests.keep_alive(request.request_id, 1, work.request.run_id or "")

    run(graph, steps(writes_slowly), request)

    assert (get(graph, request).state, written(graph)) == (State.SUCCEEDED, ["wrote it"])


def test_the_heartbeat_keeps_a_long_step_alive(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "HEARTBEAT_SECONDS", 0.02)
    request = ask(graph)

    def long(work: Work) -> None:
        change(graph, "update requests set lease_until = now() - interval '1 hour'")
        deadline = time.monotonic() + 20
        while not is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_alive()

    def is_alive() -> bool:
        with graph.database.begin(graph.tenant_id) as uow:
            return bool(uow.connection.execute(sa.text("select lease_until > now() from requests")).scalar_one())

    run(graph, steps(long), request)

    assert get(graph, request).state is State.SUCCEEDED


def test_a_run_that_waits_between_its_steps_keeps_its_claim(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    """As before a full pool: whoever's lease runs out is killed, and another attempt would wait just as long."""
    monkeypatch.setattr(claims, "HEARTBEAT_SECONDS", 0.02)
    request, seen = ask(graph), list[bool]()
    defs = steps(nothing, nothing)
    first = next(each for each in defs.assets or () if isinstance(each, dg.AssetsDefinition))

    @dg.asset_check(asset=first, blocking=True)
    def stands(database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
        change(graph, "update requests set lease_until = now() - interval '1 hour'")
        deadline = time.monotonic() + 20
        while not seen and time.monotonic() < deadline:
            with graph.database.begin(graph.tenant_id) as uow:
                seen.extend(uow.connection.execute(sa.text("select true from requests where lease_until > now()")).scalars())
        return dg.AssetCheckResult(passed=True)

    waiting = dg.Definitions(assets=defs.assets, asset_checks=[stands], jobs=defs.jobs, executor=defs.executor)
    run(graph, waiting, request)

    assert (seen, get(graph, request).state) == ([True], State.SUCCEEDED)


def test_progress_is_a_share_of_all_steps(graph: Graph) -> None:
    request, seen = ask(graph), []

    def half(work: Work) -> None:
        work.report(0.5, "half of it")
        seen.append((get(graph, request).progress, get(graph, request).note))

    run(graph, steps(half, half), request)

    assert (seen, get(graph, request).progress) == ([(0.25, "half of it"), (0.75, "half of it")], 1.0)


def test_a_request_succeeds_only_with_the_last_step(graph: Graph) -> None:
    request, seen = ask(graph), []

    def looks(work: Work) -> None:
        seen.append(get(graph, request).state)

    run(graph, steps(looks, looks), request)

    assert (seen, get(graph, request).state) == ([State.RUNNING, State.RUNNING], State.SUCCEEDED)


def test_a_run_of_some_of_the_assets_succeeds_with_the_last_of_these(graph: Graph) -> None:
    ended = run(graph, steps(nothing, nothing, nothing), asset_selection=[dg.AssetKey("step_1")])

    with graph.database.begin(graph.tenant_id) as uow:
        recorded = uow.requests.of_run(ended.run_id)
    assert recorded is not None
    assert (recorded.kind, recorded.state, recorded.steps_done) == ("manual", State.SUCCEEDED, ("step_1",))


def test_a_run_that_nobody_asked_for_waits_in_vain_and_is_skipped(graph: Graph) -> None:
    busy = ask(graph)
    with graph.database.begin(graph.tenant_id) as uow:
        uow.requests.claim(busy.request_id, 1, "other run")

    ended = run(graph, steps(lambda work: write(work, "wrote anyway")))

    with graph.database.begin(graph.tenant_id) as uow:
        skipped, *others = [each for each in uow.requests.page(limit=10) if each.request_id != busy.request_id]
    assert (skipped.kind, skipped.state, skipped.run_id, others) == ("manual", State.SKIPPED, ended.run_id, [])
    assert (ended.status, written(graph), alerts(graph)) == (dg.DagsterRunStatus.CANCELED, [], [])


def test_a_run_of_a_suspended_workspace_does_nothing_and_goes_on_once_it_is_restored(graph: Graph) -> None:
    asked = ask(graph)
    with graph.database.begin(graph.tenant_id) as uow:
        uow.overrides.suspend("a disputed payment")

    ended = run(graph, steps(lambda work: write(work, "wrote anyway")))

    with graph.database.begin(graph.tenant_id) as uow:
        skipped = next(each for each in uow.requests.page(limit=10) if each.request_id != asked.request_id)
        waiting = uow.requests.get(asked.request_id)
    assert (skipped.state, waiting.state) == (State.SKIPPED, State.PENDING)
    assert (ended.status, written(graph), alerts(graph)) == (dg.DagsterRunStatus.CANCELED, [], [])
    with graph.database.begin(graph.tenant_id) as uow:
        assert uow.overrides.restore()
    assert run(graph, steps(lambda work: write(work, "wrote"))).status is dg.DagsterRunStatus.SUCCESS


def test_a_run_that_nobody_asked_for_works_once_the_other_work_is_done(graph: Graph) -> None:
    busy = ask(graph)
    with graph.database.begin(graph.tenant_id) as uow:
        uow.requests.claim(busy.request_id, 1, "other run")

    def finish() -> None:
        with graph.database.begin(graph.tenant_id) as uow:
            uow.requests.finish_step(busy.request_id, "step", planned=["step"])

    later = threading.Timer(0.5, finish)
    later.start()
    ended = run(graph, steps(lambda work: write(work, "wrote"), patience_seconds=60))
    later.join()

    with graph.database.begin(graph.tenant_id) as uow:
        own = [each for each in uow.requests.page(limit=10) if each.request_id != busy.request_id]
    assert [(each.kind, each.state, each.run_id) for each in own] == [("manual", State.SUCCEEDED, ended.run_id)]
    assert written(graph) == ["wrote"]


def test_a_requested_run_that_finds_other_work_gives_its_place_back(graph: Graph) -> None:
    busy, request = ask(graph), ask(graph)
    with graph.database.begin(graph.tenant_id) as uow:
        uow.requests.claim(busy.request_id, 1, "other run")

    ended = run(graph, steps(nothing), request)

    now = get(graph, request)
    assert (now.state, now.attempt, ended.status) == (State.PENDING, 1, dg.DagsterRunStatus.CANCELED)


def test_a_run_ended_by_somebody_in_dagster_cancels_its_request(graph: Graph) -> None:
    request = ask(graph)

    def terminated(work: Work) -> None:
        run_id = get(graph, request).run_id
        live = graph.instance.get_run_by_id(run_id or "")
        assert live is not None
        graph.instance.report_run_canceling(live)
        raise DagsterExecutionInterruptedError

    run(graph, steps(terminated), request)

    assert get(graph, request).state is State.CANCELED


def test_a_run_stopped_with_the_machine_is_done_by_the_next_attempt(graph: Graph) -> None:
    request = ask(graph)

    def stopped(work: Work) -> None:
        raise DagsterExecutionInterruptedError

    run(graph, steps(stopped), request)

    now = get(graph, request)
    assert (now.state, now.attempt, now.error and now.error["code"], alerts(graph)) == (State.PENDING, 2, "interrupted", [])


def looks(graph: Graph, request: Request, meanwhile: Callable[[], None], *, look_seconds: float = 0) -> list[bool]:
    """What a step is told that asks whether it is still wanted, before and after something happened."""
    told: list[bool] = []

    def long_step(work: Work) -> None:
        told.append(work.is_unwanted())
        meanwhile()
        told.append(work.is_unwanted())

    run(graph, steps(long_step, look_seconds=look_seconds), request)
    return told


def cancel(graph: Graph, request: Request) -> None:
    with graph.database.begin(graph.tenant_id) as uow:
        uow.requests.cancel(request.request_id)


def test_a_long_step_is_told_that_nobody_wants_it_any_more(graph: Graph) -> None:
    request = ask(graph)

    told = looks(graph, request, lambda: cancel(graph, request))

    assert told == [False, True]
    assert get(graph, request).state is State.CANCELED


def test_a_long_step_is_told_that_another_attempt_owns_its_work(graph: Graph) -> None:
    assert looks(graph, ask(graph), lambda: change(graph, "update requests set attempt = attempt + 1")) == [False, True]


def test_a_long_step_does_not_look_all_the_time(graph: Graph) -> None:
    request = ask(graph)

    assert looks(graph, request, lambda: cancel(graph, request), look_seconds=3600) == [False, False]
