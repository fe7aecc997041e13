"""Every request has exactly one effect, whatever is killed, deleted or done twice."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest

from gateways.fork_client import ForkClient
from tests.stack.running import Whyral, Workspace, is_gone, posts, tell, until

pytestmark = pytest.mark.stack

LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) { __typename
  ... on LaunchRunSuccess { run { runId } } } }"""
BACKFILL = """mutation ($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) { __typename
  ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
SELECTOR = {"repositoryLocationName": "whyral", "repositoryName": "__repository__"}
ENDED = {"SUCCESS", "CANCELED", "FAILURE"}
# Videos and moments of an import that is in the middle for a while: rows come in by batches of 20,000.
SEVERAL_BATCHES = (300, 150)
ROWS = 45_000
DERIVED = ["core_accounts__totals", "core_accounts__days"]


@pytest.fixture(scope="module", autouse=True)
def backfill(whyral: Whyral) -> Iterator[tuple[Workspace, str]]:
    """A backfill of one tenant and its id. Dagster looks for backfills twice a minute: it comes through while other tests run."""
    if whyral.process is None:
        whyral.start()
    workspace = whyral.workspace()
    params = {"assetSelection": [{"path": [name]} for name in DERIVED], "partitionNames": [workspace.tenant_id]}
    yield workspace, str(whyral.graphql(BACKFILL, params=params)["launchPartitionBackfill"]["backfillId"])
    workspace.http.close()


def launch(stack: Whyral, job: str, **tags: str) -> str:
    """A run as the Dagster UI starts it; its id."""
    words = [{"key": name.replace("__", "/"), "value": value} for name, value in tags.items()]
    params = {"selector": {**SELECTOR, "jobName": job}, "executionMetadata": {"tags": words}}
    answer = stack.graphql(LAUNCH, params=params)["launchRun"]
    assert answer["__typename"] == "LaunchRunSuccess", answer
    return str(answer["run"]["runId"])


def status(stack: Whyral, run_id: str) -> str:
    found = stack.graphql("query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)
    return str(found["runOrError"].get("status"))


def runs_of(stack: Whyral, request_id: str) -> list[dict[str, Any]]:
    return stack.runs(whyral__request_id=request_id)


def is_one_effect(stack: Whyral, request_id: str) -> bool:
    """However many runs were launched: in the end one has done the work, and the others found it taken."""
    until(lambda: {run["status"] for run in runs_of(stack, request_id)} <= ENDED, "the end of all runs")
    statuses = [run["status"] for run in runs_of(stack, request_id)]
    return sorted(statuses, reverse=True) == ["SUCCESS", *["CANCELED"] * (len(statuses) - 1)]


def followed(workspace: Workspace, request_id: str) -> list[str]:
    """The names of the events of its live timeline, to the end."""
    with httpx.stream(
        "GET", f"{workspace.http.base_url}requests/{request_id}/events", headers=workspace.http.headers, timeout=90
    ) as answer:
        return [line.removeprefix("event:").strip() for line in answer.iter_lines() if line.startswith("event:")]


def test_a_request_runs_and_its_life_is_shown_live(stack: Whyral, workspace: Workspace) -> None:
    request_id = workspace.ask()

    states = followed(workspace, request_id)

    ended = workspace.request(request_id)
    assert (ended["state"], ended["attempt"], ended["progress"]) == ("succeeded", 1, 1.0)
    assert ended["run_id"] in [run["runId"] for run in runs_of(stack, request_id)]
    assert is_one_effect(stack, request_id)
    assert (states[0], states[-1]) == ("pending", "succeeded")
    assert "running" in states


def test_the_same_request_launched_twice_has_one_effect_and_alarms_nobody(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(5))
    request_id = str(made["request_id"])
    own = {"whyral__request_id": request_id, "whyral__attempt": "1", "dagster__partition": workspace.tenant_id}

    twin = launch(stack, "import_file", **own)

    assert workspace.ended(request_id)["state"] == "succeeded"
    assert twin in [run["runId"] for run in runs_of(stack, request_id)]
    assert is_one_effect(stack, request_id)
    found = workspace.get(f"/imports/{made['import_id']}")
    assert (found["rows"], found["accepted"], found["unchanged"]) == (5, 5, 0)
    assert workspace.alerts(stack) == 0


def test_a_killed_worker_leaves_nothing_behind_and_the_next_attempt_does_the_work(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(*SEVERAL_BATCHES))
    until(lambda: "rows" in workspace.request(made["request_id"])["note"], "rows coming in")
    worker = stack.worker(workspace.request(made["request_id"])["run_id"])
    below = worker.children(recursive=True)

    worker.kill()

    began = time.monotonic()
    until(lambda: all(is_gone(each) for each in [worker, *below]), "the end of what the worker had started", seconds=15)
    gone = time.monotonic() - began
    ended = workspace.ended(made["request_id"])
    found = workspace.get(f"/imports/{made['import_id']}")
    [snapshots] = stack.sql("select count(*) from video_snapshots where tenant_id = %s", workspace.tenant_id)
    tell(f"worker killed: nothing left after {gone:.1f} s, attempt 2 ended after {time.monotonic() - began:.1f} s")
    assert (ended["state"], ended["attempt"]) == ("succeeded", 2)
    assert (found["rows"], found["accepted"] + found["updated"] + found["unchanged"], found["rejected"]) == (ROWS, ROWS, 0)
    assert snapshots == (ROWS,)
    assert workspace.alerts(stack) == 0


EXPIRE = """with free as (select tenant_id, request_id from requests where request_id = %s for update skip locked)
  update requests set lease_until = now() - interval '1 second' from free
  where (requests.tenant_id, requests.request_id) = (free.tenant_id, free.request_id) returning 1"""


def is_paused_between_writes(stack: Whyral, worker: psutil.Process, request_id: str) -> bool:
    """Paused and its lease run out. In the middle of a write it holds its claim's row, and nobody takes over before it lets go."""
    worker.suspend()
    if stack.sql(EXPIRE, request_id):
        return True
    worker.resume()
    return False


def test_a_frozen_worker_loses_its_work_and_never_wakes(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(*SEVERAL_BATCHES))
    until(lambda: "rows" in workspace.request(made["request_id"])["note"], "rows coming in")
    first = workspace.request(made["request_id"])["run_id"]
    worker = stack.worker(first)
    until(lambda: is_paused_between_writes(stack, worker, made["request_id"]), "the worker pausing between two writes")

    until(lambda: is_gone(worker), "the end of the frozen worker")

    ended = workspace.ended(made["request_id"])
    [snapshots] = stack.sql("select count(*) from video_snapshots where tenant_id = %s", workspace.tenant_id)
    assert (ended["state"], ended["attempt"], snapshots) == ("succeeded", 2, (ROWS,))
    assert status(stack, first) == "FAILURE"


@pytest.mark.chaos
def test_no_run_stays_started_for_a_minute_without_a_heartbeat(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(*SEVERAL_BATCHES))
    until(lambda: "rows" in workspace.request(made["request_id"])["note"], "rows coming in")
    first = workspace.request(made["request_id"])["run_id"]
    worker = stack.worker(first)

    worker.suspend()

    until(lambda: status(stack, first) == "FAILURE", "the end of the frozen run in Dagster", seconds=60)
    until(lambda: is_gone(worker), "the end of its process", seconds=5)
    ended = workspace.ended(made["request_id"])
    [snapshots] = stack.sql("select count(*) from video_snapshots where tenant_id = %s", workspace.tenant_id)
    assert (ended["state"], ended["attempt"], snapshots) == ("succeeded", 2, (ROWS,))


@pytest.mark.chaos
def test_a_run_outlives_whoever_launched_it(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(*SEVERAL_BATCHES))
    until(lambda: "rows" in workspace.request(made["request_id"])["note"], "rows coming in")
    first = workspace.request(made["request_id"])["run_id"]
    killed = {part: stack.kill(part) for part in ("daemon", "webserver", "code-server")}
    until(lambda: all(stack.pid(part) != process.pid for part, process in killed.items()), "the new daemon, webserver and code server")

    ended = workspace.ended(made["request_id"])

    assert (ended["state"], ended["attempt"], ended["run_id"]) == ("succeeded", 1, first)
    until(lambda: is_well(stack), "the webserver is back")
    until(lambda: status(stack, first) == "SUCCESS", "the end of the run")


@pytest.mark.chaos
def test_after_a_crash_of_everything_the_work_is_done_again_and_no_run_stays_started(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(*SEVERAL_BATCHES))
    until(lambda: "rows" in workspace.request(made["request_id"])["note"], "rows coming in")
    first = workspace.request(made["request_id"])["run_id"]
    assert stack.process is not None
    for each in reversed(stack.family()):
        with suppress(psutil.NoSuchProcess):  # it went with another
            each.kill()
    stack.process.wait()

    stack.start()

    until(lambda: status(stack, first) == "FAILURE", "the end of the lost run in Dagster", seconds=60)
    ended = workspace.ended(made["request_id"])
    [snapshots] = stack.sql("select count(*) from video_snapshots where tenant_id = %s", workspace.tenant_id)
    assert (ended["state"], ended["attempt"], snapshots) == ("succeeded", 2, (ROWS,))


@pytest.mark.chaos
def test_a_live_run_is_ended_within_seconds_when_its_request_is_canceled(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(*SEVERAL_BATCHES))
    until(lambda: "rows" in workspace.request(made["request_id"])["note"], "rows coming in")
    first = workspace.request(made["request_id"])["run_id"]
    worker = stack.worker(first)

    workspace.http.delete(f"/requests/{made['request_id']}")

    until(lambda: is_gone(worker), "the end of its process", seconds=15)
    assert workspace.ended(made["request_id"])["state"] == "canceled"
    until(lambda: status(stack, first) == "CANCELED", "the end of the run", seconds=30)


def test_when_the_launcher_is_killed_its_workers_die_with_it_and_the_work_is_done_again(stack: Whyral, workspace: Workspace) -> None:
    made = workspace.send(posts(*SEVERAL_BATCHES))
    until(lambda: "rows" in workspace.request(made["request_id"])["note"], "rows coming in")
    first = workspace.request(made["request_id"])["run_id"]
    worker = stack.worker(first)

    stack.kill("launcher")

    until(lambda: is_gone(worker), "the end of its workers", seconds=5)
    ended = workspace.ended(made["request_id"])
    assert (ended["state"], ended["attempt"]) == ("succeeded", 2)
    assert status(stack, first) == "FAILURE"


def test_nothing_but_one_thread_is_in_the_process_that_is_forked(stack: Whyral) -> None:
    health = ForkClient(stack.home / "run" / "launcher.sock").health()

    assert (health["ok"], health["threads"], health["pid"]) == (True, 1, stack.pid("launcher"))


def test_the_daemon_killed_between_poke_and_launch(stack: Whyral, workspace: Workspace) -> None:
    killed = stack.kill("daemon")
    request_id = workspace.ask()

    ended = workspace.ended(request_id)

    assert stack.pid("daemon") != killed.pid
    assert (ended["state"], ended["attempt"], is_one_effect(stack, request_id)) == ("succeeded", 1, True)


@pytest.mark.chaos
def test_with_the_webserver_away_the_sensor_launches(stack: Whyral, workspace: Workspace) -> None:
    stack.kill("webserver")
    request_id = workspace.ask()
    assert workspace.request(request_id)["state"] == "pending"

    ended = workspace.ended(request_id)

    until(lambda: is_well(stack), "the webserver is back")
    [run] = [each for each in runs_of(stack, request_id) if each["runId"] == ended["run_id"]]
    assert (ended["state"], run["tags"]["dagster/sensor_name"]) == ("succeeded", "requests")
    assert is_one_effect(stack, request_id)


def is_well(stack: Whyral) -> bool:
    try:
        return bool(runs_of(stack, "nobody") == [])
    except httpx.TransportError:
        return False


@pytest.mark.chaos
def test_the_code_server_comes_back_at_its_address_and_serves(stack: Whyral, workspace: Workspace) -> None:
    killed = stack.kill("code-server")
    until(lambda: stack.pid("code-server") != killed.pid, "the new code server")

    ended = workspace.ended(workspace.ask())

    assert (ended["state"], ended["attempt"]) == ("succeeded", 1)


@pytest.mark.chaos
def test_a_run_deleted_from_the_queue_is_launched_again(stack: Whyral, workspace: Workspace) -> None:
    daemon, launcher = (psutil.Process(stack.pid(part)) for part in ("daemon", "launcher"))
    daemon.suspend()
    launcher.suspend()  # it tells nobody that it has a place
    try:
        request_id = workspace.ask()
        [lost] = until(lambda: [run for run in runs_of(stack, request_id) if run["status"] == "QUEUED"], "the run in the queue")
        stack.graphql("mutation ($id: String!) { deleteRun(runId: $id) { __typename } }", id=lost["runId"])
        stack.sql("update requests set launched_at = launched_at - interval '10 minutes' where request_id = %s", request_id)
    finally:
        launcher.resume()
        daemon.resume()

    ended = workspace.ended(request_id)

    assert (ended["state"], ended["attempt"]) == ("succeeded", 1)
    assert ended["run_id"] != lost["runId"]
    assert is_one_effect(stack, request_id)


def test_a_run_from_the_ui_is_recorded_as_manual(stack: Whyral, workspace: Workspace) -> None:
    run_id = launch(stack, "publish_insights", dagster__partition=workspace.tenant_id)

    until(lambda: status(stack, run_id) == "SUCCESS", "the end of the run")

    [recorded] = workspace.get("/requests")["items"]
    assert (recorded["kind"], recorded["run_id"], recorded["state"]) == ("manual", run_id, "succeeded")


def test_a_backfill_of_one_tenant_comes_through(stack: Whyral, backfill: tuple[Workspace, str]) -> None:
    workspace, backfill_id = backfill

    query = "query ($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
    until(lambda: stack.graphql(query, id=backfill_id)["partitionBackfillOrError"]["status"] == "COMPLETED_SUCCESS", "the backfill")
    [recorded] = workspace.get("/requests")["items"]
    assert (recorded["kind"], recorded["state"]) == ("manual", "succeeded")
