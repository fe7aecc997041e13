"""`Idempotency-Key` on calls that cost or create: same key and body, same answer, byte for byte. Keeping is in `store.idempotency`."""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Response
from litestar.params import HeaderParameter

from store.idempotency import StoredAnswer
from store.ids import new_id
from store.work import UnitOfWork

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(name="Idempotency-Key", description="repeat a call safely: same key and body give the stored answer for 24 h"),
]
JSON = "application/json"
T = TypeVar("T")


Answer = tuple[T, int, dict[str, str]]


def operation_of(kind: str, key: str | None, *, route: str, body: Any) -> str:
    """What a meter counts the call by. Calls that share a key and nothing else are counted each."""
    return f"{kind}:{new_id() if key is None else _fingerprint([key, route, body])}"


def once(
    uow: UnitOfWork,
    key: str | None,
    *,
    route: str,
    body: Any,
    effect: Callable[[], Answer[T]],
    kept: Callable[[T], T] = lambda shape: shape,
) -> Response[bytes]:
    """Run `effect` unless this key already did; the answer is stored with the effect. `kept` drops what must not be stored."""
    fresh: list[T] = []

    def made() -> StoredAnswer:
        shape, status, headers = effect()
        fresh.append(shape)
        return StoredAnswer(status, msgspec.json.encode(kept(shape)).decode(), headers)

    stored = uow.idempotency.once(key, route=route, fingerprint=_fingerprint(body), effect=made)
    headers = {**stored.headers, **({"Idempotency-Replayed": "true"} if stored.is_replay else {})}
    answer = msgspec.json.encode(fresh[0]) if fresh else stored.body.encode()
    return Response(answer, status_code=stored.status, headers=headers, media_type=JSON)


def _fingerprint(body: Any) -> str:
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()
