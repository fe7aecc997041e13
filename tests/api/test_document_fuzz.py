"""Calls that Schemathesis makes up from the OpenAPI document: no answer is a bug, and each is one that the document names.

A sample of the operations, well-formed and not; `make fuzz-api` goes through all of them, and through chains of calls.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.api.conftest import Caller

EVERY, EXAMPLES = 24, 2
# It does not end.
STREAM = "/api/v1/requests/{request_id}/events"
_SENT = ("method", "url", "headers", "params", "json", "data", "content", "files")


def calls(operation: Any, mode: GenerationMode) -> list[dict[str, Any]]:
    """Some calls of an operation, as they go over the wire."""
    found: list[dict[str, Any]] = []

    @seed(20261126)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def draw(case: Any) -> None:
        words = case.as_transport_kwargs(base_url="http://testserver.local")
        found.append({name: word for name, word in words.items() if name in _SENT and word is not None})

    # There is no wrong call of an operation that takes nothing.
    with suppress(Unsatisfiable):
        draw()
    return found


def undocumented(caller: Caller, operations: Iterable[Any], mode: GenerationMode) -> dict[str, Any]:
    """What was answered to made-up calls and is a bug, or not in the document."""
    told: dict[str, Any] = {}
    for operation in operations:
        for words in calls(operation, mode) if operation.path != STREAM else ():
            headers = {**dict(words.pop("headers", {})), "Authorization": f"Bearer {caller.credential}"}
            if isinstance(words.get("data"), bytes | str):
                words["content"] = words.pop("data")
            answer = caller.client.request(headers=headers, **words)
            if answer.status_code == 500 or str(answer.status_code) not in operation.definition.raw["responses"]:
                told[operation.label] = (answer.status_code, words, answer.text[:200])
    return told


def operations_of(caller: Caller) -> list[Any]:
    schema = schemathesis.openapi.from_dict(caller.client.get("/api/v1/openapi.json").json())
    return [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]  # a wrong one raises


MODES = pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.name.lower())


@MODES
def test_no_made_up_call_is_answered_with_what_the_document_does_not_name(mine: Caller, mode: GenerationMode) -> None:
    some = operations_of(mine)[:: EVERY if mode is GenerationMode.POSITIVE else EVERY + 1]

    assert undocumented(mine, some, mode) == {}


@MODES
def test_nor_is_one_of_an_administrator(admin: Caller, mode: GenerationMode) -> None:
    """To a key, `/admin` says nothing but 403."""
    theirs = [each for each in operations_of(admin) if each.path.startswith("/api/v1/admin")]

    assert undocumented(admin, theirs, mode) == {}
    assert len(theirs) > 25
