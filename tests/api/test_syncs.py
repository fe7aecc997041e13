"""Asking for a sync of an own channel over HTTP, and following it."""

from uuid import UUID

import pytest

from domain.channels import Channel
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, FakeDagster, assert_problem
from tests.conftest import Member
from tests.owner import NOON, add_channel

ASKING = ("/sync", "/videos/sync")


@pytest.fixture
def channel(database: Database, member: Member) -> Channel:
    return add_channel(database, member)


def at(channel: Channel, route: str) -> str:
    return f"/channels/{channel.channel_id}{route}"


@pytest.mark.parametrize("route", ASKING)
def test_nobody_another_workspace_and_a_reader_ask_in_vain(
    nobody: Caller, theirs: Caller, reader: Caller, channel: Channel, dagster: FakeDagster, route: str
) -> None:
    assert_problem(nobody.post(at(channel, route)), 401)
    assert_problem(theirs.post(at(channel, route)), 404)
    assert_problem(reader.post(at(channel, route)), 403)
    assert_problem(reader.post(f"/channels/no-id{route}"), 404)
    assert dagster.launched == []


@pytest.mark.parametrize("route", ASKING)
def test_a_sync_is_asked_for_once_while_it_is_open(mine: Caller, channel: Channel, dagster: FakeDagster, route: str) -> None:
    first, second = mine.post(at(channel, route)), mine.post(at(channel, route))

    assert (first.status_code, second.status_code) == (202, 202)
    told = first.json()
    assert (told["kind"], told["subject"], told["params"]) == (
        "sync", f"sync:{channel.channel_id}", {"channel_id": str(channel.channel_id)}
    )  # fmt: skip
    assert first.headers["location"] == f"/api/v1/requests/{told['request_id']}"
    assert second.json()["request_id"] == told["request_id"]
    assert [str(each.request_id) for each in dagster.launched] == [told["request_id"]]


@pytest.mark.parametrize(
    ("status", "external_id", "advice"),
    [("pending_oauth", None, "connect it first"), ("needs_reauth", "UCx", "connect it again"), ("suspended", "UCx", "suspended")],
)
def test_a_channel_that_cannot_be_read_says_what_helps(
    mine: Caller, database: Database, member: Member, dagster: FakeDagster, status: str, external_id: str | None, advice: str
) -> None:
    channel = add_channel(database, member, status=status, external_id=external_id)

    assert advice in assert_problem(mine.post(at(channel, "/sync")), 409)["detail"]
    assert dagster.launched == []


def test_a_sync_is_followed_by_its_channel(
    mine: Caller, theirs: Caller, nobody: Caller, database: Database, tenant_id: UUID, channel: Channel, dagster: FakeDagster
) -> None:
    assert_problem(mine.get(at(channel, "/videos/sync/latest")), 404)
    request_id = mine.post(at(channel, "/sync")).json()["request_id"]
    with database.begin(tenant_id) as uow:
        uow.own_channels.begin(channel.channel_id, UUID(request_id), now=NOON)
        uow.own_channels.finish(channel.channel_id, now=NOON, error={"code": "source_refused", "detail": "no"})

    one, latest = mine.get(at(channel, f"/videos/sync/{request_id}")), mine.get(at(channel, "/videos/sync/latest"))

    assert one.json() == latest.json()
    assert one.json()["request"]["request_id"] == request_id
    assert one.json()["error"] == {"code": "source_refused", "detail": "no"}
    for caller, status in ((theirs, 404), (nobody, 401)):
        assert_problem(caller.get(at(channel, f"/videos/sync/{request_id}")), status)
        assert_problem(caller.get(at(channel, "/videos/sync/latest")), status)


def test_another_request_is_no_sync_of_the_channel(mine: Caller, database: Database, member: Member, channel: Channel) -> None:
    other = add_channel(database, member, external_id="UCother")
    sync_of_other = mine.post(at(other, "/sync")).json()["request_id"]
    insights = mine.post("/requests", json={"kind": "insights"}).json()["request_id"]

    for request_id in (sync_of_other, insights, new_id()):
        assert_problem(mine.get(at(channel, f"/videos/sync/{request_id}")), 404)
    assert_problem(mine.get(at(channel, "/videos/sync/not-an-id")), 404)
