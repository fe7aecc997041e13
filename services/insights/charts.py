"""Rows for charts, out of what is published. What draws them, and which columns it takes, is in `domain.charts`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain import charts
from domain.effects.verdicts import Outcome
from store.releases import EVERYBODY
from store.work import UnitOfWork

Rows = Sequence[Mapping[str, Any]]
# So many counts of a video make a line.
MOST_COUNTS = 200
# So many multiples make a cloud.
MOST_MULTIPLES = 400
SECONDS_PER_DAY = 86_400
EVENT_STUDY = "event_study"


def fan_rows(uow: UnitOfWork, video_id: UUID | None, *, as_of: datetime | None = None) -> Rows:
    """What a video's views were by its age, and what is foretold of them; nothing without a publish time."""
    if video_id is None:
        return []
    posted = uow.videos.get(video_id, as_of=as_of)[0].posted_at
    if posted is None:
        return []
    counts = [each for each in uow.videos.snapshots(video_id, limit=MOST_COUNTS, as_of=as_of) if each.views is not None]
    seen = [{"age_days": (each.observed_at - posted).total_seconds() / SECONDS_PER_DAY, "views": each.views} for each in counts]
    ahead = [
        {"age_days": each.target_age_days, "predicted": each.predicted, "low": each.low, "high": each.high}
        for each in uow.forecasts.of_video(video_id, as_of=as_of).forecasts
        if each.predicted is not None and each.target_age_days is not None
    ]
    return [*seen, *ahead]


def outlier_rows(uow: UnitOfWork, *, as_of: datetime | None = None, account_id: UUID | None = None) -> Rows:
    """The largest multiples; of an earlier release its outliers alone, for those stay with it."""
    if as_of is None:
        return uow.insights.largest(limit=MOST_MULTIPLES, account_id=account_id)
    found = uow.insights.outliers(limit=MOST_MULTIPLES, as_of=as_of, account_id=account_id).items
    return [
        {"age_days": each.age_days, "multiple": each.multiple, "low": each.low, "high": each.high, "is_outlier": True, "title": each.title}
        for each in found
    ]


def effect_rows(uow: UnitOfWork, *, as_of: datetime | None = None, outcome: str | None = None, account_id: UUID | None = None) -> Rows:
    """Effects as `domain.charts.effect_rows` takes them: of one outcome (reach), of all accounts or of one; what says most first."""
    about = outcome or Outcome.REACH.value
    _, found = uow.releases.effects_page(limit=1_000, as_of=as_of, filters={"outcome": about, "scope": account_id or EVERYBODY})
    leading = charts.leading([each.figures for each in found], outcome=about, scope=str(account_id) if account_id else None)
    return charts.effect_rows(leading)


def posting_rows(uow: UnitOfWork, *, as_of: datetime | None = None, account_id: UUID | None = None) -> Rows:
    """The table of hours and weekdays of the deep analysis."""
    found = uow.releases.finding("deep", "posting_time", account_id or EVERYBODY, as_of=as_of)
    table: Rows = found.value["table"] if found and found.figures else []
    return table


def event_rows(uow: UnitOfWork, *, as_of: datetime | None = None, key: str | None = None) -> Rows:
    """The event study of one effect of a change; without `key`, of the one that stands first."""
    found = uow.releases.finding("effects", EVENT_STUDY, as_of=as_of)
    rows: Rows = found.value if found and found.figures else []
    first = key or next((each["key"] for each in rows), None)
    return [
        {"period": each["event_time_weeks"], "estimate": each["estimate"], "low": each["low"], "high": each["high"], "n": each["accounts"]}
        for each in rows if each["key"] == first
    ]  # fmt: skip
