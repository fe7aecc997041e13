"""/admin: nobody but administrators of the platform gets anything, and what they do is noted with before and after."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy.exc import ProgrammingError

from domain.errors import LimitReached, Refused, Unauthenticated
from domain.impersonation import may_be_done
from services.switches import is_on
from store.database import Database, SessionEntry
from store.ids import new_id
from store.rls import ADMIN_FUNCTIONS
from tests.api.conftest import Caller, FakeDagster, assert_problem, make_key, make_session, make_token
from tests.conftest import Member, make_member

SOME = "01a1fd0e-61c0-7386-b54d-6d325253c7ee"
METHODS = ("get", "post", "put", "patch", "delete")
PLATFORM = UUID(int=0)


def promoted(database: Database, member: Member) -> Member:
    with database.begin_system() as system:
        system.set_platform_admin(member.email, is_admin=True)
    return member


@pytest.fixture
def boss(database: Database) -> Member:
    """An administrator of the platform, with a workspace of their own."""
    return promoted(database, make_member(database))


@pytest.fixture
def admin(client: TestClient[Litestar], boss: Member) -> Caller:
    return Caller(client, make_token(client, boss))


@pytest.fixture
def acting(client: TestClient[Litestar], admin: Caller, member: Member) -> Caller:
    """The administrator, as `member`."""
    return Caller(client, begin(admin, member)["access_token"])


def begin(admin: Caller, member: Member) -> dict[str, Any]:
    answer = admin.post("/admin/impersonations", {"workspace_id": str(member.tenant_id), "reason": "ticket 17"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def operations(caller: Caller) -> list[tuple[str, str]]:
    document = caller.get("/openapi.json").json()
    return [(method.upper(), path) for path, item in document["paths"].items() for method in METHODS if method in item]


def with_role(superuser: psycopg.Connection[Any], member: Member, role: str) -> None:
    superuser.execute("update memberships set role = %s where user_id = %s", (role, member.user_id))


def noted(superuser: psycopg.Connection[Any], tenant_id: UUID, action: str, subject: str) -> dict[str, Any]:
    found = superuser.execute(
        "select details from audit_log where tenant_id = %s and action = %s and subject = %s", (tenant_id, action, subject)
    ).fetchall()
    assert len(found) == 1, (action, found)
    details: dict[str, Any] = found[0][0]
    return details


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


def test_acting_as_a_member_is_noted_call_by_call_and_shown(
    acting: Caller, boss: Member, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    answer = acting.get("/me")

    assert answer.json()["user_id"] == str(member.user_id)
    assert answer.json()["impersonated_by"] == answer.headers["whyral-impersonated-by"] == str(boss.user_id)
    details = noted(superuser, member.tenant_id, "impersonation.call", str(member.user_id))
    assert (details["method"], details["route"], details["is_refused"]) == ("GET", "/api/v1/me", False)
    assert "whyral-impersonated-by" not in Caller(acting.client).get("/health").headers


def test_nothing_that_lasts_is_done_as_somebody_else(client: TestClient[Litestar], acting: Caller, member: Member) -> None:
    closed = [each for each in operations(acting) if each[1].startswith("/api/v1/") and not may_be_done(*each)]
    document = acting.get("/openapi.json").json()["paths"]
    protected = [(method, path) for method, path in closed if document[path][method.lower()]["security"] != [{}]]

    told = {
        each: client.request(
            each[0], re.sub(r"\{[^}]+\}", SOME, each[1]), headers={"Authorization": f"Bearer {acting.credential}"}
        ).status_code
        for each in protected
    }

    assert ("POST", "/api/v1/keys") in told
    assert set(told.values()) == {403}, {each: status for each, status in told.items() if status != 403}
    assert acting.get("/videos").status_code == 200


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("POST", "/api/v1/keys"), ("DELETE", "/api/v1/keys/{key_id}"), ("PATCH", "/api/v1/me"), ("POST", "/api/v1/auth/logout"),
        ("POST", "/api/v1/me/password"), ("POST", "/api/v1/billing/checkout"), ("POST", "/api/v1/me/data-export"),
        ("POST", "/api/v1/tenants/{id}/transfer"), ("POST", "/api/v1/channels/{channel_id}/connect"), ("GET", "/api/v1/admin/users"),
        ("GET", "/api/v1/exports/{id}/file"), ("POST", "/api/v1/a-route-of-tomorrow"), ("GET", "/api/v1"), ("GET", "unknown"),
    ],
)  # fmt: skip
def test_a_route_is_closed_to_who_acts_as_somebody_until_it_is_named(method: str, route: str) -> None:
    assert not may_be_done(method, route)


def test_an_ended_impersonation_is_over_and_the_owner_is_told(
    client: TestClient[Litestar], admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    begun = begin(admin, member)
    acting, session_id = Caller(client, begun["access_token"]), begun["impersonation"]["session_id"]
    mail = "select recipient, not_before <= clock_timestamp(), body from outbox where tenant_id = %s"
    assert superuser.execute(mail, (member.tenant_id,)).fetchall()[0][:2] == (member.email, False)

    assert admin.delete(f"/admin/impersonations/{session_id}").json()["ended_at"] is not None

    assert_problem(acting.get("/me"), 401)
    recipient, is_due, body = superuser.execute(mail, (member.tenant_id,)).fetchall()[0]
    assert (recipient, is_due, "ticket 17" in body) == (member.email, True, True)
    assert next(each["session_id"] for each in admin.get("/admin/impersonations").json()["items"]) == session_id
    assert noted(superuser, member.tenant_id, "impersonation.ended", session_id)["before"] == {"ended_at": None}
    assert admin.delete(f"/admin/impersonations/{session_id}").status_code == 200


def test_an_impersonation_is_of_one_workspace_and_ends_with_its_administrator(
    client: TestClient[Litestar],
    database: Database,
    admin: Caller,
    boss: Member,
    member: Member,
    other: Member,
    superuser: psycopg.Connection[Any],
) -> None:
    begun = begin(admin, member)
    superuser.execute("insert into memberships (tenant_id, user_id, role) values (%s, %s, 'owner')", (other.tenant_id, member.user_id))
    session_id = UUID(begun["impersonation"]["session_id"])

    with (
        pytest.raises(Unauthenticated, match="log in again"),
        database.begin(SessionEntry(session_id, None, other.tenant_id, boss.user_id)),
    ):
        pass
    with pytest.raises(Unauthenticated, match="log in again"), database.begin(SessionEntry(session_id, None, member.tenant_id)):
        pass
    assert Caller(client, begun["access_token"]).get("/me").status_code == 200
    with database.begin_system() as system:
        system.set_platform_admin(boss.email, is_admin=False)
    assert_problem(Caller(client, begun["access_token"]).get("/me"), 401)


def test_nobody_acts_as_an_administrator_as_a_stranger_or_without_a_reason(
    database: Database, admin: Caller, member: Member, other: Member
) -> None:
    chief = promoted(database, make_member(database))
    base = {"workspace_id": str(member.tenant_id), "reason": "ticket 17"}

    assert_problem(admin.post("/admin/impersonations", {**base, "workspace_id": str(chief.tenant_id)}), 403, "refused")
    assert_problem(admin.post("/admin/impersonations", {**base, "user_id": str(other.user_id)}), 404)
    assert_problem(admin.post("/admin/impersonations", {**base, "workspace_id": SOME}), 404)
    assert_problem(admin.post("/admin/impersonations", {**base, "reason": " "}), 422)


def test_feedback_arrives_once_is_bounded_and_gets_done(
    mine: Caller, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    words = {"category": "wish", "message": "Clips in 4:5, please.", "rating": 4}
    twice = [mine.post("/feedback", words, headers={"Idempotency-Key": "once"}) for _ in range(2)]
    feedback_id = twice[0].json()["feedback_id"]

    assert [each.status_code for each in twice] == [201, 201]
    assert twice[0].content == twice[1].content
    assert_problem(mine.post("/feedback", {**words, "rating": 6}), 400)
    assert_problem(mine.post("/feedback", {**words, "message": " "}), 422)
    assert feedback_id in {each["feedback_id"] for each in admin.get("/admin/feedback", params={"is_open": True}).json()["items"]}
    done = {"workspace_id": str(member.tenant_id), "is_done": True}
    assert admin.call("PUT", f"/admin/feedback/{feedback_id}", json=done).status_code == 204
    assert feedback_id not in {each["feedback_id"] for each in admin.get("/admin/feedback", params={"is_open": True}).json()["items"]}
    superuser.execute(
        "insert into feedback (tenant_id, feedback_id, category, message)"
        " select %s, gen_random_uuid(), 'x', 'x' from generate_series(1, 19)",
        (member.tenant_id,),
    )
    assert_problem(mine.post("/feedback", words), 429, "limit_reached")


def test_dead_letters_tell_why_and_are_tried_once_more(
    database: Database, dagster: FakeDagster, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    with database.begin(member.tenant_id) as uow:
        asked = uow.requests.ask(request_id=new_id(), kind="insights", subject="x", params={}, user_id=None)
        uow.trust.mail_once(dedupe_key="x", recipient="a@example.org", subject="x", body="x")
    superuser.execute(
        "update requests set state = 'failed', finished_at = now(), error = jsonb_build_object('detail', 'killed') where request_id = %s",
        (asked.request_id,),
    )
    superuser.execute("update outbox set state = 'failed', error = 'no such box' where tenant_id = %s", (member.tenant_id,))

    found = [each for each in admin.get("/admin/dead-letters").json()["items"] if each["workspace_id"] == str(member.tenant_id)]

    assert {(each["kind"], each["reason"]) for each in found} == {("request", "killed"), ("mail", "no such box")}
    for each in found:
        body = {"workspace_id": each["workspace_id"], "id": each["id"]}
        assert admin.post(f"/admin/dead-letters/{each['kind']}/retries", body).status_code == 202
        assert admin.post(f"/admin/dead-letters/{each['kind']}/retries", body).status_code in (404, 409)
    assert [each.request_id for each in dagster.launched] == [asked.request_id]
    assert superuser.execute("select state from outbox where tenant_id = %s", (member.tenant_id,)).fetchone() == ("pending",)
    assert_problem(admin.post("/admin/dead-letters/mail/retries", {"workspace_id": str(member.tenant_id), "id": "x"}), 404)


def test_a_reservation_of_which_nobody_knows_is_settled_with_what_it_cost(
    database: Database, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    now = datetime.now(UTC)
    with database.begin(member.tenant_id) as uow:
        uow.ledger.reserve("op", "clip", Decimal(1), now=now, expires_at=now + timedelta(hours=1))
        uow.ledger.began("op")
        uow.ledger.unknown("op")
    body = {"workspace_id": str(member.tenant_id), "id": "op"}

    assert_problem(admin.post("/admin/dead-letters/reservation/retries", body), 422)
    assert_problem(admin.post("/admin/dead-letters/reservation/retries", {**body, "spent_usd": "NaN"}), 422)
    assert admin.post("/admin/dead-letters/reservation/retries", {**body, "spent_usd": "0.25"}).status_code == 202

    spent = admin.get("/admin/api-costs", params={"by": "tenant"}).json()["ledger"]
    assert {"name": str(member.tenant_id), "days": 1, "reserved_usd": "0", "spent_usd": "0.25"} in spent
    assert noted(superuser, member.tenant_id, "reservation.retried", "op")["after"]["spent_usd"] == "0.25"


def test_a_switch_has_a_default_and_exceptions(
    database: Database, admin: Caller, member: Member, other: Member, mine: Caller, theirs: Caller
) -> None:
    name, path = f"try_{new_id().hex}", "/admin/switches"
    assert admin.call("PUT", f"{path}/{name}", json={"description": "a trial", "is_on": False}).status_code == 204
    on = {"is_on": True, "reason": "asked for it"}

    assert admin.call("PUT", f"{path}/{name}/overrides/{member.tenant_id}", json=on).status_code == 204

    assert [each.get("/me/features").json()["features"][name] for each in (mine, theirs)] == [True, False]
    with database.begin(member.tenant_id) as uow:
        assert (is_on(uow, name), is_on(uow, "never_made")) == (True, False)
    assert_problem(admin.call("PUT", f"{path}/never_made/overrides/{member.tenant_id}", json=on), 404)
    assert_problem(admin.call("PUT", f"{path}/Bad-Name", json={"description": "x", "is_on": True}), 422)
    assert admin.delete(f"{path}/{name}/overrides/{member.tenant_id}").status_code == 204
    assert mine.get("/me/features").json()["features"][name] is False


def test_calls_are_summed_by_provider_with_how_many_have_a_price(admin: Caller, member: Member, superuser: psycopg.Connection[Any]) -> None:
    source = f"source-{new_id().hex}"
    superuser.execute(
        "insert into external_calls (tenant_id, call_id, source, operation, outcome, started_at, milliseconds, units, cost_usd)"
        " select %s, gen_random_uuid(), %s, 'x', case n when 1 then 'network' else 'ok' end, now(), 5, 2, case n when 3 then 0.015 end"
        " from generate_series(1, 3) n",
        (member.tenant_id, source),
    )

    found = next(each for each in admin.get("/admin/api-costs", params={"by": "provider"}).json()["calls"] if each["name"] == source)

    assert found == {"name": source, "calls": 3, "failures": 1, "units": 6, "priced": 1, "cost_usd": "0.015"}
    assert_problem(admin.get("/admin/api-costs", params={"since": "2026-01-02", "until": "2026-01-01"}), 422)


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
