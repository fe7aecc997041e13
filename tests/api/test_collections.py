"""Collections over HTTP: whose they are, their members, and what the default one refuses."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from store.database import Database
from tests.api.conftest import Caller, assert_problem, pointers
from tests.library import put, seen, total

SPRING = {"name": "Spring"}
ONE = ("/collections/{collection}", "/collections/{collection}/videos", "/collections/{collection}/accounts")


def external_ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["external_id"] for item in answer.json()["items"]]


@pytest.fixture
def videos(database: Database, tenant_id: UUID) -> dict[str, UUID]:
    return put(database, tenant_id, [seen("one", 100), seen("two", 300), seen("three", 50, account="ben")])


@pytest.fixture
def accounts(database: Database, tenant_id: UUID, videos: dict[str, UUID]) -> dict[str, UUID]:
    return total(database, tenant_id)


@pytest.fixture
def spring(mine: Caller) -> str:
    answer = mine.post("/collections", json=SPRING)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["collection_id"])


def default(mine: Caller) -> dict[str, Any]:
    first: dict[str, Any] = mine.get("/collections").json()["items"][0]
    assert first["is_default"]
    return first


@pytest.mark.parametrize("route", ["/collections", *ONE])
def test_nobody_sees_nothing(nobody: Caller, spring: str, route: str) -> None:
    assert_problem(nobody.get(route.format(collection=spring)), 401)


def test_another_workspace_does_not_have_the_collection(theirs: Caller, mine: Caller, videos: dict[str, UUID], spring: str) -> None:
    assert theirs.get("/collections").json()["items"] == []
    for route in ONE:
        assert_problem(theirs.get(route.format(collection=spring)), 404)
    assert_problem(theirs.call("PUT", f"/collections/{spring}", json=SPRING), 404)
    assert_problem(theirs.delete(f"/collections/{spring}"), 404)
    assert_problem(theirs.post(f"/collections/{spring}/videos/{videos['one']}"), 404)
    assert_problem(theirs.get(f"/videos?collection_id={spring}"), 404)
    assert_problem(theirs.get(f"/accounts?collection_id={spring}"), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "x", "color": "red"}, "/color"),
        ({"name": "x", "icon": "../etc"}, "/icon"),
        ({"name": "x", "owner": "me"}, "/owner"),
    ],
)
def test_a_malformed_collection_is_a_problem(mine: Caller, body: dict[str, str], field: str) -> None:
    assert pointers(assert_problem(mine.post("/collections", json=body), 400)) == [field]


def test_a_collection_is_made_changed_and_deleted(mine: Caller) -> None:
    made = mine.post("/collections", json=SPRING)
    where = made.headers["location"].removeprefix("/api/v1")

    changed = mine.call("PUT", where, json={"name": "Summer", "description": "later", "color": "#000000", "icon": "sun"}).json()

    assert (made.json()["color"], made.json()["icon"], made.json()["videos"]) == ("#8B5CF6", "folder", 0)
    assert (changed["name"], changed["description"], changed["color"], changed["icon"]) == ("Summer", "later", "#000000", "sun")
    assert mine.get(where).json() == changed
    assert mine.delete(where).status_code == 204
    assert_problem(mine.get(where), 404)


def test_the_same_key_makes_one_collection(mine: Caller) -> None:
    first, second = (mine.post("/collections", json=SPRING, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert first.content == second.content
    assert len(mine.get("/collections").json()["items"]) == 1


def test_a_key_for_reading_changes_nothing(reader: Caller, spring: str, videos: dict[str, UUID]) -> None:
    for method, path in (
        ("POST", "/collections"), ("PUT", f"/collections/{spring}"), ("DELETE", f"/collections/{spring}"),
        ("POST", f"/collections/{spring}/videos/{videos['one']}"), ("DELETE", f"/collections/{spring}/videos/{videos['one']}"),
    ):  # fmt: skip
        assert_problem(reader.call(method, path, json=SPRING if method == "PUT" or path == "/collections" else None), 403)


def test_videos_come_and_go_and_the_count_follows(mine: Caller, spring: str, videos: dict[str, UUID]) -> None:
    for name in ("one", "two", "one"):
        answer = mine.post(f"/collections/{spring}/videos/{videos[name]}")
    listed = external_ids(mine.get(f"/collections/{spring}/videos"))

    dropped = mine.delete(f"/collections/{spring}/videos/{videos['two']}")

    assert (answer.status_code, answer.json()["videos"], listed) == (200, 2, ["two", "one"])
    assert dropped.status_code == 204
    assert mine.get(f"/collections/{spring}").json()["videos"] == 1
    assert_problem(mine.delete(f"/collections/{spring}/videos/{videos['two']}"), 404)
    assert_problem(mine.post(f"/collections/{spring}/videos/{uuid4()}"), 404)


def test_accounts_come_and_go_and_the_count_follows(mine: Caller, spring: str, accounts: dict[str, UUID]) -> None:
    assert mine.post(f"/collections/{spring}/accounts/{accounts['ben']}").json()["accounts"] == 1

    assert external_ids(mine.get(f"/collections/{spring}/accounts")) == ["id-ben"]
    assert external_ids(mine.get(f"/accounts?collection_id={spring}")) == ["id-ben"]
    assert mine.delete(f"/collections/{spring}/accounts/{accounts['ben']}").status_code == 204
    assert external_ids(mine.get(f"/collections/{spring}/accounts")) == []
    assert_problem(mine.delete(f"/collections/{spring}/accounts/{accounts['ben']}"), 404)


def test_the_default_collection_is_the_library_and_stays(mine: Caller, accounts: dict[str, UUID], videos: dict[str, UUID]) -> None:
    kept = default(mine)
    where = f"/collections/{kept['collection_id']}"

    assert (kept["name"], kept["videos"], kept["accounts"]) == ("Default", 3, 2)
    assert external_ids(mine.get(f"{where}/videos")) == external_ids(mine.get("/videos")) == ["two", "one", "three"]
    assert external_ids(mine.get(f"{where}/accounts")) == ["id-ana", "id-ben"]
    assert_problem(mine.delete(where), 409, "conflict")
    assert_problem(mine.delete(f"{where}/videos/{videos['one']}"), 409)
    assert mine.post(f"{where}/videos/{videos['one']}").json()["videos"] == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sort=views&order=asc", ["one", "two"]),
        ("platform=youtube", []),
        ("posted_from=2026-11-08", []),
        ("selection=manual", ["two", "one"]),
    ],
)
def test_a_collection_is_sorted_and_filtered_as_the_library_is(
    mine: Caller, spring: str, videos: dict[str, UUID], query: str, found: list[str]
) -> None:
    for name in ("one", "two"):
        mine.post(f"/collections/{spring}/videos/{videos[name]}")

    assert external_ids(mine.get(f"/collections/{spring}/videos?{query}")) == found
    assert external_ids(mine.get(f"/videos?collection_id={spring}&{query}")) == found


def test_pages_of_one_are_the_whole_list(mine: Caller, videos: dict[str, UUID]) -> None:
    for name in ("a", "b"):
        mine.post("/collections", json={"name": name})

    found, cursor = [], ""
    for _ in range(3):
        answer = mine.get(f"/collections?limit=1{cursor}").json()
        found += [each["name"] for each in answer["items"]]
        cursor = f"&cursor={answer['next_cursor']}"

    assert (found, answer["has_more"]) == (["Default", "a", "b"], False)
    assert_problem(mine.get("/collections?cursor=made-up"), 422)


def test_what_is_done_with_a_video_is_noted_and_listed_newest_first(mine: Caller, spring: str, videos: dict[str, UUID]) -> None:
    video = videos["one"]
    viewed = mine.post(f"/videos/{video}/activity", json={"action": "viewed"})
    mine.post(f"/collections/{spring}/videos/{video}")
    mine.post(f"/collections/{spring}/videos/{video}")

    listed = mine.get("/activity").json()["items"]

    assert (viewed.status_code, viewed.json()["video_id"]) == (201, str(video))
    assert [each["action"] for each in listed] == ["collected", "viewed"]
    assert [each["action"] for each in mine.get(f"/activity?action=viewed&video_id={video}").json()["items"]] == ["viewed"]
    first = mine.get("/activity?limit=1").json()
    assert [each["action"] for each in mine.get(f"/activity?limit=1&cursor={first['next_cursor']}").json()["items"]] == ["viewed"]


def test_activity_is_nobody_elses(nobody: Caller, theirs: Caller, reader: Caller, mine: Caller, videos: dict[str, UUID]) -> None:
    path, body = f"/videos/{videos['one']}/activity", {"action": "viewed"}

    assert_problem(nobody.post(path, json=body), 401)
    assert_problem(nobody.get("/activity"), 401)
    assert_problem(theirs.post(path, json=body), 404)
    assert_problem(reader.post(path, json=body), 403)
    assert pointers(assert_problem(mine.post(path, json={"action": "stolen"}), 400)) == ["/action"]
    assert theirs.get("/activity").json()["items"] == []
