"""Outliers, effects and releases over HTTP."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from domain.observations import AccountFacts, Counters, Observed, Platform, VideoFacts
from store.catalogue import Origin
from store.database import Database
from store.ids import new_id
from store.insights import SCORE_COLUMNS
from store.releases import EVERYBODY, EffectRow
from tests.api.conftest import Caller
from tests.conftest import Member

UNKNOWN = "01931c00-0000-7000-8000-00000000dead"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
FIGURES: dict[str, Any] = {
    "feature": "is_question",
    "contrast": "a question in the title, compared with none",
    "estimand": "...",
    "design": "within-account",
    "verdict": "associational",
    "sentence": "such posts had +20 % views",
    "reason": None,
    "estimate": 0.18,
    "low": 0.1,
    "high": 0.26,
    "multiple": 1.2,
    "multiple_low": 1.1,
    "multiple_high": 1.3,
    "naive": 0.5,
    "p": 0.01,
    "q": 0.02,
    "hypotheses": 6,
    "n": 100,
    "accounts": 5,
    "treated": 40,
    "control": 60,
    "mde": 0.2,
    "robustness_value": 0.1,
    "posts_needed": None,
    "is_lag_adjusted": False,
    "gates": [],
}


def publish(database: Database, tenant_id: UUID, *, multiples: tuple[float, ...]) -> dict[str, UUID]:
    """Videos with these multiples (3 and more are outliers), and one effect."""
    account = AccountFacts(Platform.TIKTOK, external_id="a", title="A")
    seen = [
        Observed(
            line=number,
            account=account,
            observed_at=NOW,
            video=VideoFacts(f"v{number}", title=f"Post {number}", posted_at=NOW),
            counters=Counters(views=10),
        )
        for number, _ in enumerate(multiples, start=1)
    ]
    made = {kind: new_id() for kind in ("scores", "effects")}
    with database.begin(tenant_id) as uow:
        uow.catalogue.put(seen, Origin("test", "census"))
        ids = {row.external_id: row.video_id for row in uow.connection.exec_driver_sql("select external_id, video_id from videos")}
        for kind, release_id in made.items():
            uow.releases.publish(
                {
                    "release_id": release_id,
                    "kind": kind,
                    "method": f"{kind}-method",
                    "code_version": "0",
                    "params": {},
                    "seed": 1,
                    "inputs_hash": "i",
                    "outputs_hash": "o",
                    "inputs_count": 7,
                    "as_of": NOW,
                }
            )
        rows = []
        for number, multiple in enumerate(multiples, start=1):
            figures = dict.fromkeys(SCORE_COLUMNS) | {
                "peers": 9,
                "age_days": 3.0,
                "multiple": multiple,
                "low": multiple / 2,
                "high": multiple * 2,
                "p_outlier": 0.9 if multiple >= 3 else 0.1,
                "is_outlier": multiple >= 3,
            }
            rows.append((ids[f"v{number}"], *(figures[name] for name in SCORE_COLUMNS)))
        uow.insights.put_scores(made["scores"], rows, as_of=NOW)
        counts = {"outlier": sum(each >= 3 for each in multiples), "usual": sum(each < 3 for each in multiples)}
        uow.releases.put_findings(made["scores"], [("counts", EVERYBODY, counts)])
        uow.releases.put_effects(made["effects"], [EffectRow("is_question", "associational", FIGURES)])
    return made


def test_outliers_come_largest_first_page_by_page(database: Database, member: Member, mine: Caller) -> None:
    publish(database, member.tenant_id, multiples=(1.0, 9.0, 4.0, 3.5, 0.2))

    first = mine.get("/insights/outliers?limit=2").json()
    second = mine.get(f"/insights/outliers?limit=2&cursor={first['next_cursor']}").json()

    assert [item["multiple"] for item in first["items"] + second["items"]] == [9.0, 4.0, 3.5]
    assert (first["n"], first["has_more"], second["has_more"], first["method"]["id"]) == (5, True, False, "scores-method")


def test_effects_carry_interval_n_and_method(database: Database, member: Member, mine: Caller) -> None:
    made = publish(database, member.tenant_id, multiples=(1.0,))

    answer = mine.get("/insights/effects").json()

    assert answer["release_id"] == str(made["effects"])
    assert (answer["n"], answer["method"]["url"]) == (7, "/docs/method#effects")
    assert {name: answer["items"][0][name] for name in ("verdict", "low", "high", "n")} == {
        "verdict": "associational",
        "low": 0.1,
        "high": 0.26,
        "n": 100,
    }


@pytest.mark.parametrize("path", ["/insights/outliers", "/insights/effects"])
def test_before_anything_is_published_the_answer_says_what_to_do(mine: Caller, path: str) -> None:
    answer = mine.get(path)

    assert answer.status_code == 200
    assert (answer.json()["items"], answer.json()["n"], answer.json()["as_of"]) == ([], 0, None)
    assert "import" in answer.json()["note"]


@pytest.mark.parametrize(
    "path", ["/insights/outliers", "/insights/effects", f"/insights/releases/{UNKNOWN}", f"/insights/releases/{UNKNOWN}/replay"]
)
def test_nobody_gets_in(nobody: Caller, path: str) -> None:
    assert nobody.get(path).status_code == 401


def test_another_tenants_insights_are_not_there(database: Database, other: Member, mine: Caller) -> None:
    made = publish(database, other.tenant_id, multiples=(9.0,))

    assert mine.get("/insights/outliers").json()["items"] == []
    assert mine.get("/insights/effects").json()["items"] == []
    assert mine.get(f"/insights/releases/{made['effects']}").status_code == 404
    assert mine.get(f"/insights/releases/{made['effects']}/replay").status_code == 404


@pytest.mark.parametrize("query", ["platform=myspace", "limit=0", "account_id=x"])
def test_a_bad_question_is_malformed(mine: Caller, query: str) -> None:
    assert mine.get(f"/insights/outliers?{query}").status_code == 400


def test_a_cursor_of_other_filters_is_refused(database: Database, member: Member, mine: Caller) -> None:
    publish(database, member.tenant_id, multiples=(9.0, 8.0))
    cursor = mine.get("/insights/outliers?limit=1").json()["next_cursor"]

    assert mine.get(f"/insights/outliers?limit=1&platform=youtube&cursor={cursor}").status_code == 422


def test_effects_as_of_a_day_before_the_first_release_are_none(database: Database, member: Member, mine: Caller) -> None:
    publish(database, member.tenant_id, multiples=(1.0,))

    assert mine.get("/insights/effects?as_of=2020-01-01T00:00:00Z").json()["items"] == []


def test_a_release_whose_inputs_are_gone_says_so(database: Database, member: Member, mine: Caller) -> None:
    made = publish(database, member.tenant_id, multiples=(1.0,))

    answer = mine.get(f"/insights/releases/{made['scores']}/replay")

    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
