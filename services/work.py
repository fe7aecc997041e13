"""What a service sees of the claim that its run holds. The claim itself is in `assets.claims`."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from domain.requests import Request
from store.work import UnitOfWork


class Work(Protocol):
    """Fenced transactions and progress."""

    @property
    def tenant_id(self) -> UUID: ...

    @property
    def request(self) -> Request: ...

    @property
    def params(self) -> Mapping[str, object]: ...

    def begin(self) -> AbstractContextManager[UnitOfWork]: ...

    def tidying(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that proves no claim: to take back what will not be recorded."""

    def ensure_months(self, months: set[str]) -> None: ...

    def report(self, share: float, note: str) -> None: ...

    def is_unwanted(self) -> bool: ...
