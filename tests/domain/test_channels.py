"""Which moves of a channel there are, and what may be set on one."""

from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from domain.channels import ASKABLE, MOVES, Channel, ChannelStatus, check_asked_move, check_room, check_words, status_after_connecting
from domain.errors import Conflict, Refused, Unacceptable

S = ChannelStatus
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
ID = UUID(int=1)


def channel(status: ChannelStatus) -> Channel:
    return Channel(
        channel_id=ID, user_id=ID, account_id=None, platform="youtube", external_id=None, handle=None, name="One", description=None,
        niche="music", status=status, automation_enabled=True, daily_video_limit=5, upload_time_utc=None, settings={}, metadata={},
        created_at=NOON, updated_at=NOON, archived_at=None,
    )  # fmt: skip


def test_every_status_has_its_moves_and_can_be_left_and_reached() -> None:
    reached = {S.PENDING_OAUTH}
    while more := {to for now in reached for to in MOVES[now]} - reached:
        reached |= more

    assert set(MOVES) == reached == set(S)
    assert all(MOVES[each] for each in S)
    assert {each for each, moves in MOVES.items() if each in moves} == set()


@pytest.mark.parametrize(("now", "wanted"), list(product(S, S)))
def test_a_person_asks_for_pausing_archiving_and_their_way_back_only(now: ChannelStatus, wanted: ChannelStatus) -> None:
    if (now, wanted) in ASKABLE:
        assert wanted in MOVES[now]
        check_asked_move(channel(now), wanted)
    else:
        with pytest.raises(Conflict):
            check_asked_move(channel(now), wanted)


def test_connecting_makes_active_what_waits_for_it() -> None:
    became = {each: status_after_connecting(each) for each in (S.PENDING_OAUTH, S.ACTIVE, S.PAUSED, S.NEEDS_REAUTH)}

    assert became == {S.PENDING_OAUTH: S.ACTIVE, S.ACTIVE: S.ACTIVE, S.PAUSED: S.PAUSED, S.NEEDS_REAUTH: S.ACTIVE}
    for status in (S.ARCHIVED, S.SUSPENDED):
        with pytest.raises(Conflict, match="cannot be connected"):
            status_after_connecting(status)


def test_a_limit_that_is_reached_says_the_number_and_the_way_up() -> None:
    check_room(4, 5)
    check_room(400, None)

    for owned in (5, 6):
        with pytest.raises(Refused, match=r"limit reached.*allows 5.*upgrade"):
            check_room(owned, 5)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("name", ["x", "x" * 255, "Ça va"], ["", "  ", "x" * 256, "a\nb", None]),
        ("niche", ["music"], ["", "x" * 101, 3]),
        ("description", [None, "", "x" * 5000], ["x" * 5001, "a\x00b"]),
        ("handle", [None, "@ana", "ana.b"], ["@", "a b", "https://youtube.com/@ana"]),
        ("daily_video_limit", [0, 100], [-1, 101]),
        ("upload_time_utc", [None, "00:00", "23:59"], ["24:00", "9:00", "12:60", "12:00:00", ""]),
        ("settings", [{}, {"a": [1, {"b": None}]}], [{"a": "x" * 17_000}]),
        ("metadata", [{}], [{"x": list(range(10_000))}]),
    ],
)
def test_a_field_that_no_channel_may_have_is_named(name: str, good: list[Any], bad: list[Any]) -> None:
    for word in good:
        check_words({name: word})
    for word in bad:
        with pytest.raises(Unacceptable) as refused:
            check_words({name: word})
        assert [each.pointer for each in refused.value.problems] == [f"/{name}"]
