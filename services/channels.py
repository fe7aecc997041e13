"""Channels: made, changed, archived, handed over. Connecting them is in `services.connections`, the rules in `domain.channels`."""

from collections.abc import Mapping
from uuid import UUID

from domain.channels import Channel, ChannelStatus, check_asked_move, check_room, check_words
from domain.errors import Conflict, FieldProblem, Refused, Unacceptable, Unauthenticated
from domain.roles import Action, Role, may
from store.ids import new_id
from store.work import UnitOfWork


def make(uow: UnitOfWork, words: Mapping[str, object]) -> Channel:
    """A channel of the caller's own, not connected yet. Raises Refused where the caller has no room for one more."""
    check_words(words)
    user_id = caller(uow)
    check_room(*uow.channels.room_of(user_id))
    made = uow.channels.add(channel_id=new_id(), user_id=user_id, words=words)
    uow.trust.note("channel.made", str(made.channel_id), actor=user_id)
    return made


def change(uow: UnitOfWork, channel_id: UUID, words: Mapping[str, object]) -> Channel:
    """Only the fields given change; `status` by the moves that a person may ask for."""
    check_words(words)
    channel = uow.channels.get(channel_id, lock=True)
    wanted = words.get("status")
    if wanted is None or wanted == channel.status:
        return uow.channels.set(channel_id, {name: word for name, word in words.items() if name != "status"})
    return uow.channels.set(channel_id, {**words, **_moved(uow, channel, ChannelStatus(str(wanted)))})


def archive(uow: UnitOfWork, channel_id: UUID) -> None:
    """Out of the lists; everything that is known of it stays. Raises Conflict while it is connected: a grant must not be forgotten."""
    channel = uow.channels.get(channel_id, lock=True)
    uow.channels.set(channel_id, _moved(uow, channel, ChannelStatus.ARCHIVED))
    uow.trust.note("channel.archived", str(channel_id), actor=uow.user_id)


def transfer(uow: UnitOfWork, channel_id: UUID, receiver: UUID) -> Channel:
    """Hand a channel over to another member who has room for it. Grants, figures and both members' limits stay as they are."""
    user_id = caller(uow)
    role = uow.channels.role_of(user_id)
    if role is None or not may(Role(role), Action.MANAGE_CHANNELS):
        raise Refused("channels are handed over by the owner or an admin of the workspace")
    channel = uow.channels.get(channel_id, lock=True)
    if channel.user_id == receiver:
        raise Conflict(f"channel {channel_id} belongs to that member already")
    if uow.channels.role_of(receiver) in (None, "viewer"):
        problem = FieldProblem("/user_id", "choose a member of this workspace who is more than a viewer")
        raise Unacceptable("the channel cannot be handed over", (problem,))
    check_room(*uow.channels.room_of(receiver), whose="the receiver owns")
    moved = uow.channels.set(channel_id, {"user_id": receiver})
    uow.trust.note("channel.transferred", str(channel_id), actor=user_id, details={"from": str(channel.user_id), "to": str(receiver)})
    return moved


def caller(uow: UnitOfWork) -> UUID:
    if uow.user_id is None:
        raise Unauthenticated("the credential names no user")
    return uow.user_id


def _moved(uow: UnitOfWork, channel: Channel, wanted: ChannelStatus) -> dict[str, object]:
    """The columns of an asked move. Restoring needs the owner's room again."""
    check_asked_move(channel, wanted)
    if channel.status is ChannelStatus.ARCHIVED:
        check_room(*uow.channels.room_of(channel.user_id), whose="its owner owns")
    return {"status": wanted}
