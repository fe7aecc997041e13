"""Effects of what creators choose, all hypotheses of a tenant in one release. How they are estimated is in `domain.effects`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.insights.kind import Given, Inputs, Issue, Made, Reading, ReleaseKind, Section
from services.insights.posts import read_features, read_posts
from store.releases import EVERYBODY, EffectRow
from store.work import UnitOfWork

if TYPE_CHECKING:
    from domain.effects.release import EffectsRelease


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    """Posts with their scores' outcomes, what was measured of them, and what was tried at random by then."""
    from domain.experiments.packing import packed_results
    from domain.packed import columns_of
    from services import experiment_tables

    posts, until = read_posts(uow, reading)
    features, scores = read_features(uow), uow.releases.latest("scores")
    named = {"features": features["release_id"], "scores": str(scores.release_id) if scores else None}
    tested = packed_results(experiment_tables.effects(uow, today=reading.as_of.date(), as_of=reading.as_of))
    kept = {"posts": columns_of(posts), "features": features, "experiments": tested}
    return Inputs(kept, len(posts), until, {"releases": named, "features": features["version"], "experiments": len(tested)})


def _make(given: Given) -> Made:
    from domain.effects.estimate import as_figures
    from domain.effects.release import effects_release
    from domain.experiments.packing import results_of
    from domain.packed import posts_of, table_of

    posts = posts_of(given.kept["posts"])
    table = table_of(given.kept["features"], posts["video_id"].tolist())
    release = effects_release(posts, table, experiments=results_of(given.kept.get("experiments", ())), seed=given.terms.seed)
    figures = [{**as_figures(effect), "key": effect.key} for effect in release.effects]
    return Made(f"{release.method}/{table.version}", figures, tuple(_sections(release)))


def _sections(release: "EffectsRelease") -> Iterator[Section]:
    """Of all accounts, then of each own one."""
    yield from (Section(name, figures) for name, figures in sorted(release.sections.items()))
    for account, mine in sorted(release.scoped.items()):
        yield from (Section(name, figures, account) for name, figures in sorted(mine.items()))


def _write(uow: UnitOfWork, issue: Issue) -> None:
    uow.releases.put_effects(issue.release_id, [effect_row(each) for each in issue.made.rows])


def effect_row(figures: Mapping[str, Any]) -> EffectRow:
    """Where an effect is found again."""
    scope = UUID(figures["scope"]) if figures["scope"] else EVERYBODY
    return EffectRow(figures["key"], figures["verdict"], figures, figures["outcome"], figures["kind"], figures["group"], scope)


EFFECTS = ReleaseKind("effects", _read, _make, _write)
