"""What next: patterns, blueprint, quick wins, suggestions, and what drafts are held against. How they are made is in `domain.planning`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.insights.kind import Given, Inputs, Made, Reading, ReleaseKind, Section
from services.insights.posts import read_features, read_posts
from store.releases import KeptEffect
from store.work import UnitOfWork

# The sections that advise: what holds of them is in `domain.planning.honesty`.
ADVISING = ("blueprint", "quick_wins", "suggestions")
_READ = (
    "feature", "kind", "outcome", "contrast", "verdict", "sentence", "estimate", "se", "low", "high", "n", "accounts", "scope",
    "posts_needed", "reason",
)  # fmt: skip
EVERY_EFFECT = 1_000_000


def _read(uow: UnitOfWork, reading: Reading) -> Inputs:
    """Posts, features, the newest effects by their ids, which videos are outliers, and the curves of the scores."""
    from domain.packed import columns_of

    posts, until = read_posts(uow, reading)
    features, scores = read_features(uow), uow.releases.latest("scores")
    head, effects = uow.releases.effects_page(limit=EVERY_EFFECT)
    kept = {
        "posts": columns_of(posts), "features": features, "effects": [_effect(each) for each in effects],
        "outliers": uow.planning.outlier_flags(), "curves": scores.params.get("learned", {}).get("curves", []) if scores else [],
    }  # fmt: skip
    stands_on = {"scores": scores, "effects": head}
    named = {name: str(release.release_id) if release else None for name, release in stands_on.items()} | {
        "features": features["release_id"]
    }
    return Inputs(kept, len(posts), until, {"releases": named, "features": features["version"]})


def _effect(each: KeptEffect) -> dict[str, Any]:
    return {"effect_id": str(each.effect_id), "figures": {name: each.figures[name] for name in _READ if name in each.figures}}


def _make(given: Given) -> Made:
    from domain.packed import posts_of, table_of
    from domain.planning.evidence import evidence_of
    from domain.planning.release import Known, method_of, next_release
    from domain.scores.maturity import curve_of

    kept = given.kept
    posts = posts_of(kept["posts"])
    table = table_of(kept["features"], posts["video_id"].tolist())
    evidence = evidence_of([(each["effect_id"], each["figures"]) for each in kept["effects"]], table.features)
    is_outlier = dict(zip(kept["outliers"]["video_id"], kept["outliers"]["is_outlier"], strict=True))
    curves = tuple(curve_of(json.dumps(each)) for each in kept["curves"])
    found = next_release(Known(posts, table, evidence, is_outlier, curves, given.terms.as_of))
    rows = [[each.name, each.account_id, len(items_of(each.name, each.figures))] for each in found]
    return Made(method_of(table.version), rows, tuple(Section(each.name, each.figures, each.account_id) for each in found))


def items_of(section: str, figures: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What a section advises or describes."""
    if section == "blueprint":
        return [each for name in ("do", "avoid", "test") for each in figures[name]]
    found: Sequence[Mapping[str, Any]] = figures.get("items", ())
    return found


def uncarried(uow: UnitOfWork) -> list[str] | None:
    """What the newest plans say that nothing carries; None where no plans were published."""
    from domain.planning.honesty import problems_of

    release = uow.releases.latest("next")
    if release is None:
        return None
    _, effects = uow.releases.effects_page(limit=EVERY_EFFECT)
    verdicts = {str(each.effect_id): str(each.figures["verdict"]) for each in effects}
    sections = uow.releases.sections(release.release_id, ADVISING)
    return [problem for name, figures in sections for problem in problems_of(name, figures, verdicts)]


PLANS = ReleaseKind("next", _read, _make)
