"""Forecasts, deep analyses and anomalies as releases: what they read, what they keep, and that they can be made again."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.errors import Conflict, NotFound
from services.insights.anomalies import ANOMALIES, EVENTS, WATCHED
from services.insights.deep import ACCOUNTS, DEEP, SECTIONS
from services.insights.features import FEATURES
from services.insights.forecasts import FORECASTS
from services.insights.scores import SCORES
from store.database import Database
from tests.conftest import Member
from tests.library import NOON
from tests.published import DAY, again, bring, posts, publish_all

KINDS = (FEATURES, SCORES, FORECASTS, DEEP, ANOMALIES)


def days_of(database: Database, tenant_id: UUID, *, spike: int | None = None, count: int = 120) -> UUID:
    """An account whose videos gained 1,000 views a day, give or take, and ten times that on the day `spike` days ago."""
    bring(database, tenant_id, posts("ana", count=1))
    with database.begin(tenant_id) as uow:
        account_id: UUID = uow.connection.execute(sa.text("select account_id from accounts")).scalar_one()
        uow.connection.execute(sa.text("delete from account_days"))
        for ago in range(1, count + 1):
            views = (1_000 + 37 * (ago % 11)) * (10 if ago == spike else 1)
            uow.connection.execute(
                sa.text(
                    "insert into account_days (tenant_id, account_id, day, posts, views_gained, likes_gained, comments_gained,"
                    " shares_gained, videos_observed) values (:tenant, :account, :day, 0, :views, 20, 5, 1, 3)"
                ),
                {"tenant": tenant_id, "account": account_id, "day": NOON.date() - ago * DAY, "views": views},
            )
    return account_id


def test_all_of_them_can_be_made_again_byte_for_byte(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts("ana", count=24) + posts("ben", count=6))

    made = publish_all(database, tenant_id, kinds=KINDS)

    assert {name: again(database, tenant_id, each).is_same for name, each in made.items()} == dict.fromkeys(made, True)


def test_a_forecast_has_a_row_per_horizon_or_a_reason(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts("ana", count=6))
    made = publish_all(database, tenant_id, kinds=(FORECASTS,))["forecasts"]

    with database.begin(tenant_id) as uow:
        video_id = uow.connection.execute(sa.text("select video_id from videos order by posted_at desc limit 1")).scalar_one()
        found = uow.forecasts.of_video(video_id)
        broken, counts = uow.forecasts.broken(), uow.forecasts.counts()

    assert found.release is not None
    assert (found.release.release_id, found.is_kept, broken) == (made.release_id, True, 0)
    assert [each.horizon for each in found.forecasts] == ["1d", "3d", "7d", "30d"]
    assert all((each.predicted is None) == (each.reason is not None) for each in found.forecasts)
    assert sum(counts.values()) == len(made.made.rows)


def test_of_forecasts_only_the_newest_are_kept_and_it_is_said(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts("ana", count=2))
    first = publish_all(database, tenant_id, kinds=(FORECASTS,))["forecasts"]
    with database.begin(tenant_id) as uow:
        then = uow.releases.get(first.release_id).created_at
        video_id = uow.connection.execute(sa.text("select video_id from videos limit 1")).scalar_one()
    publish_all(database, tenant_id, day=1, kinds=(FORECASTS,))

    with database.begin(tenant_id) as uow:
        found = uow.forecasts.of_video(video_id, as_of=then)
        with pytest.raises(NotFound):
            uow.forecasts.of_video(video_id, as_of=NOON - 900 * DAY)

    assert found.release is not None
    assert (found.release.release_id, found.is_kept, found.forecasts) == (first.release_id, False, ())


def test_an_account_has_a_deep_analysis_of_its_own_where_it_has_enough_posts(database: Database, tenant_id: UUID) -> None:
    bring(database, tenant_id, posts("ana", count=24) + posts("ben", count=6))
    publish_all(database, tenant_id, kinds=(FEATURES, SCORES, DEEP))

    with database.begin(tenant_id) as uow:
        accounts = uow.releases.finding("deep", ACCOUNTS)
        assert accounts is not None
        (ana,) = accounts.value["items"]
        own, everybody = uow.served.sections("deep", UUID(ana["account_id"])), uow.served.sections("deep", names=SECTIONS)

    assert (ana["n"], accounts.value["with_fewer_posts"]) == (24, 1)
    assert own is not None
    assert set(own.figures) == {*SECTIONS, "about"}
    assert everybody is not None
    assert set(everybody.figures) == set(SECTIONS)


def test_before_any_features_there_is_no_deep_analysis(database: Database, tenant_id: UUID) -> None:
    with pytest.raises(Conflict, match="features"):
        publish_all(database, tenant_id, kinds=(DEEP,))


def test_a_day_unlike_the_others_is_told_once_with_its_key(database: Database, tenant_id: UUID) -> None:
    account_id = days_of(database, tenant_id, spike=9)

    publish_all(database, tenant_id, kinds=(ANOMALIES,))

    with database.begin(tenant_id) as uow:
        found, watched = uow.releases.finding("anomalies", EVENTS), uow.releases.finding("anomalies", WATCHED)
    day = (NOON.date() - timedelta(days=9)).isoformat()
    assert found is not None
    assert [(each["metric"], each["day"], each["direction"], each["kind"], each["dedupe_key"]) for each in found.value] == [
        ("views", day, "up", "spike", f"anomaly:views:{account_id}:{day}")
    ]
    assert watched is not None
    assert watched.value["series"] == {"engagement": 1, "views": 1}


def test_a_quiet_account_and_a_young_one_have_no_anomalies(database: Database, tenant_id: UUID) -> None:
    days_of(database, tenant_id, count=30, spike=3)

    made = publish_all(database, tenant_id, kinds=(ANOMALIES,))["anomalies"]

    assert (made.made.rows, dict(made.made.sections[1].figures)["too_short"]) == ([], 2)


def test_what_was_gained_over_a_gap_belongs_to_no_day(database: Database, tenant_id: UUID) -> None:
    account_id = days_of(database, tenant_id, count=6)
    gone = NOON.date() - 3 * DAY
    with database.begin(tenant_id) as uow:
        uow.connection.execute(sa.text("delete from account_days where day = :day"), {"day": gone})
        found = {each.day: each.views for each in uow.days.all(as_of=NOON, first=date(2020, 1, 1)) if each.account_id == str(account_id)}

    known = {day for day, views in found.items() if views is not None}
    assert known == {NOON.date() - ago * DAY for ago in (1, 4, 5)}


def test_nothing_at_all_makes_releases_without_claims(database: Database, tenant_id: UUID) -> None:
    made = publish_all(database, tenant_id, kinds=KINDS)

    sections: dict[str, Any] = {each.name: each.figures for each in made["deep"].made.sections}
    assert (made["forecasts"].made.rows, made["anomalies"].made.rows) == ([], [])
    assert (sections["about"]["n"], sections["posting_time"]["best"]) == (0, [])


def test_figures_of_another_tenant_are_not_seen(database: Database, tenant_id: UUID, other: Member) -> None:
    days_of(database, tenant_id, spike=9)
    publish_all(database, tenant_id, kinds=(ANOMALIES,))

    with database.begin(other.tenant_id) as uow:
        assert uow.releases.finding("anomalies", EVENTS) is None
        assert uow.days.all(as_of=NOON, first=date(2020, 1, 1)) == []
