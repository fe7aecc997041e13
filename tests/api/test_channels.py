"""Channels over HTTP: made, listed, changed, archived, handed over. Their grants are in tests/api/test_grants.py."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from gateways.credentials import new_key
from services import keys
from store.database import Database
from store.ids import new_id
from tests.api.conftest import Caller, assert_problem, make_token, pointers
from tests.conftest import Member
from tests.store.crowds import at_once

Superuser = psycopg.Connection[Any]


def make(caller: Caller, **more: Any) -> dict[str, Any]:
    answer = caller.post("/channels", {"name": "Night music", "niche": "music", **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def join(superuser: Superuser, member: Member, role: str) -> Member:
    """Another user in the member's workspace."""
    joined = Member(member.tenant_id, new_id(), f"{new_id().hex}@example.org")
    superuser.execute("insert into users (user_id, email) values (%s, %s)", (joined.user_id, joined.email))
    superuser.execute("insert into memberships (tenant_id, user_id, role) values (%s, %s, %s)", (member.tenant_id, joined.user_id, role))
    return joined


def as_person(client: TestClient[Litestar], who: Member) -> Caller:
    return Caller(client, make_token(client, who))


def test_a_channel_is_made_with_its_defaults(mine: Caller, member: Member) -> None:
    answer = mine.post("/channels", {"name": "Night music", "niche": "music"})

    channel = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/api/v1/channels/{channel['channel_id']}")
    assert (channel["status"], channel["user_id"], channel["external_id"]) == ("pending_oauth", str(member.user_id), None)
    assert (channel["automation_enabled"], channel["daily_video_limit"], channel["settings"]) == (True, 5, {})
    assert mine.get(f"/channels/{channel['channel_id']}").json() == channel


def test_the_same_call_makes_one_channel(mine: Caller) -> None:
    first, second = (mine.post("/channels", {"name": "One", "niche": "x"}, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert first.content == second.content
    assert len(mine.get("/channels").json()["items"]) == 1


def test_only_what_is_sent_changes(mine: Caller) -> None:
    before = make(mine, description="old", settings={"tone": "calm"})

    after = mine.call("PATCH", f"/channels/{before['channel_id']}", json={"description": None, "upload_time_utc": "18:30"}).json()

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"description", "upload_time_utc", "updated_at"}
    assert (after["description"], after["upload_time_utc"]) == (None, "18:30")


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"niche": "x"}, 400, ["/name"]),
        ({"name": "x", "niche": "x", "colour": "red"}, 400, ["/colour"]),
        ({"name": "x", "niche": "x", "status": "active"}, 400, ["/status"]),
        ({"name": "x", "niche": "x", "user_id": str(uuid4())}, 400, ["/user_id"]),
        ({"name": " ", "niche": "x", "daily_video_limit": 101}, 422, ["/name", "/daily_video_limit"]),
        ({"name": "x", "niche": "x", "upload_time_utc": "25:00"}, 422, ["/upload_time_utc"]),
    ],
)
def test_a_channel_that_cannot_be_is_refused_by_field(mine: Caller, body: dict[str, Any], status: int, named: list[str]) -> None:
    assert pointers(assert_problem(mine.post("/channels", body), status)) == named


def test_the_sixth_channel_is_refused_with_the_number_and_the_way_up(mine: Caller) -> None:
    made = [make(mine) for _ in range(5)]

    problem = assert_problem(mine.post("/channels", {"name": "six", "niche": "x"}), 403, "refused")

    assert "limit reached" in problem["detail"]
    assert "5" in problem["detail"]
    assert "upgrade" in problem["detail"]
    assert mine.delete(f"/channels/{made[0]['channel_id']}").status_code == 204
    make(mine)


def test_however_many_ask_at_once_five_get_a_channel(mine: Caller) -> None:
    answers = at_once(12, lambda _: mine.post("/channels", {"name": "x", "niche": "x"}).status_code)

    assert sorted(map(str, answers)) == ["201"] * 5 + ["403"] * 7


def test_an_archived_channel_is_out_of_the_list_and_comes_back_where_there_is_room(mine: Caller) -> None:
    first = make(mine)
    there = f"/channels/{first['channel_id']}"
    mine.delete(there)
    assert (mine.get("/channels").json()["items"], mine.get(there).json()["status"]) == ([], "archived")
    assert [each["channel_id"] for each in mine.get("/channels?status=archived").json()["items"]] == [first["channel_id"]]
    for _ in range(5):
        make(mine)

    assert_problem(mine.call("PATCH", there, json={"status": "pending_oauth"}), 403)
    mine.delete(f"/channels/{mine.get('/channels').json()['items'][0]['channel_id']}")
    back = mine.call("PATCH", there, json={"status": "pending_oauth"}).json()

    assert (back["status"], back["archived_at"]) == ("pending_oauth", None)


@pytest.mark.parametrize("status", ["active", "paused", "suspended", "needs_reauth"])
def test_a_status_that_is_not_a_persons_to_set_is_a_conflict(mine: Caller, status: str) -> None:
    there = f"/channels/{make(mine)['channel_id']}"

    assert_problem(mine.call("PATCH", there, json={"status": status}), 409)
    assert_problem(mine.call("PATCH", there, json={"status": "lost"}), 400)


def test_channels_are_listed_newest_first_page_by_page(mine: Caller) -> None:
    made = [make(mine, niche=niche)["channel_id"] for niche in ("a", "b", "a")]

    first = mine.get("/channels?limit=2").json()
    second = mine.get(f"/channels?limit=2&cursor={first['next_cursor']}").json()

    assert [each["channel_id"] for each in first["items"] + second["items"]] == made[::-1]
    assert [each["channel_id"] for each in mine.get("/channels?niche=a").json()["items"]] == [made[2], made[0]]
    assert_problem(mine.get(f"/channels?niche=a&cursor={first['next_cursor']}"), 422)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "theirs"}),
        ("DELETE", "", None),
        ("POST", "/transfer", {"user_id": str(uuid4())}),
        ("POST", "/connect", {}),
        ("GET", "/connection", None),
        ("DELETE", "/connection", None),
    ],
)
def test_another_workspaces_channel_does_not_exist(
    mine: Caller, theirs: Caller, nobody: Caller, reader: Caller, client: TestClient[Litestar], method: str, path: str, body: Any
) -> None:
    before = make(mine)
    there = f"/channels/{before['channel_id']}{path}"

    assert_problem(theirs.call(method, there, json=body), 404)
    assert_problem(nobody.call(method, there, json=body), 401)
    if method != "GET":
        assert_problem(reader.call(method, there, json=body), 403)
    assert mine.get(f"/channels/{before['channel_id']}").json() == before
    assert theirs.get("/channels").json()["items"] == []


def test_a_channel_is_handed_over_and_the_trail_says_so(
    mine: Caller, client: TestClient[Litestar], member: Member, superuser: Superuser, database: Database
) -> None:
    receiver, channel = join(superuser, member, "member"), make(mine)

    answer = mine.post(f"/channels/{channel['channel_id']}/transfer", {"user_id": str(receiver.user_id)})

    assert (answer.status_code, answer.json()["user_id"]) == (200, str(receiver.user_id))
    trail = "select actor, details from audit_log where tenant_id = %s and action = 'channel.transferred'"
    rows = superuser.execute(trail, (member.tenant_id,))
    assert rows.fetchall() == [(member.user_id, {"from": str(member.user_id), "to": str(receiver.user_id)})]
    assert_problem(mine.post(f"/channels/{channel['channel_id']}/transfer", {"user_id": str(receiver.user_id)}), 409)


def test_an_admin_hands_over_and_a_member_does_not(
    mine: Caller, client: TestClient[Litestar], member: Member, superuser: Superuser, database: Database
) -> None:
    body, there = {"user_id": str(member.user_id)}, {}
    for role in ("member", "admin"):
        person = join(superuser, member, role)
        there[role] = (as_person(client, person), f"/channels/{make(as_person(client, person))['channel_id']}/transfer")
    with database.begin(member.tenant_id) as uow:
        made = keys.make_key(uow, new_key, user_id=_owner_of(mine, there["member"][1]), name="k", scopes=("read", "write"))

    assert_problem(there["member"][0].post(there["member"][1], body), 403)
    assert_problem(Caller(client, made.plain).post(there["member"][1], body), 403)
    assert there["admin"][0].post(there["admin"][1], body).status_code == 200


def _owner_of(caller: Caller, transfer: str) -> UUID:
    return UUID(caller.get(transfer.removesuffix("/transfer")).json()["user_id"])


def test_a_receiver_needs_room_and_to_be_a_writing_member(
    mine: Caller, client: TestClient[Litestar], member: Member, other: Member, superuser: Superuser
) -> None:
    there = f"/channels/{make(mine)['channel_id']}/transfer"
    full, viewer = join(superuser, member, "member"), join(superuser, member, "viewer")
    for _ in range(5):
        make(as_person(client, full))

    problem = assert_problem(mine.post(there, {"user_id": str(full.user_id)}), 403)
    assert "the receiver owns 5" in problem["detail"]
    for stranger in (viewer.user_id, other.user_id, uuid4()):
        assert pointers(assert_problem(mine.post(there, {"user_id": str(stranger)}), 422)) == ["/user_id"]


def test_two_channels_at_once_do_not_share_the_receivers_last_place(
    mine: Caller, client: TestClient[Litestar], member: Member, superuser: Superuser
) -> None:
    receiver = join(superuser, member, "member")
    for _ in range(4):
        make(as_person(client, receiver))
    moved = [make(mine)["channel_id"] for _ in range(4)]

    answers = at_once(4, lambda number: mine.post(f"/channels/{moved[number]}/transfer", {"user_id": str(receiver.user_id)}).status_code)

    assert sorted(map(str, answers)) == ["200", "403", "403", "403"]
