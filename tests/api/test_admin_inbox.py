"""Feedback, dead letters, switches and sums: what comes in for administrators of the platform."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from services.switches import is_on
from store.database import Database
from store.ids import new_id
from tests.api.administering import SOME, noted
from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.conftest import Member


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
    assert [admin.call("PUT", f"/admin/feedback/{feedback_id}", json=done).status_code for _ in range(2)] == [204, 204]
    assert noted(superuser, member.tenant_id, "feedback.settled", feedback_id)["before"] == {"is_done": False}
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


def test_a_mail_whose_words_are_gone_is_not_sent_again(
    database: Database, admin: Caller, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.trust.mail_once(dedupe_key="x", recipient="a@example.org", subject="x", body="x")
    (message_id,) = superuser.execute(
        "update outbox set state = 'failed', body = '' where tenant_id = %s returning message_id", (member.tenant_id,)
    ).fetchall()[0]

    body = {"workspace_id": str(member.tenant_id), "id": str(message_id)}

    assert_problem(admin.post("/admin/dead-letters/mail/retries", body), 404)


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
    for word in ("NaN", "-0.1", "1000000.1", "1e-400", "0.00000000001", "sNaN", "Infinity", "much"):
        assert_problem(admin.post("/admin/dead-letters/reservation/retries", {**body, "spent_usd": word}), 422)
    assert admin.post("/admin/dead-letters/reservation/retries", {**body, "spent_usd": "0.25"}).status_code == 202

    spent = admin.get("/admin/api-costs", params={"by": "tenant"}).json()["ledger"]
    assert {"name": str(member.tenant_id), "days": 1, "reserved_usd": "0.00", "spent_usd": "0.25"} in spent
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


def test_the_logs_are_read_by_workspace_page_by_page(
    database: Database, admin: Caller, boss: Member, member: Member, superuser: psycopg.Connection[Any]
) -> None:
    for _ in range(2):
        admin.call("PUT", f"/admin/tenants/{member.tenant_id}/suspension", json={"reason": "a disputed payment"})
        admin.delete(f"/admin/tenants/{member.tenant_id}/suspension")
    with database.begin_anonymous() as uow:
        uow.sessions.note("login", is_success=False, user_id=member.user_id, reason="password")

    wanted = {"workspace_id": str(member.tenant_id), "limit": 3}
    first = admin.get("/admin/audit-log", params=wanted).json()
    second = admin.get("/admin/audit-log", params={**wanted, "cursor": first["next_cursor"]}).json()
    suspended = admin.get("/admin/audit-log", params={**wanted, "action": "tenant.suspended"}).json()
    tried = admin.get("/admin/auth-log", params={"user_id": str(member.user_id)}).json()

    told = [each["action"] for each in first["items"] + second["items"]]
    assert told[:4] == ["tenant.restored", "tenant.suspended"] * 2
    assert {each["workspace_id"] for each in first["items"]} == {str(member.tenant_id)}
    assert [(each["actor"], each["details"]["before"]) for each in suspended["items"]] == [(str(boss.user_id), {"is_suspended": False})] * 2
    assert [(each["kind"], each["is_success"], each["reason"]) for each in tried["items"]] == [("login", False, "password")]


def test_what_is_not_there_is_not_administered(admin: Caller) -> None:
    reason, later = {"reason": "ticket 17"}, (datetime.now(UTC) + timedelta(days=1)).isoformat()
    calls = [
        ("GET", f"/admin/tenants/{SOME}", None), ("PUT", f"/admin/tenants/{SOME}/suspension", reason),
        ("DELETE", f"/admin/tenants/{SOME}/suspension", None), ("DELETE", f"/admin/users/{SOME}/sessions", None),
        ("PUT", f"/admin/users/{SOME}/deactivation", reason), ("DELETE", f"/admin/impersonations/{SOME}", None),
        ("PUT", f"/admin/tenants/{SOME}/overrides/x", {**reason, "expires_at": later, "most": 1, "period": "day"}),
        ("PUT", f"/admin/feedback/{SOME}", {"workspace_id": SOME, "is_done": True}),
        ("POST", "/admin/dead-letters/mail/retries", {"workspace_id": SOME, "id": SOME}),
        ("DELETE", f"/admin/switches/x/overrides/{SOME}", None),
    ]  # fmt: skip

    assert {path: admin.call(method, path, json=body).status_code for method, path, body in calls} == {path: 404 for _, path, _ in calls}
