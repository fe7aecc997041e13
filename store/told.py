"""What people tell us of accounts and videos, and no platform does. Everything else of them is written in `store.catalogue`."""

from uuid import UUID

from domain.errors import NotFound
from store.repository import Repository


class Told(Repository):
    """One tenant's own knowledge."""

    def set_time_zone(self, account_id: UUID, time_zone: str | None) -> None:
        """An IANA name; None: it is not known. Raises NotFound."""
        change = "update accounts set time_zone = :zone, updated_at = now() where tenant_id = :tenant and account_id = :id"
        if self._run(change, zone=time_zone, id=account_id).rowcount == 0:
            raise NotFound("account", account_id)

    def set_promoted(self, video_id: UUID, is_promoted: bool | None) -> None:
        """Whether views were bought or promoted; None: nobody said. Raises NotFound."""
        change = "update videos set is_promoted = :promoted, updated_at = now() where tenant_id = :tenant and video_id = :id"
        if self._run(change, promoted=is_promoted, id=video_id).rowcount == 0:
            raise NotFound("video", video_id)
