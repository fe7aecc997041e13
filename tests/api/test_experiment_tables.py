"""Tables over HTTP: counts as a file, many tests at once, pooled and checked; and the calibration by them."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from domain.effects.verdicts import Effect
from gateways.files.store import LocalFiles
from services import experiment_tables
from store.database import Database
from store.ids import new_id
from store.releases import EffectRow
from tests.api.conftest import Caller, assert_problem, pointers
from tests.api.test_experiments import BASE, OUTCOME, PLAN, TODAY, counts, run_since

IMPORTS = f"{BASE}/imports"
NAMED = f"{IMPORTS}?name=Headlines&is_own=true"


def written(rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def arms(tests: int = 60, *, effect: float = 0.5, seed: int = 1) -> list[dict[str, Any]]:
    """Tests of two headlines; a question mark is worth `effect`. The first test lost most of one arm."""
    chance = np.random.default_rng(seed)
    rows = []
    for test in range(tests):
        for arm in range(2):
            asks, seen = (test + arm) % 2, 5_000 - 3_000 * (test == arm == 0)
            rate = 0.03 * np.exp(effect * asks + 0.1 * chance.standard_normal())
            title = f"{'long ' * int(chance.integers(6))}headline{'?' if asks else ''}"
            rows.append({"test_id": f"t{test:03}", "title": title, "impressions": seen, "clicks": int(chance.binomial(seen, rate))})
    return rows


def imported(mine: Caller, rows: list[dict[str, Any]], query: str = NAMED) -> dict[str, Any]:
    answer = mine.post(query, content=written(rows), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def of_feature(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in found["effects"] if each["feature"].startswith(f"{name}/"))


def test_tests_are_checked_pooled_and_listed(mine: Caller, theirs: Caller, nobody: Caller) -> None:
    rows = arms()
    found = imported(mine, rows)

    assert (found["tests"], found["arms"], found["excluded"], found["rejected"]) == (60, 120, 1, 0)
    question = of_feature(found, "is_question")
    assert (question["verdict"], question["outcome"]) == ("experimental", "clicks")
    assert question["low"] < 0.5 < question["high"]
    where = f"{IMPORTS}/{found['import_id']}"
    first, second = mine.get(f"{where}/tests?limit=2").json()["items"]
    assert (first["ratio"]["passed"], second["ratio"]["passed"]) == (False, True)
    assert first["arms"][0]["click_rate"] == pytest.approx(rows[0]["clicks"] / rows[0]["impressions"])
    assert mine.get(where).json() == found
    assert [each["import_id"] for each in mine.get(IMPORTS).json()["items"]] == [found["import_id"]]
    assert theirs.get(IMPORTS).json()["items"] == []
    for route in (where, f"{where}/tests"):
        assert_problem(theirs.get(route), 404)
        assert_problem(nobody.get(route), 401)


def test_pages_of_tests_go_on_where_they_ended(mine: Caller) -> None:
    where = f"{IMPORTS}/{imported(mine, arms(5))['import_id']}/tests"

    page = mine.get(f"{where}?limit=3").json()
    rest = mine.get(f"{where}?limit=3&cursor={page['next_cursor']}").json()

    assert [each["test"] for each in page["items"] + rest["items"]] == [f"t{number:03}" for number in range(5)]


def test_tests_of_others_are_self_reported(mine: Caller) -> None:
    found = imported(mine, arms(), f"{IMPORTS}?name=Theirs")

    assert of_feature(found, "is_question")["verdict"] == "experimental (self-reported)"


def test_columns_have_the_names_that_the_caller_says(mine: Caller) -> None:
    rows = [{"t": each["test_id"], "headline": each["title"], "n": each["impressions"], "k": each["clicks"], "pic": "p"} for each in arms()]
    query = f"{NAMED}&test_column=t&title_column=headline&impressions_column=n&clicks_column=k&within_column=pic"

    assert imported(mine, rows, query)["excluded"] == 1
    problem = assert_problem(mine.post(NAMED, content=written(rows)), 422)
    assert pointers(problem) == ["test_column", "title_column", "impressions_column", "clicks_column"]


def test_rows_that_are_no_arms_are_told_and_stop_nothing(mine: Caller) -> None:
    rows = arms()
    rows[4]["clicks"] = 99_999

    found = imported(mine, rows)

    assert (found["arms"], found["rejected"]) == (119, 1)
    assert "99999 clicks of 5000 impressions" in found["problems"][0]


def test_a_file_of_other_rows_than_arms_is_not_read_to_its_end(mine: Caller, files: LocalFiles) -> None:
    rows = [*arms(), *[{"test_id": "t", "title": "x", "impressions": 1, "clicks": 2}] * (experiment_tables.MOST_REJECTED + 1)]
    before = stored(files)

    problem = assert_problem(mine.post(NAMED, content=written(rows)), 422)

    assert "10,000 rows of the table are no arms" in problem["detail"]
    assert (mine.get(IMPORTS).json()["items"], stored(files)) == ([], before)


@pytest.mark.parametrize("content", [b"", b"<html>", b"test_id,title,impressions,clicks\n", b"test_id,title,impressions,clicks\nt,x,1,2\n"])
def test_a_file_without_arms_is_refused_and_nothing_is_kept(mine: Caller, files: LocalFiles, content: bytes) -> None:
    before = stored(files)

    assert_problem(mine.post(NAMED, content=content), 422)

    assert mine.get(IMPORTS).json()["items"] == []
    assert stored(files) == before


def stored(files: LocalFiles) -> set[Path]:
    return {path for path in files._root.rglob("*") if path.is_file()}


def test_the_file_is_forgotten_once_its_rows_are_kept(mine: Caller, files: LocalFiles) -> None:
    before = stored(files)

    imported(mine, arms(12))

    assert stored(files) == before


def test_a_repeated_import_is_the_same_one(mine: Caller) -> None:
    content = written(arms(12))
    first, again = (mine.post(NAMED, content=content, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert (first.status_code, again.content) == (201, first.content)
    assert len(mine.get(IMPORTS).json()["items"]) == 1


def test_only_who_may_write_imports_and_deletes(nobody: Caller, reader: Caller, theirs: Caller, mine: Caller) -> None:
    content, where = written(arms(12)), f"{IMPORTS}/{imported(mine, arms(12))['import_id']}"
    for caller, status in ((nobody, 401), (reader, 403)):
        assert_problem(caller.post(NAMED, content=content), status)
        assert_problem(caller.delete(where), status)
    assert_problem(theirs.delete(where), 404)
    assert_problem(mine.post(IMPORTS, content=content), 400)

    assert mine.delete(where).status_code == 204
    assert_problem(mine.get(where), 404)


def test_counts_come_as_a_file(mine: Caller, theirs: Caller, nobody: Caller, reader: Caller, database: Database, tenant_id: UUID) -> None:
    made = mine.post(BASE, json=PLAN).json()["experiment_id"]
    run_since(database, tenant_id, made, TODAY - timedelta(days=29))
    content = written(counts(mine, made, days=28, lift=0.3)) + b"C,not a day,1,1\n"
    where = f"{BASE}/{made}/counts/file"

    answer = mine.post(where, content=content).json()

    assert (answer["received"], answer["kept"], answer["rejected"]) == (28, 28, 1)
    assert "not a date" in answer["problems"][0]
    assert mine.get(f"{BASE}/{made}/readings").json()["results"][0]["verdict"] == "experimental"
    assert_problem(nobody.post(where, content=content), 401)
    assert_problem(reader.post(where, content=content), 403)
    assert_problem(theirs.post(where, content=content), 404)
    assert_problem(mine.post(where, content=b"arm,day\nA,yesterday\n"), 422)


def test_without_a_release_there_is_nothing_to_calibrate(mine: Caller, nobody: Caller, theirs: Caller) -> None:
    assert_problem(nobody.get(f"{BASE}/calibration"), 401)
    imported(mine, arms())

    found = mine.get(f"{BASE}/calibration").json()

    assert (found["n"], found["bias"], found["widening"], found["release_id"]) == (0, None, None, None)
    assert "5 features" in found["reason"]
    assert found["method"] == {"id": "experiments-1", "url": "/docs/method#experiments"}
    assert theirs.get(f"{BASE}/calibration").json()["n"] == 0


def publish(database: Database, tenant_id: UUID, estimates: dict[str, float]) -> UUID:
    """A release of observational effects with these estimates, each with a standard error of 0.05."""
    release_id = new_id()
    with database.begin(tenant_id) as uow:
        empty: dict[str, Any] = {"params": {}, "seed": 1, "inputs_hash": "x", "outputs_hash": "x", "inputs_count": 0}
        uow.releases.publish(
            {"release_id": release_id, "kind": "effects", "method": "m", "code_version": "1", "as_of": "2026-11-01T00:00:00Z", **empty}
        )
        rows = [EffectRow(name, "associational", {"feature": name, "estimate": value, "se": 0.05}) for name, value in estimates.items()]
        uow.releases.put_effects(release_id, rows)
    return release_id


def test_observational_estimates_are_set_against_randomised_ones(mine: Caller, database: Database, tenant_id: UUID) -> None:
    imported(mine, arms())
    release = publish(database, tenant_id, {"is_question": 0.9, "title_chars": 0.0, "of_another_kind": 1.0})

    found = mine.get(f"{BASE}/calibration").json()

    assert found["release_id"] == str(release)
    pairs = {each["feature"]: each for each in found["pairs"]}
    assert "of_another_kind" not in pairs
    assert pairs["is_question"]["difference"] == pytest.approx(0.4, abs=0.1)
    assert found["bias"] is None


def test_all_randomised_results_wait_for_the_release(mine: Caller, database: Database, tenant_id: UUID) -> None:
    imported(mine, arms())
    mine.post(f"{BASE}/outcomes", json=OUTCOME)
    made = mine.post(BASE, json=PLAN).json()["experiment_id"]
    run_since(database, tenant_id, made, TODAY - timedelta(days=29))
    mine.post(f"{BASE}/{made}/counts", json={"counts": counts(mine, made, days=28, lift=0.3)})
    with database.begin(tenant_id) as uow:
        before = experiment_tables.effects(uow, today=TODAY)
    mine.call("PATCH", f"{BASE}/{made}", json={"state": "concluded"})

    with database.begin(tenant_id) as uow:
        found = experiment_tables.effects(uow, today=TODAY)

    assert len(found) == len(before) + 1
    judged = [each if isinstance(each, Effect) else each.judged(each.p or 1.0, len(found)) for each in found]
    assert {str(each.verdict) for each in judged} >= {"experimental", "experimental (self-reported)", "inconclusive"}
    assert json.dumps([each.key for each in judged])


def test_a_full_workspace_takes_another_table_once_one_is_deleted(
    mine: Caller, theirs: Caller, database: Database, tenant_id: UUID
) -> None:
    first = imported(mine, arms(12))
    facts = {"name": "More", "is_own": True, "sha256": "", "columns": {}, "tests": 0, "arms": 0, "rejected": 0, "pool": {}}
    with database.begin(tenant_id) as uow:
        for _ in range(99):
            uow.experiment_tables.add({"import_id": new_id(), **facts}, ())

    told = assert_problem(mine.post(NAMED, content=written(arms(12))), 429, "limit_reached")

    assert (told["limit"], told["used"]) == (100, 100)
    imported(theirs, arms(12))
    mine.delete(f"{IMPORTS}/{first['import_id']}")
    imported(mine, arms(12))
