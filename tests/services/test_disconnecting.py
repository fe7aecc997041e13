"""What goes on the stated day after a channel was disconnected, and what stays."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from domain.analytics import Window
from domain.channels import Channel
from domain.observations import Visibility
from domain.owner_reports import Figure
from domain.owner_sync import newest_day
from domain.sources import Report
from services import disconnecting
from services.owner_posts import list_posts
from services.owner_reports import read_reports
from store.owner import Subject
from tests.owner import DAY, FakeOwnData, ask_sync, own_post, read_the_past, reading_of
from tests.services.alone import Alone
from tests.services.owners import Owner

NOW = datetime.now(UTC)
PRIVATE = ("owner_availability", "channel_videos", "channel_syncs")
IMPORTED = Figure(newest_day(NOW) - 500 * DAY, newest_day(NOW) - 500 * DAY, newest_day(NOW) - 500 * DAY, (), "views", Decimal(7))


@dataclass(frozen=True)
class Read:
    """A connected channel that was read: a public, a private and an unlisted post, reports, and a day that was imported."""

    owner: Owner
    channel: Channel

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with self.owner.begin() as uow:
            return [tuple(row) for row in uow.connection.execute(sa.text(statement))]

    def counts(self) -> dict[str, object]:
        return {table: self.ask(f"select count(*) from {table}")[0][0] for table in (*PRIVATE, "owner_reports", "owner_metrics")}

    def end(self, *, days_ago: int = 8) -> None:
        """Disconnected, so many days ago."""
        with self.owner.begin() as uow:
            begun = disconnecting.disconnect(uow, self.channel.channel_id)
        disconnecting.revoke(self.owner.begin, self.owner.platforms, begun.connection_id)
        self.pass_days(days_ago)

    def pass_days(self, days: int) -> None:
        self.ask(f"update connections set delete_after = delete_after - interval '{days} days' returning 1")

    def look(self) -> None:
        disconnecting.sweep(self.owner.database, self.owner.platforms, now=NOW)


@pytest.fixture
def read(owner: Owner) -> Read:
    channel = owner.connect().channel
    own = FakeOwnData(
        [own_post(0, at=NOW, posted=NOW - DAY), own_post(1, visibility=Visibility.PRIVATE, posted=NOW - 2 * DAY, at=NOW),
         own_post(2, visibility=Visibility.UNLISTED, posted=NOW - 3 * DAY, at=NOW)],
        now=NOW, external_id=channel.external_id or "",
    )  # fmt: skip
    work = Alone(owner.database, ask_sync(owner.database, channel, owner.member.tenant_id))
    read_the_past(owner.database, channel, owner.member.tenant_id, now=NOW)
    list_posts(work, reading_of(channel, own), now=NOW)
    read_reports(work, reading_of(channel, own), now=NOW)
    with owner.begin() as uow:
        window = Window(IMPORTED.first_day, IMPORTED.last_day)
        uow.owner.put(Subject(channel.channel_id, Report.DAILY), window, [IMPORTED], known_at=NOW, source="youtube_studio", is_whole=False)
    return Read(owner, channel)


def test_on_the_stated_day_what_the_grant_let_us_see_goes(read: Read) -> None:
    before = read.counts()
    read.end()

    read.look()

    assert all(before.values())
    assert read.counts() == {**dict.fromkeys(PRIVATE, 0), "owner_reports": 1, "owner_metrics": 0}
    assert read.ask("select source, value from owner_reports") == [("youtube_studio", 7)]
    assert read.ask("select external_id, title, views from videos order by 1") == [
        ("own00000000", "Post 0", 100), ("own00000001", None, None), ("own00000002", None, None),
    ]  # fmt: skip
    assert read.ask("select count(*) from video_texts") == [(1,)]
    assert read.ask("select count(*) from video_snapshots") == [(1,)]
    assert read.ask("select count(*) from audit_log where action = 'channel.owners_data_deleted'") == [(1,)]


def test_before_that_day_and_while_it_is_connected_nothing_goes(read: Read) -> None:
    before = read.counts()
    read.end(days_ago=6)
    read.look()
    assert read.counts() == before

    read.owner.connect(read.channel.channel_id)
    read.pass_days(30)
    read.look()

    assert read.counts() == before


def test_a_grant_that_was_lost_deletes_nothing(read: Read) -> None:
    before = read.counts()
    read.ask("update connections set status = 'needs_reauth', created_at = created_at - interval '90 days' returning 1")

    read.look()

    assert read.counts() == before


def test_it_goes_once_and_can_be_read_anew(read: Read) -> None:
    read.end()
    read.look()

    read.look()

    assert read.ask("select count(*) from audit_log where action = 'channel.owners_data_deleted'") == [(1,)]
    connected = read.owner.connect(read.channel.channel_id)
    work = Alone(read.owner.database, connected.request)
    list_posts(
        work, reading_of(connected.channel, FakeOwnData([own_post(1, at=NOW)], external_id=connected.channel.external_id or "")), now=NOW
    )
    assert read.ask("select external_id, title from videos where title is not null order by 1")[-1] == ("own00000001", "Post 1")
