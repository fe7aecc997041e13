"""The OpenAPI document says what is so, and the page that shows it asks nobody else."""

import re
from typing import Any

import pytest

from api.docs import STATIC
from api.errors import FieldError, Problem
from tests.api.conftest import Caller

METHODS = {"get", "post", "put", "patch", "delete"}
PUBLIC = {
    "/api/v1/billing/plans", "/api/v1/billing/return/success", "/api/v1/billing/return/cancel",
    "/", "/health", "/health/live", "/health/ready", "/api/v1/openapi.json", "/api/v1/health", "/api/v1/health/live",
    "/api/v1/health/ready", "/api/v1/auth/login", "/api/v1/auth/register", "/api/v1/webhooks/youtube/{token}",
    "/api/v1/auth/google/callback", "/api/v1/auth/refresh", "/api/v1/auth/status", "/api/v1/invitations/register",
    "/api/v1/auth/password-reset", "/api/v1/auth/password-reset/confirm", "/api/v1/auth/verify-email", "/api/v1/files/{token}",
    "/api/v1/billing/webhooks/stripe", "/api/v1/billing/webhooks/dodo",
    "/api/v1/auth/google/login", "/api/v1/auth/oidc", "/api/v1/auth/second-factor",
}  # fmt: skip
FOREIGN = re.compile(r"(?:https?:)?//(?!127\.0\.0\.1|localhost)[a-z0-9]")


@pytest.fixture
def document(nobody: Caller) -> dict[str, Any]:
    found: dict[str, Any] = nobody.get("/openapi.json").json()
    return found


@pytest.fixture
def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, item[method]) for path, item in document["paths"].items() for method in METHODS & item.keys()]


def test_the_document_is_openapi_31_and_the_same_at_both_places(nobody: Caller, document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert nobody.client.get("/docs/openapi.json").json() == document


def test_the_page_names_no_foreign_host_and_may_reach_none(nobody: Caller) -> None:
    answer = nobody.client.get("/docs")

    assert answer.headers["content-type"].startswith("text/html")
    assert FOREIGN.findall(answer.text) == []
    assert 'data-url="/api/v1/openapi.json"' in answer.text
    policy = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert not [rule for rule in policy.values() if "http" in rule or "*" in rule]


def test_everything_the_page_loads_is_served_by_us(nobody: Caller) -> None:
    page = nobody.client.get("/docs").text
    loaded = re.findall(r'(?:src|href|data-url)="([^"]+)"', page)

    assert "/static/scalar.js" in loaded
    for path in loaded:
        assert nobody.client.get(path).status_code == 200, path
    script = nobody.client.get("/static/scalar.js")
    assert script.content == (STATIC / "scalar.js").read_bytes()
    assert script.headers["content-type"].startswith("text/javascript")


def test_what_is_public_is_on_the_list_and_everything_else_needs_a_credential(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    declared = {path: operation["security"] for path, _, operation in operations}

    assert {path for path, security in declared.items() if security == [{}]} == PUBLIC
    assert {path for path, security in declared.items() if security == [{"bearer": []}]} == set(declared) - PUBLIC


def test_nobody_gets_anything_from_a_protected_operation(nobody: Caller, operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    some = "01a1fd0e-61c0-7386-b54d-6d325253c7ee"
    told = {}
    for path, method, operation in operations:
        if operation["security"] != [{}]:
            answer = nobody.client.request(method.upper(), re.sub(r"\{[^}]+\}", some, path))
            told[f"{method} {path}"] = (answer.status_code, answer.headers["content-type"].partition(";")[0])

    assert len(told) > 10
    assert {each for each, answer in told.items() if answer != (401, "application/problem+json")} == set()


def test_every_operation_says_which_problems_it_may_answer(
    document: dict[str, Any], operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    for path, method, operation in operations:
        statuses = {int(status) for status in operation["responses"]}
        if operation["security"] != [{}]:
            assert {401, 503} <= statuses, path
        if "{" in path:
            assert 404 in statuses, path
        if "requestBody" in operation:
            assert {400, 413, 415, 422} <= statuses, path
        if method == "post":
            assert 429 in statuses, path
        for status in statuses - {200, 201, 202, 204, 303}:
            shape = document["components"]["responses"][operation["responses"][str(status)]["$ref"].rpartition("/")[2]]
            assert shape["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_the_shape_of_a_problem_is_the_documented_one(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]

    assert set(shapes["Problem"]["properties"]) == set(Problem.__struct_fields__)
    assert set(shapes["Problem"]["required"]) == {"type", "title", "status", "detail", "code", "request_id"}
    assert set(shapes["FieldError"]["properties"]) == set(FieldError.__struct_fields__)
    assert "Retry-After" in document["components"]["responses"]["Problem429"]["headers"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return found.union(*(references(each) for each in node.values()))
        return set().union(*(references(each) for each in node)) if isinstance(node, list) else set()

    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def test_every_operation_has_words_a_tag_and_an_id_of_its_own(
    document: dict[str, Any], operations: list[tuple[str, str, dict[str, Any]]]
) -> None:
    tags = {tag["name"] for tag in document["tags"]}

    assert [
        path for path, _, operation in operations if not operation.get("description") or not set(operation.get("tags", ())) & tags
    ] == []
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
