"""The instances in deploy/ against the root's: what was not meant to differ does not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_floors import OURS

ROOT = Path(__file__).parents[2]


def blocks(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def instance_of_k8s() -> dict[str, Any]:
    """It is a file inside a ConfigMap."""
    documents = yaml.safe_load_all((ROOT / "deploy" / "k8s" / "20-configuration.yaml").read_text(encoding="utf-8"))
    [text] = [each["data"]["dagster.yaml"] for each in documents if "dagster.yaml" in each["data"]]
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.mark.parametrize(
    ("found", "launcher"),
    [(blocks(ROOT / "deploy" / "celery" / "dagster.yaml"), "CeleryRunLauncher"), (instance_of_k8s(), "K8sRunLauncher")],
    ids=["celery", "k8s"],
)
def test_an_instance_differs_in_what_starts_runs_only(found: dict[str, Any], launcher: str) -> None:
    ours = blocks(ROOT / "dagster.yaml")

    coordinators = [{**each.pop("run_coordinator"), **dict.fromkeys(("module", "class"))} for each in (found, ours)]
    assert (found.pop("run_launcher")["class"], ours.pop("run_launcher")["class"]) == (launcher, "WarmRunLauncher")
    assert coordinators[0] == coordinators[1]
    assert found == ours


def test_the_image_has_every_floor() -> None:
    copied = {
        line.split()[1] for line in (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8").splitlines() if line.startswith("COPY")
    }

    assert set(OURS) - copied == set()
