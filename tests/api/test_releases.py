"""Releases over HTTP, and what only people can tell of accounts and videos."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.features.table import FEATURES_VERSION
from store.database import Database
from tests.api.conftest import Caller, assert_problem
from tests.conftest import Member
from tests.library import put, seen
from tests.published import bring, posts, publish_all

UNKNOWN = "01931c00-0000-7000-8000-00000000dead"


@pytest.fixture
def made(database: Database, member: Member) -> dict[str, UUID]:
    bring(database, member.tenant_id, posts(count=3))
    return {name: each.release_id for name, each in publish_all(database, member.tenant_id).items()}


def ids(answer: Any) -> list[str]:
    return [item["release_id"] for item in answer.json()["items"]]


def test_releases_are_listed_newest_first_page_by_page(mine: Caller, made: dict[str, UUID]) -> None:
    first = mine.get("/insights/releases?limit=2")
    second = mine.get(f"/insights/releases?limit=2&cursor={first.json()['next_cursor']}")

    assert ids(first) + ids(second) == [str(made[name]) for name in ("effects", "scores", "features")]
    assert ids(mine.get("/insights/releases?kind=scores")) == [str(made["scores"])]
    assert mine.get("/insights/releases?kind=unheard").status_code == 400
    assert_problem(mine.get(f"/insights/releases?kind=scores&cursor={first.json()['next_cursor']}"), 422, "unacceptable")


def test_what_was_read_is_told_of_one_release_and_not_of_each_in_the_list(mine: Caller, made: dict[str, UUID]) -> None:
    listed = mine.get("/insights/releases?kind=effects").json()["items"][0]
    one = mine.get(f"/insights/releases/{made['effects']}").json()

    assert (one["data_versions"]["features"], one["data_versions"]["answers"]["newest"]) == (FEATURES_VERSION, [])
    assert {name: value for name, value in one.items() if name != "data_versions"} == listed


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_release_is_made_again_until_its_inputs_are_gone(
    database: Database, member: Member, mine: Caller, made: dict[str, UUID], method: str
) -> None:
    path = f"/insights/releases/{made['effects']}/replay"
    before = mine.call(method, path)
    with database.begin(member.tenant_id) as uow:
        uow.connection.execute(sa.text("delete from videos"))
    after = mine.call(method, path)

    assert (before.status_code, before.json()["is_same"]) == (200, True)
    assert_problem(after, 410, "gone")
    assert before.json()["inputs_hash"] in after.json()["detail"]
    assert f"{datetime.now(UTC):%Y-%m-%d}" in after.json()["detail"]


def test_releases_are_each_tenants_own(theirs: Caller, nobody: Caller, made: dict[str, UUID]) -> None:
    paths = ("/insights/releases", f"/insights/releases/{made['scores']}", f"/insights/releases/{made['scores']}/replay")

    assert [nobody.get(path).status_code for path in paths] == [401, 401, 401]
    assert nobody.post(paths[2]).status_code == 401
    assert theirs.get(paths[0]).json()["items"] == []
    assert [theirs.get(paths[1]).status_code, theirs.get(paths[2]).status_code, theirs.post(paths[2]).status_code] == [404, 404, 404]


# What only people can tell


@pytest.fixture
def video(database: Database, member: Member) -> UUID:
    return put(database, member.tenant_id, [seen("one", 10)])["one"]


@pytest.fixture
def account(mine: Caller, video: UUID) -> str:
    return str(mine.get(f"/videos/{video}").json()["account_id"])


def audited(database: Database, member: Member) -> list[tuple[str, dict[str, Any]]]:
    with database.begin(member.tenant_id) as uow:
        rows = uow.connection.execute(sa.text("select action, details from audit_log where action like '%_told' order by at"))
        return [(row.action, row.details) for row in rows]


def test_a_time_zone_is_told_shown_and_audited(database: Database, member: Member, mine: Caller, account: str) -> None:
    told = mine.call("PATCH", f"/accounts/{account}", json={"time_zone": "Europe/Berlin"})
    shown = mine.get(f"/accounts/{account}").json()["time_zone"]
    forgotten = mine.call("PATCH", f"/accounts/{account}", json={"time_zone": None})

    assert (told.json()["time_zone"], shown, forgotten.json()["time_zone"]) == ("Europe/Berlin", "Europe/Berlin", None)
    assert audited(database, member) == [("account.time_zone_told", {"time_zone": zone}) for zone in ("Europe/Berlin", None)]


@pytest.mark.parametrize("zone", ["Berlin", "europe/berlin", "Europe", "../etc/passwd", "UTC+1", ""])
def test_what_is_no_time_zone_is_refused(mine: Caller, account: str, zone: str) -> None:
    assert_problem(mine.call("PATCH", f"/accounts/{account}", json={"time_zone": zone}), 422, "unacceptable")


def test_promotion_is_told_shown_and_audited(database: Database, member: Member, mine: Caller, video: UUID) -> None:
    before = mine.get(f"/videos/{video}").json()["is_promoted"]
    told = mine.call("PATCH", f"/videos/{video}", json={"is_promoted": True})

    assert (before, told.json()["is_promoted"], mine.get(f"/videos/{video}").json()["is_promoted"]) == (None, True, True)
    assert audited(database, member) == [("video.promotion_told", {"is_promoted": True})]


def test_who_may_tell_and_what(mine: Caller, theirs: Caller, nobody: Caller, reader: Caller, account: str, video: UUID) -> None:
    for path, good, bad in (
        (f"/accounts/{account}", {"time_zone": "UTC"}, {"time_zone": 3}),
        (f"/videos/{video}", {"is_promoted": False}, {"is_promoted": "yes"}),
    ):
        asked = [each.call("PATCH", path, json=good).status_code for each in (nobody, theirs, reader, mine)]
        shapes = [mine.call("PATCH", path, json=each).status_code for each in (bad, {}, {**good, "views": 1})]
        assert (asked, shapes) == ([401, 404, 403, 200], [400, 400, 400])
    assert mine.call("PATCH", f"/videos/{UNKNOWN}", json={"is_promoted": None}).status_code == 404
