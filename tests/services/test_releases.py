"""Releases: the same bytes again whatever came in since, gone when their inputs are, one per request, each tenant's own."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import Conflict, Gone, NotFound
from domain.imports.params import ImportParams
from domain.observations import Platform
from gateways.files.store import LocalFiles
from services.insights.effects import EFFECTS
from services.insights.features import FEATURES
from services.insights.kind import Given, Inputs, Issue, Made, Reading, ReleaseKind, Section
from services.insights.releases import INPUTS_KEPT, RELEASES_KEPT, publish, recall, remake
from services.insights.scores import SCORES
from store.database import Database
from store.features import FeatureRow
from store.ids import new_id
from store.releases import effect_id
from store.work import UnitOfWork
from tests.assets.conftest import ndjson
from tests.library import NOON, seen
from tests.published import DAY, again, bring, bring_from_api, posts, publish_all, release_of, work_of
from tests.services.alone import loaded, taken_in


def run(database: Database, tenant_id: UUID, statement: str, **words: object) -> list[tuple[Any, ...]]:
    with database.begin(tenant_id) as uow:
        found = uow.connection.execute(sa.text(statement), words)
        return [tuple(row) for row in found] if found.returns_rows else []


def clear(database: Database, tenant_id: UUID, *, now: datetime) -> None:
    """What a run of `tidy_library` deletes."""
    with database.begin(tenant_id) as uow:
        for table in ("video_texts", "video_snapshots", "account_followers", "release_inputs"):
            uow.retention.clear_dated(table, now=now, batch=1_000)
        uow.retention.clear_videos(now=now, batch=1_000, is_amended=False)


# The same bytes


def test_every_kind_is_made_again_after_everything_has_changed(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    made = publish_all(database, tenant_id)

    late = seen("ana-1", 7, title="Another title", at=NOON - 2 * DAY - timedelta(hours=20))
    bring(database, tenant_id, [*posts("ben"), late])
    run(database, tenant_id, "update videos set format = 'long', is_promoted = true, is_removed = external_id = 'ana-2', hashtags = '{}'")
    run(database, tenant_id, "update accounts set time_zone = 'Asia/Tokyo'")
    newer = publish_all(database, tenant_id, day=1)

    assert {name: again(database, tenant_id, each).is_same for name, each in made.items()} == dict.fromkeys(made, True)
    assert {name for name in made if newer[name].outputs_hash == made[name].outputs_hash} == set()


def test_a_replay_needs_no_transaction_and_says_what_differs(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    made = publish_all(database, tenant_id, kinds=(SCORES,))["scores"]
    run(database, tenant_id, "delete from scores")
    found = release_of(database, tenant_id, made)
    with database.begin(tenant_id) as uow:
        recalled = recall(uow, found)

    older = replace(recalled, release=replace(found, outputs_hash="other", code_version="0.0.0"))
    same_code = replace(recalled, release=replace(found, outputs_hash="other"))

    assert [remake(each).reason for each in (recalled, older, same_code)] == [None, "the code has changed", "the outputs differ"]


def test_a_release_names_what_was_read(database: Database, tenant_id: UUID, tmp_path: Any) -> None:
    content = ndjson({"video_external_id": "v1", "title": "One", "observed_at": "2026-11-02T00:00:00Z", "views": 3})
    files = LocalFiles(tmp_path)
    loaded(files, *taken_in(database, files, tenant_id, [content], ImportParams()))
    made = publish_all(database, tenant_id)

    versions = {name: release_of(database, tenant_id, each).data_versions for name, each in made.items()}

    assert {each["snapshots"]["count"] for each in versions.values()} == {1}
    assert versions["scores"]["imports"]["newest"][0]["sha256"] == hashlib.sha256(content).hexdigest()
    assert versions["effects"]["features"] == made["features"].made.method
    assert versions["effects"]["releases"] == {name: str(made[name].release_id) for name in ("features", "scores")}
    assert release_of(database, tenant_id, made["scores"]).newest_observation == datetime(2026, 11, 2, tzinfo=UTC)


# Gone


def test_packed_inputs_go_with_the_first_row_that_may_not_be_kept_and_the_figures_stay(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    bring_from_api(database, tenant_id, posts("own", platform=Platform.YOUTUBE))
    made = publish_all(database, tenant_id)
    bring_from_api(database, tenant_id, posts("own", platform=Platform.YOUTUBE), fetched=20)
    run(database, tenant_id, "update videos set expires_at = :at where expires_at is not null", at=NOON + 50 * DAY)

    clear(database, tenant_id, now=NOON + 29 * DAY)
    before = [again(database, tenant_id, made[name]).is_same for name in ("features", "effects")]
    clear(database, tenant_id, now=NOON + 31 * DAY)

    assert before == [True, True]
    for name in ("features", "effects"):
        with pytest.raises(Gone, match=release_of(database, tenant_id, made[name]).inputs_hash):
            again(database, tenant_id, made[name])
    assert run(database, tenant_id, "select count(*) from effects") != [(0,)]


@pytest.mark.parametrize("is_clocked", [False, True])
def test_without_a_clock_inputs_are_kept_for_thirty_days(database: Database, tenant_id: UUID, is_clocked: bool) -> None:
    bring(database, tenant_id, posts(count=1))
    if is_clocked:
        bring_from_api(database, tenant_id, posts("own", count=1, platform=Platform.YOUTUBE), fetched=-10)
    publish_all(database, tenant_id, kinds=(FEATURES,))

    (found,) = run(database, tenant_id, "select expires_at from release_inputs")[0]

    assert found == NOON + 20 * DAY if is_clocked else abs(found - INPUTS_KEPT - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_deleted_video_takes_every_package_with_it_that_may_hold_it(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    before = publish_all(database, tenant_id, kinds=(SCORES,))["scores"]
    bring(database, tenant_id, posts("ben", count=1))
    after = publish_all(database, tenant_id, kinds=(SCORES,))["scores"]

    run(database, tenant_id, "delete from videos where external_id = 'ben-1'")

    assert again(database, tenant_id, before).is_same
    with pytest.raises(Gone):
        again(database, tenant_id, after)


def test_scores_are_gone_once_their_snapshots_have_expired(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    made = publish_all(database, tenant_id, kinds=(SCORES,))["scores"]

    run(database, tenant_id, "delete from video_snapshots where observed_at = (select min(observed_at) from video_snapshots)")

    with pytest.raises(Gone, match=f"{datetime.now(UTC):%Y-%m-%d}"):
        again(database, tenant_id, made)


# How many


def test_a_request_that_is_tried_again_leaves_one_release(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    work = work_of(database, tenant_id)
    for _ in range(2):
        for kind in (FEATURES, SCORES, EFFECTS):
            last = publish(work, kind, as_of=NOON)
    publish_all(database, tenant_id)

    found = run(database, tenant_id, "select kind, count(*) from releases group by kind order by kind")

    assert found == [("effects", 2), ("features", 2), ("scores", 2)]
    assert release_of(database, tenant_id, last).kind == "effects"


def test_old_releases_are_thinned_out_to_one_a_month(database: Database, tenant_id: UUID) -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    at = [datetime(2026, 5, day, tzinfo=UTC) for day in (3, 9, 20)] + [datetime(2026, 6, 2, tzinfo=UTC), now - 80 * DAY, now - 79 * DAY]
    with database.begin(tenant_id) as uow:
        for kind, moments in (("effects", at), ("deep", at[:2])):
            for moment in moments:
                uow.releases.publish({
                    "release_id": new_id(), "kind": kind, "method": "m", "code_version": "t", "params": {}, "seed": 1, "inputs_hash": "i",
                    "outputs_hash": "o", "inputs_count": 0, "as_of": moment, "created_at": moment,
                })  # fmt: skip
        gone = uow.releases.prune(before=now - RELEASES_KEPT)
        left = {kind: [each.created_at for each in uow.releases.page(limit=10, kind=kind)][::-1] for kind in ("effects", "deep")}

    assert gone == 3
    assert left == {"effects": at[2:], "deep": at[1:2]}


def test_releases_come_newest_first_page_by_page(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts(count=1))
    made = [publish_all(database, tenant_id, kinds=(SCORES,))["scores"].release_id for _ in range(3)]
    with database.begin(tenant_id) as uow:
        first = uow.releases.page(limit=2)
        rest = uow.releases.page(limit=2, before=(first[-1].created_at, first[-1].release_id))

    assert [each.release_id for each in (*first, *rest)] == made[::-1]


# What is read


def test_an_effect_is_found_by_an_id_made_of_its_release_and_key(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    made = publish_all(database, tenant_id)["effects"]

    with database.begin(tenant_id) as uow:
        head, found = uow.releases.effects_page(limit=2)
        _, more = uow.releases.effects_page(limit=100, after=found[-1].key)
        _, none = uow.releases.effects_page(limit=100, filters={"verdict": "causal-supported"})
        _, titles = uow.releases.effects_page(limit=100, filters={"topic": "title", "outcome": "reach", "kind": "feature"})
        release, one = uow.releases.effect(found[0].effect_id)

    assert head is not None
    assert (head.release_id, release.release_id) == (made.release_id, made.release_id)
    assert [each.key for each in (*found, *more)] == sorted(each["key"] for each in made.made.rows)
    assert (none, {each.figures["group"] for each in titles}) == ([], {"title"})
    assert (one, one.effect_id) == (found[0], effect_id(made.release_id, found[0].key))


def test_a_page_without_a_match_still_says_which_release_was_looked_at(database: Database, tenant_id: UUID) -> None:
    with database.begin(tenant_id) as uow:
        assert uow.releases.effects_page(limit=5) == (None, [])
        assert uow.releases.finding("features", "definitions") is None
    bring(database, tenant_id, posts(count=1))
    publish_all(database, tenant_id)
    with database.begin(tenant_id) as uow:
        head, found = uow.releases.effects_page(limit=5, filters={"verdict": "experimental"})
        finding = uow.releases.finding("features", "no such section")

    assert head is not None
    assert found == []
    assert finding is not None
    assert finding.figures is None


def test_what_the_newest_release_says_is_one_round_trip(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts(count=1))
    publish_all(database, tenant_id)
    asked: list[str] = []
    with database.begin(tenant_id) as uow:
        sa.event.listen(uow.connection, "before_cursor_execute", lambda *words: asked.append(words[2]))
        found = uow.releases.finding("features", "definitions")
        uow.releases.effects_page(limit=20)
        uow.releases.head("scores")

    assert len(asked) == 3
    assert found is not None
    assert "is_question" in {each["name"] for each in found.value}


def test_a_release_is_stale_once_something_was_seen_since(database: Database, tenant_id: UUID) -> None:
    def is_stale() -> bool | None:
        with database.begin(tenant_id) as uow:
            head = uow.releases.head("scores")
        return head.is_stale if head else None

    before = is_stale()
    bring(database, tenant_id, posts(count=1))
    publish_all(database, tenant_id, kinds=(SCORES,))
    fresh = is_stale()
    bring(database, tenant_id, [seen("ana-1", 5_000, at=NOON + DAY)])

    assert (before, fresh, is_stale()) == (None, False, True)


def test_another_tenant_sees_nothing(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts())
    made = publish_all(database, tenant_id)["effects"]
    key = made.made.rows[0]["key"]
    with database.begin(new_id()) as uow:
        for ask in (lambda: uow.releases.get(made.release_id), lambda: uow.releases.effect(effect_id(made.release_id, key))):
            with pytest.raises(NotFound):
                ask()
        found = [uow.releases.page(limit=9), uow.releases.effects(made.release_id), uow.features.all(), uow.posts.facts(as_of=NOON)]
        frame = uow.posts.frame(as_of=NOON, recorded_by=datetime.now(UTC))
        inputs, head = uow.releases.inputs(made.release_id), uow.releases.head("effects")

    assert (found, frame, inputs, head) == ([[], [], [], []], [], None, None)


# Features


def test_features_are_written_anew_only_where_they_have_changed(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts(count=3))
    with database.begin(tenant_id) as uow:
        ids = {row.external_id: str(row.video_id) for row in uow.connection.execute(sa.text("select external_id, video_id from videos"))}
        first: list[FeatureRow] = [(video, {"is_question": 1.0, "topic": None}, {"entities": []}) for video in ids.values()]
        changed = [uow.features.put(first, version="1", now=NOON)]
        other: FeatureRow = (ids["ana-2"], {"is_question": 0.0, "topic": None}, {"entities": ["Ana"]})
        unknown: FeatureRow = (str(new_id()), {}, {})
        changed.append(uow.features.put([first[0], other, unknown], version="1", now=NOON + DAY))
        changed.append(uow.features.put([first[0], other], version="2", now=NOON + 2 * DAY))
    found = run(
        database, tenant_id, "select video_id::text, computed_at, version, words from video_features order by computed_at, video_id"
    )

    assert changed == [3, 1, 2]
    assert found == sorted((video, NOON + 2 * DAY, "2", words) for video, _, words in (first[0], other))


def test_measuring_again_what_has_not_changed_writes_nothing(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts(count=3))
    made = [publish_all(database, tenant_id, day=day, kinds=(FEATURES,))["features"] for day in (0, 0)]
    run(database, tenant_id, "update videos set is_removed = true where external_id = 'ana-3'")
    publish_all(database, tenant_id, day=1, kinds=(FEATURES,))

    assert made[0].outputs_hash == made[1].outputs_hash
    assert run(database, tenant_id, "select count(*) from video_features") == [(2,)]


def test_effects_of_nothing_are_a_release_without_effects(database: Database, tenant_id: UUID) -> None:
    made = publish_all(database, tenant_id)

    assert {name: len(made[name].made.rows) for name in ("features", "scores")} == {"features": 0, "scores": 0}
    assert {each["verdict"] for each in made["effects"].made.rows} <= {"inconclusive"}
    assert all(again(database, tenant_id, each).is_same for each in made.values())


# A new kind


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    owners = [fact["account_id"] for fact in uow.posts.facts(as_of=reading.as_of)]
    return Inputs({"accounts": sorted(set(owners)), "videos": owners}, len(owners))


def _make(given: Given) -> Made:
    chance = given.terms.seed % 7 + given.terms.params.get("extra", 0)
    sections = tuple(Section("posts", {"n": given.kept["videos"].count(each), "chance": chance}, each) for each in given.kept["accounts"])
    return Made("counting/1", [chance], sections, learned={"accounts": len(sections)})


_ISSUED: list[UUID] = []


def _write(uow: UnitOfWork, issue: Issue) -> None:
    _ISSUED.append(issue.release_id)


COUNTING = ReleaseKind("anomalies", _read, _make, _write)


def test_a_kind_is_what_it_reads_makes_and_writes(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, [*posts(count=3), *posts("ben", count=2)])

    made = publish(work_of(database, tenant_id), COUNTING, as_of=NOON, seed=8, params={"extra": 4})
    bring(database, tenant_id, posts("cat", count=1))

    (account,) = run(database, tenant_id, "select account_id from accounts where username = 'ana'")[0]
    with database.begin(tenant_id) as uow:
        found = uow.releases.finding("anomalies", "posts", account)
        release = uow.releases.get(made.release_id)
        replayed = remake(recall(uow, release, kinds={"anomalies": COUNTING}))
    assert found is not None
    assert found.value == {"n": 3, "chance": 5}
    assert (release.params, release.seed, release.method) == ({"extra": 4, "learned": {"accounts": 2}}, 8, "counting/1")
    assert replayed.is_same
    assert [made.release_id] == _ISSUED


def test_effects_before_features_say_what_to_make_first(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts(count=1))

    with pytest.raises(Conflict, match="core_features__videos"):
        publish_all(database, tenant_id, kinds=(EFFECTS,))
