"""A member who connects channels, by the words of the services."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

from domain.ports import Platforms
from services import channels, connecting
from services.connecting import Connected
from services.connections import Begin
from services.consents import Browser, CameBack
from store.database import Database, MemberEntry
from tests.conftest import Member
from tests.consent import World

CALLBACK = "http://127.0.0.1:8000/api/v1/auth/google/callback"
BROWSER = Browser("b" * 43, CALLBACK)


@dataclass(frozen=True)
class Owner:
    """A member who connects channels."""

    database: Database
    google: World
    member: Member

    @property
    def platforms(self) -> Platforms:
        return self.google.platforms

    @property
    def begin(self) -> Begin:
        return partial(self.database.begin, self.member.tenant_id)

    def make(self) -> UUID:
        with self.database.begin(MemberEntry(self.member.tenant_id, self.member.user_id)) as uow:
            return channels.make(uow, {"name": f"Channel {uuid4().hex[:6]}", "niche": "music"}).channel_id

    def ask(self, channel_id: UUID, *, with_revenue: bool = False) -> str:
        with self.database.begin(MemberEntry(self.member.tenant_id, self.member.user_id)) as uow:
            return connecting.begin(uow, self.platforms, channel_id, BROWSER, with_revenue=with_revenue, return_to=None)

    def come_back(self, channel_id: UUID, *, with_revenue: bool = False) -> CameBack:
        words = self.google.consent(self.ask(channel_id, with_revenue=with_revenue))
        return CameBack(words.get("state"), words.get("code"), words.get("error"))

    def connect(self, channel_id: UUID | None = None, *, with_revenue: bool = False) -> Connected:
        came = self.come_back(channel_id or self.make(), with_revenue=with_revenue)
        return connecting.finish(self.database, self.platforms, came, BROWSER)
