"""What the insight engine reads: facts of videos, their snapshots, the frame of posts, charts of sounds; and what was there when it was read.

Nothing is written here. `recorded_by` and `as_of` give what was known then; a fact without a history (format, hashtags, selection ...) is the
newest one, which is why what was read of those is kept with a release.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.analytics import NO_SHARES
from domain.owner_figures import DayFigures, totals
from store import posts_sql as sql
from store.repository import LOCK, Repository, Row

Facts = dict[str, Any]
# So many payloads are named one by one; the others are in their hash.
NAMED = 100


class Posts(Repository):
    """One tenant's posts, to compute from."""

    def settled(self) -> datetime:
        """A moment before which everything that is recorded can be read now, and after which nothing recorded can: nobody writes meanwhile."""
        self._run(LOCK)
        moment: datetime = self._run("select clock_timestamp()").scalar_one()
        return moment

    def facts(self, *, as_of: datetime) -> list[Facts]:
        """One row per video that is there and was seen by then: what scores need besides its snapshots. In the order of their ids."""
        rows = self._run(
            "select v.video_id::text as video_id, v.account_id::text as account_id, v.platform, v.format, v.posted_at, v.posted_error_seconds,"
            " v.is_promoted, v.selection from videos v where v.tenant_id = :tenant and not v.is_removed and v.first_seen_at <= :as_of"
            " order by v.video_id",
            as_of=as_of,
        )
        return [dict(row._mapping) for row in rows]

    def snapshots(self, *, as_of: datetime, recorded_by: datetime) -> list[tuple[str, datetime, int]]:
        """(video, moment, views) of every snapshot with views up to `as_of` that we had learned of by `recorded_by`, in order."""
        rows = self._read(
            "select s.video_id::text, s.observed_at, s.views from video_snapshots s where s.tenant_id = %(tenant)s and s.views is not null"
            " and s.observed_at <= %(as_of)s and s.recorded_at <= %(recorded_by)s order by s.video_id, s.observed_at",
            as_of=as_of, recorded_by=recorded_by,
        )  # fmt: skip
        return [(row[0], row[1], row[2]) for row in rows]

    def frame(self, *, as_of: datetime, recorded_by: datetime) -> list[Facts]:
        """Rows for `domain.posts.posts_frame`, one per video that is there, in the order of their ids, with `expires_at` beside them.

        `reacted` is the share of viewers who reacted, at the newest snapshot that has every part; `watched_share` the mean share that was
        watched. Logs of both are taken by who reads this. `title` and `description` are those that were seen first.
        """
        words = {"as_of": as_of, "recorded_by": recorded_by}
        counted, told, scored = (self._by_id(statement, **words) for statement in (sql.COUNTED, sql.TOLD, sql.SCORED))
        accounts, followers = self._by_id(sql.ACCOUNTS), self._by_id(sql.FOLLOWERS, as_of=as_of)
        watched = self._watched(as_of)
        rows = [dict(row._mapping) for row in self._read(sql.FACTS, as_of=as_of)]
        return [
            _joined(
                row, accounts[row["account_id"]], followers.get(row["account_id"]),
                [each.get(row["video_id"]) for each in (counted, told, scored)], watched.get(row["video_id"]),
            )
            for row in rows
        ]  # fmt: skip

    def _by_id(self, statement: str, **words: object) -> dict[str, Row]:
        return {row[0]: row for row in self._read(statement, **words)}

    def _watched(self, as_of: datetime) -> dict[str, float]:
        """Days weigh by their views; what an owner imported for the whole life stands where no days are known."""
        found = {row[0]: float(row[1]) / 100 for row in self._read(sql.OWNER_GIVEN, as_of=as_of)}
        days: dict[str, dict[date, dict[str, Decimal]]] = {}
        for row in self._read(sql.OWNER_DAYS, as_of=as_of):
            if row.value is not None:
                days.setdefault(row[0], {}).setdefault(row.first_day, {})[row.metric] = row.value
        for video, each in days.items():
            mean = totals(DayFigures(day, figures) for day, figures in sorted(each.items())).get("average_percentage_viewed")
            if mean is not None:
                found[video] = float(mean) / 100
        return found

    def sound_ranks(self, platform: str, ids: Sequence[str]) -> dict[str, list[tuple[datetime, int]]]:
        """By sound: when it stood in a chart and on which place at best, oldest first. Sounds that no chart had are left out."""
        found: dict[str, list[tuple[datetime, int]]] = {}
        if ids:
            rows = self._run("select * from app.sound_ranks(:platform, cast(:ids as text[]))", platform=platform, ids=list(ids))
            for row in sorted(rows, key=lambda each: (each.external_id, each.captured_at)):
                found.setdefault(row.external_id, []).append((row.captured_at, row.rank))
        return found

    def versions(self, *, as_of: datetime, recorded_by: datetime) -> Mapping[str, Any]:
        """What there was to read, by name: counts and newest moments of rows, and the hashes of the raw payloads that they came from."""
        row = self._read(sql.VERSIONS, as_of=as_of, recorded_by=recorded_by, named=NAMED)[0]
        answers = self._run("select answer_id, sha256 from app.answer_hashes(:named)", named=NAMED)
        return {
            **{name: dict(row._mapping[name]) for name in ("snapshots", "videos", "texts", "imports")},
            "answers": {**row.answers, "newest": [{"answer_id": str(each.answer_id), "sha256": each.sha256} for each in answers]},
        }

    def has_census(self) -> bool:
        """Whether any video came in with all others of its account."""
        found = "select exists (select from videos where tenant_id = :tenant and not is_removed and selection = 'census')"
        return bool(self._run(found).scalar_one())

    def newest_observation(self, *, as_of: datetime) -> datetime | None:
        """When any video was seen last."""
        found: datetime | None = self._run(
            "select max(observed_at) from videos where tenant_id = :tenant and observed_at <= :as_of", as_of=as_of
        ).scalar_one()
        return found


_FOUND = ((*sql.COUNTERS, "reacted"), ("title", "description"), ("outcome", "outcome_se"))


def _joined(row: Facts, account: Row, followers: Row | None, found: Sequence[Row | None], watched: float | None) -> Facts:
    """One row of the frame; what is not there is missing."""
    more = {name: None if each is None else each._mapping[name] for names, each in zip(_FOUND, found, strict=True) for name in names}
    if found[0] is not None and row["platform"] in NO_SHARES:
        more["reacted"] = found[0].reacted_without
    until = [each for each in (row["expires_at"], account.expires_at) if each is not None]
    counted = {name: followers._mapping[name] if followers else None for name in ("followers", "followers_first")}
    beside = {"time_zone": account.time_zone, "is_own": account.is_own, **counted}
    return {**row, **more, **beside, "watched_share": watched, "expires_at": min(until, default=None)}
