"""Who may do what in a workspace: one table of actions by role, and what an API key's scopes let through of it.

Whoever asks is `api.security`; who ranks above whom is used by `domain.members`. Platform administrators are no role.
"""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a member is in a workspace, the mightiest first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Action(StrEnum):
    """What somebody wants to do."""

    READ = "read"
    WRITE = "write"
    CONNECT = "connect"
    MAKE_KEYS = "make_keys"
    MANAGE_SELF = "manage_self"
    MANAGE_CHANNELS = "manage_channels"
    MANAGE_KEYS = "manage_keys"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_WORKSPACE = "manage_workspace"
    READ_AUDIT = "read_audit"
    READ_BILLING = "read_billing"
    EXPORT_WORKSPACE = "export_workspace"
    MANAGE_BILLING = "manage_billing"
    TRANSFER_OWNERSHIP = "transfer_ownership"
    ERASE_WORKSPACE = "erase_workspace"


MEANING: dict[Action, str] = {
    Action.READ: "see everything in the workspace but what is listed below",
    Action.WRITE: "import, track, collect, make clips, ask for work",
    Action.CONNECT: "connect and disconnect channels by their owner's grant",
    Action.MAKE_KEYS: "make, rename, rotate and revoke API keys of one's own",
    Action.MANAGE_SELF: "one's own sessions, password, memberships, workspaces",
    Action.MANAGE_CHANNELS: "hand a channel over to another member",
    Action.MANAGE_KEYS: "rename and revoke everybody's API keys",
    Action.MANAGE_MEMBERS: "invite, change roles, remove members",
    Action.MANAGE_WORKSPACE: "the workspace's name",
    Action.READ_AUDIT: "read the audit log",
    Action.READ_BILLING: "see invoices, payments, cards, and what a change of plan would cost",
    Action.EXPORT_WORKSPACE: "export everything",
    Action.MANAGE_BILLING: "plan and payment",
    Action.TRANSFER_OWNERSHIP: "make another member the owner",
    Action.ERASE_WORKSPACE: "erase the workspace",
}

_OF_OWNERS = {Action.MANAGE_BILLING, Action.TRANSFER_OWNERSHIP, Action.ERASE_WORKSPACE}
_MAY: dict[Role, frozenset[Action]] = {
    Role.OWNER: frozenset(Action),
    Role.ADMIN: frozenset(Action) - _OF_OWNERS,
    Role.MEMBER: frozenset({Action.READ, Action.WRITE, Action.CONNECT, Action.MAKE_KEYS, Action.MANAGE_SELF}),
    Role.VIEWER: frozenset({Action.READ, Action.MANAGE_SELF}),
}

# What each scope adds to reading, which every key may. What no scope holds, no key may do: it takes a session.
SCOPES: dict[str, frozenset[Action]] = {
    "read": frozenset({Action.READ}),
    "write": frozenset({Action.WRITE, Action.CONNECT, Action.MANAGE_CHANNELS}),
    "keys": frozenset({Action.MAKE_KEYS, Action.MANAGE_KEYS}),
    "members": frozenset({Action.MANAGE_MEMBERS}),
    "audit": frozenset({Action.READ_AUDIT}),
    "export": frozenset({Action.EXPORT_WORKSPACE}),
}

# What a platform's administrator may do who acts as a member: nothing that lasts beyond it.
IMPERSONATOR = frozenset({Action.READ, Action.WRITE})

_RANKS = {role: rank for rank, role in enumerate(reversed(Role))}


def may(role: Role, action: Action) -> bool:
    """Whether the role allows it, for a member who logged in."""
    return action in _MAY[role]


def granted(role: Role, action: Action, *, scopes: Iterable[str] | None = None, is_impersonated: bool = False) -> bool:
    """Whether a call may do it: by the role, and where it came by a key (`scopes`) by one of its scopes as well."""
    if not may(role, action) or (is_impersonated and action not in IMPERSONATOR):
        return False
    return scopes is None or action is Action.READ or any(action in SCOPES.get(scope, ()) for scope in scopes)


def grantable(role: Role, held: Iterable[str] | None = None) -> list[str]:
    """The scopes that a new key may be given: those the role can use; by a key that makes another one, those it has itself."""
    known = SCOPES if held is None else set(held) & set(SCOPES)
    return [scope for scope in SCOPES if scope in known and any(may(role, action) for action in SCOPES[scope])]


def outranks(mine: Role, other: Role) -> bool:
    """Whether one stands above the other; nobody above themselves."""
    return _RANKS[mine] > _RANKS[other]
