"""What becomes of each table where a workspace is exported, imported again, or erased. Reading and deleting rows is in `store.rights`.

Every table of tenants is exported whole, comes back and is deleted, unless it is named here with the reason. A new table or a new
column that looks like a secret fails `tests/store/test_rights.py` until it was thought about.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from domain.csv_cells import guard_cell
from domain.errors import FieldProblem, Unacceptable

LINK_LIFE = timedelta(hours=24)
GRACE = timedelta(days=30)
# What was under way when an erasure began may commit a moment later: it is looked for once more.
SECOND_LOOK = timedelta(minutes=10)
# A provider that does not confirm for so long is not waited for: our tokens are deleted all the same.
PROVIDER_PATIENCE = timedelta(hours=24)
WAIT, RETRY = timedelta(seconds=15), timedelta(minutes=5)


class Erased(StrEnum):
    """What erasure does with a table's rows."""

    DELETED = "deleted"
    SCRUBBED = "scrubbed"
    KEPT = "kept"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How a table differs from all others. `hidden` columns are never exported, and are null or absent after an import."""

    why: str
    hidden: frozenset[str] = frozenset()
    is_exported: bool = True
    comes_back: bool = True
    erased: Erased = Erased.DELETED


_MONEY = "money is counted for years: amounts, days and ids of ours, no name of anybody"
_PLAIN = Treatment(why="")
TREATMENTS: Mapping[str, Treatment] = MappingProxyType({
    "api_keys": Treatment(why="who has the hash may look for the key", hidden=frozenset({"key_hash", "old_hash"}), comes_back=False),
    "connections": Treatment(
        why="sealed tokens open a channel at the provider; a grant is given anew", hidden=frozenset({"access_token", "refresh_token"}),
        comes_back=False,
    ),
    "outbox": Treatment(
        why="a mail may hold a link that lets in; what was sent is not sent again", hidden=frozenset({"body", "html"}), comes_back=False
    ),
    "invitations": Treatment(
        why="an invitation is to a workspace here, and its hash leads to a link", hidden=frozenset({"token_hash"}), comes_back=False
    ),
    **dict.fromkeys(("plan_overrides", "switch_overrides"), Treatment(why="given by who runs this deployment", comes_back=False)),
    "feedback": Treatment(why="said to who runs this deployment", comes_back=False),
    "idempotency_keys": Treatment(why="answers kept for a day: copies of what the other tables hold", is_exported=False, comes_back=False),
    "leaving_files": Treatment(why="names of files that are on their way out", is_exported=False, comes_back=False),
    "exports": Treatment(why="an export does not hold exports", is_exported=False, comes_back=False),
    "deletions": Treatment(why="a deletion that was asked for here is none elsewhere", comes_back=False, erased=Erased.LAST),
    "subscriptions": Treatment(why="a plan is bought here: an imported workspace begins with `free`", comes_back=False),
    "audit_log": Treatment(
        why="the trail of another database stays in the file; here it is never deleted, and keeps ids only",
        hidden=frozenset({"address_seal"}), comes_back=False, erased=Erased.SCRUBBED,
    ),
    "audit_addresses": Treatment(why="belongs to the trail", hidden=frozenset({"salt"}), comes_back=False),
    "fetch_uses": Treatment(why="which shared answers were used: no such answers elsewhere", comes_back=False),
    "quota_uses": Treatment(why="what was taken from this deployment's quota", comes_back=False),
    "cost_days": Treatment(why="sums of the ledger, which stays where it was spent", comes_back=False),
    **dict.fromkeys(("ledger_entries", "ledger_days", "reservations"), Treatment(why=_MONEY, erased=Erased.KEPT, comes_back=False)),
    **dict.fromkeys(
        ("billing_customers", "billing_subscriptions", "billing_methods", "billing_calls"),
        Treatment(why="a plan is bought here, and its payer is known to this deployment's provider alone", comes_back=False),
    ),
    **dict.fromkeys(
        ("billing_invoices", "billing_payments", "billing_refunds", "billing_disputes"),
        Treatment(
            why=f"{_MONEY}; the law has invoices kept; pages that show a name, and words that somebody wrote, go", erased=Erased.SCRUBBED,
            comes_back=False,
        ),
    ),
    "subscription_changes": Treatment(why=_MONEY, erased=Erased.KEPT, comes_back=False),
})  # fmt: skip

# Tables of no tenant: what they hold of one, and what becomes of that.
PLATFORM_TREATMENTS: Mapping[str, str] = MappingProxyType({
    "users": "members' addresses and names are exported as `members`; a user without another workspace is deleted",
    "oauth_states": "consents and sign-ins on their way, hashes of exchanged tokens: deleted with the workspace, and soon after anyway",
    "access_log": "calls by ids and addresses: deleted with the workspace, else when the log's time is over",
    "audit_chain": "hashes of the trail and the order of its entries: kept, they say nothing of anybody",
    "audit_heads": "the last hash of each trail: kept",
    "audit_exports": "which days' heads were written down, by the hash of the file",
    "sessions": "of a user: deleted with the user; its workspace is taken out of it",
    "user_tokens": "of a user: deleted with the user, and a while after they expire",
    "user_identities": "of a user: deleted with the user",
    "recovery_codes": "of a user: deleted with the user",
    "known_devices": "of a user: deleted with the user",
    "auth_events": "who came in and who did not, by ids and hashes: deleted with the user, else when the log's time is over",
    "call_counts": "counts of calls by ids, for a day at most",
    "rate_limits": "buckets are named by a hash; they are deleted after a day",
    "plans": "nobody's",
    "switches": "of the deployment",
    "fetch_cache": "public answers without a user's grant, shared by all; who used one is in `fetch_uses`",
    "quota_days": "sums of the deployment",
    "source_health": "of the deployment",
    "push_feeds": "public channels that somebody follows; who does is in `trackings`",
    "push_entries": "public posts",
    "trending_sounds": "public charts",
    "chart_asks": "that a country's chart was wanted, not by whom",
    "deployment_caps": "of the deployment",
    "deployment_spending": "sums of the deployment, of shares that many workspaces have in common",
    "deployment_settled": "amounts by share, counted in within seconds: no workspace is named",
    "billing_events": "what a payment provider told us, as it came: a workspace's events are deleted with it",
    **dict.fromkeys(("revenue_days", "cash_days", "unit_days"), "sums of the deployment"),
    "billing_cursors": "up to when a payment provider's list of events was read",
    "tombstones": "the hash of an erased workspace's id, and when: so that no backup brings it back",
})  # fmt: skip

# Columns whose names or types look like secrets, and are none.
NOT_SECRET = frozenset({
    ("connections", "tokens_deleted_at"), ("experiments", "plan_hash"), ("releases", "inputs_hash"),
    ("releases", "outputs_hash"), ("release_inputs", "packed"), ("media_analyses", "packed"), ("video_texts", "thumbnail_hash"),
    *((table, name) for table in ("imports", "media", "clips", "leaving_files") for name in ("sha256",)),
})  # fmt: skip
_SECRET_WORDS = re.compile(r"hash(?!tag)|secret|token|password|verifier|sealed|cipher")


def treatment(table: str) -> Treatment:
    return TREATMENTS.get(table, _PLAIN)


def looks_secret(table: str, column: str, *, is_bytes: bool) -> bool:
    """Whether somebody has to think about a column before it is exported."""
    return (is_bytes or bool(_SECRET_WORDS.search(column))) and (table, column) not in NOT_SECRET


def tombstone(tenant_id: UUID) -> str:
    """What is left of a workspace. From a UUIDv7 (74 random bits) nobody finds the id again."""
    return hashlib.sha256(b"whyral tombstone:" + tenant_id.bytes).hexdigest()


def check_confirmation(typed: str, workspace: str) -> None:
    """The workspace's name, as it is written. Raises Unacceptable."""
    if typed.strip() != workspace.strip():
        problem = FieldProblem("/confirmation", "write the name of the workspace exactly as it is")
        raise Unacceptable("the deletion is not confirmed", (problem,))


def neutralised(cell: str) -> str:
    """A cell of an export that no spreadsheet takes for a formula. Plain numbers stay as they are."""
    return cell if _NUMBER.fullmatch(cell) else guard_cell(cell)


_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """A workspace that is to be erased, once `due_at` has come. `started_at`: it can no longer be called off."""

    tenant_id: UUID
    asked_by: UUID | None
    asked_at: datetime
    due_at: datetime
    started_at: datetime | None
    erased_at: datetime | None
    attempt: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A copy of a workspace. `file_key` is null until it is made, and again once its day is over."""

    export_id: UUID
    request_id: UUID
    asked_by: UUID | None
    created_at: datetime
    as_of: datetime | None
    made_at: datetime | None
    expires_at: datetime | None
    file_key: str | None
    sha256: str | None
    size_bytes: int | None
    rows: Mapping[str, int] | None
    files: int | None
