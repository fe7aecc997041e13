"""What keys may do: never more than their user now or their maker then; and that a rotated key changes its secret without a gap."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.roles import SCOPES
from store.database import Database
from tests.api.conftest import Caller, assert_problem, make_key, make_token, pointers
from tests.conftest import Member
from tests.people import join, noted

ByKey = Callable[[str], Caller]


@pytest.fixture
def by_key(client: TestClient[Litestar]) -> ByKey:
    return lambda plain: Caller(client, plain)


@pytest.fixture
def owner(client: TestClient[Litestar], member: Member) -> Caller:
    return Caller(client, make_token(client, member))


def make(caller: Caller, *scopes: str) -> dict[str, Any]:
    made: dict[str, Any] = caller.post("/keys", {"name": "k", "scopes": list(scopes)}).json()
    return made


def test_a_demoted_users_key_shrinks_at_once_and_grows_back(
    by_key: ByKey, database: Database, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    admin = join(database, member.tenant_id, "admin")
    key = by_key(make_key(database, admin, tuple(SCOPES)).plain)
    told = {}
    for role in ("admin", "member", "viewer", "admin"):
        superuser.execute("update memberships set role = %s where user_id = %s and tenant_id = %s", (role, admin.user_id, member.tenant_id))
        told[role] = [
            key.get("/invitations").status_code,
            key.post("/collections", {"name": uuid4().hex}).status_code,
            key.get("/keys").status_code,
        ]

    assert told == {"admin": [200, 201, 200], "member": [403, 201, 200], "viewer": [403, 403, 200]}


def test_a_deactivated_users_key_is_dead(by_key: ByKey, database: Database, member: Member, superuser: psycopg.Connection[Any]) -> None:
    key = by_key(make_key(database, member).plain)

    superuser.execute("update users set is_active = false where user_id = %s", (member.user_id,))

    assert_problem(key.get("/me"), 401)


@pytest.mark.parametrize(("own", "wanted"), [(("read", "keys"), "write"), (("read", "write", "keys"), "members")])
def test_a_key_makes_no_mightier_key(by_key: ByKey, database: Database, member: Member, own: tuple[str, ...], wanted: str) -> None:
    key = by_key(make_key(database, member, own).plain)

    assert pointers(assert_problem(key.post("/keys", {"name": "k", "scopes": ["read", wanted]}), 422)) == ["/scopes"]
    assert key.post("/keys", {"name": "k", "scopes": list(own)}).status_code == 201


def test_a_member_makes_no_key_for_what_admins_do(client: TestClient[Litestar], database: Database, member: Member) -> None:
    worker = Caller(client, make_token(client, join(database, member.tenant_id, "member")))

    assert pointers(assert_problem(worker.post("/keys", {"name": "k", "scopes": ["members"]}), 422)) == ["/scopes"]


def test_a_key_without_the_scope_makes_no_keys(by_key: ByKey, database: Database, member: Member) -> None:
    key = by_key(make_key(database, member, ("read", "write")).plain)

    assert "'keys'" in assert_problem(key.post("/keys", {"name": "k", "scopes": ["read"]}), 403)["detail"]


def test_both_secrets_of_a_rotated_key_are_good_until_the_overlap_is_over(
    owner: Caller, by_key: ByKey, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    made = make(owner, "read")

    rotated = owner.post(f"/keys/{made['key_id']}/rotate", {})

    assert rotated.headers["cache-control"] == "no-store"
    old, new = by_key(made["key"]), by_key(rotated.json()["key"])
    assert rotated.json()["prefix"] == made["prefix"]
    assert [old.get("/me").status_code, new.get("/me").status_code] == [200, 200]
    superuser.execute("update api_keys set old_until = now() where key_id = %s", (made["key_id"],))
    assert_problem(old.get("/me"), 401)
    assert new.get("/me").status_code == 200
    assert [actor for actor, _ in noted(superuser, member.tenant_id, "api_key.rotated")] == [member.user_id]


def test_a_leaked_secret_is_replaced_without_an_overlap(owner: Caller, by_key: ByKey) -> None:
    made = make(owner, "read")

    rotated = owner.post(f"/keys/{made['key_id']}/rotate", {"overlap_seconds": 0}).json()

    assert_problem(by_key(made["key"]).get("/me"), 401)
    assert by_key(rotated["key"]).get("/me").status_code == 200


def test_the_secret_before_the_one_before_is_dead(owner: Caller, by_key: ByKey) -> None:
    made = make(owner, "read")
    secrets = [made["key"], *(owner.post(f"/keys/{made['key_id']}/rotate", {}).json()["key"] for _ in range(2))]

    assert [by_key(each).get("/me").status_code for each in secrets] == [401, 200, 200]


def test_revoking_kills_both_secrets(owner: Caller, by_key: ByKey) -> None:
    made = make(owner, "read")
    rotated = owner.post(f"/keys/{made['key_id']}/rotate", {}).json()

    owner.delete(f"/keys/{made['key_id']}")

    for plain in (made["key"], rotated["key"]):
        assert_problem(by_key(plain).get("/me"), 401)
    assert_problem(owner.post(f"/keys/{made['key_id']}/rotate", {}), 404, "not_found")


@pytest.mark.parametrize("seconds", [-1, 7 * 86_400 + 1])
def test_an_overlap_is_at_most_a_week(owner: Caller, seconds: int) -> None:
    answer = owner.post(f"/keys/{make(owner, 'read')['key_id']}/rotate", {"overlap_seconds": seconds})

    assert pointers(assert_problem(answer, 422)) == ["/overlap_seconds"]


def test_a_repeated_rotation_rotates_once_and_tells_no_secret(owner: Caller, by_key: ByKey) -> None:
    made, once = make(owner, "read"), {"Idempotency-Key": uuid4().hex}
    first, again = (owner.post(f"/keys/{made['key_id']}/rotate", {}, headers=once).json() for _ in range(2))

    assert again == {**first, "key": None}
    assert by_key(made["key"]).get("/me").status_code == 200


def test_nobody_learns_the_secret_of_anothers_key_but_an_admin_may_end_it(
    owner: Caller, client: TestClient[Litestar], database: Database, member: Member
) -> None:
    worker, peer = (Caller(client, make_token(client, join(database, member.tenant_id, "member"))) for _ in range(2))
    key_id = make(worker, "read")["key_id"]

    for caller in (owner, peer):
        assert_problem(caller.post(f"/keys/{key_id}/rotate", {}), 403, "refused")
    assert_problem(peer.delete(f"/keys/{key_id}"), 403, "refused")
    assert_problem(peer.patch(f"/keys/{key_id}", {"name": "mine"}), 403, "refused")
    assert owner.patch(f"/keys/{key_id}", {"name": "theirs"}).json()["name"] == "theirs"
    assert owner.delete(f"/keys/{key_id}").status_code == 204


def test_a_key_rotates_no_mightier_key_of_its_user(owner: Caller, by_key: ByKey) -> None:
    mighty, weak = make(owner, "read", "write", "members"), make(owner, "read", "keys")

    assert pointers(assert_problem(by_key(weak["key"]).post(f"/keys/{mighty['key_id']}/rotate", {}), 422)) == ["/scopes"]
    assert by_key(weak["key"]).post(f"/keys/{weak['key_id']}/rotate", {}).status_code == 200


def test_a_key_gets_another_name(owner: Caller) -> None:
    key_id = make(owner, "read")["key_id"]

    assert owner.patch(f"/keys/{key_id}", {"name": " laptop "}).json()["name"] == "laptop"
    assert pointers(assert_problem(owner.patch(f"/keys/{key_id}", {"name": "a\nb"}), 422)) == ["/name"]


def test_another_workspaces_key_is_neither_renamed_nor_rotated(owner: Caller, theirs: Caller) -> None:
    key_id = make(owner, "read")["key_id"]

    for answer in (theirs.patch(f"/keys/{key_id}", {"name": "x"}), theirs.post(f"/keys/{key_id}/rotate", {})):
        assert_problem(answer, 404, "not_found")
