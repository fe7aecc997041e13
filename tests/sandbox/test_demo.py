"""The demo world: what is written can be read, grows as counters do, and holds the effects that its truth file names."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from domain.effects.changes.changes import change_candidates
from domain.effects.verdicts import Effect, Verdict
from domain.features.descriptions import description_features
from domain.features.naming import DictionaryTagger
from domain.features.titles import title_features
from domain.features.vocabulary import Entity
from domain.imports.normalise import normaliser
from domain.imports.own import FIELDS
from domain.imports.params import ImportParams
from domain.imports.shapes import TableKind, TableShape
from domain.observations import Rejected, Selection
from domain.posts import posts_frame
from domain.scores.outliers import adjusted_log_views
from sandbox.around import CHANGED_POST, JUMP, NAMED, PEOPLE
from sandbox.demo import EFFECTS, DemoWorld, generate, planted, write_demo
from tests.domain.effects.releases import Post, estimate_title_effects
from tests.domain.effects.worlds import covers, known

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
VIEW_DEFINITION_BREAK = datetime(2026, 8, 24, tzinfo=UTC)
SEED = 1


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> DemoWorld:
    return write_demo(tmp_path_factory.mktemp("demo"), now=NOW, seed=SEED)


@pytest.fixture(scope="module")
def lines(world: DemoWorld) -> pd.DataFrame:
    return opened(world.observations)


def records(path: Path) -> list[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def opened(path: Path) -> pd.DataFrame:
    frame = pd.DataFrame(records(path))
    return frame.assign(observed_at=pd.to_datetime(frame["observed_at"]), posted_at=pd.to_datetime(frame["posted_at"]))


def effects_of(lines: pd.DataFrame, seed: int) -> dict[str, Effect]:
    """Through the scores' maturity-adjusted outcome, as a tenant's release goes."""
    snapshots = lines.rename(columns={"video_external_id": "video_id", "account_external_id": "account_id"}).assign(posted_error_seconds=0)
    outcomes = adjusted_log_views(snapshots, now=NOW).set_index("video_id")
    videos = (
        snapshots.drop_duplicates("video_id")
        .join(outcomes[["adjusted_log_views", "standard_error"]], on="video_id")
        .assign(selection="census")
    )
    wanted = ["video_id", "account_id", "platform", "format", "posted_at", "title", "adjusted_log_views", "standard_error", "selection"]
    posts = [Post(*row) for row in videos[wanted].itertuples(index=False, name=None)]
    return {effect.feature: effect for effect in estimate_title_effects(posts, seed=seed)}


def test_the_demo_world_has_forty_accounts_of_forty_posts_on_several_platforms_and_formats(world: DemoWorld, lines: pd.DataFrame) -> None:
    videos = lines.drop_duplicates("video_external_id")

    assert (world.accounts, world.posts, world.lines) == (40, 1600, len(lines))
    assert set(videos.groupby("account_external_id").size()) == {40}
    assert set(map(tuple, videos[["platform", "format"]].to_numpy())) == {
        ("tiktok", "short"), ("youtube", "short"), ("youtube", "long"), ("instagram", "short"),
    }  # fmt: skip


def test_every_line_is_of_our_own_import_format(lines: pd.DataFrame) -> None:
    assert set(lines.columns) <= FIELDS
    assert not lines.duplicated(["video_external_id", "observed_at"]).any()


def test_the_importer_accepts_every_line_as_a_census(world: DemoWorld) -> None:
    found = records(world.observations)
    reader = normaliser(TableShape(TableKind.NDJSON, tuple(found[0])), ImportParams(is_complete=True), now=NOW)

    read = [reader.read(line, record) for line, record in enumerate(found, 1)]

    assert reader.selection is Selection.CENSUS
    assert [row for row in read if isinstance(row, Rejected)] == []


def test_every_account_says_that_it_is_synthetic(lines: pd.DataFrame) -> None:
    assert lines["account_title"].str.endswith("(synthetic)").all()
    assert lines["account_description"].str.contains("synthetic").all()


def test_counters_never_fall_and_no_one_likes_what_nobody_saw(lines: pd.DataFrame) -> None:
    ordered = lines.sort_values(["video_external_id", "observed_at"])
    for counter in ("views", "likes", "comments", "shares"):
        assert (ordered.groupby("video_external_id")[counter].diff().dropna() >= 0).all()
        assert (ordered[counter] <= ordered["views"]).all()


def test_posts_lie_between_the_last_change_of_view_counting_and_now(lines: pd.DataFrame) -> None:
    assert lines["posted_at"].min() > VIEW_DEFINITION_BREAK
    assert (lines["posted_at"] < lines["observed_at"]).all()
    assert NOW - timedelta(days=2) < lines["observed_at"].max() <= NOW


def test_the_same_moment_and_seed_give_the_same_bytes(world: DemoWorld, tmp_path: Path) -> None:
    again = write_demo(tmp_path / "again", now=NOW.astimezone(timezone(timedelta(hours=5))), seed=SEED)
    other = write_demo(tmp_path / "other", now=NOW, seed=SEED + 1)

    assert again.observations.read_bytes() == world.observations.read_bytes()
    assert other.observations.read_bytes() != world.observations.read_bytes()


def test_the_truth_file_names_every_planted_effect(world: DemoWorld) -> None:
    truth = json.loads(world.truth.read_text(encoding="utf-8"))

    assert truth["effects"] == dict(EFFECTS)
    assert truth["people"] == dict(PEOPLE)
    assert truth["seed"] == SEED
    assert {name for name, effect in EFFECTS.items() if effect} == {"is_question", "has_number"}


def test_titles_show_the_features_that_were_switched_on() -> None:
    posts = [post for _, posts in generate(now=NOW, seed=SEED) for post in posts]
    shown = title_features([post.title for post in posts])

    for switch, feature in (("question", "is_question"), ("number", "has_number"), ("emoji", "has_emoji"), ("bracket", "has_bracket")):
        assert (shown[feature] == [getattr(post.switches, switch) for post in posts]).all()
    assert len({post.title for post in posts}) > 1400


def test_some_posts_are_genuine_outliers() -> None:
    posts = [np.array([post.potential for post in posts]) for _, posts in generate(now=NOW, seed=SEED)]

    hits = sum(int(np.sum(potential > 3 * np.median(potential))) for potential in posts)

    assert 30 <= hits <= 160


# The last one is the seed of the demo workspace.
@pytest.mark.parametrize("seed", [1, 2, 3, 20261121])
def test_planted_effects_are_found_and_nothing_else_is_claimed(seed: int, tmp_path: Path) -> None:
    effects = effects_of(opened(write_demo(tmp_path, now=NOW, seed=seed).observations), seed)

    for name, truth in EFFECTS.items():
        found = effects[name]
        assert (found.verdict is Verdict.CAUSAL_SUPPORTED) is (truth != 0.0), name
        assert truth == 0.0 or covers(found, truth), name


def test_a_plain_comparison_of_the_demo_world_gets_even_the_sign_wrong(lines: pd.DataFrame) -> None:
    effects = effects_of(lines, SEED)

    assert known(effects["is_question"].naive) < 0
    assert known(effects["has_number"].naive) < 0
    assert known(effects["has_emoji"].naive) > 0.2


def test_posts_name_people_and_brands_by_words_that_a_list_finds() -> None:
    posts = [post for _, posts in generate(now=NOW, seed=SEED) for post in posts]

    named = DictionaryTagger(Entity(each.name, each.kind) for each in NAMED).tag([post.title for post in posts])

    assert named == [() if post.named is None else (post.named,) for post in posts]
    assert min(Counter(post.named for post in posts).values()) >= 80


def test_titles_that_name_somebody_are_as_long_as_others() -> None:
    posts = [post for _, posts in generate(now=NOW, seed=SEED) for post in posts]
    shown = title_features([post.title for post in posts]).assign(named=[post.named or "nobody" for post in posts])

    means = shown.groupby("named")["title_chars"].mean()

    assert np.ptp(means) < 0.25 * shown["title_chars"].std()
    assert all(each.phrase.islower() for each in NAMED), "capitals are a feature of their own"


def test_whoever_names_her_is_smaller_so_a_plain_comparison_hides_what_she_is_worth() -> None:
    frame = pd.DataFrame(
        {"hers": post.named == "Mira Ostrander", "account": account.number, "views": np.log(post.potential) - planted(post.switches)}
        for account, posts in generate(now=NOW, seed=SEED)
        for post in posts
    )

    naive = frame.groupby("hers")["views"].mean().diff().iloc[-1]
    centred = frame.assign(views=frame["views"] - frame.groupby("account")["views"].transform("mean"))
    within = centred.groupby("hers")["views"].mean().diff().iloc[-1]

    assert naive < 0.1
    assert within == pytest.approx(PEOPLE["Mira Ostrander"], abs=0.12)


def test_one_account_changes_its_ways_on_the_day_that_the_truth_names(world: DemoWorld, lines: pd.DataFrame) -> None:
    (change,) = json.loads(world.truth.read_text(encoding="utf-8"))["changes"]
    theirs = lines[lines["account_username"] == change["account"]].drop_duplicates("video_external_id").sort_values("posted_at")
    account, posts = next(each for each in generate(now=NOW, seed=SEED) if each[0].changes)
    level = [
        np.log(post.potential) - planted(post.switches) - PEOPLE.get(post.named or "", 0.0) - account.growth * post.number / len(posts)
        for post in posts
    ]

    has_changed = theirs["posted_at"] >= pd.Timestamp(change["on"])
    jump = np.median(level[CHANGED_POST:]) - np.median(level[:CHANGED_POST])

    assert (has_changed.sum(), set(theirs["format"][has_changed]), set(theirs["format"][~has_changed])) == (16, {"short"}, {"long"})
    assert change["jump"] == JUMP == pytest.approx(jump, abs=0.45)


def test_the_change_is_dated_to_its_very_post(world: DemoWorld, lines: pd.DataFrame) -> None:
    (change,) = json.loads(world.truth.read_text(encoding="utf-8"))["changes"]
    videos = lines.drop_duplicates("video_external_id").rename(columns={"video_external_id": "video_id", "account_username": "account_id"})
    rows = videos.assign(selection="census", outcome=np.log1p(videos["views"]), outcome_se=0.1).to_dict("records")
    posts = posts_frame({str(name): value for name, value in row.items()} for row in rows)

    found = change_candidates(posts, (), seed=SEED).sections["changes"]

    dated = [(row["account_id"], row["at"]) for row in found if row["feature"] == "mostly_shorts"]
    assert dated == [(change["account"], change["on"])]


def test_only_youtubes_posts_have_descriptions_and_those_have_what_features_look_for(lines: pd.DataFrame) -> None:
    videos = lines.drop_duplicates("video_external_id").set_index("platform")

    shown = description_features(videos.loc[["youtube"], "description"])

    assert videos.drop("youtube")["description"].isna().all()
    assert (shown[["has_link", "has_chapters", "has_call_to_action"]].mean() > 0.15).all()
    assert (shown[["has_link", "has_chapters", "has_call_to_action"]].mean() < 0.85).all()
