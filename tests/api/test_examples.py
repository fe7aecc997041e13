"""The OpenAPI document shows an example of every answer, and the example has the answer's shape."""

from typing import Any

import pytest

from api.examples import EXAMPLES, JSON, name_of
from tests.api.conftest import Caller

WRITES = ("post", "put", "patch")


@pytest.fixture
def document(nobody: Caller) -> dict[str, Any]:
    found: dict[str, Any] = nobody.get("/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name_of(method, path): each for path, item in document["paths"].items() for method, each in item.items()}


def answers(operation: dict[str, Any]) -> dict[str, Any]:
    """Media types of the good answers."""
    return {
        kind: media
        for status, each in operation["responses"].items()
        if status[0] == "2"
        for kind, media in each.get("content", {}).items()
    }


def required_fields(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return set(document["components"]["schemas"][name]["required"]) if name else set()


def test_every_operation_that_answers_has_an_example(document: dict[str, Any]) -> None:
    bare = [name for name, each in operations(document).items() if any("example" not in media for media in answers(each).values())]

    assert bare == [], "add an entry to api/examples"


def test_every_body_has_an_example(document: dict[str, Any]) -> None:
    bare = [
        name for name, each in operations(document).items()
        if JSON in each.get("requestBody", {}).get("content", {}) and "example" not in each["requestBody"]["content"][JSON]
    ]  # fmt: skip

    assert bare == []


def test_every_example_has_its_operation(document: dict[str, Any]) -> None:
    assert set(EXAMPLES) - set(operations(document)) == set()


def test_every_example_has_the_shape_of_its_answer(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        media = answers(operation).get(JSON)
        if media is not None and name != "GET /openapi.json":
            shapes = media["schema"].get("oneOf", [media["schema"]])
            assert all("$ref" in each for each in shapes), f"{name}: the answer has no shape"
            assert any(required_fields(document, each) <= set(media["example"]) for each in shapes), name


def test_the_items_of_example_pages_have_their_shape(document: dict[str, Any]) -> None:
    item = operations(document)["GET /videos"]["responses"]["200"]["content"][JSON]["example"]["items"][0]

    assert required_fields(document, {"$ref": "#/components/schemas/VideoOut"}) == set(item)
    assert required_fields(document, {"$ref": "#/components/schemas/ScoreOut"}) == set(item["score"])


def test_a_stored_answer_is_documented_as_what_it_is(document: dict[str, Any]) -> None:
    shapes = {
        name: answers(operations(document)[name])[JSON]["schema"]["$ref"] for name in ("POST /keys", "POST /requests", "POST /imports")
    }

    assert {name: ref.rpartition("/")[2] for name, ref in shapes.items()} == {
        "POST /keys": "KeyOut", "POST /requests": "RequestOut", "POST /imports": "ImportOut",
    }  # fmt: skip
