"""Inviting people and letting them in. A mail holds the only copy of an invitation's secret."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import Conflict, LimitReached, NotFound, Refused
from domain.members import INVITATION_LIFE, INVITATION_MAILS, Invitation, check_invitation, name_of
from domain.roles import Role, outranks
from services import mailing
from services.members import caller, managing
from store.ids import new_id
from store.invitations import Joining
from store.work import UnitOfWork


def invite(uow: UnitOfWork, email: str, role: Role, *, api_url: str, now: datetime) -> Invitation:
    """Raises Refused above one's own rank, Conflict for who is in or invited already, LimitReached for seats and mails."""
    _, mine = managing(uow)
    check_invitation(mine.role, email, role)
    if any(each.email.casefold() == email.casefold() for each in uow.members.all()):
        raise Conflict("this address is a member's already")
    if uow.invitations.open_for(email) is not None:
        raise Conflict("this address is invited already: send its invitation again")
    _check_seat(uow)
    invitation_id, token = new_id(), secrets.token_urlsafe(32)
    uow.invitations.add(
        invitation_id=invitation_id,
        email=email,
        role=role,
        token_hash=hash_of(token),
        invited_by=mine.user_id,
        expires_at=now + INVITATION_LIFE,
    )
    return _sent(uow, invitation_id, token, "invitation.sent", api_url=api_url, now=now)


def resend(uow: UnitOfWork, invitation_id: UUID, *, api_url: str, now: datetime) -> Invitation:
    """Another secret for another seven days; the one of before is worth nothing."""
    found = _open(uow, invitation_id, now)
    if found.state(now) == "expired":
        if uow.invitations.open_for(found.email) is not None:
            raise Conflict("this address has a newer invitation: send that one again")
        _check_seat(uow)
    token = secrets.token_urlsafe(32)
    uow.invitations.renew(invitation_id, token_hash=hash_of(token), expires_at=now + INVITATION_LIFE)
    return _sent(uow, invitation_id, token, "invitation.resent", api_url=api_url, now=now)


def revoke(uow: UnitOfWork, invitation_id: UUID, *, now: datetime) -> None:
    found = _open(uow, invitation_id, now)
    uow.invitations.revoke(invitation_id, now=now)
    uow.trust.note("invitation.revoked", str(invitation_id), actor=uow.user_id, details={"before": {"role": found.role}, "after": None})


def accept(uow: UnitOfWork, token: str) -> UUID:
    """The user who entered joins. Returns the workspace. Raises NotFound, Refused, Conflict, LimitReached."""
    user_id = caller(uow)
    joined = uow.invitations.accept(hash_of(token))
    tenant_id = _joined(joined)
    _note_joining(uow, joined, tenant_id, user_id)
    return tenant_id


def register(uow: UnitOfWork, token: str, *, password_hash: str, full_name: str | None) -> tuple[UUID, UUID]:
    """A new user of the invited address, in that workspace. Returns both. The mail reached them: their address is verified."""
    user_id = new_id()
    if not uow.invitations.register(hash_of(token), user_id=user_id, password_hash=password_hash, full_name=full_name):
        raise Conflict("the invited address is registered already: log in and accept the invitation")
    joined = uow.invitations.accept(hash_of(token))
    tenant_id = _joined(joined)
    _note_joining(uow, joined, tenant_id, user_id)
    return tenant_id, user_id


def address_of(uow: UnitOfWork, token: str) -> str:
    """To whom the invitation was sent."""
    found = uow.invitations.address_of(hash_of(token))
    if found is None:
        raise _unknown()
    return found


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _open(uow: UnitOfWork, invitation_id: UUID, now: datetime) -> Invitation:
    """One that can still be sent or taken back, by whoever could have sent it."""
    (_, mine), found = managing(uow), uow.invitations.get(invitation_id)
    if found.state(now) in ("accepted", "revoked"):
        raise Conflict(f"invitation {invitation_id} was {found.state(now)} already")
    if not outranks(mine.role, found.role):
        raise Refused("this invitation is to a role that does not rank below yours")
    return found


def _check_seat(uow: UnitOfWork) -> None:
    seats = uow.members.seats()
    if seats.limit is not None and seats.is_full:
        raise LimitReached("seats of this workspace, open invitations among them", seats.limit, seats.used)


def _sent(uow: UnitOfWork, invitation_id: UUID, token: str, action: str, *, api_url: str, now: datetime) -> Invitation:
    (workspace, sender), found = managing(uow), uow.invitations.get(invitation_id)
    if not sender.is_verified:
        raise Refused("verify your own e-mail address first: invitations go out in your name")
    most, rate = INVITATION_MAILS
    wait = uow.identity.seconds_to_wait(f"invitations:{uow.tenant_id}", capacity=most, per_second=rate)
    if wait > 0:
        raise LimitReached("invitation mails of this workspace", most, most, now + timedelta(seconds=wait))
    mailing.send_invitation(
        uow, found.email, token, workspace=workspace, sender=name_of(sender), role=found.role, ends_at=found.expires_at, base_url=None,
        api_url=api_url,
    )  # fmt: skip
    details = {"before": None, "after": {"role": found.role, "expires_at": found.expires_at}}
    uow.trust.note(action, str(invitation_id), actor=uow.user_id, details=details)
    return found


def _joined(joined: Joining) -> UUID:
    if joined.outcome == "full" and joined.limit is not None and joined.used is not None:
        raise LimitReached("seats of that workspace", joined.limit, joined.used)
    if joined.outcome == "another":
        raise Refused("this invitation was sent to another address than yours")
    if joined.outcome == "unverified":
        raise Refused("verify your e-mail address first")
    if joined.outcome == "member":
        raise Conflict("you are a member of that workspace already")
    if joined.tenant_id is None:
        raise _unknown()
    return joined.tenant_id


def _note_joining(uow: UnitOfWork, joined: Joining, tenant_id: UUID, user_id: UUID) -> None:
    with uow.visiting(tenant_id, user_id) as there:
        details = {"before": None, "after": {"role": joined.role, "user_id": user_id}}
        there.trust.note("invitation.accepted", str(joined.invitation_id), actor=user_id, details=details)


def _unknown() -> NotFound:
    return NotFound("invitation", "with this code")
