"""Examples of people and brands."""

from uuid import UUID

from api.entities import EntityIn, EntityOut, NamingOut, NamingPostOut
from api.examples.shape import ACCOUNT, CURSOR, NOON, POSTED, VIDEO, Example
from api.pages import Page
from domain.entities import EntityKind

ENTITY = UUID("0192f0c1-2f00-7000-8000-00000000f001")
_BODY = EntityIn(name="Mira Feldt", kind=EntityKind.PERSON, aliases=["Mira F."])
_ENTITY = EntityOut(
    entity_id=ENTITY, name="Mira Feldt", kind=EntityKind.PERSON, aliases=["Mira F."], created_at=NOON, updated_at=NOON
)  # fmt: skip
_POST = NamingPostOut(
    video_id=VIDEO, account_id=ACCOUNT, platform="tiktok", title="With Mira Feldt: why does bread rise?",
    url="https://www.example.org/v/7301234567890123456", posted_at=POSTED, views=120_000,
)  # fmt: skip

EXAMPLES = {
    "GET /insights/entities": Example(Page[EntityOut](items=[_ENTITY], next_cursor=CURSOR, has_more=True)),
    "POST /insights/entities": Example(_ENTITY, _BODY),
    "GET /insights/entities/{entity_id}": Example(_ENTITY),
    "PUT /insights/entities/{entity_id}": Example(_ENTITY, _BODY),
    "GET /insights/entities/{entity_id}/videos": Example(
        NamingOut(entity=_ENTITY, posts_read=1_600, posts_naming=210, is_whole=True, items=[_POST])
    ),
}
