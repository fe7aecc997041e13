"""The table of roles and actions, the scopes of keys, and that the documented table is the one in force."""

from itertools import pairwise
from pathlib import Path

import pytest

from domain.roles import IMPERSONATOR, MEANING, SCOPES, Action, Role, grantable, granted, may, outranks

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"


def test_a_lower_role_may_nothing_that_a_higher_one_may_not() -> None:
    roles = list(Role)

    for higher, lower in pairwise(roles):
        assert {each for each in Action if may(lower, each)} < {each for each in Action if may(higher, each)}, (higher, lower)


def test_a_viewer_changes_nothing_but_themselves() -> None:
    assert {each for each in Action if may(Role.VIEWER, each)} == {Action.READ, Action.MANAGE_SELF}


def test_only_the_owner_bills_erases_and_hands_over() -> None:
    assert {each for each in Action if not may(Role.ADMIN, each)} == {
        Action.MANAGE_BILLING, Action.ERASE_WORKSPACE, Action.TRANSFER_OWNERSHIP
    }  # fmt: skip


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_key_does_nothing_that_its_user_may_not(role: Role, action: Action) -> None:
    assert not granted(role, action, scopes=tuple(SCOPES)) or may(role, action)


@pytest.mark.parametrize(
    "action", [Action.MANAGE_SELF, Action.MANAGE_BILLING, Action.TRANSFER_OWNERSHIP, Action.ERASE_WORKSPACE, Action.MANAGE_WORKSPACE]
)
def test_no_key_does_what_takes_a_session(action: Action) -> None:
    assert not granted(Role.OWNER, action, scopes=tuple(SCOPES))
    assert granted(Role.OWNER, action)


def test_every_key_reads_and_only_that_without_a_further_scope() -> None:
    for scope in SCOPES:
        assert granted(Role.VIEWER, Action.READ, scopes=(scope,))
    assert [each for each in Action if granted(Role.OWNER, each, scopes=("read",))] == [Action.READ]


def test_whoever_acts_as_somebody_else_leaves_nothing_behind() -> None:
    assert {each for each in Action if granted(Role.OWNER, each, is_impersonated=True)} == set(IMPERSONATOR)
    assert not granted(Role.VIEWER, Action.WRITE, is_impersonated=True)


def test_a_key_hands_out_only_what_it_has_itself() -> None:
    assert grantable(Role.OWNER) == list(SCOPES)
    assert grantable(Role.OWNER, ("read", "keys")) == ["read", "keys"]
    assert grantable(Role.MEMBER) == ["read", "write", "keys"]
    assert grantable(Role.VIEWER) == ["read"]


def test_nobody_outranks_themselves() -> None:
    assert [role for role in Role if outranks(role, role)] == []
    assert [role for role in Role if outranks(Role.ADMIN, role)] == [Role.MEMBER, Role.VIEWER]


def documented() -> str:
    """The table as it has to stand in docs/reference/roles.md."""
    head = ["| action | what it is | " + " | ".join(Role) + " | scope of keys |", "|---|---|" + "---|" * (len(Role) + 1)]
    for action in Action:
        scope = "every one" if action is Action.READ else next((f"`{name}`" for name, held in SCOPES.items() if action in held), "none")
        marks = " | ".join("yes" if may(role, action) else "" for role in Role)
        head.append(f"| `{action}` | {MEANING[action]} | {marks} | {scope} |")
    return "\n".join(head)


def test_the_documented_table_is_the_one_in_force() -> None:
    assert documented() in PAGE.read_text(encoding="utf-8")
