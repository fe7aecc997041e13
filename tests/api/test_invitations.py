"""Invitations: by mail only, once, to that address, within a week and the plan's seats; accepted with an account or with a new one."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from store.database import Database
from tests.api.conftest import Caller, assert_problem, make_key, make_token, pointers
from tests.conftest import Member, make_member
from tests.people import join, mails, noted, verify

Invite = Callable[..., str]
PASSWORD = "correct horse battery"


@pytest.fixture
def owner(client: TestClient[Litestar], member: Member, superuser: psycopg.Connection[Any]) -> Caller:
    verify(superuser, member)
    return Caller(client, make_token(client, member))


@pytest.fixture
def invite(owner: Caller, superuser: psycopg.Connection[Any]) -> Invite:
    """`invite(email, role)`: the code of the mail."""

    def invited(email: str, role: str = "member") -> str:
        assert owner.post("/invitations", {"email": email, "role": role}).status_code == 201
        return code(mails(superuser, email)[-1])

    return invited


@pytest.fixture
def guest(client: TestClient[Litestar], database: Database, superuser: psycopg.Connection[Any]) -> tuple[Member, Caller]:
    """Somebody with an account and a verified address."""
    who = make_member(database)
    verify(superuser, who)
    return who, Caller(client, make_token(client, who))


@pytest.fixture(autouse=True)
def no_tries_yet(superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("delete from rate_limits")


def code(body: str) -> str:
    found = re.search(r"^Your code: (\S{43})$", body, flags=re.MULTILINE)
    assert found is not None, body
    return found[1]


def address() -> str:
    return f"{uuid4().hex}@example.org"


def test_invitations_need_somebody(nobody: Caller) -> None:
    for answer in (nobody.get("/invitations"), nobody.post("/invitations", {"email": address()}), nobody.post("/invitations/accept", {})):
        assert_problem(answer, 401)


def test_who_is_invited_joins_as_that_and_once(
    invite: Invite, owner: Caller, guest: tuple[Member, Caller], member: Member, superuser: psycopg.Connection[Any]
) -> None:
    who, caller = guest
    token = invite(who.email, "viewer")

    joined = caller.post("/invitations/accept", {"token": token})

    assert (joined.status_code, joined.json()["workspace_id"], joined.json()["role"]) == (200, str(member.tenant_id), "viewer")
    assert [each["email"] for each in owner.get("/members").json()["items"]] == [member.email, who.email]
    assert [each["state"] for each in owner.get("/invitations").json()["items"]] == ["accepted"]
    assert_problem(caller.post("/invitations/accept", {"token": token}), 404, "not_found")
    ((actor, details),) = noted(superuser, member.tenant_id, "invitation.accepted")
    assert (actor, details["after"]) == (who.user_id, {"role": "viewer", "user_id": str(who.user_id)})


def test_the_code_is_in_the_mail_and_nowhere_else(
    invite: Invite, owner: Caller, superuser: psycopg.Connection[Any], member: Member
) -> None:
    email = address()
    token = invite(email)

    assert token not in owner.get("/invitations").text
    assert token.encode() not in superuser.execute("select token_hash from invitations where email = %s", (email,)).fetchone()[0]  # type: ignore[index]
    assert token not in str(noted(superuser, member.tenant_id, "invitation.sent"))
    assert email not in str(noted(superuser, member.tenant_id, "invitation.sent"))


def test_another_address_does_not_join_with_the_code(invite: Invite, guest: tuple[Member, Caller]) -> None:
    token = invite(address())

    assert_problem(guest[1].post("/invitations/accept", {"token": token}), 403, "refused")


def test_an_unverified_address_neither_joins_nor_invites(
    invite: Invite, guest: tuple[Member, Caller], superuser: psycopg.Connection[Any]
) -> None:
    who, caller = guest
    token = invite(who.email)
    superuser.execute("update users set is_verified = false where user_id = %s", (who.user_id,))

    assert_problem(caller.post("/invitations/accept", {"token": token}), 403, "refused")
    assert_problem(caller.post("/invitations", {"email": address()}), 403, "refused")

    superuser.execute("update users set is_verified = true where user_id = %s", (who.user_id,))
    assert caller.post("/invitations/accept", {"token": token}).status_code == 200


@pytest.mark.parametrize("how", ["revoked", "expired", "sent again", "made up"])
def test_a_code_that_is_not_good_any_more_lets_nobody_in(
    invite: Invite, owner: Caller, guest: tuple[Member, Caller], nobody: Caller, superuser: psycopg.Connection[Any], how: str
) -> None:
    who, caller = guest
    token = invite(who.email)
    invitation_id = owner.get("/invitations").json()["items"][0]["invitation_id"]
    if how == "revoked":
        assert owner.delete(f"/invitations/{invitation_id}").status_code == 204
        assert_problem(owner.delete(f"/invitations/{invitation_id}"), 409, "conflict")
    elif how == "expired":
        superuser.execute("update invitations set expires_at = now() where invitation_id = %s", (invitation_id,))
    elif how == "sent again":
        assert owner.post(f"/invitations/{invitation_id}/resend").status_code == 200
    else:
        token = token[:-1] + ("a" if token[-1] != "a" else "b")

    assert_problem(caller.post("/invitations/accept", {"token": token}), 404, "not_found")
    assert_problem(nobody.post("/invitations/register", {"token": token, "password": PASSWORD}), 404, "not_found")
    if how == "sent again":
        assert caller.post("/invitations/accept", {"token": code(mails(superuser, who.email)[-1])}).status_code == 200


def test_who_has_no_account_registers_by_the_code_and_is_verified(
    invite: Invite, nobody: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    email = address()
    token = invite(email, "admin")

    made = nobody.post("/invitations/register", {"token": token, "password": PASSWORD, "full_name": "Bo"})

    assert made.status_code == 201
    assert (made.json()["workspace_id"], made.json()["role"], made.json()["email"]) == (str(member.tenant_id), "admin", email)
    assert superuser.execute("select is_verified from users where email = %s", (email,)).fetchone() == (True,)
    logged_in = nobody.post("/auth/login", {"email": email, "password": PASSWORD})
    assert logged_in.json()["workspace_id"] == str(member.tenant_id)


def test_the_code_of_an_address_with_an_account_makes_no_second_one(invite: Invite, nobody: Caller, guest: tuple[Member, Caller]) -> None:
    token = invite(guest[0].email)

    assert_problem(nobody.post("/invitations/register", {"token": token, "password": PASSWORD}), 409, "conflict")
    assert pointers(assert_problem(nobody.post("/invitations/register", {"token": token, "password": "short"}), 422)) == ["/password"]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"email": "nobody"}, 422, "/email"),
        ({"email": "ana@example.org\nBcc: all@example.org"}, 422, "/email"),
        ({"email": "ana@example.org", "role": "owner"}, 422, "/role"),
        ({"email": "ana@example.org", "role": "king"}, 400, "/role"),
        ({}, 400, "/email"),
    ],
)
def test_an_invitation_of_bad_shape_is_refused_by_field(owner: Caller, body: dict[str, Any], status: int, pointer: str) -> None:
    assert pointers(assert_problem(owner.post("/invitations", body), status)) == [pointer]


def test_an_admin_invites_below_their_rank_only(
    client: TestClient[Litestar], database: Database, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    who = join(database, member.tenant_id, "admin")
    verify(superuser, who)
    admin = Caller(client, make_token(client, who))

    assert_problem(admin.post("/invitations", {"email": address(), "role": "admin"}), 403, "refused")
    assert admin.post("/invitations", {"email": address(), "role": "member"}).status_code == 201


def test_nobody_is_invited_twice_or_as_a_member(owner: Caller, invite: Invite, member: Member) -> None:
    email = address()
    invite(email)

    assert_problem(owner.post("/invitations", {"email": email.upper()}), 409, "conflict")
    assert_problem(owner.post("/invitations", {"email": member.email.upper()}), 409, "conflict")


def test_open_invitations_take_seats_and_one_taken_back_frees_it(owner: Caller, invite: Invite) -> None:
    for _ in range(4):
        invite(address())

    assert_problem(owner.post("/invitations", {"email": address()}), 429, "limit_reached")

    owner.delete(f"/invitations/{owner.get('/invitations').json()['items'][0]['invitation_id']}")
    assert owner.post("/invitations", {"email": address()}).status_code == 201


@pytest.mark.parametrize(("most", "status"), [(1, 429), (9, 200)])
def test_seats_that_were_set_apart_count_when_somebody_joins(
    client: TestClient[Litestar],
    database: Database,
    member: Member,
    superuser: psycopg.Connection[Any],
    invite: Invite,
    most: int,
    status: int,
) -> None:
    guest = make_member(database)
    verify(superuser, guest)
    token = invite(guest.email)
    for _ in range(4):
        join(database, member.tenant_id, "viewer")
    superuser.execute(
        "insert into plan_overrides (tenant_id, what, most, reason, expires_at) values (%s, 'seats', %s, 'x', now() + interval '1 day')",
        (member.tenant_id, most),
    )

    answer = Caller(client, make_token(client, guest)).post("/invitations/accept", {"token": token})

    assert answer.status_code == status, answer.text


def test_of_many_who_accept_the_last_seat_one_gets_it(
    client: TestClient[Litestar], database: Database, member: Member, owner: Caller, superuser: psycopg.Connection[Any], invite: Invite
) -> None:
    guests = [make_member(database) for _ in range(3)]
    verify(superuser, *guests)
    words = [(Caller(client, make_token(client, who)), invite(who.email)) for who in guests]
    for _ in range(3):
        join(database, member.tenant_id, "viewer")

    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda each: each[0].post("/invitations/accept", {"token": each[1]}).status_code, words))

    assert sorted(answers) == [200, 429, 429]


def test_a_workspace_sends_a_bounded_number_of_mails(owner: Caller, invite: Invite, superuser: psycopg.Connection[Any]) -> None:
    email = address()
    invite(email)
    invitation_id = owner.get("/invitations").json()["items"][0]["invitation_id"]

    answers = [owner.post(f"/invitations/{invitation_id}/resend").status_code for _ in range(20)]

    assert answers == [200] * 19 + [429]
    assert len(mails(superuser, email)) == 20


def test_another_workspaces_invitation_is_not_there(
    owner: Caller, invite: Invite, theirs: Caller, other: Member, client: TestClient[Litestar]
) -> None:
    email = address()
    invite(email)
    invitation_id = owner.get("/invitations").json()["items"][0]["invitation_id"]
    stranger = Caller(client, make_token(client, other))

    assert email not in stranger.get("/invitations").text
    for answer in (stranger.delete(f"/invitations/{invitation_id}"), stranger.post(f"/invitations/{invitation_id}/resend")):
        assert_problem(answer, 404, "not_found")


def test_a_key_invites_only_with_the_scope_for_it_and_never_accepts(
    owner: Caller, client: TestClient[Litestar], database: Database, member: Member, invite: Invite
) -> None:
    plain, mighty = (Caller(client, make_key(database, member, scopes).plain) for scopes in (("read", "write"), ("read", "members")))

    assert "'members'" in assert_problem(plain.post("/invitations", {"email": address()}), 403)["detail"]
    assert mighty.post("/invitations", {"email": address()}).status_code == 201
    assert_problem(mighty.post("/invitations/accept", {"token": "x"}), 403, "refused")


def test_a_repeated_invitation_sends_one_mail(owner: Caller, superuser: psycopg.Connection[Any]) -> None:
    email, once = address(), {"Idempotency-Key": uuid4().hex}

    first, again = (owner.post("/invitations", {"email": email}, headers=once) for _ in range(2))

    assert first.json() == again.json()
    assert UUID(first.json()["invitation_id"])
    assert len(mails(superuser, email)) == 1
