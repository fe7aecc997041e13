"""/admin: nobody but administrators of the platform gets anything, and what they do is noted with before and after."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.exc import ProgrammingError

from domain.errors import LimitReached, Refused
from store.database import Database, SessionEntry
from store.ids import new_id
from store.rls import ADMIN_FUNCTIONS
from tests.api.administering import PLATFORM, SOME, noted, operations, with_role
from tests.api.conftest import Caller, assert_problem, make_key, make_session, make_token, pointers
from tests.conftest import Member

WHO = ("owner", "admin", "member", "viewer", "key", "key of an administrator", "acting")


@pytest.mark.parametrize("kind", WHO)
def test_nobody_else_gets_anything_from_any_route_of_admin(
    client: TestClient[Litestar],
    database: Database,
    superuser: psycopg.Connection[Any],
    member: Member,
    boss: Member,
    acting: Caller,
    kind: str,
) -> None:
    if kind in ("admin", "member", "viewer"):
        with_role(superuser, member, kind)
    keys = {"key": member, "key of an administrator": boss}
    credential = make_key(database, keys[kind]).plain if kind in keys else make_token(client, member)
    caller = acting if kind == "acting" else Caller(client, credential)
    routes = [(method, path) for method, path in operations(caller) if path.startswith("/api/v1/admin")]

    answers = {
        (method, path): client.request(method, re.sub(r"\{[^}]+\}", SOME, path), headers={"Authorization": f"Bearer {caller.credential}"})
        for method, path in routes
    }

    assert len(answers) >= 25
    assert {answer.status_code for answer in answers.values()} == {403}
    assert {answer.json()["code"] for answer in answers.values()} == {"refused"}
    assert not [each for each, answer in answers.items() if boss.email in answer.text or "items" in answer.json()]


def test_every_list_answers_an_administrator(admin: Caller) -> None:
    for method, path in operations(admin):
        if method == "GET" and path.startswith("/api/v1/admin") and "{" not in path:
            answer = admin.get(path.removeprefix("/api/v1"))
            assert answer.status_code == 200, (path, answer.text)


def test_an_administrator_no_more_is_out_at_once(database: Database, admin: Caller, boss: Member) -> None:
    assert admin.get("/admin/users").status_code == 200

    with database.begin_system() as system:
        system.set_platform_admin(boss.email, is_admin=False)

    assert_problem(admin.get("/admin/users"), 403, "refused")


def test_who_has_a_second_factor_proves_it(
    client: TestClient[Litestar], admin: Caller, boss: Member, superuser: psycopg.Connection[Any]
) -> None:
    superuser.execute("update users set totp_confirmed_at = now() where user_id = %s", (boss.user_id,))
    assert_problem(admin.get("/admin/users"), 403, "second_factor_needed")

    superuser.execute("update sessions set second_factor_at = now() where user_id = %s", (boss.user_id,))

    assert admin.get("/admin/users").status_code == 200


def test_users_are_found_page_by_page(admin: Caller, member: Member, other: Member) -> None:
    first = admin.get("/admin/users", params={"limit": 1}).json()
    second = admin.get("/admin/users", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    found = admin.get("/admin/users", params={"wanted": member.email.upper()}).json()

    assert first["items"][0]["user_id"] != second["items"][0]["user_id"]
    assert [each["user_id"] for each in found["items"]] == [str(member.user_id)]
    detail = admin.get(f"/admin/users/{member.user_id}").json()
    assert [each["workspace_id"] for each in detail["memberships"]] == [str(member.tenant_id)]
    assert_problem(admin.get(f"/admin/users/{SOME}"), 404)
    assert_problem(admin.get("/admin/users", params={"cursor": "x"}), 422)


def test_a_deactivated_user_is_out_with_sessions_and_keys_and_comes_back(
    client: TestClient[Litestar], database: Database, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    session, key = Caller(client, make_token(client, member)), Caller(client, make_key(database, member).plain)
    assert {session.get("/me").status_code, key.get("/me").status_code} == {200}

    assert admin.call("PUT", f"/admin/users/{member.user_id}/deactivation", json={"reason": "abuse of keys"}).json()["is_active"] is False

    assert {session.get("/me").status_code, key.get("/me").status_code} == {401}
    details = noted(superuser, PLATFORM, "user.deactivated", str(member.user_id))
    assert (details["before"], details["after"]) == ({"is_active": True}, {"is_active": False, "sessions_ended": 1})
    assert details["reason"] == "abuse of keys"
    assert admin.delete(f"/admin/users/{member.user_id}/deactivation").json()["is_active"] is True
    assert (session.get("/me").status_code, key.get("/me").status_code) == (401, 200)


def test_an_administrator_does_not_lock_themselves_out(admin: Caller, boss: Member) -> None:
    assert_problem(admin.call("PUT", f"/admin/users/{boss.user_id}/deactivation", json={"reason": "by mistake"}), 409)


def test_ended_sessions_are_ended_for_all_workers(client: TestClient[Litestar], admin: Caller, member: Member) -> None:
    session = Caller(client, make_token(client, member))

    assert admin.delete(f"/admin/users/{member.user_id}/sessions").json() == {"sessions_ended": 1}
    assert_problem(session.get("/me"), 401)


def test_a_suspended_workspace_answers_with_its_code_and_launches_nothing(
    client: TestClient[Litestar], database: Database, admin: Caller, member: Member, mine: Caller, superuser: psycopg.Connection[Any]
) -> None:
    session = Caller(client, make_token(client, member))
    with database.begin(member.tenant_id) as uow:
        asked = uow.requests.ask(request_id=new_id(), kind="insights", subject="x", params={}, user_id=None)

    answer = admin.call("PUT", f"/admin/tenants/{member.tenant_id}/suspension", json={"reason": "a disputed payment"})

    assert answer.json()["suspension_reason"] == "a disputed payment"
    for caller in (session, mine):
        assert_problem(caller.get("/me"), 403, "suspended")
        assert_problem(caller.get("/insights/effects"), 403, "suspended")
    with database.begin_system() as system:
        assert asked.request_id not in {each.request_id for each in system.requests.waiting()}
        assert member.tenant_id in system.requests.suspended()
    for log in (PLATFORM, member.tenant_id):
        assert noted(superuser, log, "tenant.suspended", str(member.tenant_id))["after"] == {"is_suspended": True}

    assert admin.delete(f"/admin/tenants/{member.tenant_id}/suspension").json()["suspended_at"] is None
    assert {session.get("/me").status_code, mine.get("/me").status_code} == {200}
    with database.begin_system() as system:
        assert asked.request_id in {each.request_id for each in system.requests.waiting()}


def test_a_workspace_that_is_half_erased_is_not_found(admin: Caller, member: Member, superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("delete from subscriptions where tenant_id = %s", (member.tenant_id,))

    assert_problem(admin.get(f"/admin/tenants/{member.tenant_id}"), 404, "not_found")


def test_an_override_of_a_limit_holds_until_it_expires(
    database: Database, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    path, now = f"/admin/tenants/{member.tenant_id}/overrides/imports_per_day", datetime.now(UTC)
    wanted = {"reason": "less for a while", "most": 1, "expires_at": (now + timedelta(days=1)).isoformat()}

    assert admin.call("PUT", path, json=wanted).json()["period"] == "day"

    with database.begin(member.tenant_id) as uow:
        assert uow.usage.take("imports_per_day", 1, operation="a", now=now).limit == 1
    with pytest.raises(LimitReached), database.begin(member.tenant_id) as uow:
        uow.usage.take("imports_per_day", 1, operation="b", now=now)
    meters = admin.get(f"/admin/tenants/{member.tenant_id}").json()["meters"]
    assert {"meter": "imports_per_day", "period": "day", "used": 1, "most": 1} in meters
    assert noted(superuser, member.tenant_id, "plan.overridden", "imports_per_day")["before"] is None
    superuser.execute("update plan_overrides set expires_at = now() where tenant_id = %s", (member.tenant_id,))
    with database.begin(member.tenant_id) as uow:
        assert uow.usage.take("imports_per_day", 1, operation="c", now=now).limit == 50
    assert admin.delete(path).status_code == 204
    assert_problem(admin.delete(path), 404)


@pytest.mark.parametrize(("what", "most"), [("imports_per_day", -1), ("imports_per_day", 2**63), ("x" * 51, 1), ("Imports", 1)])
def test_an_override_that_no_meter_could_have_is_unacceptable(admin: Caller, member: Member, what: str, most: int) -> None:
    words = {"reason": "a pilot", "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(), "most": most, "period": "day"}

    assert_problem(admin.call("PUT", f"/admin/tenants/{member.tenant_id}/overrides/{what}", json=words), 422)


def test_a_cap_of_a_workspace_holds_until_it_is_dropped(
    database: Database, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    path, now = f"/admin/tenants/{member.tenant_id}/caps/day", datetime.now(UTC)
    ends, usd = now + timedelta(hours=1), Decimal("0.50")

    assert admin.call("PUT", path, json={"cap_usd": "0.40", "reason": "less"}).json() == {"day_usd": "0.40", "month_usd": "5.00"}
    with pytest.raises(LimitReached), database.begin(member.tenant_id) as uow:
        uow.ledger.reserve("a", "x", usd, now=now, expires_at=ends)
    assert admin.delete(path).json() == {"day_usd": "1.00", "month_usd": "5.00"}
    with database.begin(member.tenant_id) as uow:
        assert uow.ledger.reserve("b", "x", usd, now=now, expires_at=ends).reserved_usd == usd

    for action in ("cap.set", "cap.dropped"):
        caps = [Decimal(noted(superuser, member.tenant_id, action, "day")[when]["cap_usd"]) for when in ("before", "after")]
        assert sorted(caps) == [Decimal("0.40"), Decimal("1.00")]
    assert_problem(admin.delete(path), 404)
    assert pointers(assert_problem(admin.call("PUT", path, json={"cap_usd": "-1", "reason": "less"}), 422)) == ["/cap_usd"]
    assert_problem(admin.call("PUT", path, json={"cap_usd": "1", "reason": ""}), 422)
    assert_problem(admin.call("PUT", path.replace("/day", "/year"), json={"cap_usd": "1", "reason": "less"}), 400)


def test_what_an_overage_stopped_goes_on_once_it_was_looked_at(
    database: Database, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    path, now = f"/admin/tenants/{member.tenant_id}/stops/brightdata/excuse", datetime.now(UTC)
    ends, usd, why = now + timedelta(hours=1), Decimal("0.10"), {"reason": "the bill was looked at"}
    assert_problem(admin.call("PUT", path, json=why), 404)
    with database.begin(member.tenant_id) as uow:
        uow.ledger.reserve("dear", "brightdata", usd, now=now, expires_at=ends)
        uow.ledger.commit("dear", usd * 2)
    with pytest.raises(Refused), database.begin(member.tenant_id) as uow:
        uow.ledger.reserve("next", "brightdata", usd, now=now, expires_at=ends)

    assert_problem(admin.call("PUT", path, json={"reason": ""}), 422)
    assert admin.call("PUT", path, json=why).json() == {"operations": ["dear"]}

    with database.begin(member.tenant_id) as uow:
        assert uow.ledger.reserve("next", "brightdata", usd, now=now, expires_at=ends).reserved_usd == usd
        uow.ledger.commit("next", usd * 2)  # another one stops it again
    with pytest.raises(Refused), database.begin(member.tenant_id) as uow:
        uow.ledger.reserve("last", "brightdata", usd, now=now, expires_at=ends)
    assert noted(superuser, member.tenant_id, "stop.lifted", "brightdata")["reason"] == why["reason"]


@pytest.mark.parametrize("path", ["/admin/usage", "/admin/api-costs"])
@pytest.mark.parametrize(
    ("days", "status"),
    [
        ({"until": "0001-01-01"}, 422), ({"since": "0001-01-01"}, 422), ({"until": "9999-12-31"}, 200),
        ({"since": "2026-11-02", "until": "2026-11-01"}, 422), ({"since": "2026-11-01", "until": "2026-11-02"}, 200),
    ],
)  # fmt: skip
def test_sums_are_of_days_that_there_were(admin: Caller, path: str, days: dict[str, str], status: int) -> None:
    assert admin.get(path, params=days).status_code == status


def test_an_override_of_the_plan_counts_and_lets_a_meter_be_that_it_lacks(database: Database, admin: Caller, member: Member) -> None:
    now = datetime.now(UTC)
    words = {"reason": "a pilot", "expires_at": (now + timedelta(days=1)).isoformat()}
    with pytest.raises(Refused), database.begin(member.tenant_id) as uow:
        uow.usage.take("dreams", 1, operation="a", now=now)

    base = f"/admin/tenants/{member.tenant_id}/overrides"
    assert_problem(admin.call("PUT", f"{base}/dreams", json={**words, "most": 3}), 422)
    assert_problem(admin.call("PUT", f"{base}/plan", json={**words, "plan": "golden"}), 422)
    assert_problem(admin.call("PUT", f"{base}/plan", json={**words, "plan": "free", "expires_at": now.isoformat()}), 422)
    assert admin.call("PUT", f"{base}/dreams", json={**words, "most": 3, "period": "month"}).status_code == 200
    assert admin.call("PUT", f"{base}/plan", json={**words, "plan": "free"}).json()["plan"] == "free"

    with database.begin(member.tenant_id) as uow:
        assert uow.usage.take("dreams", 1, operation="a", now=now).limit == 3


def test_an_override_of_the_plan_counts_for_what_no_meter_counts(database: Database, admin: Caller, member: Member) -> None:
    with database.begin(member.tenant_id) as uow:
        before = uow.trackings.plan(), uow.usage.clip_watermark()
    words = {"reason": "a pilot", "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(), "plan": "growth"}
    assert admin.call("PUT", f"/admin/tenants/{member.tenant_id}/overrides/plan", json=words).status_code == 200

    with database.begin(member.tenant_id) as uow:
        assert (uow.trackings.plan(), uow.usage.clip_watermark()) == ("growth", None)
    assert before == ("free", "made with Whyral")


@pytest.mark.parametrize("name", sorted(ADMIN_FUNCTIONS))
def test_the_functions_of_administrators_answer_nobody_else(
    client: TestClient[Litestar], database: Database, member: Member, superuser: psycopg.Connection[Any], name: str
) -> None:
    kinds: list[str] = superuser.execute(
        "select proargtypes::regtype[]::text[] from pg_proc where proname = %s and pronamespace = 'app'::regnamespace", (name,)
    ).fetchall()[0][0]
    session_id = make_session(client, member)
    call = f"select * from app.{name}({', '.join(f'null::{kind}' for kind in kinds)})"

    for claimed in ("", str(session_id), SOME):
        with database.begin(SessionEntry(session_id)) as uow, uow.connection.begin_nested() as inner:
            uow.connection.exec_driver_sql("select set_config('app.admin_session', %s, true)", (claimed,))
            with pytest.raises(ProgrammingError, match="only for administrators"):
                uow.connection.exec_driver_sql(call)
            inner.rollback()


def test_the_api_cannot_make_an_administrator(database: Database, member: Member) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), database.begin(member.tenant_id) as uow:
        uow.connection.exec_driver_sql("select app.set_platform_admin(%s, true, %s)", (member.email, new_id()))
