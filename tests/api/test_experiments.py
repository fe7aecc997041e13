"""Experiments over HTTP: registered, refused, started, counted, read without peeking, ended; outcomes that a platform reported."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from domain.analytics import Window
from domain.experiments.states import ExperimentState
from domain.owner_reports import Figure
from domain.sources import Report
from store.database import Database
from store.owner import Subject
from tests.api.conftest import Caller, assert_problem, pointers
from tests.conftest import Member
from tests.store.channels import put_channel

BASE = "/insights/experiments"
PLAN: dict[str, Any] = {
    "kind": "switchback", "name": "Title of the tour", "metric": "click_rate", "lift": 0.2, "days": 28, "seed": 5,
    "arms": [{"name": "A", "text": "The tour"}, {"name": "B", "text": "Is this the tour?"}],
    "impressions": 20_000, "base_rate": 0.05, "day_noise": 0.1,
}  # fmt: skip
CHOICE = {**PLAN, "kind": "choice", "metric": "views", "days": None, "posts": 20, "lift": 0.5}
OUTCOME: dict[str, Any] = {
    "name": "New title", "outcome": "winner", "winner": "new",
    "variants": [{"name": "old", "watch_time_share": 0.46}, {"name": "new", "watch_time_share": 0.54, "text": "New?"}],
}  # fmt: skip
READS = ("", "/schedule", "/readings")
WRITES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/start", {}),
    ("PATCH", "", {"state": "canceled"}),
    ("POST", "/counts", {"counts": [{"arm": "A", "day": "2026-11-01", "impressions": 1, "clicks": 0}]}),
    ("POST", "/assignments", {"post": "x"}),
)
TODAY = datetime.now(UTC).date()


@pytest.fixture
def register(mine: Caller) -> Callable[..., str]:
    """`register(**changes)`: the id of a plan."""

    def registered(**changes: Any) -> str:
        answer = mine.post(BASE, json={**PLAN, **changes})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["experiment_id"])

    return registered


@pytest.fixture
def planned(register: Callable[..., str]) -> str:
    return register()


def run_since(database: Database, tenant_id: UUID, experiment_id: str, first: date) -> None:
    """As if it had been started then."""
    with database.begin(tenant_id) as uow:
        uow.experiments.move(UUID(experiment_id), ExperimentState.RUNNING, starts_on=first, started_at=datetime.now(UTC))


def counts(mine: Caller, experiment_id: str, *, days: int, lift: float) -> list[dict[str, Any]]:
    """What the first days of the schedule would count."""
    chance = np.random.default_rng(1)
    found = []
    for slot in mine.get(f"{BASE}/{experiment_id}/schedule").json()["items"][:days]:
        for arm in ("A", "B"):
            if slot["arm"] in (None, arm):
                rate = 0.05 * (1 + lift * (arm == "B")) * np.exp(0.05 * chance.standard_normal())
                found.append({"arm": arm, "day": slot["day"], "impressions": 20_000, "clicks": int(chance.binomial(20_000, rate))})
    return found


@pytest.mark.parametrize("route", READS)
def test_nobody_sees_an_experiment_and_another_workspace_does_not_have_it(nobody: Caller, theirs: Caller, planned: str, route: str) -> None:
    assert_problem(nobody.get(f"{BASE}/{planned}{route}"), 401)
    assert_problem(theirs.get(f"{BASE}/{planned}{route}"), 404)
    assert theirs.get(BASE).json()["items"] == []


@pytest.mark.parametrize(("method", "route", "body"), WRITES)
def test_nobody_a_reader_and_another_workspace_change_nothing(
    nobody: Caller, reader: Caller, theirs: Caller, planned: str, method: str, route: str, body: Any
) -> None:
    where = f"{BASE}/{planned}{route}"
    assert_problem(nobody.call(method, where, json=body), 401)
    assert_problem(reader.call(method, where, json=body), 403)
    assert_problem(theirs.call(method, where, json=body), 404)


@pytest.mark.parametrize(("path", "body"), [("", PLAN), ("/outcomes", OUTCOME)])
def test_only_who_may_write_registers(nobody: Caller, reader: Caller, path: str, body: Any) -> None:
    assert_problem(nobody.post(f"{BASE}{path}", json=body), 401)
    assert_problem(reader.post(f"{BASE}{path}", json=body), 403)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "guess"}, "/kind"),
        ({"name": "a\0b"}, "/name"),
        ({"lift": 0}, "/lift"),
        ({"alpha": 0.9}, "/alpha"),
        ({"arms": [{"name": "A"}]}, "/arms"),
        ({"owner": "me"}, "/owner"),
        ({"base_rate": 2}, "/base_rate"),
    ],
)
def test_a_malformed_plan_is_a_problem(mine: Caller, change: dict[str, Any], field: str) -> None:
    assert pointers(assert_problem(mine.post(BASE, json={**PLAN, **change}), 400)) == [field]


@pytest.mark.parametrize("path", ["", "/design"])
def test_a_plan_that_cannot_see_what_is_hoped_for_is_refused_with_what_would_do(mine: Caller, path: str) -> None:
    problem = assert_problem(mine.post(f"{BASE}{path}", json={**PLAN, "lift": 0.1}), 422, "unacceptable")

    assert {each["pointer"]: each["detail"] for each in problem["errors"]} == {
        "/days": "42 days would do",
        "/lift": "hope for 12.8% or more",
    }
    assert mine.get(BASE).json()["items"] == []


def test_what_a_plan_can_see_is_shown_without_keeping_it(nobody: Caller, mine: Caller) -> None:
    assert_problem(nobody.post(f"{BASE}/design", json=PLAN), 401)

    shown = mine.post(f"{BASE}/design", json=PLAN).json()

    assert shown["mde_lift"] == pytest.approx(0.127, abs=0.001)
    assert shown["slots_needed"] == 16
    assert mine.get(BASE).json()["items"] == []


@pytest.mark.parametrize(("change", "field"), [({"days": None}, "/days"), ({"posts": 20}, "/days"), ({"kind": "choice"}, "/posts")])
def test_a_plan_without_its_length_says_which(mine: Caller, change: dict[str, Any], field: str) -> None:
    assert pointers(assert_problem(mine.post(BASE, json={**PLAN, **change}), 422)) == [field]


@pytest.mark.parametrize("field", ["channel_id", "video_id"])
def test_a_channel_or_video_that_is_not_there_cannot_be_planned_with(mine: Caller, field: str) -> None:
    assert_problem(mine.post(BASE, json={**PLAN, "metric": "views", field: str(uuid4())}), 404)


def test_the_days_of_an_own_channel_say_how_much_days_differ(mine: Caller, database: Database, member: Member) -> None:
    chance = np.random.default_rng(1)
    with database.begin(member.tenant_id) as uow:
        channel = put_channel(uow, member.user_id).channel_id
        days = [TODAY - timedelta(days=number) for number in range(3, 80)]
        figures = [Figure(day, day, day, (), "views", Decimal(int(1_000 * np.exp(0.15 * chance.standard_normal())))) for day in days]
        uow.owner.put(Subject(channel, Report.DAILY), Window(days[-1], days[0]), figures, known_at=datetime.now(UTC), source="test")
    plan = {**PLAN, "metric": "views", "day_noise": None, "channel_id": str(channel), "lift": 0.5}

    shown = mine.post(f"{BASE}/design", json=plan).json()

    assert shown["noise"]["source"] == "history"
    assert shown["noise"]["log_sd"] == pytest.approx(0.15, abs=0.04)
    problem = assert_problem(mine.post(BASE, json={**plan, "metric": "click_rate"}), 422)
    assert pointers(problem) == ["/channel_id"]


def test_a_registered_plan_is_kept_with_its_hash_and_repeating_the_call_makes_no_second_one(mine: Caller) -> None:
    first, again = (mine.post(BASE, json=PLAN, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert (first.status_code, again.content) == (201, first.content)
    kept = mine.get(first.headers["location"].removeprefix("/api/v1")).json()
    assert (kept["state"], kept["plan"]["alpha"], kept["plan"]["seed"], len(kept["plan_hash"])) == ("planned", 0.05, 5, 64)
    assert kept["design"]["blocks"] == 14
    assert [each["experiment_id"] for each in mine.get(BASE).json()["items"]] == [kept["experiment_id"]]


def test_lists_are_paged_and_filtered(mine: Caller, register: Callable[..., str]) -> None:
    made = [register() for _ in range(3)]
    mine.call("PATCH", f"{BASE}/{made[0]}", json={"state": "canceled"})

    page = mine.get(f"{BASE}?limit=2").json()
    rest = mine.get(f"{BASE}?limit=2&cursor={page['next_cursor']}").json()
    assert [each["experiment_id"] for each in page["items"] + rest["items"]] == made[::-1]
    assert [each["experiment_id"] for each in mine.get(f"{BASE}?state=canceled").json()["items"]] == made[:1]
    assert mine.get(f"{BASE}?kind=choice").json()["items"] == []


def test_a_started_experiment_has_dates_and_cannot_begin_in_the_past(mine: Caller, planned: str) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert pointers(assert_problem(mine.post(f"{BASE}/{planned}/start", json={"starts_on": yesterday}), 422)) == ["/starts_on"]

    started = mine.post(f"{BASE}/{planned}/start", json={}).json()

    assert (started["state"], started["ends_on"]) == ("running", (TODAY + timedelta(days=27)).isoformat())
    schedule = mine.get(f"{BASE}/{planned}/schedule").json()["items"]
    assert [each["day"] for each in schedule[:2]] == [TODAY.isoformat(), (TODAY + timedelta(days=1)).isoformat()]
    assert all({schedule[at]["arm"], schedule[at + 1]["arm"]} == {"A", "B"} for at in range(0, 28, 2))
    assert_problem(mine.post(f"{BASE}/{planned}/start", json={}), 409)


def test_before_the_end_nothing_is_told_and_it_cannot_be_concluded(mine: Caller, database: Database, tenant_id: UUID, planned: str) -> None:
    run_since(database, tenant_id, planned, TODAY - timedelta(days=20))
    told = counts(mine, planned, days=20, lift=2.0)
    assert mine.post(f"{BASE}/{planned}/counts", json={"counts": told}).json() == {
        "received": 20,
        "kept": 20,
        "rejected": 0,
        "problems": [],
    }

    reading = mine.get(f"{BASE}/{planned}/readings").json()

    assert (reading["results"], reading["blocks"], reading["is_final"]) == ([], 10, False)
    assert "planned end" in reading["withheld"]
    assert mine.get(f"{BASE}/{planned}/readings?as_of=2098-01-01T00:00:00Z").json()["results"] == []
    assert_problem(mine.call("PATCH", f"{BASE}/{planned}", json={"state": "concluded"}), 409)
    stopped = mine.call("PATCH", f"{BASE}/{planned}", json={"state": "stopped"}).json()
    assert stopped["state"] == "stopped"
    assert mine.get(f"{BASE}/{planned}/readings").json()["results"] == []


def test_after_the_end_each_arm_is_read_with_its_interval(mine: Caller, database: Database, tenant_id: UUID, planned: str) -> None:
    run_since(database, tenant_id, planned, TODAY - timedelta(days=29))
    mine.post(f"{BASE}/{planned}/counts", json={"counts": counts(mine, planned, days=28, lift=0.3)})

    reading = mine.get(f"{BASE}/{planned}/readings").json()

    result = reading["results"][0]
    assert (result["verdict"], result["outcome"]) == ("experimental", "clicks")
    assert result["low"] < np.log(1.3) < result["high"]
    assert "raised clicks per impression" in result["sentence"]
    assert reading["method"]["url"] == "/docs/method#experiments"
    assert reading["ratio"]["passed"]
    assert mine.call("PATCH", f"{BASE}/{planned}", json={"state": "concluded"}).json()["state"] == "concluded"
    assert mine.get(f"{BASE}/{planned}/readings").json()["results"] == reading["results"]


def test_a_restated_day_counts_anew_and_the_history_stays(mine: Caller, database: Database, tenant_id: UUID, planned: str) -> None:
    run_since(database, tenant_id, planned, TODAY - timedelta(days=29))
    told = counts(mine, planned, days=28, lift=0.0)
    mine.post(f"{BASE}/{planned}/counts", json={"counts": told})
    before = mine.get(f"{BASE}/{planned}/readings").json()
    restated = [*told[:-1], {**told[-1], "clicks": told[-1]["clicks"] // 2}]

    kept = mine.post(f"{BASE}/{planned}/counts", json={"counts": restated}).json()["kept"]
    after = mine.get(f"{BASE}/{planned}/readings").json()

    assert kept == 1
    assert after["results"][0]["estimate"] != before["results"][0]["estimate"]
    as_of = before["newest_observation"].replace("+", "%2B")
    assert mine.get(f"{BASE}/{planned}/readings?as_of={as_of}").json()["results"] == before["results"]


def test_arms_that_did_not_get_their_shares_have_no_verdict(
    mine: Caller, database: Database, tenant_id: UUID, register: Callable[..., str]
) -> None:
    made = register(kind="title", stopping="always_valid")
    run_since(database, tenant_id, made, TODAY - timedelta(days=10))
    told = [{**each, "impressions": 19_000 if each["arm"] == "B" else 20_000} for each in counts(mine, made, days=10, lift=0.3)]
    mine.post(f"{BASE}/{made}/counts", json={"counts": told})

    reading = mine.get(f"{BASE}/{made}/readings").json()

    assert (reading["ratio"]["passed"], reading["results"]) == (False, [])
    assert "did not get their shares" in reading["withheld"]


def test_one_that_may_be_read_at_any_time_is_concluded_once_it_is_decided(
    mine: Caller, database: Database, tenant_id: UUID, register: Callable[..., str]
) -> None:
    made = register(kind="title", stopping="always_valid")
    run_since(database, tenant_id, made, TODAY - timedelta(days=8))
    mine.post(f"{BASE}/{made}/counts", json={"counts": counts(mine, made, days=8, lift=0.5)})

    assert mine.get(f"{BASE}/{made}/readings").json()["results"][0]["verdict"] == "experimental"
    assert mine.call("PATCH", f"{BASE}/{made}", json={"state": "concluded"}).status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"arm": "C"}, "no such arm"),
        ({"day": "2020-01-01"}, "not one of the plan's"),
        ({"clicks": 30_000}, "more clicks than impressions"),
        ({"clicks": None}, "must be counted"),
    ],
)
def test_counts_that_cannot_be_are_refused_and_nothing_is_kept(
    mine: Caller, database: Database, tenant_id: UUID, planned: str, change: dict[str, Any], words: str
) -> None:
    run_since(database, tenant_id, planned, TODAY - timedelta(days=10))
    told = counts(mine, planned, days=4, lift=0.0)

    problem = assert_problem(mine.post(f"{BASE}/{planned}/counts", json={"counts": [*told[:3], {**told[3], **change}]}), 422)

    assert pointers(problem) == ["/counts/3"]
    assert words in problem["errors"][0]["detail"]
    assert mine.get(f"{BASE}/{planned}/readings").json()["n"] == 0


def test_counts_of_an_arm_that_was_not_drawn_of_a_day_to_come_and_twice_are_refused(
    mine: Caller, database: Database, tenant_id: UUID, planned: str
) -> None:
    run_since(database, tenant_id, planned, TODAY - timedelta(days=2))
    told = counts(mine, planned, days=5, lift=0.0)
    other = {**told[0], "arm": "B" if told[0]["arm"] == "A" else "A"}

    problem = assert_problem(mine.post(f"{BASE}/{planned}/counts", json={"counts": [other, told[1], told[1], told[4]]}), 422)

    assert {each["pointer"] for each in problem["errors"]} >= {"/counts/0", "/counts/3"}
    assert_problem(mine.post(f"{BASE}/{planned}/counts", json={"counts": []}), 400)


def test_counts_are_taken_while_it_runs_only(mine: Caller, planned: str) -> None:
    body = {"counts": [{"arm": "A", "day": TODAY.isoformat(), "impressions": 1, "clicks": 0}]}

    assert_problem(mine.post(f"{BASE}/{planned}/counts", json=body), 409)
    mine.call("PATCH", f"{BASE}/{planned}", json={"state": "canceled"})
    assert_problem(mine.post(f"{BASE}/{planned}/start", json={}), 409)
    assert "canceled" in mine.get(f"{BASE}/{planned}/readings").json()["withheld"]
    assert_problem(mine.call("PATCH", f"{BASE}/{planned}", json={"state": "done"}), 400)


def test_a_choice_draws_an_arm_for_each_post_once(mine: Caller, register: Callable[..., str], planned: str) -> None:
    made = register(**CHOICE)
    assert_problem(mine.post(f"{BASE}/{made}/assignments", json={"post": "p0"}), 409)
    mine.post(f"{BASE}/{made}/start", json={})

    drawn = [mine.post(f"{BASE}/{made}/assignments", json={"post": f"p{number}"}).json() for number in range(20)]

    assert mine.post(f"{BASE}/{made}/assignments", json={"post": "p3"}).json() == drawn[3]
    assert sorted(each["arm"] for each in drawn) == ["A"] * 10 + ["B"] * 10
    assert [each["post"] for each in mine.get(f"{BASE}/{made}/schedule").json()["items"]] == [f"p{number}" for number in range(20)]
    assert_problem(mine.post(f"{BASE}/{made}/assignments", json={"post": "one too many"}), 409)
    assert_problem(mine.post(f"{BASE}/{made}/assignments", json={"post": ""}), 400)
    assert_problem(mine.post(f"{BASE}/{planned}/assignments", json={"post": "p0"}), 409)
    told = [{"arm": each["arm"], "post": each["post"], "views": 1_000 + 37 * each["slot"] + 900 * (each["arm"] == "B")} for each in drawn]
    assert mine.post(f"{BASE}/{made}/counts", json={"counts": told}).json()["kept"] == 20
    assert mine.get(f"{BASE}/{made}/readings").json()["results"][0]["outcome"] == "reach"
    stranger = {"counts": [{"arm": "A", "post": "of nobody", "views": 1}]}
    assert "ask for its assignment" in assert_problem(mine.post(f"{BASE}/{made}/counts", json=stranger), 422)["errors"][0]["detail"]


def test_a_reported_outcome_is_about_the_share_of_watch_time_only(mine: Caller) -> None:
    first, again = (mine.post(f"{BASE}/outcomes", json=OUTCOME, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert (first.status_code, again.content) == (201, first.content)
    result = first.json()["result"]
    assert (result["verdict"], result["outcome"], result["low"]) == ("experimental (self-reported)", "watch-time share", None)
    assert "nothing about views" in result["sentence"]
    kept = mine.get(BASE).json()["items"][0]
    assert (kept["source"], kept["state"], kept["plan"]["winner"]) == ("reported", "concluded", "new")
    for route in ("/schedule", "/readings"):
        assert_problem(mine.get(f"{BASE}/{kept['experiment_id']}{route}"), 409)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"outcome": "lost"}, 400, "/outcome"),
        ({"variants": [{"name": "old", "watch_time_share": 1.4}]}, 400, "/variants"),
        ({"winner": "old"}, 422, "/winner"),
        ({"outcome": "performed_same"}, 422, "/winner"),
        ({"variants": [{"name": "old", "watch_time_share": 0.1}, {"name": "new", "watch_time_share": 0.2}]}, 422, "/variants"),
    ],
)
def test_an_outcome_that_contradicts_itself_is_a_problem(mine: Caller, change: dict[str, Any], status: int, field: str) -> None:
    assert pointers(assert_problem(mine.post(f"{BASE}/outcomes", json={**OUTCOME, **change}), status))[0].startswith(field)


@pytest.mark.parametrize(("path", "body"), [("", PLAN), ("/outcomes", OUTCOME)])
def test_a_full_workspace_takes_another_once_one_is_canceled(
    mine: Caller, theirs: Caller, planned: str, database: Database, tenant_id: UUID, path: str, body: Any
) -> None:
    with database.begin(tenant_id) as uow:
        plan = uow.experiments.get(UUID(planned)).plan
        assert plan is not None
        for _ in range(999):
            uow.experiments.add(uuid4(), plan, user_id=None)

    told = assert_problem(mine.post(f"{BASE}{path}", json=body), 429, "limit_reached")

    assert (told["limit"], told["used"]) == (1_000, 1_000)
    assert theirs.post(f"{BASE}{path}", json=body).status_code == 201
    mine.call("PATCH", f"{BASE}/{planned}", json={"state": "canceled"})
    assert mine.post(f"{BASE}{path}", json=body).status_code == 201
