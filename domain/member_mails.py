"""What mails about membership say, as (subject, body) in plain text. Sending is the outbox's."""

from datetime import datetime

from domain.members import Invitation, Member


def invitation(found: Invitation, *, workspace: str, sender: str, token: str, api_url: str) -> tuple[str, str]:
    """To whom was invited. The only place where the token is written down."""
    body = (
        f"{sender} invites you to the workspace '{workspace}' as {found.role}.\n\n"
        f"Your invitation code, good until {_day(found.expires_at)}, and once:\n\n    {token}\n\n"
        f"With an account of this address: log in and send it to POST {api_url}/api/v1/invitations/accept\n"
        f"Without one: send it with a password to POST {api_url}/api/v1/invitations/register\n\n"
        "If you do not know who invites you, do nothing."
    )
    return f"Invitation to {workspace}", body


def removed(workspace: str) -> tuple[str, str]:
    """To whom was removed."""
    return f"You are no longer a member of {workspace}", (
        f"You were removed from the workspace '{workspace}'. Your API keys of it are gone, your sessions in it have ended.\n"
        "Other workspaces of yours are untouched."
    )


def transferred(workspace: str, before: Member, after: Member) -> tuple[str, str]:
    """To the owner of before and the new one."""
    return f"{workspace} has another owner", (
        f"The ownership of the workspace '{workspace}' went from {name_of(before)} to {name_of(after)}.\n"
        f"{name_of(before)} is an admin of it now. If this should not have happened, write to each other at once."
    )


def name_of(person: Member) -> str:
    """How people are called in mails."""
    return f"{person.full_name} ({person.email})" if person.full_name else person.email


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
