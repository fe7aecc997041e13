"""What is known of a video beside its file when its parts are ranked: how its owner's viewers stayed, and what works in this workspace."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from domain.clips.source import KnownEffect, RetentionPoint
from domain.effects.verdicts import Kind, Outcome, Verdict
from domain.sources import Report
from services.owner_views import whole_parts
from store.owner import Subject
from store.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class PublishedEffect:
    """An effect of the newest release, as far as ranking asks."""

    feature: str
    verdict: Verdict
    estimate: float | None


def effects_of(uow: UnitOfWork) -> tuple[KnownEffect, ...]:
    """What choices are worth here: on reach, over all accounts, by the newest release; none where nothing was published."""
    release = uow.releases.latest("effects")
    return tuple(_effects(uow, release.release_id)) if release else ()


def _effects(uow: UnitOfWork, release_id: UUID) -> Iterator[PublishedEffect]:
    for figures in uow.releases.effects(release_id):
        asked = (figures.get("kind", Kind.FEATURE), figures.get("outcome", Outcome.REACH), figures.get("scope"))
        if asked in ((Kind.FEATURE, Outcome.REACH, None), (Kind.EXPERIMENT, Outcome.CLICKS, None)):
            yield PublishedEffect(figures["feature"], Verdict(figures["verdict"]), figures.get("estimate"))


def retention_of(uow: UnitOfWork, video_id: UUID | None) -> tuple[RetentionPoint, ...] | None:
    """The newest curve of a post of an own channel, over its life so far; None where there is none."""
    if video_id is None:
        return None
    video, _ = uow.videos.get(video_id)
    channel_id = uow.own_channels.owning(video.external_id)
    if channel_id is None:
        return None
    found = whole_parts(uow, Subject(channel_id, Report.RETENTION, video_id)).parts
    points = [RetentionPoint(float(each.names[0]), float(each.figures["relative_retention"])) for each in found
              if "relative_retention" in each.figures]  # fmt: skip
    return tuple(sorted(points, key=lambda point: point.elapsed_share)) or None
