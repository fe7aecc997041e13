"""What must not be printed is not in the words that a value gives of itself: logs, traces and run events show those."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator

import api
import domain
import gateways
import services
import store

SECRET = re.compile(r"(^|_)(token|tokens|secret|password|verifier|proxy|keys|code)$|_key$")
# Where files lie, and what tells alerts apart.
HARMLESS = {
    *("file_key", "report_key", "captions_key", "thumbnail_key", "music_key", "intro_key", "outro_key"),
    "dedupe_key",
    "error_code",
    # What a card was refused for, and the name of a price.
    *("failure_code", "lookup_key"),
    # What tells calls apart that are made twice.
    "call_key",
}


def own_classes() -> Iterator[type]:
    for floor in (domain, store, services, gateways, api):
        for found in pkgutil.walk_packages(floor.__path__, f"{floor.__name__}."):
            if found.name.endswith(".program"):
                continue
            module = importlib.import_module(found.name)
            yield from (each for each in vars(module).values() if isinstance(each, type) and each.__module__ == found.name)


def printed_secrets() -> list[str]:
    return [
        f"{each.__module__}.{each.__name__}.{field.name}"
        for each in own_classes()
        if dataclasses.is_dataclass(each)
        for field in dataclasses.fields(each)
        if field.repr and SECRET.search(field.name) and field.name not in HARMLESS and field.type in (str, bytes, str | None, bytes | None)
    ]


def test_no_value_prints_its_secrets() -> None:
    assert printed_secrets() == []


def test_a_secret_that_is_printed_would_be_found() -> None:
    assert all(SECRET.search(name) for name in ("refresh_token", "secret", "token_keys", "google_api_key", "proxy", "code", "verifier"))
    assert not any(SECRET.search(name) for name in ("token_count", "key", "secretary", "encode"))
