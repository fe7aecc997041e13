"""`python -m tests.campaigns.api`: Schemathesis over the whole OpenAPI document, on the server as `whyral up` starts it.

Examples, edge cases, random calls (well-formed and not) and chains of calls that use what earlier ones made, with a key of a fresh
workspace. Streams are left out: they do not end. Dagster is away, so nothing that is asked for is done.
`--administrator` plays what is below /admin, by an administrator's token instead: to a key these routes say nothing but 403.
"""

import argparse
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx

from bench.harness import servers
from bench.harness.stage import Stage, stage
from store.database import Database

STREAM = "/api/v1/requests/{request_id}/events"
# Chains of calls would end the administrator's own session.
OWN_END = "/api/v1/admin/users/{user_id}/sessions"
# Without `positive_data_acceptance`, which takes a 422 for a fault (here it is a rule that no shape can tell), and without
# `allow_header_conformance`: Litestar's OPTIONS names the methods of one controller only where two share a path.
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection", "missing_required_header", "unsupported_method", "use_after_free",
    "ensure_resource_availability", "ignored_auth",
)  # fmt: skip
# No platform is configured: what would read one says so.
EXPECTED = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 502, 503]
[checks.negative_data_rejection]
expected-statuses = ["4xx", 502, 503]
"""
_WHO = {"email": "fuzz@example.org", "password": "a password for fuzzing only"}


def main() -> int:
    """0 where nothing was found."""
    parser = argparse.ArgumentParser(prog="fuzz-api", description=__doc__)
    parser.add_argument("--seed", type=int, default=20261126)
    parser.add_argument("--max-time", type=int, default=900, help="seconds for all phases together")
    parser.add_argument("--examples", type=int, default=40, help="random calls of each operation")
    parser.add_argument("--administrator", action="store_true", help="only what is below /admin, by an administrator")
    parser.add_argument("--reports", type=Path, default=Path("build/fuzz-api"))
    asked = parser.parse_args()
    with stage() as made, servers.ours(made) as address:
        token = _token(address)
        if asked.administrator:
            _promote(made)
        credential = token if asked.administrator else _key(address, token)
        which = ["--include-path-regex", "^/api/v1/admin", "--exclude-path", OWN_END] if asked.administrator else []
        config = made.home / "schemathesis.toml"
        config.write_text(EXPECTED, encoding="utf-8")
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", f"{address}/api/v1/openapi.json"),
            *("-H", f"Authorization: Bearer {credential}"), *which,
            *("--checks", ",".join(CHECKS), "--exclude-path", STREAM, "--seed", str(asked.seed), "--max-examples", str(asked.examples)),
            *("--max-time", str(asked.max_time), "--continue-on-failure", "--report", "json", "--report-dir", str(asked.reports)),
            *("--request-timeout", "30", "--no-color", "--no-shrink"),
        ]  # fmt: skip
        return subprocess.run(command, check=False).returncode


def _token(address: str) -> str:
    with httpx.Client(base_url=f"{address}/api/v1", timeout=30) as http:
        http.post("/auth/register", json={**_WHO, "workspace": "Fuzz"}).raise_for_status()
        return str(http.post("/auth/login", json=_WHO).raise_for_status().json()["access_token"])


def _key(address: str, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    made = httpx.post(f"{address}/api/v1/keys", json={"name": "fuzz"}, headers=headers, timeout=30)
    return str(made.raise_for_status().json()["key"])


def _promote(made: Stage) -> None:
    with closing(Database(made.urls.app, system_url=made.urls.system)) as database, database.begin_system() as system:
        system.set_platform_admin(_WHO["email"], is_admin=True)


if __name__ == "__main__":
    sys.exit(main())
