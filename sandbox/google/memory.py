"""What people granted, over a restart of the sandbox: one file in its folder, replaced as a whole."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.google.grants import Consent, Grants

_SETS = ("scopes", "refresh")


def keep_in(path: Path, grants: Grants) -> None:
    """Take up what the file knows, and write down every change from now on. A file that cannot be read is begun anew."""
    known = _read(path)
    if known is not None:
        grants.take_up(*known)
    grants.on_change = lambda consents, access: _write(path, consents, access)


def _write(path: Path, consents: list[Consent], access: dict[str, tuple[Consent, datetime]]) -> None:
    words = {
        "consents": [{name: sorted(word) if name in _SETS else word for name, word in asdict(each).items()} for each in consents],
        "access": {token: [held.number, until.isoformat()] for token, (held, until) in access.items()},
    }
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(words, default=datetime.isoformat), encoding="utf-8")
    fresh.replace(path)


def _read(path: Path) -> tuple[list[Consent], dict[str, tuple[Consent, datetime]]] | None:
    if not path.is_file():
        return None
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        consents = [_consent(each) for each in words["consents"]]
        access = {token: (consents[number], datetime.fromisoformat(until)) for token, (number, until) in words["access"].items()}
    except (ValueError, KeyError, TypeError, IndexError):
        return None
    return consents, access


def _consent(words: dict[str, Any]) -> Consent:
    return Consent(
        **{
            **words,
            "scopes": frozenset(words["scopes"]),
            "refresh": set(words["refresh"]),
            "code_until": datetime.fromisoformat(words["code_until"]),
        }
    )
