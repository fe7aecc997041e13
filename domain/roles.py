"""Who may do what in a workspace: one table of actions by role. Whoever asks is `api.security`; platform administrators are no role."""

from enum import StrEnum


class Role(StrEnum):
    """What a member is in a workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Action(StrEnum):
    """What somebody wants to do."""

    READ = "read"
    WRITE = "write"
    READ_AUDIT = "read_audit"


_MAY: dict[Role, frozenset[Action]] = {
    Role.OWNER: frozenset(Action),
    Role.ADMIN: frozenset(Action),
    Role.MEMBER: frozenset({Action.READ, Action.WRITE}),
    Role.VIEWER: frozenset({Action.READ}),
}


def may(role: Role, action: Action) -> bool:
    return action in _MAY[role]
