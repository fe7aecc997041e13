"""Stored answers of calls that carry an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07).

Local effects: the key, the effect and the answer are one transaction, so a crash keeps all of them or none.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from domain.errors import Conflict, FieldProblem, Unacceptable
from store.repository import Repository
from store.tables.requests import idempotency_keys

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered, byte for byte. `is_replay` tells the first answer from its repetitions."""

    status: int
    body: str
    headers: Mapping[str, str]
    is_replay: bool = False


class Idempotency(Repository):
    """One tenant's keys."""

    def once(self, key: str | None, *, route: str, fingerprint: str, effect: Callable[[], StoredAnswer]) -> StoredAnswer:
        """Run `effect` unless this key already did. Raises Conflict while in flight, Unacceptable for another body."""
        if key is None:
            return effect()
        if not 1 <= len(key) <= 255:
            raise Unacceptable("the Idempotency-Key cannot be accepted", (FieldProblem("Idempotency-Key", "use 1 to 255 characters"),))
        self._lock(key)
        known = self._known(key)
        if known is not None:
            return self._replay(known, route=route, fingerprint=fingerprint)
        answer = effect()
        self._remember(key, route, fingerprint, answer)
        return answer

    def is_known(self, key: str) -> bool:
        """Whether a call with this key has its answer: it need not begin again what it would only repeat."""
        return self._known(key) is not None

    def _lock(self, key: str) -> None:
        """Held until the transaction ends, also when the process dies."""
        number = int.from_bytes(hashlib.sha256(f"{self._tenant_id}:{key}".encode()).digest()[:8], signed=True)
        if not self._run("select pg_try_advisory_xact_lock(:number)", number=number).scalar_one():
            raise Conflict("a call with this Idempotency-Key is still running: repeat it in a moment")

    def _known(self, key: str) -> tuple[str, str, StoredAnswer] | None:
        row = self._run(
            "select route, fingerprint, status, headers, body from idempotency_keys where tenant_id = :tenant and key = :key and expires_at > clock_timestamp()",
            key=key,
        ).first()  # fmt: skip
        return (row.route, row.fingerprint, StoredAnswer(row.status, row.body, row.headers, is_replay=True)) if row else None

    def _replay(self, known: tuple[str, str, StoredAnswer], *, route: str, fingerprint: str) -> StoredAnswer:
        if known[:2] != (route, fingerprint):
            problem = FieldProblem("Idempotency-Key", "use a new key for another call")
            raise Unacceptable("this Idempotency-Key was used for another call", (problem,))
        return known[2]

    def _remember(self, key: str, route: str, fingerprint: str, answer: StoredAnswer) -> None:
        self._run("delete from idempotency_keys where tenant_id = :tenant and key = :key", key=key)
        now = self._run("select clock_timestamp()").scalar_one()
        self._insert(
            idempotency_keys,
            {"key": key, "route": route, "fingerprint": fingerprint, "status": answer.status, "headers": dict(answer.headers),
             "body": answer.body, "expires_at": now + KEPT},
        )  # fmt: skip
