"""Every operation of the document is asked by every role and every kind of key: what the table does not grant is 403, before any effect.

An operation that is not in `ACTIONS` counts as writing, one that is got as reading: a new one that asks for nothing is found here.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.roles import SCOPES, Action, Role, granted
from store.database import Database
from tests.api.conftest import Caller, make_key, make_token
from tests.conftest import Member
from tests.people import join, verify

SOME = "01a1fd0e-61c0-7386-b54d-6d325253c7ee"
ACTIONS = {
    "POST /insights/experiments/design": Action.READ,
    "POST /insights/drafts": Action.READ,
    "POST /feedback": Action.READ,
    "POST /clips/candidates/{candidate_id}/preview": Action.READ,
    "POST /insights/scoring-models/{model_id}/scores": Action.READ,
    "POST /insights/releases/{release_id}/replay": Action.READ,
    "POST /channels/{channel_id}/connect": Action.CONNECT,
    "DELETE /channels/{channel_id}/connection": Action.CONNECT,
    "POST /channels/{channel_id}/transfer": Action.MANAGE_CHANNELS,
    "POST /keys": Action.MAKE_KEYS,
    "PATCH /keys/{key_id}": Action.MAKE_KEYS,
    "POST /keys/{key_id}/rotate": Action.MAKE_KEYS,
    "DELETE /keys/{key_id}": Action.MAKE_KEYS,
    "PATCH /members/{user_id}": Action.MANAGE_MEMBERS,
    "DELETE /members/{user_id}": Action.MANAGE_MEMBERS,
    "GET /invitations": Action.MANAGE_MEMBERS,
    "POST /invitations": Action.MANAGE_MEMBERS,
    "POST /invitations/{invitation_id}/resend": Action.MANAGE_MEMBERS,
    "DELETE /invitations/{invitation_id}": Action.MANAGE_MEMBERS,
    "POST /invitations/accept": Action.MANAGE_SELF,
    "POST /members/leave": Action.MANAGE_SELF,
    "POST /me/deactivation": Action.MANAGE_SELF,
    "POST /auth/switch": Action.MANAGE_SELF,
    "POST /tenants": Action.MANAGE_SELF,
    "POST /auth/logout": Action.READ,
    "PATCH /me": Action.MANAGE_SELF,
    "GET /me/sessions": Action.MANAGE_SELF,
    "DELETE /me/sessions": Action.MANAGE_SELF,
    "DELETE /me/sessions/{session_id}": Action.MANAGE_SELF,
    "POST /me/password": Action.MANAGE_SELF,
    "POST /me/verify-email": Action.MANAGE_SELF,
    "GET /me/identities": Action.MANAGE_SELF,
    "POST /me/identities/google": Action.MANAGE_SELF,
    "POST /me/identities/oidc": Action.MANAGE_SELF,
    "DELETE /me/identities/{identity_id}": Action.MANAGE_SELF,
    "GET /me/second-factor": Action.MANAGE_SELF,
    "POST /me/second-factor": Action.MANAGE_SELF,
    "POST /me/second-factor/confirm": Action.MANAGE_SELF,
    "POST /me/second-factor/disable": Action.MANAGE_SELF,
    "POST /me/second-factor/recovery-codes": Action.MANAGE_SELF,
    "POST /me/data-export": Action.EXPORT_WORKSPACE,
    "GET /me/data-export": Action.EXPORT_WORKSPACE,
    "GET /me/data-export/{export_id}": Action.EXPORT_WORKSPACE,
    "GET /me/data-export/{export_id}/link": Action.EXPORT_WORKSPACE,
    "POST /me/deletion": Action.ERASE_WORKSPACE,
    "DELETE /me/deletion": Action.ERASE_WORKSPACE,
    "GET /audit-log": Action.READ_AUDIT,
    "GET /audit-log/export": Action.READ_AUDIT,
    **{
        f"POST /billing/{name}": Action.MANAGE_BILLING
        for name in (
            "checkout",
            "portal",
            "upgrade",
            "cancel",
            "resume",
            "subscription/refresh",
        )
    },
    **{
        f"GET /billing/{name}": Action.READ_BILLING
        for name in (
            "subscription/history",
            "upgrade/preview",
            "invoices",
            "invoices/{invoice_id}",
            "payments",
            "refunds",
            "payment-methods",
        )
    },
    "PATCH /tenants/current": Action.MANAGE_WORKSPACE,
    "POST /tenants/current/transfer": Action.TRANSFER_OWNERSHIP,
}
# Whoever may, is gone afterwards: these have claims of their own.
NOT_ALLOWED_HERE = {"POST /members/leave", "POST /me/deactivation", "POST /auth/logout", "DELETE /me/sessions", "POST /me/password"}
# What the plan refuses whatever the role.
BY_PLAN = {"POST /channels", "GET /trending/videos"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation with an example of what it is sent."""

    name: str
    method: str
    path: str
    body: Any
    is_raw: bool

    @property
    def action(self) -> Action:
        return ACTIONS.get(self.name, Action.READ if self.method == "get" else Action.WRITE)

    def by(self, caller: Caller) -> int:
        words: dict[str, Any] = {"content": b"x"} if self.is_raw else {} if self.body is None else {"json": self.body}
        return caller.call(self.method.upper(), self.path, **words).status_code


@dataclass(frozen=True, slots=True)
class Kind:
    """A role with what brings its calls: a session where `scopes` is None, else a key that was made when its user was the owner."""

    role: Role
    scopes: tuple[str, ...] | None

    def may(self, asked: Asked) -> bool:
        return granted(self.role, asked.action, scopes=self.scopes)


KINDS = [Kind(role, scopes) for role in Role for scopes in (None, ("read",), ("read", "write"), tuple(SCOPES))]


@pytest.fixture
def operations(nobody: Caller) -> list[Asked]:
    paths = nobody.get("/openapi.json").json()["paths"]
    return list(_protected(paths))


def _protected(paths: dict[str, Any]) -> Iterator[Asked]:
    for path, item in paths.items():
        for method in ("get", "post", "put", "patch", "delete"):
            operation = item.get(method)
            if operation is not None and operation["security"] != [{}] and "/admin/" not in path:  # those have claims of their own
                content = operation.get("requestBody", {}).get("content", {})
                is_raw = method == "post" and path.endswith(("/imports", "/media", "/counts/file"))
                short = path.removeprefix("/api/v1")
                filled = re.sub(r"\{[^}]+\}", SOME, short) + _query(operation)
                yield Asked(f"{method.upper()} {short}", method, filled, content.get("application/json", {}).get("example"), is_raw)


def _query(operation: dict[str, Any]) -> str:
    """Parameters that have to be there."""
    needed = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query" and each.get("required")]
    return "?" + "&".join(f"{name}=2" for name in needed) if needed else ""


@pytest.fixture
def callers(client: TestClient[Litestar], database: Database, member: Member, superuser: psycopg.Connection[Any]) -> dict[Kind, Caller]:
    people = {role: member if role is Role.OWNER else join(database, member.tenant_id, role) for role in Role}
    verify(superuser, *people.values())
    return {kind: Caller(client, _credential(client, database, people[kind.role], kind)) for kind in KINDS}


def _credential(client: TestClient[Litestar], database: Database, who: Member, kind: Kind) -> str:
    return make_token(client, who) if kind.scopes is None else make_key(database, who, kind.scopes).plain


def test_the_table_names_only_operations_that_there_are(operations: list[Asked]) -> None:
    assert set(ACTIONS) - {each.name for each in operations} == set()


every_kind = pytest.mark.parametrize("is_full", [False, pytest.param(True, marks=pytest.mark.fuzz)], ids=["edge", "all"])


@every_kind
def test_what_is_not_granted_is_refused_before_any_effect(
    operations: list[Asked], callers: dict[Kind, Caller], superuser: psycopg.Connection[Any], member: Member, is_full: bool
) -> None:
    before = kept(superuser, member.tenant_id)

    told = answers(operations, callers, is_granted=False, is_full=is_full)

    assert {each: status for each, status in told.items() if status != 403} == {}
    assert kept(superuser, member.tenant_id) == before


@every_kind
def test_what_is_granted_is_not_refused(operations: list[Asked], callers: dict[Kind, Caller], is_full: bool) -> None:
    asked = [each for each in operations if each.name not in NOT_ALLOWED_HERE | BY_PLAN]

    told = answers(asked, callers, is_granted=True, is_full=is_full)

    assert {each: status for each, status in told.items() if status in (401, 403)} == {}


def answers(operations: list[Asked], callers: dict[Kind, Caller], *, is_granted: bool, is_full: bool) -> dict[tuple[str, str], int]:
    """What each call was answered, of those that the table grants or of those that it does not."""
    told = {
        (asked.name, str(kind)): asked.by(callers[kind])
        for asked in operations for kind in KINDS
        if kind.may(asked) is is_granted and (is_full or _is_worth_asking(asked, kind))
    }  # fmt: skip
    assert len(told) > 200
    sys.stdout.write(f"\n{len(told)} calls on {len({name for name, _ in told})} operations, {'' if is_granted else 'not '}granted\n")
    return told


def _is_worth_asking(asked: Asked, kind: Kind) -> bool:
    """What the table names is asked by all; of the many others that read or write, by those at the edge of what is granted."""
    if asked.name in ACTIONS:
        return True
    if asked.action is Action.READ:
        return kind == Kind(Role.VIEWER, ("read",)) and "/chart." not in asked.name  # drawing takes seconds
    return kind in _EDGE


_WRITES = ("read", "write")
_EDGE = {Kind(Role.VIEWER, None), Kind(Role.VIEWER, _WRITES), Kind(Role.OWNER, ("read",)), Kind(Role.MEMBER, _WRITES)}


def kept(superuser: psycopg.Connection[Any], workspace: UUID) -> dict[str, Any]:
    """All rows of a workspace, by table, but for when its keys were used."""
    tables = superuser.execute(
        "select c.oid::regclass::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'"
        " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname not in ('sessions', 'access_log')"
    ).fetchall()
    hashed = "select count(*), md5(string_agg((to_jsonb(t) - 'last_used_at')::text, '' order by t::text)) from {} t where tenant_id = %s"
    return {table: superuser.execute(hashed.format(table), (workspace,)).fetchone() for (table,) in tables}
