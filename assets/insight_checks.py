"""What must hold of published insights. What an honest effect is, is in `domain.effects.honesty`."""

from datetime import datetime

import dagster as dg

from assets.insights import core_features__videos, out_insights__effects, out_insights__next, out_scores__videos
from assets.partitions import tenant_of
from domain.effects.honesty import problems_of
from services.insights.plans import uncarried
from services.insights.posts import DEFINITIONS
from store.database import Database

# So many of what is wrong are named.
NAMED = 20


@dg.asset_check(
    asset=core_features__videos,
    blocking=True,
    description="Every video that was there has all features, by the newest rules.",
)
def features_are_complete(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        release, found = uow.releases.latest("features"), uow.releases.finding("features", DEFINITIONS)
        if release is None or found is None:
            return dg.AssetCheckResult(passed=False, metadata={"reason": "nothing was measured yet"})
        names, read_at = [each["name"] for each in found.value or ()], datetime.fromisoformat(release.data_versions["read_at"])
        lacking = uow.features.incomplete(as_of=release.as_of, known_by=read_at, version=release.method, names=names)
    return dg.AssetCheckResult(passed=lacking == 0 and bool(names), metadata={"videos": lacking, "features": len(names)})


@dg.asset_check(
    asset=out_scores__videos, blocking=True, description="No score contradicts itself: inside its interval, 5 peers or a reason."
)
def scores_are_consistent(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        broken, counts = uow.insights.broken_scores(), uow.insights.score_counts()
    return dg.AssetCheckResult(passed=broken == 0, metadata={"broken": broken, "counts": counts})


@dg.asset_check(
    asset=out_insights__effects, blocking=True, description="No effect without interval, q, gates and n; none is causal on selected data."
)
def effects_are_honest(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        release, has_census = uow.releases.latest("effects"), uow.posts.has_census()
        figures = uow.releases.effects(release.release_id) if release else []
    posts = release.inputs_count if release else 0
    wrong = {str(each.get("key", each["feature"])): problems_of(each, has_census=has_census, posts=posts) for each in figures}
    named = [f"{key}: {', '.join(problems)}" for key, problems in wrong.items() if problems]
    return dg.AssetCheckResult(passed=release is not None and not named, metadata={"wrong": named[:NAMED], "effects": len(figures)})


@dg.asset_check(
    asset=out_insights__next,
    description="Every suggestion names effects of the newest release, and says no more than their verdicts permit.",
)
def suggestions_are_carried(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        wrong = uncarried(uow)
    return dg.AssetCheckResult(passed=wrong == [], metadata={"wrong": (wrong or [])[:NAMED], "published": wrong is not None})
