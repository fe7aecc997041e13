"""People and brands over HTTP: whose they are, that a name is one's alone, and which posts name them."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.entities import EntityKind, asked_entity
from services.insights.features import FEATURES
from services.insights.posts import DEFINITIONS
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, assert_problem, pointers
from tests.library import NOON, put, seen
from tests.published import publish_all

ANA: dict[str, Any] = {"name": "Ana Müller", "kind": "person", "aliases": ["Anita"]}
HERE = "/insights/entities"
ONE = (f"{HERE}/{{entity}}", f"{HERE}/{{entity}}/videos")


@pytest.fixture
def ana(mine: Caller) -> str:
    answer = mine.post(HERE, json=ANA)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["entity_id"])


@pytest.mark.parametrize("route", [HERE, *ONE])
def test_nobody_sees_nothing(nobody: Caller, ana: str, route: str) -> None:
    assert_problem(nobody.get(route.format(entity=ana)), 401)


def test_another_workspace_does_not_have_the_entity_and_may_use_its_name(theirs: Caller, ana: str) -> None:
    assert theirs.get(HERE).json()["items"] == []
    for route in ONE:
        assert_problem(theirs.get(route.format(entity=ana)), 404)
    assert_problem(theirs.call("PUT", f"{HERE}/{ana}", json=ANA), 404)
    assert_problem(theirs.delete(f"{HERE}/{ana}"), 404)
    assert theirs.post(HERE, json=ANA).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "person"}, "/name"),
        ({"name": "", "kind": "person"}, "/name"),
        ({"name": "Ana", "kind": "dog"}, "/kind"),
        ({"name": "Ana", "kind": "person", "aliases": [""]}, "/aliases/0"),
        ({"name": "Ana", "kind": "person", "born": 1990}, "/born"),
    ],
)
def test_a_malformed_entity_is_a_problem(mine: Caller, body: dict[str, Any], field: str) -> None:
    assert pointers(assert_problem(mine.post(HERE, json=body), 400)) == [field]


def test_a_name_without_a_word_is_unacceptable(mine: Caller) -> None:
    assert pointers(assert_problem(mine.post(HERE, json={"name": "🍞", "kind": "brand"}), 422)) == ["/name"]


def test_an_entity_is_made_changed_and_deleted_and_the_trail_tells(mine: Caller, database: Database, tenant_id: UUID) -> None:
    made = mine.post(HERE, json=ANA)
    where = made.headers["location"].removeprefix("/api/v1")

    changed = mine.call("PUT", where, json={"name": "Ana M.", "kind": "brand"}).json()

    assert (changed["name"], changed["kind"], changed["aliases"]) == ("Ana M.", "brand", [])
    assert mine.get(where).json() == changed
    assert mine.post(HERE, json=ANA).status_code == 201, "what she was called is free again"
    assert mine.delete(where).status_code == 204
    assert_problem(mine.get(where), 404)
    with database.begin(tenant_id) as uow:
        trail = [row[0] for row in uow.connection.exec_driver_sql("select action from audit_log where action like 'entity.%%' order by 1")]
    assert trail == ["entity.changed", "entity.deleted", "entity.made", "entity.made"]


@pytest.mark.parametrize("taken", ["ana muller", "ANITA", "Ana-Müller"])
def test_a_name_is_ones_alone_whatever_its_case_and_accents(mine: Caller, ana: str, taken: str) -> None:
    other = mine.post(HERE, json={"name": "Bea", "kind": "person"}).json()["entity_id"]

    told = assert_problem(mine.post(HERE, json={"name": "Someone", "kind": "person", "aliases": [taken]}), 409)

    assert "Ana Müller" in told["detail"]
    assert_problem(mine.call("PUT", f"{HERE}/{other}", json={"name": taken, "kind": "person"}), 409)
    assert mine.call("PUT", f"{HERE}/{ana}", json={"name": taken, "kind": "person"}).status_code == 200, "it is hers"


def test_the_list_is_paged_and_narrowed_to_a_kind(mine: Caller) -> None:
    for number in range(5):
        mine.post(HERE, json={"name": f"Person {number}", "kind": "person" if number % 2 else "brand"})

    first = mine.get(f"{HERE}?limit=3").json()
    second = mine.get(f"{HERE}?limit=3&cursor={first['next_cursor']}").json()

    assert [each["name"] for each in (*first["items"], *second["items"])] == [f"Person {number}" for number in range(5)]
    assert [each["name"] for each in mine.get(f"{HERE}?kind=person").json()["items"]] == ["Person 1", "Person 3"]
    assert_problem(mine.get(f"{HERE}?kind=brand&cursor={first['next_cursor']}"), 422)


def test_a_full_list_takes_no_more(mine: Caller, database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        for number in range(500):
            uow.entities.add(new_id(), asked_entity(f"Number {number}", EntityKind.BRAND, []), user_id=None)

    assert_problem(mine.post(HERE, json=ANA), 429)


def test_the_same_key_makes_one_entity(mine: Caller) -> None:
    first, second = (mine.post(HERE, json=ANA, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert first.content == second.content
    assert len(mine.get(HERE).json()["items"]) == 1


def test_a_key_for_reading_changes_nothing(reader: Caller, ana: str) -> None:
    for method, path in (("POST", HERE), ("PUT", f"{HERE}/{ana}"), ("DELETE", f"{HERE}/{ana}")):
        assert_problem(reader.call(method, path, json=None if method == "DELETE" else ANA), 403)


def test_a_look_shows_the_posts_that_name_it_newest_first(mine: Caller, ana: str, database: Database, tenant_id: UUID) -> None:
    put(database, tenant_id, [
        seen("title", title="With ANA MULLER"), seen("tag", title="Bread", hashtags=("anamuller",), posted=NOON),
        seen("below", title="Soup", description="thanks, Anita!", posted=None), seen("other", title="Banana mullerish"), seen("mute"),
        seen("gone", title="Ana Müller"),
    ])  # fmt: skip
    with database.begin(tenant_id) as uow:
        uow.connection.exec_driver_sql("update videos set is_removed = true where external_id = 'gone'")

    found = mine.get(f"{HERE}/{ana}/videos?limit=2").json()

    assert [post["title"] for post in found["items"]] == ["Bread", "With ANA MULLER"]
    assert (found["posts_read"], found["posts_naming"], found["is_whole"]) == (5, 3, True)
    assert_problem(mine.get(f"{HERE}/{uuid4()}/videos"), 404)


def test_a_post_is_whose_name_is_longest_there(mine: Caller, ana: str, database: Database, tenant_id: UUID) -> None:
    band = mine.post(HERE, json={"name": "Ana Müller Band", "kind": "brand"}).json()["entity_id"]
    put(database, tenant_id, [seen("band", title="The Ana Müller Band plays"), seen("both", title="Ana Müller meets the Ana Müller Band")])

    hers, theirs = ({post["title"] for post in mine.get(f"{HERE}/{each}/videos").json()["items"]} for each in (ana, band))

    assert hers == {"Ana Müller meets the Ana Müller Band"}
    assert theirs == hers | {"The Ana Müller Band plays"}


def test_features_know_the_list_at_their_next_run_and_are_stale_until_then(
    mine: Caller, ana: str, database: Database, tenant_id: UUID
) -> None:
    put(database, tenant_id, [seen(f"v{number}", 10, title=f"Post {number}{' with Anita' if number % 2 else ''}") for number in range(12)])
    made = publish_all(database, tenant_id, day=3_650, kinds=(FEATURES,))["features"]
    with database.begin(tenant_id) as uow:
        before = uow.releases.finding("features", DEFINITIONS)
        uow.connection.exec_driver_sql("update entity_lists set changed_at = '2100-01-01'")
        after = uow.releases.finding("features", DEFINITIONS)

    assert "person:ana-muller" in {name for _, figures, _ in made.made.rows for name in figures}
    assert {tuple(words["entities"]) for _, _, words in made.made.rows} == {(), ("Ana Müller",)}
    assert [found and found.release.is_stale for found in (before, after)] == [False, True]
