"""Days of a channel out of Studio's table by date: kept beside those that YouTube tells, and never in their place."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from domain.analytics import Window
from domain.channels import Channel
from domain.errors import Unacceptable
from domain.imports.params import ImportParams
from domain.owner_reports import Figure
from domain.sources import Report
from gateways.files.store import LocalFiles
from store.database import Database
from store.owner import Subject
from tests.conftest import Member
from tests.owner import EXTERNAL, add_channel
from tests.services.alone import loaded, taken_in

SEEN = datetime(2022, 2, 1, tzinfo=UTC)
TABLE = b"Date,Views,Watch time (hours),Your estimated revenue (USD)\nTotal,30,1.5,2.1\n2022-01-20,10,0.5,0.7\n2022-01-21,20,1,1.4\n"
DAYS = Window(date(2022, 1, 20), date(2022, 1, 21))


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def channel(database: Database, member: Member) -> Channel:
    return add_channel(database, member)


def params(external_id: str = EXTERNAL, *, observed_at: datetime = SEEN) -> ImportParams:
    return ImportParams(observed_at=observed_at, account_external_id=external_id)


def kept(database: Database, tenant_id: UUID, channel: Channel, report: Report) -> list[tuple[int, str, Decimal, str]]:
    with database.begin(tenant_id) as uow:
        found = uow.owner.days(Subject(channel.channel_id, report), DAYS)
    return [(each.first_day.day, each.metric, each.value, each.source) for each in found]


def test_days_fill_the_same_reports_and_the_same_file_again_changes_nothing(
    database: Database, tenant_id: UUID, files: LocalFiles, channel: Channel
) -> None:
    first, tally = loaded(files, *taken_in(database, files, tenant_id, [TABLE], params()))
    _, again = loaded(files, *taken_in(database, files, tenant_id, [TABLE], params(observed_at=SEEN + timedelta(days=1))))

    source = "import:youtube_studio_days"
    assert [(day, name, int(value), told) for day, name, value, told in kept(database, tenant_id, channel, Report.DAILY)] == [
        (20, "views", 10, source), (20, "watch_minutes", 30, source), (21, "views", 20, source), (21, "watch_minutes", 60, source),
    ]  # fmt: skip
    assert [(day, value) for day, _, value, _ in kept(database, tenant_id, channel, Report.REVENUE)] == [
        (20, Decimal("0.7")),
        (21, Decimal("1.4")),
    ]
    assert (first.rows, first.accepted, first.rejected, tally.counts()["videos"]) == (3, 2, 1, 0)
    assert (again.counts()["accepted"], again.counts()["unchanged"]) == (0, 2)


def test_what_the_export_has_no_column_for_stays(database: Database, tenant_id: UUID, files: LocalFiles, channel: Channel) -> None:
    likes = Figure(DAYS.first_day, DAYS.first_day, DAYS.first_day, (), "likes", Decimal(3))
    with database.begin(tenant_id) as uow:
        uow.owner.put(Subject(channel.channel_id, Report.DAILY), DAYS, [likes], known_at=SEEN - timedelta(days=1), source="youtube_api")

    loaded(files, *taken_in(database, files, tenant_id, [TABLE], params()))

    assert (20, "likes", Decimal(3), "youtube_api") in kept(database, tenant_id, channel, Report.DAILY)


def test_days_of_a_channel_that_is_not_ours_are_refused_at_the_door(database: Database, tenant_id: UUID, files: LocalFiles) -> None:
    with pytest.raises(Unacceptable, match="no channel of this workspace is UCsomebody"):
        taken_in(database, files, tenant_id, [TABLE], params("UCsomebody"))
