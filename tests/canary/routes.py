"""The OpenAPI document as calls: every operation, its parameters filled with ids of whoever the caller means.

A new route needs nothing here, unless its parameters are named after no column; then it has a line in `tests.canary.hints`.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.canary.calling import Call, Headers

METHODS = ("get", "post", "put", "patch", "delete")
Ids = Mapping[str, Sequence[str]]
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Hint:
    """What the document does not say of an operation."""

    # Parameters by another column's ids, or (not a column's name) by this very word.
    params: Mapping[str, str] | None = None
    body: Any = None
    raw: bytes = b""
    content_type: str = ""
    # Statuses that show the owner got there, beside success and the refusals that come after looking.
    reached: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one route."""

    name: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    example: Any
    schema: Mapping[str, Any]
    is_public: bool
    hint: Hint

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def path_params(self) -> list[str]:
        return [each["name"] for each in self.parameters if each["in"] == "path"]

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    def of(self, where: str) -> list[Mapping[str, Any]]:
        return [each for each in self.parameters if each["in"] == where]

    def kind_of(self, name: str) -> str:
        """The column whose ids this parameter takes."""
        return (self.hint.params or {}).get(name, name)

    def call(self, ids: Ids, *, query: Sequence[tuple[str, str]] | None = None, body: Any = None, headers: Headers = ()) -> Call:
        """With the first of these ids everywhere; required query parameters as the document shows them."""
        path = re.sub(r"\{(\w+)\}", lambda found: _one(ids, self.kind_of(found[1])), self.path)
        asked = [(each["name"], self.value(each, ids)) for each in self.of("query") if each.get("required")] if query is None else query
        given = self.body(ids) if body is None else json.dumps(body).encode()
        kind = (("content-type", self.hint.content_type),) if self.hint.content_type and given else ()
        return Call(self.name, path, tuple(asked), (*kind, *headers), given)

    def body(self, ids: Ids) -> bytes:
        if self.hint.raw:
            return self.hint.raw
        shown = self.hint.body if self.hint.body is not None else self.example
        return b"" if shown is None else json.dumps(with_ids(shown, ids)).encode()

    def value(self, parameter: Mapping[str, Any], ids: Ids) -> str:
        kind = self.kind_of(parameter["name"])
        if kind in ids or kind != parameter["name"]:
            return _one(ids, kind)
        schema = parameter.get("schema", {})
        allowed = _enumerated(schema)
        return str(allowed[0]) if allowed else {"integer": "5", "boolean": "true"}.get(str(schema.get("type")), "2026-11-01")


def with_ids(shown: Any, ids: Ids, name: str = "") -> Any:
    """The example with every id of it replaced by one of these, told by the field's name; one that nobody has by a workspace's own."""
    if isinstance(shown, Mapping):
        return {key: with_ids(value, ids, key) for key, value in shown.items()}
    if isinstance(shown, list | tuple):
        return [with_ids(each, ids, name.removesuffix("s")) for each in shown]
    if isinstance(shown, str | UUID) and _UUID.fullmatch(str(shown)):
        return _one(ids, name if name in ids else "account_id")
    return shown


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """All of them, in the document's order."""
    from tests.canary.hints import HINTS

    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                found, name = item[method], f"{method.upper()} {path}"
                content = found.get("requestBody", {}).get("content", {}).get("application/json", {})
                yield Operation(
                    name=name, path=path, parameters=tuple(found.get("parameters", ())), example=content.get("example"),
                    schema=_resolved(document, content.get("schema", {})), is_public=found.get("security") == [{}],
                    hint=HINTS.get(name, Hint()),
                )  # fmt: skip


def enumerated(parameter: Mapping[str, Any], chance: random.Random) -> str:
    """One of the words that the document allows, a small number, or a moment."""
    schema = parameter.get("schema", {})
    kinds = {str(each.get("type")) for each in (schema, *schema.get("oneOf", ()), *schema.get("anyOf", ()))}
    if allowed := _enumerated(schema):
        return str(chance.choice(allowed))
    if "boolean" in kinds:
        return chance.choice(("true", "false"))
    return str(chance.randint(1, 30)) if kinds & {"integer", "number"} else chance.choice(("2026-11-20T12:00:00Z", "2026-11-20", "7"))


def _enumerated(schema: Mapping[str, Any]) -> list[Any]:
    found = list(schema.get("enum", ()))
    for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found += _enumerated(each)
    return [each for each in found if each is not None]


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][str(reference).rpartition("/")[2]]
    return found


def _one(ids: Ids, kind: str) -> str:
    """The first id of this kind; a word that is no kind stands for itself."""
    return ids[kind][0] if kind in ids else kind
