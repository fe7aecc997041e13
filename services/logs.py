"""Keeping logs for as long as they are wanted, and the chains of the audit log proven: verified, and their heads kept elsewhere.

Whoever can write everything in the database can write a whole chain anew. A head that was exported before tells.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import NotFound
from domain.ports import FilePort
from domain.retention import LogsKept
from services import outbox
from store.audit import PLATFORM, AuditProof, Head, HeadExport
from store.database import Database
from store.logs import Pruned

BATCH = 5_000
# A line is overdue where its time has been up for a day: the run comes once a day.
GRACE = timedelta(days=1)
MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """What a day's tidying came to, in rows."""

    pruned: Pruned
    mails_blanked: int
    mails_deleted: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain that does not hold. `seq`: its first broken place."""

    tenant_id: UUID
    seq: int
    entry_id: UUID | None
    reason: str


def prune(database: Database, kept: LogsKept, *, now: datetime, batch: int = BATCH) -> Kept:
    """Delete what is past its day, a batch per transaction."""
    total, went = Pruned(), True
    while went:
        with database.begin_system() as system:
            done = system.logs.prune(access_before=now - kept.access, auth_before=now - kept.auth, batch=batch)
        total, went = total + done, done.rows > 0
    return Kept(total, *outbox.tidy(database, now=now))


def overdue(database: Database, kept: LogsKept, *, now: datetime) -> int:
    """Lines that should have gone with yesterday's run."""
    with database.begin_system() as system:
        return system.logs.overdue(access_before=now - kept.access - GRACE, auth_before=now - kept.auth - GRACE)


def export_heads(database: Database, files: FilePort, *, now: datetime) -> HeadExport:
    """Today's heads as one JSON file of the platform. The day's first stays the one that is compared with."""
    with database.begin_system() as system:
        heads = system.audit.heads()
    words = _words(now, heads)
    stored = files.put(PLATFORM, [words], limit_bytes=MOST_BYTES)
    made = HeadExport(now.date(), stored.key, hashlib.sha256(words).hexdigest(), len(heads))
    with database.begin_system() as system:
        system.audit.exported(made)
    return made


def verify(database: Database, tenant_ids: Sequence[UUID] | None = None) -> list[AuditProof]:
    """Go through these chains, or through all; the platform's is the first."""
    if tenant_ids is None:
        with database.begin_system() as system:
            tenant_ids = [PLATFORM, *(each for each in system.audit.chained() if each != PLATFORM)]
    proofs = []
    for each in tenant_ids:
        with database.begin_system() as system:
            proofs.append(system.audit.verify(each))
    return proofs


def broken(database: Database, files: FilePort) -> list[Broken]:
    """Chains that do not hold in themselves, or do not extend what was exported last."""
    found = [
        Broken(proof.tenant_id, proof.broken_seq, proof.broken_entry, proof.reason)
        for proof in verify(database)
        if proof.reason is not None and proof.broken_seq is not None
    ]
    with database.begin_system() as system:
        exports = system.audit.exports(limit=2)
    return [*found, *(each for export in exports for each in _not_extended(database, files, export))]


def _not_extended(database: Database, files: FilePort, export: HeadExport) -> list[Broken]:
    heads = read_heads(files, export)
    if heads is None:
        return [Broken(PLATFORM, 0, None, f"the export of {export.day} is gone from the file store, or was changed")]
    with database.begin_system() as system:
        lost = [head for head in heads if head.seq > 0 and system.audit.hash_at(head.tenant_id, head.seq) != head.hash]
    return [Broken(head.tenant_id, head.seq, None, f"it is not the chain that was exported on {export.day}") for head in lost]


def read_heads(files: FilePort, export: HeadExport) -> list[Head] | None:
    """None where the file is not what was written."""
    try:
        with closing(files.open(export.file_key)) as file:
            words = file.read()
    except NotFound:
        return None
    if hashlib.sha256(words).hexdigest() != export.sha256:
        return None
    return [Head(UUID(each["tenant_id"]), each["seq"], bytes.fromhex(each["hash"])) for each in json.loads(words)["heads"]]


def told(found: Sequence[Broken]) -> list[Mapping[str, object]]:
    """For metadata and logs."""
    return [{name: str(word) if isinstance(word, UUID) else word for name, word in asdict(each).items()} for each in found]


def _words(now: datetime, heads: Sequence[Head]) -> bytes:
    shown = [{"tenant_id": str(each.tenant_id), "seq": each.seq, "hash": each.hash.hex()} for each in heads]
    return json.dumps({"format": "whyral audit heads 1", "made_at": now.isoformat(), "heads": shown}, indent=1).encode() + b"\n"
