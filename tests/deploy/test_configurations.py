"""The instances in deploy/ and the root's, read as Dagster reads them and held against one another."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster._core.instance.ref import InstanceRef

from resources.launcher import ExpressRunCoordinator
from tests.test_floors import OURS

ROOT = Path(__file__).parents[2]


def text_of_k8s() -> str:
    """It is a file inside a ConfigMap."""
    documents = yaml.safe_load_all((ROOT / "deploy" / "k8s" / "20-configuration.yaml").read_text(encoding="utf-8"))
    [text] = [each["data"]["dagster.yaml"] for each in documents if "dagster.yaml" in each["data"]]
    return str(text)


TEXTS: dict[str, Callable[[], str]] = {
    "root": lambda: (ROOT / "dagster.yaml").read_text(encoding="utf-8"),
    "celery": lambda: (ROOT / "deploy" / "celery" / "dagster.yaml").read_text(encoding="utf-8"),
    "k8s": text_of_k8s,
}


def blocks(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(TEXTS[name]())
    return found


@pytest.fixture(params=TEXTS)
def instance(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    """As the daemon opens it, but on files of the test instead of a PostgreSQL."""
    monkeypatch.setenv("WHYRAL_LIVE_RUNS", "7")
    monkeypatch.setenv("WHYRAL_DAGSTER_DIR", str(tmp_path / "dagster"))
    (tmp_path / "dagster.yaml").write_text(TEXTS[request.param](), encoding="utf-8")
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(tmp_path), overrides={"storage": {"sqlite": {"base_dir": str(tmp_path)}}}))


def test_dagster_takes_the_file_and_its_queue_keeps_to_the_variable(instance: dg.DagsterInstance) -> None:
    with instance:
        found = instance.get_concurrency_config()

        assert isinstance(instance.run_coordinator, ExpressRunCoordinator)
        assert found.run_queue_config is not None
        assert (found.run_queue_config.max_concurrent_runs, found.pool_config.default_pool_limit) == (7, 2)


def test_a_file_that_dagster_refuses_would_be_found(tmp_path: Path) -> None:
    limited = blocks("celery")
    limited["run_coordinator"] |= {"module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator"}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(limited), encoding="utf-8")

    with pytest.raises(dg.DagsterInvalidConfigError, match="incompatible with the `concurrency > runs` config"):
        InstanceRef.from_dir(str(tmp_path))


@pytest.mark.parametrize(("name", "launcher"), [("celery", "CeleryRunLauncher"), ("k8s", "K8sRunLauncher")])
def test_an_instance_differs_in_what_starts_runs_only(name: str, launcher: str) -> None:
    found, ours = blocks(name), blocks("root")

    assert (found.pop("run_launcher")["class"], ours.pop("run_launcher")["class"]) == (launcher, "WarmRunLauncher")
    assert found == ours


def test_the_image_has_every_floor() -> None:
    copied = {
        line.split()[1] for line in (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines() if line.startswith("COPY")
    }

    assert set(OURS) - copied == set()
