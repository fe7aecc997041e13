"""Reading the comments of a video anew."""

from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.idempotency import IdempotencyKey, once, operation_of
from api.library.comments import CommentsOut, comments_page
from api.library.scraping import Opens
from api.pages import Cursors
from api.places import Places
from api.security import BEARER, known_caller, needs_write
from domain.errors import Conflict
from domain.ports import Platforms
from services import commenting
from services.live_reads import counted
from store.database import Database, Entry

MostComments = Annotated[int, QueryParameter(name="most", ge=1, le=500, description="read so many comments at most, replies among them")]
SHOWN = 20


class CommentRefreshController(Controller):
    """Comments, read from the platform."""

    path = "/videos/{video_id:uuid}/comments/refresh"
    tags = ["scraping"]
    guards = [known_caller]
    security = BEARER

    @post("/", sync_to_thread=True, status_code=200)
    def refresh_comments(
        self, video_id: FromPath[UUID], database: NamedDependency[Database], entry: NamedDependency[Entry],
        cursors: NamedDependency[Cursors], platforms: NamedDependency[Platforms], opens: NamedDependency[Opens],
        places: NamedDependency[Places], most: MostComments = 100, idempotency_key: IdempotencyKey = None,
    ) -> Response[bytes]:  # fmt: skip
        """Read a video's comments from its platform, keep them, and show the first page. Counts as one added link."""
        read, route, body = None, f"POST /videos/{video_id}/comments/refresh", {"most": most}
        with database.begin(entry) as uow:
            needs_write(uow)
            wanted, tenant_id = commenting.wanted(uow, video_id), uow.tenant_id
            is_known = idempotency_key is not None and uow.idempotency.is_known(idempotency_key)
        if not is_known:
            operation = operation_of("comments", idempotency_key, route=route, body=body)
            with places.take(tenant_id), counted(partial(database.begin, entry), "urls_per_day", operation):
                read = commenting.read(opens(tenant_id, commenting.MAX_AGE), wanted, most=most)
        with database.begin(entry) as uow:

            def effect() -> tuple[CommentsOut, int, dict[str, str]]:
                if read is None:
                    raise Conflict("the stored answer of this call has just run out: repeat it")
                commenting.keep(uow, wanted, read, is_amended=platforms.is_amended)
                return comments_page(uow, cursors, video_id, limit=SHOWN), 200, {}

            return once(uow, idempotency_key, route=route, body=body, effect=effect)
