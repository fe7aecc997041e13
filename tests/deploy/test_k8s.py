"""deploy/k8s as far as it can be tried without a cluster: by the Kubernetes client's models, and Dagster's launcher against an API of ours.

What a real cluster makes of it (admission, scheduling, volumes, the proxy's login) is not tried.
"""

import importlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import dagster as dg
import pytest
import yaml
from dagster._core.launcher import LaunchRunContext
from dagster._core.test_utils import create_run_for_test

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "k8s"
IMAGE = "whyral:0.1.0"

pytestmark = pytest.mark.k8s

Manifest = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def with_the_extra() -> None:
    pytest.importorskip("dagster_k8s", reason="the extra `k8s` is not installed: make test-k8s installs it")


def manifests() -> list[Manifest]:
    return [each for path in sorted(FOLDER.glob("*.yaml")) for each in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def named(kind: str) -> dict[str, Manifest]:
    return {each["metadata"]["name"]: each for each in manifests() if each["kind"] == kind}


def pods() -> dict[str, Manifest]:
    return {name: each["spec"]["template"]["spec"] for kind in ("Deployment", "Job") for name, each in named(kind).items()}


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def modelled(kind: str, manifest: Manifest) -> Any:
    """As the Kubernetes client's own model: it refuses fields that there are not, and lacks what must be there."""
    import kubernetes.client.models
    from dagster_k8s.models import k8s_model_from_dict, k8s_snake_case_dict

    model = getattr(kubernetes.client.models, f"V1{kind}")
    return k8s_model_from_dict(model, k8s_snake_case_dict(model, manifest))


@pytest.mark.parametrize("manifest", manifests(), ids=lambda each: f"{each['kind']} {each['metadata']['name']}")
def test_a_manifest_is_what_kubernetes_expects(manifest: Manifest) -> None:
    made = modelled(manifest["kind"], manifest)

    assert (made.kind, made.metadata.name) == (manifest["kind"], manifest["metadata"]["name"])
    assert manifest["kind"] == "Namespace" or made.metadata.namespace == "whyral"


def test_a_misspelt_field_would_be_found() -> None:
    manifest = named("Deployment")["daemon"]
    manifest["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}

    with pytest.raises(Exception, match="livenesProbe"):
        modelled("Deployment", manifest)


def test_what_pods_refer_to_is_there() -> None:
    secrets = set(re.findall(r"create secret generic (\S+)", (FOLDER / "README.md").read_text(encoding="utf-8")))
    for name, pod in pods().items():
        sources = [source for each in containers(pod) for source in each.get("envFrom", [])]
        volumes = {each["name"]: each for each in pod["volumes"]}
        maps = [each["configMap"]["name"] for each in volumes.values() if "configMap" in each]
        claims = [each["persistentVolumeClaim"]["claimName"] for each in volumes.values() if "persistentVolumeClaim" in each]
        assert {each["secretRef"]["name"] for each in sources if "secretRef" in each} <= secrets, name
        assert {*maps, *(each["configMapRef"]["name"] for each in sources if "configMapRef" in each)} <= set(named("ConfigMap")), name
        assert set(claims) <= set(named("PersistentVolumeClaim")), name
        assert {mount["name"] for each in containers(pod) for mount in each.get("volumeMounts", [])} <= set(volumes), name
        assert pod.get("serviceAccountName", "whyral-run") in named("ServiceAccount"), name


def test_services_and_policies_find_pods() -> None:
    labels = {each["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"]: each for each in named("Deployment").values()}
    for service in named("Service").values():
        pod = labels[service["spec"]["selector"]["app.kubernetes.io/name"]]["spec"]["template"]["spec"]
        ports = {port["name"] for each in pod["containers"] for port in each.get("ports", [])}
        assert {each["targetPort"] for each in service["spec"]["ports"]} <= ports


def test_one_image_everywhere_and_runs_get_it_too() -> None:
    images = {each["image"] for pod in pods().values() for each in containers(pod)} - {"oauth2-proxy/oauth2-proxy:v7.13.0"}
    [code] = pods()["code-server"]["containers"]

    assert images == {IMAGE}
    assert {"name": "DAGSTER_CURRENT_IMAGE", "value": IMAGE} in code["env"]


def test_only_what_makes_jobs_may_ask_the_cluster() -> None:
    with_token = {
        (name, each["name"])
        for name, pod in pods().items()
        for each in containers(pod)
        if pod["automountServiceAccountToken"] or any(mount["name"] == "token" for mount in each.get("volumeMounts", []))
    }

    powerless = {("dagster-pages", "webserver"), ("code-server", "code-server")}
    assert with_token == powerless | {("daemon", "daemon"), ("api", "webserver")}
    assert {pods()[name]["serviceAccountName"] for name, _ in powerless} == {"whyral-viewer"}
    assert [each["name"] for each in named("RoleBinding")["whyral-launcher"]["subjects"]] == ["whyral-launcher"]


def test_the_webservers_listen_on_loopback_only_and_people_read_only() -> None:
    [pages] = [each["command"] for each in pods()["dagster-pages"]["containers"] if each["name"] == "webserver"]
    [beside_api] = [each["command"] for each in pods()["api"]["containers"] if each["name"] == "webserver"]

    assert pages[:4] == ["dagster-webserver", "--read-only", "--host", "127.0.0.1"]
    assert beside_api[:3] == ["python", "-m", "resources.webserver"]


def commands() -> list[tuple[str, ...]]:
    """What containers start and what their probes call, where that is a command of ours or of Dagster's."""
    every = [each for pod in pods().values() for each in containers(pod) if each["image"] == IMAGE]
    probes = [each[name]["exec"]["command"] for each in every for name in each if name.endswith("Probe") and "exec" in each[name]]
    return sorted({(*each["command"], *each.get("args", [])) for each in every} | {tuple(each) for each in probes if "-c" not in each})


def entry(words: Sequence[str]) -> tuple[Any, Sequence[str]]:
    """The command line behind a program, and what is left to be parsed."""
    known = {
        "whyral": "cli:main", "dagster-daemon": "dagster._daemon.cli:cli", "dagster-webserver": "dagster_webserver.cli:cli",
        "dagster": "dagster._cli:cli", "dagster._daemon": "dagster._daemon.cli:cli", "granian": "granian.cli:cli",
    }  # fmt: skip
    program, rest = (words[2], words[3:]) if tuple(words[:2]) == ("python", "-m") else (words[0], words[1:])
    module, _, name = known[program].partition(":")
    return getattr(importlib.import_module(module), name), rest


def parsed(command: Any, words: Sequence[str]) -> None:
    """By the command's own parser, without doing it; wrong words raise, and files that are not there."""
    context = command.make_context("command", list(words))
    if isinstance(command, click.Group):
        _, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        parsed(inner, rest)


@pytest.mark.parametrize("words", [each for each in commands() if "resources.webserver" not in each], ids=" ".join)
def test_a_command_is_one_that_there_is(words: tuple[str, ...]) -> None:
    parsed(*entry([word.replace("/opt/dagster/home/workspace.yaml", str(ROOT / "workspace.yaml")) for word in words]))


def test_a_wrong_option_would_be_found() -> None:
    with pytest.raises(click.UsageError, match="No such option"):
        parsed(*entry(("dagster-daemon", "liveness-check", "--patience", "600")))


def test_the_api_is_probed_where_it_answers() -> None:
    [api] = [each for each in pods()["api"]["containers"] if each["name"] == "api"]

    assert api["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert api["readinessProbe"]["httpGet"]["path"] == "/health/ready"


# The launcher, by Dagster's own reading of the configuration


class Cluster(BaseHTTPRequestHandler):
    """The Kubernetes API, as far as starting and ending a Job goes."""

    asked: list[tuple[str, str, Manifest]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(("POST", self.path, body))
        self._say(body)

    def do_DELETE(self) -> None:
        self.asked.append(("DELETE", self.path, {}))
        self._say({"kind": "Status", "status": "Success"})

    def do_GET(self) -> None:
        self.asked.append(("GET", self.path, {}))
        pod = {"metadata": {"name": "pod-of-the-run"}, "spec": {"containers": [{"name": "dagster"}]}}
        self._say({"items": [pod]} if "/pods?" in self.path else {"metadata": {"name": "job-of-the-run"}, "status": {"active": 1}})

    def _say(self, body: Manifest) -> None:
        answer = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[Path, list[tuple[str, str, Manifest]]]]:
    """A kubeconfig that leads to it, and what it was asked."""
    asked: list[tuple[str, str, Manifest]] = []
    handler = type("Asked", (Cluster,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, daemon=True)
        serving.start()
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
            "users": [{"name": "u", "user": {}}],
        }  # fmt: skip
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        yield path, asked
        server.shutdown()
        serving.join(10)


def launcher_of(kubeconfig: Path) -> Manifest:
    """The block of our ConfigMap, pointed at another cluster."""
    block: Manifest = yaml.safe_load(named("ConfigMap")["whyral-instance"]["data"]["dagster.yaml"])["run_launcher"]
    return {**block, "config": {**block["config"], "load_incluster_config": False, "kubeconfig_file": str(kubeconfig)}}


def granted() -> set[tuple[str, str]]:
    """Verb and resource, as the role of what starts runs allows them."""
    rules = named("Role")["whyral-launcher"]["rules"]
    return {(verb, resource) for each in rules for verb in each["verbs"] for resource in each["resources"]}


def wanted(method: str, path: str) -> tuple[str, str]:
    """Verb and resource, as Kubernetes calls what was asked."""
    kind, *rest = path.partition("?")[0].partition("/namespaces/whyral/")[2].split("/")
    verb = {"POST": "create", "DELETE": "delete", "GET": "get" if rest else "list"}[method]
    return verb, "/".join([kind, *rest[1:]])


def test_the_launcher_makes_the_job_of_a_run_and_ends_it(cluster: tuple[Path, list[tuple[str, str, Manifest]]], tmp_path: Path) -> None:
    kubeconfig, asked = cluster
    with dg.DagsterInstance.local_temp(str(tmp_path), overrides={"run_launcher": launcher_of(kubeconfig)}) as instance:
        run = create_run_for_test(instance, job_name="import_file", job_code_origin=code_origin())
        instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=None))
        health = instance.run_launcher.check_run_worker_health(run)
        is_ended = instance.run_launcher.terminate(run.run_id)

    [job] = [body for method, path, body in asked if (method, path) == ("POST", "/apis/batch/v1/namespaces/whyral/jobs")]
    check_job(job, run.run_id)
    assert (health.status.value, is_ended) == ("RUNNING", True)
    rights = {wanted(method, path) for method, path, _ in asked}
    assert rights >= {("create", "jobs"), ("get", "jobs/status"), ("delete", "jobs"), ("delete", "pods")}
    assert rights - granted() == set()


def code_origin() -> Any:
    from dagster._core.code_pointer import FileCodePointer
    from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin

    repository = RepositoryPythonOrigin(
        executable_path="python", code_pointer=FileCodePointer("/opt/whyral/definitions.py", "__repository__"), container_image=IMAGE
    )
    return JobPythonOrigin(job_name="import_file", repository_origin=repository)


def check_job(job: Manifest, run_id: str) -> None:
    """Image, secrets, files and rights of a run's pod are what the manifests promise."""
    pod = job["spec"]["template"]["spec"]
    [worker] = pod["containers"]
    assert job["metadata"]["name"] == f"dagster-run-{run_id}"
    assert worker["image"] == IMAGE
    assert worker["args"][:5] == ["python", "-m", "dagster", "api", "execute_run"]
    assert worker["envFrom"] == [{"configMapRef": {"name": "whyral-environment"}}, {"secretRef": {"name": "whyral-runs"}}]
    assert {"name": "files", "mountPath": "/srv/whyral"} in worker["volumeMounts"]
    assert {"name": "files", "persistentVolumeClaim": {"claimName": "whyral-files"}} in pod["volumes"]
    assert (pod["serviceAccountName"], pod["automountServiceAccountToken"]) == ("whyral-run", False)
    assert (pod["securityContext"]["runAsUser"], worker["securityContext"]["readOnlyRootFilesystem"]) == (10001, True)
    assert job["spec"]["ttlSecondsAfterFinished"] == 3600
