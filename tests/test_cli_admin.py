"""`whyral admin`: who runs the deployment makes administrators, and takes that back."""

import pytest
from click.testing import CliRunner

import cli
from store.database import Database
from tests.conftest import Member
from tests.conftest import TestUrls as Urls


@pytest.fixture
def runner(urls: Urls, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", urls.app)
    monkeypatch.setenv("WHYRAL_DATABASE_SYSTEM_URL", urls.system)
    return CliRunner()


def test_an_administrator_is_made_and_unmade_by_address_and_that_is_noted(runner: CliRunner, database: Database, member: Member) -> None:
    granted = [runner.invoke(cli.main, ["admin", "grant", member.email.upper()]) for _ in range(2)]
    revoked = runner.invoke(cli.main, ["admin", "revoke", member.email])

    assert [each.output for each in granted] == [f"user {member.user_id} is an administrator of the platform\n"] * 2
    assert revoked.output == f"user {member.user_id} is no administrator of the platform\n"
    with database.begin_anonymous() as uow:
        uow.connection.exec_driver_sql("select set_config('app.tenant', '00000000-0000-0000-0000-000000000000', true)")
        noted = uow.connection.exec_driver_sql("select action from audit_log where subject = %s", (str(member.user_id),)).scalars().all()
    assert sorted(noted) == ["admin.granted", "admin.revoked"]


def test_nobody_of_that_address_is_told(runner: CliRunner) -> None:
    told = runner.invoke(cli.main, ["admin", "grant", "nobody@example.org"])

    assert told.exit_code == 1
    assert "nobody@example.org was not found" in told.output
