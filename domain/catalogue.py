"""What becomes of observed rows: identities, outcomes and tallies. Keeping them is in `store.catalogue`."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from domain.observations import AccountFacts


class Outcome(StrEnum):
    """What one row of an import came to."""

    ACCEPTED = "accepted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """One line of the per-row report."""

    line: int
    outcome: Outcome
    video: str | None = None
    reason: str | None = None


def identity_of(account: AccountFacts) -> str:
    """The key that tells accounts of one platform apart: the platform's id, else the handle, else the title (provisional)."""
    if account.external_id:
        return f"id:{account.external_id}"
    if account.username:
        return f"name:{_folded(account.username)}"
    return f"title:{_folded(account.title or '')}"


def provisional_identities(account: AccountFacts) -> tuple[str, ...]:
    """Under which provisional identities this account is met where its id is not known."""
    found = [f"name:{_folded(account.username)}"] if account.username else []
    if account.title:
        found.append(f"title:{_folded(account.title)}")
    return tuple(found)


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
