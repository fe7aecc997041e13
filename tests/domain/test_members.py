"""Who may change whom, when an invitation or a login is still good, and what mails say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict, Refused, Unacceptable
from domain.members import INVITATION_LIFE, Invitation, Login, Member, Seats, check_change, check_heir, check_invitation, check_overlap
from domain.roles import Role
from store.ids import new_id

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
INVITATION = Invitation(new_id(), "bo@example.org", Role.MEMBER, new_id(), NOW, NOW + INVITATION_LIFE, None, None)
ANA = Member(new_id(), "ana@example.org", "Ana", Role.OWNER, NOW, is_active=True, is_verified=True, has_second_factor=False)
roles = st.sampled_from(Role)


@given(mine=roles, theirs=roles, to=st.none() | roles)
def test_nobody_raises_anybody_to_their_own_rank_or_touches_an_equal(mine: Role, theirs: Role, to: Role | None) -> None:
    order = list(Role)
    try:
        check_change(mine, theirs, is_self=False, to=to)
    except (Refused, Unacceptable):
        return
    assert order.index(theirs) > order.index(mine)
    assert to is None or order.index(to) > order.index(mine)


@given(mine=roles, theirs=roles)
def test_nobody_changes_themselves(mine: Role, theirs: Role) -> None:
    with pytest.raises(Conflict):
        check_change(mine, theirs, is_self=True)


@given(mine=roles, role=roles)
def test_nobody_invites_to_their_own_rank(mine: Role, role: Role) -> None:
    try:
        check_invitation(mine, "bo@example.org", role)
    except (Refused, Unacceptable):
        return
    assert list(Role).index(role) > list(Role).index(mine)


@pytest.mark.parametrize(
    ("changes", "at", "state"),
    [
        ({}, NOW, "open"),
        ({}, NOW + INVITATION_LIFE, "expired"),
        ({"accepted_at": NOW}, NOW + INVITATION_LIFE, "accepted"),
        ({"revoked_at": NOW}, NOW, "revoked"),
    ],
)
def test_an_invitation_is_open_for_a_week(changes: dict[str, datetime], at: datetime, state: str) -> None:
    assert replace(INVITATION, **changes).state(at) == state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("opened", "proven", "has_factor", "is_fresh"),
    [
        (15, None, False, True),
        (16, None, False, False),
        (1, None, True, False),
        (60, 15, True, True),
        (1, 16, True, False),
        (60, 1, False, False),
    ],
)
def test_a_login_is_fresh_for_a_quarter_of_an_hour_by_what_its_user_has(
    opened: int, proven: int | None, has_factor: bool, is_fresh: bool
) -> None:
    at = None if proven is None else NOW - timedelta(minutes=proven)

    assert Login(NOW - timedelta(minutes=opened), at, has_factor).is_fresh(NOW) is is_fresh


@pytest.mark.parametrize(
    ("members", "invited", "limit", "is_full"), [(3, 2, 5, True), (3, 1, 5, False), (6, 0, 5, True), (900, 9, None, False)]
)
def test_open_invitations_take_seats(members: int, invited: int, limit: int | None, is_full: bool) -> None:
    assert Seats(members, invited, limit).is_full is is_full


@pytest.mark.parametrize("role", [Role.OWNER, Role.VIEWER])
def test_an_heir_is_an_admin_or_member(role: Role) -> None:
    with pytest.raises(Unacceptable):
        check_heir(role, is_self=False, is_active=True)
    check_heir(Role.ADMIN, is_self=False, is_active=True)


def test_an_overlap_may_be_nothing_or_a_week() -> None:
    assert check_overlap(0) == timedelta(0)
    assert check_overlap(604_800) == timedelta(days=7)
