"""Own channels: their posts, and what only their owners are told. Planning is in `domain.owner_sync`, reading in `services`."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from assets.claims import claim
from assets.described import core_asset, result
from assets.partitions import tenant_of
from domain.owner_reports import LAG_DAYS
from domain.owner_sync import FULL_LISTING_EVERY, newest_day
from domain.ports import Platforms
from domain.requests import CHANNELS
from services.owner_comments import read_comments
from services.owner_opening import opened
from services.owner_posts import list_posts
from services.owner_reports import read_reports
from services.owner_sync import each, wanted
from store.database import Database

_KINDS = {"youtube", "postgres"}
# A listing may be late by so much before it is called stale.
_GRACE = timedelta(days=2)
# Shares of viewers are rounded, and small groups are left out.
PERCENT_LOW, PERCENT_HIGH = 95.0, 101.0


class SyncConfig(dg.Config):
    """Which channel; empty: every live one of the workspace."""

    channel_id: str = ""


@core_asset("channel_videos", group=CHANNELS, kinds=_KINDS)
def core_channels__videos(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms], config: SyncConfig
) -> dg.MaterializeResult[None]:
    """One row per post of an own channel: its visibility and when it was listed; its facts and counters go to the catalogue."""
    now = datetime.now(UTC)
    with claim(context, database) as work, opened(work, platforms, now=now) as reading:
        found = each(work, wanted(work), lambda channel: list_posts(work, reading(channel), now=now), now=now)
    return result(
        sum(listing.posts for listing in found),
        channels=len(found), pages=sum(listing.pages for listing in found), gone=sum(listing.gone for listing in found),
    )  # fmt: skip


@core_asset("owner_reports", group=CHANNELS, kinds=_KINDS, deps=[core_channels__videos])
def core_owner__reports(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms], config: SyncConfig
) -> dg.MaterializeResult[None]:
    """One row per figure of an owner's report and moment at which it was first told or restated. Append-only."""
    now = datetime.now(UTC)
    with claim(context, database) as work, opened(work, platforms, now=now) as reading:
        found = each(work, wanted(work), lambda channel: read_reports(work, reading(channel), now=now), now=now)
    return result(
        sum(tally.figures for tally in found),
        channels=len(found), calls=sum(tally.calls for tally in found), unavailable=sum(tally.unavailable for tally in found),
    )  # fmt: skip


@core_asset("video_comments", group=CHANNELS, kinds=_KINDS, deps=[core_channels__videos])
def core_channels__comments(
    context: dg.AssetExecutionContext, database: dg.ResourceParam[Database], platforms: dg.ResourceParam[Platforms], config: SyncConfig
) -> dg.MaterializeResult[None]:
    """One row per comment of an own channel's post as it was seen last: the newest posts' are read with each sync."""
    now = datetime.now(UTC)
    with claim(context, database) as work:
        heard = read_comments(work, platforms, wanted(work), now=now)
    return result(heard.comments, posts=heard.posts, new=heard.new, trouble=heard.trouble)


@dg.asset_check(asset=core_channels__comments, description="No comment was posted more than an hour after it was seen.")
def comments_are_of_the_past(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.comments.ahead_of_time(grace=timedelta(hours=1))
    return dg.AssetCheckResult(passed=found == 0, metadata={"comments": found})


@dg.asset_check(asset=core_channels__videos, description="Every active channel's posts were listed as a whole within nine days.")
def own_posts_are_listed(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        late = uow.own_channels.unlisted(since=datetime.now(UTC) - FULL_LISTING_EVERY - _GRACE)
    found = {str(channel): str(listed) for channel, listed in late.items()}
    return dg.AssetCheckResult(passed=not late, severity=dg.AssetCheckSeverity.WARN, metadata={"late": dg.MetadataValue.json(found)})


@dg.asset_check(asset=core_owner__reports, description="Daily figures reach as far as YouTube's lag allows, and two days more.")
def owner_days_are_fresh(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    oldest = newest_day(datetime.now(UTC)) - timedelta(days=LAG_DAYS) - _GRACE
    with database.begin(tenant_of(context)) as uow:
        newest = uow.owner.newest_days()
    late = {str(channel): str(day) for channel, day in newest.items() if day is None or day < oldest}
    return dg.AssetCheckResult(passed=not late, severity=dg.AssetCheckSeverity.WARN, metadata={"late": dg.MetadataValue.json(late)})


@dg.asset_check(asset=core_owner__reports, description="Viewers' shares add up to 100 percent, but for rounding and small groups.")
def demographics_add_up(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        off = uow.owner.off_demographics(low=PERCENT_LOW, high=PERCENT_HIGH)
    found = {str(channel): percent for channel, percent in off}
    return dg.AssetCheckResult(passed=not off, severity=dg.AssetCheckSeverity.WARN, metadata={"off": dg.MetadataValue.json(found)})


@dg.asset_check(asset=core_owner__reports, description="No day's revenue is negative.")
def revenue_is_not_negative(context: dg.AssetCheckExecutionContext, database: dg.ResourceParam[Database]) -> dg.AssetCheckResult:
    with database.begin(tenant_of(context)) as uow:
        found = uow.owner.negative_revenue()
    return dg.AssetCheckResult(passed=found == 0, metadata={"figures": found})
