"""A member who leaves: their membership and keys, and with their last workspace the user. Who erases a whole workspace: `erasing`."""

from uuid import UUID

from domain.errors import Conflict, Unauthenticated
from store.work import UnitOfWork


def leave(uow: UnitOfWork) -> bool:
    """Raises Conflict for the last owner, and for who still owns channels. Returns whether the user went too.

    What they made stays, under an id that names nobody any more.
    """
    user_id = uow.user_id
    if user_id is None:
        raise Unauthenticated("the credential names no user")
    if uow.channels.role_of(user_id) == "owner" and uow.rows.owners() == [user_id]:
        raise Conflict("you are the last owner: hand the workspace over, or delete it")
    if uow.rows.owns_channels(user_id):
        raise Conflict("you own channels here: transfer or archive and hand them over first")
    _forget_words(uow, user_id)
    uow.trust.note("member.left", str(user_id), actor=user_id)
    return uow.rows.leave(user_id)


def _forget_words(uow: UnitOfWork, user_id: UUID) -> None:
    """Mails to them that wait or were sent."""
    uow.rows.forget_mails(uow.identity.profile(user_id).email)
