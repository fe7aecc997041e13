"""One example per operation for the OpenAPI document, made of the very shapes that are answered: one that drifts does not type-check.

A controller adds an entry to the module of its subject: `"GET /videos"` (paths are below /api/v1, others are written in full).
"""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from litestar.openapi.spec import OpenAPI, OpenAPIMediaType, OpenAPIResponse, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from api.examples import (
    admin,
    analytics,
    billing,
    catalogue,
    channels,
    clips,
    entities,
    experiments,
    identity,
    insights,
    library,
    members,
    money,
    owner,
    planning,
    rights,
    sign_in,
    tracking,
    work,
)
from api.examples.shape import JSON, Example
from api.pages import Page

EXAMPLES: Mapping[str, Example] = {
    **identity.EXAMPLES,
    **members.EXAMPLES,
    **sign_in.EXAMPLES,
    **admin.EXAMPLES,
    **work.EXAMPLES,
    **clips.EXAMPLES,
    **channels.EXAMPLES,
    **catalogue.EXAMPLES,
    **library.EXAMPLES,
    **analytics.EXAMPLES,
    **insights.EXAMPLES,
    **entities.EXAMPLES,
    **experiments.EXAMPLES,
    **planning.EXAMPLES,
    **owner.EXAMPLES,
    **money.EXAMPLES,
    **billing.EXAMPLES,
    **rights.EXAMPLES,
    **tracking.EXAMPLES,
}
METHODS = ("get", "post", "put", "patch", "delete")
_BASE = "/api/v1"


def name_of(method: str, path: str) -> str:
    """How an operation is called in the table."""
    return f"{method.upper()} {path.removeprefix(_BASE) or path}"


def document_examples(document: OpenAPI, examples: Mapping[str, Example] = EXAMPLES) -> None:
    """Put each operation's example into the document; an answer that is declared as bytes gets its shape from the example."""
    for path, item in (document.paths or {}).items():
        for method in METHODS:
            operation: Operation | None = getattr(item, method)
            example = examples.get(name_of(method, path))
            if operation is not None and example is not None:
                _show(operation, example)
                _define(document, example)


def _define(document: OpenAPI, example: Example) -> None:
    """A shape that is only ever answered as stored bytes is named by nobody else."""
    name, known = type(example.answer).__name__, document.components.schemas or {}
    if isinstance(example.answer, msgspec.Struct) and not isinstance(example.answer, Page) and name not in known:
        shapes = msgspec.json.schema_components([type(example.answer)], ref_template="#/components/schemas/{name}")[1]
        document.components.schemas = {**cast(dict[str, Schema], shapes), **known}


def _show(operation: Operation, example: Example) -> None:
    for status, response in (operation.responses or {}).items():
        if status.startswith("2") and status != "204" and example.answer is not None and isinstance(response, OpenAPIResponse):
            response.content = {example.media_type: _answer(response.content or {}, example)}
    if example.body is not None and isinstance(operation.request_body, RequestBody):
        for media in operation.request_body.content.values():
            media.example = example.body


def _answer(declared: Mapping[str, OpenAPIMediaType], example: Example) -> OpenAPIMediaType:
    media = declared.get(example.media_type, OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)))
    is_bytes = isinstance(media.schema, Schema) and media.schema.type == OpenAPIType.STRING
    is_shape = isinstance(example.answer, msgspec.Struct)
    schema = media.schema
    if is_bytes and is_shape:
        schema = Reference(ref=f"#/components/schemas/{type(example.answer).__name__}")
    elif is_bytes and example.media_type.endswith("json"):
        schema = Schema(type=OpenAPIType.OBJECT)
    shown: Any = example.answer
    return OpenAPIMediaType(schema=schema, example=shown)


__all__ = ["EXAMPLES", "JSON", "Example", "document_examples", "name_of"]
