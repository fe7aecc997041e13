"""Every request that a page of docs shows is one that the API takes: its route, its parameters, its credential, its body."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from litestar.testing import TestClient

from api.app import create_app
from gateways.files.store import LocalFiles
from store.database import Database
from tests.api.conftest import FakeDagster, make_parts
from tests.conftest import TestUrls
from tests.curls import SOME, Call, calls

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
CALLED = [(page, call) for page in PAGES for call in calls(page)]
JSON = "application/json"
Made = dict[str, Any]


@pytest.fixture(scope="module")
def document(database: Database, urls: TestUrls, tmp_path_factory: pytest.TempPathFactory) -> Made:
    app = create_app(make_parts(database, urls.app, FakeDagster(), LocalFiles(tmp_path_factory.mktemp("docs"))))
    found: Made = TestClient(app).get("/api/v1/openapi.json").json()
    # A body refuses fields that it does not know, which the document leaves unsaid.
    for shape in found["components"]["schemas"].values():
        if "properties" in shape:
            shape.setdefault("additionalProperties", False)
    return found


def operation(document: Made, method: str, path: str) -> Made | None:
    """What the document says of it. A path that begins with `...` is named by its end."""
    paths = sorted(document["paths"].items(), key=lambda each: each[0].count("{"))
    found = [item[method.lower()] for template, item in paths if method.lower() in item and fits(template, path)]
    return dict(found[0]) if found else None


def fits(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    if given[0] == "...":
        wanted, given = wanted[1 - len(given) :], given[1:]
    return len(wanted) == len(given) and all(map(alike, wanted, given))


def alike(wanted: str, given: str) -> bool:
    """An id is a UUID, or a name in braces; other names may stand for any word, and `{a|b}` for each of them."""
    if "|" in given:
        return wanted in given.strip("{}").split("|")
    if wanted.startswith("{") and given.startswith("{"):
        return True
    pattern = "[0-9a-f-]{36}" if wanted.endswith("_id}") else re.sub(r"\{[^}]+\}", "[^{}]+", wanted)
    return re.fullmatch(pattern, given) is not None


def wrong(document: Made, schema: Made, value: object, at: str) -> list[str]:
    found = Draft202012Validator({**schema, "components": document["components"]}).iter_errors(value)
    return [f"{at}{each.json_path[1:]}: {each.message}" for each in found]


def of_query(document: Made, told: Made, call: Call) -> Iterator[str]:
    parameters = {each["name"]: each for each in told.get("parameters", ()) if each["in"] == "query"}
    given = dict(call.query)
    yield from (f"?{name} is missing" for name, each in parameters.items() if each.get("required") and name not in given)
    for name, value in given.items():
        if name not in parameters:
            yield f"?{name} is no parameter"
            continue
        read: list[object] = [value, [value]]
        if re.fullmatch(r"true|false|-?\d+(\.\d+)?", value):
            read.append(json.loads(value))
        found = [wrong(document, parameters[name]["schema"], each, f"?{name}") for each in read]
        yield from [] if [] in found else found[0]


def of_body(document: Made, told: Made, call: Call) -> Iterator[str]:
    content = told.get("requestBody", {}).get("content", {})
    if JSON not in content:
        yield from ["a body that the route does not take"] if call.body is not None else []
    elif call.body is None:
        yield from ["a body is missing"] if told["requestBody"].get("required") else []
    elif call.headers.get("content-type") != JSON:
        yield "-d without Content-Type: application/json"
    else:
        yield from wrong(document, content[JSON]["schema"], json.loads(call.body), "body")


def faults(document: Made, call: Call) -> list[str]:
    told = operation(document, call.method, call.path)
    if told is None:
        return [f"{call.method} {call.path} is no route"]
    is_open = told["security"] == [{}]
    has_credential = re.fullmatch(r"Bearer [^$]+", call.headers.get("authorization", "")) is not None
    return [
        *([] if is_open or has_credential else ["no credential"]),
        *of_query(document, told, call),
        *of_body(document, told, call),
    ]


@pytest.mark.parametrize(("page", "call"), CALLED, ids=[f"{page.stem}-{number}" for number, (page, _) in enumerate(CALLED)])
def test_every_curl_of_the_docs_is_a_request_that_the_api_takes(document: Made, page: Path, call: Call) -> None:
    assert faults(document, call) == [], f"{page.name}: {call.words}"


def test_the_guides_calls_are_found() -> None:
    assert len(CALLED) > 70
    assert {"clips", "media-store", "api", "connect", "experiments"} <= {page.stem for page, _ in CALLED}


@pytest.mark.parametrize("words", [
    ("POST", "/clips/suggest", {"media": SOME}, "media"), ("POST", "/clips/suggest", {"count": 21}, "count"),
    ("POST", "/clips/jobs", {"candidate_ids": [SOME], "look": {"hook": "a"}}, "hook"), ("POST", "/clips/suggest", None, "missing"),
    ("GET", "/clips/suggest", None, "no route"), ("GET", "/clips/candidates", None, "media_id is missing"),
])  # fmt: skip
def test_a_request_that_the_api_would_refuse_is_found(document: Made, words: tuple[str, str, Made | None, str]) -> None:
    method, path, body, fault = words
    headers = {"authorization": "Bearer x", "content-type": JSON}
    call = Call(method, f"/api/v1{path}", (), headers, None if body is None else json.dumps(body), "")

    assert any(fault in each for each in faults(document, call))


def test_the_guide_of_clips_names_every_part_of_a_look_and_its_default(document: Made) -> None:
    rows = [
        line.split("|")
        for line in (ROOT / "docs" / "guides" / "clips.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    told = {name: row[2] for row in rows for name in re.findall(r"`(\w+)`", row[1])}
    shape = document["components"]["schemas"]["LookIn"]["properties"]
    defaults = {name: each["default"] for name, each in shape.items() if each.get("default") not in (None, [], False)}

    assert shape.keys() - told.keys() == set()
    assert {name: default for name, default in defaults.items() if str(default).removesuffix(".0") not in told[name]} == {}


def named(page: Path) -> list[tuple[str, str]]:
    """Routes that the prose names, such as `GET /media/{id}` or `POST .../design`."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) ((?:\.\.\.)?/[^`\s?\[]*)", text)
    return [(method, path if path.startswith(("/api/", "/health", "...")) or path == "/" else f"/api/v1{path}") for method, path in found]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent.name != "platforms" and named(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_every_route_that_the_docs_name_is_one(document: Made, page: Path) -> None:
    assert [f"{method} {path}" for method, path in named(page) if operation(document, method, path) is None] == []
