"""Members: seen by all, changed by who ranks above them, gone at once with keys and sessions; the ownership handed over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from store.database import Database
from tests.api.conftest import Caller, assert_problem, make_key, make_token, pointers
from tests.conftest import Member
from tests.people import join, mails, noted

Session = Callable[[Member], Caller]
Joining = Callable[[str], Member]


@pytest.fixture
def session(client: TestClient[Litestar]) -> Session:
    """`session(member)`: that member, logged in."""
    return lambda who: Caller(client, make_token(client, who))


@pytest.fixture
def joining(database: Database, member: Member) -> Joining:
    """`joining(role)`: another member of `member`'s workspace."""
    return lambda role: join(database, member.tenant_id, role)


def role_of(caller: Caller, who: Member) -> str:
    return next(str(each["role"]) for each in caller.get("/members").json()["items"] if each["user_id"] == str(who.user_id))


def test_members_need_somebody(nobody: Caller) -> None:
    for answer in (nobody.get("/members"), nobody.patch(f"/members/{uuid4()}", {"role": "viewer"}), nobody.post("/members/leave")):
        assert_problem(answer, 401)


def test_everybody_in_it_sees_the_members_and_the_seats_and_nobody_else_does(
    session: Session, joining: Joining, member: Member, theirs: Caller
) -> None:
    viewer = joining("viewer")

    found = session(viewer).get("/members").json()

    assert [(each["email"], each["role"]) for each in found["items"]] == [(member.email, "owner"), (viewer.email, "viewer")]
    assert (found["seats_used"], found["seats_limit"]) == (2, 5)
    assert member.email not in theirs.get("/members").text


def test_another_role_counts_from_the_next_call_on_for_keys_too(
    session: Session, joining: Joining, member: Member, database: Database, client: TestClient[Litestar], superuser: psycopg.Connection[Any]
) -> None:
    worker = joining("member")
    callers = [session(worker), Caller(client, make_key(database, worker).plain)]
    assert [caller.post("/collections", {"name": f"c{n}"}).status_code for n, caller in enumerate(callers)] == [201, 201]

    answer = session(member).patch(f"/members/{worker.user_id}", {"role": "viewer"})

    assert answer.json()["role"] == "viewer"
    for caller in callers:
        assert_problem(caller.post("/collections", {"name": "later"}), 403, "refused")
        assert caller.get("/collections").status_code == 200
    assert noted(superuser, member.tenant_id, "member.role_changed") == [
        (member.user_id, {"before": {"role": "member"}, "after": {"role": "viewer"}})
    ]


@pytest.mark.parametrize(
    ("by", "of", "to", "status"),
    [
        ("owner", "admin", "viewer", 200),
        ("owner", "viewer", "admin", 200),
        ("owner", "member", "owner", 422),
        ("admin", "member", "viewer", 200),
        ("admin", "viewer", "admin", 403),
        ("admin", "admin", "viewer", 403),
        ("admin", "owner", "viewer", 403),
        ("member", "viewer", "member", 403),
        ("viewer", "viewer", "member", 403),
    ],
)
def test_one_changes_who_ranks_below_and_only_to_below(
    session: Session, joining: Joining, member: Member, by: str, of: str, to: str, status: int
) -> None:
    changer, changed = (member if each == "owner" else joining(each) for each in (by, of))

    assert session(changer).patch(f"/members/{changed.user_id}", {"role": to}).status_code == status

    assert role_of(session(member), changed) == (to if status == 200 else of)


def test_nobody_changes_or_removes_themselves_so_that_an_owner_stays(session: Session, member: Member) -> None:
    owner = session(member)

    assert_problem(owner.patch(f"/members/{member.user_id}", {"role": "viewer"}), 409, "conflict")
    assert_problem(owner.delete(f"/members/{member.user_id}"), 409, "conflict")
    assert_problem(owner.post("/members/leave"), 409, "conflict")
    assert role_of(owner, member) == "owner"


def test_who_is_removed_is_out_with_session_and_keys_and_told_by_mail(
    session: Session, joining: Joining, member: Member, database: Database, client: TestClient[Litestar], superuser: psycopg.Connection[Any]
) -> None:
    gone = joining("admin")
    key = make_key(database, gone)
    callers = [session(gone), Caller(client, key.plain)]
    assert [caller.get("/me").status_code for caller in callers] == [200, 200]

    assert session(member).delete(f"/members/{gone.user_id}").status_code == 204

    for caller in callers:
        assert_problem(caller.get("/me"), 401)
    assert str(gone.user_id) not in session(member).get("/members").text
    ((actor, details),) = noted(superuser, member.tenant_id, "member.removed")
    assert (actor, details["before"], details["after"]) == (member.user_id, {"role": "admin", "keys": 1}, None)
    assert "no longer" in superuser.execute("select subject from outbox where recipient = %s", (gone.email,)).fetchone()[0]  # type: ignore[index]


def test_another_workspaces_member_is_not_there(session: Session, member: Member, other: Member) -> None:
    owner = session(member)

    for answer in (owner.patch(f"/members/{other.user_id}", {"role": "viewer"}), owner.delete(f"/members/{other.user_id}")):
        assert_problem(answer, 404, "not_found")
    assert role_of(session(other), other) == "owner"


def test_whoever_leaves_is_out_and_keeps_their_other_workspaces(session: Session, joining: Joining, client: TestClient[Litestar]) -> None:
    viewer = joining("viewer")
    leaving = session(viewer)
    assert len(leaving.get("/tenants").json()["items"]) == 2

    assert leaving.post("/members/leave").status_code == 204

    assert_problem(leaving.get("/me"), 401)


def test_the_ownership_goes_to_another_member_and_both_are_told(
    session: Session, joining: Joining, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    heir, owner = joining("member"), session(member)

    answer = owner.post("/tenants/current/transfer", {"user_id": str(heir.user_id)})

    assert (answer.status_code, answer.json()["role"]) == (200, "admin")
    assert (role_of(owner, member), role_of(owner, heir)) == ("admin", "owner")
    assert_problem(owner.post("/tenants/current/transfer", {"user_id": str(heir.user_id)}), 403, "refused")
    assert [actor for actor, _ in noted(superuser, member.tenant_id, "ownership.given")] == [member.user_id]
    assert [each["after"] for _, each in noted(superuser, member.tenant_id, "ownership.taken")] == [{"role": "owner"}]
    assert [len(mails(superuser, each.email)) for each in (member, heir)] == [1, 1]


@pytest.mark.parametrize("kind", ["viewer", "self", "stranger", "deactivated"])
def test_the_ownership_goes_to_nobody_unfit(
    session: Session, joining: Joining, member: Member, other: Member, superuser: psycopg.Connection[Any], kind: str
) -> None:
    heir = {"viewer": joining("viewer"), "self": member, "stranger": other, "deactivated": joining("admin")}[kind]
    if kind == "deactivated":
        superuser.execute("update users set is_active = false where user_id = %s", (heir.user_id,))

    answer = session(member).post("/tenants/current/transfer", {"user_id": str(heir.user_id)})

    if kind == "stranger":
        assert_problem(answer, 404, "not_found")
    else:
        assert pointers(assert_problem(answer, 422)) == ["/user_id"]
    assert role_of(session(member), member) == "owner"


def test_a_stale_login_does_not_hand_over_and_a_second_factor_makes_it_fresh(
    session: Session, joining: Joining, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    heir, owner = joining("admin"), session(member)
    asked = {"user_id": str(heir.user_id)}
    superuser.execute("update sessions set created_at = now() - interval '16 minutes' where user_id = %s", (member.user_id,))
    assert "log in again" in assert_problem(owner.post("/tenants/current/transfer", asked), 403)["detail"]

    superuser.execute("update users set totp_confirmed_at = now() where user_id = %s", (member.user_id,))
    superuser.execute("update sessions set created_at = now() where user_id = %s", (member.user_id,))
    assert_problem(owner.post("/tenants/current/transfer", asked), 403)

    superuser.execute("update sessions set second_factor_at = now() where user_id = %s", (member.user_id,))
    assert owner.post("/tenants/current/transfer", asked).status_code == 200


def test_of_many_transfers_at_once_one_is_done_and_one_owner_is_left(session: Session, joining: Joining, member: Member) -> None:
    heirs, owner = [joining("admin") for _ in range(4)], session(member)

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda heir: owner.post("/tenants/current/transfer", {"user_id": str(heir.user_id)}).status_code, heirs))

    assert sorted(answers) == [200, 403, 403, 403]
    assert [each["role"] for each in owner.get("/members").json()["items"]].count("owner") == 1
