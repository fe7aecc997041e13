"""A user's workspaces: made, named, switched between in one session; and that a user who goes is gone everywhere."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from domain.errors import NotFound, SourceUnavailable
from gateways.credentials import SESSION_ENDS, SESSION_LIFE, Tokens
from store.database import Database, SessionEntry
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_token, pointers
from tests.conftest import Member
from tests.people import join, noted


@pytest.fixture
def owner(client: TestClient[Litestar], member: Member) -> Caller:
    """`member`, logged in."""
    return Caller(client, make_token(client, member))


def make(owner: Caller, name: str = "Second") -> UUID:
    return UUID(owner.post("/tenants", {"workspace": name}).json()["workspace_id"])


def test_nobody_makes_switches_or_goes(nobody: Caller) -> None:
    for path in ("/tenants", "/auth/switch", "/me/deactivation", "/tenants/current/transfer"):
        assert_problem(nobody.post(path, {}), 401)


def test_a_further_workspace_is_its_makers_and_dagster_is_told(
    owner: Caller, member: Member, dagster: FakeDagster, superuser: psycopg.Connection[Any]
) -> None:
    made = owner.post("/tenants", {"workspace": " Second "})

    assert (made.status_code, made.json()["workspace"], made.json()["role"], made.json()["plan"]) == (201, "Second", "owner", "free")
    there = UUID(made.json()["workspace_id"])
    assert dagster.tenants == [there]
    assert [each["workspace"] for each in owner.get("/tenants").json()["items"]] == ["Test", "Second"]
    assert noted(superuser, there, "workspace.made") == [(member.user_id, {"before": None, "after": {"name": "Second"}})]


def test_a_workspace_is_made_although_dagster_is_away(owner: Caller, dagster: FakeDagster) -> None:
    dagster.away = SourceUnavailable("dagster")

    assert owner.post("/tenants", {"workspace": "Second"}).status_code == 201


def test_a_repeated_call_makes_one_workspace(owner: Caller) -> None:
    once = {"Idempotency-Key": uuid4().hex}

    first, again = (owner.post("/tenants", {"workspace": "Second"}, headers=once).json() for _ in range(2))

    assert first == again
    assert len(owner.get("/tenants").json()["items"]) == 2


def test_somebody_owns_at_most_five_workspaces(owner: Caller) -> None:
    answers = [owner.post("/tenants", {"workspace": f"w{n}"}).status_code for n in range(5)]

    assert answers == [201] * 4 + [429]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_a_workspaces_name_is_checked(owner: Caller, name: str) -> None:
    assert pointers(assert_problem(owner.post("/tenants", {"workspace": name}), 422)) == ["/workspace"]
    assert pointers(assert_problem(owner.patch("/tenants/current", {"workspace": name}), 422)) == ["/workspace"]


def test_a_workspace_gets_another_name(owner: Caller, member: Member, superuser: psycopg.Connection[Any], theirs: Caller) -> None:
    assert owner.patch("/tenants/current", {"workspace": "Kitchen"}).json()["workspace"] == "Kitchen"

    assert owner.get("/me").json()["workspace"] == "Kitchen"
    assert theirs.get("/me").json()["workspace"] == "Test"
    assert noted(superuser, member.tenant_id, "workspace.renamed") == [
        (member.user_id, {"before": {"name": "Test"}, "after": {"name": "Kitchen"}})
    ]


def test_switching_gives_a_token_of_the_same_session_for_the_other_workspace(
    owner: Caller, member: Member, client: TestClient[Litestar]
) -> None:
    there = make(owner)

    switched = owner.post("/auth/switch", {"workspace_id": str(there)})

    assert switched.headers["cache-control"] == "no-store"
    moved = Caller(client, switched.json()["access_token"])
    assert moved.get("/me").json()["workspace_id"] == str(there)
    assert owner.get("/me").json()["workspace_id"] == str(member.tenant_id), "a token stands for the workspace that it names"
    assert moved.get("/collections").json()["items"] == []


def test_nobody_switches_to_where_they_are_not(owner: Caller, other: Member, mine: Caller) -> None:
    foreign, none = (owner.post("/auth/switch", {"workspace_id": str(each)}) for each in (other.tenant_id, uuid4()))

    assert (assert_problem(foreign, 404)["code"], assert_problem(none, 404)["code"]) == ("not_found", "not_found")
    assert_problem(mine.post("/auth/switch", {"workspace_id": str(other.tenant_id)}), 403, "refused")


def test_a_cookies_session_goes_to_the_other_workspace_itself(owner: Caller, member: Member, database: Database) -> None:
    there, secret = make(owner), b"the hash of a cookie's secret"
    with database.begin_anonymous() as uow:
        uow.sessions.open(
            user_id=member.user_id, tenant_id=member.tenant_id, kind="cookie", good_for=SESSION_LIFE, at_most=SESSION_ENDS,
            secret_hash=secret,
        )  # fmt: skip
    with database.begin(SessionEntry(secret_hash=secret)) as uow:
        assert uow.session is not None
        uow.members.switch(uow.session.session_id, there)

    with database.begin(SessionEntry(secret_hash=secret)) as uow:
        assert uow.tenant_id == there


def test_the_database_switches_no_session_of_another_user(
    database: Database, client: TestClient[Litestar], member: Member, other: Member
) -> None:
    claims = Tokens.read(client.app.state.tokens, make_token(client, member))
    stranger = Tokens.read(client.app.state.tokens, make_token(client, other))

    with pytest.raises(NotFound), database.begin(SessionEntry(stranger.session_id)) as uow:
        uow.members.switch(claims.session_id, other.tenant_id)


def test_an_impersonator_acts_only_within_the_work_of_a_workspace(acting: Caller, other: Member) -> None:
    assert acting.get("/members").status_code == 200
    assert acting.post("/collections", {"name": "mended"}).status_code == 201
    for path, body in {
        "/keys": {"name": "k"},
        "/tenants": {"workspace": "w"},
        "/me/deactivation": None,
        "/tenants/current/transfer": {"user_id": str(other.user_id)},
        "/invitations": {"email": "a@example.org"},
    }.items():
        assert_problem(acting.post(path, body), 403, "refused")


@pytest.fixture
def gone(owner: Caller, client: TestClient[Litestar], database: Database, member: Member) -> Callable[[], list[Caller]]:
    """Deactivates `member`; returns every way in that they had."""
    callers = [owner, Caller(client, make_token(client, member)), Caller(client, make_key(database, member).plain)]
    return lambda: callers if owner.post("/me/deactivation").status_code == 204 else []


def test_who_deactivates_themselves_is_let_in_nowhere(
    gone: Callable[[], list[Caller]], member: Member, superuser: psycopg.Connection[Any]
) -> None:
    callers = gone()

    assert len(callers) == 3
    for caller in callers:
        assert_problem(caller.get("/me"), 401)
    assert superuser.execute("select count(*) from sessions where user_id = %s and ended_at is null", (member.user_id,)).fetchone() == (0,)
    assert len(noted(superuser, member.tenant_id, "user.deactivated")) == 1


def test_an_owner_of_others_goes_only_after_handing_over(owner: Caller, database: Database, member: Member) -> None:
    heir = join(database, member.tenant_id, "member")
    assert_problem(owner.post("/me/deactivation"), 409, "conflict")
    assert owner.get("/me").status_code == 200

    owner.post("/tenants/current/transfer", {"user_id": str(heir.user_id)})

    assert owner.post("/me/deactivation").status_code == 204


def test_a_stale_login_deactivates_nobody(owner: Caller, member: Member, superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("update sessions set created_at = now() - interval '1 hour' where user_id = %s", (member.user_id,))

    assert_problem(owner.post("/me/deactivation"), 403, "refused")
    assert owner.get("/me").status_code == 200


def test_who_logs_in_comes_to_a_workspace_that_is_not_suspended(
    client: TestClient[Litestar], nobody: Caller, other: Member, superuser: psycopg.Connection[Any]
) -> None:
    who = {"email": f"two-{other.user_id.hex}@example.org", "password": "a password of many words"}
    first = nobody.post("/auth/register", {**who, "workspace": "First"}).json()["workspace_id"]
    superuser.execute(
        "insert into memberships (tenant_id, user_id, role) select %s, user_id, 'member' from users where email = %s",
        (other.tenant_id, who["email"]),
    )
    before = nobody.post("/auth/login", who).json()["workspace_id"]
    superuser.execute("update tenants set suspended_at = now() where tenant_id = %s", (first,))

    after = nobody.post("/auth/login", who).json()

    assert (before, after["workspace_id"]) == (first, str(other.tenant_id))
    assert Caller(client, after["access_token"]).get("/tenants").status_code == 200
