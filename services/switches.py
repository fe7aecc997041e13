"""Whether something that is being tried out is on for a workspace. What the operator decides for good is a setting."""

from store.work import UnitOfWork


def is_on(uow: UnitOfWork, name: str) -> bool:
    """The workspace's own override, else the default; a switch that nobody made is off."""
    return uow.switches.all().get(name, False)
