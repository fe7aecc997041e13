"""API keys of the workspace: made, listed, renamed, rotated, revoked. What a key may do is in `domain.roles`."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.idempotency import IdempotencyKey, once
from api.security import BEARER, known_caller, needs
from domain.identity import ApiKey, check_key
from domain.members import OVERLAP, check_overlap
from domain.roles import Action
from gateways.credentials import new_key
from services import keys
from services.keys import MadeKey
from services.members import caller
from store.database import Database, Entry


class KeyIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key for a program. `expires_at` null: it does not expire. It never does more than you may, whatever its scopes."""

    name: str
    scopes: list[str] = msgspec.field(default_factory=lambda: ["read", "write"])
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class KeyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A key; `key` is the secret itself and shown only once, in the answer that makes it.

    `old_until`: how long the secret of before the last rotation is good, too.
    """

    key_id: UUID
    user_id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    rotated_at: datetime | None
    old_until: datetime | None
    key: str | None = None

    @classmethod
    def of(cls, key: ApiKey, plain: str | None = None) -> "KeyOut":
        words = {name: getattr(key, name) for name in cls.__struct_fields__ if name not in ("scopes", "key")}
        return cls(**words, scopes=list(key.scopes), key=plain)


class KeyChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be changed of a key."""

    name: str


class RotateIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many seconds the secret of before goes on: a day unless said otherwise, at most a week, 0 where it leaked."""

    overlap_seconds: int = int(OVERLAP.total_seconds())


class KeysOut(msgspec.Struct, frozen=True, kw_only=True):
    """All keys of the workspace, newest first, revoked ones too."""

    items: list[KeyOut]


class KeyController(Controller):
    """API keys of the workspace."""

    path = "/keys"
    tags = ["identity"]
    guards = [known_caller]
    security = BEARER

    @get("/", sync_to_thread=True)
    def list_keys(self, database: NamedDependency[Database], entry: NamedDependency[Entry]) -> KeysOut:
        """List the keys; secrets are never shown again."""
        with database.begin(entry) as uow:
            return KeysOut(items=[KeyOut.of(key) for key in uow.identity.api_keys()])

    @post("/", sync_to_thread=True)
    def make_key(
        self, data: JSONBody[KeyIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Make a key. Its secret is in this answer only."""
        check_key(data.name, data.expires_at, now=datetime.now(UTC))
        with database.begin(entry) as uow:
            needs(uow, Action.MAKE_KEYS)

            def effect() -> tuple[KeyOut, int, dict[str, str]]:
                made = keys.make_key(
                    uow, new_key, user_id=caller(uow), name=data.name.strip(), scopes=tuple(data.scopes), expires_at=data.expires_at
                )
                return _shown(made, 201)

            return once(uow, idempotency_key, route="POST /keys", body=data, effect=effect, kept=_without_secret)

    @patch("/{key_id:uuid}", sync_to_thread=True)
    def rename_key(
        self, key_id: FromPath[UUID], data: JSONBody[KeyChange], database: NamedDependency[Database], entry: NamedDependency[Entry]
    ) -> KeyOut:
        """Rename a key: your own, or as an admin anybody's."""
        with database.begin(entry) as uow:
            needs(uow, Action.MAKE_KEYS)
            return KeyOut.of(keys.rename(uow, key_id, data.name))

    @post("/{key_id:uuid}/rotate", sync_to_thread=True, status_code=200)
    def rotate_key(
        self, key_id: FromPath[UUID], data: JSONBody[RotateIn], database: NamedDependency[Database], entry: NamedDependency[Entry],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Give a key of your own another secret, in this answer only. The one of before goes on for `overlap_seconds`, then dies."""
        overlap = check_overlap(data.overlap_seconds)
        with database.begin(entry) as uow:
            needs(uow, Action.MAKE_KEYS)

            def effect() -> tuple[KeyOut, int, dict[str, str]]:
                return _shown(keys.rotate(uow, new_key, key_id, overlap=overlap, now=datetime.now(UTC)), 200)

            route = f"POST /keys/{key_id}/rotate"
            return once(uow, idempotency_key, route=route, body=data, effect=effect, kept=_without_secret)

    @delete("/{key_id:uuid}", sync_to_thread=True, status_code=204)
    def revoke_key(self, key_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry]) -> None:
        """Revoke a key, at once and for good: your own, or as an admin anybody's."""
        with database.begin(entry) as uow:
            needs(uow, Action.MAKE_KEYS)
            keys.revoke(uow, key_id, now=datetime.now(UTC))


def _shown(made: MadeKey, status: int) -> tuple[KeyOut, int, dict[str, str]]:
    return KeyOut.of(made.key, made.plain), status, {"Cache-Control": "no-store"}


def _without_secret(made: KeyOut) -> KeyOut:
    """A repeated call is told which key it made; the secret was in the first answer only and is kept nowhere."""
    return msgspec.structs.replace(made, key=None)
