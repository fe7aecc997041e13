"""Asking the Dagster webserver to start or end a run, over its GraphQL. Best effort: the sensor launches whatever this did not."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from domain.errors import SourceFailed, SourceRefused, SourceUnavailable
from domain.requests import KINDS, Request
from gateways.fork_client import ForkClient

_LAUNCH = """
mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  ... on RunConfigValidationInvalid { errors { message } } ... on InvalidSubsetError { message } } }"""
_ADD_KEY = """
mutation ($selector: RepositorySelector!, $key: String!) {
  addDynamicPartition(repositorySelector: $selector, partitionsDefName: "tenants", partitionKey: $key) {
    __typename ... on PythonError { message } } }"""
_TERMINATE = """
mutation ($run: String!) { terminateRun(runId: $run, terminatePolicy: SAFE_TERMINATE) {
    __typename ... on TerminateRunFailure { message } ... on PythonError { message } } }"""
_PULSE = """
{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } }
  instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }"""
_SELECTOR = {"repositoryLocationName": "whyral", "repositoryName": "__repository__"}


class DagsterWebserver:
    """The webserver's GraphQL, as a port of the services."""

    def __init__(self, url: str, *, launcher: ForkClient | None = None, timeout_seconds: float = 5) -> None:
        self._launcher = launcher
        self._added: set[UUID] = set()
        self._client = httpx.Client(base_url=url, timeout=timeout_seconds, trust_env=False)  # loopback: never through a proxy

    def close(self) -> None:
        self._client.close()

    def launch(self, request: Request) -> str:
        """Start the run of a request. Returns the run's id."""
        self.add_tenant(request.tenant_id)
        tags = {**request.tags, "dagster/partition": str(request.tenant_id), "dagster/run_key": request.run_key}
        params = {
            "selector": {**_SELECTOR, "jobName": KINDS[request.kind].job},
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in tags.items()]},
        }
        answer = self._do("launchRun", _LAUNCH, {"params": params}, good=("LaunchRunSuccess",))
        return str(answer["run"]["runId"])

    def add_tenant(self, tenant_id: UUID) -> None:
        """Add the tenant's partition key; it being there already is fine. Asked once: the sensor repairs a key that went missing."""
        if tenant_id in self._added:
            return
        words = {"selector": _SELECTOR, "key": str(tenant_id)}
        self._do("addDynamicPartition", _ADD_KEY, words, good=("AddDynamicPartitionSuccess", "DuplicateDynamicPartitionError"))
        self._added.add(tenant_id)

    def terminate(self, run_id: str) -> None:
        self._do("terminateRun", _TERMINATE, {"run": run_id}, good=("TerminateRunSuccess",))

    def parts(self) -> dict[str, str]:
        """Webserver, code location and daemon; the warm launcher where there is one."""
        try:
            answer = self._ask(_PULSE, {})
        except SourceFailed:
            return {"dagster_webserver": "does not answer", **self._launchers_pulse()}
        entries = answer["workspaceOrError"].get("locationEntries", [])
        is_loaded = any((entry["locationOrLoadError"] or {}).get("__typename") == "RepositoryLocation" for entry in entries)
        daemons = answer["instance"]["daemonHealth"]["allDaemonStatuses"]
        silent = [each["daemonType"].lower() for each in daemons if each["required"] and not each["healthy"]]
        return {
            "dagster_webserver": "healthy",
            "dagster_code": "healthy" if is_loaded else "the code location is not loaded",
            "dagster_daemon": "healthy" if not silent else f"no heartbeat: {', '.join(silent)}",
            **self._launchers_pulse(),
        }

    def _launchers_pulse(self) -> dict[str, str]:
        if self._launcher is None:
            return {}
        try:
            threads = self._launcher.health()["threads"]
        except SourceFailed:
            return {"dagster_launcher": "does not answer"}
        return {"dagster_launcher": "healthy" if threads == 1 else f"has {threads} threads: it starts no run"}

    def _do(self, field: str, mutation: str, variables: Mapping[str, object], *, good: tuple[str, ...]) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask(mutation, variables)[field]
        if answer["__typename"] not in good:
            raise SourceRefused("dagster", f"{answer['__typename']}: {answer.get('message') or answer.get('errors') or 'it was not done'}")
        return answer

    def _ask(self, query: str, variables: Mapping[str, object]) -> dict[str, Any]:
        try:
            answer = self._client.post("/graphql", json={"query": query, "variables": variables})
        except httpx.HTTPError as error:
            raise SourceUnavailable("dagster", f"the webserver does not answer: {error}") from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or answer.status_code in (408, 429):
            raise SourceUnavailable("dagster", f"the webserver answered {answer.status_code}")
        body = _json(answer)
        data = body.get("data")
        if answer.status_code != httpx.codes.OK or not isinstance(data, dict) or body.get("errors"):
            raise SourceRefused("dagster", f"the webserver answered {answer.status_code}: {str(body.get('errors') or answer.text)[:300]}")
        return data


def _json(answer: httpx.Response) -> dict[str, Any]:
    """What cannot be read says nothing: whoever else listens on that port is not Dagster."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
