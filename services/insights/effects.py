"""Effects of what creators choose, all hypotheses of a tenant in one release. How they are estimated is in `domain.effects`."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.insights.kind import Given, Inputs, Issue, Made, Reading, ReleaseKind, Section
from services.insights.posts import read_features, read_posts
from store.releases import EVERYBODY, EffectRow
from store.work import UnitOfWork


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    """Posts with their scores' outcomes, and what was measured of them."""
    from domain.packed import columns_of

    posts, until = read_posts(uow, reading)
    features, scores = read_features(uow), uow.releases.latest("scores")
    named = {"features": features["release_id"], "scores": str(scores.release_id) if scores else None}
    return Inputs(
        {"posts": columns_of(posts), "features": features}, len(posts), until, {"releases": named, "features": features["version"]}
    )


def _make(given: Given) -> Made:
    from domain.effects.estimate import as_figures
    from domain.effects.release import effects_release
    from domain.packed import posts_of, table_of

    posts = posts_of(given.kept["posts"])
    table = table_of(given.kept["features"], posts["video_id"].tolist())
    release = effects_release(posts, table, seed=given.terms.seed)
    figures = [{**as_figures(effect), "key": effect.key} for effect in release.effects]
    scopes = [(None, release.sections), *sorted(release.scoped.items())]
    sections = [Section(name, figure, scope) for scope, found in scopes for name, figure in sorted(found.items())]
    return Made(f"{release.method}/{table.version}", figures, tuple(sections))


def _write(uow: UnitOfWork, issue: Issue) -> None:
    uow.releases.put_effects(issue.release_id, [effect_row(each) for each in issue.made.rows])


def effect_row(figures: Mapping[str, Any]) -> EffectRow:
    """Where an effect is found again."""
    scope = UUID(figures["scope"]) if figures["scope"] else EVERYBODY
    return EffectRow(figures["key"], figures["verdict"], figures, figures["outcome"], figures["kind"], figures["group"], scope)


EFFECTS = ReleaseKind("effects", _read, _make, _write)
