"""A run of ours in a real Celery worker, by the configuration in deploy/celery."""

import re

import pytest

from tests.deploy.conftest import Farm, until
from tests.stack.running import FINAL, posts

pytestmark = pytest.mark.celery


def test_an_import_of_a_tenant_is_done_by_a_worker(farm: Farm) -> None:
    workspace = farm.workspace()
    made = workspace.send(posts(5))

    until(lambda: workspace.request(made["request_id"])["state"] in FINAL, "the end of the request", farm.children)
    until(lambda: farm.run_of(made["request_id"]).status in ("SUCCESS", "FAILURE", "CANCELED"), "the end of the run", farm.children)

    run, found = farm.run_of(made["request_id"]), workspace.get(f"/imports/{made['import_id']}")
    workspace.http.close()
    assert (run.status, found["state"], found["accepted"]) == ("SUCCESS", "succeeded", 5)
    assert re.search(rf"{run.run_id} - \d+ - .* - Finished steps in process", farm.said("worker"))
