"""The caller's workspaces: their own, whatever the credential; of anybody else none."""

from litestar import Litestar
from litestar.testing import TestClient

from store.database import Database, MemberEntry
from tests.api.conftest import Caller, assert_problem, make_token
from tests.conftest import Member


def test_nobody_has_no_workspaces(nobody: Caller) -> None:
    assert_problem(nobody.get("/tenants"), 401)


def test_a_key_and_a_token_see_the_same_workspaces(client: TestClient[Litestar], mine: Caller, reader: Caller, member: Member) -> None:
    by_token = Caller(client, make_token(client, member)).get("/tenants").json()

    assert by_token == mine.get("/tenants").json() == reader.get("/tenants").json()
    assert by_token["items"] == [
        {"workspace_id": str(member.tenant_id), "workspace": "Test", "role": "owner", "plan": "free", "is_demo": False}
    ]


def test_the_database_answers_only_for_the_user_who_entered(database: Database, member: Member, other: Member) -> None:
    with database.begin(MemberEntry(member.tenant_id, member.user_id)) as uow:
        assert [each.tenant_id for each in uow.identity.workspaces(member.user_id)] == [member.tenant_id]
        assert uow.identity.workspaces(other.user_id) == []
    with database.begin(member.tenant_id) as uow:
        assert uow.identity.workspaces(member.user_id) == []
