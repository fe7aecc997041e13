"""Dry runs: the answer of a real call's counting, and nothing left behind."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.estimates import COSTLY
from domain.observations import Platform
from store.database import Database
from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.conftest import Member
from tests.published import bring, posts

ROOT = Path(__file__).parents[2]
# Where something is taken from a meter, and by which operations it is called.
TAKERS = {
    "services/requests.py": {"/requests", "/requests/{request_id}/retry", "/insights/deep", "/insights/causal", "/insights/advanced"},
    "services/counting.py": {"/clips", "/clips/suggest", "/clips/jobs"},
    "services/rights/exporting.py": {"/me/data-export"},
    "services/syncs.py": {"/channels/{channel_id}/sync", "/channels/{channel_id}/videos/sync"},
    "services/media.py": {"/media"},
    "services/live_reads.py": {
        "/videos/{video_id}/comments/refresh",
        "/search/hashtag",
        "/search/term",
        "/trending/videos",
        "/youtube/search",
        "/youtube/videos",
        "/youtube/videos/{video_id}",
        "/youtube/videos/{video_id}/ownership",
    },
    "services/tracking.py": {"/accounts/track", "/accounts/{account_id}/track", "/accounts/{account_id}/refresh"},
    "services/imports.py": {"/imports"},
    "services/adding.py": {"/scrape/urls"},
}


def left(database: Database, member: Member) -> dict[str, int]:
    """How many rows each of these has."""
    with database.begin(member.tenant_id) as uow:
        return {
            name: int(uow.connection.execute(sa.text(f"select count(*) from {name}")).scalar_one())
            for name in ("requests", "usage_takes", "usage_counters", "accounts", "trackings", "scrapes", "imports", "idempotency_keys")
        }


def test_every_place_that_takes_from_a_meter_belongs_to_operations_that_can_be_tried() -> None:
    found = {
        str(path.relative_to(ROOT)) for floor in ("services", "api") for path in (ROOT / floor).rglob("*.py")
        if re.search(r"usage\.take\(|usage\.take\b", path.read_text(encoding="utf-8"))
    }  # fmt: skip

    assert found == set(TAKERS)
    assert {path for _, path in COSTLY} == set().union(*TAKERS.values())


@pytest.mark.parametrize(
    ("path", "body", "meter", "most_usd"),
    [
        ("/requests", {"kind": "insights"}, "requests_per_day", None),
        ("/scrape/urls", {"urls": ["https://www.tiktok.com/@a/video/7300000000000000001"]}, "urls_per_day", "0.0015"),
        ("/accounts/track", {"platform": "tiktok", "handle": "somebody"}, "trackings", None),
        ("/search/hashtag", {"platform": "tiktok", "hashtag": "bread"}, "searches_per_day", "0.075"),
    ],
)
def test_a_dry_run_tells_what_a_call_would_take_and_leaves_nothing(
    database: Database,
    member: Member,
    mine: Caller,
    dagster: FakeDagster,
    path: str,
    body: dict[str, Any],
    meter: str,
    most_usd: str | None,
) -> None:
    before = left(database, member)

    answer = mine.post(f"{path}?dry_run=true", body, headers={"Idempotency-Key": "k"})

    assert answer.status_code == 200, answer.text
    (take,) = answer.json()["takes"]
    assert (answer.json()["dry_run"], take["meter"], take["amount"], take["used"], answer.json()["most_usd"]) == (
        True,
        meter,
        1,
        1,
        most_usd,
    )
    assert left(database, member) == before
    assert dagster.launched == []


@pytest.mark.parametrize("path", ["", "/ownership"])
def test_a_live_read_is_tried_out_too(database: Database, member: Member, mine: Caller, path: str) -> None:
    answer = mine.get(f"/youtube/videos/dQw4w9WgXcQ{path}?dry_run=true")

    assert [each["meter"] for each in answer.json()["takes"]] == ["urls_per_day"]
    assert left(database, member)["usage_takes"] == 0


def test_a_dry_run_is_checked_as_the_real_call_is(database: Database, member: Member, mine: Caller, reader: Caller, nobody: Caller) -> None:
    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text("update subscriptions set status = 'canceled'"))

    unpaid = assert_problem(mine.post("/requests?dry_run=true", {"kind": "insights"}), 402, "payment_needed")

    assert (unpaid["limit"], unpaid["used"]) == (500, 0)
    assert_problem(nobody.post("/requests?dry_run=true", {"kind": "insights"}), 401)
    assert_problem(reader.post("/requests?dry_run=true", {"kind": "insights"}), 403)
    assert_problem(mine.post("/requests?dry_run=true", {"kind": "nothing"}), 422)
    assert_problem(mine.post("/requests?dry_run=true", {}), 400)


def test_a_file_that_was_only_tried_is_not_kept(database: Database, member: Member, mine: Caller) -> None:
    table = "video_id,title,views,posted_at\nabc,Bread,10,2026-01-01\n"

    answer = mine.post("/imports?dry_run=true", content=table.encode(), headers={"Content-Type": "text/csv"})

    assert answer.status_code in (200, 422), answer.text
    assert left(database, member)["imports"] == 0


def test_what_would_take_nothing_says_so(mine: Caller, dagster: FakeDagster) -> None:
    body = {"platform": "tiktok", "handle": "somebody"}
    mine.post("/accounts/track", body)
    dagster.forget()

    answer = mine.post("/accounts/track?dry_run=true", body)

    assert (answer.status_code, answer.json()) == (200, {"dry_run": True, "takes": [], "most_usd": "0.00"})
    assert dagster.launched == []


def test_a_write_that_takes_nothing_cannot_be_tried(database: Database, member: Member, mine: Caller) -> None:
    assert_problem(mine.post("/keys?dry_run=true", {"name": "x", "scopes": ["read"]}), 422)

    with database.begin(member.tenant_id) as uow:
        assert [key.name for key in uow.identity.api_keys() if key.name == "x"] == []


def test_without_the_parameter_the_call_is_real(database: Database, member: Member, mine: Caller) -> None:
    mine.post("/requests?dry_run=false", {"kind": "insights"})

    assert left(database, member)["usage_takes"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "dry_run=yes", "dry_run=on", "dry_run", "dry_run=", "dry_run=%20true", "dry_run=true&dry_run=false",
        "dryrun=true", "dry-run=true", "DRY_RUN=true", "dryRun=true", "dry_run%20=true", "dryrun=true&dry_run=true",
    ],
)  # fmt: skip
def test_what_is_neither_yes_nor_no_is_not_taken_for_a_real_call(
    database: Database, member: Member, mine: Caller, dagster: FakeDagster, query: str
) -> None:
    assert_problem(mine.post(f"/requests?{query}", {"kind": "insights"}), 400, "malformed")

    assert (left(database, member)["usage_takes"], dagster.launched) == (0, [])


def test_the_document_tells_the_answer_of_a_dry_run(nobody: Caller) -> None:
    paths = nobody.get("/openapi.json").json()["paths"]
    estimate = {"$ref": "#/components/schemas/EstimateOut"}

    for method, path in sorted(COSTLY):
        responses = paths[f"/api/v1{path}"][method.lower()]["responses"]
        shape = responses["200"]["content"]["application/json"]["schema"]
        assert estimate in (shape.get("oneOf") or [shape]), path


@pytest.mark.parametrize("query", ["dry_run=1", "dry_run=True", "dry%5Frun=true"])
def test_a_dry_run_is_one_however_it_is_spelt(database: Database, member: Member, mine: Caller, query: str) -> None:
    assert mine.post(f"/requests?{query}", {"kind": "insights"}).json()["dry_run"]

    assert left(database, member)["usage_takes"] == 0


def test_nobody_says_what_comments_cost_before_they_are_counted(database: Database, member: Member, mine: Caller) -> None:
    bring(database, member.tenant_id, posts(count=1, platform=Platform.INSTAGRAM))
    video_id = mine.get("/videos").json()["items"][0]["video_id"]

    answer = mine.post(f"/videos/{video_id}/comments/refresh?most=500&dry_run=true").json()

    assert ([each["meter"] for each in answer["takes"]], answer["most_usd"]) == (["urls_per_day"], None)
