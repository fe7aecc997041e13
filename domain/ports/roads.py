"""Ports to the network for addresses that users name: a road resolves and dials, and says where it leads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from domain.addresses import Address, Reach

if TYPE_CHECKING:
    import socket


class Road(Protocol):
    """The internet, or the sandbox's. What may be dialled is decided between the two calls, by the guard."""

    @property
    def reach(self) -> Reach: ...

    def addresses(self, host: str, *, seconds: float) -> Sequence[Address]:
        """Everything the name stands for. Raises OSError."""

    def dial(self, address: Address, port: int, *, seconds: float) -> "socket.socket":
        """A connection to this very address. Raises OSError."""
